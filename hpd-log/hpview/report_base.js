/* SPDX-License-Identifier: ISC */
/* hpview's report: small helpers. Whatever came over the wire becomes text
 * nodes only, by show(); nothing here makes markup out of a string. */
'use strict';

const byId = (id) => document.getElementById(id);

function el(tag, cls, text) {
	const e = document.createElement(tag);

	if (cls)
		e.className = cls;
	if (text !== undefined)
		e.textContent = text;
	return e;
}

function wipe(e) {
	e.replaceChildren();
	return e;
}

/* Characters that do something instead of showing: controls, formats (bidi,
 * zero width), unassigned and private ones, lone surrogates, blanks that are
 * none, variation selectors. */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u3164\uffa0\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/u;
const NAMES = { 0: '\\0', 9: '\\t', 10: '\\n', 13: '\\r', 27: '\\e' };

function escaped(cp) {
	if (NAMES[cp])
		return NAMES[cp];
	if (cp < 0x100)
		return '\\x' + cp.toString(16).padStart(2, '0');
	return '\\u{' + cp.toString(16) + '}';
}

/* A string as runs: [text, is it an escape]. Lines stay lines when asked. */
function runs(s, lines) {
	const out = [];
	let text = '', esc = '';
	const flush = () => {
		if (text)
			out.push([text, false]);
		if (esc)
			out.push([esc, true]);
		text = esc = '';
	};

	for (const c of s) {
		const cp = c.codePointAt(0);

		if ((cp < 0x20 || (cp > 0x7e && HIDDEN.test(c))) &&
		    !(lines && (cp === 10 || cp === 9))) {
			if (text)
				flush();
			esc += escaped(cp);
		} else {
			if (esc)
				flush();
			text += c;
		}
	}
	flush();
	return out;
}

const RUNS_MAX = 600; /* more pieces than that: without colours */

function showRuns(e, list) {
	if (list.length > RUNS_MAX) {
		e.append(list.map((r) => r[0]).join(''));
		return e;
	}
	for (const [text, esc] of list)
		e.append(esc ? el('span', 'ctl', text) : text);
	return e;
}

/* Somebody else's string into an element. */
function show(e, s, lines) {
	s = String(s);
	if (s === '')
		e.append(el('span', 'none', 'empty'));
	return showRuns(e, runs(s, lines));
}

/* Numbers and times. Times are milliseconds since 1970, shown in UTC. */
const grouped = new Intl.NumberFormat('en-US');
const num = (n) => grouped.format(n);

function short(n) {
	if (n < 10000)
		return num(n);
	for (const [d, s] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']])
		if (n >= d)
			return (n / d).toFixed(n / d < 100 ? 1 : 0) + s;
	return num(n);
}

function size(n) {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	let i = 0;

	while (n >= 1024 && i < units.length - 1) {
		n /= 1024;
		i++;
	}
	return (i && n < 100 ? n.toFixed(1) : Math.round(n)) + ' ' + units[i];
}

function when(ms) {
	const d = new Date(ms);

	if (!ms || isNaN(d))
		return '';
	return d.toISOString().slice(0, 19).replace('T', ' ');
}

function span(ms) {
	const s = ms / 1000;

	if (s < 1)
		return Math.round(ms) + ' ms';
	if (s < 120)
		return (s < 10 ? s.toFixed(1) : Math.round(s)) + ' s';
	if (s < 7200)
		return Math.round(s / 60) + ' min';
	if (s < 172800)
		return (s / 3600).toFixed(1) + ' h';
	return (s / 86400).toFixed(1) + ' d';
}

const css = (name) =>
	getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function readJson(id) {
	const e = byId(id);

	return e ? JSON.parse(e.textContent) : null;
}

function note(text) {
	byId('notes').append(el('p', 'note', text));
}

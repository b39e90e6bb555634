/* SPDX-License-Identifier: ISC */
/*
 * The transcript of one session in a dialog: what both sides said, as text or
 * in hex, with times. Its data lies in an element of its own (JSON, bytes in
 * base64) and is read when it is opened.
 */

function bytesOf(b64) {
	const s = atob(b64);
	const out = new Uint8Array(s.length);

	for (let i = 0; i < s.length; i++)
		out[i] = s.charCodeAt(i);
	return out;
}

/* Length of the UTF-8 character at i, 0 when there is none. */
function utf8At(b, i) {
	const c = b[i];
	const n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 :
	    c >= 0xf0 && c < 0xf5 ? 4 : 0;

	if (n === 0 || i + n > b.length)
		return 0;
	for (let k = 1; k < n; k++)
		if ((b[i + k] & 0xc0) !== 0x80)
			return 0;
	if ((c === 0xe0 && b[i + 1] < 0xa0) || (c === 0xed && b[i + 1] > 0x9f) ||
	    (c === 0xf0 && b[i + 1] < 0x90) || (c === 0xf4 && b[i + 1] > 0x8f))
		return 0;
	return n;
}

/* Bytes as runs of text; CR LF is one line's end. */
function textOf(b) {
	const td = new TextDecoder('utf-8', { ignoreBOM: true });
	const out = [];
	let from = 0, i = 0;
	const upTo = (end) => {
		if (end > from)
			out.push(...runs(td.decode(b.subarray(from, end)).replace(/\r\n/g, '\n'), true));
	};

	while (i < b.length) {
		const n = utf8At(b, i);

		if (n) {
			i += n;
			continue;
		}
		upTo(i);
		out.push(['\\x' + b[i].toString(16).padStart(2, '0'), true]);
		from = ++i;
	}
	upTo(i);
	return out;
}

function hexOf(b, offset) {
	const lines = [];

	for (let i = 0; i < b.length; i += 16) {
		const part = [...b.subarray(i, i + 16)];
		const hex = part.map((v) => v.toString(16).padStart(2, '0'));

		lines.push((offset + i).toString(16).padStart(8, '0') + '  ' +
		    (hex.slice(0, 8).join(' ') + '  ' + hex.slice(8).join(' ')).padEnd(50) +
		    '|' + part.map((v) => v > 31 && v < 127 ? String.fromCharCode(v) : '.').join('') + '|');
	}
	return lines.join('\n');
}

const ITEM = { in: 0, out: 1, line: 2, field: 3 };
const ITEM_NAMES = ['< visitor', '> decoy', 'script\u2019s log', 'script\u2019s field'];
const CUT = 1, DATAGRAM = 2, SHORTENED = 4;

class Talk {
	constructor(rows) {
		this.rows = rows;
		this.hex = false;
		this.box = byId('talk');
		byId('talk-close').addEventListener('click', () => this.box.close());
		byId('talk-text').addEventListener('click', () => this.mode(false));
		byId('talk-hex').addEventListener('click', () => this.mode(true));
		byId('talk-in').addEventListener('change', () => this.draw());
		byId('talk-prev').addEventListener('click', () => this.step(-1));
		byId('talk-next').addEventListener('click', () => this.step(1));
		this.box.addEventListener('close', () => wipe(byId('talk-body')));
	}

	/* One of a list: the order in which the table shows them now. */
	open(list, s) {
		this.rows = list;
		this.at = list.indexOf(s);
		this.load();
		if (!this.box.open)
			this.box.showModal();
		byId('talk-body').focus();
	}

	step(by) {
		this.at = Math.min(Math.max(this.at + by, 0), this.rows.length - 1);
		this.load();
	}

	mode(hex) {
		this.hex = hex;
		byId('talk-text').setAttribute('aria-pressed', String(!hex));
		byId('talk-hex').setAttribute('aria-pressed', String(hex));
		this.draw();
	}

	load() {
		const s = this.rows[this.at];
		const info = wipe(byId('talk-info'));
		const say = (k, v) => {
			if (v === '')
				return;
			info.append(el('dt', '', k));
			info.append(show(el('dd'), v));
		};

		byId('talk-title').textContent = 'Session ' + s.id;
		say('From', s.src + ' port ' + s.sport);
		say('To', s.dst + ' port ' + s.dport + '/' + s.proto);
		say('Began', when(s.start) + ' UTC');
		say('Lasted', span(s.duration));
		say('Service', s.service);
		say('Ended', s.why);
		say('Bytes', num(s.in) + ' in, ' + num(s.out) + ' out');
		say('Source', s.os);
		say('Sensor', s.sensor);
		say('Boot', s.boot);
		byId('talk-prev').disabled = this.at <= 0;
		byId('talk-next').disabled = this.at >= this.rows.length - 1;
		this.items = readJson('t' + s.n);
		this.draw();
	}

	draw() {
		const body = wipe(byId('talk-body'));
		const s = this.rows[this.at];
		const only = byId('talk-in').checked;

		body.scrollTop = 0;
		if (!this.items) {
			body.append(el('p', 'none', document.readyState === 'loading' ?
			    'This page is still being read.' : s.chunks + s.lines === 0 ?
			    'Nothing of this session is in the log but its beginning and end.' :
			    'Left out of this page, which is bounded: hpview session ' + s.id + ' shows it.'));
			return;
		}
		const next = [0, 0]; /* offsets: what is not there is told */
		for (const it of this.items) {
			if (only && it[0] !== ITEM.in)
				continue;
			if (it[0] < ITEM.line) {
				if (it[3] > next[it[0]])
					body.append(el('div', 'msg meta', num(it[3] - next[it[0]]) + ' bytes ' +
					    (it[0] === ITEM.in ? 'from' : 'to') + ' the visitor are not in the log.'));
				next[it[0]] = Math.max(next[it[0]], it[3] + bytesOf(it[4]).length);
			}
			body.append(this.item(it, s));
		}
	}

	item([kind, at, flags, offset, data], s) {
		const box = el('div', 'msg ' + (kind === ITEM.in ? 'in' : kind === ITEM.out ? 'out' : 'own'));
		const pre = el('pre', this.hex && kind < ITEM.line ? 'hex' : '');
		let head = ITEM_NAMES[kind] + ', +' + (at / 1000).toFixed(3) + ' s';

		if (kind < ITEM.line) {
			const b = bytesOf(data);

			head += ', ' + num(b.length) + ' bytes';
			if (flags & DATAGRAM)
				head += ', a datagram';
			if (this.hex)
				pre.textContent = hexOf(b, offset);
			else
				showRuns(pre, textOf(b));
		} else {
			show(pre, data, true);
		}
		box.append(el('div', 'meta', head), pre);
		if (flags & CUT)
			box.append(el('div', 'meta', 'The log keeps no more of this direction.'));
		if (flags & SHORTENED)
			box.append(el('div', 'meta', 'This page shows no more of it: hpview session ' + s.id));
		return box;
	}
}

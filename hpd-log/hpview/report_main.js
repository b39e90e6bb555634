/* SPDX-License-Identifier: ISC */
/* Puts the page together. D is what the C side wrote: see report_data.c. */

/* A table row's number with a bar of its share of the largest. */
function withBar(get, max, cls) {
	return (td, r) => {
		const bar = el('span', 'share' + (cls ? ' ' + cls : ''));

		bar.style.width = Math.max(1, Math.round(64 * get(r) / Math.max(1, max))) + 'px';
		if (get(r) > 0)
			td.append(bar);
		td.append(num(get(r)));
	};
}

const most = (rows, get) => rows.reduce((a, r) => Math.max(a, get(r)), 0);

function column(name, kind, i) {
	return { name, kind, get: (r) => r[i] };
}

function barColumn(name, rows, i, cls) {
	const get = (r) => r[i];

	return { name, kind: 'n', get, cell: withBar(get, most(rows, get), cls) };
}

/* A value that opens its sessions. */
function linkColumn(name, get, go) {
	return { name, kind: 'm', get, cell: (td, r) => {
		const b = el('button', 'link');

		b.type = 'button';
		b.title = 'Show its sessions';
		show(b, get(r));
		b.addEventListener('click', () => go(get(r)));
		td.append(b);
	} };
}

function overview(D) {
	const t = D.totals;
	const sum = (names) => D.kinds.reduce((a, k) => a + (names.includes(k[0]) ? k[1] : 0), 0);
	const alerts = sum(['svc.trip', 'sandbox.kill', 'arp.conflict', 'chan.broken']);
	const tries = D.buckets.reduce((a, b) => a + b[2], 0);
	const probes = D.buckets.reduce((a, b) => a + b[0], 0);
	const card = (label, value, more, bad) => {
		const c = el('div', 'card' + (bad ? ' bad' : ''));

		c.append(el('div', 'label', label), el('div', 'value', short(value)));
		c.append(el('div', 'more', more));
		byId('cards').append(c);
	};

	card('Probes', probes, 'packets that made no session');
	card('Sessions', t.sessions, num(D.sessions.length) + ' listed below');
	card('Sources', t.sources, D.last - D.first > 86400e3 ?
	    num(t.new_sources) + ' new in the last 24 h' : 'different addresses');
	card('Decoys asked', t.decoys, num(t.ports) + ' ports');
	card('Login tries', tries, num(t.logins) + ' different');
	card('Alerts', alerts, 'what only an intruder does', alerts > 0);
	card('Log records', D.records, size(D.bytes) + ' in ' + num(D.files) + ' files');
	card('Lost', D.lost, num(D.gaps) + ' gaps, ' + num(D.torn) + ' torn lines', D.lost > 0);
	const p = byId('span');
	show(p, D.first ? when(D.first) + ' to ' + when(D.last) + ' UTC (' +
	    span(D.last - D.first) + '), ' : 'An empty log, ');
	show(p, (D.sensors.length > 1 ? num(D.sensors.length) + ' sensors: ' : 'sensor ') +
	    D.sensors.join(', '));
	if (D.filter)
		show(p, '; only: ' + D.filter);
}

function sessionsOf(D) {
	return D.sessions.map((s, n) => ({ n, id: s[0], boot: s[1], sensor: D.sensors[s[2]] || '',
	    src: s[3], sport: s[4], dst: s[5], dport: s[6], proto: s[7], start: s[8],
	    duration: s[9], in: s[10], out: s[11], service: s[12], why: s[13],
	    chunks: s[14], lines: s[15], logins: s[16], trip: s[17], os: s[18] }));
}

function sessionTable(D, talk, rows) {
	const get = (k) => (r) => r[k];
	const table = new Table('sessions-table', { label: 'sessions', rows, per: 25,
	    total: D.totals.sessions, also: (r) => r.id, empty: 'no sessions', columns: [
		{ name: 'Began', kind: 't', get: get('start'), cell: (td, r) => {
			const b = el('button', 'link', when(r.start) || 'before this log');

			b.type = 'button';
			b.title = 'Transcript';
			b.addEventListener('click', () => talk.open(table.rows, r));
			td.append(b);
		} },
		{ name: 'Source', kind: 'm', get: get('src') },
		{ name: 'Decoy', kind: 'm', get: get('dst') },
		{ name: 'Port', kind: 'n', get: get('dport'), cell: (td, r) => {
			td.textContent = r.dport + '/' + r.proto;
		} },
		{ name: 'Service', kind: 'w', get: get('service') },
		{ name: 'Lasted', kind: 'd', get: get('duration') },
		{ name: 'In', kind: 'b', get: get('in') },
		{ name: 'Out', kind: 'b', get: get('out') },
		{ name: 'Logins', kind: 'n', get: get('logins') },
		{ name: 'Ended', get: (r) => r.why + (r.trip ? ' alert' : ''), cell: (td, r) => {
			show(td, r.why || '\u2013');
			if (r.trip)
				td.append(' ', el('span', 'alert', '\u26a0 alert'));
		} },
	] });
	return table;
}

function tables(D, toSessions) {
	const port = (r) => r[0] + '/' + r[1];

	new Table('sources-table', { label: 'sources', rows: D.sources, total: D.totals.sources, columns: [
		linkColumn('Address', (r) => r[0], toSessions),
		barColumn('Events', D.sources, 1), column('Probes', 'n', 2),
		column('Sessions', 'n', 3), column('Logins', 'n', 4),
		column('Decoys', 'n', 9), column('Ports', 'n', 10),
		column('In', 'b', 5), column('Out', 'b', 6),
		column('Country', '', 13), column('System', 'w', 11), column('Tool', 'w', 12),
		column('First seen', 't', 7), column('Last seen', 't', 8)] });
	new Table('decoys-table', { label: 'decoys', rows: D.decoys, total: D.totals.decoys, columns: [
		linkColumn('Address', (r) => r[0], toSessions), column('Template', 'w', 1),
		column('Persona', 'w', 2), barColumn('Events', D.decoys, 3),
		column('Probes', 'n', 4), column('Sessions', 'n', 5),
		column('Sources', 'n', 6), column('Last seen', 't', 7)] });
	new Table('ports-table', { label: 'ports', rows: D.ports, total: D.totals.ports, columns: [
		{ name: 'Port', get: (r) => r[0], kind: 'm', cell: (td, r) => { td.textContent = port(r); } },
		column('Service', 'w', 2), barColumn('Probes', D.ports, 3),
		barColumn('Sessions', D.ports, 4, 'a'), column('Sources', 'n', 5)] });
	const quoted = (name, i) => ({ name, get: (r) => r[i], kind: 'w', cell: (td, r) => {
		td.classList.add('mono');
		show(td, r[i]);
	} });
	new Table('logins-table', { label: 'credentials', rows: D.logins, total: D.totals.logins,
	    empty: 'no credentials were tried', columns: [
		quoted('User', 0), quoted('Password', 1), barColumn('Tries', D.logins, 2, 'y'),
		column('Sources', 'n', 3), column('First tried', 't', 4)] });
	new Table('heat-table', { label: 'pairs', rows: D.heat, columns: [
		{ name: 'Source', kind: 'm', get: (r) => D.sources[r[0]][0] },
		{ name: 'Decoy', kind: 'm', get: (r) => D.decoys[r[1]][0] },
		column('Events', 'n', 2)] });
	new Table('alerts-table', { label: 'alerts', rows: D.alerts, empty: 'no alerts', columns: [
		column('Time', 't', 0), column('Kind', 'm', 1), column('Source', 'm', 2),
		column('Decoy', 'm', 3), column('What', 'w', 4)] });
	new Table('losses-table', { label: 'losses', rows: D.losses, empty: 'none', columns: [
		column('Time', 't', 0), column('Kind', 'm', 1), column('What', 'w', 2)] });
	new Table('kinds-table', { label: 'kinds', rows: D.kinds, sort: 1, columns: [
		column('Kind', 'm', 0), column('Records', 'n', 1), column('Stand for', 'n', 2)] });
	new Table('time-table', { label: 'the time line', columns: [
		column('From', 't', 0), column('Probes', 'n', 1), column('Sessions', 'n', 2),
		column('Login tries', 'n', 3), column('Alerts', 'n', 4)],
	    rows: D.buckets.map((b, i) => [D.bucket0 + i * D.bucket_ms, ...b]) });
}

function logNotes(D) {
	const s = D.seal;

	byId('seal').textContent = s.sealed === 0 ?
	    'No record of the events stream has a seal: nothing here can show that it was not altered.' :
	    num(s.sealed) + ' records of the events stream have a seal' +
	    (s.open ? ', ' + num(s.open) + ' have none' : '') + '. This page does not check it: hpview verify does, with the verification key.' +
	    ' Longest time from an event to its line: ' + span(D.lag_us / 1000) + '.';
	byId('sessions-sub').textContent = 'Choose a time to read the transcript. Those with data come first, then the newest.';
	byId('alerts-sub').textContent = D.alerts_all > D.alerts.length ?
	    'The newest ' + num(D.alerts.length) + ' of ' + num(D.alerts_all) + '.' : '';
	for (const line of D.bounds)
		byId('bounds').append(el('li', '', line));
}

function start() {
	const D = readJson('data');
	const rows = sessionsOf(D);
	const talk = new Talk(rows);

	overview(D);
	const sessions = sessionTable(D, talk, rows);
	const toSessions = (...words) => {
		sessions.filter(words.map((w) => '=' + w).join(' '));
		byId('sessions').scrollIntoView();
		sessions.find.focus({ preventScroll: true });
	};
	tables(D, toSessions);
	logNotes(D);
	const heat = new HeatMap(D, toSessions);
	const line = window.Chart && D.buckets.length ? new TimeLine(D) : null;
	if (!window.Chart) {
		byId('time-more').open = true;
		note('Chart.js was not installed where this page was made: the time line is a table.');
	}
	const draw = () => {
		heat.legend();
		heat.draw();
		if (line)
			line.draw();
	};
	const modes = ['system', 'light', 'dark'];
	let mode = 0;
	byId('theme').addEventListener('click', () => {
		mode = (mode + 1) % modes.length;
		if (mode)
			document.documentElement.dataset.theme = modes[mode];
		else
			delete document.documentElement.dataset.theme;
		byId('theme').textContent = 'Theme: ' + modes[mode];
		draw();
	});
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
	let wait = 0;
	window.addEventListener('resize', () => {
		clearTimeout(wait);
		wait = setTimeout(draw, 150);
	});
	draw();
	const asked = /^#s=([0-9a-f]{16})$/.exec(location.hash);
	const s = asked && rows.find((r) => r.id === asked[1]);
	if (s) /* transcripts stand behind this script */
		document.addEventListener('DOMContentLoaded', () => talk.open(rows, s));
	requestAnimationFrame(() => setTimeout(() => {
		document.documentElement.dataset.ready = String(Math.round(performance.now()));
	}, 0));
}

try {
	start();
} catch (e) {
	note('This page could not be shown whole: ' + e.message);
	throw e;
}

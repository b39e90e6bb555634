/* SPDX-License-Identifier: ISC */
/* Time line (Chart.js, when it is in the page) and heat map (our own canvas).
 * Both have a table beside them that says the same. */

const SERIES = [
	['Probes', '--blue'], ['Sessions', '--aqua'],
	['Login tries', '--yellow'], ['Alerts', '--red'],
];

/* Buckets put together until there are at most max of them. */
function coarser(rows, max) {
	const k = Math.max(1, Math.ceil(rows.length / max));
	const out = [];

	for (let i = 0; i < rows.length; i += k) {
		const sum = [0, 0, 0, 0];

		for (const r of rows.slice(i, i + k))
			r.forEach((v, j) => { sum[j] += v; });
		out.push(sum);
	}
	return [out, k];
}

class TimeLine {
	constructor(data) {
		this.data = data;
		this.charts = [];
		this.boxes = SERIES.map(([name], i) => {
			const box = el('div', 'multiple' + (i === 0 ? ' first' : ''));
			const plot = el('div', 'plot');
			const canvas = el('canvas');

			canvas.setAttribute('role', 'img');
			plot.append(canvas);
			box.append(el('h3', '', name), plot);
			byId('time-charts').append(box);
			return box;
		});
		this.boxes[3].classList.add('last');
	}

	draw() {
		const width = byId('time-charts').clientWidth;
		const [rows, k] = coarser(this.data.buckets, Math.max(40, width / 5));
		const step = this.data.bucket_ms * k;
		const labels = rows.map((r, i) => this.data.bucket0 + i * step);

		byId('time-sub').textContent = 'Each bar is ' + span(step) +
		    '; every row has a scale of its own. Times are UTC.';
		for (const c of this.charts)
			c.destroy();
		this.charts = SERIES.map(([name, color], j) => {
			const canvas = this.boxes[j].querySelector('canvas');
			const values = rows.map((r) => r[j]);
			const peak = Math.max(0, ...values);
			const total = values.reduce((a, b) => a + b, 0);
			const at = peak ? labels[values.indexOf(peak)] : 0;

			this.boxes[j].firstChild.textContent = name + ': ' + num(total);
			canvas.setAttribute('aria-label', name + ' over time: ' + num(total) +
			    ' in all' + (peak ? ', most ' + num(peak) + ' at ' + when(at) : ''));
			return new Chart(canvas, this.config(labels, values, css(color),
			    j === SERIES.length - 1, step));
		});
	}

	config(labels, values, color, last, step) {
		const ink = css('--ink2'), grid = css('--grid');
		const all = step * labels.length;
		const part = all < 1800e3 ? [11, 19] : all < 2 * 86400e3 ? [11, 16] : [5, 16];

		return {
			type: 'bar',
			data: { labels, datasets: [{ data: values.map((v) => v || null), backgroundColor: color,
			    barPercentage: 1, categoryPercentage: 0.9,
			    borderRadius: 1, minBarLength: 2 }] },
			options: {
				animation: false, responsive: true, maintainAspectRatio: false,
				events: ['mousemove', 'mouseout', 'touchstart', 'touchmove'],
				interaction: { mode: 'index', intersect: false },
				plugins: { legend: { display: false }, tooltip: {
					displayColors: false, callbacks: {
						title: (t) => when(labels[t[0].dataIndex]) + ' UTC',
						label: (t) => num(values[t.dataIndex]),
					} } },
				scales: {
					x: { grid: { display: false, drawBorder: true, borderColor: css('--line') },
					    ticks: { display: last, color: ink, maxRotation: 0, autoSkip: true,
					        autoSkipPadding: 24, callback: (v) => when(labels[v]).slice(...part) } },
					y: { beginAtZero: true, afterFit: (s) => { s.width = 52; },
					    grid: { color: grid, drawBorder: false },
					    ticks: { color: ink, maxTicksLimit: 4, precision: 0,
					        callback: (v) => short(v) } },
				},
			},
		};
	}
}

class HeatMap {
	constructor(data, choose) {
		this.data = data;
		this.choose = choose;
		this.canvas = byId('heat-map');
		const used = (i) => [...new Set(data.heat.map((h) => h[i]))].sort((a, b) => a - b);
		this.rows = used(0);
		this.cols = used(1);
		this.cells = new Map(data.heat.map((h) => [h[0] + ' ' + h[1], h[2]]));
		this.max = data.heat.reduce((a, h) => Math.max(a, h[2]), 1);
		this.at = [0, 0];
		this.focused = false;
		const c = this.canvas;
		c.setAttribute('aria-label', 'Events of ' + this.rows.length +
		    ' sources on ' + this.cols.length +
		    ' decoys. Arrow keys move, Enter shows the sessions.');
		c.addEventListener('mousemove', (e) => this.point(e));
		c.addEventListener('click', (e) => {
			this.point(e);
			this.chosen();
		});
		c.addEventListener('keydown', (e) => this.key(e));
		c.addEventListener('focus', () => { this.focused = true; this.draw(); });
		c.addEventListener('blur', () => { this.focused = false; this.draw(); });
	}

	events(r, c) {
		return this.cells.get(this.rows[r] + ' ' + this.cols[c]) || 0;
	}

	/* 0..4 by orders of magnitude of the largest. */
	level(n) {
		return Math.min(4, Math.floor(5 * Math.log1p(n) / Math.log1p(this.max) - 1e-9));
	}

	legend() {
		const box = wipe(byId('heat-legend'));

		for (let i = 0; i < 5; i++) {
			const from = i === 0 ? 1 : Math.ceil(Math.expm1(Math.log1p(this.max) * i / 5));
			const to = i === 4 ? this.max : Math.ceil(Math.expm1(Math.log1p(this.max) * (i + 1) / 5)) - 1;
			const s = el('span'), sw = el('i');

			if (to < from)
				continue;
			sw.style.background = css('--h' + i);
			s.append(sw, short(from) + (to > from ? '\u2013' + short(to) : ''));
			box.append(s);
		}
	}

	draw() {
		const left = 112, top = 92, ratio = window.devicePixelRatio || 1;
		const room = this.canvas.parentNode.clientWidth - left - 40;
		const n = Math.max(1, this.cols.length), m = Math.max(1, this.rows.length);
		const w = Math.max(13, Math.min(34, Math.floor(room / n)));
		const h = Math.max(13, Math.min(18, Math.floor(900 / m)));
		const width = left + n * w + 40, height = top + m * h + 4;
		const g = this.canvas.getContext('2d');
		const colors = [0, 1, 2, 3, 4].map((i) => css('--h' + i));

		Object.assign(this, { left, top, w, h });
		this.canvas.width = width * ratio;
		this.canvas.height = height * ratio;
		this.canvas.style.width = width + 'px';
		this.canvas.style.height = height + 'px';
		g.setTransform(ratio, 0, 0, ratio, 0, 0);
		g.clearRect(0, 0, width, height);
		g.font = '11px ' + css('--mono');
		g.fillStyle = css('--ink2');
		g.textBaseline = 'middle';
		g.textAlign = 'right';
		this.rows.forEach((s, i) => g.fillText(this.data.sources[s][0],
		    left - 6, top + i * h + h / 2, left - 8));
		g.textAlign = 'left';
		this.cols.forEach((d, i) => {
			g.save();
			g.translate(left + i * w + w / 2, top - 6);
			g.rotate(-Math.PI / 3);
			g.fillText(this.data.decoys[d][0], 0, 0, 98);
			g.restore();
		});
		for (let r = 0; r < this.rows.length; r++)
			for (let c = 0; c < this.cols.length; c++) {
				const v = this.events(r, c);

				g.fillStyle = v ? colors[this.level(v)] : css('--wash');
				g.fillRect(left + c * w, top + r * h, w - 2, h - 2);
			}
		if (this.focused) {
			g.strokeStyle = css('--ink');
			g.lineWidth = 2;
			g.strokeRect(left + this.at[1] * w - 1, top + this.at[0] * h - 1, w, h);
		}
	}

	point(e) {
		const c = Math.floor((e.offsetX - this.left) / this.w);
		const r = Math.floor((e.offsetY - this.top) / this.h);

		if (r < 0 || c < 0 || r >= this.rows.length || c >= this.cols.length)
			return;
		this.at = [r, c];
		this.read();
	}

	read() {
		const [r, c] = this.at;
		const s = this.data.sources[this.rows[r]], d = this.data.decoys[this.cols[c]];
		const p = wipe(byId('heat-read'));

		show(p, s[0] + ' on ' + d[0] + (d[1] ? ' (' + d[1] + ')' : '') + ': ' +
		    num(this.events(r, c)) + ' events');
	}

	chosen() {
		const [r, c] = this.at;

		if (this.rows.length)
			this.choose(this.data.sources[this.rows[r]][0], this.data.decoys[this.cols[c]][0]);
	}

	key(e) {
		const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key];

		if (e.key === 'Enter')
			this.chosen();
		if (!move || this.rows.length === 0)
			return;
		e.preventDefault();
		this.at = [Math.min(Math.max(this.at[0] + move[0], 0), this.rows.length - 1),
		    Math.min(Math.max(this.at[1] + move[1], 0), this.cols.length - 1)];
		this.draw();
		this.read();
	}
}

/* SPDX-License-Identifier: ISC */
/*
 * A table of which a page is in the document: sorted by any column, filtered
 * by words. columns: { name, get(row), kind, cell(td, row) }; kind: n number,
 * t time, b bytes, d duration, m monospaced, w words. Rows are never changed.
 */
class Table {
	constructor(where, opt) {
		this.opt = opt;
		this.all = opt.rows;
		this.rows = opt.rows;
		this.per = opt.per || 10;
		this.page = 0;
		this.sort = opt.sort === undefined ? -1 : opt.sort;
		this.down = true;
		this.hay = null;
		this.build(byId(where));
		this.apply();
	}

	build(box) {
		const tools = el('div', 'tools');
		const label = this.opt.label;
		const scroll = el('div', 'scroll');
		const table = el('table');
		const head = el('tr');

		this.find = el('input');
		this.find.type = 'search';
		this.find.placeholder = 'Filter: words, =whole cell';
		this.find.setAttribute('aria-label', 'Filter ' + label);
		this.find.addEventListener('input', () => {
			this.page = 0;
			this.apply();
		});
		this.count = el('span', 'count');
		this.count.setAttribute('role', 'status');
		this.prev = this.button('Previous', () => this.turn(-1), label);
		this.next = this.button('Next', () => this.turn(1), label);
		const per = el('select');
		per.setAttribute('aria-label', 'Rows a page of ' + label);
		for (const n of [10, 25, 50])
			per.append(new Option(n + ' rows', n, n === this.per, n === this.per));
		per.addEventListener('change', () => {
			this.per = Number(per.value);
			this.page = 0;
			this.apply();
		});
		tools.append(this.find, this.count, el('span', 'grow'), per,
		    this.prev, this.next);
		table.append(el('caption'), el('thead'), el('tbody'));
		table.caption.remove();
		table.setAttribute('aria-label', label);
		table.tHead.append(head);
		this.heads = this.opt.columns.map((c, i) => {
			const th = el('th', this.isNumber(c) ? 'n' : '');
			const b = el('button', '', c.name);

			b.type = 'button';
			b.addEventListener('click', () => this.order(i));
			th.scope = 'col';
			th.append(b);
			head.append(th);
			return th;
		});
		this.body = table.tBodies[0];
		scroll.append(table);
		box.append(tools, scroll);
		if (this.all.length <= this.per)
			tools.hidden = this.all.length < 4;
	}

	button(text, fn, label) {
		const b = el('button', '', text);

		b.type = 'button';
		b.setAttribute('aria-label', text + ' page of ' + label);
		b.addEventListener('click', fn);
		return b;
	}

	isNumber(c) {
		return 'nbd'.includes(c.kind || 'x');
	}

	order(i) {
		if (this.sort === i)
			this.down = !this.down;
		else
			this.down = this.isNumber(this.opt.columns[i]) ||
			    this.opt.columns[i].kind === 't';
		this.sort = i;
		this.page = 0;
		this.apply();
	}

	turn(by) {
		this.page += by;
		this.draw();
	}

	/* What is looked for, in lower case, made once a row. */
	text(i) {
		if (this.hay === null)
			this.hay = this.all.map(() => null);
		if (this.hay[i] === null)
			this.hay[i] = this.opt.columns.map((c) => {
				const v = c.get(this.all[i]);

				return c.kind === 't' ? when(v) : String(v);
			}).concat(this.opt.also ? this.opt.also(this.all[i]) : []).join('\n').toLowerCase();
		return this.hay[i];
	}

	filter(words) {
		this.find.value = words;
		this.page = 0;
		this.apply();
	}

	apply() {
		const words = this.find.value.toLowerCase().split(/\s+/).filter(Boolean);

		const has = (text, w) => w[0] !== '=' ? text.includes(w) :
		    ('\n' + text + '\n').includes('\n' + w.slice(1) + '\n');
		this.rows = words.length === 0 ? this.all.slice() :
		    this.all.filter((r, i) => words.every((w) => has(this.text(i), w)));
		if (this.sort >= 0) {
			const get = this.opt.columns[this.sort].get;
			const sign = this.down ? -1 : 1;

			this.rows.sort((a, b) => {
				const x = get(a), y = get(b);

				return sign * (x < y ? -1 : x > y ? 1 : 0);
			});
		}
		this.heads.forEach((th, i) => {
			const b = th.firstChild;

			if (i === this.sort)
				th.setAttribute('aria-sort', this.down ? 'descending' : 'ascending');
			else
				th.removeAttribute('aria-sort');
			b.textContent = this.opt.columns[i].name +
			    (i === this.sort ? (this.down ? ' \u25be' : ' \u25b4') : '');
		});
		this.draw();
	}

	draw() {
		const pages = Math.max(1, Math.ceil(this.rows.length / this.per));

		this.page = Math.min(Math.max(this.page, 0), pages - 1);
		const from = this.page * this.per;
		const part = this.rows.slice(from, from + this.per);
		let c = this.rows.length ? num(from + 1) + '\u2013' +
		    num(from + part.length) + ' of ' + num(this.rows.length) : 'none';

		if (this.rows.length !== this.all.length)
			c += ' (all: ' + num(this.all.length) + ')';
		else if (this.opt.total > this.all.length)
			c += ', the largest of ' + num(this.opt.total);
		this.count.textContent = c;
		this.prev.disabled = this.page === 0;
		this.next.disabled = this.page >= pages - 1;
		wipe(this.body);
		for (const r of part)
			this.body.append(this.line(r));
		if (part.length === 0) {
			const td = el('td', 'none', this.opt.empty || 'nothing');

			td.colSpan = this.opt.columns.length;
			const tr = el('tr');
			tr.append(td);
			this.body.append(tr);
		}
	}

	line(r) {
		const tr = el('tr');

		for (const c of this.opt.columns) {
			const td = el('td', this.isNumber(c) ? 'n' : c.kind || '');

			if (c.cell)
				c.cell(td, r);
			else
				this.plain(td, c.kind, c.get(r));
			tr.append(td);
		}
		return tr;
	}

	plain(td, kind, v) {
		if (kind === 'n')
			td.textContent = num(v);
		else if (kind === 'b')
			td.textContent = size(v);
		else if (kind === 'd')
			td.textContent = span(v);
		else if (kind === 't')
			td.textContent = when(v);
		else if (v !== '')
			show(td, v);
	}
}

// SPDX-License-Identifier: MIT
/*
 * timechart - zoom into a picture of states2svg, search it, and ask it what a task waited for
 *
 * The picture is complete without this script. If it runs, it hides the picture, and draws the rows
 * on a canvas at the same heights: from the intervals in the metadata (svgchart_data.c has their
 * format), and where these are not inside, from the picture, which only gets wider. Text of the
 * recording goes through textContent and fillText only.
 *
 * Times are ns from the left edge of the picture.
 */
'use strict';
(() => {
const SVG = 'http://www.w3.org/2000/svg', HTML = 'http://www.w3.org/1999/xhtml';
const { abs, ceil, exp, floor, max, min, round } = Math;
const root = document.documentElement;
const on = (target, event, f) => target.addEventListener(event, f, { passive: false });
const each = (selector, f) => [...root.querySelectorAll(selector)].map(f);

/* --- the data */

const STATES = ['running', 'preempted', 'runnable', 'uninterruptible', 'stopped', 'traced', 'parked', 'idle',
	'sleeping', 'unknown', 'r0', 'r1', 'r2', 'r3', 'cpuidle', 'unknown'];
const RUNNING = 0, PREEMPTED = 1, RUNNABLE = 2, BLOCKED = 3, UNKNOWN = 9, ON_CPU = 10, CPU_IDLE = 14, CPU_UNKNOWN = 15;
const NONE = -1;
const EDGES = ['', 'inferred', 'unknown', 'open', 'lost', '', '', 'not known'];
const CONTEXTS = ['', 'hardirq', 'softirq', 'nmi', 'an unknown context', '', '', 'an unknown context'];

const nodes = name => each(`metadata.${name}`, m => { m.remove(); return m.textContent; }).join('');
const digits = new Uint8Array(128);
for (let c = 33, n = 0; c < 127; c++)
	if (!'&<>]'.includes(String.fromCharCode(c)))
		digits[c] = n++;
let bytes, at;
const read = text => { bytes = new TextEncoder().encode(text); at = 0; };
/* Decode n numbers; valid until the next call. The loop is most of what loading takes. */
let decoded = new Float64Array(4096);
function numbers(n) {
	if (n > decoded.length)
		decoded = new Float64Array(2 * n);
	let p = at;
	for (let i = 0; i < n; i++) {
		let d = digits[bytes[p++]], v = d;
		for (let m = 45; d >= 45; m *= 45)
			v += (d = digits[bytes[p++]]) * m;
		decoded[i] = v;
	}
	at = p;
	return decoded.subarray(0, n);
}
const number = () => numbers(1)[0];
const unfold = v => v % 2 ? -(v + 1) / 2 : v / 2;
function table(line, fields) {
	const rows = [];
	for (read(line); at < bytes.length;)
		rows.push([...numbers(fields)]);
	return rows;
}

const tables = nodes('tables').split('\n'), header = tables[0].split(' ');
const [version, , span, , inside, ntask, ncpu, intervals, allIntervals, stacksOut, LEFT, PLOT, TOP, BOTTOM, nfunction] = header.map(Number);
if (version !== 1)
	return;
const first = BigInt(header[1]), zero = Number(first - BigInt(header[3]));
const functions = tables.slice(6, 6 + nfunction), names = tables.slice(6 + nfunction);
const stackNodes = [[0, 0], ...table(tables[1], 2)];
const kinds = [{ state: NONE, stack: 0 }, ...table(tables[2], 9).map(k => ({ state: k[0], cpu: k[1] - 1,
	prio: k[2] ? unfold(k[2] - 1) : null, begin: k[3], end: k[4], context: k[5], wake: k[6],
	waker: k[7], stack: k[8] }))];
const tasks = table(tables[3], 4).map((t, id) => ({ id, name: names[t[0]], machine: t[1], pid: t[2] - 1, tid: t[3] - 1,
	n: 0, start: [0], names: [] }));
const cpus = table(tables[4], 2).map(c => ({ machine: c[0], cpu: c[1], n: 0, start: [0] }));
/* What a CPU shows has kinds of its own: a task by its tid, idle, unknown, a task that is not inside. */
const cpuKind = kinds.length;
for (let i = ON_CPU; i <= CPU_UNKNOWN; i++)
	kinds.push({ state: i, stack: 0 });

/* What is drawn: the states that occur, the same washed out, nothing. */
const used = [...new Set(kinds.map(k => k.state))].filter(s => s !== NONE).sort((x, y) => x - y);
const WASHED = used.length, NOTHING = 2 * WASHED, CLASSES = NOTHING + 1;

const kindAt = (l, i) => kinds[l.kind[i] ?? 0], length = (l, i) => l.start[i + 1] - l.start[i];
const isBlocked = s => s >= BLOCKED && s < UNKNOWN, isWait = s => s === PREEMPTED || s === RUNNABLE;
/* The waker of a blocked task is stored once, with the wait for a CPU that follows. */
const hasWaker = Uint8Array.from(kinds, k => k.waker ?? 0), blocked = Uint8Array.from(kinds, k => isBlocked(k.state)),
	wakes = Uint8Array.from(kinds, k => k.waker && k.state === RUNNABLE);
const sharesWaker = (kind, i) => blocked[kind[i]] & wakes[kind[i + 1]];
function lane(l, named) {
	const n = l.n = number(), start = l.start = new Float64Array(n + 1), waker = l.waker = new Int32Array(n);
	let t = n ? unfold(number()) : 0, some = 0;
	const lengths = numbers(n);
	for (let i = 0; i < n; t += lengths[i++])
		start[i] = t;
	start[n] = t;
	const kind = l.kind = new Uint32Array(numbers(n));
	for (let i = 0; i < n; i++)
		some += hasWaker[kind[i]] && !sharesWaker(kind, i);
	const given = numbers(some);
	for (let i = n - 1; i >= 0; i--)
		if (hasWaker[kind[i]])
			waker[i] = sharesWaker(kind, i) ? waker[i + 1] : given[--some] - 2;
	for (let i = named ? number() : 0, from = 0; i > 0; i--)
		l.names.push([from += number(), names[number()]]);
}
read(nodes('lanes'));
tasks.slice(0, inside).forEach(t => lane(t, true));
cpus.forEach(c => lane(c, false));

/* The last interval that starts at a time or before it; 0 if there is none. */
function find(l, t) {
	let lo = 0, hi = l.n;
	while (hi - lo > 1) {
		const mid = (lo + hi) >> 1;
		if (l.start[mid] <= t)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* Give each CPU the intervals in which tasks ran there, with what is not known between them. */
const IDLE = -1, NOBODY = -2, OTHER = -3;
function fillCpus() {
	const lanes = [...tasks.filter(t => t.n), ...cpus], count = new Uint32Array(kinds.length), all = [];
	const cpuOf = Int32Array.from(kinds, k => k.state === RUNNING || k.state >= CPU_IDLE ? k.cpu + 1 : 0);
	for (const { kind, n } of lanes)
		for (let i = 0; i < n; i++)
			count[kind[i]]++;
	for (const c of cpus) {
		const most = count.reduce((sum, n, k) => sum + (cpuOf[k] === c.cpu + 1 ? n : 0), 0);
		(all[c.machine] ??= [null])[c.cpu + 1] = { c, n: 0, from: new Float64Array(most), to: new Float64Array(most), id: new Int32Array(most) };
	}
	for (const l of lanes) {
		const { kind, start, n } = l, mine = all[l.machine] ?? [];
		for (let i = 0; i < n; i++) {
			const a = mine[cpuOf[kind[i]]];
			if (!a)
				continue;
			a.from[a.n] = start[i];
			a.to[a.n] = start[i + 1];
			a.id[a.n++] = l.id ?? (kinds[kind[i]].state === CPU_IDLE ? IDLE : NOBODY);
		}
	}
	for (const a of all.flat())
		if (a)
			fill(a.c, a);
}
/* The order of times: sorted by the lowest 16 bits, then by the next. */
function sorted(v) {
	const n = v.length, low = new Uint32Array(n), high = new Uint32Array(n);
	let order = new Uint32Array(n), other = new Uint32Array(n);
	for (let i = 0; i < n; i++) {
		const t = v[i] - v[0], h = floor(t / 2 ** 32);
		low[i] = t - h * 2 ** 32;
		high[i] = h + 2 ** 31;
		order[i] = i;
	}
	for (const [key, shift] of [[low, 0], [low, 16], [high, 0], [high, 16]]) {
		const at = new Uint32Array(65537);
		for (let i = 0; i < n; i++)
			at[(key[i] >>> shift & 65535) + 1]++;
		for (let i = 1; i < 65537; i++)
			at[i] += at[i - 1];
		for (let i = 0; i < n; i++)
			other[at[key[order[i]] >>> shift & 65535]++] = order[i];
		[order, other] = [other, order];
	}
	return order;
}
function fill(c, { from, to, id, n }) {
	const start = new Float64Array(2 * n + 1), kind = new Uint32Array(2 * n), task = new Int32Array(2 * n);
	let t = -Infinity, m = 0;
	const add = (t, k, id) => { start[m] = t; kind[m] = k; task[m++] = id; };
	for (const i of sorted(from.subarray(0, n))) {
		if (to[i] <= t)
			continue;
		if (from[i] > t && m)
			add(t, inside === ntask ? 0 : cpuKind + 3, OTHER);
		add(max(t, from[i]), cpuKind + (id[i] >= 0 ? tasks[id[i]].tid & 3 : id[i] === IDLE ? 4 : 5), id[i]);
		t = to[i];
	}
	start[m] = t;
	Object.assign(c, { n: m, start, kind, task });
}
fillCpus();

/* --- the rows, at the places that the picture has them */

const rows = [], dim = (e, name) => e[name].baseVal.value;
function readRows() {
	const groups = [...root.children].filter(e => /^(cpu|task|power|io)$/.test(e.getAttribute('class') ?? ''));
	read(tables[5]);
	let task = 0;
	for (const g of groups) {
		const power = /power|io/.test(g.getAttribute('class'));
		const r = { g, lanes: [], whole: false, y: +/\s(\d+)\)/.exec(g.getAttribute('transform'))[1], h: 0 };
		const kind = power ? -1 : number();
		r.h = power ? dim(g.querySelector('rect'), 'height') : number();
		if (kind === 0) {
			const machine = number(), cpu = number(), c = cpus.find(c => c.machine === machine && c.cpu === cpu);
			r.cpu = cpu;
			r.lanes = c ? [c] : [];
			r.whole = !!c;
		} else if (kind > 0) {
			const all = number();
			r.sum = kind > 1;
			for (let n = number(); n > 0; n--)
				r.lanes.push(tasks[number()]);
			r.lanes = r.lanes.filter(t => t.n > 0);
			r.lanes.sort((x, y) => x.start[0] - y.start[0]);
			r.whole = r.lanes.length === all;
			for (const t of r.lanes)
				t.row = rows.length;
		}
		r.title = g.querySelector('title')?.textContent ?? '';
		rows.push(r);
	}
	rows.sort((x, y) => x.y - y.y);
	rows.forEach((r, i) => r.lanes.forEach(t => t.row = i));
}
readRows();
const marks = each('svg>g>rect:is(.lost,.gap)', e => ({ e, class: e.getAttribute('class'), x: dim(e, 'x') - LEFT,
	y: dim(e, 'y'), w: dim(e, 'width'), h: dim(e, 'height'),
	title: e.parentNode.querySelector('title').textContent })).concat(each('path.path', e => {
	const [, x, y, to] = /^M([\d.]+)\s(\d+)H([\d.]+)/.exec(e.getAttribute('d'));
	return { class: 'path', x: x - LEFT, y: y - 1, w: to - x, h: 2.5 };
}));
const arrows = each('svg>g>path.wake,svg>g>path.irq', e => {
	const [, x, from, to] = /^M([\d.]+)\s(-?\d+)V(-?\d+)/.exec(e.getAttribute('d')).map(Number);
	return { class: e.getAttribute('class'), t: (x - LEFT) / PLOT * span, from, to,
		title: e.parentNode.querySelector('title').textContent };
});

/* --- what is said about intervals */

const UNITS = [['s', 1e9], ['ms', 1e6], ['µs', 1e3], ['ns', 1]];
const unitOf = ns => UNITS.find(u => abs(ns) >= u[1]) ?? UNITS[3];
const write = (ns, cut) => { const [unit, n] = unitOf(ns); return `${+cut(ns / n)} ${unit}`; };
const exact = ns => write(round(ns), v => v.toFixed(9)), brief = ns => write(ns, v => v.toPrecision(3));
const when = (a, b) => `from ${exact(a + zero)} to ${exact(b + zero)}, at ${stamp(a)}`;
const stamp = t => {
	const v = first + BigInt(round(t)), s = String(v < 0n ? -v : v).padStart(10, '0');
	return `${v < 0n ? '-' : ''}${s.slice(0, -9)}.${s.slice(-9)} s`;
};
const count = n => n.toLocaleString('en');
const percent = (v, all) => `${(100 * v / (all || 1)).toFixed(1)} %`;
const task = (t, i) => `${t.names.findLast(n => n[0] <= i)?.[1] ?? t.name} [${t.pid >= 0 && t.pid !== t.tid ? t.pid + '/' : ''}${t.tid}]`;
function stack(node) {
	const frames = [];
	for (; node; node = stackNodes[node][0])
		frames.push(functions[stackNodes[node][1]]);
	return frames;
}
/* The function that says what a task was doing. */
const PASSING = /^(schedule|io_schedule|do_nanosleep|hrtimer_nanosleep|try_to_wake_up|default_wake_function|__wake_up|ttwu_|trace_)/;
const placeOf = node => { const s = stack(node); return s.find(f => !PASSING.test(f)) ?? s[0] ?? ''; };
const stateName = k => k.state < ON_CPU ? STATES[k.state] : k.state === CPU_IDLE ? 'idle' : k.state === CPU_UNKNOWN ? 'unknown' : 'running';
function wakerOf(t, i) {
	const k = kindAt(t, i), w = t.waker[i];
	if (!k.waker)
		return '';
	return (k.context ? `${CONTEXTS[k.context]} during ` : '') + (w >= 0 ? task(tasks[w]) : w === -1 ? 'the idle task' : 'a task that is not inside');
}

/* Who ran on a CPU between two times, the longest first. */
function ranOn(machine, cpu, from, to) {
	const c = cpus.find(c => c.machine === machine && c.cpu === cpu), sum = new Map();
	for (let i = c ? find(c, from) : 0; c && i < c.n && c.start[i] < to; i++) {
		const ns = min(to, c.start[i + 1]) - max(from, c.start[i]), id = c.task[i];
		const name = id >= 0 ? task(tasks[id]) : id === IDLE ? 'idle' : id === NOBODY ? 'unknown' : 'others';
		if (ns > 0 && c.kind[i])
			sum.set(name, (sum.get(name) ?? 0) + ns);
	}
	return [...sum].sort((x, y) => y[1] - x[1]);
}
const list = (pairs, n) => pairs.slice(0, n).map(p => `${p[0]} ${brief(p[1])}`).join(', ') + (pairs.length > n ? `, and ${pairs.length - n} more` : '');

function describe(t, i) {
	const k = kindAt(t, i), from = t.start[i], to = t.start[i + 1], lines = [], next = kindAt(t, i + 1);
	lines.push(`${task(t, i)} ${stateName(k)} ${exact(to - from)}${k.cpu >= 0 ? `, CPU ${k.cpu}` : ''}${k.prio !== null ? `, prio ${k.prio}` : ''}`);
	lines.push(when(from, to) +
		(k.begin ? `, its begin ${EDGES[k.begin]}` : '') + (k.end ? `, its end ${EDGES[k.end]}` : ''));
	const waker = wakerOf(t, i);
	if (waker)
		lines.push(`Woken by: ${waker}${k.wake === 1 ? ', which started it' : ''}`);
	if (isWait(k.state) && next.state === RUNNING) {
		const ran = ranOn(t.machine, next.cpu, from, to);
		lines.push(`Waited for CPU ${next.cpu}${ran.length ? ', where ran: ' + list(ran, 4) : ''}`);
	}
	const frames = stack(k.stack);
	if (frames.length)
		lines.push(`${k.state === RUNNING ? `Then ${stateName(next.state === NONE ? k : next)} at` : k.state === RUNNABLE ? 'Waker at' :
			k.state === PREEMPTED ? 'Preempted at' : 'Blocked on'}:`, ...frames.map(f => '  ' + f));
	return lines;
}

/*
 * The critical path of a task over [a, b), walked from b, a piece for each state; what the piece at
 * a moment is does not depend on a and b. states2path has the same rule.
 *
 * - running, unknown: a leaf.
 * - runnable, preempted: a leaf, "waits for CPU n", the CPU that it got then, else its own.
 * - blocked until it was woken at w: a leaf if its end is open, lost or inferred, or nothing woke
 *   it; if the waker's stack has sched_ttwu_pending (then the waker is not recorded); in a context
 *   other than a task, unless a softirq ran at the end of a task's own __local_bh_enable_ip, or in
 *   ksoftirqd; if the waker is the idle task, or the task itself. Otherwise, let r be the last
 *   moment until w at which the waker W was running or unknown. [r, w) is a leaf, "the wake by W is
 *   on its way". The time before r is the path of W, one level deeper, from the start of the wait.
 * - Before its birth: the path of the task that forked it until then, one deeper. After its death: dead.
 *
 * Each descent ends with a piece that runs or is unknown, so no task comes twice in a chain.
 */
function criticalPath(t, a, b) {
	const pieces = [], todo = [[t, a, b, 0]];
	const leaf = (t, from, to, depth, why, i) => to > from && pieces.push({ t, from, to, depth, why, i });
	/* the last piece comes first; what a waker did goes on top of what is left of the task itself */
	while (todo.length > 0 && pieces.length < 5000) {
		const [t, a, b, depth] = todo.pop();
		if (b <= a)
			continue;
		if (!t.n || depth > tasks.length) {
			leaf(t, a, b, depth, 'not inside');
			continue;
		}
		if (b > t.start[t.n]) {
			todo.push([t, a, t.start[t.n], depth]);
			leaf(t, max(a, t.start[t.n]), b, depth, 'dead');
			continue;
		}
		let i = find(t, b);
		if (t.start[i] === b && i > 0)
			i--;
		const k = kindAt(t, i), s = t.start[i], from = max(a, s), w = t.start[i + 1];
		if (b <= t.start[0]) {
			const parent = kindAt(t, 0).wake === 1 && t.waker[0] >= 0 ? tasks[t.waker[0]] : null;
			if (parent)
				todo.push([parent, a, b, depth + 1]);
			else
				leaf(t, a, b, depth, 'unborn');
			continue;
		}
		todo.push([t, a, from, depth]);
		const why = isBlocked(k.state) ? wakeLeaf(t, i) : isWait(k.state) ? `waits for CPU ${cpuGot(t, i)}` : stateName(k);
		if (why) {
			leaf(t, from, b, depth, why, i);
			continue;
		}
		const W = tasks[t.waker[i]], r = W.n ? lastRan(W, w) : -Infinity;
		if (r === -Infinity) {
			leaf(t, from, b, depth, `${task(W)} is not known`, i);
			continue;
		}
		leaf(t, max(from, r), b, depth, `the wake by ${task(W)} is on its way`, i);
		todo.push([W, from, min(b, r), depth + 1]);
	}
	return pieces;
}
const cpuGot = (t, i) => kindAt(t, i + 1).state === RUNNING ? kindAt(t, i + 1).cpu : kindAt(t, i).cpu;

/* Why a wait cannot be followed to who ended it; '' if it can. */
function wakeLeaf(t, i) {
	const k = kindAt(t, i), next = kindAt(t, i + 1), w = t.waker[i];
	const frames = next.state === RUNNABLE ? stack(next.stack) : [], has = f => frames.findIndex(g => g.startsWith(f));
	if ([1, 3, 4].includes(k.end) || !k.waker)
		return `${stateName(k)}, ${k.end === 3 ? 'goes on' : k.end === 4 ? 'events lost' : 'nobody seen to wake it'}`;
	if (has('sched_ttwu_pending') >= 0)
		return `${stateName(k)}, waker not recorded`;
	if (k.context) {
		const soft = max(has('handle_softirqs'), has('do_softirq'), has('__do_softirq'));
		const own = k.context === 2 && (soft >= 0 && has('__local_bh_enable_ip') > soft || w >= 0 && /^ksoftirqd/.test(tasks[w].name));
		if (!own)
			return `${stateName(k)}, until ${CONTEXTS[k.context]}`;
	}
	if (w === -1)
		return `${stateName(k)}, until the idle task`;
	return w < 0 ? `${stateName(k)}, waker not inside` : tasks[w] === t ? `${stateName(k)}, woken by itself` : '';
}
function lastRan(t, w) {
	for (let i = find(t, w); i >= 0; i--) {
		const s = kindAt(t, i).state;
		if ((s === RUNNING || s === UNKNOWN) && t.start[i] < w)
			return min(w, t.start[i + 1]);
	}
	return -Infinity;
}

/* --- the page */

const element = (parent, name, attributes, content) => {
	const e = document.createElementNS(HTML, name);
	for (const a in attributes)
		e.setAttribute(a, attributes[a]);
	if (content !== undefined)
		e.textContent = content;
	parent.append(e);
	return e;
};
const frame = document.createElementNS(SVG, 'foreignObject');
frame.setAttribute('width', '100%');
frame.setAttribute('height', '100%');
const page = root.querySelector('#tc'), get = selector => page.querySelector(selector);
frame.append(page);
get('h1').textContent = root.querySelector('text.caption')?.textContent ?? '';
get('p').textContent = `${root.querySelector('text.more')?.textContent ?? ''}; inside to zoom: ${inside === ntask ? 'all' : inside + ' of'} ${ntask} tasks, ` +
	`${count(intervals)}${intervals < allIntervals ? ' of ' + count(allIntervals) : ''} intervals`;
const query = get('input'), found = get('span'), view = get('#view'), tall = view.firstChild, canvas = get('canvas'), panel = get('#panel');
/* The names and sums of the rows are those of the picture; the sums keep to the right. */
const labels = document.createElementNS(SVG, 'svg'), sums = document.createElementNS(SVG, 'g');
labels.append(sums);
each('svg>text:not(.tick,.caption)', e => e.getAttribute('y') > TOP && (e.matches('.sum') ? sums : labels).append(e.cloneNode(true)));
tall.append(labels);
const size = {};
for (const a of ['width', 'height', 'viewBox'])
	size[a] = root.getAttribute(a);
function live() {
	root.classList.add('live');
	root.removeAttribute('viewBox');
	root.setAttribute('width', '100%');
	root.setAttribute('height', '100%');
	root.append(frame);
}
function asPicture() {
	root.classList.remove('live');
	frame.remove();
	for (const a in size)
		root.setAttribute(a, size[a]);
}
on(window, 'beforeprint', asPicture);
on(window, 'afterprint', live);
live();

/* --- colours: those of the picture's style sheet, light or dark */

const shade = new Uint32Array(CLASSES), colour = [], css = {}, hatched = [...used, ...used].map(s => s === UNKNOWN || s === CPU_UNKNOWN);
const classOf = new Uint8Array(kinds.length);
const off = new Set();
let hits = null, arrowsOff = false;
const probe = document.createElementNS(SVG, 'rect');
root.append(probe);
function readColours() {
	const rgb = s => (s.match(/[\d.]+/g) ?? [128, 128, 128]).slice(0, 3).map(Number);
	const pack = c => (0xff000000 | c[2] << 16 | c[1] << 8 | c[0]) >>> 0;
	const page_ = getComputedStyle(page), back = rgb(page_.backgroundColor);
	const look = (name, property) => { probe.setAttribute('class', name); return getComputedStyle(probe)[property]; };
	Object.assign(css, { text: page_.color, back: page_.backgroundColor, soft: page_.getPropertyValue('--soft'), pick: page_.getPropertyValue('--pick'),
		grid: look('grid', 'stroke'), wake: look('wake', 'fill'), irq: look('irq', 'fill'), gap: look('gap', 'fill') });
	STATES.forEach((name, s) => {
		const c = name === 'unknown' ? back.map(v => v > 127 ? v - 70 : v + 60) : rgb(look(name, 'fill'));
		colour[s] = c;
		const i = used.indexOf(s);
		if (i >= 0) {
			shade[i] = pack(c);
			shade[i + WASHED] = pack(c.map((v, i) => back[i] + (v - back[i]) * .2));
		}
	});
	for (const r of rows)
		r.image = null;
	each('#bar i', i => i.style.background = i.dataset.state === 'wake' ? css.wake : `rgb(${colour[i.dataset.state]})`);
}

/* What a search finds: names of tasks, functions of stacks. */
function search() {
	const q = query.value.trim().toLowerCase();
	const inStack = new Uint8Array(stackNodes.length);
	hits = q === '' ? null : { task: tasks.map(t => t.name.toLowerCase().includes(q) || t.names.some(n => n[1].toLowerCase().includes(q))) };
	if (hits) {
		const match = functions.map(f => f.toLowerCase().includes(q));
		for (let i = 1; i < stackNodes.length; i++)
			inStack[i] = match[stackNodes[i][1]] || inStack[stackNodes[i][0]];
		hits.kind = kinds.map(k => inStack[k.stack]);
	}
	kinds.forEach((k, i) => classOf[i] = k.state === NONE || off.has(k.state) ? NOTHING : used.indexOf(k.state) + (hits && !hits.kind[i] ? WASHED : 0));
	found.textContent = hits ? share() : '';
	redraw();
}
function share() {
	let n = 0, ns = 0, all = 0;
	for (const t of tasks)
		for (let i = 0; i < t.n; i++) {
			const s = kindAt(t, i).state, d = length(t, i);
			if (s > BLOCKED)
				continue;
			all += d;
			if (hits.task[t.id] || hits.kind[t.kind[i]]) {
				ns += d;
				n++;
			}
		}
	return `${count(n)} intervals, ${percent(ns, all)} of running and waiting`;
}

/* --- drawing: pixels for the rows in view, then what lies over them */

let from = 0, to = span, width = 0, height = 0, left = LEFT, scale = 1, right = 0;
let image, pixels, columns, pending = 0, labelled = 0;
let picked = null, pinned = false, chosen = null, path = [], absolute = false;
const AXIS = 24, labelsHeight = BOTTOM - TOP + AXIS + 20, pen = canvas.getContext('2d');
const x = t => left + (t - from) / (to - from) * width;
const timeAt = px => from + (px - left) / width * (to - from);
const top_ = y => y - TOP + AXIS - view.scrollTop;

function resize() {
	scale = min(devicePixelRatio || 1, 3);
	const w = view.clientWidth;
	left = w < 600 ? 84 : LEFT;
	right = w < 800 ? 0 : 124;
	width = max(60, w - left - right);
	height = view.clientHeight;
	const named = right ? w : left - 4;
	labels.setAttribute('viewBox', `0 ${TOP - AXIS} ${named} ${labelsHeight}`);
	labels.style.cssText = `width:${named}px;height:${labelsHeight}px`;
	sums.setAttribute('transform', `translate(${right ? w - size.width - 6 : w} 0)`);
	tall.style.height = `${max(labelsHeight, height)}px`;
	canvas.width = w * scale;
	canvas.height = height * scale;
	canvas.style.width = `${w}px`;
	canvas.style.height = `${height}px`;
	image = pen.createImageData(round(width * scale), max(1, round(height * scale)));
	pixels = new Uint32Array(image.data.buffer);
	columns = new Float64Array(image.width * CLASSES);
	redraw();
}

/* Add the time in each class to the columns; returns how many intervals there were. */
function walk(l) {
	const { start, kind, n } = l, step = (to - from) / image.width, mine = hits && !l.task && hits.task[l.id];
	if (!n || start[0] >= to || start[n] <= from)
		return 0;
	const first = find(l, from), plain = !hits;
	let i = first, t = max(from, start[i]), at = floor((t - from) / step) * CLASSES, end = from + step * (at / CLASSES + 1);
	for (; i < n && at < columns.length; i++) {
		let c = classOf[kind[i]];
		const stop = start[i + 1];
		if (!plain && c >= WASHED && c < NOTHING && (mine || l.task && hits.task[l.task[i]]))
			c -= WASHED;
		for (; stop >= end && at < columns.length; at += CLASSES, t = end, end = from + step * (at / CLASSES + 1))
			columns[at + c] += end - t;
		if (at < columns.length)
			columns[at + c] += stop - t;
		t = stop;
	}
	return i - first;
}

/* Stack the classes of each column, the first at the bottom. */
function paint(y, h, whole) {
	const n = image.width, y0 = round(y * scale), high = round(h * scale), most = hits ? NOTHING : WASHED;
	for (let c = 0, at = 0; c < n; c++, at += CLASSES) {
		let sum = 0, total = whole, bottom = y0 + high;
		for (let s = 0; s < most && !whole; s++)
			total += columns[at + s];
		for (let s = 0; s < most && total > 0; s++) {
			if (columns[at + s] === 0)
				continue;
			const before = bottom, hatch = hatched[s];
			sum += columns[at + s];
			bottom = min(max(y0, y0 + high - round(sum / total * high)), before > y0 ? before - 1 : before);
			for (let py = max(0, bottom); py < min(before, image.height); py++)
				pixels[py * n + c] = hatch && (c + py) % (5 * scale | 0) >= scale ? 0 : shade[s];
		}
	}
}

/* The part of the picture that shows a row, drawn once, at twice its size. */
function imageOf(r) {
	const c = document.createElementNS(HTML, 'canvas'), g = c.getContext('2d');
	c.width = 2 * PLOT;
	c.height = 2 * r.h;
	for (const e of r.g.querySelectorAll('path,rect')) {
		const cs = getComputedStyle(e), half = /scale/.test(e.getAttribute('transform') ?? '');
		g.setTransform(half ? 1 : 2, 0, 0, half ? 1 : 2, 0, 2 * (/translate\(0\s(\d+)/.exec(e.getAttribute('transform') ?? '')?.[1] ?? 0));
		g.fillStyle = cs.fill.startsWith('url') ? `rgb(${colour[UNKNOWN]})` : cs.fill;
		if (e.tagName === 'rect')
			g.fillRect(dim(e, 'x'), dim(e, 'y'), dim(e, 'width'), dim(e, 'height'));
		else if (cs.fill !== 'none')
			g.fill(new Path2D(e.getAttribute('d')));
		if (cs.stroke !== 'none') {
			g.strokeStyle = cs.stroke;
			g.stroke(new Path2D(e.getAttribute('d')));
		}
	}
	return c;
}
function stretch(r, skip) {
	r.image ??= imageOf(r);
	const sx = from / span * 2 * PLOT, sw = (to - from) / span * 2 * PLOT;
	if (r.h > skip)
		pen.drawImage(r.image, sx, 2 * skip, sw, 2 * (r.h - skip), left, top_(r.y) + skip, width, r.h - skip);
}

const redraw = () => { pending ||= requestAnimationFrame(draw); };
const times = [];
function draw() {
	pending = 0;
	const began = performance.now(), step = (to - from) / image.width;
	const shown = rows.filter(r => top_(r.y) < height && top_(r.y) + r.h > AXIS);
	labelled = 0;
	pixels.fill(0);
	for (const r of shown) {
		if (!r.whole)
			continue;
		columns.fill(0);
		r.seen = 0;
		for (const l of r.lanes)
			r.seen += walk(l);
		labelled += r.seen;
		paint(top_(r.y), r.cpu === undefined ? r.h : 20, r.lanes.length > 1 && !r.sum || r.lanes.length === 1 ? step : 0);
	}
	pen.setTransform(scale, 0, 0, scale, 0, 0);
	pen.clearRect(0, 0, left + width + right, height);
	pen.putImageData(image, round(left * scale), 0);
	pen.imageSmoothingEnabled = false;
	for (const r of shown)
		if (!r.whole || r.cpu !== undefined)
			stretch(r, r.whole ? 21 : 0);
	if (labelled < 4000)
		shown.forEach(writeInside);
	drawOver(shown);
	drawAxis();
	times.push(performance.now() - began);
}

function writeInside(r) {
	if (!r.whole || r.seen > 400 || r.sum && r.lanes.length > 1)
		return;
	pen.font = '9px system-ui,sans-serif';
	pen.textBaseline = 'middle';
	pen.textAlign = 'left';
	for (const l of r.lanes)
		for (let i = find(l, from); i < l.n && l.start[i] < to; i++) {
			const x0 = max(left, x(l.start[i])), x1 = min(left + width, x(l.start[i + 1])), k = kindAt(l, i);
			if (x1 - x0 < 30 || classOf[l.kind[i]] >= WASHED)
				continue;
			const c = colour[k.state], what = l.task ? (l.task[i] >= 0 ? tasks[l.task[i]].name : '') : k.state === RUNNING ? `CPU ${k.cpu}` : isBlocked(k.state) ? placeOf(k.stack) : '';
			pen.fillStyle = c[0] * .3 + c[1] * .6 + c[2] * .1 > 140 ? '#1f2933' : '#fff';
			fit(`${what} ${brief(length(l, i))}`.trim(), x0 + 3, top_(r.y) + (l.task ? 20 : r.h) / 2, x1 - x0 - 5);
		}
}
/* Write a text into some pixels, shortened if need be. */
function fit(s, px, py, room) {
	const width = pen.measureText(s).width;
	pen.fillText(width > room ? s.slice(0, max(1, s.length * room / width - 2)) + '…' : s, px, py, room);
}

function arrowHead(px, y0, y1) {
	const d = y1 > y0 ? -4 : 4;
	pen.beginPath();
	pen.moveTo(px, y0);
	pen.lineTo(px, y1);
	pen.globalAlpha = .5;
	pen.stroke();
	pen.globalAlpha = 1;
	pen.beginPath();
	pen.moveTo(px, y1);
	pen.lineTo(px - 2.5, y1 + d);
	pen.lineTo(px + 2.5, y1 + d);
	pen.fill();
}
function drawArrow(kind, t, y0, y1) {
	const px = x(t);
	if (px < left || px > left + width || max(y0, y1) < AXIS || min(y0, y1) > height)
		return;
	pen.strokeStyle = pen.fillStyle = css[kind];
	arrowHead(px, y0, y1);
}
/* The wakeups of the intervals in view, if they are few; else those of the picture. */
function drawArrows(shown) {
	if (labelled > 1500 || inside < ntask) {
		for (const a of arrows)
			drawArrow(a.class, a.t, top_(a.from), top_(a.to));
		return;
	}
	for (const r of shown)
		for (const t of r.lanes)
			for (let i = t.task || r.sum ? t.n : find(t, from); i < t.n && t.start[i] < to; i++) {
				const k = kindAt(t, i), w = tasks[t.waker[i]], own = !k.context && w?.row !== undefined && !rows[w.row].sum;
				if (k.state !== RUNNABLE || !k.waker)
					continue;
				const s = own ? rows[w.row] : r, down = s.y < r.y;
				drawArrow(k.context ? 'irq' : 'wake', t.start[i], own ? top_(s.y) + (down ? s.h : 0) : top_(r.y) - 6, own && !down ? top_(r.y) + r.h : top_(r.y));
			}
}

function outline(r, a, b, ink, thick) {
	const x0 = max(left - 2, x(a)), x1 = min(left + width + 2, x(b));
	if (x1 < left || x0 > left + width)
		return;
	pen.strokeStyle = ink;
	pen.lineWidth = thick;
	pen.strokeRect(x0 - 1, top_(r.y) - 1, max(x1 - x0, 2) + 2, (r.cpu === undefined ? r.h : 20) + 2);
	pen.lineWidth = 1;
}
function drawOver(shown) {
	pen.save();
	pen.beginPath();
	pen.rect(left - 3, AXIS, width + 6, height);
	pen.clip();
	pen.lineWidth = .8;
	if (!arrowsOff)
		drawArrows(shown);
	pen.lineWidth = 1;
	for (const m of marks) {
		const x0 = max(left, x(m.x / PLOT * span)), x1 = min(left + width, x((m.x + m.w) / PLOT * span));
		pen.globalAlpha = m.class === 'lost' ? .35 : 1;
		pen.fillStyle = css.gap;
		if (x1 >= x0)
			pen.fillRect(x0, top_(m.y), max(1.5, x1 - x0), m.h);
	}
	pen.globalAlpha = 1;
	for (const p of path)
		if (p.t.row !== undefined)
			outline(rows[p.t.row], p.from, p.to, css.pick, 1.5);
	if (chosen) {
		pen.fillStyle = css.text;
		pen.globalAlpha = .12;
		pen.fillRect(x(chosen[0]), AXIS, x(chosen[1]) - x(chosen[0]), height);
		pen.globalAlpha = 1;
	}
	if (picked)
		outline(rows[picked.row], picked.t.start[picked.i], picked.t.start[picked.i + 1], css.text, 2);
	pen.restore();
}

function tickStep() {
	let step = 1;
	for (let i = 0; (to - from) / step > width / 90; i++)
		step *= i % 3 === 1 ? 2.5 : 2;
	return step;
}
function drawAxis() {
	const step = tickStep(), shift = absolute ? Number(first % BigInt(step)) : zero, [unit, n] = unitOf(absolute ? step : max(to + zero, step));
	pen.fillStyle = css.back;
	pen.fillRect(0, 0, left + width + right, AXIS);
	pen.font = '10px system-ui,sans-serif';
	pen.fillStyle = css.soft;
	pen.textAlign = 'left';
	pen.fillText(brief(to - from) + (right ? ' shown' : ''), 8, 14);
	pen.textAlign = 'center';
	pen.strokeStyle = css.grid;
	pen.beginPath();
	for (let t = ceil((from + shift) / step) * step - shift; t <= to; t += step) {
		const px = round(x(t)) + .5;
		pen.moveTo(px, AXIS - 4);
		pen.lineTo(px, AXIS);
		const label = absolute ? stamp(t).replace(/0{1,9}\ss$/, ' s').replace('. s', ' s') : `${+((t + zero) / n).toFixed(9)} ${unit}`;
		if (px < left + width - 20)
			pen.fillText(label, px, 14);
	}
	pen.moveTo(left, AXIS - .5);
	pen.lineTo(left + width, AXIS - .5);
	pen.stroke();
}

/* --- what is under the pointer, and the panel */

function rowAt(py) {
	const y = py + view.scrollTop + TOP - AXIS;
	return rows.findIndex(r => y >= r.y - 2 && y < r.y + r.h + 3);
}
function laneAt(r, t) {
	for (let i = r.lanes.length - 1; i >= 0; i--) {
		const l = r.lanes[i];
		if (l.start[0] <= t && l.start[l.n] > t)
			return l;
	}
	return null;
}
/* Say what is in a column: the shares of the states, the longest piece of each. */
function aboutColumn(r, t) {
	const half = (to - from) / image.width / 2, a = t - half, b = t + half, sum = new Map();
	let all = 0;
	for (const l of r.lanes)
		for (let i = find(l, a); i < l.n && l.start[i] < b; i++) {
			const ns = min(b, l.start[i + 1]) - max(a, l.start[i]), k = kindAt(l, i);
			if (ns <= 0 || k.state === NONE)
				continue;
			const name = l.task ? (l.task[i] >= 0 ? task(tasks[l.task[i]]) : stateName(k)) : stateName(k);
			const s = sum.get(name) ?? { ns: 0, n: 0, best: null };
			s.ns += ns;
			s.n++;
			all += ns;
			if (!s.best || length(l, i) > s.best.ns)
				s.best = { ns: length(l, i), l, i };
			sum.set(name, s);
		}
	const lines = [`${head(r)}: ${exact(2 * half)}, ${when(a, b)}`];
	for (const [name, s] of [...sum].sort((x, y) => y[1].ns - x[1].ns).slice(0, 12)) {
		const { l, i, ns } = s.best, k = kindAt(l, i), waker = l.task ? '' : wakerOf(l, i);
		lines.push(`${name} ${percent(s.ns, all)}, ${s.n} times, the longest ${exact(ns)} at ${stamp(l.start[i])}` +
			(l.task ? '' : `: ${task(l, i)}`) + (k.stack ? ` ${k.state === RUNNING ? 'until' : 'in'} ${placeOf(k.stack)}` : '') + (waker ? `, woken by ${waker}` : ''));
	}
	return lines;
}
const head = r => r.title.split('\n')[0];

function aboutRow(r) {
	const lines = r.title.split('\n');
	if (r.cpu !== undefined && r.whole)
		lines.push(`In view ran: ${list(ranOn(r.lanes[0].machine, r.cpu, from, to), 8)}`);
	if (!r.whole)
		lines.push('Not all of it is inside to zoom: --data holds more, -t and -p less.');
	return lines;
}

function say(lines) {
	panel.textContent = lines.join('\n');
}
/* Show the critical path of a wait: each piece is a button that leads there. */
function sayPath() {
	const { t, i } = picked, k = kindAt(t, i);
	path = k.state < UNKNOWN && k.state !== RUNNING && !t.task ? criticalPath(t, t.start[i], t.start[i + 1]) : [];
	if (path.length === 0)
		return;
	panel.append('\n\nWhat it waited for, backwards:\n');
	for (const p of path.slice(0, 200)) {
		const k = kinds[p.t.kind[p.i] ?? 0], stackOf = isWait(k.state) ? '' : placeOf(k.stack);
		const b = element(panel, 'button', { type: 'button' }, `${'  '.repeat(min(p.depth, 20))}${task(p.t)} ${p.why} ${brief(p.to - p.from)}${stackOf ? ' in ' + stackOf : ''}`);
		b.onclick = () => p.i !== undefined && go(p.t, p.i);
	}
	if (path.length > 200)
		panel.append(`and ${path.length - 200} more`);
}
function pick(t, i, pin) {
	picked = { t, i, row: t.row };
	pinned = pin;
	path = [];
	panel.classList.toggle('pin', pin);
	say(t.task ? aboutCpu(t, i) : describe(t, i));
	if (pin)
		sayPath();
	redraw();
}
const aboutCpu = (c, i) => c.task[i] >= 0 ? describe(...target(c, i)) :
	[`CPU ${c.cpu} ${c.task[i] === OTHER ? 'runs a task that is not inside' : stateName(kindAt(c, i))} ${exact(length(c, i))}`,
		when(c.start[i], c.start[i + 1])];
function unpick() {
	picked = chosen = null;
	pinned = false;
	path = [];
	panel.classList.remove('pin');
	redraw();
}
/* The task that a CPU runs, or else what is given. */
const target = (l, i) => l.task?.[i] >= 0 ? [tasks[l.task[i]], find(tasks[l.task[i]], l.start[i])] : [l, i];
/* Pin an interval and bring it into view. */
function go(t, i) {
	pick(t, i, true);
	bring();
	save();
}
function bring() {
	const { t, i } = picked, a = t.start[i], b = t.start[i + 1], r = rows[picked.row];
	if (b < from || a > to)
		show((a + b - to + from) / 2, (a + b + to - from) / 2);
	if (r && (top_(r.y) < AXIS || top_(r.y) + r.h > height))
		view.scrollTop = r.y - TOP - height / 2;
}
function point(px, py) {
	const r = rows[rowAt(py)];
	picked = null;
	redraw();
	if (!r)
		return;
	if (px < left || px > left + width) {
		say(aboutRow(r));
		return;
	}
	const t = timeAt(px);
	const mark = marks.find(m => m.class !== 'path' && px >= x(m.x / PLOT * span) - 2 && px <= x((m.x + m.w) / PLOT * span) + 2 && py >= top_(m.y) - 1 && py <= top_(m.y + m.h) + 1);
	const arrow = !arrowsOff && labelled > 1500 && arrows.find(a => abs(x(a.t) - px) < 4 && abs(top_(a.to) - py) < 5);
	const l = laneAt(r, t), step = (to - from) / width;
	if (mark || arrow)
		say((mark || arrow).title.split('\n'));
	else if (r.cpu !== undefined && py > top_(r.y) + 21 || !r.whole)
		say(fromPicture(r, t));
	else if (l && (!r.sum || r.lanes.length === 1)) {
		const i = find(l, t);
		if (length(l, i) >= step && l.kind[i])
			pick(l, i, false);
		else
			say(aboutColumn(r, t));
	} else
		say(aboutColumn(r, t));
}
/* What the picture says where the intervals are not inside. */
function fromPicture(r, t) {
	const px = t / span * PLOT, g = [...r.g.querySelectorAll('g')].find(g => {
		const e = g.querySelector('rect');
		return e && px >= dim(e, 'x') && px < dim(e, 'x') + dim(e, 'width');
	});
	return g ? g.querySelector('title').textContent.split('\n') : aboutRow(r);
}

/* --- moving */

let saving;
function show(a, b) {
	const d = min(max(b - a, 100), span);
	from = min(max(a, 0), span - d);
	to = from + d;
	redraw();
	save();
}
function zoom(by, t) {
	show(t - (t - from) * by, t + (to - t) * by);
}
const pan = d => show(from + d, to + d);

/* The view in the address. Chromium drops changes that come in bursts. */
function save() {
	clearTimeout(saving);
	saving = setTimeout(() => {
		const parts = [];
		if (from > 0 || to < span)
			parts.push(`t=${round(from)},${round(to)}`);
		if (picked && pinned && !picked.t.task)
			parts.push(`at=${picked.t.id},${picked.i}`);
		if (query.value)
			parts.push(`q=${encodeURIComponent(query.value)}`);
		if (off.size)
			parts.push(`off=${[...off].join(',')}`);
		if (absolute)
			parts.push('abs');
		try {
			history.replaceState(null, '', `#${parts.join('&')}`);
		} catch { /* not everywhere allowed */ }
	}, 300);
}
function restore() {
	const parts = new Map(location.hash.slice(1).split('&').map(p => p.split('=')));
	const numbers = key => (parts.get(key) ?? '').split(',').map(Number);
	const [a, b] = numbers('t'), [id, i] = numbers('at');
	off.clear();
	numbers('off').forEach(s => parts.has('off') && s >= 0 && s < STATES.length && off.add(s));
	absolute = parts.has('abs');
	try {
		query.value = decodeURIComponent(parts.get('q') ?? '');
	} catch { /* no valid text */ }
	if (b > a)
		show(a, b);
	if (parts.has('at') && i >= 0 && i < tasks[id]?.n)
		pick(tasks[id], i, true);
	press();
	search();
}

/* --- the toolbar */

const buttons = [], help = () => say([get('#help').textContent]);
function press() {
	for (const [e, isOn] of buttons)
		e.setAttribute('aria-pressed', isOn());
}
function button(e, isOn, toggle) {
	e.onclick = () => { toggle(); press(); search(); save(); };
	buttons.push([e, isOn]);
}
for (const s of new Set(kinds.slice(1, cpuKind).map(k => k.state).sort((x, y) => x - y)))
	if (s < ON_CPU) {
		const e = element(get('#bar'), 'button', { type: 'button' });
		element(e, 'i', { 'data-state': s });
		e.append(STATES[s]);
		get('#wakeups').before(e);
		button(e, () => !off.has(s), () => off.delete(s) || off.add(s));
	}
button(get('#wakeups'), () => !arrowsOff, () => arrowsOff = !arrowsOff);
button(get('#clock'), () => absolute, () => absolute = !absolute);
get('#copy').onclick = copy;
get('#keys').onclick = help;
function copy() {
	navigator.clipboard?.writeText(panel.textContent).catch(() => getSelection().selectAllChildren(panel));
}

/* --- input */

on(view, 'wheel', e => {
	const unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? 400 : 1, px = e.clientX - canvas.getBoundingClientRect().left;
	if (px < left && !e.ctrlKey)
		return;
	e.preventDefault();
	if (e.shiftKey || abs(e.deltaX) > abs(e.deltaY))
		pan((e.deltaX || e.deltaY) * unit / width * (to - from));
	else
		zoom(exp(max(-60, min(60, e.deltaY * unit)) * .005), timeAt(max(left, px)));
});

const pointers = new Map();
let drag = null;
const place_ = e => { const r = canvas.getBoundingClientRect(); return [e.clientX - r.left, e.clientY - r.top]; };
on(canvas, 'pointerdown', e => {
	if (e.button !== 0)
		return;
	const [px, py] = place_(e);
	canvas.setPointerCapture(e.pointerId);
	pointers.set(e.pointerId, px);
	drag = { px, py, from, to, scroll: view.scrollTop, moved: false, select: e.shiftKey || py < AXIS };
	view.focus({ preventScroll: true });
});
on(canvas, 'pointermove', e => {
	const [px, py] = place_(e);
	if (!pointers.has(e.pointerId)) {
		if (!pinned && !chosen)
			point(px, py);
		return;
	}
	const before = [...pointers.values()];
	pointers.set(e.pointerId, px);
	if (pointers.size === 2)
		pinch(before, [...pointers.values()]);
	else
		dragTo(px, py);
});
function pinch(before, now) {
	const t = timeAt((before[0] + before[1]) / 2), by = abs(before[0] - before[1]) / (abs(now[0] - now[1]) || 1);
	const length = (to - from) * by, at = ((now[0] + now[1]) / 2 - left) / width;
	drag.moved = true;
	show(t - length * at, t + length * (1 - at));
}
function dragTo(px, py) {
	drag.moved ||= abs(px - drag.px) + abs(py - drag.py) > 3;
	if (!drag.moved)
		return;
	if (!drag.select) {
		const d = (drag.px - px) / width * (drag.to - drag.from);
		show(drag.from + d, drag.to + d);
		view.scrollTop = drag.scroll + drag.py - py;
		return;
	}
	chosen = [timeAt(drag.px), timeAt(px)].map(t => min(max(t, 0), span)).sort((x, y) => x - y);
	say([`selected ${exact(chosen[1] - chosen[0])}, ${when(...chosen)}`, 'f zooms in, Escape lets it go']);
	redraw();
}
function drop(e) {
	const mine = pointers.delete(e.pointerId);
	if (mine && drag && !drag.moved && e.type === 'pointerup') {
		unpick();
		point(drag.px, drag.py);
		if (picked)
			go(...target(picked.t, picked.i));
		save();
	}
	if (pointers.size > 0)
		drag = { px: [...pointers.values()][0], py: drag.py, from, to, scroll: view.scrollTop, moved: true };
}
on(canvas, 'pointerup', drop);
on(canvas, 'pointercancel', drop);
on(canvas, 'dblclick', zoomToPicked);
function zoomToPicked() {
	const a = chosen ?? (picked && [picked.t.start[picked.i], picked.t.start[picked.i + 1]]);
	if (a)
		show(a[0] - (chosen ? 0 : (a[1] - a[0]) * .2), a[1] + (chosen ? 0 : (a[1] - a[0]) * .2));
}

/* Move to the next interval, or to the next row at the same time. */
function step(dx, dy) {
	if (!picked) {
		const r = rows.find(r => r.lanes.length && r.cpu === undefined && top_(r.y) >= AXIS) ?? rows.find(r => r.lanes.length);
		if (r)
			pickAt(r, (from + to) / 2);
		return;
	}
	let { t, i, row } = picked;
	if (dx) {
		const all = rows[row].lanes, j = all.indexOf(t);
		i += dx;
		if (i < 0 || i >= t.n) {
			t = all[j + dx] ?? t;
			i = i < 0 && t !== picked.t ? t.n - 1 : t !== picked.t ? 0 : picked.i;
		}
	} else {
		const at = min(max(from, (t.start[i] + t.start[i + 1]) / 2), to);
		do
			row += dy;
		while (rows[row] && !rows[row].lanes.length);
		if (!rows[row])
			return;
		pickAt(rows[row], at);
		bring();
		return;
	}
	pick(t, i, pinned);
	bring();
}
function pickAt(r, t) {
	const l = laneAt(r, t) ?? r.lanes[0];
	pick(l, find(l, t), pinned);
}
const KEYS = {
	'+': () => zoom(.6, middle()), '=': () => zoom(.6, middle()), '-': () => zoom(1 / .6, middle()),
	a: () => pan((from - to) / 5), d: () => pan((to - from) / 5), 0: () => show(0, span), Home: () => show(0, span),
	f: zoomToPicked, '/': () => query.focus(), '?': help, c: copy,
	t: () => get('#clock').click(),
	ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
	Enter: () => picked && (pick(picked.t, picked.i, !pinned), save()), Escape: () => { unpick(); save(); },
	g: () => {
		const w = picked && tasks[picked.t.waker?.[picked.i]];
		if (w?.n)
			go(w, find(w, (isWait(kinds[picked.t.kind[picked.i]].state) ? picked.t.start[picked.i] : picked.t.start[picked.i + 1]) - 1));
	},
};
const middle = () => picked ? min(max((picked.t.start[picked.i] + picked.t.start[picked.i + 1]) / 2, from), to) : (from + to) / 2;
on(window, 'keydown', e => {
	if (e.ctrlKey || e.metaKey || e.altKey)
		return;
	if (e.target === query) {
		if (e.key === 'Escape') {
			query.value = '';
			search();
			view.focus();
		}
		return;
	}
	const inButton = e.target.tagName === 'button' || e.target === panel;
	if (!Object.hasOwn(KEYS, e.key) || inButton && /^(Enter|Arrow|Home)/.test(e.key))
		return;
	e.preventDefault();
	KEYS[e.key]();
});
let typing;
on(query, 'input', () => {
	clearTimeout(typing);
	typing = setTimeout(() => { search(); save(); }, 120);
});
on(view, 'scroll', redraw);
on(window, 'resize', resize);
on(window, 'hashchange', restore);
on(matchMedia('(prefers-color-scheme:dark)'), 'change', () => { readColours(); redraw(); });
readColours();
resize();
restore();
view.focus({ preventScroll: true });
requestAnimationFrame(() => root.setAttribute('data-ready', round(performance.now())));
root.timechart = { times, show, tasks, kinds, rows, criticalPath, x, timeAt, top: top_, first: String(first),
	get view() { return [from, to, span]; } };
})();

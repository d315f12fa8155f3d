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
const { abs, ceil, exp, floor, max, min, round } = Math;
const root = document.documentElement;
const on = (target, event, f) => target.addEventListener(event, f, { passive: false });
const each = (selector, f) => [...root.querySelectorAll(selector)].map(f);
const attr = (e, name) => e.getAttribute(name), titleOf = g => g.querySelector('title')?.textContent ?? '';
const set = (e, attributes) => { for (const name in attributes) e.setAttribute(name, attributes[name]); };
const make = (name, parent) => parent.appendChild(document.createElementNS(parent.namespaceURI, name));

/* --- the data */

const RUNNING = 0, PREEMPTED = 1, RUNNABLE = 2, BLOCKED = 3, UNKNOWN = 9, ON_CPU = 10, CPU_IDLE = 14, CPU_UNKNOWN = 15;
/* How a wakeup came, by the waker's stack: from another CPU, of which the waker is not recorded; from a softirq that does its task's own work. */
const REMOTE = 1, OWN = 2, NONE = -1;
const EDGES = [, 'inferred', 'unknown', 'open', 'lost'], CONTEXTS = [, 'hardirq', 'softirq', 'nmi'];
const edge = (what, n) => n ? `, ${what} ${EDGES[n] ?? 'not known'}` : '', contextOf = k => CONTEXTS[k.context] ?? 'an unknown context';

const nodes = name => each(`metadata.${name}`, m => { m.remove(); return m.textContent; }).join('');
const digits = new Uint8Array(128);
for (let c = 33, n = 0; c < 127; c++)
	if (!'&<>]'.includes(String.fromCharCode(c)))
		digits[c] = n++;
let bytes, at;
function read(text) {
	bytes = new TextEncoder().encode(text);
	at = 0;
}
/* Decode n numbers. This loop is most of what loading takes. */
function numbers(n) {
	const b = bytes, into = new Float64Array(n);
	let p = at;
	for (let i = 0; i < n; i++) {
		let d = digits[b[p++]], v = d;
		for (let m = 45; d >= 45; m *= 45)
			v += (d = digits[b[p++]]) * m;
		into[i] = v;
	}
	at = p;
	return into;
}
const number = () => numbers(1)[0];
const unfold = v => v % 2 ? -(v + 1) / 2 : v / 2;
function table(line, fields) {
	const rows = [];
	for (read(line); at < bytes.length;)
		rows.push(numbers(fields));
	return rows;
}

const tables = nodes('tables').split('\n'), header = tables[0].split(' ');
const [, , span, , inside, ntask, , , , , LEFT, PLOT, TOP, BOTTOM, nfunction] = header.map(Number);
const first = BigInt(header[1]), zero = Number(first - BigInt(header[3]));
const STATES = tables[7].split('|'), styles = tables[8].split('|'), functions = tables.slice(10, 10 + nfunction), names = tables.slice(10 + nfunction);
const stackNodes = [[0, 0], ...table(tables[1], 2)];
const kinds = [{ state: NONE, stack: 0, waker: 0 }, ...table(tables[2], 11).map(([state, cpu, prio, begin, end, context, wake, waker, stack, came, place]) =>
	({ state, cpu: cpu - 1, prio: prio && `${unfold(prio - 1)}`, begin, end, context, wake, waker, stack, came, place: functions[place - 1] }))];
const tasks = table(tables[3], 4).map(([name, machine, pid, tid], id) =>
	({ id, name: names[name], machine, pid: pid - 1, tid: tid - 1, n: 0, start: [0], names: [] }));
const cpus = table(tables[4], 2).map(([machine, cpu]) => ({ machine, cpu })), lanesOf = (machine, cpu) => cpus.filter(c => c.machine === machine && c.cpu === cpu);
/* The lanes of each file and device: intervals do not overlap in one. */
const calls = table(tables[6], 1).map(([n]) => Array.from({ length: n }, () => ({ bytes: [] })));
/* What a CPU shows has kinds of its own: a task by its tid, idle, unknown, a task that is not inside. */
const cpuKind = kinds.length;
for (let state = ON_CPU; state <= CPU_UNKNOWN; state++)
	kinds.push({ state });

/* What is drawn: the states that occur, the same washed out, nothing. */
const used = [...new Set(kinds.slice(1).map(k => k.state))].sort((x, y) => x - y);
const WASHED = used.length, NOTHING = 2 * WASHED;

/* A lane: interval i starts at start[i] and is of kinds[kind[i]]; after the last one comes kind 0. */
const kindAt = (l, i) => kinds[l.kind[i]], nsOf = (l, i) => l.start[i + 1] - l.start[i];
const isWait = k => k.state === PREEMPTED || k.state === RUNNABLE;
/* Who woke a blocked task is stored once, with the wait for a CPU that follows. */
const SHARES = 2, GIVES = 3, wakerIn = kinds.map(k => k.waker);
function lane(l) {
	const n = l.n = number(), start = l.start = new Float64Array(n + 1), kind = l.kind = new Uint32Array(n + 1), waker = l.waker = new Int32Array(n);
	const shared = i => wakerIn[kind[i]] === SHARES && wakerIn[kind[i + 1]] === GIVES;
	let stored = 0;
	start[0] = n && unfold(number());
	start.set(numbers(n), 1);
	for (let i = 0; i < n; i++)
		start[i + 1] += start[i];
	kind.set(numbers(n));
	for (let i = 0; i < n; i++)
		stored += wakerIn[kind[i]] && !shared(i);
	const given = numbers(stored);
	for (let i = n - 1; i >= 0; i--)
		if (wakerIn[kind[i]])
			waker[i] = shared(i) ? waker[i + 1] : given[--stored] - 2;
	for (let i = l.names ? number() : 0, from = 0; i > 0; i--)
		l.names.push([from += number(), names[number()]]);
	if (l.bytes) {
		l.task = numbers(n).map(v => v - 1);
		l.bytes = numbers(n);
	}
}
read(nodes('lanes'));
[...tasks.slice(0, inside), ...cpus, ...calls.flat()].forEach(lane);

/* The numbers of the intervals that reach into [a, b), and begin before b. */
function* within(l, a, b) {
	for (let i = find(l, a); i < l.n && l.start[i] < b; i++)
		if (l.start[i + 1] > a)
			yield i;
}
/* The last interval that starts at a time or before it; 0 if there is none. */
function find(l, t) {
	let lo = 0, hi = l.n;
	while (hi - lo > 1) {
		const mid = (lo + hi) >> 1;
		l.start[mid] <= t ? lo = mid : hi = mid;
	}
	return lo;
}

/*
 * Give each CPU the intervals in which tasks ran there, with what is not known between them. That
 * takes long: until it is done, CPUs are drawn from the picture.
 */
const IDLE = -1, NOBODY = -2, OTHER = -3;
let filled;
function fillCpus() {
	if (filled)
		return;
	filled = true;
	const cpuOf = Int32Array.from(kinds, k => k.state === RUNNING || k.state >= CPU_IDLE ? k.cpu + 1 : 0), all = [];
	for (const c of cpus)
		(all[c.machine] ??= [])[c.cpu + 1] = Object.assign(c, { from: [], to: [], by: [] });
	for (const l of [...tasks, ...cpus])
		for (let i = 0, mine = all[l.machine] ?? []; i < l.n; i++) {
			const a = mine[cpuOf[l.kind[i]]];
			a?.from.push(l.start[i]);
			a?.to.push(l.start[i + 1]);
			a?.by.push(l.id ?? (kindAt(l, i).state === CPU_IDLE ? IDLE : NOBODY));
		}
	cpus.forEach(fill);
	for (const r of rows.filter(r => r.cpu >= 0 && r.lanes[0])) {
		r.whole = true;
		r.strip.classList.add('whole');
	}
	redraw();
}
function fill(c) {
	const { from, to, by } = c, n = from.length, start = new Float64Array(2 * n + 1), kind = new Uint32Array(2 * n + 1), task = new Int32Array(2 * n);
	let t = -Infinity, m = 0;
	for (const i of Uint32Array.from(from.keys()).sort((i, j) => from[i] - from[j])) {
		if (to[i] <= t)
			continue;
		if (from[i] > t && m) {
			start[m] = t;
			kind[m] = inside === ntask ? 0 : cpuKind + 3;
			task[m++] = OTHER;
		}
		start[m] = max(t, from[i]);
		kind[m] = cpuKind + (by[i] >= 0 ? tasks[by[i]].tid & 3 : 3 - by[i]);
		task[m++] = by[i];
		t = to[i];
	}
	start[m] = t;
	Object.assign(c, { n: m, start, kind, task });
}

/* --- the rows, at the places that the picture has them */

const numbersIn = s => (s.match(/-?[\d.]+/g) ?? []).map(Number);
read(tables[5]);
/* The strip of a CPU with its interrupts is a row of its own if they are inside. */
const rows = each('svg>g:is(.cpu,.task,.power,.io,.own)', g => {
	const r = { g, lanes: [], own: g.matches('.own'), io: g.matches('.io'), y: g.transform.baseVal[0].matrix.f, title: titleOf(g) };
	if (!g.matches('.cpu,.task')) {
		r.h = +attr(g.querySelector('rect'), 'height');
		r.lanes = r.io ? calls.shift() : [];
		r.whole = !!r.lanes[0];
		return r;
	}
	const kind = number(), a = (r.h = number(), number()), b = number();
	if (!kind) {
		r.cpu = b;
		r.lanes = lanesOf(a, b);
		r.irqs = calls.shift();
		if (r.irqs[0])
			return [r, { lanes: r.irqs, whole: true, io: true, y: r.y + 21, h: 10, title: 'interrupts of ' + r.title }];
	} else {
		r.sum = kind > 1 && b > 1;
		r.lanes = Array.from(numbers(b), i => tasks[i]).sort((x, y) => x.start[0] - y.start[0]);
		r.whole = r.lanes.length === a;
	}
	return r;
}).flat().sort((x, y) => x.y - y.y);
rows.forEach((r, i) => {
	r.bar = r.cpu >= 0 ? 20 : r.h;
	r.lanes.forEach(t => t.row = i);
});
const marks = each('svg>g>rect:is(.lost,.gap)', e => ({ lost: e.matches('.lost'), x: attr(e, 'x') - LEFT,
	y: +attr(e, 'y'), w: +attr(e, 'width'), h: +attr(e, 'height'), title: titleOf(e.parentNode)
})).concat(each('path.path', e => {
	const [x, y, to] = numbersIn(attr(e, 'd'));
	return { x: x - LEFT, y: y - 1, w: to - x, h: 2.5 };
}));
const arrows = each('svg>g>path:is(.wake,.irq)', e => {
	const [x, from, to] = numbersIn(attr(e, 'd'));
	return { class: attr(e, 'class'), t: (x - LEFT) / PLOT * span, from, to, title: titleOf(e.parentNode) };
});

/* --- what is said about intervals */

const UNITS = [['s', 1e9], ['ms', 1e6], ['us', 1e3], ['ns', 1]];
const unitOf = ns => UNITS.find(u => abs(ns) >= u[1]) ?? UNITS[ns ? 3 : 0];
const write = (ns, cut) => { const [unit, n] = unitOf(ns); return `${+cut(ns / n)} ${unit}`; };
const exact = ns => write(round(ns), v => v.toFixed(9)), brief = ns => write(ns, v => v.toPrecision(3));
const when = (a, b) => `from ${exact(a + zero)} to ${exact(b + zero)}, at ${stamp(a)}`;
const stamp = t => {
	const v = first + BigInt(round(t)), s = String(v < 0n ? -v : v).padStart(10, '0');
	return `${v < 0n ? '-' : ''}${s.slice(0, -9)}.${s.slice(-9)} s`;
};
const count = (n, what) => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
const percent = (v, all) => `${(100 * v / all).toFixed(1)} %`;
const task = (t, i) => `${t.names.findLast(n => n[0] <= i)?.[1] ?? t.name} [${t.pid >= 0 && t.pid !== t.tid ? t.pid + '/' : ''}${t.tid}]`;
const stack = node => node ? [functions[stackNodes[node][1]], ...stack(stackNodes[node][0])] : [];
/* The function that says what a task was doing. */
const placeIn = k => k.place ? ' in ' + k.place : '';
/* What an interval shows: a task of a CPU, a state. */
const stateName = k => STATES[k.state];
const ABSENT = 'not in this file';
const nameIn = (l, i) => l.task?.[i] >= 0 ? task(tasks[l.task[i]]) : l.task?.[i] === OTHER ? 'tasks ' + ABSENT : l.bytes ? kindAt(l, i).place : stateName(kindAt(l, i));
function wakerOf(t, i) {
	const k = kindAt(t, i), w = t.waker[i];
	return k.waker && (k.context ? `${contextOf(k)} during ` : '') + (w >= 0 ? task(tasks[w]) : w === -1 ? 'the idle task' : 'a task ' + ABSENT);
}

/* Times by name: how long, how often, where the longest is. */
class Sums extends Map {
	add(name, ns, l, i) {
		const s = this.get(name) ?? { name, ns: 0, n: 0, most: 0 };
		s.ns += ns;
		s.n++;
		if (ns > s.most)
			Object.assign(s, { most: ns, l, i });
		this.set(name, s);
	}
	/* the most time first */
	sorted() { return [...this.values()].sort((x, y) => y.ns - x.ns); }
}
const nsIn = (l, i, a, b) => min(b, l.start[i + 1]) - max(a, l.start[i]);
/* What lanes show between two times. */
function shares(lanes, a, b) {
	const sums = new Sums;
	for (const l of lanes)
		for (const i of within(l, a, b))
			if (l.kind[i])
				sums.add(nameIn(l, i), nsIn(l, i, a, b), l, i);
	return sums.sorted();
}
/* Who ran on a CPU between two times. */
function ranOn(machine, cpu, from, to) {
	fillCpus();
	const all = shares(lanesOf(machine, cpu), from, to), more = all.length - 4;
	return all.slice(0, 4).map(s => `${s.name} ${brief(s.ns)}`).join(', ') + (more > 0 ? `, and ${more} more` : '');
}

function describe(t, i) {
	const k = kindAt(t, i), from = t.start[i], to = t.start[i + 1], next = kindAt(t, i + 1), waker = wakerOf(t, i), frames = stack(k.stack);
	const ran = isWait(k) && next.state === RUNNING && ranOn(t.machine, next.cpu, from, to);
	const at = [`Then ${stateName(next.state === NONE ? k : next)} at`, 'Preempted at', 'Waker at'][k.state] ?? 'Blocked on';
	const call = t.bytes && frames.pop(), size = t.bytes?.[i];
	return [`${call ? `${call} (${stateName(k)})${t.task[i] >= 0 ? ' by ' + nameIn(t, i) : ''}` : `${task(t, i)} ${stateName(k)}`} ` +
		exact(to - from) + (size ? ', ' + count(size - 1, 'byte') : '') +
		(k.cpu >= 0 ? `, CPU ${k.cpu}` : '') + (k.prio ? `, ${call ? 'error' : 'prio'} ${k.prio}` : ''),
		when(from, to) + edge('begin', k.begin) + edge('end', k.end),
		waker && `Woken by: ${waker}${k.wake === 1 ? ', which started it' : ''}`,
		ran !== false && `Waited for CPU ${next.cpu}${ran && ', where ran: '}${ran}`,
		frames[0] && [`${at}:`, ...frames].join('\n  ')];
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
	const leaf = (t, from, to, depth, why, i) => to > from && pieces.push({ l: t, from, to, depth, why, i });
	/* the last piece comes first; what a waker did goes on top of what is left of the task itself */
	while (todo[0] && pieces.length < 5000) {
		const [t, a, b, depth] = todo.pop(), born = t.start[0], died = t.start[t.n];
		if (b <= a)
			continue;
		if (!t.n || depth > tasks.length)
			leaf(t, a, b, depth, ABSENT);
		else if (b > died) {
			todo.push([t, a, died, depth]);
			leaf(t, max(a, died), b, depth, 'dead');
		} else if (b > born)
			walkPiece(t, a, b, depth);
		else if (kindAt(t, 0).wake === 1 && t.waker[0] >= 0)
			todo.push([tasks[t.waker[0]], a, b, depth + 1]);
		else
			leaf(t, a, b, depth, 'unborn');
	}
	return pieces;
	function walkPiece(t, a, b, depth) {
		const i = find(t, b - 1), k = kindAt(t, i), next = kindAt(t, i + 1), from = max(a, t.start[i]), W = tasks[t.waker[i]];
		const stop = k.state >= BLOCKED && k.state < UNKNOWN && wakeLeaf(t, i), what = isWait(k) ? `waits for CPU ${(next.state === RUNNING ? next : k).cpu}` : stateName(k);
		const why = stop ? `${what}, ${stop}` : stop === '' ? '' : what;
		const r = why ? -Infinity : lastRan(W, t.start[i + 1]);
		todo.push([t, a, from, depth]);
		if (r === -Infinity)
			return leaf(t, from, b, depth, why || `${task(W)} is not known`, i);
		leaf(t, max(from, r), b, depth, `the wake by ${task(W)} is on its way`, i);
		todo.push([W, from, min(b, r), depth + 1]);
	}
}

/* Why a wait cannot be followed to who ended it; '' if it can. */
function wakeLeaf(t, i) {
	const k = kindAt(t, i), next = kindAt(t, i + 1), w = t.waker[i], came = next.state === RUNNABLE ? next.came : 0;
	if ([1, 3, 4].includes(k.end) || !k.waker)
		return [, , , 'goes on', 'events lost'][k.end] ?? 'no wakeup seen';
	if (came === REMOTE)
		return 'waker not recorded';
	if (k.context && !(k.context === 2 && (came === OWN || /^ksoftirqd/.test(tasks[w]?.name))))
		return `until ${contextOf(k)}`;
	if (w === -1)
		return 'until the idle task';
	return w < 0 ? 'waker ' + ABSENT : tasks[w] === t ? 'woken by itself' : '';
}
function lastRan(t, w) {
	for (let i = t.n ? find(t, w) : -1; i >= 0; i--) {
		const s = kindAt(t, i).state;
		if ((s === RUNNING || s === UNKNOWN) && t.start[i] < w)
			return min(w, t.start[i + 1]);
	}
	return -Infinity;
}

/* --- the page */

const frame = root.querySelector('foreignObject'), get = selector => frame.querySelector(selector);
const query = get('input'), found = get('span'), view = get('#view'), canvas = get('canvas'), panel = get('#panel');
/*
 * The names of the rows are those of the picture. So are the sums, which keep to the right, while
 * all is in view. Under the canvas is the picture of each row of which not all is inside: it only
 * gets wider.
 */
const labels = get('#view svg'), [heads, plot] = labels.children, [totals] = heads.children, [strips, whole] = plot.children;
for (const r of rows.filter(r => !r.whole)) {
	(r.own ? whole : strips).append(r.strip = r.g.cloneNode(true));
	set(r.strip, { transform: `translate(0 ${r.y})` });
	r.strip.classList.toggle('inside', !!r.irqs?.[0]);
}
const widen = (g, a, b) => set(g, { transform: `matrix(${width / PLOT * span / (b - a)} 0 0 1 ${-a / (b - a) * width} 0)` });
const rowNames = each('svg>text:not(.caption)', e => {
	const y = +attr(e, 'y'), tick = e.matches('.tick'), copy = e.cloneNode(true);
	if (tick)
		set(copy, { x: `${(attr(e, 'x') - LEFT) / PLOT * 100}%` });
	if (y > (tick ? rows.find(r => r.own)?.y - 40 : TOP))
		(tick ? plot : !e.matches('.sum') ? labels : /^[a-z]/.test(e.textContent) ? heads : totals).append(copy);
	return copy;
}).filter(e => !e.matches('.tick,.sum') && e.parentNode);
/* Cut the middle of a name or heading for which there is no room: the end of a name tells tasks apart. */
function fitName(e) {
	const name = e.firstChild, text = e.text ??= name.data, end = left + (e.className.baseVal ? width : -5);
	name.data = text;
	for (let n = text.length / 2; n > 1 && +attr(e, 'x') + e.getComputedTextLength() > end; n -= .5)
		name.data = `${text.slice(0, n)}…${text.slice(-floor(n))}`;
}
const box = { viewBox: attr(root, 'viewBox') };
function live() {
	root.classList.add('live');
	root.removeAttribute('viewBox');
	root.prepend(frame);
}
function asPicture() {
	root.classList.remove('live');
	set(root, box);
	frame.remove();
}
on(window, 'beforeprint', asPicture);
on(window, 'afterprint', live);
live();

/* --- colours: those of the picture's style sheet, light or dark */

const shade = new Uint32Array(NOTHING + 1), colour = [], css = {}, hatched = Uint8Array.from([...used, ...used], s => styles[s] === 'unknown');
const classOf = new Uint8Array(kinds.length);
let hits, ink, off;
const probe = frame.appendChild(root.querySelector('rect').cloneNode());
function readColours() {
	const pack = c => 0xff000000 | c[2] << 16 | c[1] << 8 | c[0];
	const page = getComputedStyle(get('#tc'));
	for (const name of 'text back soft rim pick gap wake irq'.split(' '))
		css[name] = page.getPropertyValue('--' + name);
	const back = numbersIn(css.back);
	ink = pack(numbersIn(css.text));
	used.forEach((s, i) => {
		set(probe, { class: styles[s] });
		const c = colour[s] = numbersIn(getComputedStyle(probe).fill);
		shade[i] = pack(c);
		shade[i + WASHED] = pack(c.map((v, i) => back[i] + (v - back[i]) * .2));
	});
	each('[data-off]>i', i => i.style.background = `rgb(${colour[i.parentNode.dataset.off]})`);
}

/* What a search finds: names of tasks, functions of stacks. */
const missed = (t, i) => hits && !hits.task[t.id] && !hits.kind[t.kind[i]];
function search() {
	const q = query.value.trim().toLowerCase();
	const inStack = new Uint8Array(stackNodes.length), has = text => text.toLowerCase().includes(q);
	const match = functions.map(has);
	for (let i = 1; i < stackNodes.length; i++)
		inStack[i] = match[stackNodes[i][1]] || inStack[stackNodes[i][0]];
	hits = q ? { has, task: tasks.map(t => has(t.name) || t.names.some(n => has(n[1]))), kind: kinds.map(k => inStack[k.stack]) } : null;
	classes = (hits ? NOTHING : WASHED) + 1;
	kinds.forEach((k, i) => classOf[i] = k.state === NONE || off.has(`${k.state}`) ? classes - 1 : used.indexOf(k.state) + (hits && !hits.kind[i] ? WASHED : 0));
	strips.style.opacity = hits ? .2 : 1;
	for (const r of rows)
		r.fine = prepared = null;
	redraw();
}

/* --- drawing: pixels for the rows in view, then what lies over them */

let from = 0, to = span, width = 0, height = 0, left = LEFT, scale = 1, right = 0;
let image, pixels, columns, classes, drawn, pending, labelled;
let picked, pinned, chosen, path = [], summed;
const AXIS = 24, tall = max(BOTTOM, ...rows.map(r => r.y + r.h)) - TOP + AXIS + 20, pen = canvas.getContext('2d');
const x = t => left + (t - from) / (to - from) * width;
const font = size => `${size}px system-ui,sans-serif`;
const xOf = px => x(px / PLOT * span);
const timeAt = px => from + (px - left) / width * (to - from);
const top = y => y - TOP + AXIS - view.scrollTop;

function resize() {
	scale = min(devicePixelRatio, 3);
	const w = view.clientWidth;
	left = w < 600 ? 100 : LEFT;
	right = w < 800 ? 0 : 124;
	width = max(60, w - left - right);
	height = view.clientHeight;
	set(labels, { viewBox: `0 ${TOP - AXIS} ${w} ${tall}`, height: tall });
	set(plot, { x: left, width });
	widen(whole, 0, span);
	set(heads, { transform: `translate(${right ? w - attr(root, 'width') - 6 : w} 0)` });
	rowNames.forEach(fitName);
	canvas.width = w * scale;
	canvas.height = height * scale;
	image = pen.createImageData(round(width * scale), max(1, round(height * scale)));
	pixels = new Uint32Array(image.data.buffer);
	const n = image.width;
	columns = new Float32Array(n * (NOTHING + 1));
	readColours();
	/* at once: a canvas is empty after its size is set */
	classes && draw();
}

/* Add the time in each class to n columns, of which the first starts at a; returns how many intervals there were. */
function walk(l, a, step, n, into) {
	const { start, kind } = l, k = classes, last = n * k, mine = hits?.task[l.id];
	if (!l.n || start[0] >= a + step * n || start[l.n] <= a)
		return 0;
	const first = find(l, a);
	let i = first, t = max(a, start[i]), at = floor((t - a) / step) * k, end = a + step * (at / k + 1);
	for (; i < l.n && at < last; i++) {
		const stop = start[i + 1];
		let c = classOf[kind[i]];
		if (hits && c >= WASHED && c < NOTHING && (mine || l.task && hits.task[l.task[i]]))
			c -= WASHED;
		for (; stop >= end && at < last; at += k, t = end, end = a + step * (at / k + 1))
			into[at + c] += end - t;
		if (at < last)
			into[at + c] += stop - t;
		t = stop;
	}
	return i - first;
}
const addAll = (r, a, step, n, into) => r.lanes.reduce((sum, l) => sum + walk(l, a, step, n, into), 0);
/* Fill the columns of a row. In a wide view, a row of many intervals adds up fine columns of all its time, which are made after a frame. */
const FINE = 16384;
function fillColumns(r, step, n) {
	const fine = r.fine, unit = span / FINE, k = classes;
	columns.fill(0, 0, n * k);
	if (!fine || step < 2 * unit) {
		labelled += r.seen = addAll(r, from, step, n, columns);
		return;
	}
	labelled += r.seen = FINE;
	for (let c = 0; c < n; c++) {
		const a = (from + c * step) / unit, b = min(FINE, a + step / unit);
		for (let i = floor(a); i < b; i++) {
			const part = min(b, i + 1) - max(a, i);
			for (let s = 0; s < k; s++)
				columns[c * k + s] += fine[i * k + s] * part;
		}
	}
}
let prepared;
function prepare() {
	fillCpus();
	const r = rows.find(r => r.whole && !r.fine && r.lanes.reduce((sum, l) => sum + l.n, 0) > FINE);
	prepared = !r;
	if (r) {
		addAll(r, 0, span / FINE, FINE, r.fine = new Float32Array(FINE * classes));
		setTimeout(prepare);
	}
}

/* The column of a state at the right of the rows: the time that a task, CPU or call took, the time that a task waited. */
const columnOf = used.map(s => s <= BLOCKED ? min(s, 1) : s < ON_CPU || s === CPU_IDLE || s === CPU_UNKNOWN || STATES[s] === 'poll' ? 2 : 0);
/* Stack the classes of each column, the first at the bottom, each a pixel high at least; all of them fill the row if they take that time. */
function paint(r, step, n) {
	const k = classes, y0 = round(top(r.y) * scale), high = round(r.bar * scale), least = max(0, y0), period = 5 * scale | 0, sums = r.sums = [0, 0, 0];
	for (let c = 0, at = 0; c < n; c++, at += k) {
		let all = 0, sum = 0, py = y0 + high, mark = false;
		for (let s = 0; s < k - 1; s++)
			all += columns[at + s];
		all = max(all, r.sum ? 0 : step);
		for (let s = 0; s < k - 1; s++) {
			const ns = columns[at + s];
			if (!ns)
				continue;
			sum += ns;
			sums[s < WASHED ? columnOf[s] : 2] += ns;
			for (const top = max(least, min(y0 + high - round(sum / all * high), py - 1)); py-- > top;)
				pixels[py * n + c] = hatched[s] && (c + py) % period >= scale ? 0 : shade[s];
			py++;
			mark ||= hits && s < WASHED;
		}
		for (py = max(least, y0 + high - 3 * scale | 0); mark && py < y0 + high; py++)
			pixels[py * n + c] = ink;
	}
}

const redraw = () => { pending ||= requestAnimationFrame(draw); };
const times = [];
function draw() {
	pending = labelled = 0;
	const began = performance.now(), n = image.width, step = (to - from) / n;
	const shown = rows.filter(r => top(r.y) < height && top(r.y) + r.h > AXIS);
	pixels.fill(0);
	for (const r of shown) {
		r.seen = 0;
		if (!r.whole)
			continue;
		fillColumns(r, step, n);
		paint(r, step, n);
	}
	pen.setTransform(scale, 0, 0, scale, 0, 0);
	pen.clearRect(0, 0, canvas.width, height);
	pen.putImageData(image, round(left * scale), 0);
	writeSums(shown);
	pen.textAlign = 'left';
	shown.forEach(writeInside);
	drawOver(shown);
	drawAxis();
	widen(strips, from, to);
	times.push(performance.now() - began);
	if (!prepared)
		setTimeout(prepare);
	prepared = true;
}

/* Write what each row adds up to in view, of what a search finds, without what is switched off. */
function writeSums(shown) {
	const part = hits || to - from < span || [...off].some(isFinite);
	totals.style.opacity = +!part;
	pen.textAlign = 'right';
	pen.font = font(10);
	pen.fillStyle = css.soft;
	for (const r of shown.filter(r => part && r.whole && r.g)) {
		const [took, waited] = r.sums, cpu = r.cpu >= 0, y = top(r.y) + (cpu ? 14 : 10), end = left + width + 110;
		pen.fillText(took && brief(took), end - 60, y);
		pen.fillText(cpu ? percent(took, to - from) : r.io ? '' : waited && brief(waited), end, y);
	}
}

/* Write into the boxes that have room. Most have none: the loop rejects these first. */
function writeInside(r) {
	const least = (to - from) / width * 30;
	if (!r.whole || r.seen >= FINE || r.sum || r.io && r.lanes[1])
		return;
	pen.font = font(9);
	for (const l of r.lanes)
		for (let i = find(l, from), { start } = l; i < l.n && start[i] < to; i++) {
			if (start[i + 1] - start[i] < least)
				continue;
			const x0 = max(left, x(start[i])), x1 = min(left + width, x(start[i + 1])), k = kindAt(l, i);
			if (x1 - x0 < 30 || classOf[l.kind[i]] >= WASHED)
				continue;
			const c = colour[k.state], ns = brief(nsOf(l, i)), what = l.task ? tasks[l.task[i]]?.name ?? nameIn(l, i) : k.state === RUNNING ? `CPU ${k.cpu}` : k.place;
			pen.fillStyle = c[0] * .3 + c[1] * .6 + c[2] * .1 > 140 ? '#1f2933' : '#fff';
			const text = [what && `${what} ${ns}`, what, ns].find(text => text && pen.measureText(text).width < x1 - x0 - 5);
			pen.fillText(text ?? '', x0 + 3, top(r.y) + r.bar / 2 + 3);
		}
}

/* Draw an arrow; at its tip, the pointer finds the title or the interval that it stands for. */
function drawArrow(kind, t, y0, y1, what, faded) {
	const px = x(t), d = y1 > y0 ? -4 : 4, alpha = faded ? .15 : 1;
	pen.strokeStyle = pen.fillStyle = css[kind];
	pen.globalAlpha = alpha / 2;
	pen.stroke(new Path2D(`M${px} ${y0}V${y1}`));
	pen.globalAlpha = alpha;
	pen.fill(new Path2D(`M${px} ${y1}l-2.5 ${d}h5`));
	drawn.push({ ...what, px, y1 });
}
/* The wakeups of the intervals in view, if they are few; else those of the picture. */
function drawArrows(shown) {
	if (labelled > 1500 || inside < ntask) {
		for (const a of arrows)
			drawArrow(a.class, a.t, top(a.from), top(a.to), a, hits && !hits.has(a.title));
		return;
	}
	for (const r of shown)
		for (const t of r.lanes)
			for (const i of t.task || r.sum ? [] : within(t, from, to)) {
				const k = kindAt(t, i), s = rows[tasks[t.waker[i]]?.row], y = top(r.y);
				if (k.state !== RUNNABLE || !k.waker)
					continue;
				drawArrow(k.context ? 'irq' : 'wake', t.start[i], ...k.context || !s || s.sum ? [y - 6, y] : s.y < r.y ? [top(s.y) + s.h, y] : [top(s.y), y + r.h], { l: t, i },
					missed(t, i) && !hits.task[t.waker[i]]);
			}
}

/* Fill what is in view between two places. */
function band(colour, alpha, from, to, y, h) {
	const x0 = max(left, from), x1 = min(left + width, to);
	pen.fillStyle = colour;
	pen.globalAlpha = alpha;
	if (x1 >= x0)
		pen.fillRect(x0, y, max(1.5, x1 - x0), h);
}
function drawOver(shown) {
	pen.save();
	pen.beginPath();
	pen.rect(left - 3, AXIS, width + 6, height);
	pen.clip();
	drawn = [];
	if (!off.has('wakeups'))
		drawArrows(shown);
	for (const m of marks)
		band(css.gap, m.lost ? .35 : 1, xOf(m.x), xOf(m.x + m.w), top(m.y), m.h);
	for (const p of path)
		if (rows[p.l.row])
			band(css.pick, 1, x(p.from), x(p.to), top(rows[p.l.row].y) - 3, 4);
	if (chosen)
		band(css.text, .12, ...chosen.map(x), AXIS, height);
	const r = rows[picked?.row];
	if (r) {
		pen.globalAlpha = 1;
		pen.strokeStyle = css.text;
		pen.lineWidth = 2;
		const x0 = max(left - 9, x(picked.from) - 1);
		pen.strokeRect(x0, top(r.y) - 1, max(4, min(left + width + 9, x(picked.to) + 1) - x0), r.bar + 2);
	}
	pen.restore();
}

function drawAxis() {
	let step = 1;
	for (let i = 0; (to - from) / step > width / 90; i++)
		step *= i % 3 === 1 ? 2.5 : 2;
	const absolute = off.has('relative'), shift = absolute ? Number(first % BigInt(step)) : zero;
	const [unit, n] = unitOf(absolute ? step : max(to + zero, step));
	pen.fillStyle = css.back;
	pen.fillRect(0, 0, canvas.width, AXIS);
	pen.font = font(10);
	pen.fillStyle = css.soft;
	pen.fillText(brief(to - from) + ' shown', 8, 17);
	pen.textAlign = 'center';
	pen.strokeStyle = css.rim;
	let line = `M${left} ${AXIS - .5}h${width}`;
	for (let t = ceil((from + shift) / step) * step - shift; t <= to; t += step) {
		const px = round(x(t)) + .5;
		line += `M${px} ${AXIS}v-4`;
		const label = absolute ? stamp(t).replace(/\.?0*\ss$/, ' s') : `${+((t + zero) / n).toFixed(9)} ${unit}`;
		if (px < left + width - 20)
			pen.fillText(label, px, 17);
	}
	pen.stroke(new Path2D(line));
}

/* --- what is under the pointer, and the panel */

/* The lane that shows a time; of calls, which are drawn one on top of the other, that at a height. */
function laneAt(r, t, py) {
	const kind = l => l.kind[find(l, t)], here = r.lanes.filter(l => l.start[0] <= t && l.start[l.n] > t && (!r.io || kind(l))), n = here.length;
	return r.io && py ? here.sort((a, b) => classOf[kind(a)] - classOf[kind(b)])[min(n - 1, floor((top(r.y) + r.h - py) / r.h * n))] : here[n - 1];
}
/* Say what lanes show between two times. */
function sayShares(title, all) {
	const sum = all.reduce((sum, s) => sum + s.ns, 0);
	sayList(title, all, ({ name, ns, n, l, i }) => `${name} ${brief(ns)}, ${percent(ns, sum)}, ${count(n, 'time')}, the longest ${exact(nsOf(l, i))}` +
		(l.task ? '' : ` ${task(l, i)}`) + placeIn(kindAt(l, i)).replace(' in ' + name, ''));
}
function sayColumn(r, t) {
	const half = (to - from) / image.width / 2, all = shares(r.lanes, t - half, t + half);
	say(`${r.title.split('\n')[0]}: ${all[0] ? exact(2 * half) + ', ' + when(t - half, t + half) : `nothing at ${exact(t + zero)}, ${stamp(t)}`}`);
	sayShares('', all);
}
/* Say what is known of a row, and if it is pinned what it shows in the selection or in view. */
function sayRow(r) {
	say([r.title, !r.whole && !r.g.matches('.power,.own') && `Part is ${ABSENT}: see --data.`]);
	if (pinned) {
		fillCpus();
		sayShares(chosen ? 'selected:' : 'shown:', shares(r.lanes, ...chosen ?? [from, to]));
	}
}

const say = lines => panel.textContent = [lines].flat().filter(line => line).join('\n');
/* Add a list to the panel, of buttons that lead to intervals. */
function sayList(title, list, text, most = 16) {
	if (!list[0])
		return;
	const box = make('div', panel);
	box.append(title);
	for (const s of list.slice(0, most))
		Object.assign(make('button', box), { textContent: text(s), onclick: () => s.i >= 0 && go(...target(s.l, s.i)) });
	if (list.length > most)
		box.append(`and ${list.length - most} more`);
}
/* Show the critical path of a wait: the sums first. */
function sayPath() {
	const { t, i } = picked, k = kindAt(t, i), sums = new Sums, all = nsOf(t, i);
	path = k.state < UNKNOWN && k.state !== RUNNING && !t.task ? criticalPath(t, t.start[i], t.start[i + 1]) : [];
	for (const { l, i, from, to, why } of path)
		sums.add(`${l.name} ${why.replace(/\s\d+|\s\[.*]/, '')}`, to - from, l, i);
	sayList('What it waited for, in all:', sums.sorted(), s => `${s.name} ${brief(s.ns)}, ${percent(s.ns, all)}, ${count(s.n, 'time')}`);
	sayList('What it waited for, backwards:', path, p =>
		`${'  '.repeat(min(p.depth, 20))}${task(p.l)} ${p.why} ${brief(p.to - p.from)}${placeIn(kinds[p.l.kind[p.i] ?? 0])}`, 200);
}
/* Add up what tasks did in the selection or in view, or if there is a search what it finds. */
function sayTotals() {
	const [a, b] = chosen ?? [from, to], ran = new Sums, waited = new Sums, woke = new Sums, delays = [];
	const all = new Float64Array(UNKNOWN + 1), mine = all.slice();
	let n = 0;
	for (const t of tasks)
		for (const i of t.row >= 0 ? within(t, a, b) : []) {
			const k = kindAt(t, i), s = k.state, ns = nsIn(t, i, a, b);
			all[s] += ns;
			if (s === NONE || missed(t, i))
				continue;
			mine[s] += ns;
			n++;
			if (s <= BLOCKED)
				(s ? waited : ran).add(t, ns, t, i);
			if (s !== RUNNABLE || t.start[i] < a)
				continue;
			if (k.waker)
				woke.add(`${k.context ? contextOf(k) : tasks[t.waker[i]]?.name ?? 'a task'} woke ${t.name}`, 1, t, i);
			if (!k.begin && !k.end && kindAt(t, i + 1).state === RUNNING)
				delays.push(nsOf(t, i));
		}
	const states = [...mine.keys()].filter(s => mine[s]).map(s => `${STATES[s]} ${brief(mine[s])}${hits ? ` (${percent(mine[s], all[s])} of all)` : ''}`);
	const sorted = Float64Array.from(delays).sort(), rank = p => `${p < 100 ? 'p' + p : 'max'} ${brief(sorted[ceil(sorted.length * p / 100) - 1])}`;
	found.textContent = hits ? count(n, 'interval') : '';
	say([range(a, b), states.join(', '), delays.length && `from wakeup to running: ${[50, 95, 99, 100].map(rank).join(', ')}`,
		`in this file: ${tables[9]}`, keys.split('\n')[0]]);
	const irqs = hits ? [] : shares(rows.flatMap(r => r.irqs ?? []), a, b);
	for (const [title, list] of [['waited most:', waited.sorted()], ['ran most:', ran.sorted()], ['ended most waits:', woke.sorted()], ['interrupts took most:', irqs]])
		sayList(title, list, s => `${s.name.id >= 0 ? task(s.name) : s.name}${s.ns > s.n ? ' ' + brief(s.ns) : ''}, ${count(s.n, 'time')}`);
}
const range = (a, b) => `${chosen ? 'selected' : 'shown'} ${exact(b - a)}, ${when(a, b)}`;

/* Pick an interval or nothing; if it is pinned, the panel keeps what it says. */
function hold(what, pin, totals) {
	picked = what;
	pinned = pin;
	path = [];
	summed = totals;
	panel.classList.toggle('pin', !!pin);
	redraw();
}
function pick(t, i, pin) {
	hold({ t, i, row: t.row, from: t.start[i], to: t.start[i + 1] }, pin);
	say(t.bytes || !t.task || t.task[i] >= 0 ? describe(...target(t, i)) :
		[`CPU ${t.cpu}: ${nameIn(t, i)} ${exact(nsOf(t, i))}`, when(picked.from, picked.to)]);
	if (pin)
		sayPath();
}
/* Show the totals, and after changes of the view again. */
function total(pin) {
	hold(null, pin, true);
	save();
}
/* The task that a CPU runs, or else what is given. */
const target = (l, i) => !l.bytes && l.task?.[i] >= 0 ? [tasks[l.task[i]], find(tasks[l.task[i]], l.start[i])] : [l, i];
/* Pin an interval and bring it into view. */
function go(t, i) {
	pick(t, i, true);
	bring();
	save();
}
function bring() {
	const { from: a, to: b, row } = picked ?? {}, r = rows[row];
	if (b < from || a > to)
		pan((a + b - from - to) / 2);
	if (r && (top(r.y) < AXIS || top(r.y) + r.h > height))
		view.scrollTop = r.y - TOP - height / 2;
}
function point(px, py, pin) {
	const r = rows.findLast(r => py >= top(r.y) - 2 && py < top(r.y) + r.h + 3), t = timeAt(px);
	if (!r)
		return summed || total();
	hold(null, pin);
	if (px < left || px > left + width)
		return sayRow(r);
	const mark = marks.find(m => m.title && px >= xOf(m.x) - 2 && px <= xOf(m.x + m.w) + 2 && py >= top(m.y) - 1 && py <= top(m.y + m.h) + 1) ??
		drawn.find(a => abs(a.px - px) < 4 && abs(a.y1 - py) < 5);
	const l = laneAt(r, t, py), i = l && find(l, t);
	if (mark)
		mark.l ? pick(mark.l, mark.i) : say(mark.title);
	else if (r.cpu >= 0 && py > top(r.y) + 21 || !r.whole)
		fromPicture(r, px, py);
	else if (l?.kind[i] && !r.sum && nsOf(l, i) >= (to - from) / width)
		pick(l, i);
	else
		sayColumn(r, t);
}
/* Say what the picture says where the intervals are not inside. */
function fromPicture(r, px, py) {
	const at = canvas.getBoundingClientRect(), e = document.elementsFromPoint(px + at.x, py + at.y).find(e => r.strip?.contains(e))?.closest('g');
	e && e !== r.strip ? say(titleOf(e)) : sayRow(r);
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
const zoom = (by, t) => show(t - (t - from) * by, t + (to - t) * by);
const pan = d => show(from + d, to + d), all = () => show(0, span);

/* The view in the address. Chromium drops changes that come in bursts. */
function save() {
	clearTimeout(saving);
	saving = setTimeout(() => {
		const parts = [`t=${round(from)},${round(to)}`,
			chosen && `sel=${chosen.map(round)}`, picked && pinned && !picked.t.task && `at=${picked.t.id},${picked.i}`, query.value && `q=${encodeURIComponent(query.value)}`,
			off.size && `off=${[...off]}`].filter(p => p);
		if (summed)
			sayTotals();
		history.replaceState(null, '', '#' + parts.join('&'));
	}, 300);
}
function restore() {
	const parts = new URLSearchParams(location.hash.slice(1)), numbers = key => `${parts.get(key)}`.split(',').map(Number);
	const [a, b] = numbers('t'), [c, d] = numbers('sel'), [id, i] = numbers('at');
	off = new Set(parts.get('off')?.split(','));
	query.value = parts.get('q');
	chosen = d > c ? [c, d] : null;
	b > a ? show(a, b) : all();
	press();
	total();
	if (tasks[id]?.kind?.[i])
		go(tasks[id], i);
}

/* --- the toolbar */

const keys = panel.textContent;
/* What can be switched off: a state by its number, wakeups, relative time. */
each('[data-off]', e => e.onclick = () => {
	off.delete(e.dataset.off) || off.add(e.dataset.off);
	press();
	save();
});
function press() {
	each('[data-off]', e => e.ariaPressed = !off.has(e.dataset.off));
	search();
}

/* --- input */

on(view, 'wheel', e => {
	const unit = [1, 16, 400][e.deltaMode], px = e.offsetX;
	if (px < left && !e.ctrlKey)
		return;
	e.preventDefault();
	if (e.shiftKey || abs(e.deltaX) > abs(e.deltaY))
		pan((e.deltaX || e.deltaY) * unit / width * (to - from));
	else
		zoom(exp(max(-60, min(60, e.deltaY * unit)) * .005), timeAt(max(left, px)));
});

const pointers = new Map();
let drag;
on(canvas, 'pointerdown', e => {
	if (e.button)
		return;
	const { offsetX: px, offsetY: py } = e;
	canvas.setPointerCapture(e.pointerId);
	pointers.set(e.pointerId, { px, t: timeAt(px) });
	const pinch = pointers.size > 1;
	drag = { px, py, scroll: view.scrollTop, moved: pinch, pinch, select: e.shiftKey || py < AXIS };
});
on(canvas, 'pointermove', e => {
	const { offsetX: px, offsetY: py } = e, pointer = pointers.get(e.pointerId);
	if (pointer) {
		pointer.px = px;
		dragTo(px, py);
	} else if (!pinned && !chosen)
		point(px, py);
});
/* The time under each of one or two pointers stays there. */
function dragTo(px, py) {
	const [p, q] = pointers.values(), length = q ? (q.t - p.t) / (q.px - p.px || 1) * width : to - from, a = p.t - (p.px - left) / width * length;
	drag.moved ||= abs(px - drag.px) + abs(py - drag.py) > 3;
	if (!drag.moved)
		return;
	if (q || !drag.select) {
		show(a, a + length);
		if (!drag.pinch)
			view.scrollTop = drag.scroll + drag.py - py;
		return;
	}
	chosen = [timeAt(drag.px), timeAt(px)].map(t => min(max(t, 0), span)).sort((x, y) => x - y);
	say(range(...chosen));
	total();
}
function drop(e) {
	if (pointers.delete(e.pointerId) && !drag.moved && e.type === 'pointerup') {
		chosen = null;
		point(drag.px, drag.py, true);
		if (picked)
			go(...target(picked.t, picked.i));
		save();
	}
}
on(canvas, 'pointerup', drop);
on(canvas, 'pointercancel', drop);
on(canvas, 'dblclick', fit);
function fit() {
	if (chosen)
		show(...chosen);
	else if (picked) {
		const { from: a, to: b } = picked;
		show(a - (b - a) * .2, b + (b - a) * .2);
	}
}

/* Move to the next interval, or to the next row at the same time. */
function step(dx, dy) {
	let l, i;
	if (dy || !picked) {
		const all = rows.filter(r => r.lanes[0]), t = middle(), r = picked ? all[all.indexOf(rows[picked.row]) + dy] : all.find(r => !(r.cpu >= 0) && top(r.y) >= AXIS);
		fillCpus();
		l = r && (laneAt(r, t) ?? r.lanes[0]);
		i = l && find(l, t);
		i -= !l?.kind[i];
	} else {
		({ t: l, i } = picked);
		const all = rows[l.row].lanes, next = all[all.indexOf(l) + dx];
		do
			i += dx;
		while (l.kind[i] === 0);
		if (!l.kind[i] && next) {
			l = next;
			i = dx > 0 ? 0 : l.n - 1;
		}
	}
	if (l?.kind[i])
		pick(l, i, pinned);
	bring();
}
const zoomIn = () => zoom(.6, middle());
const KEYS = {
	'+': zoomIn, '=': zoomIn, '-': () => zoom(5 / 3, middle()),
	a: () => pan((from - to) / 5), d: () => pan((to - from) / 5), 0: all, Home: all, 
	r: () => { hold(picked, true); sayRow(rows[picked?.row ?? 0]); },
	f: fit, '/': () => query.focus(), '?': () => say(keys), c: () => navigator.clipboard?.writeText(panel.innerText),
	t: () => get('[data-off=relative]').click(),
	ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
	Enter: () => picked && (pick(picked.t, picked.i, !pinned), save()), Escape: () => { chosen = null; total(); }, s: () => total(true),
	g: () => {
		const { t, i, from, to } = picked ?? {}, k = t && kindAt(t, i), w = k && tasks[t.bytes ? t.task[i] : k.waker ? t.waker[i] : NONE];
		if (w?.n)
			go(w, find(w, (isWait(k) ? from : to) - 1));
	},
};
each('[data-key]', e => e.onclick = KEYS[e.dataset.key]);
const middle = () => picked ? min(max((picked.from + picked.to) / 2, from), to) : (from + to) / 2;
on(window, 'keydown', e => {
	if (e.ctrlKey || e.metaKey || e.altKey)
		return;
	if (e.target === query) {
		if (e.key === 'Escape') {
			query.value = '';
			search();
			total();
			view.focus();
		}
		return;
	}
	if (!KEYS[e.key] || e.target.closest('button,#panel') && /^(Enter|Arrow|Home)/.test(e.key))
		return;
	e.preventDefault();
	KEYS[e.key]();
});
on(query, 'input', () => { search(); total(true); });
on(view, 'scroll', redraw);
new ResizeObserver(resize).observe(view);
on(window, 'hashchange', restore);
on(matchMedia('(prefers-color-scheme:dark)'), 'change', resize);
resize();
restore();
requestAnimationFrame(() => root.dataset.ready = round(performance.now()));
root.timechart = { times, show, tasks, kinds, rows, criticalPath, x, timeAt, fillCpus, top, first,
	get view() { return [from, to, span]; } };
})();

# SPDX-License-Identifier: MIT
# decode.py PICTURE - write the intervals in a picture as fields with tabs between them: machine's number, pid, tid, start, end,
# name, state, CPU, prio, begin, end, context, wake, waker's tid, stack (outermost frame last, | between frames), the function that
# says what the task was doing; then those of files and devices: call, row, start, end, name, tid, bytes, error, CPU
import sys
import xml.etree.ElementTree as ET

DIGIT = {c: i for i, c in enumerate(c for c in map(chr, range(33, 127)) if c not in '&<>]')}
STATES = 'running preempted runnable uninterruptible stopped traced parked idle sleeping unknown'.split()
EDGES = '- inferred unknown open lost'.split()
CONTEXTS = '- hardirq softirq nmi unknown'.split()
WAKES = '- new waking'.split()


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def number(self):
        v, m = 0, 1
        while True:
            d = DIGIT[self.text[self.at]]
            self.at += 1
            if d < 45:
                return v + d * m
            v += d * m
            m *= 45

    def signed(self):
        v = self.number()
        return v >> 1 if v & 1 == 0 else ~(v >> 1)

    def all(self, n):
        rows = []
        while self.at < len(self.text):
            rows.append([self.number() for _ in range(n)])
        return rows


def text(root, name):
    return ''.join(m.text or '' for m in root.iter('{http://www.w3.org/2000/svg}metadata') if m.get('class') == name)


def shown(v, none='-'):
    return none if v is None else str(v)


root = ET.parse(sys.argv[1]).getroot()
tables = text(root, 'tables').split('\n')
head, stacks, kinds, tasks, cpus, rows, calls = tables[:7]
head = [int(v) for v in head.split(' ')]
lo, inside, ncpu, nfunction = head[1], head[4], head[6], head[14]
functions, names = tables[10:10 + nfunction], tables[10 + nfunction:]
nodes = [None] + Reader(stacks).all(2)
kinds = [None] + Reader(kinds).all(11)
tasks, cpus = Reader(tasks).all(4), Reader(cpus).all(2)
lanes = Reader(text(root, 'lanes'))
assert inside <= len(tasks) and ncpu == len(cpus)


def stack(at):
    frames = []
    while at:
        frames.append(functions[nodes[at][1]])
        at = nodes[at][0]
    return '|'.join(frames) or '-'


def lane(call=False):
    n = lanes.number()
    t = lo + lanes.signed() if n else 0
    lengths = [lanes.number() for _ in range(n)]
    kind = [kinds[k] if k else None for k in (lanes.number() for _ in range(n))]
    waker = [None] * n
    task = [lanes.number() for _ in range(n if call else 0)]
    size = [lanes.number() for _ in range(n if call else 0)]
    for i, k in enumerate(kind):
        after = kind[i + 1] if i + 1 < n else None
        if k and k[7] and not (k[0] not in (1, 2) and after and after[0] == 2 and after[7]):
            waker[i] = lanes.number()
    for i in range(n - 2, -1, -1):
        if kind[i] and kind[i][7] and waker[i] is None:
            waker[i] = waker[i + 1]
    out = []
    for i, k in enumerate(kind):
        if k:
            out.append((i, t, t + lengths[i], k, (task[i], size[i]) if call else waker[i]))
        t += lengths[i]
    return out


def write(machine, pid, tid, comm, interval):
    _, t, end, k, waker = interval
    waker = waker or 0
    print(machine, pid, tid, t, end, comm, STATES[k[0]] if k[0] < 10 else ('idle' if k[0] == 14 else 'unknown'),
          k[1] - 1 if k[1] else '-', (k[2] - 1 >> 1 if k[2] & 1 else ~(k[2] - 1 >> 1)) if k[2] else '-', EDGES[k[3]], EDGES[k[4]],
          CONTEXTS[k[5]], WAKES[k[6]], tasks[waker - 2][3] - 1 if waker > 1 else 0 if waker == 1 else '-', stack(k[8]),
          functions[k[10] - 1] if k[10] else '-', sep='\t')


for i in range(inside):
    name, machine, pid, tid = tasks[i]
    intervals = lane()
    comms, at, comm = {}, 0, None
    for _ in range(lanes.number()):
        at += lanes.number()
        comms[at] = names[lanes.number()]
    for interval in intervals:
        comm = comms.get(interval[0], comm)
        write(machine, pid - 1 if pid else '-', tid - 1 if tid else '-', comm, interval)
for machine, cpu in cpus:
    for interval in lane():
        write(machine, '-', '-', cpu, interval)
for row, (n,) in enumerate(Reader(calls).all(1)):
    for _ in range(n):
        for _, t, end, k, (task, size) in lane(True):
            print('call', row, t, end, stack(k[8]), tasks[task - 1][3] - 1 if task else '-', size - 1 if size else '-',
                  k[2] - 1 >> 1 if k[2] else '-', k[1] - 1 if k[1] else '-', sep='\t')
assert lanes.at == len(lanes.text)

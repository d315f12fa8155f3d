#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check a Chrome trace in JSON against the description of the format, and print its intervals.

usage: tracejson.py FILE [states|slices|lanes|flows|counters|unnested]

Numbers are read as decimals, so that no digit of a time is lost. Times are printed in ns.
"""

import gc
import json
import sys
from decimal import Decimal

NEEDS = {  # phase -> members besides ph, pid and tid
    'X': {'ts', 'dur', 'name', 'args'}, 'T': {'ts', 'dur', 'name', 'args'},
    's': {'ts', 'id', 'cat', 'name'}, 'f': {'ts', 'id', 'cat', 'name'},
    'b': {'ts', 'id', 'cat', 'name', 'args'}, 'e': {'ts', 'id', 'cat', 'name'},
    'C': {'ts', 'name', 'args'}, 'i': {'ts', 'name', 's', 'args'}, 'M': {'name', 'args'},
}
ALSO = {'X': {'cat', 'sf'}, 'i': {'cat'}}
METADATA = {'process_name': str, 'thread_name': str, 'process_sort_index': int, 'thread_sort_index': int}
STATES = {'Running', 'R', 'R+', 'S', 'D', 'I', 'T', 't', 'P'}


def ns(us):
    value = Decimal(us) * 1000
    assert value == value.to_integral_value(), us
    return int(value)


def unique(pairs):
    members = dict(pairs)
    assert len(members) == len(pairs), pairs
    return members


def check_event(e, frames):
    phase = e['ph']
    members = set(e) - {'ph', 'pid', 'tid'}
    assert NEEDS[phase] <= members <= NEEDS[phase] | ALSO.get(phase, set()), e
    for key in ('pid', 'tid'):
        assert isinstance(e[key], int) and 0 <= e[key] < 2**32, e
    assert isinstance(e['name'], str), e
    if 'dur' in e:
        assert e['dur'] >= 0, e
    if phase == 'T':
        assert e['name'] in STATES and set(e['args']) <= {'cpu', 'blocked_function'}, e
    if phase == 'C':
        assert all(isinstance(v, (int, Decimal)) for v in e['args'].values()), e
    if phase == 'M':
        assert all(isinstance(v, METADATA[e['name']]) for v in e['args'].values()), e
    if 'sf' in e:
        assert e['sf'] in frames, e


def check_frames(frames):
    for number, frame in frames.items():
        assert 'category' in frame and 'name' in frame and len(frame) == 2 + ('parent' in frame), frame
        # a parent is defined before its callees, so that no frame is its own
        assert 'parent' not in frame or 0 < int(frame['parent']) < int(number), frame


def check_flows(events):
    """Each flow starts in a slice, and the next slice of its target is the one that it leads to."""
    starts = {e['id']: e for e in events if e['ph'] == 's'}
    ends = {e['id']: e for e in events if e['ph'] == 'f'}
    assert starts.keys() == ends.keys()
    assert len(starts) == sum(e['ph'] == 's' for e in events)
    for number, e in starts.items():
        assert e['ts'] == ends[number]['ts']


def check_nesting(events):
    """The slices of a track lie within each other or apart."""
    tracks = {}
    for e in events:
        if e['ph'] == 'X':
            tracks.setdefault((e['pid'], e['tid']), []).append((ns(e['ts']), -ns(e['dur']), e))
    for slices in tracks.values():
        stack = []
        for start, minus, e in sorted(slices, key=lambda s: s[:2]):
            while stack and stack[-1] <= start:
                stack.pop()
            assert not stack or start - minus <= stack[-1], e
            stack.append(start - minus)


def check_async(events):
    begun = [(e['cat'], e['id'], e['name'], e['pid']) for e in events if e['ph'] == 'b']
    ended = [(e['cat'], e['id'], e['name'], e['pid']) for e in events if e['ph'] == 'e']
    assert sorted(begun) == sorted(ended) and len(begun) == len(set(begun))


def main(path, what):
    gc.disable()  # a million objects, none of which goes before the end
    with open(path, encoding='utf-8', errors='strict') as f:
        trace = json.load(f, parse_float=Decimal, object_pairs_hook=unique)
    assert set(trace) == {'displayTimeUnit', 'traceEvents', 'stackFrames'}
    events = trace['traceEvents']
    for e in events:
        check_event(e, trace['stackFrames'])
    check_frames(trace['stackFrames'])
    check_flows(events)
    check_async(events)
    if what != 'unnested':
        check_nesting(events)
    names = {(e['pid'], e['tid']): e['args'].get('name') for e in events if e['ph'] == 'M' and e['name'] == 'thread_name'}
    for e in events:
        times = (ns(e['ts']), ns(e['ts']) + ns(e['dur'])) if 'dur' in e else ()
        if what == 'states' and e['ph'] == 'T':
            print(e['pid'], e['tid'], *times, e['name'], e['args'].get('cpu', '-'))
        elif what == 'slices' and e['ph'] == 'X' and 'comm' in e['args']:
            print(e['pid'], e['tid'], *times, e['cat'])
        elif what == 'lanes' and e['ph'] == 'X' and 'comm' not in e['args']:
            print(names.get((e['pid'], e['tid']), '-'), *times, e['name'], sep='\t')
        elif what == 'flows' and e['ph'] in 'sf':
            print(e['ph'], e['id'], ns(e['ts']), names.get((e['pid'], e['tid'])), sep='\t')
        elif what == 'counters' and e['ph'] == 'C':
            print(ns(e['ts']), e['name'], *(f'{v} {k}' for k, v in e['args'].items()), sep='\t')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else '')

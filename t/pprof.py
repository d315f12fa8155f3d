#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Read a profile of pprof, check it against the description of the format, and print it.

usage: pprof.py FILE TYPE     lines as rec2folded writes them, of the values of TYPE
       pprof.py FILE head     types, times, comments and mappings
       pprof.py FILE labels   the labels of each sample, and its values
       pprof.py FILE lines    functions, files and lines of each location
"""

import gzip
import sys

# message -> number -> name, type, repeated
I, S = 'number', 'text'
FIELDS = {
    'Profile': {1: ('sample_type', 'ValueType', 1), 2: ('sample', 'Sample', 1), 3: ('mapping', 'Mapping', 1),
                4: ('location', 'Location', 1), 5: ('function', 'Function', 1), 6: ('string_table', S, 1), 9: ('time_nanos', I, 0),
                10: ('duration_nanos', I, 0), 11: ('period_type', 'ValueType', 0), 12: ('period', I, 0), 13: ('comment', I, 1),
                14: ('default_sample_type', I, 0)},
    'ValueType': {1: ('type', I, 0), 2: ('unit', I, 0)},
    'Sample': {1: ('location_id', I, 1), 2: ('value', I, 1), 3: ('label', 'Label', 1)},
    'Label': {1: ('key', I, 0), 2: ('str', I, 0)},
    'Mapping': {1: ('id', I, 0), 2: ('memory_start', I, 0), 3: ('memory_limit', I, 0), 4: ('file_offset', I, 0), 5: ('filename', I, 0),
                6: ('build_id', I, 0), 7: ('has_functions', I, 0), 8: ('has_filenames', I, 0), 9: ('has_line_numbers', I, 0),
                10: ('has_inline_frames', I, 0)},
    'Location': {1: ('id', I, 0), 2: ('mapping_id', I, 0), 3: ('address', I, 0), 4: ('line', 'Line', 1)},
    'Line': {1: ('function_id', I, 0), 2: ('line', I, 0)},
    'Function': {1: ('id', I, 0), 2: ('name', I, 0), 3: ('system_name', I, 0), 4: ('filename', I, 0)},
}


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
        shift += 7


def message(kind, data):
    fields = FIELDS[kind]
    m = {name: [] if repeated else 0 for name, _, repeated in fields.values()}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        name, what, repeated = fields[tag >> 3]
        if tag & 7 == 0:
            assert what == I
            value, at = varint(data, at)
        else:
            assert tag & 7 == 2
            size, at = varint(data, at)
            part = data[at:at + size]
            assert len(part) == size
            at += size
            if what == I:  # packed
                assert repeated
                end = 0
                while end < size:
                    value, end = varint(part, end)
                    m[name].append(value)
                continue
            value = part.decode('utf-8', 'strict') if what == S else message(what, part)
        if repeated:
            m[name].append(value)
        else:
            m[name] = value
    return m


def by_id(items):
    table = {item['id']: item for item in items}
    assert len(table) == len(items) and 0 not in table
    return table


class Profile:
    def __init__(self, path):
        with open(path, 'rb') as f:
            self.p = message('Profile', gzip.decompress(f.read()))
        self.text = self.p['string_table']
        assert self.text[0] == '' and len(set(self.text)) == len(self.text)
        self.types = [self.text[t['type']] for t in self.p['sample_type']]
        self.mapping = by_id(self.p['mapping'])
        self.location = by_id(self.p['location'])
        self.function = by_id(self.p['function'])
        for location in self.location.values():
            assert location['mapping_id'] == 0 or location['mapping_id'] in self.mapping
            assert all(line['function_id'] in self.function for line in location['line'])
            m = self.mapping.get(location['mapping_id'])
            assert m is None or m['memory_limit'] == 0 or m['memory_start'] <= location['address'] < m['memory_limit']
        for sample in self.p['sample']:
            assert len(sample['value']) == len(self.types) and all(0 <= v < 2**63 for v in sample['value'])
            assert all(i in self.location for i in sample['location_id'])

    def labels(self, sample):
        labels = {self.text[label['key']]: self.text[label['str']] for label in sample['label']}
        assert len(labels) == len(sample['label'])
        return labels

    def frames(self, sample):
        """Names of functions, innermost first."""
        for i in sample['location_id']:
            location = self.location[i]
            if not location['line']:
                yield f"0x{location['address']:x}"
            for line in location['line']:
                yield self.text[self.function[line['function_id']]['name']]

    def folded(self, kind):
        at, sums = self.types.index(kind), {}
        for sample in self.p['sample']:
            labels = self.labels(sample)
            who = labels.get('comm') or (':' + labels['tid'] if 'tid' in labels else labels['machine'])
            line = ';'.join(name.replace(';', ':') for name in [who] + list(self.frames(sample))[::-1])
            sums[line] = sums.get(line, 0) + sample['value'][at]
        for line in sorted(sums, key=str.encode):
            print(line, sums[line])

    def head(self):
        for t in self.p['sample_type']:
            print('type', self.text[t['type']], self.text[t['unit']])
        print('default', self.text[self.p['default_sample_type']])
        if self.p['period_type']:
            print('period', self.text[self.p['period_type']['type']], self.p['period'])
        print('time', self.p['time_nanos'], self.p['duration_nanos'])
        for comment in self.p['comment']:
            print('comment', self.text[comment])
        for m in self.p['mapping']:
            flags = ''.join(letter for letter, name in zip('fFli', ('has_functions', 'has_filenames', 'has_line_numbers', 'has_inline_frames')) if m[name])
            print(f"mapping {m['memory_start']:x} {m['memory_limit']:x} {m['file_offset']:x}", self.text[m['filename']], self.text[m['build_id']] or '-', flags or '-')

    def print(self, what):
        if what == 'head':
            self.head()
        elif what == 'labels':
            for sample in self.p['sample']:
                print(' '.join(f'{k}={v}' for k, v in self.labels(sample).items()), *sample['value'])
        elif what == 'lines':
            for location in self.p['location']:
                print(f"{location['address']:x}", *(f"{self.text[f['name']]}@{self.text[f['filename']]}:{line['line']}" for line in location['line']
                                                  for f in [self.function[line['function_id']]]))
        else:
            self.folded(what)


if __name__ == '__main__':
    Profile(sys.argv[1]).print(sys.argv[2])

# SPDX-License-Identifier: MIT
# Regular expressions, JSON, a sort with a key.

import re, json
for i in range(6000):
    json.dumps({str(i): [i] * 5}); re.match(r"(a|b)*c", "abab" * 8)
sorted(range(60000), key=lambda x: -x % 977)

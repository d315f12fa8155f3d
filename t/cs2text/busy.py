# SPDX-License-Identifier: MIT
# Work in the interpreter and in modules of C.
import hashlib
import json
import re


def deep(n):
    return deep(n - 1) + 1 if n > 0 else sum(i * i for i in range(2000))


total = 0
for i in range(60):
    total += deep(i) + len(json.dumps([{str(j): j} for j in range(400)]))
    total += len(re.findall(r"(\d+)[^\d]*", "12a3b" * 500)) + len(hashlib.sha256(b"x" * 100000).digest())
    total += len(sorted(range(20000), key=lambda x: -x))

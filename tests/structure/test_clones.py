#!/usr/bin/env python3
"""test_clones.py SOURCES LIBRARY OBJDUMP - every source file that asks for LIDO_CLONES has, in the
library, the same functions for x86-64-v3 and x86-64-v4, and they use the wide registers."""
import pathlib
import re
import subprocess
import sys

WIDE = {"v3": ("%ymm",), "v4": ("%ymm", "%zmm")}
FILE = re.compile(r"^(?:.*\()?([^\s()]+)\.o\)?:\s+file format", re.M)
FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$", re.M)
CLONE = re.compile(r"(.*)\.arch_x86[-_]64[-_](v[34])")


def parts(text, heading):
    """[(what the heading names, the text up to the next)]"""
    split = heading.split(text)
    return zip(split[1::2], split[2::2])


def clones_of(disassembly):
    """{source file: {generation: {function: whether it uses wide registers}}}"""
    found = {}
    for file, code in parts(disassembly, FILE):
        generations = found.setdefault(file, {"v3": {}, "v4": {}})
        for symbol, body in parts(code, FUNCTION):
            if clone := CLONE.match(symbol):
                name, generation = clone.groups()
                generations[generation][name] = any(w in body for w in WIDE[generation])
    return found


def main(sources, library, objdump):
    command = [objdump, "--disassemble", "--no-show-raw-insn", library]
    code = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = clones_of(code)
    users = [p.name for p in pathlib.Path(sources).rglob("*.c")
             if re.search(r"\bLIDO_CLONES\b", p.read_text())]
    faults = [] if users else ["no source file asks for LIDO_CLONES"]
    for user in sorted(users):
        v3, v4 = (found.get(user, {}).get(g, {}) for g in ("v3", "v4"))
        if not v3 or v3.keys() != v4.keys():
            faults.append(f"{user}: for v3 {sorted(v3)}, for v4 {sorted(v4)}")
        elif not any(v3.values()) or not any(v4.values()):
            faults.append(f"{user}: no clone uses wide registers")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

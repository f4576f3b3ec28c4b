#!/usr/bin/env python3
"""test_tree.py ROOT: the rules of the tree that a compiler does not check.

Floors include only floors under them; threads, BLAS and cJSON each have one user; the library neither
prints nor exits; nothing in the project names the place where real data lies on one machine.
"""
import pathlib
import re
import subprocess
import sys

# What each floor may include besides itself.
FLOORS = {
    "base": [],
    "kernels": ["base"],
    "layers": ["base", "kernels"],
    "optim": ["base", "kernels", "layers"],
    "net": ["base", "kernels", "layers", "optim"],
    "data": ["base", "kernels"],
    "train": ["base", "kernels", "layers", "optim", "net", "data"],
    "study": ["base", "kernels", "layers", "optim", "net", "data", "train"],
}
FLOORS["cli"] = [*FLOORS]
PUBLIC = {  # the floor of each public header
    "base": "base", "layer": "layers", "optim": "optim", "net": "net", "data": "data",
    "train": "train", "study": "study", "lido": "cli",
}
# What is used in one file only.
ONE_USER = [
    (re.compile(r"\bpthread_create\b"), "pthread_create", "src/base/team.c"),
    (re.compile(r"\bdlopen\b"), "dlopen", "src/base/late.c"),
    (re.compile(r"#\s*include\s*<cblas\.h>"), "cblas.h", "src/base/blas.c"),
    (re.compile(r"#\s*include\s*<(cjson/)?cJSON\.h>"), "cJSON.h", "src/base/json.c"),
]
# What only the program may do.
PRINTS = re.compile(r"\b(?:v?printf|puts|putchar|perror|abort|_?[eE]xit|quick_exit)\s*\(|\bstd(?:out|err)\b")
# What is known of each data set stands outside src/, beside the sets themselves.
OUTSIDE = {"../../data/catalog.def": "data"}
INCLUDE = re.compile(r'#\s*include\s*(?:"(\w+)/[\w./]+"|<lido/(\w+)\.h>|"([^"]+)")')
DATA_ELSEWHERE = re.compile(r"\.\./share" + "d")


def code_of(text):
    """The text without comments and without what stands in strings, line by line as it was."""
    def blank(match):
        token = match.group()
        return '""' if token[0] == '"' else "\n" * token.count("\n") or " "
    literal = r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*'
    return re.sub(literal, blank, text, flags=re.DOTALL)


def floor_of(path):
    """The floor of a file given by its path under the root."""
    return path.parts[1] if path.parts[0] == "src" else PUBLIC.get(path.stem)


def check_includes(path, text):
    floor = floor_of(path)
    if floor not in FLOORS:
        yield "is on no known floor"
        return
    for match in INCLUDE.finditer(text):
        inner, public, other = match.groups()
        target = inner or PUBLIC.get(public) or OUTSIDE.get(other)
        if target != floor and target not in FLOORS[floor]:
            yield f"{match.group()}: {floor} may use only {', '.join(FLOORS[floor]) or 'itself'}"


def check_source(path, text):
    """Complaints about one C file, given by its path under the root."""
    yield from check_includes(path, text)
    code = code_of(text)
    for pattern, what, owner in ONE_USER:
        if pattern.search(code) and path.as_posix() != owner:
            yield f"uses {what}, which is for {owner} alone"
    if floor_of(path) != "cli" or path.parts[0] != "src":
        for match in PRINTS.finditer(code):
            yield f"{match.group()}: the library neither prints nor exits"


def tracked_files(root):
    """Files in git; all there are where this is no clone."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True)
    if listed.returncode == 0:
        return [pathlib.Path(name) for name in listed.stdout.split("\0") if name]
    return [file.relative_to(root) for file in root.rglob("*") if file.is_file()]


def complaints(root):
    for path in sorted([*(root / "src").rglob("*.[chd]*"), *(root / "include").rglob("*.h")]):
        relative = path.relative_to(root)
        for complaint in check_source(relative, path.read_text()):
            yield f"{relative}: {complaint}"
    for relative in tracked_files(root):
        path = root / relative
        if relative.as_posix() == ".ci/run" or not path.is_file():
            continue
        if DATA_ELSEWHERE.search(path.read_text(errors="replace")):
            yield f"{relative}: names a folder outside the project"


if __name__ == "__main__":
    found = list(complaints(pathlib.Path(sys.argv[1])))
    print("\n".join(found) or "the tree keeps its rules")
    sys.exit(1 if found else 0)

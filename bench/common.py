"""common.py - what the measuring scripts share: running `lido bench`, the machine and versions that
figures belong to, and Markdown tables."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPECS = ROOT / "models" / "bench"
MODELS = {"m1": "M1 LeNet", "m2": "M2 Keras example", "m3": "M3 VGG-like", "m4": "M4 average", "m5": "M5 batch norm"}


def spec_of(model):
    return str(SPECS / f"{model}.json")


def run_lido(program, *words, env=None):
    """One line of JSON of a command that must succeed."""
    run = subprocess.run([program, *map(str, words), "--json", "--quiet"], capture_output=True, text=True, env=env)
    if run.returncode != 0:
        sys.exit(f"lido {' '.join(map(str, words))}: {run.stderr.strip()}")
    return json.loads(run.stdout)


def words_of(text):
    """"1,2" as a list; for options."""
    return [word for word in text.split(",") if word]


def numbers_of(text):
    return [int(word) for word in words_of(text)]


# ---- where figures come from --------------------------------------------------------------------

def commit():
    run = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else "unknown"


def origin(program):
    """Machine, versions and date, as figures are to be quoted with: what a run notes of itself."""
    with tempfile.TemporaryDirectory() as folder:
        run_lido(program, "train", ROOT / "models" / "lenet5.json", "--data", "synthetic", "--limit", 64, "--epochs", 1,
                 "--out", folder + "/run")
        noted = json.loads(pathlib.Path(folder, "run", "environment.json").read_text())
    kept = {name: noted[name] for name in ("cpu", "os", "lido", "compiler", "blas", "date")}
    return kept | {"cores": os.cpu_count(), "commit": commit()}


def origin_line(found):
    blas = " ".join(found["blas"].split()[:2])
    return (f"{found['cpu']}, {found['cores']} cores, {found['os']}; Lido {found['lido']} (commit {found['commit']}), "
            f"{found['compiler']}, {blas}; {found['date'][:10]}.")


# ---- tables -------------------------------------------------------------------------------------

def markdown(titles, rows):
    """A Markdown table; rows of text."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def percent(share):
    return f"{100 * share:.0f} %" if share > 0 else "-"


def digits(value):
    """Three significant digits at least, never an exponent: 0.0123, 1.23, 123, 12345."""
    if value <= 0:
        return "0"
    decimals = 0
    while decimals < 6 and value * 10 ** decimals < 99.95:
        decimals += 1
    return f"{value:.{decimals}f}"

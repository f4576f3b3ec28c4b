"""common.py - what the measuring scripts share: running `lido bench`, the machine and versions that
figures belong to, and Markdown tables."""
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys

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

def processor():
    try:
        return re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text()).group(1)
    except (OSError, AttributeError):
        return platform.machine()


def commit():
    run = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else "unknown"


def origin(program):
    """Machine, versions and date, as figures are to be quoted with."""
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"date": datetime.date.today().isoformat(), "processor": processor(),
            "cores": os.cpu_count(), "system": f"{platform.system()} {platform.release()}",
            "lido": version, "commit": commit()}


def origin_line(found):
    return (f"{found['processor']}, {found['cores']} cores, {found['system']}; {found['lido']}, commit "
            f"{found['commit']}; {found['date']}.")


# ---- tables -------------------------------------------------------------------------------------

def markdown(titles, rows):
    """A Markdown table; rows of text."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def percent(share):
    return f"{100 * share:.0f} %" if share > 0 else "-"


def digits(value):
    """Three significant digits at least, never an exponent: 0.0123, 1.23, 123, 12345."""
    decimals = 0
    while decimals < 6 and value * 10 ** decimals < 99.95:
        decimals += 1
    return f"{value:.{decimals}f}"

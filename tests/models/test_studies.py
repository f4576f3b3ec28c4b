#!/usr/bin/env python3
"""test_studies.py LIDO ROOT: every study in models/studies/ is accepted in each of its profiles, says what the
literature says, and is listed beside it with what was found; the smallest run of one of them works; committed
results are of the study as it stands; and the simulation agrees with its formulas."""
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

LIDO, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
STUDIES = ROOT / "models" / "studies"
sys.path.insert(0, str(ROOT / "tests" / "cli"))
from harness import npy  # noqa: E402


def studies():
    return sorted(path for path in STUDIES.glob("*.json"))


def write_digits(folder, shape, classes):
    """A set in npy format whose pictures are all black, as a stand-in for one that is not here."""
    folder.mkdir(parents=True)
    for split in "train", "test":
        count = 2 * classes
        (folder / f"{split}_images.npy").write_bytes(npy([count, *shape], bytes(count * math.prod(shape)), "|u1"))
        (folder / f"{split}_labels.npy").write_bytes(npy([count], bytes(i % classes for i in range(count)), "|u1"))
    return f"npy:{folder}"


def lido(*arguments):
    return subprocess.run([LIDO, "study", *arguments], capture_output=True, text=True)


class Studies(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def base(self, study):
        base = study["base"]
        return base if isinstance(base, dict) else json.loads((STUDIES / base).read_text())

    def stand_in(self, study, profile):
        """--data for sets that are not drawn."""
        merged = {**self.base(study)["train"], **study.get("train", {}), **study["profiles"][profile].get("train", {})}
        if merged["data"].startswith("synthetic"):
            return []
        shape = self.base(study)["input"]
        folder = self.dir / "x".join(map(str, shape))
        return ["--data", f"npy:{folder}" if folder.exists() else write_digits(folder, shape, 10)]

    def test_each_is_accepted(self):
        self.assertGreater(len(studies()), 15)
        for path in studies():
            study = json.loads(path.read_text())
            self.assertEqual(study["name"], path.stem)
            self.assertRegex(study["claim"], r"\((.*; )?[A-Z].*[12][0-9]{3}|[A-Z][a-z].*\([12][0-9]{3}\)", path.stem)
            self.assertEqual(sorted(study["profiles"]), ["full", "quick"], path.stem)
            for profile in study["profiles"]:
                run = lido(path, "--profile", profile, "--gather", "--out", self.dir / f"{path.stem}-{profile}",
                           *self.stand_in(study, profile))
                self.assertEqual(run.returncode, 0, f"{path.stem}, {profile}: {run.stderr}")

    def test_first_run_of_each(self):
        for path in studies():
            study = json.loads(path.read_text())
            with self.subTest(path.stem):
                run = lido(path, "--profile", "quick", "--limit", "20", "--epochs", "1", "--run", "0", "--quiet",
                           "--threads", "1", "--out", self.dir / path.stem, *self.stand_in(study, "quick"))
                self.assertEqual(run.returncode, 0, run.stderr)

    def test_each_is_told_of(self):
        told = (STUDIES / "README.md").read_text()
        missing = [path.stem for path in studies() if f"[{path.name}]({path.name})" not in told]
        self.assertEqual(missing, [])

    def test_results_are_of_the_studies(self):
        told = (STUDIES / "README.md").read_text()
        paths = sorted((STUDIES / "results").glob("*/results.json"))
        self.assertGreater(len(paths), 5)
        for path in paths:
            study = json.loads((STUDIES / f"{path.parent.name}.json").read_text())
            done = json.loads(path.read_text())
            self.assertEqual(done["profile"], "quick")
            self.assertEqual(done["study"]["claim"], study["claim"])
            seeds = study["profiles"]["quick"].get("seeds", study["seeds"])
            for cell in done["cells"]:
                self.assertEqual(len(cell["runs"]), seeds, f"{path.parent.name} {cell['name']}")
            run = subprocess.run([sys.executable, STUDIES / "tables.py", path], capture_output=True, text=True,
                                 check=True)
            self.assertIn(run.stdout.split("\n\n", 1)[1].strip(), told, path.parent.name)

    def test_the_simulation_agrees_with_its_formulas(self):
        run = subprocess.run([sys.executable, STUDIES / "sparsity.py", "--json", "--draws", "1000"],
                             capture_output=True, text=True,
                                 check=True)
        rows = json.loads(run.stdout)
        self.assertGreater(len(rows), 20)
        for row in rows:
            for kind in "max", "average":
                self.assertAlmostEqual(row[f"{kind}_drawn"], row[kind], delta=0.08 + 0.1 * row[kind], msg=str(row))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

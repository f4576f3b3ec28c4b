#!/usr/bin/env python3
"""test_scipy.py STATISTICS-PROGRAM ROOT: the statistics of the committed results are those of today's
library, and those of SciPy, where that is installed."""
import copy
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
RESULTS = ROOT / "tests/study/results.json"
CHECK = ROOT / "models/studies/check_statistics.py"
NO_SCIPY = 77


def numbers_apart(value):
    """The document without numbers, and its numbers: these may differ in the last digits."""
    numbers = []

    def strip(part):
        if isinstance(part, dict):
            return {key: strip(inner) for key, inner in part.items()}
        if isinstance(part, list):
            return [strip(inner) for inner in part]
        if isinstance(part, (int, float)) and not isinstance(part, bool):
            numbers.append(part)
            return "number"
        return part

    return strip(value), numbers


class Statistics(unittest.TestCase):
    def setUp(self):
        self.results = json.loads(RESULTS.read_text())

    def check(self, results):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results.json"
            path.write_text(json.dumps(results))
            run = subprocess.run([sys.executable, CHECK, path], capture_output=True, text=True)
        if run.returncode == NO_SCIPY:
            self.skipTest("SciPy is not installed")
        self.assertEqual(run.stderr, "")
        return run

    def test_as_committed(self):
        told = json.loads(subprocess.run([PROGRAM, RESULTS], check=True, capture_output=True).stdout)
        (form, numbers), (committed, expected) = numbers_apart(told), numbers_apart(self.results)
        self.assertEqual(form, committed)
        for number, other in zip(numbers, expected, strict=True):
            self.assertTrue(math.isclose(number, other, rel_tol=1e-9, abs_tol=1e-15), (number, other))

    def test_as_scipy(self):
        run = self.check(self.results)
        self.assertEqual(run.returncode, 0, run.stdout)
        self.assertIn("5 measures, agree with SciPy", run.stdout)

    def test_a_wrong_number_is_found(self):
        changes = {"cells": "high", "differences": "p_sign_flip_holm", "effects": "f"}
        for part, key in changes.items():
            wrong = copy.deepcopy(self.results)
            wrong["statistics"]["measures"][0][part][0][key] *= 1.0001
            run = self.check(wrong)
            self.assertEqual(run.returncode, 1, part)
            self.assertIn(f"measures[0].{part}[0].{key}: Lido says", run.stdout)

    def test_bad_files_are_refused(self):
        for text in ("{}", "[", '{"cells": [{"name": "a", "runs": [{"seed": 1}, {"seed": 1}]}]}'):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                file.write(text)
                file.flush()
                run = subprocess.run([PROGRAM, file.name], capture_output=True, text=True)
            self.assertEqual(run.returncode, 1)
            self.assertNotEqual(run.stderr, "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

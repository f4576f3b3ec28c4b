#!/usr/bin/env python3
"""test_bench.py LIDO ROOT: the table of measurements is whole, whatever the figures; the networks beside
PyTorch need PyTorch and are not tested."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

LIDO, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
sys.path.insert(0, str(ROOT / "bench"))
import common
import table


class Table(unittest.TestCase):
    def run_table(self, folder, *words):
        return subprocess.run([sys.executable, ROOT / "bench/table.py", LIDO, "--out", folder, "--seconds", "0",
                               "--rounds", "1", *words], capture_output=True, text=True)

    def test_networks_and_start(self):
        with tempfile.TemporaryDirectory() as folder:
            run = self.run_table(folder, "--only", "steps,inference,start", "--models", "m1")
            self.assertEqual(run.returncode, 0, run.stderr)
            results = json.loads(pathlib.Path(folder, "benchmarks.json").read_text())
            document = pathlib.Path(folder, "benchmarks.md").read_text()
        two = min(2, os.cpu_count())
        self.assertEqual([row["threads"] for row in results["steps"]], [1, two])
        self.assertEqual([(row["threads"], row["batch"]) for row in results["inference"]],
                         [(1, 1), (1, 256), (two, 1), (two, 256)])
        self.assertEqual([row["model"] for row in results["start"]], ["lenet5", "keras-mnist"])
        self.assertIn(f"| M1 LeNet | {two} | {common.digits(results['steps'][1]['ms_per_step'])} |", document)
        for title in ("Training steps", "Predictions", "A start"):
            self.assertIn(f"\n## {title}\n", document)
        self.assertNotIn("Pooling", document)
        self.assertIn(results["origin"]["cpu"], document)

    def test_unknown_names(self):
        for words in (["--only", "stepps"], ["--models", "m9"]):
            run = self.run_table(".", *words)
            self.assertEqual(run.returncode, 2)
            self.assertIn(f"{words[1]}: allowed: ", run.stderr)

    def test_pooling(self):
        pairs = [{"grid": "2x2/2", "reducer": "max_pool", "forward_ratio": 1, "training_ratio": 1.25,
                  "backward_ratio": 2}, {"grid": "global", "reducer": "max_pool", "refused": "no"},
                 {"grid": "2x2/2", "reducer": "lp_pool", "options": '"p": 3', "forward_ratio": 3, "training_ratio": 4,
                  "backward_ratio": 5}, {"grid": "global", "reducer": "lp_pool", "options": '"p": 3', "refused": ""}]
        self.assertEqual(table.pooling_table(pairs).splitlines()[2:],
                         ["| max_pool | 1.0/1.2/2.0 | - |", "| lp_pool, p: 3 | 3.0/4.0/5.0 | - |"])

    def test_digits(self):
        self.assertEqual([common.digits(value) for value in (0.012345, 1.2345, 12.345, 123.45, 12345.6, 0)],
                         ["0.0123", "1.23", "12.3", "123", "12346", "0"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

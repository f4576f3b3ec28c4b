#!/usr/bin/env python3
"""test_docs.py LIDO ROOT: what the README and the documentation show is run: their commands, the spec
that is written out, and the mistake with its answer."""
import json
import pathlib
import sys
import unittest

import shown

LIDO, ROOT = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
SLOW = ("sh scripts/",)  # the two commands: tested as scripts


def blocks(document, language):
    return shown.blocks(ROOT / document, language)


class Docs(shown.Shown):
    lido, root = LIDO, ROOT

    def test_readme(self):
        self.assertGreater(len(self.run_commands("README.md", SLOW)), 2)
        for name in ("history.csv", "history.jsonl", "spec.json", "environment.json", "last.safetensors",
                     "best.safetensors"):
            self.assertTrue((self.dir / "runs/lenet5" / name).exists(), name)

    def test_layers(self):
        (self.dir / "my-layer.json").write_text('{"type": "max_pool", "kernel": 2}')
        self.assertGreater(len(self.run_commands("docs/layers.md", SLOW)), 2)

    def test_studies(self):
        study, = blocks("docs/studies.md", "json")
        (self.dir / "pooling.json").write_text(study)
        self.assertEqual(len(self.run_commands("docs/studies.md", SLOW)), 1)
        results = json.loads((self.dir / "runs/pooling-quick/results.json").read_text())
        self.assertEqual([len(cell["runs"]) for cell in results["cells"]], [2, 2, 2])

    def test_pairs(self):
        table = self.run_line("lido list pairs").stdout
        self.assertIn(table.strip(), (ROOT / "docs/pooling.md").read_text())

    def test_spec_of_readme(self):
        spec, = blocks("README.md", "json")
        (self.dir / "my-net.json").write_text(spec)
        described = json.loads(self.run_line("lido describe my-net.json --json").stdout)
        self.assertEqual(described["name"], "my-net")

    def test_mistake_of_readme(self):
        answer, = (b.strip() for b in blocks("README.md", "") if "did you mean" in b)
        (self.dir / "x.json").write_text(json.dumps({"input": [28, 28, 1], "layers": [
            {"type": "conv", "filters": 2, "kernel": 3}, {"type": "relu"}, {"type": "relu"},
            {"type": "max_pool", "name": "pool2", "kernel": 2, "strides": 2}]}))
        said = self.run_line("lido describe x.json", status=2).stderr
        self.assertIn(answer.split(": ", 1)[1], said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
"""test_models.py LIDO ROOT SVHN_OF_DIGITS: every spec in models/ can be described and has the number of parameters
that follows from its paper or framework; variants differ in one definition alone; the README lists
every ready network; SVHN's network trains on files as SVHN has them."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

LIDO, ROOT, SVHN_OF_DIGITS = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
MODELS = ROOT / "models"

# As published (VGG-16, GoogLeNet without its auxiliary heads) or as PyTorch and Keras count them.
PARAMETERS = {
    "vgg16": 138_357_544, "googlenet": 6_998_552, "lenet5": 61_706, "keras-mnist": 431_242,
    "bench/m1": 61_706, "bench/m2": 431_242, "bench/m3": 288_298, "bench/m4": 288_298, "bench/m5": 289_194,
}
# A variant, what it is a variant of, and the one definition in which they differ.
VARIANTS = [
    ("lenet5-avg", "lenet5", "pool"),
    ("keras-mnist-avg", "keras-mnist", "pool"),
    ("keras-mnist-strided", "keras-mnist", "pool"),
    ("keras-mnist-gap", "keras-mnist", "head"),
    ("bench/m4", "bench/m3", "pool"),
]


def names():
    paths = [*MODELS.glob("*.json"), *MODELS.glob("bench/*.json")]
    return sorted(path.relative_to(MODELS).with_suffix("").as_posix() for path in paths)


def spec(name):
    return json.loads((MODELS / f"{name}.json").read_text())


def describe(name):
    run = subprocess.run([LIDO, "describe", MODELS / f"{name}.json", "--json"], capture_output=True, text=True)
    return run, json.loads(run.stdout) if run.returncode == 0 else None


class Models(unittest.TestCase):
    def test_each_is_described(self):
        self.assertGreater(len(names()), len(PARAMETERS))
        for name in names():
            run, described = describe(name)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(described["name"], pathlib.PurePath(name).name)
            self.assertEqual(described["name"], spec(name)["name"])

    def test_parameters(self):
        for name, parameters in PARAMETERS.items():
            self.assertEqual(describe(name)[1]["parameters"], parameters, name)

    def test_variants_differ_in_one_definition(self):
        for variant, base, definition in VARIANTS:
            a, b = spec(variant), spec(base)
            self.assertNotEqual(a["define"].pop(definition), b["define"].pop(definition), variant)
            self.assertNotEqual(a.pop("name"), b.pop("name"))
            self.assertEqual(a, b, variant)

    @unittest.skipUnless((ROOT / "README.md").exists(), "there is no README.md")
    def test_readme_lists_each(self):
        readme = (ROOT / "README.md").read_text()
        missing = [name for name in names() if "/" not in name and f"models/{name}.json" not in readme
                   and f"`{name}`" not in readme]
        self.assertEqual(missing, [])


    def test_svhn_trains_on_its_files(self):
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder, "svhn")
            data.mkdir()
            subprocess.run([SVHN_OF_DIGITS, data], check=True)
            run = subprocess.run([LIDO, "train", MODELS / "svhn.json", "--data-dir", folder, "--limit", "200",
                                  "--epochs", "1", "--out", f"{folder}/run", "--json"], capture_output=True, text=True)
            self.assertEqual(run.returncode, 0, run.stderr)
            result = json.loads(run.stdout)
            self.assertEqual(result["epochs"], 1)
            self.assertLess(result["test_loss"], 10)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
"""test_models.py LIDO ROOT SVHN_OF_DIGITS: every spec in models/ can be described and has the number of parameters
that follows from its paper or framework; variants differ in one definition alone; the README lists
every ready network; each trains on pictures of its size; SVHN's network trains on files as SVHN has them."""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

LIDO, ROOT, SVHN_OF_DIGITS = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
MODELS = ROOT / "models"
sys.path.insert(0, str(ROOT / "tests" / "cli"))
from harness import npy  # noqa: E402

# As published (VGG-16, GoogLeNet without its auxiliary heads) or as PyTorch and Keras count them.
PARAMETERS = {
    "vgg16": 138_357_544, "googlenet": 6_998_552, "lenet5": 61_706, "keras-mnist": 431_242,
    "alexnet-small": 463_562, "googlenet-small": 163_338, "spp-net": 270_474, "fractional-max": 82_362,
    "stochastic-pool": 220_042, "se-resnet": 80_870, "resnet-antialias": 308_650, "segnet-small": 144_050,
    "unet-small": 481_762, "keras-mnist-gem": 19_530, "keras-mnist-gated": 431_250,
    "bench/m1": 61_706, "bench/m2": 431_242, "bench/m3": 288_298, "bench/m4": 288_298, "bench/m5": 289_194,
}
# A variant, what it is a variant of, and the one definition in which they differ.
VARIANTS = [
    ("lenet5-avg", "lenet5", "pool"),
    ("keras-mnist-avg", "keras-mnist", "pool"),
    ("keras-mnist-strided", "keras-mnist", "pool"),
    ("keras-mnist-gap", "keras-mnist", "head"),
    ("keras-mnist-gem", "keras-mnist", "head"),
    ("keras-mnist-gated", "keras-mnist", "pool"),
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


def run_json(*arguments):
    run = subprocess.run([LIDO, *arguments, "--threads", "1", "--json"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def write_noise(folder, shape, classes, maps=False, count=12):
    """A set in npy format: pictures of noise, every class among their labels; the test set is the training set."""
    folder.mkdir()
    draw = random.Random(1)
    rows = [count, *shape[:-1]] if maps else [count]
    pixels = draw.randbytes(count * math.prod(shape))
    labels = bytes(i % classes for i in range(math.prod(rows)))
    for split in "train", "test":
        (folder / f"{split}_images.npy").write_bytes(npy([count, *shape], pixels, "|u1"))
        (folder / f"{split}_labels.npy").write_bytes(npy(rows, labels, "|u1"))
    return f"npy:{folder}"


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

    def test_each_trains(self):
        for name in names():
            if "train" not in spec(name) or "inputs" in spec(name):
                continue
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                maps = spec(name).get("target") == "label_map"
                data = write_noise(pathlib.Path(folder, "set"), spec(name)["input"],
                                   describe(name)[1]["layers"][-1]["output"][-1], maps)
                result = run_json("train", MODELS / f"{name}.json", "--data", data, "--epochs", "1",
                                  "--out", f"{folder}/run")
                self.assertEqual(result["epochs"], 1)
                self.assertLess(result["test_loss"], 100)

    def test_pyramid_takes_other_sizes(self):
        with tempfile.TemporaryDirectory() as folder:
            small = write_noise(pathlib.Path(folder, "small"), [28, 28, 1], 10)
            large = write_noise(pathlib.Path(folder, "large"), [41, 35, 1], 10)
            run_json("train", MODELS / "spp-net.json", "--data", small, "--epochs", "1", "--out", f"{folder}/run")
            self.assertEqual(run_json("eval", f"{folder}/run", "--data", large)["rows"], 12)

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

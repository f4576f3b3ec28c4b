#!/usr/bin/env python3
"""test_maps.py LIDO: label maps and boxes from the command line: trained, evaluated, predicted,
described, and refused where sets and networks do not fit."""
import array
import pathlib
import random

from harness import Case, main, npy, png, read_safetensors

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"


def map_spec(**changes):
    """A class for each pixel of synthetic digits, by a small context."""
    return {
        "name": "maps", "input": [28, 28, 1], "target": "label_map",
        "layers": [
            {"type": "conv", "filters": 8, "kernel": 3, "padding": 1, "activation": "relu"},
            {"type": "conv", "filters": 11, "kernel": 3, "padding": 1}, {"type": "softmax"}],
        "train": {"data": "synthetic-map", "limit": 200, "batch": 20, "epochs": 3,
                  "optimizer": {"type": "adam", "lr": 0.01}}} | changes


def roi_spec(layer="roi_align", **changes):
    return {
        "name": "scenes", "inputs": {"image": [48, 48, 1], "boxes": [4, 5]}, "target": "label_map",
        "layers": [
            {"type": "max_pool", "kernel": 2, "name": "trunk"},
            {"type": layer, "input": ["trunk", "boxes"], "output_size": 7, "spatial_scale": 0.5},
            {"type": "conv", "filters": 10, "kernel": [1, 7, 7]}, {"type": "softmax"}],
        "train": {"data": "synthetic-scenes", "limit": 400, "batch": 20, "epochs": 3,
                  "optimizer": {"type": "adam", "lr": 0.01}}} | changes


def without(spec, *keys):
    return {k: v for k, v in spec.items() if k not in keys}


def train_with(spec, **train):
    return spec | {"train": spec["train"] | train}


class Maps(Case):
    def train(self, spec, *args):
        self.write("spec.json", spec)
        return self.json("train", "spec.json", "--out", "run", *args)

    def test_train_eval_predict(self):
        told = self.train(map_spec())
        self.assertGreater(told["test_accuracy"], 0.85)  # most is ground
        measured = self.json("eval", "run")
        self.assertEqual(measured["rows"], 2000 * 28 * 28)
        self.assertEqual(measured["test_accuracy"], told["test_accuracy"])
        self.assertEqual(sum(map(sum, measured["confusion"])), 2000 * 28 * 28)
        noise = random.Random(1)
        self.write("a.png", png(28, 28, 1, bytes(noise.randrange(256) for _ in range(784))))
        self.write("two.npy", npy([2, 28, 28, 1], [noise.randrange(256) for _ in range(1568)], "|u1"))
        told = self.json("predict", "run", "a.png", "two.npy", "--maps", "maps")["predictions"]
        self.assertEqual([p.get("map") for p in told], ["maps/a.npy", "maps/two-0.npy", "maps/two-1.npy"])
        for p in told:
            data = (self.dir / p["map"]).read_bytes()
            self.assertIn(b"'<i4'", data)
            self.assertIn(b"(28, 28)", data)
            classes = array.array("i", data[-4 * 784:])
            for entry in p["top"]:
                self.assertAlmostEqual(entry["share"], classes.count(entry["class"]) / 784, places=6)
            self.assertAlmostEqual(p["share"], max(classes.count(c) for c in range(11)) / 784, places=6)
        self.assertNotIn("map", self.json("predict", "run", "a.png")["predictions"][0])

    def test_shifts_move_the_labels(self):
        still = self.train(train_with(map_spec(), epochs=1))
        (self.dir / "run").rename(self.dir / "still")
        moved = self.train(train_with(map_spec(), epochs=1, augment={"shift": 3, "flip": True}))
        self.assertNotEqual(still["test_loss"], moved["test_loss"])
        self.assertGreater(moved["test_accuracy"], 0.8)

    def test_the_same_bits_for_any_threads(self):
        for threads in (1, 3):
            self.write("spec.json", train_with(roi_spec(), epochs=1))
            self.json("train", "spec.json", "--out", f"t{threads}", "--threads", threads)
        self.assertEqual(read_safetensors(self.dir / "t1/last.safetensors")[0],
                         read_safetensors(self.dir / "t3/last.safetensors")[0])

    def test_positions_without_a_label(self):
        noise = random.Random(2)
        for split, count in (("train", 20), ("test", 5)):
            pixels = [noise.randrange(256) for _ in range(count * 64)]
            labels = [-1 if i % 3 == 0 else int(p > 127) for i, p in enumerate(pixels)]
            self.write(f"maps/{split}_images.npy", npy([count, 8, 8], pixels, "|u1"))
            self.write(f"maps/{split}_labels.npy", npy([count, 8, 8], labels, "<i4"))
        spec = map_spec(input=[8, 8, 1], layers=[
            {"type": "conv", "filters": 2, "kernel": 1}, {"type": "softmax"}])
        told = self.train(train_with(spec, data="npy:maps", limit=0, epochs=40, batch=5))
        self.assertGreater(told["test_accuracy"], 0.9)
        measured = self.json("eval", "run")
        counted = sum(i % 3 != 0 for i in range(5 * 64))
        self.assertEqual((measured["rows"], sum(map(sum, measured["confusion"]))), (counted, counted))

    def test_boxes(self):
        for layer in ("roi_align", "roi_pool"):
            self.write("spec.json", roi_spec(layer))
            told = self.json("train", "spec.json", "--out", layer)
            self.assertGreater(told["test_accuracy"], 0.5, layer)
            measured = self.json("eval", layer)
            self.assertEqual(measured["test_accuracy"], told["test_accuracy"])
            self.assertTrue(2000 < measured["rows"] < 8000)  # boxes that are used
        self.write("a.png", png(48, 48, 1, bytes(48 * 48)))
        self.fails(1, ["the network takes boxes, and predict has none to give"], "predict", "roi_align", "a.png")
        self.assertGreater(self.json("bench", "spec.json", "--batch", 4, "--seconds", 0.05)["images_per_second"], 0)

    def test_describe(self):
        described = self.json("describe", self.write("spec.json", roi_spec()))
        self.assertEqual((described["boxes"], described["target"]), ([4, 5], "label_map"))
        self.assertIn("input [48,48,1], boxes [4,5]", self.ok("describe", "spec.json"))
        self.assertEqual(described["layers"][1]["output"], [4, 7, 7, 1])
        resolved = self.json("describe", "spec.json", "--resolved")
        self.assertEqual(resolved["inputs"], {"image": [48, 48, 1], "boxes": [4, 5]})
        self.assertEqual(resolved["layers"][1]["input"], ["trunk", "boxes"])
        self.assertEqual(resolved["layers"][1]["spatial_scale"], 0.5)
        self.write("again.json", resolved)
        self.assertEqual(self.json("describe", "again.json", "--resolved"), resolved)

    def test_what_does_not_fit(self):
        def refused(pattern, spec):
            self.fails(2, [pattern], "train", self.write("bad.json", spec), "--out", "none")
        refused('"target" is "class", but the data set synthetic-map has a label for each position',
                without(map_spec(), "target"))
        refused('"target" is "label_map", but the data set synthetic has one label a picture',
                train_with(map_spec(), data="synthetic"))
        refused('the network takes 0 boxes a picture, the data set synthetic-scenes has 4',
                train_with(map_spec(input=[48, 48, 1]), data="synthetic-scenes"))
        refused('the network takes 3 boxes a picture, the data set synthetic-scenes has 4',
                roi_spec(inputs={"image": [48, 48, 1], "boxes": [3, 5]}))
        refused('pictures with boxes are taken whole', train_with(roi_spec(), augment={"flip": True}))
        refused(r'has a label for each position of the input \[28,28,1\]', map_spec(layers=[
            {"type": "conv", "filters": 11, "kernel": 3}, {"type": "softmax"}]))
        refused(r'a label map needs positions', map_spec(layers=[
            {"type": "flatten"}, {"type": "dense", "units": 11}, {"type": "softmax"}]))
        refused(r'"inputs.boxes" is \["n",5\], allowed: \[n, 5\]',
                roi_spec(inputs={"image": [48, 48, 1], "boxes": ["n", 5]}))
        self.write("spec.json", train_with(map_spec(), epochs=1, data="synthetic", limit=20) | {
            "target": "class", "layers": [{"type": "flatten"}, {"type": "dense", "units": 10},
                                          {"type": "softmax"}]})
        self.json("train", "spec.json", "--out", "classes")
        self.write("a.png", png(28, 28, 1, bytes(784)))
        self.fails(2, ['--maps is for networks whose "target" is "label_map"'],
                   "predict", "classes", "a.png", "--maps", "maps")

    def test_models_are_sound(self):
        for name, data in (("roi", "synthetic-scenes"), ("label-map", "synthetic-map")):
            described = self.json("describe", MODELS / f"{name}.json")
            self.assertEqual(described["target"], "label_map")
            self.assertEqual(self.json("describe", MODELS / f"{name}.json", "--resolved")["train"]["data"], data)


if __name__ == "__main__":
    main()

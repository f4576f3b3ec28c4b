#!/usr/bin/env python3
"""test_runs.py LIDO: training, evaluating and predicting from the command line; that a run ends with
the same bits however it went."""
import csv
import io
import json
import random
import re
import signal
import time

from harness import CLASSES, SIDE, Case, idx, main, npy, png, read_safetensors, spot, spots_spec, write_spots

FILES = ["best.safetensors", "environment.json", "history.csv", "history.jsonl", "last.safetensors",
         "result.json", "spec.json"]


class Spots(Case):
    def setUp(self):
        super().setUp()
        write_spots(self)
        self.write("spots.json", spots_spec())

    def train(self, *args, spec="spots.json", out="run"):
        return self.json("train", spec, "--out", out, *args)

    def history(self, out="run"):
        return list(csv.DictReader(io.StringIO((self.dir / out / "history.csv").read_text())))

    def wait_for_epoch(self, process, epoch, out):
        """Until the checkpoint of an epoch is there, while the process runs on."""
        deadline = time.monotonic() + 30
        history = self.dir / out / "history.csv"
        while not history.exists() or len(history.read_text().splitlines()) <= epoch:
            self.assertIsNone(process.poll(), "ended too early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.002)


class Train(Spots):
    def test_train_eval_predict(self):
        told = self.train("--epochs", 12)
        self.assertGreater(told["test_accuracy"], 0.9)
        self.assertEqual((told["epochs"], told["parameters"], told["out"]), (12, 235, "run"))
        self.assertEqual(sorted(p.name for p in (self.dir / "run").iterdir()), FILES)
        self.assertEqual([row["epoch"] for row in self.history()], [str(e) for e in range(1, 13)])
        measured = self.json("eval", "run")
        self.assertEqual(measured["test_accuracy"], told["test_accuracy"])
        self.assertEqual(measured["test_loss"], told["test_loss"])
        self.assertEqual(sum(map(sum, measured["confusion"])), 60)
        noise = random.Random(99)
        for label in range(CLASSES):
            self.write(f"{label}.png", png(SIDE, SIDE, 1, spot(label, noise)))
        told = self.json("predict", "run", *[f"{label}.png" for label in range(CLASSES)])["predictions"]
        self.assertEqual([p["class"] for p in told], list(range(CLASSES)))
        self.assertEqual([p["file"] for p in told], ["0.png", "1.png", "2.png"])
        for p in told:
            self.assertAlmostEqual(sum(t["probability"] for t in p["top"]), 1, places=5)

    def test_what_people_see(self):
        run = self.run_lido("train", "spots.json", "--threads", 1)
        self.assertEqual(run.returncode, 0, run.err)
        self.assertEqual(run.err, "")
        self.assertRegex(run.out, r"(?m)^  network    input \[8,8,1\], 7 layers, 235 parameters$")
        self.assertRegex(run.out, r"(?m)^  data       idx:spots\n  input      normalised by channel$")
        self.assertRegex(run.out, r"(?m)^      1/3 +0.01 +\d\.\d{4} +\d+\.\d\d % +\d+\.\d$")
        self.assertRegex(run.out, r"(?m)^test accuracy \d+\.\d\d %, loss \d\.\d{4}$")
        self.assertIn("in runs/spots\n", run.out)
        self.assertLessEqual(max(map(len, run.out.splitlines())), 80)
        out = self.ok("eval", "runs/spots")
        self.assertRegex(out, r"(?m)^spots after epoch 3, on idx:spots test$")
        self.assertRegex(out, r"(?m)^    2( +(\d+|\.)){3} +\d+\.\d %$")

    def test_json_stands_alone(self):
        run = self.run_lido("train", "spots.json", "--json")
        self.assertEqual(json.loads(run.out)["out"], "runs/spots")
        self.assertIn("test accuracy", run.err)
        run = self.run_lido("eval", "runs/spots", "--quiet")
        self.assertEqual((run.returncode, run.out, run.err), (0, "", ""))

    def test_header_of_a_known_set(self):
        spec = spots_spec(data="synthetic", limit=1234, normalize=False, augment={"shift": 1})
        run = self.run_lido("train", self.write("m.json", spec))  # which does not fit
        self.assertIn("  data       synthetic, the first 1,234 of 10,000 to train, 2,000 to test\n", run.out)
        self.assertIn("  input      scaled to 0..1, augmented\n", run.out)

    def test_flags_instead_of_the_spec(self):
        self.train("--epochs", 2, "--limit", 40, "--seed", 9)
        train = json.loads((self.dir / "run/spec.json").read_text())["train"]
        self.assertEqual((train["epochs"], train["limit"], train["seed"]), (2, 40, 9))
        write_spots(self, "others")
        self.train("--data", "idx:others", out="other")
        train = json.loads((self.dir / "other/spec.json").read_text())["train"]
        self.assertEqual(train["data"], "idx:others")

    def test_data_dir(self):
        write_spots(self, "sets/mnist")
        spec = spots_spec(data="mnist")
        spec["layers"][4]["units"] = 10
        self.train("--data-dir", "sets", spec=self.write("ten.json", spec))
        self.assertEqual(self.json("eval", "run", "--data-dir", "sets")["rows"], 60)
        self.fails(1, ["mnist: not found in .*`lido data fetch mnist`"], "eval", "run")

    def test_validation_and_best(self):
        self.write("spots.json", spots_spec(validation=0.25, epochs=4))
        out = self.ok("train", "spots.json", "--out", "run")
        self.assertRegex(out, r"epoch +rate +loss +accuracy +val loss +val acc +seconds")
        best = self.json("eval", "run", "--best")["epoch"]
        rows = self.history()
        column = next(name for name in rows[0] if re.search("val.*accuracy", name))
        self.assertEqual(float(rows[best - 1][column]), max(float(row[column]) for row in rows))
        self.fails(2, ["--best needs the folder"], "eval", "run/last.safetensors", "--best")

    def test_eval_passes(self):
        self.train("--epochs", 1)
        self.fails(2, ["--passes: nothing in this network is drawn"], "eval", "run", "--passes", 2)
        spec = spots_spec(epochs=1)
        spec["define"]["pool"] = {"type": "max_pool", "fractional": {"ratio": 0.6, "kernel": 2}}
        self.write("drawn.json", spec)
        self.ok("train", "drawn.json", "--out", "drawn")
        losses = [self.json("eval", "drawn", "--passes", n)["test_loss"] for n in (1, 12, 12)]
        self.assertEqual(losses[1], losses[2])
        self.assertNotEqual(losses[0], losses[1])
        self.assertEqual(losses[0], self.json("eval", "drawn")["test_loss"])

    def test_eval_flags(self):
        self.train()
        told = self.json("eval", "run/last.safetensors", "--split", "train", "--limit", 50)
        self.assertEqual((told["rows"], told["epoch"]), (50, 3))
        self.assertIn("train_accuracy", told)

    def test_several_sizes(self):
        spec = spots_spec(epochs=2)
        spec["layers"] = [{"type": "conv", "filters": 8, "kernel": 3, "activation": "relu"},
                          {"type": "max_pool", "global": True}, {"type": "dense", "units": CLASSES},
                          {"type": "softmax"}]
        self.write("any.json", spec)
        self.train("--epochs", 1)
        self.train(spec="any.json", out="any")
        noise = random.Random(3)
        for name, width, height, labels in (("a", SIDE, SIDE, [0, 0, 1, 2]), ("b", 13, 11, [1, 1, 2, 2, 2])):
            for folder in (name, "both"):
                for label in range(CLASSES):
                    self.write(f"{folder}/train/{label}/none.txt", "")
            for i, label in enumerate(labels):
                pixels = bytes(noise.randrange(256) for _ in range(width * height))
                for folder in (name, "both"):
                    self.write(f"{folder}/test/{label}/{name}{i}.png", png(width, height, 1, pixels))
        a, b, both = (self.json("eval", "any", "--data", f"folder:{folder}") for folder in ("a", "b", "both"))
        self.assertEqual([told["rows"] for told in (a, b, both)], [4, 5, 9])
        self.assertEqual([told["sizes"] for told in (a, b, both)], [1, 1, 2])
        self.assertEqual(both["confusion"], [[x + y for x, y in zip(*rows)]
                                             for rows in zip(a["confusion"], b["confusion"])])
        self.assertNotAlmostEqual(a["test_loss"], b["test_loss"], places=4)
        for value in ("test_loss", "test_accuracy"):
            self.assertAlmostEqual(both[value], (4 * a[value] + 5 * b[value]) / 9, places=12)
        self.assertRegex(self.ok("eval", "any", "--data", "folder:both"), r"(?m)^  pictures   9 of 2 sizes in ")
        self.assertEqual(self.json("eval", "any", "--data", "folder:both", "--limit", 2)["sizes"], 1)
        self.fails(2, ["--pooling is for pictures of one size, folder:both holds 2 sizes"],
                   "eval", "any", "--data", "folder:both", "--pooling")
        self.assertIn("pooling", self.json("eval", "any", "--data", "folder:b", "--pooling"))
        self.fails(2, [r"pictures of \[11,13,1\]: .*pooling takes other sizes"],
                   "eval", "run", "--data", "folder:both")

    def test_synthetic(self):
        spec = spots_spec(data="synthetic", limit=300, epochs=1)
        spec["input"] = [28, 28, 1]
        spec["layers"][4]["units"] = 10
        told = self.train(spec=self.write("digits.json", spec))
        self.assertTrue(0 <= told["test_accuracy"] <= 1)
        self.assertEqual(self.json("eval", "run", "--limit", 100)["rows"], 100)


class ConvAlgorithm(Spots):
    """--conv-algorithm, wherever a network is read."""

    def algorithm(self, *args):
        return self.json("describe", *args)["layers"][0]["algorithm"]

    def test_train_and_resume(self):
        told = self.train("--conv-algorithm", "winograd_2x2")
        self.assertEqual(json.loads((self.dir / "run/spec.json").read_text())["layers"][0]["algorithm"], "winograd_2x2")
        self.assertEqual(self.algorithm("run"), "winograd_2x2")
        self.fails(1, ['algorithm is "auto", not "winograd_2x2"'], "train", "spots.json", "--out", "run", "--resume")
        again = self.train("--conv-algorithm", "winograd_2x2", "--resume")
        self.assertEqual(again["test_accuracy"], told["test_accuracy"])

    def test_other_ways_for_the_same_weights(self):
        told = self.train("--epochs", 12)
        self.write("0.png", png(SIDE, SIDE, 1, spot(0, random.Random(3))))
        before = self.json("predict", "run", "0.png")["predictions"][0]["top"][0]
        for name in ["winograd_4x4", "im2col", "direct"]:
            measured = self.json("eval", "run", "--conv-algorithm", name)
            self.assertAlmostEqual(measured["test_loss"], told["test_loss"], places=4)
            after = self.json("predict", "run", "0.png", "--conv-algorithm", name)["predictions"][0]["top"][0]
            self.assertAlmostEqual(after["probability"], before["probability"], places=4)
            self.assertEqual(self.algorithm("run", "--conv-algorithm", name), name)

    def test_what_is_over_what(self):
        spec = spots_spec()
        spec["layers"][0]["algorithm"] = "direct"
        self.write("chosen.json", spec)
        self.assertNotEqual(self.algorithm("spots.json"), "direct")
        self.assertEqual(self.algorithm("chosen.json"), "direct")
        self.assertEqual(self.algorithm("chosen.json", "--conv-algorithm", "winograd_2x2"), "winograd_2x2")
        self.assertEqual(self.algorithm("chosen.json", "--conv-algorithm", "auto"), self.algorithm("spots.json"))

    def test_one_that_does_not_apply(self):
        self.train()
        why = [r"\(conv\): \"algorithm\" \"pointwise\" does not apply: it needs a kernel of 1"]
        for command in ["describe", "train", "bench"]:
            self.fails(2, why + [r"spots.json: layers\[0\]"], command, "spots.json", "--conv-algorithm", "pointwise")
        self.fails(2, why + ["--conv-algorithm: "], "eval", "run", "--conv-algorithm", "pointwise")
        self.fails(2, ['"fft", allowed: auto, winograd_4x4'], "describe", "run", "--conv-algorithm", "fft")
        self.fails(2, ["take no .*--conv-algorithm"], "bench", "--layer", '{"type": "relu"}', "--shape", "1,2",
                   "--conv-algorithm", "direct")


class Pooling(Spots):
    """What pooling layers do, and what they learn."""

    def setUp(self):
        super().setUp()
        spec = spots_spec(epochs=3)
        spec["define"]["pool"] = {"type": "gem_pool", "kernel": 2, "learn": "channel", "name": "gem"}
        spec["layers"][2:2] = [{"type": "max_pool", "kernel": 2, "name": "max"},
                               {"type": "avg_pool", "global": True, "name": "avg"}]
        self.write("learns.json", spec)
        self.train(spec="learns.json")

    def test_eval(self):
        told = self.json("eval", "run", "--pooling")
        plain = self.json("eval", "run")
        self.assertNotIn("pooling", plain)
        self.assertEqual((told["test_loss"], told["confusion"]), (plain["test_loss"], plain["confusion"]))
        gem, most, avg = told["pooling"]
        self.assertEqual([layer["type"] for layer in told["pooling"]], ["gem_pool", "max_pool", "avg_pool"])
        self.assertEqual((most["name"], most["reached"], most["learned"]), ("max", 0.25, {}))
        self.assertEqual((avg["reached"], avg["entropy_bits"], avg["evenness"]), (1, None, None))
        self.assertAlmostEqual(gem["reached"], 1 - gem["input_zeros"], delta=0.01)
        self.assertTrue(0 < most["entropy_bits"] == 2 * most["evenness"] <= 2)
        self.assertTrue(gem["input_mean"] > 0 and 0 <= gem["empty"] <= gem["tied"] <= 1)
        self.assertTrue(gem["learned"]["p"]["min"] < gem["learned"]["p"]["mean"] < gem["learned"]["p"]["max"])

    def test_the_same_for_any_threads(self):
        told = {json.dumps(self.json("eval", "run", "--pooling", "--threads", t)["pooling"]) for t in (1, 2, 3, 8)}
        self.assertEqual(len(told), 1)

    def test_what_people_see(self):
        out = self.ok("eval", "run", "--pooling")
        self.assertRegex(out, r"(?m)^pooling +mean +zeros +reached +tied +empty +bits +even$")
        self.assertRegex(out, r"(?m)^max +[\d.]+ +[\d.]+ % +25\.0 % +[\d.]+ % +[\d.]+ % +[\d.]+ +[\d.]+$")
        self.assertRegex(out, r"(?m)^avg .* 100\.0 % .* - +-$")
        self.assertRegex(out, r"(?m)^pool#1/gem +p +4 +\d\.\d+ +\d\.\d+ +\d\.\d+$")
        self.assertLessEqual(max(map(len, out.splitlines())), 80)
        self.assertNotIn("reached", self.ok("eval", "run"))
        spec = spots_spec(epochs=1)
        del spec["layers"][1]
        self.train(spec=self.write("none.json", spec), out="none")
        self.assertIn("no pooling layers", self.ok("eval", "none", "--pooling"))

    def test_history_and_describe(self):
        rows = [json.loads(line) for line in (self.dir / "run/history.jsonl").read_text().splitlines()]
        self.assertEqual([list(row["learned"]) for row in rows], [["pool#1/gem"]] * 3)
        self.assertNotEqual(rows[0]["learned"], rows[2]["learned"])
        self.assertNotIn("learned", self.history()[0])
        for of in ("run", "run/last.safetensors"):
            told = self.json("describe", of)
            layers = {layer["name"]: layer.get("learned") for layer in told["layers"] if "learned" in layer}
            self.assertEqual((told["epoch"], layers), (3, rows[2]["learned"]))
        self.assertNotIn("learned", self.json("describe", "learns.json")["layers"][2])
        self.assertRegex(self.ok("describe", "run"), r"(?s)after epoch 3\n\nlearned by .*\npool#1/gem +p +4 ")
        self.assertEqual(self.json("describe", "run", "--resolved"),
                         json.loads((self.dir / "run/spec.json").read_text()))
        self.fails(1, ["nothing.safetensors"], "describe", "nothing.safetensors")


class SameBits(Spots):
    def test_threads(self):
        for threads in (1, 2, 3, 8):
            self.train("--threads", threads, out=f"run{threads}")
        for threads in (2, 3, 8):
            self.same_files("run1/last.safetensors", f"run{threads}/last.safetensors")
        results = {json.dumps(self.json("eval", "run1", "--threads", t)["confusion"]) for t in (1, 2, 3, 8)}
        self.assertEqual(len(results), 1)

    def test_seed(self):
        for seed, out in ((1, "a"), (1, "b"), (2, "c")):
            self.train("--seed", seed, out=out)
        self.same_files("a/last.safetensors", "b/last.safetensors")
        a, c = (read_safetensors(self.path(f"{run}/last.safetensors"))[0] for run in "ac")
        self.assertNotEqual(a["conv#1.weight"], c["conv#1.weight"])

    def test_killed_and_resumed(self):
        self.write("spots.json", spots_spec(epochs=200, schedule="cosine", augment={"shift": 1}))
        self.train(out="whole")
        resumed = 0
        for epoch in (1, 7, 20):
            process = self.start("train", "spots.json", "--out", "cut", "--quiet", *(["--resume"] * (epoch > 1)))
            self.wait_for_epoch(process, epoch, "cut")
            process.kill()
            process.communicate()
            self.assertEqual(process.returncode, -signal.SIGKILL)
            resumed += 1
        told = self.train("--resume", out="cut")
        self.assertEqual((told["epochs"], resumed), (200, 3))
        for name in ("last.safetensors", "best.safetensors"):
            self.same_files(f"whole/{name}", f"cut/{name}")
        losses = [[row["train_loss"] for row in self.history(out)] for out in ("whole", "cut")]
        self.assertEqual(*losses)

    def test_interrupted_and_resumed(self):
        self.write("spots.json", spots_spec(epochs=400))
        for number, name in ((signal.SIGINT, "int"), (signal.SIGTERM, "term")):
            process = self.start("train", "spots.json", "--out", name)
            self.wait_for_epoch(process, 2, name)
            process.send_signal(number)
            out, err = process.communicate(timeout=10)
            self.assertEqual(process.returncode, 1, err)
            self.assertRegex(err, r"^lido train: interrupted in epoch \d+; .*--resume")
            epochs = len(self.history(name))
            self.assertEqual(self.json("eval", name)["epoch"], epochs)
            self.assertEqual(self.train("--resume", "--epochs", epochs, out=name)["epochs"], epochs)

    def test_resume_of_nothing_and_of_a_finished_run(self):
        told = self.train("--resume")
        self.assertFalse(told["already_finished"])
        before = (self.dir / "run/last.safetensors").read_bytes()
        again = self.train("--resume")
        self.assertTrue(again["already_finished"])
        self.assertEqual(again["test_accuracy"], told["test_accuracy"])
        self.assertEqual((self.dir / "run/last.safetensors").read_bytes(), before)
        self.assertIn("had finished before", self.ok("train", "spots.json", "--out", "run", "--resume"))

    def test_more_epochs(self):
        self.train("--epochs", 5, out="five")
        self.train("--epochs", 2)
        self.assertEqual(self.train("--epochs", 5, "--resume")["epochs"], 5)
        five, run = (read_safetensors(self.path(f"{out}/last.safetensors"))[0] for out in ("five", "run"))
        self.assertEqual(five, run)


class Predict(Spots):
    def setUp(self):
        super().setUp()
        self.train("--epochs", 12)
        self.spots = [spot(label, random.Random(5)) for label in range(CLASSES)]

    def predict(self, *args):
        return self.json("predict", "run", *args)["predictions"]

    def test_arrays(self):
        pixels = b"".join(self.spots)
        self.write("one.npy", npy([SIDE, SIDE], self.spots[1], "|u1"))
        self.write("all.npy", npy([CLASSES, SIDE, SIDE, 1], pixels, "|u1"))
        self.write("one.png", png(SIDE, SIDE, 1, self.spots[1]))
        one, same = self.predict("one.npy", "one.png")
        self.assertEqual(one["top"], same["top"])
        told = self.predict("all.npy")
        self.assertEqual([(p["class"], p["index"]) for p in told], [(0, 0), (1, 1), (2, 2)])
        self.assertIn("all.npy[2]", self.ok("predict", "run", "all.npy"))

    def test_floats_are_the_input_itself(self):
        _, metadata = read_safetensors(self.path("run/last.safetensors"))
        normalisation = json.loads(metadata["lido.input"])
        mean, deviation = normalisation["mean"][0], normalisation["deviation"][0]
        x = [(v / 255 - mean) / deviation for v in self.spots[2]]
        self.write("x.npy", npy([1, SIDE, SIDE, 1], x))
        self.write("x.png", png(SIDE, SIDE, 1, self.spots[2]))
        floats, picture = self.predict("x.npy", "x.png")
        self.assertEqual(floats["class"], picture["class"])
        self.assertAlmostEqual(floats["probability"], picture["probability"], places=5)

    def test_colour_becomes_grey(self):
        grey = self.spots[0]
        self.write("grey.png", png(SIDE, SIDE, 1, grey))
        self.write("colour.png", png(SIDE, SIDE, 3, bytes(v for v in grey for _ in range(3))))
        a, b = self.predict("grey.png", "colour.png")
        self.assertEqual(a["top"], b["top"])
        self.write("red.png", png(SIDE, SIDE, 3, bytes(c for v in grey for c in (v, 0, 0))))
        self.write("luma.png", png(SIDE, SIDE, 1, bytes((299 * v + 500) // 1000 for v in grey)))
        a, b = self.predict("red.png", "luma.png")
        self.assertEqual(a["top"], b["top"])

    def test_invert(self):
        self.write("dark.png", png(SIDE, SIDE, 1, bytes(255 - v for v in self.spots[1])))
        self.write("light.png", png(SIDE, SIDE, 1, self.spots[1]))
        self.assertEqual(self.predict("dark.png", "--invert")[0]["top"], self.predict("light.png")[0]["top"])

    def test_resize(self):
        big = bytes(self.spots[2][y // 3 * SIDE + x // 3] for y in range(24) for x in range(24))
        self.write("big.png", png(24, 24, 1, big))
        self.fails(2, [r"big.png: pictures of \[24,24,1\]: .* would need .*; --resize"], "predict", "run", "big.png")
        self.assertEqual(self.predict("big.png", "--resize")[0]["class"], 2)
        even = bytes([77]) * 300
        self.write("even.png", png(20, 15, 1, even))
        self.write("fit.png", png(SIDE, SIDE, 1, even[:64]))
        a, b = self.predict("even.png", "fit.png", "--resize")
        self.assertEqual(a["top"], b["top"])

    def test_other_sizes_where_the_head_allows(self):
        spec = spots_spec()
        spec["layers"] = [{"type": "conv", "filters": 8, "kernel": 3, "activation": "relu"},
                          {"type": "avg_pool", "global": True}, {"type": "dense", "units": CLASSES}, {"type": "softmax"}]
        self.write("any.json", spec)
        self.train(spec="any.json", out="any")
        self.write("big.png", png(20, 15, 1, bytes([77]) * 300))
        self.write("fit.png", png(SIDE, SIDE, 1, bytes([77]) * 64))
        big, fit = self.json("predict", "any", "big.png", "fit.png")["predictions"]
        self.assertAlmostEqual(big["top"][0]["probability"], fit["top"][0]["probability"], places=5)
        for split in ("train", "t10k"):
            pixels = bytes(3 * (SIDE + 3) ** 2)
            self.write(f"large/{split}-images-idx3-ubyte", idx([3, SIDE + 3, SIDE + 3], pixels))
            self.write(f"large/{split}-labels-idx1-ubyte", idx([3], bytes([0, 1, 2])))
        self.assertEqual(self.json("eval", "any", "--data", "idx:large")["rows"], 3)

    def test_bad_files(self):
        self.write("x.png", png(SIDE, SIDE, 1, self.spots[0]))
        self.fails(2, ["DIR-or-CHECKPOINT FILE... is missing"], "predict", "run")
        self.fails(1, ["none.png"], "predict", "run", "none.png")
        self.fails(1, ["cut.png"], "predict", "run",
                   self.write("cut.png", (self.dir / "x.png").read_bytes()[:60]))
        self.fails(1, ["text.png"], "predict", "run", self.write("text.png", "no picture"))
        self.fails(2, [r"f.npy: pictures of \[8,10,1\]: .*pooling takes other sizes\n"], "predict", "run",
                   self.write("f.npy", npy([1, 8, 10, 1], [0] * 80)))
        self.fails(2, ["f.npy: has 1 dimensions, allowed: 2 to 4"], "predict", "run",
                   self.write("f.npy", npy([8], [0] * 8)))
        self.fails(2, ["integers of more than 8 bits"], "predict", "run",
                   self.write("i.npy", npy([8, 8], [0] * 64, "<i4")))
        self.fails(2, ["--invert is for pictures"], "predict", "run", "--invert",
                   self.write("f.npy", npy([8, 8], [0] * 64)))


if __name__ == "__main__":
    main()

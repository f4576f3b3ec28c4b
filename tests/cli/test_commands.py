#!/usr/bin/env python3
"""test_commands.py LIDO: usage and help, and the commands that train nothing."""
import http.server
import json
import shutil
import threading

from harness import LIDO, Case, main, npy, read_npy, read_safetensors, safetensors, spots_spec

COMMANDS = ["train", "eval", "predict", "describe", "list", "data", "op", "gradcheck", "bench"]
CLASSIC = [1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4]


class Usage(Case):
    def test_help(self):
        out = self.ok("help")
        for command in COMMANDS:
            self.assertRegex(out, rf"(?m)^  {command} +\S")
            told = self.ok("help", command)
            self.assertTrue(told.startswith(f"usage: lido {command}"))
            self.assertEqual(told, self.ok(command, "--help"))
            self.assertEqual(told, self.ok(command, "--unknown", "--help"))
            self.assertIn("--json", told)
            self.assertLessEqual(max(map(len, told.splitlines())), 80, told)
        self.assertEqual(out, self.ok("--help"))
        self.assertRegex(self.ok("--version"), r"^lido \d+\.\d+\.\d+\n$")

    def test_bad_usage(self):
        self.fails(2, ["no command", "usage: lido COMMAND"])
        self.fails(2, ['unknown command "trian"; did you mean "train"'], "trian")
        self.fails(2, ['unknown command "xyzzy"; commands: train'], "help", "xyzzy")
        self.fails(2, ["--epoch; did you mean --epochs", "usage: lido train SPEC"], "train", "--epoch", "3")
        self.fails(2, ["unknown flag -e"], "train", "-e")
        self.fails(2, ["SPEC is missing"], "train")
        self.fails(2, ['"b" is one argument too many'], "train", "a", "b")
        self.fails(2, ["--epochs needs a value: --epochs N"], "train", "a", "--epochs")
        self.fails(2, ["--epochs needs a value"], "train", "a", "--epochs", "--json")
        self.fails(2, ['--epochs is "0", allowed: an integer in 1..'], "train", "a", "--epochs=0")
        self.fails(2, ['--epochs is "3x"'], "train", "a", "--epochs", "3x")
        self.fails(2, ['--epochs is "99999999999999999999"'], "train", "a", "--epochs", "99999999999999999999")
        self.fails(2, ['--seed is "-1"'], "train", "a", "--seed", "-1")
        self.fails(2, ['--threads is "0"'], "train", "a", "--threads", "0")
        self.fails(2, ["--json takes no value"], "train", "a", "--json=1")
        self.fails(2, ["--json is given twice"], "train", "a", "--json", "--json")
        self.fails(2, ["--out is empty"], "train", "a", "--out", "")
        self.fails(2, ['--split is "tset", allowed: test, train'], "eval", "a", "--split", "tset")
        self.fails(2, ['--seconds is "nan"'], "bench", "a", "--seconds", "nan")
        self.fails(2, ['--shape is "2,0,3"'], "gradcheck", "a", "--shape", "2,0,3")

    def test_words_after_two_dashes_are_no_flags(self):
        self.fails(1, ["--json"], "train", "--", "--json")

    def test_full_standard_output(self):
        with open("/dev/full", "w") as full:
            self.fails(1, ["standard output: No space left"], "list", stdout=full)


class Listing(Case):
    def test_list(self):
        out = self.ok("list")
        for name in ["max_pool", "conv", "adam", "cosine", "he_normal", "mse", "synthetic", "train"]:
            self.assertRegex(out, rf"(?m)^  {name}\b")
        told = self.json("list")
        self.assertIn("avg_pool", told["layers"])
        self.assertEqual(list(self.json("list", "optimizers")), ["optimizers"])

    def test_pairs(self):
        pairs = self.json("list", "pairs")
        self.assertIs(pairs["lip_pool"]["fractional"], True)
        self.assertIn("weight for each cell", pairs["gated_pool"]["levels"])
        self.assertNotIn("blur_pool", pairs)

    def test_options_of_each(self):
        for group, names in self.json("list").items():
            for name in names:
                self.assertEqual(self.json("list", name)["name"], name)
        self.assertRegex(self.ok("list", "adam"), r"(?m)^  lr +\S.*\n.*\n +default: 0.001")
        self.assertIn("kernel", self.json("list", "max_pool")["options"]["properties"])

    def test_unknown(self):
        self.fails(2, ['did you mean "max_pool"'], "list", "max_pol")
        self.fails(2, ["`lido list` names all"], "list", "qqqqqq")


class Describe(Case):
    def test_layers_and_totals(self):
        spec = self.write("spots.json", spots_spec())
        told = self.json("describe", spec)
        self.assertEqual([layer["type"] for layer in told["layers"]],
                         ["conv", "relu", "max_pool", "flatten", "dropout", "dense", "softmax"])
        self.assertEqual(told["parameters"], 4 * (9 + 1) + (64 + 1) * 3)
        self.assertEqual(told["multiply_adds"], 64 * 9 * 4 + 64 * 3)
        pool = told["layers"][2]
        self.assertEqual((pool["output"], pool["receptive_field"], pool["receptive_stride"]),
                         ([4, 4, 4], [4, 4], [2, 2]))
        self.assertEqual(told["batch"], 20)
        self.assertGreater(told["training_bytes"], told["inference_bytes"])
        self.assertGreater(self.json("describe", spec, "--batch", 40)["inference_bytes"], told["inference_bytes"])
        out = self.ok("describe", spec)
        self.assertRegex(out, r"(?m)^pool#1/max_pool#1 +\[4,4,4\] +0 +0 +256 B +4/2$")
        self.assertRegex(out, r"(?m)^total +235 +\d")
        self.assertNotRegex(out, r"(?m) $")

    def test_thousands(self):
        spec = self.write("big.json", {"input": [1000], "layers": [{"type": "dense", "units": 1000}]})
        self.assertIn("1,001,000", self.ok("describe", spec))

    def test_nothing_is_allocated(self):
        layers = [{"type": "dense", "units": 1000000}]
        spec = self.write("huge.json", {"input": [1000000], "layers": layers})
        self.assertEqual(self.json("describe", spec)["parameters"], 1000001000000)

    def test_resolved_is_a_spec_of_the_same_network(self):
        spec = self.write("spots.json", spots_spec())
        resolved = self.ok("describe", spec, "--resolved")
        again = self.write("again.json", resolved)
        self.assertEqual(json.loads(self.ok("describe", again, "--resolved")), json.loads(resolved))
        self.assertEqual(self.json("describe", again)["layers"], self.json("describe", spec)["layers"])
        self.assertEqual(json.loads(resolved)["train"]["optimizer"]["beta2"], 0.999)

    def test_schema(self):
        self.assertIn("properties", self.json("describe", "--schema"))
        self.fails(2, ["stands alone"], "describe", "a", "--schema")
        self.fails(2, ["SPEC is missing"], "describe")


class Op(Case):
    def setUp(self):
        super().setUp()
        self.write("x.npy", npy([1, 4, 4, 1], CLASSIC))
        self.write("dy.npy", npy([1, 2, 2, 1], [1, 2, 3, 4]))

    def op(self, layer, *args):
        self.ok("op", json.dumps(layer), "--input", "x.npy", "--output", "y.npy", *args)
        return read_npy(self.path("y.npy"))

    def test_the_classic(self):
        self.assertEqual(self.op({"type": "max_pool", "kernel": 2}), ([1, 2, 2, 1], [6, 8, 3, 4]))
        self.assertEqual(self.op({"type": "avg_pool", "kernel": 2}), ([1, 2, 2, 1], [3.25, 5.25, 2, 2]))
        self.assertEqual(self.op({"type": "flatten"}), ([1, 16], CLASSIC))
        self.assertEqual(self.op({"type": "max_pool", "global": True}), ([1, 1], [8]))

    def test_layer_in_a_file(self):
        self.write("layer.json", {"type": "max_pool", "kernel": 2})
        told = self.json("op", "layer.json", "--input", "x.npy", "--output", "y.npy")
        self.assertEqual(told, {"output": "y.npy"})
        self.assertEqual(read_npy(self.path("y.npy"))[1], [6, 8, 3, 4])

    def test_gradient_at_the_input(self):
        self.op({"type": "max_pool", "kernel": 2}, "--grad-output", "dy.npy", "--grad-input", "dx.npy")
        self.assertEqual(read_npy(self.path("dx.npy")),
                         ([1, 4, 4, 1], [0, 0, 0, 0, 0, 1, 0, 2, 3, 0, 0, 0, 0, 0, 0, 4]))
        self.op({"type": "avg_pool", "kernel": 2}, "--grad-output", "dy.npy", "--grad-input", "dx.npy")
        self.assertEqual(read_npy(self.path("dx.npy"))[1], [v / 4 for v in [1, 1, 2, 2] * 2 + [3, 3, 4, 4] * 2])

    def compare(self, layer, shape):
        return self.json("op", json.dumps(layer), "--shape", shape, "--compare-semantics")

    def test_compare_semantics_shapes(self):
        told = self.compare({"type": "max_pool", "kernel": 2}, "7,7,3")
        self.assertEqual(told["input"], [7, 7, 3])
        outputs = {engine["semantics"]: engine["output"] for engine in told["engines"]}
        self.assertEqual(outputs, {"torch": [3, 3, 3], "keras": [3, 3, 3], "onnx": [6, 6, 3], "caffe": [4, 4, 3],
                                   "darknet": [7, 7, 3]})
        self.assertEqual(len(told["differences"]), 9)
        self.assertTrue(all(difference["shapes"] for difference in told["differences"]))

    def test_compare_semantics_values(self):
        """The borders of 1 2 3 4 under a window of 3, by hand."""
        layer = {"type": "avg_pool", "kernel": 3, "stride": 2, "padding": 1, "semantics": "caffe"}
        told = self.compare(layer, "4,1")
        values = {engine["semantics"]: [cell["value"] for cell in engine["border"]] for engine in told["engines"]}
        self.assertEqual(values, {"torch": [1, 3], "keras": [1.5, 3], "onnx": [1.5, 3], "caffe": [1, 2],
                                  "darknet": [2, 3.5]})
        self.assertEqual(told["differences"][0],
                         {"between": ["torch", "keras"], "shapes": False, "values": 1, "first": [0]})
        self.assertNotIn(["keras", "onnx"], [difference["between"] for difference in told["differences"]])
        text = self.ok("op", json.dumps(layer), "--shape", "4,1", "--compare-semantics")
        self.assertIn("torch | keras, onnx: 1 of 2 values differ: [0] 1 | 1.5\n", text)
        self.assertIn("torch | caffe: [2,1] | [3,1]\n", text)

    def test_compare_semantics_says_who_refuses(self):
        told = self.compare({"type": "max_pool", "kernel": 2, "stride": 2, "dilation": 2}, "7,7,1")
        refusals = {engine["semantics"]: engine["error"] for engine in told["engines"] if "error" in engine}
        self.assertEqual(list(refusals), ["caffe", "darknet"])
        self.assertIn('"dilation" is 2, but pooling in caffe has none', refusals["caffe"])
        text = self.ok("op", '{"type": "max_pool", "kernel": 2, "stride": 2, "dilation": 2}', "--shape", "7,7,1",
                       "--compare-semantics")
        self.assertIn("no two engines that take the layer differ\ncaffe does not take it: ", text)

    def test_compare_semantics_mistakes(self):
        pool = '{"type": "max_pool", "kernel": 2}'
        self.fails(2, ["a layer of a type with \"semantics\""], "op", '{"type": "relu"}', "--shape", "7,1",
                   "--compare-semantics")
        self.fails(2, ["needs LAYER.json and --shape"], "op", pool, "--compare-semantics")
        self.fails(2, ["makes its own input"], "op", pool, "--shape", "7,1", "--compare-semantics", "--train")
        self.fails(2, ["--shape is for --compare-semantics"], "op", pool, "--shape", "7,1", "--input", "x.npy")
        self.fails(2, ["does not fit"], "op", '{"type": "max_pool", "kernel": 2, "stride": 1, "padding": "valid"}',
                   "--shape", "1,1", "--compare-semantics")

    def test_two_inputs(self):
        self.ok("op", '{"type": "add"}', "--input", "x.npy", "--input", "x.npy", "--output", "y.npy")
        self.assertEqual(read_npy(self.path("y.npy"))[1], [2 * v for v in CLASSIC])

    def test_inner_activation(self):
        self.write("x.npy", npy([1, 2], [1, -1]))
        self.write("p.safetensors", safetensors({"weight": ([2, 2], [1, 2, 3, -4]), "bias": ([2], [0.5, -1])}))
        self.write("dy.npy", npy([1, 2], [10, 20]))
        layer = {"type": "dense", "units": 2, "activation": "relu"}
        y = self.op(layer, "--params", "p.safetensors", "--grad-output", "dy.npy", "--grad-input", "dx.npy",
                    "--grad-params", "dp.safetensors")
        self.assertEqual(y, ([1, 2], [0, 5]))  # before: 1 - 3 + 0.5 = -1.5, 2 + 4 - 1 = 5
        self.assertEqual(read_npy(self.path("dx.npy")), ([1, 2], [40, -80]))
        gradients, _ = read_safetensors(self.path("dp.safetensors"))
        self.assertEqual(gradients, {"weight": ([2, 2], [0, 20, 0, -20]), "bias": ([2], [0, 20])})

    def test_params(self):
        weight = [0] * 9
        weight[4] = 2
        self.write("p.safetensors", safetensors({"weight": ([3, 3, 1, 1], weight), "bias": ([1], [1])}))
        layer = {"type": "conv", "filters": 1, "kernel": 3, "padding": 1}
        y = self.op(layer, "--params", "p.safetensors")
        self.assertEqual(y, ([1, 4, 4, 1], [2 * v + 1 for v in CLASSIC]))

    def test_params_that_do_not_fit(self):
        run = ["op", '{"type": "dense", "units": 2}', "--input", "x.npy", "--output", "y.npy", "--params", "p"]
        self.write("x.npy", npy([1, 2], [1, -1]))
        bias = ([2], [0, 0])
        self.write("p", safetensors({"weight": ([3, 2], [0] * 6), "bias": bias}))
        self.fails(1, ['weight', r"\[3,2\]", r"\[2,2\]"], *run)
        self.write("p", safetensors({"bias": bias}))
        self.fails(1, ['"weight"'], *run)
        self.write("p", safetensors({"weight": ([2, 2], [0] * 4), "bias": bias, "extra": bias}))
        self.fails(1, ['"extra"', "weight, bias"], *run)
        self.write("p", safetensors({"weight": ([2, 2], [0] * 4)})[:-4])
        self.fails(1, ["^lido op: p: "], *run)

    def test_seed(self):
        layer = {"type": "conv", "filters": 3, "kernel": 2}
        first = self.op(layer, "--seed", 1)
        self.assertEqual(first, self.op(layer, "--seed", 1, "--threads", 3))
        self.assertNotEqual(first, self.op(layer, "--seed", 2))

    def test_train(self):
        layer = {"type": "dropout", "rate": 0.5}
        self.assertEqual(self.op(layer)[1], CLASSIC)
        dropped = self.op(layer, "--train", "--seed", 5)[1]
        self.assertIn(0, dropped[:11])
        self.assertTrue(set(dropped) <= {0} | {2 * v for v in CLASSIC})

    def test_batch_file(self):
        self.write("lines", "# two that work\n"
                   "lido op '{\"type\": \"max_pool\", \"kernel\": 2}' --input x.npy --output y1.npy\n\n"
                   "'{\"type\": \"min_pool\", \"kernel\": 2}' --input x.npy --output y2.npy\n")
        self.assertEqual(self.json("op", "--batch-file", "lines"), {"run": 2, "failed": 0})
        self.assertEqual(read_npy(self.path("y1.npy"))[1], [6, 8, 3, 4])
        self.assertEqual(read_npy(self.path("y2.npy"))[1], [1, 2, 1, 0])

    def test_batch_file_goes_on_after_a_failure(self):
        good = "'{\"type\": \"relu\"}' --input x.npy --output y.npy"
        self.write("lines", f"nowhere.json --input x.npy --output n.npy\n'open\n--batch-file lines\n{good}\n")
        run = self.run_lido("op", "--batch-file", "lines")
        self.assertEqual(run.returncode, 1)
        for expected in ["lines:1: nowhere.json: ", "lines:2: a quote is left open", "lines:3: ",
                         "lido op: lines: 3 of 4 lines failed, first line 1"]:
            self.assertIn(expected, run.err)
        self.assertIn("1 of 4 lines done", run.out)
        self.assertEqual(read_npy(self.path("y.npy"))[1], CLASSIC)

    def test_bad_input(self):
        pool = '{"type": "max_pool", "kernel": 2}'
        files = ["--input", "x.npy", "--output", "y.npy"]
        self.fails(2, ["LAYER.json is missing"], "op", *files)
        self.fails(2, ["--input is missing"], "op", pool, "--output", "y.npy")
        self.fails(2, ["--output is missing"], "op", pool, "--input", "x.npy")
        self.fails(2, ["--grad-output goes with"], "op", pool, *files, "--grad-output", "dy.npy")
        self.fails(2, ["--grad-output goes with"], "op", pool, *files, "--grad-input", "dx.npy")
        self.fails(2, ['"kernal"; did you mean "kernel"'], "op", '{"type": "max_pool", "kernal": 2}', *files)
        self.fails(2, [r'"kernel" is "2"'], "op", '{"type": "max_pool", "kernel": "2"}', *files)
        self.fails(2, ["layer:1:9"], "op", '{"type":}', *files)
        self.fails(2, ["layer object"], "op", self.write("list.json", [1]), *files)
        self.fails(2, ["max_pool"], "op", pool, *files, "--input", "x.npy")
        self.fails(1, ["none.npy"], "op", pool, "--input", "none.npy", "--output", "y.npy")
        self.write("flat.npy", npy([4], CLASSIC[:4]))
        self.fails(2, ["flat.npy: has 1 dimensions"], "op", pool, "--input", "flat.npy", "--output", "y.npy")
        self.fails(2, ["does not fit"], "op", '{"type": "max_pool", "kernel": 5}', *files)
        self.fails(2, [r"dy.npy holds 1 of \[2,2,1\], the layer's output is 1 of \[4,4,1\]"], "op",
                   '{"type": "relu"}', *files, "--grad-output", "dy.npy", "--grad-input", "dx.npy")
        self.write("two.npy", npy([2, 4, 4, 1], CLASSIC * 2))
        self.fails(2, ["two.npy holds 2 samples, x.npy 1"], "op", '{"type": "add"}', *files, "--input", "two.npy")
        self.fails(1, ["/y.npy"], "op", pool, "--input", "x.npy", "--output", "x.npy/y.npy")


class Gradcheck(Case):
    def test_a_layer(self):
        told = self.json("gradcheck", '{"type": "conv", "filters": 2, "kernel": 3, "activation": "tanh"}')
        self.assertTrue(told["passed"])
        self.assertLess(told["error"], 1e-7)  # only double precision comes so near
        self.assertEqual(told["checked"], 3 * 9 * 2 + 2 + 2 * 7 * 6 * 3)

    def test_shape_of_a_layer(self):
        told = self.json("gradcheck", '{"type": "avg_pool", "kernel": 2}', "--shape", "3,5,2")
        self.assertEqual(told["checked"], 3 * 5 * 2)

    def test_a_spec(self):
        spec = self.write("spots.json", spots_spec())
        out = self.ok("gradcheck", spec, "--batch", 2, "--limit", 50, "--seed", 3)
        self.assertRegex(out, r"(?m)^  failed +0 ")
        self.fails(2, ["a spec has an input"], "gradcheck", spec, "--shape", "1,2,2,1")

    def test_runs_the_program_in_double_beside_it(self):
        shutil.copy(LIDO, self.path("lido"))
        self.write("lido-f64", "#!/bin/sh\necho \"$@\"\n")
        (self.dir / "lido-f64").chmod(0o755)
        run = self.run_lido("gradcheck", "a b", "--json", program=self.path("lido"))
        self.assertEqual(run.out, "gradcheck a b --json\n")

    def test_bad_layer(self):
        self.fails(2, ['"maxpool"; did you mean "max_pool"'], "gradcheck", '{"type": "maxpool"}')
        self.fails(2, ["--shape"], "gradcheck", '{"type": "relu"}', "--shape", "3")


SPEED = ["multiply_adds_per_second", "peak_share", "bytes_per_second", "copy_share"]
MACHINE = ["threads", "peak_multiply_adds_per_second", "copy_bytes_per_second"]


class Bench(Case):
    def assert_shares(self, speed, machine):
        """Speed is above zero, and its shares are of what the machine can do."""
        for rate, most, share in [("multiply_adds_per_second", "peak_multiply_adds_per_second", "peak_share"),
                                  ("bytes_per_second", "copy_bytes_per_second", "copy_share")]:
            self.assertGreater(speed[rate], 0)
            self.assertAlmostEqual(speed[rate] / machine[most], speed[share], places=9)

    def test_spec(self):
        spec = self.write("spots.json", spots_spec(data="no-such-set"))  # it reads none
        told = self.json("bench", spec, "--batch", 8, "--threads", 2, "--seconds", 0.05)
        self.assertEqual(set(told), {"images_per_second", "ms_per_step", "peak_bytes", *SPEED, *MACHINE})
        self.assert_shares(told, told)
        self.assertAlmostEqual(told["images_per_second"] * told["ms_per_step"], 8000, places=3)
        self.assertGreater(told["peak_bytes"], 1 << 20)
        predicted = self.json("bench", spec, "--seconds", 0.05, "--inference")
        self.assertGreater(predicted["images_per_second"], 0)
        self.assertIn("batch 20", self.ok("bench", spec, "--seconds", 0.01))

    def test_layer(self):
        for layer in ['{"type": "max_pool", "kernel": 2}', '{"type": "add"}']:
            told = self.json("bench", "--layer", layer, "--shape", "2,8,8,3", "--threads", 1, "--seconds", 0.05)
            self.assertGreater(told["forward_ms"], 0)
            self.assertGreaterEqual(told["backward_ms"], 0)
            self.assertEqual(told["forward_peak_share"], 0)
            self.assertGreater(told["forward_copy_share"], 0)
        told = self.json("bench", "--layer", '{"type": "dense", "units": 64}', "--shape", "64,32", "--seconds", 0)
        self.assert_shares({key[8:]: told[key] for key in told if key.startswith("forward_")}, told)

    def test_profile(self):
        spec = self.write("spots.json", spots_spec())
        told = self.json("bench", spec, "--batch", 8, "--threads", 2, "--seconds", 0, "--profile")
        layers = {layer["layer"]: layer for layer in told["layers"]}
        parts = [layer[way]["ms"] for layer in layers.values() for way in ("forward", "backward")]
        self.assertAlmostEqual(sum(parts) + told["loss_ms"] + told["update_ms"], told["ms_per_step"], places=6)
        self.assertAlmostEqual(sum(parts), told["forward"]["ms"] + told["backward"]["ms"], places=6)
        for layer in layers.values():
            for way in ("forward", "backward"):
                self.assertAlmostEqual(layer[way]["share"] * told["ms_per_step"], layer[way]["ms"], places=9)
        dense = [layer for layer in layers.values() if layer["type"] == "dense"][-1]
        self.assert_shares(dense["forward"], told)
        self.assert_shares(dense["backward"], told)
        self.assertGreaterEqual(dense["forward"]["pieces"], 1)
        self.assertGreater(told["update_ms"], 0)
        self.assertNotIn("softmax", [layer["type"] for layer in layers.values()])  # its loss runs in its place
        table = self.ok("bench", spec, "--seconds", 0, "--profile")
        self.assertRegex(table, r"(?m)^all layers .*\n +loss .*\n +update .*\n +step ")
        predicted = self.json("bench", spec, "--seconds", 0, "--profile", "--inference")
        self.assertEqual(predicted["backward"]["ms"], 0)

    def test_pooling(self):
        told = self.json("bench", "--pooling", "gated_pool", "--shape", "2,16,16,3", "--threads", 1, "--seconds", 0)
        self.assertGreater(told["copy_bytes_per_second"], 0)
        pairs = {pair["grid"]: pair for pair in told["pairs"]}
        self.assertGreater(pairs["2x2/2"]["backward_ratio"], 0)
        self.assertGreater(pairs["2x2/2"]["copy_share"], 0)
        self.assertIn("each cell of a window", pairs["adaptive 3"]["refused"])

    def test_bad_usage(self):
        self.fails(2, ['--pooling is "conv", allowed: all'], "bench", "--pooling", "conv", "--shape", "1,8,8,3")
        self.fails(2, ["--layer and --pooling need --shape"], "bench", "--pooling", "all")
        self.fails(2, ["either a SPEC or --layer"], "bench")
        self.fails(2, ["either a SPEC or --layer"], "bench", "a", "--layer", "{}")
        self.fails(2, ["need --shape"], "bench", "--layer", '{"type": "relu"}')
        self.fails(2, ["--shape is for --layer"], "bench", "a", "--shape", "2,2")


class Data(Case):
    def test_list_and_info(self):
        self.assertRegex(self.ok("data", "list"), r"(?m)^mnist +28x28x1 +60,000 +10,000 +10 +-$")
        sets = {entry["name"]: entry for entry in self.json("data", "list")["sets"]}
        self.assertTrue(sets["synthetic"]["built_in"])
        self.assertNotIn("path", sets["mnist"])
        self.write("sets/mnist/train-labels-idx1-ubyte", b"")
        self.assertEqual(self.json("data", "info", "mnist", "--data-dir", "sets")["path"], "sets/mnist")
        self.assertRegex(self.ok("data", "info", "mnist"), r"not here +`lido data fetch mnist`")

    def test_bad_usage(self):
        self.fails(2, ["list, info NAME, fetch NAME"], "data", "show")
        self.fails(2, ["info needs the NAME"], "data", "info")
        self.fails(2, ['did you mean "mnist"'], "data", "fetch", "mnst")
        self.fails(2, ["known: mnist"], "data", "info", "xyzzyxyzzy")
        self.fails(2, ["is built in"], "data", "fetch", "synthetic")
        self.fails(2, ["--url is for"], "data", "list", "--url", "http://localhost/")

    def test_fetch(self):
        """Whatever a server sends, only the published file is kept."""
        requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                requests.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "9")
                self.end_headers()
                self.wfile.write(b"not MNIST")

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            url = f"http://127.0.0.1:{server.server_port}/mirror/"
            self.fails(1, ["train-images-idx3-ubyte.gz", "md5"], "data", "fetch", "mnist", "--url", url,
                       "--data-dir", "sets")
            server.shutdown()
        self.assertEqual(requests[0], "/mirror/train-images-idx3-ubyte.gz")
        self.assertEqual(self.json("data", "info", "mnist", "--data-dir", "sets").get("path"), None)

    def test_fetch_from_nowhere(self):
        run = self.fails(1, ["train-images-idx3-ubyte.gz"], "data", "fetch", "mnist", "--url",
                         "http://127.0.0.1:9/", "--data-dir", "sets")
        self.assertFalse((self.dir / "sets/mnist/train-images-idx3-ubyte").exists())
        self.assertNotIn("\r", run.err)


if __name__ == "__main__":
    main()

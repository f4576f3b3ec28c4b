#!/usr/bin/env python3
"""test_op.py LIDO: what `lido op` does beyond arrays in and out: random draws from a file and back,
switches, boxes that say their sample. (The rest of it: test_commands.py.)"""
import json
import math

from harness import Case, main, npy, read_npy

FRACTIONAL = {"type": "max_pool", "fractional": {"output_size": 7, "kernel": 2}}
SOME = [(i * 37 % 64) / 64 for i in range(1, 65)]  # no two alike, none negative


class Op(Case):
    def setUp(self):
        super().setUp()
        self.write("x.npy", npy([2, 4, 4, 2], SOME))

    def arguments(self, layer, *args, x="x.npy", y="y.npy"):
        return ["op", json.dumps(layer), "--input", x, "--output", y, *args]

    def op(self, layer, *args, **files):
        self.ok(*self.arguments(layer, *args, **files))
        return read_npy(self.path(files.get("y", "y.npy")))[1]

    def refuses(self, status, patterns, layer, *args, **files):
        self.fails(status, patterns, *self.arguments(layer, *args, **files))


class Draws(Op):
    def row(self, length, *draws, kind="<f4"):
        """One row 0, 1, ... and the draws of each axis."""
        self.write("row.npy", npy([1, length, 1], range(length)))
        self.write("u.npy", npy([1, len(draws)], draws, kind))

    def test_as_given(self):
        """The windows of 10 cells that u = 0.35 gives start at 0, 1, 3, 4, 5, 7, 8 and have two cells."""
        for kind in ("<f4", "<f8"):
            self.row(10, 0.35, kind=kind)
            y = self.op(FRACTIONAL, "--draws", "u.npy", x="row.npy")
            self.assertEqual(y, [1, 2, 4, 5, 6, 8, 9])

    def test_gradient(self):
        self.row(10, 0.35)
        self.write("dy.npy", npy([1, 7, 1], [1, 2, 3, 4, 5, 6, 7]))
        self.op(FRACTIONAL, "--draws", "u.npy", "--grad-output", "dy.npy", "--grad-input", "dx.npy", x="row.npy")
        self.assertEqual(read_npy(self.path("dx.npy"))[1], [0, 1, 2, 0, 3, 4, 5, 0, 6, 7])

    def test_replay(self):
        """What was drawn, written and given again comes to the same bits, with any other seed."""
        grid = {"fractional": {"output_size": 3, "kernel": 1}}
        for layer, count in [({"type": "avg_pool"} | grid, 2),
                             ({"type": "min_pool", "stochastic_grid": {"cell": 4, "keep": 2}}, 8),
                             ({"type": "stochastic_pool", "kernel": 2}, 8),
                             ({"type": "mixed_choice_pool"} | grid, 4),
                             ({"type": "dropout"}, 32)]:
            with self.subTest(layer=layer):
                outputs = set()
                for seed in range(8):
                    y = self.op(layer, "--train", "--draws-out", "u.npy", "--seed", seed)
                    self.assertEqual(read_npy(self.path("u.npy"))[0], [2, count])
                    again = self.op(layer, "--train", "--draws", "u.npy", "--draws-out", "v.npy", "--seed", 99,
                                    "--threads", 3, y="z.npy")
                    self.assertEqual(y, again)
                    self.same_files("y.npy", "z.npy")
                    self.same_files("u.npy", "v.npy")
                    outputs.add(tuple(y))
                self.assertGreater(len(outputs), 1)

    def test_evaluation(self):
        """Fractional windows are drawn in evaluation too, by other numbers."""
        layer = {"type": "max_pool", "fractional": {"output_size": 2, "kernel": 2}}
        y = self.op(layer, "--draws-out", "u.npy")
        self.op(layer, "--train", "--draws-out", "v.npy")
        self.assertNotEqual(read_npy(self.path("u.npy")), read_npy(self.path("v.npy")))
        self.assertEqual(self.op(layer, "--draws", "u.npy"), y)

    def test_shapes(self):
        both = {"type": "mixed_choice_pool", "fractional": {"output_size": 2, "kernel": 2}}
        self.write("u.npy", npy([4], [0] * 4))
        self.refuses(2, [r"u.npy: is \[4\], allowed: \[2,4\], .*1 along H, 1 along W, then 2: maximum or average"],
                     both, "--train", "--draws", "u.npy")
        self.write("u.npy", npy([2, 4], [0] * 8))
        self.op(both, "--train", "--draws", "u.npy")
        self.refuses(2, [r"allowed: \[2,8\], .*8: the cell of each output"], {"type": "stochastic_pool", "kernel": 2},
                     "--train", "--draws", "u.npy")
        self.refuses(2, [r"allowed: \[2,32\], .*an element is dropped"], {"type": "dropout"}, "--train", "--draws", "u.npy")

    def test_values(self):
        for kind, bad, text in [("<f4", 1, "is 1,"), ("<f4", -0.5, "is -0.5,"), ("<f4", math.nan, "is nan,"),
                                ("<f4", math.inf, "is inf,"), ("<f8", 1 - 2**-40, "is 0.99999999999"),
                                ("<f8", -1e-300, "is -1e-300,")]:
            self.write("u.npy", npy([2, 2], [0, 0.5, bad, 0], kind))
            self.refuses(1, [f"u.npy: number 0 of sample 1 {text}.* allowed: 0 up to, not including, 1"],
                         {"type": "max_pool", "fractional": {"output_size": 2, "kernel": 2}}, "--draws", "u.npy")
        self.write("u.npy", npy([2, 2], [0] * 4, "<i8"))
        self.refuses(1, ["u.npy: holds integers"],
                     {"type": "max_pool", "fractional": {"output_size": 2, "kernel": 2}}, "--draws", "u.npy")
        self.assertFalse((self.dir / "y.npy").exists())

    def test_who_draws_nothing(self):
        self.write("u.npy", npy([2, 2], [0] * 4))
        pool = {"type": "max_pool", "kernel": 2}
        self.refuses(2, ["--draws: max_pool takes no random draws"], pool, "--draws", "u.npy")
        self.refuses(2, ["--draws-out: max_pool takes no random draws"], pool, "--draws-out", "v.npy")
        for layer in ({"type": "dropout"}, {"type": "stochastic_pool", "kernel": 2},
                      {"type": "max_pool", "stochastic_grid": {"cell": 2, "keep": 1}}):
            self.refuses(2, [f"{layer['type']} takes random draws in training only"], layer, "--draws", "u.npy")
        self.refuses(2, ["takes no random draws"], {"type": "stochastic_pool", "kernel": 2, "training": "weighted"},
                     "--train", "--draws", "u.npy")


class Switches(Op):
    def switches(self, layer, *args, **files):
        self.op(layer, "--switches", "s.npy", *args, **files)
        return read_npy(self.path("s.npy"), "<i8")

    def test_both_indices(self):
        """A sample of two channels, 4 x 4, the second's maxima elsewhere: planes of 16 in ONNX's index."""
        first = [1, 1, 2, 4, 5, 6, 7, 8, 3, 2, 1, 0, 1, 2, 3, 4]  # the classic
        values = [v for a, b in zip(first, reversed(first)) for v in (a, b)]
        self.write("two.npy", npy([2, 4, 4, 2], [0] * 32 + values))
        layer = {"type": "max_pool", "kernel": 2}
        dims, found = self.switches(layer, x="two.npy")
        self.assertEqual((dims, found[8:]), ([2, 2, 2, 2], [5, 0, 7, 7, 8, 8, 15, 10]))  # by hand
        self.assertEqual(found[:8], [0, 0, 2, 2, 8, 8, 10, 10])  # the first of equals
        self.assertEqual(self.switches(layer, "--switch-index", "torch", x="two.npy"), (dims, found))
        flat = [s + 16 * (n // 8 * 2 + n % 2) for n, s in enumerate(found)]
        self.assertEqual(self.switches(layer, "--switch-index", "onnx", x="two.npy"), (dims, flat))

    def test_every_grid(self):
        """The output is the input at its switch, in the order (N, C, ...) of ONNX's index."""
        values = [SOME[n * 32 + p * 2 + c] for n in range(2) for c in range(2) for p in range(16)]
        for grid in ({"kernel": 3, "stride": 1, "padding": 1}, {"kernel": 2, "dilation": 2, "stride": 1}, {"global": True},
                     {"output_size": 3}, {"levels": [2, 1]}, {"fractional": {"output_size": 2, "kernel": 2}},
                     {"fractional": {"output_size": 3, "overlap": False, "mode": "random"}},
                     {"stochastic_grid": {"cell": 4, "keep": 2}}):
            for kind in ("max_pool", "min_pool", "stochastic_pool"):
                layer = {"type": kind} | grid
                with self.subTest(layer=layer):
                    dims, found = self.switches(layer, "--train", "--switch-index", "onnx")
                    y = read_npy(self.path("y.npy"))
                    self.assertEqual((dims, [values[s] for s in found]), y)

    def test_evaluation_is_training(self):
        layer = {"type": "max_pool", "kernel": 2}
        self.assertEqual(self.switches(layer), self.switches(layer, "--train"))

    def test_nothing_drawn(self):
        self.write("zeros.npy", npy([1, 2, 2, 1], [0] * 4))
        layer = {"type": "stochastic_pool", "kernel": 2}
        for index in ("torch", "onnx"):
            found = self.switches(layer, "--train", "--switch-index", index, x="zeros.npy")
            self.assertEqual(found, ([1, 1, 1, 1], [-1]))

    def test_refused(self):
        for layer, why in [({"type": "avg_pool", "kernel": 2}, "has no switches.*not each taken from one cell"),
                           ({"type": "relu"}, "relu has no switches"),
                           ({"type": "lp_pool", "kernel": 2}, "lp_pool has no switches, with these options"),
                           ({"type": "stochastic_pool", "kernel": 2}, "in training only"),
                           ({"type": "max_pool", "stochastic_grid": {"cell": 4, "keep": 2}}, "in training only"),
                           ({"type": "max_pool", "kernel": 2, "activation": "relu"}, "becomes 2 layers")]:
            self.refuses(2, ["--switches: ", why], layer, "--switches", "s.npy")
        self.refuses(2, ["--switch-index is for --switches"], {"type": "relu"}, "--switch-index", "onnx")
        self.refuses(2, ['"torch"|torch, onnx'], {"type": "relu"}, "--switch-index", "caffe")
        self.assertFalse((self.dir / "y.npy").exists())


class Boxes(Op):
    ROWS = [[1, 0, 0, 2, 1], [0, 1, 1, 3, 3], [1, 2, 2, 3, 3], [1, 9, 9, 9, 9]]  # sample, x1, y1, x2, y2
    PLAIN = {"type": "roi_pool", "output_size": 2}

    def boxes(self, rows, name="b.npy", dims=None):
        return self.write(name, npy(dims or [len(rows), 5], [v for row in rows for v in row]))

    def run_boxes(self, layer, x, boxes, shape):
        """Output, both gradients and, of a maximum, switches."""
        self.write("dy.npy", npy(shape, [(i % 7 - 3) / 4 for i in range(math.prod(shape))]))
        kept = ["--switches", "s.npy"] if layer["type"] == "roi_pool" and "reducer" not in layer else []
        self.op(layer, "--input", boxes, "--grad-output", "dy.npy", "--grad-input", "dx.npy", "--grad-input", "db.npy",
                *kept, x=x)
        files = [read_npy(self.path(name)) for name in ("y.npy", "dx.npy", "db.npy")]
        return files + ([read_npy(self.path("s.npy"), "<i8")] if kept else [])

    def test_by_sample(self):
        """Boxes on one sample are those that lie with it."""
        rows = [row for row in self.ROWS if row[0] == 1]
        self.write("one.npy", npy([1, 4, 4, 2], SOME[32:]))
        self.boxes([[0] + row[1:] for row in rows], "with.npy", [1, 3, 5])
        self.boxes(self.ROWS)
        for layer in (self.PLAIN, self.PLAIN | {"reducer": "mean"}, {"type": "roi_align", "output_size": 2}):
            with self.subTest(layer=layer):
                wanted = self.run_boxes(layer, "one.npy", "with.npy", [1, 3, 2, 2, 2])
                y, dx, db, *s = self.run_boxes(layer, "x.npy", "b.npy", [4, 2, 2, 2])
                self.assertEqual((y[0], dx[0], db), ([4, 2, 2, 2], [2, 4, 4, 2], ([4, 5], [0] * 20)))
                self.assertEqual(y[1][:8] + y[1][16:], wanted[0][1])
                if s:
                    self.assertEqual(s[0][1][:8] + s[0][1][16:], wanted[3][1])
                    self.assertEqual(s[0][1][24:], [-1] * 8)  # off the map

    def test_gradient(self):
        """One cell a bin: each box's gradient goes to its own sample."""
        self.boxes([[1, 0, 0, 0, 0], [0, 3, 3, 3, 3], [1, 0, 0, 0, 0]])
        self.write("dy.npy", npy([3, 1, 1, 2], [1, 2, 4, 8, 16, 32]))
        self.op({"type": "roi_pool", "output_size": 1}, "--input", "b.npy", "--grad-output", "dy.npy", "--grad-input",
                "dx.npy")
        dx = read_npy(self.path("dx.npy"))[1]
        self.assertEqual((dx[30:34], sum(dx)), ([4, 8, 17, 34], 63))

    def test_refused(self):
        for sample, text in [(2, "2"), (-1, "-1"), (0.5, "0.5"), (math.nan, "nan"), (1e30, r"1e\+30")]:
            self.boxes([[0, 0, 0, 1, 1], [sample, 0, 0, 1, 1]])
            self.refuses(1, [f"b.npy: box 1 is on sample {text}, allowed: 0 to 1"], self.PLAIN, "--input", "b.npy")
        self.boxes([[0, 0, 0, 1]] * 2, dims=[2, 4])
        self.refuses(2, [r"takes a map \[H,W,C\] and boxes"], self.PLAIN, "--input", "b.npy")
        self.boxes(self.ROWS)
        self.write("dy.npy", npy([2, 2, 2, 2, 2], [0] * 32))
        self.refuses(2, [r"dy.npy holds 2 of \[2,2,2,2\], the layer's output is 4 of \[2,2,2\]"], self.PLAIN, "--input",
                     "b.npy", "--grad-output", "dy.npy", "--grad-input", "dx.npy")
        self.refuses(2, [r"b.npy holds 4 samples, x.npy 2"], {"type": "add"}, "--input", "b.npy")


if __name__ == "__main__":
    main()

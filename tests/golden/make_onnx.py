#!/usr/bin/env python3
"""Writes onnx.json: the node tests of pooling that ONNX publishes.

    python3 make_onnx.py                 (onnx 1.23.2; the version used is written into the file)
    python3 make_onnx.py --check LIDO    runs them at their full size through `lido op`

Inputs, attributes and outputs are those of onnx.backend.test.case.node (Copyright ONNX Project Contributors,
Apache-2.0), laid channels last. Every test of every pooling operator is in the file; how many each has is written there.
What is done to them:
- where nothing is padded before, a map is cut to some windows along each axis: the part begins at a multiple of the
  stride and ends where the map does, and its outputs are the last ones of the whole. Where nothing is padded after, its
  first cells and outputs are kept instead; of a large map padded both before and after, one channel. --check cuts
  nothing;
- SAME_LOWER is the padding it comes to, written out;
- uint8 is taken as numbers;
- MaxUnpool is given indices, a max_unpool the max_pool that finds them: in a map that is 1 there and 0 elsewhere;
- the tests in ROUNDED state their outputs to four digits: ONNX's reference implementation has the rest;
- indices are numbered through channels and samples and, with storage_order 1, column by column: here row by row
  within a plane.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import tempfile
import warnings

import numpy
import onnx
import onnx.reference
from onnx.backend.test.case.node import collect_testcases

import golden

LAYERS = {"MaxPool": "max_pool", "AveragePool": "avg_pool", "LpPool": "lp_pool", "GlobalMaxPool": "max_pool",
          "GlobalAveragePool": "avg_pool", "MaxUnpool": "max_unpool", "RoiAlign": "roi_align"}
UNTESTED = ("GlobalLpPool", "MaxRoiPool")  # operators for which ONNX publishes nothing
ROUNDED = ("test_averagepool_2d_ceil_last_window_starts_on_pad", "test_roialign_aligned_false",
           "test_roialign_aligned_true")


def published():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tests = collect_testcases(None)
    kinds = {n.op_type for t in tests for n in t.model.graph.node}
    pooling = {kind for kind in kinds if "Pool" in kind or "pool" in kind or "Roi" in kind}
    assert pooling == LAYERS.keys() and not kinds & {*UNTESTED}, pooling
    return [t for t in tests if t.model.graph.node[0].op_type in LAYERS]


class Test:
    """A node test: attributes by name, arrays (N, C, ...)."""

    def __init__(self, test):
        node = test.model.graph.node[0]
        (inputs, outputs), = test.data_sets
        self.name, self.kind = test.name, node.op_type
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        self.inputs, self.outputs = [numpy.asarray(v) for v in inputs], [numpy.asarray(v) for v in outputs]
        if self.name in ROUNDED:
            named = dict(zip((i.name for i in test.model.graph.input), self.inputs))
            exact = onnx.reference.ReferenceEvaluator(test.model).run(None, named)
            assert all(numpy.allclose(a, b, rtol=0, atol=1e-4) for a, b in zip(exact, self.outputs)), self.name
            self.outputs = exact

    @property
    def axes(self):
        return self.inputs[0].ndim - 2

    def get(self, name, fallback):
        return list(self.attributes.get(name, [fallback] * self.axes))

    def same_pads(self, smaller_first):
        """What SAME comes to, and whether the smaller half lies before."""
        pairs = []
        for length, k, s, d in zip(self.inputs[0].shape[2:], self.attributes["kernel_shape"], self.get("strides", 1),
                                   self.get("dilations", 1)):
            total = max(0, (-(-length // s) - 1) * s + d * (k - 1) + 1 - length)
            pairs.append([total // 2, total - total // 2] if smaller_first else [total - total // 2, total // 2])
        return pairs

    def padding(self):
        automatic = self.attributes.get("auto_pad", b"NOTSET")
        if automatic == b"SAME_UPPER":
            return "same"
        if automatic == b"SAME_LOWER":
            return self.same_pads(False)
        pads = self.attributes.get("pads", [0] * 2 * self.axes)
        return [list(pair) for pair in zip(pads[:self.axes], pads[self.axes:])]

    def window_layer(self):
        layer = {"type": LAYERS[self.kind], "kernel": list(self.attributes["kernel_shape"]), "padding": self.padding(),
                 "dilation": self.get("dilations", 1), "ceil": bool(self.attributes.get("ceil_mode", 0))}
        if self.kind == "LpPool":
            return layer | {"stride": self.get("strides", 1), "p": self.attributes.get("p", 2)}
        if "strides" in self.attributes:
            layer["stride"] = self.get("strides", 1)
        if "count_include_pad" in self.attributes:
            layer["count_include_pad"] = bool(self.attributes["count_include_pad"])
        return layer | {"semantics": "onnx"}

    def roi_layer(self):
        a = self.attributes
        reducer = {b"avg": "mean", b"max": "max"}[a.get("mode", b"avg")]
        return {"type": "roi_align", "semantics": "onnx", "output_size": [a["output_height"], a["output_width"]],
                "sampling_ratio": a["sampling_ratio"], "spatial_scale": a["spatial_scale"], "reducer": reducer,
                "aligned": a.get("coordinate_transformation_mode", b"half_pixel") == b"half_pixel"}

    # ---- cutting

    def cut(self):
        """Keeps less of the arrays."""
        if len(self.outputs) > 1:  # indices count cells of the whole
            return
        shape, padding = self.inputs[0].shape, self.padding()
        pairs = self.same_pads(True) if padding == "same" else padding
        inputs, outputs = [slice(None)] * 2, [slice(None)] * 2
        for length, k, s, d, (before, after) in zip(shape[2:], self.attributes["kernel_shape"], self.get("strides", 1),
                                                    self.get("dilations", 1), pairs):
            extent = d * (k - 1) + 1
            kept = min(length, max(6, extent + s))
            skipped = -(-(length - kept) // s)  # windows
            if before and after:
                inputs[1] = outputs[1] = slice(None if self.inputs[0].size < 1000 else 1)
            elif before:
                inputs.append(slice(kept))
                outputs.append(slice((kept + before - extent) // s + 1))
            else:
                inputs.append(slice(skipped * s, None))
                outputs.append(slice(skipped, None))
        self.inputs, self.outputs = [self.inputs[0][tuple(inputs)]], [self.outputs[0][tuple(outputs)]]

    # ---- arrays as they lie here

    def plane_indices(self):
        """(N, C, ...) within planes, row by row."""
        shape = self.inputs[0].shape
        planes = numpy.arange(shape[0] * shape[1]).reshape(*shape[:2], *[1] * self.axes)
        index = self.outputs[1] - planes * numpy.prod(shape[2:])
        if self.attributes.get("storage_order", 0):
            places = numpy.unravel_index(index, shape[2:], order="F")
            index = numpy.ravel_multi_index(places, shape[2:])
        return index

    def numbers(self, values):
        return values.astype(numpy.float32)

    def window_case(self):
        x, y = (numpy.moveaxis(self.numbers(v[0]), 1, -1) for v in (self.inputs, self.outputs))
        layer = ({"type": LAYERS[self.kind], "global": True, "keepdims": True} if self.kind.startswith("Global")
                 else self.window_layer())
        made = {"layer": layer, "shape": x.shape[1:], "batch": len(x), "x": x, "y": y}
        if layer["type"] == "max_pool":
            made["window"] = 0
        if len(self.outputs) > 1:
            made["switches"] = numpy.moveaxis(self.plane_indices(), 1, -1)
            made["dy"] = numpy.zeros_like(y)
            made["dx"] = numpy.zeros_like(x)
        return made

    def unpool_case(self):
        x, y = (numpy.moveaxis(self.numbers(v), 1, -1) for v in (self.inputs[0], self.outputs[0]))
        kernel, stride = list(self.attributes["kernel_shape"]), self.get("strides", 1)
        pooled = [(o - 1) * s + k for o, s, k in zip(x.shape[1:], stride, kernel)]
        of_x = numpy.zeros((len(x), int(numpy.prod(pooled)), x.shape[-1]), numpy.float32)
        of_x[0, self.inputs[1].ravel(), 0] = 1
        pool = {"type": "max_pool", "kernel": kernel, "stride": stride, "input": [*pooled, x.shape[-1]]}
        layer = {"type": "max_unpool", "of": "pool", "output_size": list(y.shape[1:-1]), "layer": pool}
        return {"layer": layer, "shape": x.shape[1:], "batch": len(x), "of_x": of_x, "x": x, "y": y, "window": 0}

    def roi_case(self):
        """One map, its boxes in the order they are given: all of sample 0."""
        x, boxes, sample = self.inputs
        assert len(x) == 1 and not sample.any()
        second = numpy.concatenate([numpy.zeros((1, len(boxes), 1), numpy.float32), boxes[None]], 2)
        x, y = numpy.moveaxis(x, 1, -1), numpy.moveaxis(self.outputs[0], 1, -1)
        return {"layer": self.roi_layer(), "shape": x.shape[1:], "batch": 1, "x": x, "second": second, "y": y}

    def case(self):
        """As golden.py says, with arrays in place of lists."""
        make = {"MaxUnpool": self.unpool_case, "RoiAlign": self.roi_case}.get(self.kind, self.window_case)
        return {"name": self.name} | make()


def listed(case):
    """With lists in place of arrays."""
    made = {key: golden.flat(v) if isinstance(v, numpy.ndarray) else v for key, v in case.items()}
    if "second" in case:
        made["second"] = {"shape": case["second"].shape[1:], "x": golden.flat(case["second"])}
    return made


def write(tests):
    cases = []
    for test in tests:
        if test.kind in ("MaxPool", "AveragePool", "LpPool"):
            test.cut()
        cases.append(listed(test.case()))
    counts = {**collections.Counter(test.kind for test in tests), **dict.fromkeys(UNTESTED, 0)}
    golden.write("onnx.json", f"make_onnx.py, onnx {onnx.__version__} (Copyright ONNX Project Contributors, Apache-2.0)",
                 cases, published=counts)


def check(tests, lido):
    """At full size; max_unpool, which reads another layer, is left to the file."""
    with tempfile.TemporaryDirectory() as folder:
        folder, lines, cases = pathlib.Path(folder), [], []
        for test in tests:
            if test.kind == "MaxUnpool":
                print(f"{test.name}: `lido op` runs one layer, this needs two")
                continue
            case = test.case()
            inputs = [case["x"]] + ([case["second"]] if "second" in case else [])
            words = [f"'{json.dumps(case['layer'])}'", "--output", folder / f"{case['name']}.y.npy"]
            for i, x in enumerate(inputs):
                numpy.save(folder / f"{case['name']}.{i}.npy", x)
                words += ["--input", folder / f"{case['name']}.{i}.npy"]
            lines.append(" ".join(map(str, words)))
            cases.append(case)
        (folder / "list").write_text("\n".join(lines))
        subprocess.run([lido, "op", "--batch-file", folder / "list", "--quiet"], check=True)
        wrong = 0
        for case in cases:
            y = numpy.load(folder / f"{case['name']}.y.npy").reshape(case["y"].shape)
            error = float(numpy.abs(y - case["y"]).max() / max(1, numpy.abs(case["y"]).max()))
            wrong += error > 1e-6
            print(f"{case['name']}: {error:.1e}{' WRONG' if error > 1e-6 else ''}")
    print(f"{len(cases)} of {len(tests)} run, {wrong} wrong")
    return wrong == 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", metavar="LIDO")
    given = parser.parse_args()
    all_tests = [Test(t) for t in published()]
    raise SystemExit(not check(all_tests, given.check) if given.check else write(all_tests))

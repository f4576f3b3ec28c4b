#!/usr/bin/env python3
"""test_bad_input.py LIDO: every bad file and spec a user can hand in: the exit status and the message."""
import json
import os
import resource
import struct
import unittest

from harness import CLASSES, SIDE, Case, idx, main, npy, safetensors, spots_spec, write_spots


class BadSpec(Case):
    def spec_fails(self, patterns, content, command="describe", status=2):
        self.fails(status, ["^lido \\w+: m.json", *patterns], command, self.write("m.json", content))

    def edited(self, path, value):
        """The sound spec with one value replaced or, for None, removed."""
        spec = spots_spec()
        *way, last = path
        inner = spec
        for key in way:
            inner = inner[key]
        if value is None:
            del inner[last]
        else:
            inner[last] = value
        return spec

    def test_json(self):
        self.spec_fails(["m.json:2:12: "], '{"name": "m",\n "layers": ]}')
        self.spec_fails(["m.json:1:1: "], "")
        self.spec_fails(["m.json:1:3: "], "{}x")
        self.spec_fails(["m.json:1:"], '{"name": "m"')
        self.spec_fails(["m.json:1:12: "], '{"batch": 01}')
        self.spec_fails(["m.json:1:"], b'{"name": "\xff"}')
        self.spec_fails(["m.json"], "[" * 100000)
        self.spec_fails(["object"], "[1]")
        self.fails(1, ["none.json: cannot open"], "describe", "none.json")
        self.fails(1, ["."], "describe", ".")

    def test_duplicate_key(self):
        text = json.dumps(spots_spec()).replace('"kernel": 3', '"kernel": 3, "kernel": 5')
        self.spec_fails([r"layers\[0\].kernel: duplicate key"], text)

    def test_keys(self):
        self.spec_fails([r"layers\[0\] \(conv\): unknown key \"filter\"; did you mean \"filters\""],
                        self.edited(["layers", 0, "filter"], 3))
        self.spec_fails(['unknown key "layer"; did you mean "layers"'], self.edited(["layer"], []))
        self.spec_fails(['"Kernel"; did you mean "kernel"'], self.edited(["layers", 0, "Kernel"], 3))
        self.spec_fails([r"train.*unknown key \"epoch\"; did you mean \"epochs\""], self.edited(["train", "epoch"], 3))
        self.spec_fails(["train.optimizer", '"momentum"'], self.edited(["train", "optimizer", "momentum"], 0.9))
        self.spec_fails([r"layers\[0\]", '"filters" is missing'], self.edited(["layers", 0, "filters"], None))
        self.spec_fails(['"layers" is missing'], self.edited(["layers"], None))
        self.spec_fails(['"input" is missing'], self.edited(["input"], None))

    def test_values(self):
        self.spec_fails([r"layers\[0\]", '"filters" is 0, allowed: an integer in 1..'], self.edited(["layers", 0, "filters"], 0))
        self.spec_fails(['"filters" is 2.5'], self.edited(["layers", 0, "filters"], 2.5))
        self.spec_fails(['"filters" is "4"'], self.edited(["layers", 0, "filters"], "4"))
        self.spec_fails(['"filters" is 1e.18'], self.edited(["layers", 0, "filters"], 1e18))
        self.spec_fails(['"activation"', "relu"], self.edited(["layers", 0, "activation"], "rleu"))
        self.spec_fails(['"padding"'], self.edited(["layers", 0, "padding"], "some"))
        self.spec_fails(['"rate"'], self.edited(["layers", 3, "rate"], 1.5))
        self.spec_fails(["train", '"batch" is 0'], self.edited(["train", "batch"], 0))
        self.spec_fails(["train", '"adma"', '"adam"'], self.edited(["train", "optimizer", "type"], "adma"))
        self.spec_fails(["train.*schedule", '"cosin"', '"cosine"'], self.edited(["train", "schedule"], "cosin"))
        self.spec_fails(['unknown type "max_pol"; did you mean "max_pool"'], self.edited(["define", "pool", "type"], "max_pol"))
        self.spec_fails(['"define" has no "pol"; did you mean "pool"'], self.edited(["layers", 1, "use"], "pol"))
        self.spec_fails(['"input"'], self.edited(["input"], [8, -8, 1]))

    def test_conflicts(self):
        pool = ["define", "pool"]
        self.spec_fails(["kernel", "global"], self.edited(pool, {"type": "max_pool", "kernel": 2, "global": True}))
        self.spec_fails(["stride"], self.edited(pool, {"type": "max_pool", "global": True, "stride": 2}))
        self.spec_fails(["max_pool"], self.edited(pool, {"type": "max_pool"}))
        self.spec_fails(['both "type" and "use"'], self.edited(["layers", 1, "type"], "relu"))
        self.spec_fails(['neither "type" nor "use"'], self.edited(["layers", 1], {}))
        self.spec_fails(["uses itself"], self.edited(pool, {"use": "pool"}))
        self.spec_fails(['"nowhere"'], self.edited(["layers", 3, "input"], "nowhere"))
        self.spec_fails(["warmup|one_cycle"], self.edited(["train", "schedule"], {"type": "one_cycle", "warmup": 0.1}))

    def test_shapes(self):
        self.spec_fails([r'layers\[0\]', "does not fit"], self.edited(["layers", 0], {"type": "conv", "filters": 1, "kernel": 9}))
        self.spec_fails([r"layers\[3\] \(dense\)", r"\[4,4,4\]"], self.edited(["layers", 2], None) | {"layers": [
            {"type": "conv", "filters": 4, "kernel": 3, "padding": 1}, {"use": "pool"}, {"type": "relu"},
            {"type": "dense", "units": 3}, {"type": "softmax"}]})
        self.spec_fails(["padding"], self.edited(["define", "pool", "padding"], 2))

    def test_sizes(self):
        self.spec_fails(['"input"', "2\\^40"], self.edited(["input"], [1 << 30, 1 << 30, 1 << 30]), status=1)
        self.spec_fails(["2\\^40"], {"input": [1000000], "layers": [{"type": "dense", "units": 1048576}] * 9},
                        status=1)

    @unittest.skipIf(os.environ.get("LIDO_SANITIZED"), "sanitizers need more address space than the limit leaves")
    def test_more_than_memory(self):
        spec = {"input": [1000000], "layers": [{"type": "dense", "units": 1000000}, {"type": "softmax"}]}
        self.fails(1, [r"\d bytes|memory"], "bench", self.write("m.json", spec), "--batch", "1",
                   preexec_fn=limit_memory)

    def test_loss_of_another_end(self):
        write_spots(self)
        spec = self.edited(["layers", 5], {"type": "relu"})
        self.fails(2, ["cross_entropy", "softmax"], "train", self.write("m.json", spec))

    def test_no_data_set(self):
        self.fails(2, ["give --data NAME"], "train", self.write("m.json", self.edited(["train", "data"], None)))


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


class BadData(Case):
    def train_fails(self, status, patterns, *args, **options):
        self.fails(status, patterns, "train", self.write("m.json", spots_spec()), *args, **options)

    def damage(self, name, edit):
        path = self.dir / "spots" / name
        path.write_bytes(edit(path.read_bytes()))

    def setUp(self):
        super().setUp()
        write_spots(self)

    def test_missing(self):
        self.train_fails(1, ["nowhere"], "--data", "idx:nowhere")
        self.train_fails(1, ["mnist: not found in nowhere/mnist", "lido data fetch mnist"], "--data", "mnist",
                         "--data-dir", "nowhere")
        self.train_fails(1, ['"mnits"|mnits'], "--data", "mnits")
        (self.dir / "spots/train-labels-idx1-ubyte").unlink()
        self.train_fails(1, ["train-labels-idx1-ubyte"])

    def test_damaged(self):
        images = "train-images-idx3-ubyte"
        whole = (self.dir / "spots" / images).read_bytes()
        for pattern, data in (
                ("truncated", whole[:-1]), ("truncated", whole[:9]), ("truncated", b""),
                ("overlong", whole + b"x"), ("sizes overflow", idx([1 << 31] * 3, b"")),
                ("not IDX: the magic number is 0x47494638", b"GIF8" + whole[4:])):
            self.write(f"spots/{images}", data)
            self.train_fails(1, [f"spots/{images}: {pattern}"])

    def test_damaged_gzip(self):
        path = self.dir / "spots/train-images-idx3-ubyte"
        path.unlink()
        self.write("spots/train-images-idx3-ubyte.gz", b"\x1f\x8b\x08\0" + b"x" * 60)
        self.train_fails(1, ["train-images-idx3-ubyte.gz"])

    def test_labels(self):
        self.damage("t10k-labels-idx1-ubyte", lambda data: data[:-1] + bytes([CLASSES]))
        self.train_fails(1, ["t10k-labels-idx1-ubyte", "label"])
        self.damage("t10k-labels-idx1-ubyte", lambda data: idx([59], data[8:-1]))
        self.train_fails(1, ["59", "60"])

    def test_labels_of_arrays(self):
        for split in ("train", "test"):
            self.write(f"arrays/{split}_images.npy", npy([2, SIDE, SIDE], [0] * 128, "|u1"))
            self.write(f"arrays/{split}_labels.npy", npy([2], [0, -1], "<i4"))
        self.train_fails(1, ["_labels.npy", "label"], "--data", "npy:arrays")

    def test_cifar_labels(self):
        for number in range(1, 6):
            self.write(f"c/data_batch_{number}.bin", bytes([10 if number == 4 else 1]) + bytes(3072))
        self.write("c/test_batch.bin", bytes(3073))
        self.train_fails(1, ["data_batch_4.bin", "label"], "--data", "cifar10:c")

    def test_another_number_of_classes(self):
        spec = spots_spec()
        spec["layers"][4]["units"] = 10
        self.fails(2, ["10 outputs", "idx:spots", "3 classes"], "train", self.write("ten.json", spec))

    def test_pictures_of_another_size(self):
        spec = spots_spec()
        spec["input"] = [9, 9, 1]
        self.fails(2, [r"\[8,8,1\]", r"\[9,9,1\]"], "train", self.write("nine.json", spec))

    def test_not_finite(self):
        spec = spots_spec(optimizer={"type": "sgd", "lr": 1e30})
        self.fails(1, [r"epoch 1, step \d+: loss is (nan|inf); first in layer \"\S+\" \(\w+\)"], "train",
                   self.write("m.json", spec))


class BadFolder(Case):
    """Runs that cannot be written, and checkpoints that cannot be read."""

    def setUp(self):
        super().setUp()
        write_spots(self)
        self.write("m.json", spots_spec())

    def train(self, *args):
        self.ok("train", "m.json", "--out", "run", "--quiet", *args)

    def test_unwritable(self):
        self.write("file", "")
        self.fails(1, ["file"], "train", "m.json", "--out", "file/run")
        self.fails(1, ["file"], "train", "m.json", "--out", "file")

    def test_full_disk(self):
        """A file may not grow beyond a few bytes, as on a disk that fills up in mid-run."""
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
        self.fails(1, ["run/", "File too large|No space"], "train", "m.json", "--out", "run", preexec_fn=limit,
                   restore_signals=False)  # Python ignores the signal that would end the program
        self.assertEqual([p.name for p in (self.dir / "run").iterdir() if ".tmp" in p.name], [])
        self.train("--resume")

    def test_a_run_is_not_overwritten(self):
        self.train()
        self.fails(2, ["run: holds a run; resume it"], "train", "m.json", "--out", "run")

    def test_resume_with_another_spec(self):
        self.train()
        self.write("m.json", spots_spec(batch=30))
        self.fails(1, ["run: the run there was begun with another spec", "batch"], "train", "m.json", "--out", "run",
                   "--resume")
        self.write("m.json", spots_spec(epochs=2))
        self.fails(1, ["epochs is 2, the run there has already done 3"], "train", "m.json", "--out", "run", "--resume")

    def test_damaged_checkpoints(self):
        self.train()
        whole = (self.dir / "run/last.safetensors").read_bytes()
        length = struct.unpack("<Q", whole[:8])[0]
        header = json.loads(whole[8:8 + length])
        broken = json.loads(json.dumps(header))
        broken["conv#1.weight"]["shape"][-1] += 1
        damages = {"empty": b"", "short": whole[:5], "cut": whole[:-7], "no header": b"\xff" * 8 + whole[8:],
                   "bad json": whole[:8] + b"x" + whole[9:], "no spec": safetensors({"a": ([1], [1])}),
                   "wrong sizes": with_header(whole, broken), "text": b"nothing of the kind"}
        for what, data in damages.items():
            self.write("bad.safetensors", data)
            for command in (["eval"], ["predict"]):
                with self.subTest(what, command=command):
                    self.fails(1, ["bad.safetensors"], *command, "bad.safetensors", *["x.png"] * (command == ["predict"]))
            self.write("run/last.safetensors", data)
            with self.subTest(what, command="resume"):
                self.fails(1, ["last.safetensors"], "train", "m.json", "--out", "run", "--resume", "--epochs", "4")
        self.fails(1, ["none"], "eval", "none")
        os.mkdir(self.dir / "hollow")
        self.fails(1, ["hollow/last.safetensors"], "eval", "hollow")

    def test_checkpoint_of_another_network(self):
        self.train()
        whole = (self.dir / "run/last.safetensors").read_bytes()
        header = json.loads(whole[8:8 + struct.unpack("<Q", whole[:8])[0]])
        header["conv#9.weight"] = header.pop("conv#1.weight")
        self.write("other.safetensors", with_header(whole, header))
        self.fails(1, ["other.safetensors", "conv#1.weight"], "eval", "other.safetensors")

    def test_eval_on_other_data(self):
        self.train()
        self.fails(2, [r"\[28,28,1\]|3 outputs"], "eval", "run", "--data", "synthetic", "--limit", "10")


def with_header(whole, header):
    """The file with its header replaced."""
    length = struct.unpack("<Q", whole[:8])[0]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + whole[8 + length:]


if __name__ == "__main__":
    main()

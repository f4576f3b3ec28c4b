"""study_harness.py - what the tests of studies share: a small study, and comparing what it left."""
import json
import time

from harness import Case, spots_spec, write_spots

POOLS = {"max": {"type": "max_pool", "kernel": 2}, "avg": {"type": "avg_pool", "kernel": 2}}
HEADS = {"fc": [{"type": "flatten"}, {"type": "dense", "units": 3}],
         "gap": [{"type": "conv", "filters": 3, "kernel": 1}, {"type": "avg_pool", "global": True}]}


def timeless(value):
    """Without what a clock has measured."""
    if isinstance(value, dict):
        return {key: timeless(v) for key, v in value.items() if key != "seconds_per_epoch"}
    return [timeless(v) for v in value] if isinstance(value, list) else value


class Studies(Case):
    """A study of 2 x 2 cells and 2 seeds, of `epochs` moments each."""

    def setUp(self):
        super().setUp()
        write_spots(self)
        self.write_study()

    def write_study(self, epochs=3, **changes):
        spec = spots_spec(epochs=epochs, augment={"shift": 1})
        spec["define"]["head"] = HEADS["fc"]
        spec["layers"][2:5] = [{"type": "dropout", "rate": 0.1}, {"use": "head"}]
        self.write("models/spots.json", spec)
        self.write("studies/spots.json", {
            "base": "../models/spots.json", "factors": {"pool": POOLS, "head": HEADS}, "seeds": 2,
            "measures": {"shift": {"pixels": 2, "images": 20}, "accuracies": [0.5]},
            "profiles": {"quick": {"seeds": 1, "train": {"epochs": 1}}, "full": {}}} | changes)

    def write_longer_study(self, epochs):
        """Of runs that can be caught at work: of more pictures."""
        write_spots(self, train=1200)
        self.write_study(epochs=epochs)

    def study(self, *args, out="out"):
        return self.json("study", "studies/spots.json", "--out", out, *args)

    def results(self, out="out"):
        return timeless(json.loads((self.dir / out / "results.json").read_text()))

    def runs(self, out="out"):
        """Of each run that has begun its checkpoint, and when its measures were written."""
        runs = {}
        for path in sorted((self.dir / out / "runs").glob("*/*/last.safetensors")):
            measures = path.parent / "measures.json"
            finished = measures.stat().st_mtime_ns if measures.exists() else None
            runs[str(path.relative_to(self.dir / out).parent)] = (path.read_bytes(), finished)
        return runs

    def weights(self, out="out"):
        return {name: last for name, (last, _) in self.runs(out).items()}

    def same_studies(self, a, b):
        self.assertEqual(self.results(a), self.results(b))
        self.assertEqual(self.weights(a), self.weights(b))

    def wait_for(self, process, out, finished, begun):
        """Until so many runs are finished and so many more have begun, and something has been done since."""
        deadline = time.monotonic() + 40
        before = self.runs(out)
        while True:
            runs = self.runs(out)
            done = sum(when is not None for _, when in runs.values())
            if done >= finished and len(runs) - done >= begun and runs != before:
                return
            self.assertIsNone(process.poll(), "ended too early")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)

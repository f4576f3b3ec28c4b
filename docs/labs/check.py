#!/usr/bin/env python3
"""check.py LAB [FOLDER]: checks the work on a lab (reducer, shifts, heads), which for the last two lies in FOLDER
("work"). Says of each point whether it is there, and what is missing; the exit status is 0 when all are. `lido` has to
be on the path."""
import json
import math
import pathlib
import shutil
import subprocess
import sys
import tempfile

from layer import run_layer, run_on_row


class Missing(Exception):
    """What a point lacks."""


def need(condition, advice):
    if not condition:
        raise Missing(advice)


def lido(*arguments):
    return subprocess.run(["lido", *map(str, arguments)], capture_output=True, text=True)


def lido_json(*arguments):
    run = lido(*arguments, "--json", "--quiet")
    need(run.returncode == 0, run.stderr.strip())
    return json.loads(run.stdout)


def check_points(points, *context):
    """Points are functions whose documentation says what is asked for. Where one that `ends` is missing, the rest is
    not looked at. Returns how many are missing."""
    missing = 0
    for point in points:
        try:
            point(*context)
            print(f"ok       {point.__doc__}")
        except (Missing, RuntimeError) as lack:
            print(f"MISSING  {point.__doc__}\n         {lack}")
            missing += 1
            if getattr(point, "ends", False):
                print("         (nothing further is looked at)")
                return missing
    return missing


def ends(point):
    point.ends = True
    return point


# ---- reducer ----------------------------------------------------------------------------------------------------

REDUCER = "midrange_pool"
CHECKED = [  # a grid and a shape, for `lido gradcheck`
    ({"kernel": 2}, "2,6,6,3"), ({"kernel": 3, "stride": 2, "padding": 1}, "2,7,5,3"),
    ({"kernel": [3, 2], "stride": 1, "dilation": 2, "padding": "same"}, "1,7,6,2"),
    ({"kernel": 2, "stride": 3, "ceil": True}, "2,8,5,3"), ({"kernel": 3, "stride": 2}, "2,11,3"),
    ({"kernel": [2, 3, 2]}, "1,4,6,5,2"), ({"global": True}, "2,17,16,2"), ({"output_size": [3, 9]}, "2,7,5,3"),
    ({"levels": [1, 2, 3]}, "2,7,5,3"), ({"fractional": {"kernel": 2, "ratio": 0.7}}, "2,8,9,2")]


def of_row(row, gradient=None, **grid):
    """y of a row, or dx; on the whole row where there is no grid."""
    layer = {"type": REDUCER} | (grid or {"global": True, "keepdims": True})
    y, dx = run_layer(layer, (1, len(row), 1), row, gradient and ((1, len(gradient), 1), gradient))
    return dx if gradient else y


def same(name, got, wanted):
    alike = len(got) == len(wanted) and all(
        math.isnan(g) if math.isnan(w) else abs(g - w) <= 1e-5 for g, w in zip(got, wanted))
    need(alike, f"{name}: got {got}, wanted {wanted}")


@ends
def there_is_a_layer():
    """the layer midrange_pool is registered and built"""
    need(lido("list", REDUCER).returncode == 0,
         f"lido list does not know {REDUCER}: has src/layers/registry.def its line, and is the program built?")


def values_are_right():
    """values: signs, ties, only cells inside the input"""
    same("kernel 2 of 3 1 -4 -2 5 5", of_row([3, 1, -4, -2, 5, 5], kernel=2), [2, -3, 5])
    same("the whole of -1 9 3 3 3", of_row([-1, 9, 3, 3, 3]), [4])
    same("kernel 3, stride 1, padding 1 of -8 -2 -4", of_row([-8, -2, -4], kernel=3, stride=1, padding=1),
         [-5, -5, -3])


def gradient_takes_two_cells():
    """gradient: half to the largest, half to the smallest, of equal ones to the first"""
    same("dx of 3 9 5 1, dy 4", of_row([3, 9, 5, 1], [4]), [0, 2, 0, 2])
    same("dx of 7 7 1 1, dy 4", of_row([7, 7, 1, 1], [4]), [2, 0, 2, 0])
    same("dx of 5 5 5, dy 4", of_row([5, 5, 5], [4]), [4, 0, 0])
    same("overlapping windows of 1 8 2, dy 2 6", of_row([1, 8, 2], [2, 6], kernel=2, stride=1), [1, 4, 3])


def extremes_come_through():
    """a NaN comes out of the windows that hold it, and large numbers do not overflow"""
    same("kernel 2 of NaN 1 3 5", of_row([math.nan, 1, 3, 5], kernel=2), [math.nan, 4])
    same("kernel 3 of 1 2 NaN", of_row([1, 2, math.nan], kernel=3), [math.nan])
    y, = of_row([3e38, 2.5e38], kernel=2)
    need(abs(y / 2.75e38 - 1) < 1e-5, f"kernel 2 of 3e38 2.5e38: got {y}, wanted 2.75e38")


def gradients_are_differences():
    """lido gradcheck passes on every kind of grid"""
    for grid, shape in CHECKED:
        layer = json.dumps({"type": REDUCER, **grid})
        run = lido("gradcheck", layer, "--shape", shape, "--quiet")
        need(run.returncode == 0, f"lido gradcheck '{layer}' --shape {shape}\n         {run.stderr.strip()}")


def passes_tests():
    """the tests of every layer: reference, gradients, threads, memory, and cases enough"""
    folder = pathlib.Path(shutil.which("lido")).resolve().parent / "tests"
    for name, *arguments in (["registry", REDUCER], ["pool_cases"], ["pool_properties"]):
        program = folder / f"test-layers-{name}-f64"
        need(program.exists(), f"{program} is not built")
        run = subprocess.run([program, *arguments], capture_output=True, text=True)
        need(run.returncode == 0, (run.stdout + run.stderr).strip().replace("\n", "\n         "))


def check_reducer(_):
    return check_points([there_is_a_layer, values_are_right, gradient_takes_two_cells, extremes_come_through,
                         gradients_are_differences, passes_tests])


# ---- studies ----------------------------------------------------------------------------------------------------

class Work:
    """The results of a study in a folder, and the answers beside it."""

    def __init__(self, lab, factor, folder):
        self.lab, self.folder, self.factor = lab, pathlib.Path(folder), factor
        self.results = self.read(self.folder / lab / "results.json")
        self.answers = self.read(self.folder / f"{lab}-answers.json")
        self.study = (self.results or {}).get("study", {})
        self.variants = self.study.get("factors", {}).get(factor, {})

    @staticmethod
    def read(path):
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError):
            return None

    def kinds(self, is_kind):
        """The names of the variants that are of a kind, each being a list of layers."""
        return [name for name, variant in self.variants.items()
                if is_kind(variant if isinstance(variant, list) else [variant])]

    def mean(self, variant, measure):
        """Over the seeds, and over the levels of other factors."""
        runs = [run for cell in self.results["cells"] if self.level(cell) == variant for run in cell["runs"]]
        return sum(measure(run["measures"]) for run in runs) / len(runs)

    def level(self, cell):
        return cell["levels"][[*self.study["factors"]].index(self.factor)]

    def answer(self, key):
        need(isinstance(self.answers, dict),
             f"{self.folder}/{self.lab}-answers.json is not there, or not a JSON object")
        need(key in self.answers, f'{self.lab}-answers.json has no "{key}"')
        return self.answers[key]

    def answer_for(self, key, name):
        """The entry of an answer that is an object."""
        answer = self.answer(key)
        need(isinstance(answer, dict), f'"{key}" is not an object')
        return answer.get(name)

    def answers_with(self, key, wanted, advice):
        need(self.answer(key) == wanted, f'"{key}": {advice}')


@ends
def study_is_done(work):
    """the study has run to its end, with 3 seeds or more"""
    need(work.results is not None,
         f"{work.folder}/{work.lab}/results.json is not there: lido study {work.folder}/{work.lab}.json --out "
         f"{work.folder}/{work.lab}")
    need(work.variants, f'the study has no factor "{work.factor}"')
    seeds = len(work.study["seeds"])
    need(seeds >= 3, f"{seeds} seeds")
    need(all(len(cell["runs"]) == seeds for cell in work.results["cells"]), "runs are missing: call lido study again")


def is_type(layer, name, **options):
    return layer.get("type") == name and all(layer.get(key) == value for key, value in options.items())


def need_kinds(work, kinds):
    for text, is_kind in kinds.items():
        need(work.kinds(is_kind), f'factor "{work.factor}" has no variant of {text}')


# ---- shifts -----------------------------------------------------------------------------------------------------

ROW = [0, 0, 1, 1, 0, 0, 1, 1]
LAYERS = {"max": {"type": "max_pool", "kernel": 2}, "avg": {"type": "avg_pool", "kernel": 2},
          "antialiased": {"type": "max_pool", "kernel": 2, "antialias": 3}}


def pools_are_compared(work):
    """maximum, average and anti-aliased pooling are compared"""
    need_kinds(work, {"plain max_pool": lambda v: any(is_type(l, "max_pool", antialias=None) for l in v),
                      "plain avg_pool": lambda v: any(is_type(l, "avg_pool", antialias=None) for l in v),
                      "anti-aliased pooling": lambda v: any("antialias" in l or is_type(l, "blur_pool") for l in v)})


def shifts_are_measured(work):
    """shifts of 4 pixels or more are measured on 500 pictures or more, filled with zeros and around"""
    shift = work.study["measures"].get("shift")
    need(shift, '"measures" has no "shift"')
    need(shift["pixels"] >= 4, f'{shift["pixels"]} pixels')
    need(shift["images"] >= 500, f'{shift["images"]} images')
    need({"zero", "circular"} <= {*shift["fills"]}, f'fills {", ".join(shift["fills"])}')


def row_is_right(work):
    """"row" and "shifted": what each pooling makes of the row, and of the row shifted by one"""
    for key, row in ("row", ROW), ("shifted", ROW[-1:] + ROW[:-1]):
        for name, layer in LAYERS.items():
            wanted, got = run_on_row(layer, row), work.answer_for(key, name)
            need(got == wanted, f'"{key}": "{name}" is {got}; docs/labs/layer.py says what {row} comes to')


def period_is_right(work):
    """"period": by how many pixels a picture has to move for a map after two poolings to move too"""
    work.answers_with("period", 4, "each pooling halves the map: look at layers of stride 2 on the row, twice")


def consistency_is_read(work):
    """"most_consistent": the pooling that answers alike most often after a shift of one pixel"""
    def consistency(measures):
        return next(s["consistency"][1] for s in measures["shift"] if s["fill"] == "zero")
    shifts_are_measured(work)
    best = max(work.variants, key=lambda variant: work.mean(variant, consistency))
    work.answers_with("most_consistent", best, "the study found another (zero filling, mean over seeds)")


def seeds_are_understood(work):
    """"smallest_p" and "seeds_needed": what the sign-flip test can reach with so many seeds, and needs for 0.05"""
    work.answers_with("smallest_p", 2 / 2 ** len(work.study["seeds"]),
                      "of all ways to flip the signs of the differences, two are the most extreme")
    work.answers_with("seeds_needed", 6, "the fewest with which one comparison can come below 0.05")


def check_shifts(folder):
    return check_points([study_is_done, pools_are_compared, shifts_are_measured, row_is_right, period_is_right,
                         consistency_is_read, seeds_are_understood], Work("shifts", "pool", folder))


# ---- heads ------------------------------------------------------------------------------------------------------

LARGE = 40  # pixels to a side


def has_dense(variant):
    return any(is_type(l, "dense") for l in variant)


def has_dropout(variant):
    return any(is_type(l, "dropout") for l in variant)


HEADS = {"global average pooling": lambda v: any(is_type(l, "avg_pool", **{"global": True}) for l in v),
         "global max pooling": lambda v: any(is_type(l, "max_pool", **{"global": True}) for l in v),
         "a dense layer without dropout": lambda v: has_dense(v) and not has_dropout(v),
         "a dense layer with dropout": lambda v: has_dense(v) and has_dropout(v)}


def heads_are_compared(work):
    """global average, global maximum and dense heads are compared, the last with and without dropout"""
    need_kinds(work, HEADS)


def spec_of(work, variant, side):
    spec = json.loads(json.dumps(work.study["base"]))
    spec["input"] = [side, side, 1]
    spec["define"][work.factor] = work.variants[variant]
    return spec


def parameters_of(work, variant, side):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "spec.json"
        path.write_text(json.dumps(spec_of(work, variant, side)))
        return lido_json("describe", path)["parameters"]


def parameters_are_counted(work):
    """"parameters" and "parameters_at_40": of each head's network, for pictures of 28x28 and of 40x40"""
    for key, side in ("parameters", 28), ("parameters_at_40", LARGE):
        for variant in work.variants:
            got = work.answer_for(key, variant)
            need(got == parameters_of(work, variant, side), f'"{key}": "{variant}" is {got}; lido describe tells')


def overfitting_is_read(work):
    """"overfits": of global average and the dense head without dropout, which loses more from training to test"""
    need_kinds(work, HEADS)
    plain = list(HEADS.values())
    pair = [work.kinds(plain[0])[0], work.kinds(plain[2])[0]]
    worst = max(pair, key=lambda v: work.mean(v, lambda m: m["train_accuracy"] - m["test_accuracy"]))
    work.answers_with("overfits", worst, "the study found the other (train_accuracy - test_accuracy, mean over seeds)")


def accuracies_at(work, side):
    """Of each variant on larger pictures, mean over seeds; those refused are left out."""
    pictures = work.folder / f"shapes-{side}"
    need(pictures.exists(), f"python3 docs/labs/shapes.py {side} {pictures}")
    found = {}
    for cell in work.results["cells"]:
        for run in cell["runs"]:
            measured = lido("eval", work.folder / work.lab / run["folder"], "--data", f"npy:{pictures}", "--json",
                            "--quiet")
            if measured.returncode == 0:
                found.setdefault(work.level(cell), []).append(json.loads(measured.stdout)["test_accuracy"])
    return {variant: sum(values) / len(values) for variant, values in found.items()}


def larger_pictures_are_tried(work):
    """"refused_at_40" and "keeps_most_at_40": heads that do not take 40x40, and the one that loses least there"""
    found = accuracies_at(work, LARGE)
    work.answers_with("refused_at_40", sorted({*work.variants} - {*found}), "lido eval says which are refused (sorted)")
    best = min(found, key=lambda v: work.mean(v, lambda m: m["test_accuracy"]) - found[v])
    work.answers_with("keeps_most_at_40", best, "lido eval finds another (mean over seeds)")


def check_heads(folder):
    return check_points([study_is_done, heads_are_compared, parameters_are_counted, overfitting_is_read,
                         larger_pictures_are_tried], Work("heads", "head", folder))


# -----------------------------------------------------------------------------------------------------------------

LABS = {"reducer": check_reducer, "shifts": check_shifts, "heads": check_heads}


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[0] not in LABS:
        sys.exit(__doc__)
    if not shutil.which("lido"):
        sys.exit("check.py: lido is not on the path: PATH=$PWD/build/release:$PATH")
    missing = LABS[arguments[0]](arguments[1] if len(arguments) > 1 else "work")
    print(f"{missing} missing" if missing else "all there")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

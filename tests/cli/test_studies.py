#!/usr/bin/env python3
"""test_studies.py LIDO: studies from the command line: that they come to the same however they are run
and interrupted, what is refused, and what people see."""
import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import time
import unittest

from harness import LIDO, Case, main, spots_spec, write_spots

POOLS = {"max": {"type": "max_pool", "kernel": 2}, "avg": {"type": "avg_pool", "kernel": 2}}
HEADS = {"fc": [{"type": "flatten"}, {"type": "dense", "units": 3}],
         "gap": [{"type": "conv", "filters": 3, "kernel": 1}, {"type": "avg_pool", "global": True}]}
MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-np"]


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


class Same(Studies):
    def test_for_any_jobs_and_threads(self):
        told = self.study("--jobs", 1, "--threads", 1, out="one")
        self.assertEqual((told["runs"], told["finished"], told["failed"]), (8, 8, 0))
        self.assertEqual([c["name"] for c in told["cells"]],
                         ["pool=max,head=fc", "pool=max,head=gap", "pool=avg,head=fc", "pool=avg,head=gap"])
        self.study("--jobs", 3, "--threads", 8, out="many")
        self.same_studies("one", "many")
        self.study(out="default")
        self.same_studies("one", "default")

    def test_what_results_hold(self):
        self.study("--profile", "quick")
        results = self.results()
        self.assertEqual((results["profile"], results["baseline"]), ("quick", "pool=max,head=fc"))
        self.assertEqual(results["study"]["seeds"], [1])
        self.assertEqual(results["study"]["base"]["input"], [8, 8, 1])
        self.assertEqual([f["name"] for f in results["factors"]], ["pool", "head"])
        run, = results["cells"][1]["runs"]
        folder = self.dir / "out" / run["folder"]
        self.assertEqual({p.name for p in folder.iterdir()} - {"lock"}, {
            "best.safetensors", "confidences.npy", "environment.json", "history.csv", "history.jsonl",
            "last.safetensors", "measures.json", "predictions.npy", "result.json", "spec.json"})
        self.assertEqual(len(run["history"]), 1)
        self.assertEqual(run["history"][-1]["test_accuracy"], run["measures"]["test_accuracy"])
        evaluated = self.json("eval", f"out/{run['folder']}")
        self.assertEqual(evaluated["test_accuracy"], run["measures"]["test_accuracy"])

    def test_again_and_with_more_seeds(self):
        self.study()
        before = self.runs()
        told = self.study()
        self.assertEqual((told["finished"], self.runs()), (8, before))
        self.study("--seeds", "1,2,9")
        after = self.runs()
        self.assertEqual(len(after), 12)
        self.assertEqual({name: after[name] for name in before}, before)
        self.study("--seeds", "1,2,9", out="at-once")
        self.same_studies("out", "at-once")

    def test_one_run_at_a_time(self):
        self.study(out="whole")
        for run in (3, 0, 7, 1, 2, 4, 5, 6):
            self.study("--run", run)
        self.assertFalse((self.dir / "out/results.json").exists())
        self.study("--gather")
        self.same_studies("out", "whole")
        self.fails(2, ["--run is 8, allowed: 0 to 7"], "study", "studies/spots.json", "--run", 8)

    def test_from_what_was_written_out(self):
        self.study("--profile", "quick")
        self.json("study", "out/study.json", "--out", "again")
        self.assertEqual(self.results(), self.results("again"))

    def test_wall_time(self):
        self.write_study(budget={"equal": "seconds", "amount": 0.02})
        self.study("--seeds", 1)
        steps = json.loads((self.dir / "out/steps.json").read_text())
        self.assertEqual({c["name"]: c["steps"] for c in self.results()["cells"]}, steps)


class Interrupted(Studies):
    def setUp(self):
        super().setUp()
        self.write_study(epochs=30)
        self.study(out="whole")

    def interrupt(self, how, finished=1, begun=1):
        process = self.start("study", "studies/spots.json", "--out", "out", "--jobs", 2, "--threads", 2)
        self.wait_for(process, "out", finished, begun)
        how(process)
        process.communicate(timeout=30)
        return process.returncode, {n: (w, t) for n, (w, t) in self.runs().items() if t is not None}

    def go_on(self, before):
        """Finished runs are not made again, and all ends as if nothing had happened."""
        self.study("--jobs", 2)
        after = self.runs()
        self.assertEqual({name: after[name] for name in before}, before)
        self.same_studies("out", "whole")

    def test_killed(self):
        for _ in range(2):
            status, finished = self.interrupt(lambda process: process.kill(), 1, 2)
            self.assertEqual(status, -signal.SIGKILL)
        self.assertGreater(len(finished), 0)
        self.go_on(finished)

    def test_asked_to_stop(self):
        for sent in (signal.SIGINT, signal.SIGTERM):
            status, finished = self.interrupt(lambda process, s=sent: process.send_signal(s))
            self.assertEqual(status, 1)
        self.go_on(finished)

    def test_a_run_that_dies(self):
        """The others go on; the study says which it was."""
        def kill_a_run(process):
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            os.kill(int(children[0]), signal.SIGKILL)
        process = self.start("study", "studies/spots.json", "--out", "out", "--jobs", 2)
        self.wait_for(process, "out", 0, 2)
        kill_a_run(process)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(err, r"1 of 8 runs failed; the first: pool=\w+,head=\w+, seed \d: its process was "
                              r"ended by signal 9")
        finished = {n: (w, t) for n, (w, t) in self.runs().items() if t is not None}
        self.assertEqual(len(finished), 7)
        self.go_on(finished)

    def test_at_work_already(self):
        process = self.start("study", "studies/spots.json", "--out", "out")
        self.addCleanup(process.communicate)
        self.wait_for(process, "out", 0, 1)
        process.send_signal(signal.SIGSTOP)
        self.addCleanup(process.send_signal, signal.SIGKILL)
        self.fails(1, ["out: another process is at work here"], "study", "studies/spots.json", "--out", "out")


class Refused(Studies):
    def refused(self, *patterns, args=(), status=2, **changes):
        self.write_study(**changes)
        self.fails(status, patterns, "study", "studies/spots.json", *args)
        self.assertFalse((self.dir / "runs").exists())

    def test_bad_studies(self):
        """Before any training, with the place and the reason."""
        self.refused(r'studies/spots.json: factors: the base\'s "define" has no "pol"; did you mean "pool"\?',
                     factors={"pol": POOLS})
        self.refused(r"pool=a and pool=b are the same network",
                     factors={"pool": {"a": POOLS["max"], "b": POOLS["max"]}})
        self.refused(r"head=odd: layers\[3\] > define.head \(max_pool\): .*fit",
                     factors={"head": {"fc": HEADS["fc"], "odd": {"type": "max_pool", "kernel": 9}}})
        self.refused(r"head=four: the network has 4 outputs, the data set idx:spots 3 classes",
                     factors={"head": {"fc": HEADS["fc"], "four": [HEADS["fc"][0], {"type": "dense", "units": 4}]}})
        self.refused(r'"seeds" is \[1,1\]', seeds=[1, 1])
        self.refused(r"there is no nix", status=1, train={"data": "idx:nix"})

    def test_bad_flags(self):
        self.refused(r'no profile "quik"; there are: quick, full', args=["--profile", "quik"])
        self.refused(r'--seeds is "a,b"', args=["--seeds", "a,b"])
        self.refused(r'"seeds" is 0', args=["--seeds", "0"])
        self.refused(r"--jobs is \"0\"", args=["--jobs", "0"])

    def test_another_study_in_the_folder(self):
        self.study("--seeds", 1)
        self.fails(1, [r"out: holds another study: train is \{\"epochs\":9\}, not absent; name another folder"],
                   "study", "studies/spots.json", "--out", "out", "--epochs", 9)


class People(Studies):
    def test_lines(self):
        run = self.run_lido("study", "studies/spots.json", "--jobs", 1, "--threads", 1)
        self.assertEqual((run.returncode, run.err), (0, ""))
        self.assertRegex(run.out, r"(?m)^spots: 4 cells, 2 seeds, 8 runs, 0 finished before$")
        self.assertRegex(run.out, r"(?m)^1 job of 1 thread, in runs/spots$")
        self.assertRegex(run.out, r"(?m)^3/8  pool=avg,head=fc, seed 1: \d+\.\d\d %, \d+\.\d s$")
        self.assertRegex(run.out, r"(?m)^pool=max,head=fc +235 +2,496 +2 +\d+\.\d\d ± \d+\.\d\d +-$")
        self.assertRegex(run.out, r"(?m)^pool=avg,head=gap +55 +2,496 +2 +\d+\.\d\d ± \d+\.\d\d +[+-]\d+\.\d\d ± ")
        self.assertRegex(run.out, r"(?m)^pool=avg,head=fc: 2 seeds cannot decide")
        self.assertIn("runs/spots/report/index.html\n", run.out)
        self.assertTrue((self.dir / "runs/spots/report/index.html").exists())
        self.assertLessEqual(max(map(len, run.out.splitlines())), 88)
        out = self.ok("study", "studies/spots.json", "--profile", "quick")
        self.assertRegex(out, r"(?m)^spots, profile quick: 4 cells, 1 seed, 4 runs, 0 finished before$")
        self.assertIn("runs/spots-quick/report/index.html\n", out)

    def test_table_on_a_terminal(self):
        self.write_study(epochs=30)
        ours, theirs = pty.openpty()
        process = self.start("study", "studies/spots.json", "--jobs", 2, stderr=theirs)
        os.close(theirs)
        shown = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            shown += read
            if not read:
                break
        out, _ = process.communicate(timeout=30)
        os.close(ours)
        self.assertEqual(process.returncode, 0)
        shown = shown.decode()
        self.assertRegex(shown, r"pool=max,head=fc +\d/2 .*seed \d: epoch \d+/30, loss \d\.\d{4}")
        self.assertRegex(shown, r"spots \[=*> *\] +\d+ %  \d of 8 runs  \d+\.\d s left")
        self.assertIn("\x1b[5A", shown)
        self.assertNotIn("3/8  pool", out)
        self.assertIn("cannot decide", out)


class Elsewhere(Studies):
    """Slurm, in whose place stands a script, and MPI, on this machine."""

    SBATCH = """#!/bin/sh
echo "$@" >> sbatch.log
array=
for last; do
    case $last in --array=*) array=${last#--array=0-} ;; --*) ;; *.sh) script=$last ;; esac
done
cp "$script" copy.sh
if [ -n "$array" ]; then
    for task in $(seq "$array" -1 0); do
        SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=2 sh copy.sh "$last" >> tasks.log || exit 1
    done
    echo "17;cluster"
else
    sh copy.sh "$last" >> tasks.log
fi
"""

    def test_slurm(self):
        self.study(out="whole")
        told = self.study("--slurm", "--threads", 2, out="it's out")
        self.write("bin/sbatch", self.SBATCH)
        (self.dir / "bin/sbatch").chmod(0o755)
        path = f"{self.dir}/bin{os.pathsep}{os.environ['PATH']}"
        run = subprocess.run(["sh", told["script"], "--partition=short"], cwd=self.dir, capture_output=True,
                             text=True, env={**os.environ, "PATH": path})
        self.assertEqual(run.returncode, 0, run.stderr)
        tasks, gather = (self.dir / "sbatch.log").read_text().splitlines()
        self.assertIn("--job-name=spots --array=0-7 --cpus-per-task=2", tasks)
        self.assertIn("--partition=short", tasks)
        self.assertIn("--dependency=afterany:17 ", gather)
        self.assertIn("--partition=short", gather)
        self.same_studies("it's out", "whole")

    def mpirun(self, ranks, *args):
        if not shutil.which("mpirun"):
            self.skipTest("there is no mpirun")
        command = [*MPIRUN, str(ranks), LIDO, "study", "studies/spots.json", *map(str, args)]
        return subprocess.Popen(command, cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ranks(self, ranks, *args):
        process = self.mpirun(ranks, *args)
        out, err = process.communicate(timeout=120)
        if "built without MPI" in err:
            self.skipTest("built without MPI")
        return process.returncode, out, err

    def test_ranks(self):
        self.study(out="whole")
        for ranks in (1, 2, 4):
            status, out, err = self.ranks(ranks, "--out", f"out-{ranks}", "--jobs", 1, "--threads", 1, "--json")
            self.assertEqual(status, 0, err)
            self.assertEqual(json.loads(out)["finished"], 8)
            self.same_studies(f"out-{ranks}", "whole")

    def test_every_rank_works(self):
        self.write_study(epochs=30)
        process = self.mpirun(3, "--out", "out", "--jobs", "1", "--threads", "1")
        try:
            self.wait_for(process, "out", 0, 3)
        except AssertionError:
            if "built without MPI" in process.communicate()[1]:
                self.skipTest("built without MPI")
            raise
        self.assertEqual(process.wait(60), 0)
        process.communicate()

    def test_bad_study_of_ranks(self):
        status, _, err = self.ranks(2, "--profile", "quik")
        self.assertEqual(status, 2)
        self.assertEqual(err.count('no profile "quik"'), 1)

    def test_lost_rank(self):
        """All of mpirun ends with it; the same command goes on."""
        self.write_study(epochs=30)
        self.study(out="whole")
        process = self.mpirun(3, "--out", "out", "--jobs", "1", "--threads", "1")
        try:
            self.wait_for(process, "out", 1, 2)
        except AssertionError:
            if "built without MPI" in process.communicate()[1]:
                self.skipTest("built without MPI")
            raise
        ranks = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(ranks[-1]), signal.SIGKILL)
        process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        before = {n: (w, t) for n, (w, t) in self.runs().items() if t is not None}
        self.assertLess(len(before), 8)
        status, _, err = self.ranks(2, "--out", "out", "--jobs", 1, "--threads", 1)
        self.assertEqual(status, 0, err)
        after = self.runs()
        self.assertEqual({name: after[name] for name in before}, before)
        self.same_studies("out", "whole")


if __name__ == "__main__":
    main()

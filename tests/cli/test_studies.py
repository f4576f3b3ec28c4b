#!/usr/bin/env python3
"""test_studies.py LIDO: studies from the command line: that they come to the same however they are run
and interrupted, what is refused, and what people see."""
import json
import os
import pathlib
import pty
import signal

from harness import main
from study_harness import HEADS, POOLS, Studies


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
        self.write_longer_study(12)
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
        self.write_longer_study(8)
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
        self.assertRegex(shown, r"pool=\w+,head=\w+ +\d/2 .*seed \d: epoch \d+/8, loss \d\.\d{4}")
        self.assertRegex(shown, r"spots \[=*> *\] +\d+ %  \d of 8 runs  \d+\.\d s left")
        self.assertIn("\x1b[5A", shown)
        self.assertNotIn("3/8  pool", out)
        self.assertIn("cannot decide", out)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""test_study_machines.py LIDO: studies shared out by Slurm, in whose place stands a script, and by MPI:
ranks on this machine, and in two network namespaces where they can be made. What MPI needs is skipped
where it is not there or not built in."""
import json
import os
import pathlib
import shutil
import signal
import subprocess

from harness import LIDO, main
from study_harness import Studies

MPIRUN = ["mpirun", "--allow-run-as-root", "--oversubscribe"]
NETWORK = "10.77.0."


class Slurm(Studies):
    """In whose place stands a script."""

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


class Mpi(Studies):
    def setUp(self):
        super().setUp()
        if not shutil.which("mpirun") or os.environ.get("LIDO_SANITIZED"):
            self.skipTest("there is no mpirun that can be used")

    def mpirun(self, ranks, *args, before=(), options=(), program=LIDO):
        command = [*before, *MPIRUN, *options, "-np", str(ranks), program, "study", "studies/spots.json"]
        return subprocess.Popen([*command, *map(str, args)], cwd=self.dir, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def end(self, process):
        """Its exit status, and what it said on both streams."""
        out, err = process.communicate(timeout=120)
        if "built with MPI, which cannot be run" in err:
            self.skipTest("built without MPI")
        return process.returncode, out, err

    def ranks(self, ranks, *args, **options):
        return self.end(self.mpirun(ranks, *args, **options))

    def wait_for(self, process, *args):
        try:
            super().wait_for(process, *args)
        except AssertionError:
            process.terminate()
            self.end(process)
            raise

    def same_for(self, *numbers):
        self.study(out="whole")
        for ranks in numbers:
            status, out, err = self.ranks(ranks, "--out", f"out-{ranks}", "--jobs", 1, "--threads", 1, "--json")
            self.assertEqual(status, 0, err)
            self.assertEqual(json.loads(out)["finished"], 8)
            self.same_studies(f"out-{ranks}", "whole")


class Ranks(Mpi):
    def test_same_for_any_number(self):
        self.same_for(1, 2, 4)

    def test_every_rank_works(self):
        self.write_longer_study(8)
        process = self.mpirun(3, "--out", "out", "--jobs", 1, "--threads", 1)
        self.wait_for(process, "out", 0, 3)
        self.assertEqual(self.end(process)[0], 0)

    def test_bad_study(self):
        """Is told once, and nobody waits for anybody."""
        status, _, err = self.ranks(2, "--profile", "quik")
        self.assertEqual(status, 2)
        self.assertEqual(err.count('no profile "quik"'), 1)

    def test_a_rank_that_cannot_work(self):
        """One that does not find the file, as on a machine without the folder: the others do it all."""
        self.write("elsewhere/lido", f'''#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 0 ] || cd elsewhere
exec {LIDO} "$@"
''')
        (self.dir / "elsewhere/lido").chmod(0o755)
        process = self.mpirun(2, "--out", "out", "--jobs", 1, program=self.path("elsewhere/lido"))
        status, out, err = self.end(process)
        self.assertEqual(status, 1)
        self.assertIn("studies/spots.json: cannot open", err)
        self.assertIn("out/report/index.html", out)

    def test_nothing_to_run(self):
        self.study()
        status, out, err = self.ranks(2, "--out", "out", "--gather")
        self.assertEqual(status, 0, err)
        self.assertIn("out/report/index.html", out)

    def test_lost_rank(self):
        """All of mpirun ends with it; the same command goes on."""
        self.write_longer_study(40)
        self.study(out="whole")
        process = self.mpirun(3, "--out", "out", "--jobs", 1, "--threads", 1)
        self.wait_for(process, "out", 1, 2)
        ranks = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(ranks[-1]), signal.SIGKILL)
        self.assertNotEqual(self.end(process)[0], 0)
        before = {n: (w, t) for n, (w, t) in self.runs().items() if t is not None}
        self.assertLess(len(before), 8)
        status, _, err = self.ranks(2, "--out", "out", "--jobs", 1, "--threads", 1)
        self.assertEqual(status, 0, err)
        after = self.runs()
        self.assertEqual({name: after[name] for name in before}, before)
        self.same_studies("out", "whole")


class Namespaces(Mpi):
    """Two machines that share files: network namespaces joined by a cable."""

    AGENT = """#!/bin/sh
# In place of ssh: [OPTIONS] HOST COMMAND
while case $1 in -*) true ;; *) false ;; esac; do shift; done
shift
exec ip netns exec {there} sh -c "$*"
"""

    def ip(self, *args):
        return subprocess.run(["ip", *args], capture_output=True, text=True)

    def setUp(self):
        super().setUp()
        names = [f"lido-{os.getpid()}-{side}" for side in ("here", "there")]
        for name in names:
            if not shutil.which("ip") or self.ip("netns", "add", name).returncode != 0:
                self.skipTest("network namespaces cannot be made")
            self.addCleanup(self.ip, "netns", "del", name)
        self.ip("link", "add", "lido0", "netns", names[0], "type", "veth", "peer", "name", "lido0", "netns", names[1])
        for number, name in enumerate(names, 1):
            self.ip("-n", name, "addr", "add", f"{NETWORK}{number}/24", "dev", "lido0")
            for device in ("lo", "lido0"):
                made = self.ip("-n", name, "link", "set", device, "up")
                self.assertEqual(made.returncode, 0, made.stderr)
        self.here, there = names
        self.write("agent", self.AGENT.format(there=there))
        (self.dir / "agent").chmod(0o755)

    def mpirun(self, ranks, *args):
        options = ["--mca", "plm_rsh_agent", self.path("agent"), "--mca", "btl", "tcp,self",
                   "--mca", "btl_tcp_if_include", "lido0", "--mca", "oob_tcp_if_include", "lido0",
                   "--host", ",".join(f"{NETWORK}{n}:{(ranks + 2 - n) // 2}" for n in (1, 2)[:ranks])]
        return super().mpirun(ranks, *args, before=["ip", "netns", "exec", self.here], options=options)

    def test_same(self):
        self.same_for(2, 3)

    def test_both_work(self):
        self.write_longer_study(8)
        process = self.mpirun(2, "--out", "out", "--jobs", 1, "--threads", 1)
        self.wait_for(process, "out", 0, 2)
        self.assertEqual(self.end(process)[0], 0)


if __name__ == "__main__":
    main()

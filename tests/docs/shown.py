"""shown.py - what the tests of documents share: reading what is written out in them, and running it in a folder that
looks like the root of the project."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest


def blocks(document, language):
    """The texts of a document's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


class Shown(unittest.TestCase):
    """A test with a folder of its own (self.dir), in which `links` of the project are."""
    lido = root = None
    links = ("models",)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)
        for name in self.links:
            (self.dir / name).symlink_to(self.root / name)

    def run_line(self, line, status=0):
        path = f"{self.lido.parent}{os.pathsep}{os.environ['PATH']}"
        run = subprocess.run(line, shell=True, cwd=self.dir, capture_output=True, text=True,
                             env={**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"})
        self.assertEqual(run.returncode, status, f"{line}\n{run.stdout}{run.stderr}")
        return run

    def run_commands(self, document, passed_over):
        """Those of a document but for lines that start with one of `passed_over`; returns them."""
        lines = [line for block in blocks(self.root / document, "sh") for line in block.splitlines()
                 if line and not line.startswith(passed_over)]
        for line in lines:
            self.run_line(line)
        return lines

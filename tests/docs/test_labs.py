#!/usr/bin/env python3
"""test_labs.py LIDO ROOT REDUCER WRONG [TEST...]: the sheets of docs/labs are run with the worked solutions, and their
checks pass then, and not before. REDUCER is a folder laid out like a build of a tree that has the worked reducer; WRONG
one whose reducer has a wrong gradient."""
import json
import pathlib
import shutil
import sys
import unittest

import shown

LIDO, ROOT, REDUCER, WRONG = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
LABS = ROOT / "docs/labs"
BUILDING = ("cmake ",)  # done by the build


class Lab(shown.Shown):
    lido, root = LIDO, ROOT
    links = ("models", "docs")

    def setUp(self):
        super().setUp()
        self.work = self.dir / "work"
        self.work.mkdir()

    def run_sheet(self, name):
        self.assertGreater(len(self.run_commands(f"docs/labs/{name}.md", BUILDING)), 3)

    def check(self, lab, missing):
        """What the check says when so many points are missing."""
        said = self.run_line(f"python3 docs/labs/check.py {lab}", status=1 if missing else 0).stdout
        self.assertEqual(said.count("MISSING"), missing, said)
        return said


class Reducer(Lab):
    def test_solution(self):
        self.lido = REDUCER / "lido"
        (self.dir / "build").mkdir()
        (self.dir / "build/release").symlink_to(REDUCER)
        self.run_sheet("reducer")

    def test_without(self):
        self.assertIn("src/layers/registry.def", self.check("reducer", 1))

    def test_wrong_gradient(self):
        self.lido = WRONG / "lido"
        said = self.check("reducer", 3)  # by hand, by differences; and no tests are there
        for text in ("dx of 3 9 5 1, dy 4: got [0.0, 4.0, 0.0, 4.0]", "lido gradcheck '{", "is not built"):
            self.assertIn(text, said)


class Studies(Lab):
    def set_up_lab(self, lab):
        """With the first study of the sheet and the worked solution."""
        first, answers = (json.loads(text) for text in shown.blocks(LABS / f"{lab}.md", "json"))
        for path in (LABS / "solutions" / lab).glob("*.json"):
            shutil.copy(path, self.work)
        self.write(f"{first['name']}.json", first)
        solution = json.loads((self.work / f"{lab}-answers.json").read_text())
        self.assertEqual([*answers], [*solution])
        return answers

    def write(self, name, value):
        (self.work / name).write_text(json.dumps(value))

    def check_others(self, lab, empty, first, few, many):
        """The first study in place of the student's, and answers that are all null."""
        self.check(lab, 0)
        self.write(f"{lab}-answers.json", empty)
        self.check(lab, many)
        shutil.rmtree(self.work / lab)
        self.check(lab, 1)
        shutil.copytree(self.work / first, self.work / lab)
        self.assertIn("seeds", self.check(lab, few))


class Shifts(Studies):
    def test_sheet(self):
        empty = self.set_up_lab("shifts")
        self.check("shifts", 1)
        self.run_sheet("shifts")
        self.check_others("shifts", empty, "first", few=1, many=4)


class Heads(Studies):
    def test_sheet(self):
        empty = self.set_up_lab("heads")
        self.check("heads", 1)
        self.run_sheet("heads")
        self.check_others("heads", empty, "first-heads", few=1, many=3)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])

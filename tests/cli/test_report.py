"""test_report.py LIDO: `lido report` on the folder of a study whose runs are trained for real: the page
needs nothing but itself, whatever users call things; tables agree with the results; what is missing is
left out and said so."""
import csv
import html.parser
import io
import json
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

from harness import CLASSES, LIDO, SIDE, Case, main, write_spots

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "study"))
import study_folder  # noqa: E402

NASTY = "</script><script>alert('1')</script><!-- & \"x\" $%_{}|*"
FACTORS = {
    "pool": {"max": {"type": "max_pool", "kernel": 2}, "avg <i>&_": {"type": "avg_pool", "kernel": 2}},
    "head": {"fc": [{"type": "flatten"}, {"type": "dense", "units": 8, "activation": "relu"}],
             "gap": {"type": "avg_pool", "global": True}},
}
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Folder(unittest.TestCase):
    """Makes the study once for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="lido-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.shared)
        case = Case()
        case.dir = cls.shared
        data = write_spots(case)
        labels = [i % CLASSES for i in range(60)]
        cls.results = study_folder.make_study(
            LIDO, cls.shared / "study", [SIDE, SIDE, 1], CLASSES,
            {"data": data.replace("idx:", f"idx:{cls.shared}/"), "epochs": 2, "batch": 20,
             "optimizer": {"type": "adam", "lr": 0.003}},
            [1, 2], labels, NASTY, FACTORS, "It is said: " + NASTY)


class Page(html.parser.HTMLParser):
    """Elements, attributes, texts; every element closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.text, self.faults = [], [], "", []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("script", "style"):
            self.text += data

    def attributes(self, *names):
        return [(tag, name, attrs[name]) for tag, attrs in self.elements for name in names if name in attrs]


class Report(Case, Folder):
    def setUp(self):
        Case.setUp(self)
        shutil.copytree(self.shared / "study", self.dir / "study")

    def report(self, *flags):
        return self.json("report", "study", *flags)

    def read(self, name):
        return (self.dir / "study/report" / name).read_text()

    def rows(self, name):
        return list(csv.DictReader(io.StringIO(self.read(name))))

    def without(self, key):
        results = json.loads(json.dumps(self.results))
        del results[key]
        self.write("study/results.json", results)

    # ---- the page

    def test_page_stands_alone(self):
        said = self.report()
        self.assertEqual(said, {"report": "study/report/index.html",
                                "left_out": [] if "lidoModule" in self.read("index.html") else said["left_out"]})
        text = self.read("index.html")
        page = Page(text)
        self.assertEqual(page.faults, [])
        ids = [value for _, _, value in page.attributes("id")]
        self.assertEqual(len(ids), len(set(ids)))
        for tag, name, value in page.attributes("src", "href", "action", "poster", "srcset", "data"):
            if value.startswith("#"):
                self.assertIn(value[1:], ids)
            elif not value.startswith("data:image/png;base64,"):
                self.assertEqual((tag, name), ("a", "href"))
                self.assertTrue((self.dir / "study/report" / value).is_file(), value)
        self.assertNotIn("link", [tag for tag, _ in page.elements])
        for forbidden in ("sourceMappingURL", "@import"):
            self.assertNotIn(forbidden, text)
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
        self.assertNotIn("url(", style)
        policy, = [attrs["content"] for _, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe-eval", policy)

    def test_page_shows_names_as_they_are(self):
        self.report()
        text = self.read("index.html")
        page = Page(text)
        self.assertNotIn(NASTY, text)
        self.assertIn(NASTY, page.text)
        self.assertIn("avg <i>&_ \u00b7 fc", page.text)
        self.assertNotIn("<i>&", text)
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
        if data:
            self.assertEqual(json.loads(data[1])["baseline"], self.results["baseline"])

    def test_page_has_every_section(self):
        self.report()
        page = Page(self.read("index.html"))
        ids = {value for _, _, value in page.attributes("id")}
        self.assertLessEqual({"summary", "arms", "curves", "differences", "shift", "robustness", "cost", "effects",
                              "pooling", "confusion", "disagreements", "filters", "maps", "reproduce"}, ids)
        images = [attrs for tag, attrs in page.elements if tag == "img"]
        self.assertGreater(len(images), 10)
        self.assertTrue(all(attrs.get("alt") for attrs in images))
        self.assertIn("No difference is decided: with 2 seeds", page.text)
        self.assertIn("2 seeds are too few to decide anything", page.text)

    def test_same_bytes_again(self):
        self.report("--threads", 1)
        first = {path.name: path.read_bytes() for path in (self.dir / "study/report").iterdir()}
        self.report("--threads", 3)
        again = {path.name: path.read_bytes() for path in (self.dir / "study/report").iterdir()}
        self.assertEqual(first, again)

    # ---- tables

    def test_csv_agrees_with_results(self):
        self.report()
        seeds = self.rows("seeds.csv")
        expected = [(cell, run) for cell in self.results["cells"] for run in cell["runs"]]
        self.assertEqual(len(seeds), len(expected))
        for row, (cell, run) in zip(seeds, expected):
            self.assertEqual((row["arm"], row["factor.pool"], int(row["seed"])),
                             (cell["name"], cell["levels"][0], run["seed"]))
            self.assertAlmostEqual(float(row["test_accuracy"]), run["measures"]["test_accuracy"], places=14)
        means = {(row["measure"], row["arm"]): row for row in self.rows("means.csv")}
        for measure in self.results["statistics"]["measures"]:
            for cell in measure["cells"]:
                self.assertAlmostEqual(float(means[measure["name"], cell["cell"]]["low"]), cell["low"], places=13)
        for row in self.rows("feature_maps.csv"):
            self.assertIn(row["stage"], ("before", "after"))
            if row["taken_y"]:  # of a 2x2 window
                self.assertEqual((int(row["taken_y"]) // 2, int(row["taken_x"]) // 2), (int(row["y"]), int(row["x"])))

    def test_feature_maps_are_those_of_the_network(self):
        """Max pooling gives the largest of each window, averaging the mean, of the map before."""
        self.report()
        maps = {}
        for row in self.rows("feature_maps.csv"):
            maps.setdefault((row["arm"], row["channel"], row["stage"]), {})[int(row["y"]), int(row["x"])] = row
        pooled = [key for key in maps if key[2] == "after"]
        self.assertGreater(len(pooled), 4)
        for arm, channel, _ in pooled:
            before = {at: float(row["value"]) for at, row in maps[arm, channel, "before"].items()}
            for (y, x), row in maps[arm, channel, "after"].items():
                window = [before[2 * y + i, 2 * x + j] for i in range(2) for j in range(2)]
                if arm.startswith("pool=max"):
                    self.assertEqual(float(row["value"]), max(window))
                    self.assertEqual(before[int(row["taken_y"]), int(row["taken_x"])], max(window))
                else:
                    self.assertAlmostEqual(float(row["value"]), sum(window) / 4, places=5)
                    self.assertEqual(row["taken_y"], "")

    def test_markdown_and_latex(self):
        self.report()
        lines = [line for line in self.read("summary.md").splitlines() if line.startswith("|")]
        self.assertEqual(len(lines), 2 + len(self.results["cells"]))
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
        self.assertEqual(len(cells), 1, lines)
        self.assertIn("avg &lt;i&gt;&amp;\\_", self.read("summary.md"))
        latex = self.read("table.tex")
        self.assertIn("avg \\textless{}i\\textgreater{}\\&\\_", latex)
        bare = re.sub(r"\\[{}]", "", latex)
        self.assertEqual(bare.count("{"), bare.count("}"))
        columns = re.search(r"\\begin\{tabular\}\{([lr]+)\}", latex)[1]
        rows = [line for line in latex.splitlines() if line.endswith("\\\\")]
        self.assertEqual(len(rows), 1 + len(self.results["cells"]))
        for row in rows:
            self.assertEqual(len(re.findall(r"(?<!\\)&", row)), len(columns) - 1, row)

    # ---- what is missing

    def test_without_runs(self):
        shutil.rmtree(self.dir / "study/runs")
        said = self.report()
        self.assertRegex(" ".join(said["left_out"]), r"Pictures: .*cannot open")
        page = Page(self.read("index.html"))
        self.assertIn("Left out. Pictures:", page.text)
        self.assertNotIn("maps", {value for _, _, value in page.attributes("id")})

    def test_without_predictions(self):
        next((self.dir / "study/runs").rglob("predictions.npy")).unlink()
        self.assertRegex(" ".join(self.report()["left_out"]), r"Where arms disagree: .*predictions\.npy")
        self.assertIn("feature_maps.csv", self.read("index.html"))

    def test_where_all_agree(self):
        paths = list((self.dir / "study/runs").rglob("predictions.npy"))
        for path in paths:
            path.write_bytes(paths[0].read_bytes())
        self.report()
        text = self.read("index.html")
        self.assertIn("On 0 of 60 test pictures", text)
        self.assertNotIn("disagreements.csv", text)

    def test_without_statistics(self):
        self.without("statistics")
        self.report()
        text = Page(self.read("index.html")).text
        self.assertIn("Nothing can be decided", text)
        self.assertNotIn("Differences from the baseline", text)

    def test_without_what_may_be_missing(self):
        cells = [{"name": cell["name"], "levels": cell["levels"], "runs": []} for cell in self.results["cells"]]
        self.write("study/results.json", {"study": {"name": "bare"}, "factors": self.results["factors"],
                                          "baseline": self.results["baseline"], "cells": cells})
        self.report()
        page = Page(self.read("index.html"))
        self.assertEqual(page.faults, [])
        self.assertIn("bare", page.text)

    def test_no_study(self):
        self.fails(1, [r"none/results\.json: cannot open"], "report", "none")
        self.write("study/results.json", "{")
        self.fails(2, [r"study/results\.json:1:"], "report", "study")
        self.without("cells")
        self.fails(2, [r"study/results\.json: cells: null, allowed: an array"], "report", "study")
        self.fails(2, ["DIR is missing"], "report")


if __name__ == "__main__":
    main()

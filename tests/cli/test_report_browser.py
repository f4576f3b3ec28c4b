"""test_report_browser.py LIDO [CHROMIUM]: the page of a report as a browser shows it, at the width of a
desk and of a phone, and on paper: every chart is drawn and fits, nothing is fetched, nothing sticks out.
Skipped, and said so, without Chromium or in a build without charts."""
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

CHROMIUM = sys.argv.pop(2) if len(sys.argv) > 2 else ""
if not CHROMIUM or CHROMIUM.endswith("NOTFOUND"):
    print("skipped: no Chromium")
    sys.exit(77)

from harness import Case, main  # noqa: E402
from test_report import Folder  # noqa: E402

WIDTHS = (1280, 390)
CHARTS = {"chart-means", "chart-curves-test_accuracy", "chart-curves-train_accuracy", "chart-curves-train_loss",
          "chart-differences", "chart-differences-other", "chart-shift-accuracy", "chart-shift-consistency",
          "chart-consistency", "chart-rotation", "chart-scale", "chart-noise", "chart-blur", "chart-cost",
          "chart-interaction"}

# The page in frames of both widths, looked at from outside once its charts are there.
PROBE = """<!doctype html><meta charset="utf-8"><pre id="found">waiting</pre>%s<script>
function look(frame) {
    const page = frame.contentDocument, root = page.documentElement;
    const charts = [...page.querySelectorAll(".chart")].filter((chart) => !chart.hidden);
    const drawn = charts.filter((chart) => chart.querySelector("svg path, svg line"));
    const texts = (chart) => [...chart.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect());
    const overlap = (a, b) => a.width && b.width && a.left < b.right - 1 && b.left < a.right - 1 &&
        a.top < b.bottom - 2 && b.top < a.bottom - 2;
    return {
        state: root.dataset.charts, width: frame.contentWindow.innerWidth, page: root.scrollWidth,
        drawn: drawn.map((chart) => chart.id),
        wide: drawn.filter((chart) => Number(chart.querySelector("svg").getAttribute("width")) >
            chart.querySelector(".plot").clientWidth + 1).map((chart) => chart.id),
        crowded: drawn.filter((chart) => texts(chart).some((a, i, all) => all.some((b, j) => j > i && overlap(a, b))))
            .map((chart) => chart.id),
        thin: drawn.filter((chart) => {
            const plots = [...chart.querySelectorAll("svg .role-axis-domain line")].map((line) => line.getBoundingClientRect().width);
            return Math.max(...plots) < 0.35 * Math.min(chart.clientWidth, 480);
        }).map((chart) => chart.id),
        fetched: frame.contentWindow.performance.getEntriesByType("resource").map((entry) => entry.name),
    };
}
function wait() {
    const frames = [...document.querySelectorAll("iframe")];
    const ready = frames.every((frame) => frame.contentDocument?.documentElement?.dataset.charts);
    if (!ready) setTimeout(wait, 50);
    else document.getElementById("found").textContent = JSON.stringify(frames.map(look));
}
wait();
</script>"""


class Browser(Case, Folder):
    def browse(self, *args):
        flags = ["--headless", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000",
                 f"--user-data-dir={self.path('profile')}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        return subprocess.run([CHROMIUM, *flags, *args], capture_output=True, text=True, timeout=240)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = Case()
        case.dir = cls.shared
        case.ok("report", "study")
        cls.page = (cls.shared / "study/report/index.html").read_text()
        if "lidoModule" not in cls.page:
            raise unittest.SkipTest("this build has no charts")

    def test_charts_are_drawn_and_fit(self):
        frames = "".join(f'<iframe width="{width}" height="900" srcdoc="{html.escape(self.page)}"></iframe>' for width in WIDTHS)
        self.write("probe.html", PROBE % frames)
        run = self.browse("--dump-dom", "file://" + self.path("probe.html"))
        found = re.search(r'<pre id="found">(.*?)</pre>', run.stdout, re.DOTALL)
        self.assertIsNotNone(found, run.stderr)
        for width, frame in zip(WIDTHS, json.loads(html.unescape(found[1])), strict=True):
            with self.subTest(width=width):
                self.assertEqual(frame["state"], "drawn")
                self.assertEqual(set(frame["drawn"]), CHARTS)
                self.assertEqual(frame["wide"], [])
                self.assertEqual(frame["crowded"], [])
                self.assertEqual(frame["thin"], [])
                self.assertEqual(frame["fetched"], [])
                self.assertLessEqual(frame["page"], frame["width"])

    def test_it_prints(self):
        paper = pathlib.Path(self.path("report.pdf"))
        run = self.browse(f"--print-to-pdf={paper}", "file://" + str(self.shared / "study/report/index.html"))
        self.assertTrue(paper.is_file(), run.stderr)
        self.assertEqual(paper.read_bytes()[:5], b"%PDF-")
        self.assertGreater(paper.stat().st_size, 100_000)


if __name__ == "__main__":
    main()

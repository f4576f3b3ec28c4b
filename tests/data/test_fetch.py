#!/usr/bin/env python3
"""Downloads over HTTP from a server on 127.0.0.1 that misbehaves in every way the fetch is to stand:
cut connections, no ranges, damaged bytes, errors, no length, redirects, a kill in the middle, a full
disk. Usage: test_fetch.py FETCH_PROGRAM. Python's standard library only."""
import hashlib
import io
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PROGRAM = sys.argv.pop(1)
BODY = random.Random(1).randbytes(600_000)
OTHER = random.Random(2).randbytes(50_000)


def md5(data):
    return hashlib.md5(data).hexdigest()


def make_archive(names, data=OTHER):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


ARCHIVE = make_archive(["bins/README", "bins/one.bin", "../evil.bin", "bins/two.bin"])
FILES = {"body.bin": BODY, "other.bin": OTHER, "set.tar.gz": ARCHIVE}


class Handler(BaseHTTPRequestHandler):
    """The first part of the path says how to behave, the second which file is meant."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        _, mode, name = self.path.split("/", 2)
        data = FILES.get(name)
        server = self.server
        server.requests.append((mode, name, self.headers.get("Range")))
        self.close_connection = True
        if data is None or mode == "missing":
            self.send_error(404)
        elif mode == "broken" or (mode == "flaky" and len(server.requests) < 3):
            self.send_error(503)
        elif mode == "redirect":
            self.redirect("/plain/" + name)
        elif mode == "escape":
            self.redirect("file:///etc/passwd")
        elif mode == "circle":
            self.redirect(self.path)
        elif mode == "chunked":
            self.send_chunked(data, cut=len(server.requests) < 2)
        else:
            self.send_file(mode, data)

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_chunked(self, data, cut):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        end = len(data) // 2 if cut else len(data)
        for at in range(0, end, 50_000):
            piece = data[at:min(at + 50_000, end)]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if not cut:
            self.wfile.write(b"0\r\n\r\n")

    def send_file(self, mode, data):
        start, wanted = 0, self.headers.get("Range")
        if wanted and mode != "rangeless":
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            self.send_response(416)
            self.send_header("Content-Range", "bytes */%d" % len(data))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if mode == "damaged":
            data = data[:1000] + bytes([data[1000] ^ 1]) + data[1001:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if mode == "cut":
            self.wfile.write(data[start:start + 250_000])
        elif mode == "slow":
            for at in range(start, len(data), 20_000):
                self.wfile.write(data[at:at + 20_000])
                time.sleep(0.05)
        else:
            self.wfile.write(data[start:])


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the client went away, as the tests want it to


class FetchTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="lido-fetch-")
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.requests = []
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.dir)

    def command(self, mode, *files, tries=5, stop_after=0):
        base = "http://127.0.0.1:%d/%s" % (self.server.server_port, mode)
        files = files or ("body.bin:" + md5(BODY),)
        return [PROGRAM, self.dir, base, str(tries), str(stop_after), *files]

    def fetch(self, mode, *files, tries=5, stop_after=0, **how):
        """Returns the status, the message and the exit status."""
        run = subprocess.run(self.command(mode, *files, tries=tries, stop_after=stop_after),
                             capture_output=True, text=True, timeout=60, **how)
        self.assertEqual(run.stderr, "")
        status, message, _ = run.stdout.split("\n", 2)
        self.assertEqual(run.returncode == 0, status == "ok", message)
        return status, message

    def path(self, name):
        return os.path.join(self.dir, "set", name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(data)

    def listing(self):
        return sorted(os.listdir(os.path.join(self.dir, "set")))

    def ranges(self):
        return [r for _, _, r in self.server.requests]

    def expect_whole(self, result):
        self.assertEqual(result, ("ok", ""))
        self.assertEqual(self.read("body.bin"), BODY)
        self.assertEqual(self.listing(), ["body.bin"])

    def test_downloads_and_keeps(self):
        files = "body.bin:" + md5(BODY), "other.bin:" + md5(OTHER)
        self.assertEqual(self.fetch("plain", *files), ("ok", ""))
        self.assertEqual(self.read("body.bin"), BODY)
        self.assertEqual(self.read("other.bin"), OTHER)
        self.assertEqual(self.listing(), ["body.bin", "other.bin"])
        self.assertEqual(self.fetch("plain", *files), ("ok", ""))
        self.assertEqual(len(self.server.requests), 2)

    def test_replaces_a_wrong_file(self):
        self.write("body.bin", BODY[:-1])
        self.expect_whole(self.fetch("plain"))

    def test_resumes_after_cuts(self):
        self.expect_whole(self.fetch("cut"))
        self.assertEqual(self.ranges(), [None, "bytes=250000-", "bytes=500000-"])

    def test_gives_up_and_resumes_next_time(self):
        status, message = self.fetch("cut", tries=2)
        self.assertEqual(status, "network error")
        self.assertIn("body.bin: ", message)
        self.assertEqual(self.listing(), ["body.bin.part"])
        self.assertEqual(self.read("body.bin.part"), BODY[:500_000])
        self.expect_whole(self.fetch("plain"))
        self.assertEqual(self.ranges()[-1], "bytes=500000-")

    def test_starts_over_without_ranges(self):
        self.write("body.bin.part", BODY[:1234])
        self.expect_whole(self.fetch("rangeless"))

    def test_takes_a_part_that_is_whole(self):
        self.write("body.bin.part", BODY)
        self.expect_whole(self.fetch("plain"))
        self.assertEqual(self.ranges(), ["bytes=600000-"])  # answered 416

    def test_starts_over_when_the_part_is_wrong(self):
        for part in BODY + b"more", b"x" * len(BODY), b"x" * 1000:
            self.write("body.bin.part", part)
            self.expect_whole(self.fetch("plain"))
            os.unlink(self.path("body.bin"))

    def test_refuses_damaged_bytes(self):
        status, message = self.fetch("damaged")
        self.assertEqual(status, "corrupt data")
        self.assertIn("expected " + md5(BODY), message)
        self.assertEqual(self.listing(), [])
        self.assertEqual(len(self.server.requests), 1)
        self.write("body.bin.part", BODY[:5000])
        self.assertEqual(self.fetch("damaged", tries=1)[0], "ok")  # the damage is in the first part
        self.write("body.bin", b"")
        self.write("body.bin.part", BODY[:500])
        self.assertEqual(self.fetch("damaged", tries=1)[0], "corrupt data")
        self.assertEqual(self.listing(), ["body.bin"])  # the old file stays until a new one is whole

    def test_server_errors(self):
        status, message = self.fetch("missing")
        self.assertEqual(status, "network error")
        self.assertIn("404", message)
        self.assertEqual(len(self.server.requests), 1)  # trying again is no use
        status, message = self.fetch("broken", tries=2)
        self.assertEqual(status, "network error")
        self.assertIn("503", message)
        self.assertEqual(len(self.server.requests), 3)

    def test_passing_errors(self):
        self.expect_whole(self.fetch("flaky"))
        self.assertEqual(len(self.server.requests), 3)

    def test_no_length(self):
        self.expect_whole(self.fetch("chunked"))
        self.assertGreater(len(self.server.requests), 1)

    def test_redirects(self):
        self.expect_whole(self.fetch("redirect"))
        for mode in "escape", "circle":
            os.unlink(self.path("body.bin"))
            self.assertEqual(self.fetch(mode)[0], "network error")
            self.write("body.bin", b"")

    def test_other_protocols(self):
        source = os.path.join(self.dir, "source")
        os.mkdir(source)
        with open(os.path.join(source, "body.bin"), "wb") as f:
            f.write(BODY)
        run = subprocess.run([PROGRAM, self.dir, "file://" + source, "1", "0",
                              "body.bin:" + md5(BODY)], capture_output=True, text=True)
        self.assertTrue(run.stdout.startswith("network error"), run.stdout)
        self.assertNotIn("body.bin", self.listing())

    def test_nobody_there(self):
        self.server.server_close()
        status, message = self.fetch("plain", tries=1)
        self.assertEqual(status, "network error")
        self.assertIn("127.0.0.1", message)

    def test_stops_on_request(self):
        status, message = self.fetch("slow", stop_after=100_000)
        self.assertEqual(status, "interrupted")
        self.assertIn("body.bin.part", message)
        kept = len(self.read("body.bin.part"))
        self.assertGreaterEqual(kept, 100_000)
        self.expect_whole(self.fetch("plain"))
        self.assertEqual(self.ranges()[-1], "bytes=%d-" % kept)

    def test_resumes_after_a_kill(self):
        process = subprocess.Popen(self.command("slow"), stdout=subprocess.DEVNULL)
        part, deadline = self.path("body.bin.part"), time.monotonic() + 20
        while not os.path.exists(part) or os.path.getsize(part) < 100_000:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.listing(), ["body.bin.part"])
        kept = len(self.read("body.bin.part"))
        self.assertEqual(self.read("body.bin.part"), BODY[:kept])
        self.expect_whole(self.fetch("plain"))
        self.assertEqual(self.ranges()[-1], "bytes=%d-" % kept)

    def test_one_download_at_a_time(self):
        process = subprocess.Popen(self.command("slow"), stdout=subprocess.DEVNULL)
        part, deadline = self.path("body.bin.part"), time.monotonic() + 20
        while not os.path.exists(part) or os.path.getsize(part) == 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        status, message = self.fetch("plain")
        self.assertEqual(status, "input/output error")
        self.assertIn("another download of it is under way", message)
        self.assertEqual(process.wait(), 0)
        self.assertEqual(self.read("body.bin"), BODY)

    def test_no_room(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        status, message = self.fetch("plain", preexec_fn=limit)
        self.assertEqual(status, "input/output error")
        self.assertIn("body.bin.part: cannot write: File too large", message)
        self.assertEqual(len(self.server.requests), 1)
        self.expect_whole(self.fetch("plain"))

    def test_no_folder(self):
        with open(os.path.join(self.dir, "set"), "wb"):
            pass
        status, message = self.fetch("plain")
        self.assertEqual(status, "input/output error")
        self.assertIn("exists and is not a folder", message)
        os.unlink(os.path.join(self.dir, "set"))
        os.makedirs(self.path("body.bin.part"))
        status, message = self.fetch("plain")
        self.assertEqual(status, "input/output error")
        self.assertIn("body.bin.part: cannot write", message)

    def archive(self, *members, data=ARCHIVE):
        return "set.tar.gz:%s:%s" % (md5(data), ",".join("%s=%d" % m for m in members))

    def test_unpacks(self):
        wanted = self.archive(("bins/one.bin", len(OTHER)), ("bins/two.bin", len(OTHER)))
        self.assertEqual(self.fetch("cut", wanted), ("ok", ""))
        self.assertEqual(self.listing(), ["one.bin", "two.bin"])
        self.assertEqual(self.read("one.bin"), OTHER)
        self.assertEqual(self.read("two.bin"), OTHER)
        requests = len(self.server.requests)
        self.assertEqual(self.fetch("plain", wanted), ("ok", ""))
        self.assertEqual(len(self.server.requests), requests)
        self.write("two.bin", OTHER[:-1])  # not whole: fetched again
        self.assertEqual(self.fetch("plain", wanted), ("ok", ""))
        self.assertEqual(self.read("two.bin"), OTHER)

    def test_archives_that_lack_something(self):
        for members, text in (
                ([("bins/one.bin", len(OTHER)), ("bins/three.bin", 5)], "has no bins/three.bin"),
                ([("bins/one.bin", len(OTHER)), ("bins/two.bin", 5)],
                 "bins/two.bin is not one file of 5 bytes")):
            status, message = self.fetch("plain", self.archive(*members))
            self.assertEqual(status, "corrupt data")
            self.assertIn(text, message)
            self.assertEqual(self.listing(), ["set.tar.gz"])  # nothing half done

    def test_damaged_archives(self):
        for damaged in ARCHIVE[:-2000], ARCHIVE[:100], b"not gzip":
            FILES["damaged.tar.gz"] = damaged
            wanted = "damaged.tar.gz:%s:bins/two.bin=%d" % (md5(damaged), len(OTHER))
            status, _ = self.fetch("plain", wanted)
            self.assertEqual(status, "corrupt data")
            self.assertEqual(self.listing(), ["damaged.tar.gz"])


if __name__ == "__main__":
    unittest.main()

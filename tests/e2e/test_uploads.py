"""Input files on their way to the files host: as a stream, seen going, and never another file than was planned."""
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import threading
import unittest
import urllib.parse

from harness import DONE, FAILED, OUTSTANDING, PATIENCE_S, SOURCE, CampaignTest
from test_terminal import Screen

MEGABYTE = 1_000_000
CATALOG = """version: 1
extends: standard
uploads: {{bytes_max: 250000000}}
gateways:
  evolink: {{time_outs: {{{time_outs}}}}}
"""


class FilesHost:
    """Between the program and the gateway. It takes uploads itself, each by the next of `scripts`, which is called with
    the host and the request and answers, or does not; the last one is for all that follow."""

    def __init__(self, gateway, scripts):
        self.scripts, self.uploads, self.guard = list(scripts), [], threading.Lock()
        self.over = threading.Event()
        target = urllib.parse.urlsplit(gateway.address)
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                if not self.path.endswith("/upload/stream"):
                    return self.hand_on()
                with host.guard:
                    script = host.scripts.pop(0) if len(host.scripts) > 1 else host.scripts[0]
                    upload = {"length": int(self.headers["Content-Length"]), "bytes": 0}
                    host.uploads.append(upload)
                return script(host, self, upload)

            def do_GET(self):
                if self.path.endswith("/files/quota"):
                    data = {"user_group": "default", "used_files": 2000, "max_files": 2000, "remain_files": 0}
                    return self.answer(200, json.dumps({"success": True, "code": 200, "data": data}).encode())
                return self.hand_on()

            def hand_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                content = answer.read().replace(gateway.address.encode(), host.address.encode())
                upstream.close()
                # Over a kept connection, one more upload would be tried before anybody is told.
                self.close_connection = True
                self.answer(answer.status, content, answer.headers.get("Content-Type", ""))

            def answer(self, status, content, kind="application/json"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                if self.close_connection:
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # programs that leave are part of the script

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def read(request, upload, most):
    """Takes so much of the body, or what there is; gives the bytes."""
    pieces = []
    while most > 0:
        piece = request.rfile.read1(min(most, 1 << 20))
        if not piece:
            break
        pieces.append(piece)
        upload["bytes"] += len(piece)
        most -= len(piece)
    return b"".join(pieces)


def take(host, request, upload, body=b""):
    """A good host: keeps the digest of the file, and says where it stands. `body`: what it has read of it."""
    body += read(request, upload, upload["length"] - len(body))
    if len(body) < upload["length"]:
        request.close_connection = True
        return
    mark = b"application/octet-stream\r\n\r\n"
    content = memoryview(body)[body.index(mark) + len(mark):body.rindex(b"\r\n--")]
    upload["digest"], upload["size"] = hashlib.sha256(content).hexdigest(), len(content)
    answer = {"success": True, "code": 200, "data": {"file_url": "https://example.com/video.mp4"}}
    request.answer(200, json.dumps(answer).encode())


def stall(host, request, upload):
    read(request, upload, MEGABYTE)
    host.over.wait(PATIENCE_S)
    request.close_connection = True


def cut(host, request, upload):
    read(request, upload, 3 * MEGABYTE)
    request.close_connection = True


def refuse(host, request, upload):
    read(request, upload, MEGABYTE)
    request.answer(413, json.dumps({"success": False, "code": 40001, "msg": "the file is too large"}).encode())
    request.close_connection = True


class Uploads(CampaignTest):
    def video(self, size):
        """A video with a hole behind it that takes no place on the disk."""
        path = self.folder / "sway.mp4"
        shutil.copy(SOURCE / "manifests/videos/sway.mp4", path)
        made = path.stat().st_size
        with open(path, "ab") as video:
            video.write(struct.pack(">I4s", size - made, b"free"))
        os.truncate(path, size)
        self.assertLess(path.stat().st_blocks * 512, MEGABYTE + made, "no sparse files here")
        return path

    def host(self, *scripts, time_outs="idle: 30"):
        self.upstream = self.gateway("--fast")
        host = FilesHost(self.upstream, scripts)
        self.addCleanup(host.close)
        self.environment.update(EVOLINK_BASE_URL=host.address)
        self.write("catalog.yaml", CATALOG.format(time_outs=time_outs))
        return host

    def manifest(self):
        return self.write("videos.yaml", """version: 1
campaign: videos
budget: {cap: 900 credits}
outputs: {dir: out}
tasks:
  - {name: edit, mode: video-edit, video: sway.mp4, prompt: snow falls, model: kling-o3-video-edit}
""")

    def run_it(self, **options):
        return self.run_program("run", self.manifest(), "--catalog", "catalog.yaml", "--events", "events.jsonl", **options)

    def events(self, *names):
        lines = (self.folder / "events.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] in names]

    def test_a_large_video_goes_up_in_little_memory_and_is_seen_going(self):
        peak = []

        def measured(host, request, upload):
            take(host, request, upload)
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak.append(int(status.split("VmHWM:")[1].split()[0]) * 1024)

        host = self.host(measured)
        size = 200 * MEGABYTE
        digest = hashlib.sha256(self.video(size).read_bytes()).hexdigest()
        process = self.start("run", self.manifest(), "--catalog", "catalog.yaml", "--events", "events.jsonl")
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, err)
        upload, = host.uploads
        self.assertEqual((upload["digest"], upload["size"]), (digest, size))
        self.assertEqual(upload["bytes"], upload["length"])
        if "ASAN_OPTIONS" not in os.environ:  # sanitizers keep what was given back
            self.assertLess(peak[0], 64 * MEGABYTE)
        going = self.events("uploading")
        self.assertEqual({event["size_bytes"] for event in going}, {size})
        sent = [event["sent_bytes"] for event in going]
        self.assertEqual((sent[0], sent), (0, sorted(sent)))
        self.assertGreater(len(sent), 90)
        self.assertLess(len(sent), 110)
        self.assertEqual([event["sent_bytes"] for event in self.events("uploaded")], [size])
        self.assertIn("uploading sway.mp4, 200 MB", err)
        self.assertIn("uploaded sway.mp4", err)

    def test_a_terminal_shows_how_far_it_is(self):
        seen = threading.Event()

        def halting(host, request, upload):
            half = read(request, upload, upload["length"] // 2)
            seen.wait(PATIENCE_S)
            take(host, request, upload, half)

        self.host(halting)
        self.video(40 * MEGABYTE)
        screen = Screen(self, "stderr", "run", self.manifest(), "--catalog", "catalog.yaml", "--yes", columns=120)

        def shows(pattern):
            return lambda: any(re.search(pattern, line) for line in screen.lines)

        screen.wait_for(shows(r"^ +uploading +sway\.mp4 +━+─+ +[5-9]\d % .*\d\d of 40 MB$"))
        screen.process.send_signal(signal.SIGUSR1)
        screen.wait_for(shows(r"^ +upload +sway\.mp4: \d\d of 40 MB in "))
        seen.set()
        self.assertEqual(screen.end(), DONE)

    def test_a_host_that_takes_nothing_more_is_left_and_asked_again(self):
        host = self.host(stall, take, time_outs="idle: 1")
        self.video(40 * MEGABYTE)
        _, _, err = self.run_it()
        self.assertEqual([upload["bytes"] == upload["length"] for upload in host.uploads], [False, True])
        self.assertRegex(err, r"sway\.mp4 was not uploaded, which costs nothing \(\d+ of 40 MB\): .* took too long")
        failed, = self.events("upload_failed")
        self.assertLess(failed["sent_bytes"], failed["size_bytes"])

    def test_a_connection_that_is_cut_in_the_middle_costs_another_upload_and_nothing_else(self):
        host = self.host(cut, cut, take)
        self.video(40 * MEGABYTE)
        _, _, err = self.run_it()
        self.assertEqual(len(host.uploads), 3)
        self.assertEqual(len(self.events("upload_failed")), 2)
        self.assertIn("costs nothing", err)
        self.assertEqual(len(self.upstream.bill()["lines"]), 1)

    def check_changed(self, change, told):
        """A video that `change` befalls while it is sent is not used, and not tried again."""
        path = self.video(40 * MEGABYTE)

        def changing(host, request, upload):
            body = read(request, upload, MEGABYTE)
            change(path)
            take(host, request, upload, body)

        host = self.host(changing)
        _, _, err = self.run_it(expect=FAILED)
        self.assertIn(told, err)
        # Once, and never whole.
        self.assertEqual([upload["bytes"] < upload["length"] for upload in host.uploads], [True])
        self.assertEqual(self.upstream.bill()["lines"], [])

    def test_a_file_that_shrinks_while_it_is_sent_is_not_used(self):
        self.check_changed(lambda path: os.truncate(path, path.stat().st_size // 2), "changed while it was being sent")

    def test_a_file_that_grows_while_it_is_sent_is_not_used(self):
        def grow(path):
            with open(path, "ab") as video:
                video.write(b"\0\0\0\x08free")

        self.check_changed(grow, "changed while it was being sent")

    def test_a_file_that_is_written_over_while_it_is_sent_is_not_used(self):
        def write_over(path):
            with open(path, "r+b") as video:
                video.seek(-5, os.SEEK_END)
                video.write(b"moved")

        self.check_changed(write_over, "changed since the plan was made")

    def test_a_host_that_refuses_in_the_middle_is_heard(self):
        host = self.host(refuse)
        self.video(40 * MEGABYTE)
        _, _, err = self.run_it(expect=FAILED)
        self.assertIn("the file is too large", err)
        self.assertEqual(len(host.uploads), 1)
        self.assertLess(host.uploads[0]["bytes"], host.uploads[0]["length"])


    def test_a_host_that_is_full_is_told_with_its_numbers_and_the_run_goes_on_later(self):
        def full(host, request, upload):
            read(request, upload, upload["length"])
            request.answer(400, json.dumps({"success": False, "code": 40003, "msg": "quota"}).encode())

        host = self.host(full, take)
        self.video(10 * MEGABYTE)
        _, _, err = self.run_it(expect=OUTSTANDING)
        self.assertIn("the files host takes no more files: 2000 of 2000 are in use", err)
        self.assertIn("72 hours", err)
        self.assertEqual(len(host.uploads), 1)
        self.assertEqual(self.upstream.bill()["lines"], [])
        self.run_program("resume", "--catalog", "catalog.yaml")
        self.assertEqual(len(self.upstream.bill()["lines"]), 1)


if __name__ == "__main__":
    unittest.main()

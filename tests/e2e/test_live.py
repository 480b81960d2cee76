"""The page of a run without a browser: what it tells, who may act, and what it costs the run."""
import http.client
import json
import re
import signal
import socket
import sqlite3
import threading
import time
import urllib.parse

from harness import DONE, INTERRUPTED, OUTSTANDING, PATIENCE_S, USAGE, CampaignTest, interrupt, kill, until


class Page:
    """What `run --ui` or `serve` shows at its address."""

    def __init__(self, address):
        self.at = urllib.parse.urlsplit(address)
        self.token = self.at.path.strip("/")

    def ask(self, method, path, headers=None):
        connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=PATIENCE_S)
        connection.request(method, self.at.path + path, "{}" if method == "POST" else None, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def state(self):
        status, content = self.ask("GET", "state")
        assert status == 200, status
        return json.loads(content)

    def order(self, what):
        return self.ask("POST", what, {"Origin": f"http://{self.at.netloc}", "Content-Type": "application/json",
                                       "X-Callsheet-Token": self.token})

    def wait_for(self, holds):
        """The first state of which it is true."""
        def seen():
            state = self.state()
            return state if holds(state) else None
        return until(seen, lambda: f"on the page: {self.state()}")


class LiveTest(CampaignTest):
    def with_page(self, stream, *words):
        """A process that goes on, and its page. What it says further is read and thrown away."""
        process = self.start(*words)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.wait(), process.stdout.close(), process.stderr.close()))
        said = ""
        for line in getattr(process, stream):
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/[0-9a-f]{32}/", line):
                for rest in (process.stdout, process.stderr):
                    threading.Thread(target=rest.read, daemon=True).start()
                return process, Page(found[0])
        self.fail(f"{words} has no page: {said} {process.stderr.read()}")

    def run_with_page(self, *flags, count=6, in_flight=2, latency="10"):
        self.gateway("--fast", "--latency", latency)
        return self.with_page("stderr", "run", self.manifest(count, in_flight=in_flight), "--ui", *flags)

    def events(self):
        return [json.loads(line) for line in (self.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]


class Steering(LiveTest):
    def test_what_is_ordered_is_done_and_told(self):
        process, page = self.run_with_page("--events", "events.jsonl", latency="0.02", count=40)
        page.wait_for(lambda state: state["clips"]["made"] >= 2)
        self.assertEqual(page.order("pause")[0], 200)
        still = page.wait_for(lambda state: not state["tasks"])
        self.assertEqual(still["phase"], "paused")
        self.assertEqual(still["models"][0]["waits_for"], "the end of a pause")
        # Nothing is held, so nothing is at the gateway; and who looks later sees the same.
        self.assertEqual(still["money"]["held"]["units"], 0)
        self.assertEqual(page.state()["clips"], still["clips"])
        self.assertEqual(page.order("pause")[0], 200)  # twice is once
        self.assertEqual(page.order("go-on")[0], 200)
        page.wait_for(lambda state: state["clips"]["made"] > still["clips"]["made"])
        self.assertEqual(page.order("drain")[0], 200)
        self.assertEqual(process.wait(PATIENCE_S), OUTSTANDING)
        events = self.events()
        names = [event["event"] for event in events]
        self.assertEqual([name for name in names if name in ("paused", "went_on", "draining")], ["paused", "went_on", "draining"])
        paused = names.index("paused")
        self.assertIn(events[paused]["in_flight"], (0, 1, 2))
        self.assertLessEqual(names[paused:names.index("went_on")].count("submitting"), 2)  # what had been decided on
        status = json.loads(self.run_program("status", "--json")[1])
        self.assertEqual(status["held"]["units"], 0)
        # The rest, later: with a page that again stands at once for the whole run.
        before = status["clips"]["made"]
        process, page = self.with_page("stderr", "resume", "--ui")
        self.assertGreaterEqual(page.state()["clips"]["made"], before)
        self.assertEqual(process.wait(PATIENCE_S), DONE)
        self.assertEqual(len(self.clips()), 40)

    def test_a_signal_after_a_stop_on_the_page_leaves(self):
        process, page = self.run_with_page()
        page.wait_for(lambda state: len(state["tasks"]) == 2)
        page.order("drain")
        page.order("drain")  # twice is once on the page
        self.assertEqual(page.state()["phase"], "draining")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE_S), INTERRUPTED)

    def test_who_only_looks_on_cannot_act(self):
        process, _ = self.run_with_page()
        server, page = self.with_page("stdout", "serve")
        state = page.wait_for(lambda state: [task["stage"] for task in state["tasks"]] == ["making", "making"])
        self.assertEqual((state["phase"], state["acts"]), ("running", False))
        self.assertEqual([task["prompt"] for task in state["tasks"]], ["scene number 1", "scene number 2"])
        for order in ("pause", "go-on", "drain", "leave"):
            self.assertEqual(page.order(order)[0], 409)
        # Its process is killed: who looks on is told, and what to do.
        process.kill()
        process.wait()
        state = page.wait_for(lambda state: state["phase"] == "interrupted")
        self.assertIn("Its process is gone.", state["ending"])
        self.assertIn(f"callsheet resume {state['run']}", state["ending"])
        server.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(PATIENCE_S), DONE)


class Served(LiveTest):
    def test_the_time_left_does_not_count_a_night_that_the_run_lay_still(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        process = self.start("run", self.manifest(60, in_flight=2))
        gateway.wait_for_tasks(6, process)
        interrupt(process)
        night_us = 8 * 3600 * 1_000_000
        with sqlite3.connect(self.folder / ".callsheet/ledger.db") as ledger:
            ledger.execute("UPDATE attempts SET submitted = submitted - ?1, ended = ended - ?1", (night_us,))
            ledger.execute("UPDATE outcomes SET ended = ended - ?", (night_us,))
        ledger.close()
        before = json.loads(self.run_program("status", "--json")[1])["clips"]["made"]
        process = self.start("resume")
        self.addCleanup(kill, process)
        _, page = self.with_page("stdout", "serve")
        state = page.wait_for(lambda state: state["clips"]["made"] > before and state["done_at"])
        self.assertLess(state["done_at"] / 1000 - time.time(), 600)

    def test_the_latest_run_is_shown_as_it_changes_and_others_beside_it(self):
        self.gateway("--fast", "--latency", "0")
        self.run_program("run", self.manifest(2))
        _, page = self.with_page("stdout", "serve")
        first = page.state()
        self.assertEqual((first["phase"], first["clips"]["made"], first["runs"]), ("ended", 2, []))
        self.assertIn("report.html", first["ending"])
        clips = {clip["title"]: clip for clip in first["finished"]}
        self.assertEqual(sorted(clips), ["clip-1", "clip-2"])
        clip = clips["clip-2"]
        whole = (self.folder / "out" / "clip-2.mp4").read_bytes()
        self.assertEqual(page.ask("GET", f"clip/{clip['id']}"), (200, whole))
        for name in ("2", "-1", "01x", "", "../report.html"):
            self.assertEqual(page.ask("GET", "clip/" + name)[0], 404, name)
        self.run_program("run", self.manifest(5))
        second = page.wait_for(lambda state: state["run"] != first["run"])
        self.assertEqual((second["clips"]["made"], second["clips"]["reused"]), (3, 2))
        self.assertEqual([run["id"] for run in second["runs"]], [first["run"]])
        # A run that is named stays what is shown.
        _, named = self.with_page("stdout", "serve", first["run"])
        self.assertEqual(named.state()["run"], first["run"])

    def test_a_place_that_is_taken_or_a_run_that_is_not_there_is_told_before_anything_else(self):
        self.gateway("--fast", "--latency", "0")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            _, _, err = self.run_program("run", self.manifest(1), "--ui", "--port", port, expect=USAGE)
            self.assertIn("cannot listen", err)
            self.assertFalse((self.folder / ".callsheet").exists())
            self.run_program("serve", expect=USAGE)
            self.run_program("run", self.manifest(1))
            self.run_program("serve", "--port", port, expect=USAGE)
        self.run_program("serve", "20200101-000000-0000", expect=USAGE)


class Readers(LiveTest):
    def test_states_come_as_events_only_when_something_has_changed(self):
        process, page = self.run_with_page()
        page.wait_for(lambda state: len(state["tasks"]) == 2)
        page.order("pause")
        with socket.create_connection((page.at.hostname, page.at.port), timeout=PATIENCE_S) as reader:
            reader.sendall(f"GET {page.at.path}events HTTP/1.1\r\nHost: {page.at.netloc}\r\n\r\n".encode())
            stream = reader.makefile("r", encoding="utf-8", newline="\n")
            def next_event():
                lines = []
                while (line := stream.readline()).strip("\r\n"):
                    lines.append(line.rstrip("\r\n"))
                return lines
            head = next_event()
            self.assertEqual(head[0], "HTTP/1.1 200 OK")
            self.assertIn("Content-Type: text/event-stream", head)
            self.assertFalse([line for line in head if line.startswith(("Content-Length", "Access-Control"))])
            def next_state():
                while (event := next_event()) == [":"]:
                    pass
                self.assertRegex(event[0], r"^id: \d{13}$")
                return json.loads(event[1].removeprefix("data: "))
            seen = [next_state()]
            while seen[-1]["phase"] != "paused":
                seen.append(next_state())
            page.order("go-on")
            while seen[-1]["phase"] != "running":
                seen.append(next_state())
            page.order("leave")
            while seen[-1]["phase"] not in ("interrupted", "ended"):
                seen.append(next_state())
            for one, other in zip(seen, seen[1:]):
                self.assertNotEqual(one, other)
            self.assertEqual(next_event(), ["event: over", "data: {}"])
            self.assertEqual(stream.read(), "")
        self.assertEqual(process.wait(PATIENCE_S), INTERRUPTED)

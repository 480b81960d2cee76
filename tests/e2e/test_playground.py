"""The playground without a browser: its prices are the plan's, its sends are runs, and nobody but its page acts."""
import base64
import http.client
import json
import os
import re
import resource
import secrets
import signal
import socket
import threading
import time
import urllib.parse

from harness import DONE, IN_DOUBT, OUTSTANDING, PATIENCE_S, SOURCE, USAGE, CampaignTest, units, until

CLIP = units(16.2)  # 3 s at 720p without sound
MOST = units(21.6)  # the dearest of the models that are asked when the first is down
PICTURE = SOURCE / "manifests" / "images"
TINY_PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


def form(**changes):
    return {"mode": "text-to-video", "prompt": "a quiet street", "duration": 3, "quality": "720p", "sound": "off", **changes}


class Page:
    """What `playground` shows at its address."""

    def __init__(self, process, address):
        self.process = process
        self.at = urllib.parse.urlsplit(address)
        self.token = self.at.path.strip("/")

    def headers(self, **changes):
        good = {"Origin": f"http://{self.at.netloc}", "Content-Type": "application/json", "X-Callsheet-Token": self.token}
        good.update({name.replace("_", "-"): value for name, value in changes.items()})
        return {name: value for name, value in good.items() if value is not None}

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.at.hostname, self.at.port, timeout=PATIENCE_S)
        connection.request(method, path if path.startswith("/") else self.at.path + path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def post(self, path, order, **headers):
        return self.ask("POST", path, json.dumps(order), self.headers(**headers))

    def price(self, wanted):
        status, content = self.post("price", {"form": wanted})
        assert status == 200, content
        return json.loads(content)

    def order(self, wanted, most, **more):
        return self.post("send", {"order": secrets.token_hex(8), "form": wanted, "most": most, **more})

    def send(self, wanted, **more):
        """As the page does: the price first, and then no more than that."""
        return self.order(wanted, self.price(wanted)["task"]["most"]["units"], **more)

    def go_on(self, sent):
        return self.post("go-on", {"id": sent["id"], "more": sent["more"]["units"]})

    def upload(self, content, name="00000000000000aa", piece=500_000):
        for offset in range(0, max(1, len(content)), piece):
            status, answer = self.ask("POST", f"frame/{name}/{offset}/{len(content)}", content[offset:offset + piece],
                                      self.headers(Content_Type="application/octet-stream"))
            if status != 200:
                return status, answer.decode()
        return status, json.loads(answer)

    def state(self):
        status, content = self.ask("GET", "state")
        assert status == 200, status
        return json.loads(content)

    def wait_for(self, holds):
        deadline = time.monotonic() + PATIENCE_S
        while not holds(state := self.state()):
            assert time.monotonic() < deadline, f"waited in vain: {state}"
            time.sleep(0.02)
        return state

    def wait_for_stage(self, *stages):
        """Of the clip that was sent last."""
        return self.wait_for(lambda state: state["sends"] and state["sends"][0]["stage"] in stages)["sends"][0]


class PlaygroundTest(CampaignTest):
    def playground(self, *flags):
        process = self.start("playground", *flags)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.wait(), process.stdout.close(), process.stderr.close()))
        line = process.stdout.readline()
        if not re.fullmatch(r"http://127\.0\.0\.1:\d+/[0-9a-f]{32}/\n", line):
            self.fail(f"no page: {line} {process.stderr.read()}")
        for rest in (process.stdout, process.stderr):
            threading.Thread(target=rest.read, daemon=True).start()
        return Page(process, line.strip())

    def billed(self, gateway):
        return gateway.bill()["totals"]["charged_uc"]

    def assert_books_are(self, billed):
        """As the gateway has them, too."""
        audit = json.loads(self.run_program("audit", "--json")[1])  # its exit code tells of what nobody can explain
        self.assertEqual(sum(run["billed"]["units"] for run in audit["runs"]), billed)
        self.assertEqual((audit["faults"], [account["asked_now"] for account in audit["accounts"]]), ([], [True]))
        self.assertEqual([one["unexplained"]["units"] for one in audit["accounts"][0]["intervals"] if one["unexplained"]["units"]], [])

    def manifests(self):
        return sorted(file.stem for file in (self.folder / "playground").glob("*.yaml"))

    def process_of(self, run):
        return json.loads(self.run_program("status", run, "--json")[1])["process"]


class Prices(PlaygroundTest):
    def test_a_price_is_what_plan_says_of_the_same_manifest(self):
        page = self.playground("--local")
        _, frame = page.upload((PICTURE / "kettle.jpg").read_bytes())
        some = page.price(form())
        dear = [offer["model"] for offer in some["offers"]][-1]
        for wanted in (form(), form(duration=7, quality="1080p", sound="on"), form(aspect_ratio="9:16", negative_prompt="blur", watermark=False),
                       form(model=dear), form(shots="auto"), form(shots=[{"prompt": "a door", "duration": 2}, {"prompt": "it opens", "duration": 3}]), form(mode="image-to-video", image_start=frame["id"], prompt=""),
                       form(mode="image-to-video", image_start=frame["id"], image_end=frame["id"], duration=5)):
            with self.subTest(wanted):
                quote = page.price(wanted)
                self.assertEqual(quote["mistakes"], [])
                # Kept beside the frames, it is a manifest like any other.
                manifest = self.write("playground/kept.yaml", quote["manifest"])
                plan = json.loads(self.run_program("plan", manifest, "--local", "--json")[1])
                [task] = plan["tasks"]
                self.assertEqual([one["price"]["units"] for one in quote["task"]["candidates"]],
                                 [one["expected"]["units"] for one in task["candidates"]])
                self.assertEqual([one["model"] for one in quote["task"]["candidates"]], [one["model"] for one in task["candidates"]])
                self.assertEqual(quote["task"]["most"]["units"], max(one["most"]["units"] for one in task["candidates"]))
                self.assertIn(f"budget: {{cap: {quote['task']['most']['credits']} credits}}\n", quote["manifest"])
        # The offers are in order of price, and those of models that cannot say why.
        offers = page.price(form(duration=15))["offers"]
        self.assertEqual(offers, sorted(offers, key=lambda one: one["price"]["units"]))
        left_out = page.price(form(duration=15))["left_out"]
        self.assertTrue(any("15" in one["why"] for one in left_out), left_out)
        # Nothing of all that is recorded.
        self.assertFalse((self.folder / ".callsheet").exists())

    def test_what_cannot_be_made_is_told_beside_its_field(self):
        page = self.playground("--local")
        _, tiny = page.upload(TINY_PNG)
        for wanted, field, words in ((form(prompt=""), "", "prompt"), (form(duration=1), "duration", "outside what"),
                                     (form(quality="9k"), "quality", "must be one of"), (form(prompt="x" * 3000), "prompt", "2500"),
                                     (form(mode="image-to-video", image_start=tiny["id"]), "image_start", "300"),
                                     (form(mode="image-to-video", image_start="../../etc/passwd"), "image_start", "missing.png"),
                                     (form(shots=[{"prompt": "a door", "duration": 2}, {"prompt": "x" * 600, "duration": 3}]), "shots", "600"),
                                     (form(shots=[{"prompt": "a door", "duration": 0}, {"prompt": "it opens", "duration": 3}]), "shots", "whole number"),
                                     (form(mode="image-to-video"), "mode", "first frame"), (form(model="no-such-model"), "model", "no-such-model")):
            with self.subTest(wanted):
                quote = page.price(wanted)
                self.assertIsNone(quote["task"])
                told = [f"{one['what']} {one['mend']}" for one in quote["mistakes"] if one["field"] == field] or [str(quote["mistakes"])]
                self.assertTrue(any(words in one for one in told), quote["mistakes"])
                self.assertEqual(page.order(wanted, MOST)[0], 409)
        for rubbish in ("", "[]", "{}", '{"form": 1}', '{"form": {"prompt": 1}}', '{"form": {"duration": 3.5}}', '{"form": {"duration": 99999999999}}', '{"form": {"shots": "some"}}',
                        '{"form": {"shots": [1]}}', '{"form": {"shots": [{"prompt": "no length"}]}}', "{" * 100_000):
            self.assertEqual(page.ask("POST", "price", rubbish, page.headers())[0], 409, rubbish[:50])
            self.assertEqual(page.ask("POST", "send", rubbish, page.headers())[0], 409, rubbish[:50])
        self.assertEqual(page.state()["sends"], [])


class Sending(PlaygroundTest):
    def test_a_clip_is_a_run_and_its_bill_is_the_price(self):
        gateway = self.gateway("--fast")
        page = self.playground("--budget", "40")
        hostile = '<img src=x onerror=alert(1)> "{{ campaign }}" {{{ \\ #: & *a !b\n\'quote\' \u2028 \N{GRINNING FACE}'
        wanted = form(prompt=hostile)
        self.assertEqual(page.price(wanted)["task"]["price"]["units"], CLIP)
        self.assertEqual(page.send(wanted), (200, b"{}"))
        sent = page.wait_for_stage("made", "failed", "refused")
        self.assertEqual((sent["stage"], sent["billed"]["units"], sent["held"]["units"]), ("made", CLIP, 0), sent)
        self.assertEqual(self.billed(gateway), CLIP)
        state = page.state()
        self.assertEqual((state["billed"]["units"], state["left"]["units"]), (CLIP, units(40) - CLIP))
        whole = (self.folder / "playground" / sent["name"] / "clip.mp4").read_bytes()
        self.assertEqual(page.ask("GET", f"clip/{sent['id']}"), (200, whole))
        report = json.loads(self.run_program("report", sent["run"], "--json")[1])
        self.assertEqual(report["clips"][0]["request"]["prompt"], hostile)
        self.assertEqual(report["totals"]["billed"]["units"], CLIP)
        self.assertEqual(sent["form"]["prompt"], hostile)
        # Its manifest was kept, and says the same: there is nothing more to buy.
        self.run_program("run", sent["manifest"])
        self.assertEqual(self.billed(gateway), CLIP)
        # The very same is not bought again, unless that is what is wanted.
        self.assertEqual(page.price(wanted)["task"]["known"], "made")
        status, words = page.send(wanted)
        self.assertEqual((status, b"made already" in words), (409, True))
        self.assertEqual(page.send(wanted, anew=True)[0], 200)
        self.assertEqual(page.wait_for_stage("made", "failed", "refused")["stage"], "made")
        self.assertEqual(self.billed(gateway), 2 * CLIP)
        # And now there is no money left for a third.
        quote = page.price(form(prompt="another"))
        self.assertEqual((quote["task"]["fits"], quote["left"]["units"]), (False, units(40) - 2 * CLIP))
        status, words = page.send(form(prompt="another"))
        self.assertEqual((status, b"of the session's 40" in words), (409, True), words)
        self.assertEqual(self.billed(gateway), 2 * CLIP)
        page.process.send_signal(signal.SIGINT)
        self.assertEqual(page.process.wait(PATIENCE_S), DONE)

    def test_what_is_under_way_counts_against_the_budget_at_its_most(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground("--budget", "44")
        for prompt in ("one", "two"):
            self.assertEqual(page.send(form(prompt=prompt))[0], 200)
        # Two of them at once.
        page.wait_for(lambda state: [one["stage"] for one in state["sends"]] == ["making", "making"])
        self.assertEqual(page.send(form(prompt="three"))[0], 409)
        # Another price than was shown is not paid.
        status, words = page.order(form(prompt="three"), MOST - 1)
        self.assertEqual((status, b"price has changed" in words), (409, True), words)
        proxy.reads_go_on.set()
        page.wait_for(lambda state: [one["stage"] for one in state["sends"]] == ["made", "made"])
        self.assertEqual(self.billed(gateway), 2 * CLIP)

    def test_an_order_that_comes_twice_is_carried_out_once(self):
        page = self.playground("--local")
        order = {"order": secrets.token_hex(8), "form": form(), "most": page.price(form())["task"]["most"]["units"]}
        for _ in range(2):
            self.assertEqual(page.post("send", order), (200, b"{}"))
        page.wait_for_stage("made")
        self.assertEqual(page.post("send", order), (200, b"{}"))
        [sent] = page.state()["sends"]
        self.assertEqual(self.manifests(), [sent["name"]])
        # Without a number it is no order.
        for number in (None, 1, "", "0" * 15):
            self.assertEqual(page.post("send", {**order, "anew": True, "order": number})[0], 409)

    def test_a_process_that_cannot_be_watched_buys_nothing(self):
        gateway = self.gateway("--fast")
        page = self.playground()
        files = lambda: {int(number): os.readlink(f"/proc/{page.process.pid}/fd/{number}") for number in os.listdir(f"/proc/{page.process.pid}/fd")}
        sockets = lambda: sorted(file for file in files().values() if file.startswith("socket:"))
        listens = sockets()
        page.send(form(prompt="one"))
        page.wait_for_stage("made")
        until(lambda: sockets() == listens, "its connections are closed")
        before = files()
        # One for the connection, four for what the process would say, and none to see its end by.
        spare = [number for number in range(max(before) + 10) if number not in before]
        whole = resource.prlimit(page.process.pid, resource.RLIMIT_NOFILE, (spare[5], resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        self.assertEqual(page.order(form(prompt="two"), MOST), (200, b"{}"))
        resource.prlimit(page.process.pid, resource.RLIMIT_NOFILE, whole)
        sent = page.wait_for_stage("refused")
        self.assertIn("cannot start a process", sent["why"])
        self.assertEqual(page.state()["left"]["units"], units(100) - CLIP)
        page.send(form(prompt="three"))
        page.wait_for_stage("made")
        self.assertEqual(self.billed(gateway), 2 * CLIP)

    def test_with_frames_at_the_local_gateway(self):
        page = self.playground("--local", "--dir", "bench")
        picture = (PICTURE / "kettle.jpg").read_bytes()
        _, frame = page.upload(picture, piece=20_000)
        self.assertEqual(frame["format"], "JPEG")
        self.assertEqual(page.ask("GET", f"frame/{frame['id']}"), (200, picture))
        wanted = form(mode="image-to-video", image_start=frame["id"], image_end=frame["id"])
        for prompt in ("calm", "lively"):  # one after the other: that gateway's books have one keeper
            self.assertEqual(page.send({**wanted, "prompt": prompt})[0], 200)
        state = page.wait_for(lambda state: all(one["over"] for one in state["sends"]))
        self.assertEqual([one["stage"] for one in state["sends"]], ["made", "made"], state)
        self.assertEqual(state["sends"][0]["form"]["image_start"], frame["id"])
        self.assertEqual(state["billed"]["units"], 2 * CLIP)
        self.assert_books_are(2 * CLIP)
        # A later session knows them, and its frames; they are none of its money.
        page.process.send_signal(signal.SIGTERM)
        self.assertEqual(page.process.wait(PATIENCE_S), DONE)
        later = self.playground("--local", "--dir", "bench")
        state = later.state()
        self.assertEqual([(one["stage"], one["earlier"]) for one in state["sends"]], [("made", True)] * 2)
        self.assertEqual((state["billed"]["units"], state["left"]["units"]), (0, units(100)))
        self.assertEqual(later.ask("GET", f"frame/{frame['id']}"), (200, picture))
        self.assertEqual(later.price({**wanted, "prompt": "calm"})["task"]["known"], "made")


class Interrupted(PlaygroundTest):
    def test_a_run_that_is_killed_is_gone_on_with_and_paid_once(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground("--budget", "22")
        page.send(form())
        sent = page.wait_for_stage("making")
        os.kill(self.process_of(sent["run"]), signal.SIGKILL)
        sent = page.wait_for_stage("outstanding")
        self.assertTrue(sent["goes_on"])
        self.assertEqual(page.state()["left"]["units"], units(22) - MOST)
        proxy.reads_go_on.set()
        self.assertEqual(page.go_on(sent)[0], 200)
        sent = page.wait_for_stage("made", "failed", "refused")
        self.assertEqual((sent["stage"], sent["billed"]["units"]), ("made", CLIP))
        self.assertEqual(self.billed(gateway), CLIP)
        for nothing in ({"id": sent["id"], "more": 0}, {"id": sent["id"]}, {"id": 99, "more": 0}, {"id": "1", "more": 0}, {"more": 0}, {}, []):
            self.assertEqual(page.post("go-on", nothing)[0], 409)

    def killed_with_its_run(self, page):
        """The clip that is being made then."""
        sent = page.wait_for_stage("making")
        process = self.process_of(sent["run"])
        page.process.kill()
        page.process.wait()
        os.kill(process, signal.SIGKILL)
        return sent

    def test_what_an_earlier_session_left_is_gone_on_with_for_this_one_s_money(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground("--budget", "22")
        page.send(form())
        self.killed_with_its_run(page)
        page = self.playground("--budget", "5")
        sent = page.wait_for_stage("outstanding")
        self.assertEqual((sent["earlier"], sent["goes_on"], sent["more"]["units"]), (True, True, MOST - CLIP))
        self.assertEqual(page.state()["left"]["units"], units(5))
        status, words = page.go_on(sent)
        self.assertEqual((status, b"may cost 5.4 credits more, and 5 of the session's" in words), (409, True), words)
        self.assertEqual((page.state()["sends"][0]["stage"], page.state()["left"]["units"]), ("outstanding", units(5)))
        page.process.send_signal(signal.SIGTERM)
        self.assertEqual(page.process.wait(PATIENCE_S), DONE)
        page = self.playground("--budget", "22")
        sent = page.wait_for_stage("outstanding")
        # Not for more than the person was shown.
        status, words = page.post("go-on", {"id": sent["id"], "more": sent["more"]["units"] - 1})
        self.assertEqual((status, b"5.4 credits more by now" in words), (409, True), words)
        self.assertEqual(page.go_on(sent)[0], 200)
        page.wait_for(lambda state: not state["sends"][0]["earlier"])
        self.assertEqual(page.state()["left"]["units"], units(22) - (MOST - CLIP))
        proxy.reads_go_on.set()
        sent = page.wait_for_stage("made", "failed", "refused")
        self.assertEqual((sent["stage"], sent["billed"]["units"]), ("made", CLIP), sent)
        # What was held before was the earlier session's.
        state = page.state()
        self.assertEqual((state["billed"]["units"], state["left"]["units"]), (0, units(22)))
        self.assertEqual(self.billed(gateway), CLIP)

    def test_a_released_doubt_of_an_earlier_session_is_made_for_this_one_s_money(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        self.proxy(gateway, lost=[1])
        page = self.playground("--budget", "22")
        page.send(form())
        doubt = page.wait_for_stage("in_doubt")
        page.process.send_signal(signal.SIGTERM)
        self.assertEqual(page.process.wait(PATIENCE_S), IN_DOUBT)
        attempt = self.report()["clips"][0]["attempts"][-1]["id"]
        self.run_program("release", doubt["run"], attempt, "--why", "not in the dashboard")
        for budget, status in (("21", 409), ("22", 200)):
            page = self.playground("--budget", budget)
            sent = page.wait_for_stage("outstanding")
            self.assertEqual((sent["earlier"], sent["more"]["units"]), (True, MOST))
            self.assertEqual(page.go_on(sent)[0], status)
        sent = page.wait_for_stage("made", "failed", "refused")
        state = page.state()
        self.assertEqual((sent["stage"], state["billed"]["units"], state["left"]["units"]), ("made", CLIP, units(22) - CLIP))

    def test_a_doubt_that_is_settled_in_a_terminal_gives_its_money_back_to_the_session(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        self.proxy(gateway, lost=[1])
        page = self.playground("--budget", "40")
        page.send(form())
        doubt = page.wait_for_stage("in_doubt")
        self.assertEqual(page.state()["left"]["units"], units(40) - MOST)
        attempt = self.report()["clips"][0]["attempts"][-1]["id"]
        self.run_program("adopt", doubt["run"], attempt, gateway.bill()["lines"][0]["id"])
        state = page.wait_for(lambda state: state["sends"][0]["stage"] == "made")
        self.assertEqual((state["billed"]["units"], state["left"]["units"]), (CLIP, units(40) - CLIP))

    def test_another_run_of_its_manifest_does_not_take_its_place(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground("--budget", "40")
        page.send(form())
        sent = page.wait_for_stage("making")
        os.kill(self.process_of(sent["run"]), signal.SIGKILL)
        page.wait_for_stage("outstanding")
        proxy.reads_go_on.set()
        # Brings home what is paid for, and makes another.
        self.run_program("run", sent["manifest"], "--fresh", "--yes")
        self.assertEqual(self.billed(gateway), 2 * CLIP)
        state = page.wait_for(lambda state: state["sends"][0]["stage"] == "made")
        self.assertEqual((state["sends"][0]["run"], state["billed"]["units"]), (sent["run"], CLIP))

    def test_a_run_that_the_ledger_does_not_tell_of_counts_at_its_most(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground("--budget", "22")
        page.send(form())
        sent = page.wait_for_stage("making")
        process = self.process_of(sent["run"])
        ledger, away = self.folder / ".callsheet", self.folder / "away"
        ledger.rename(away)
        os.kill(process, signal.SIGKILL)
        sent = page.wait_for(lambda state: state["sends"][0]["over"])["sends"][0]
        self.assertEqual((sent["stage"], page.state()["left"]["units"]), ("outstanding", units(22) - MOST), sent)
        # And once it does, it is gone on with.
        away.rename(ledger)
        proxy.reads_go_on.set()
        self.assertEqual(page.go_on(sent)[0], 200)
        self.assertEqual(page.wait_for_stage("made", "failed", "refused")["stage"], "made")
        self.assertEqual(self.billed(gateway), CLIP)

    def test_what_killed_runs_kept_back_on_the_disk_is_given_back(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        kept_back = lambda: list((self.folder / ".callsheet" / "locks").glob("*.reserve"))
        page = self.playground()
        page.send(form(prompt="one"))
        sent = page.wait_for_stage("making")
        self.assertEqual(len(kept_back()), 1)
        os.kill(self.process_of(sent["run"]), signal.SIGKILL)
        page.wait_for_stage("outstanding")
        self.assertEqual(kept_back(), [])
        page.send(form(prompt="two"))
        self.killed_with_its_run(page)
        self.assertEqual(len(kept_back()), 1)
        self.playground()
        until(lambda: not kept_back(), "the next one gives it back")

    def test_where_the_playground_is_killed_its_clip_still_comes_home(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground()
        page.send(form())
        sent = page.wait_for_stage("making")
        page.process.kill()
        page.process.wait()
        later = self.playground()
        self.assertEqual(later.state()["sends"][0]["stage"], "elsewhere")
        proxy.reads_go_on.set()
        seen = later.wait_for_stage("made")
        self.assertEqual((seen["name"], seen["billed"]["units"]), (sent["name"], CLIP))
        self.assertEqual(self.billed(gateway), CLIP)
        self.assertEqual(later.ask("GET", f"clip/{seen['id']}")[0], 200)

    def test_ctrl_c_brings_home_what_is_paid_for_and_the_second_leaves_it(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        page = self.playground()
        page.send(form())
        sent = page.wait_for_stage("making")
        page.process.send_signal(signal.SIGINT)
        page.wait_for(lambda state: state["stopped"])
        self.assertEqual(page.send(form(prompt="too late"))[0], 409)
        self.assertEqual(self.manifests(), [sent["name"]])
        proxy.reads_go_on.set()
        self.assertEqual(page.process.wait(PATIENCE_S), DONE)
        self.assertTrue((self.folder / "playground" / sent["name"] / "clip.mp4").exists())
        proxy.reads_go_on.clear()
        page = self.playground()
        page.send(form(prompt="left"))
        page.wait_for_stage("making")
        page.process.send_signal(signal.SIGINT)
        page.wait_for(lambda state: state["stopped"])
        page.process.send_signal(signal.SIGINT)
        self.assertEqual(page.process.wait(PATIENCE_S), OUTSTANDING)
        proxy.reads_go_on.set()
        self.run_program("resume")
        self.assertEqual(self.billed(gateway), 2 * CLIP)


class Frames(PlaygroundTest):
    def test_only_whole_pictures_are_kept(self):
        page = self.playground("--local")
        picture = (PICTURE / "kettle.jpg").read_bytes()
        octets = page.headers(Content_Type="application/octet-stream")
        for content, words in ((b"#!/bin/sh\nrm -rf /\n", "no picture"), (b"", "no picture"), (picture[:100], "damaged"),
                               (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no picture")):
            status, told = page.upload(content)
            self.assertEqual((status, words in told), (409, True), told)
        largest = json.loads(page.ask("GET", "catalog")[1])["frame_bytes_max"]
        self.assertEqual(page.ask("POST", f"frame/00000000000000aa/0/{largest + 1}", b"x", octets)[0], 409)
        for path in ("frame/00000000000000aa/5/10", "frame/00000000000000aa/0/1", "frame/../aa/0/2", "frame/00000000000000AA/0/2", "frame/short/0/2"):
            self.assertEqual(page.ask("POST", path, b"xx", octets)[0], 404 if ".." in path else 409, path)
        for path in ("frame/00000000000000aa/-1/10", "frame/00000000000000aa/0/ten", "frame/00000000000000aa/0", "frame/", "price", "send", "other/00000000000000aa/0/2"):
            self.assertEqual(page.ask("POST", path, b"xx", octets)[0], 404, path)
        self.assertEqual(page.ask("POST", "frame/00000000000000aa/0/2000000", b"x" * 1_100_000, octets)[0], 413)
        for path in ("frame/00000000000000aa", "frame/", "frame/..%2f..%2fcatalog", "clip/0", "clip/1", "clip/-1", "clip/x"):
            self.assertEqual(page.ask("GET", path)[0], 404, path)
        self.assertEqual(list((self.folder / "playground" / "frames").iterdir()), [])
        _, frame = page.upload(picture)
        self.assertEqual([file.name for file in (self.folder / "playground" / "frames").iterdir()], [frame["id"] + ".jpg"])


    def test_of_many_at_once_the_oldest_is_given_up_and_what_a_killed_playground_left_goes(self):
        frames = self.folder / "playground" / "frames"
        frames.mkdir(parents=True)
        for name, age_s in ((".00000000000000a0.part", 7200), (".00000000000000a1.part", 60), (".note.part", 7200)):
            (frames / name).write_bytes(b"x")
            os.utime(frames / name, (time.time() - age_s,) * 2)
        page = self.playground("--local")
        # What another playground may still write stays, and what is none of ours.
        self.assertEqual(sorted(file.name for file in frames.iterdir()), [".00000000000000a1.part", ".note.part"])
        picture = (PICTURE / "kettle.jpg").read_bytes()
        piece = lambda name, offset, content: page.ask("POST", f"frame/{name}/{offset}/{len(picture)}", content, page.headers(Content_Type="application/octet-stream"))[0]
        names = ["f" * 16, *(f"{number:016x}" for number in range(8))]
        for name in names:
            self.assertEqual(piece(name, 0, picture[:1000]), 200)
        self.assertEqual([piece(name, 1000, picture[1000:]) for name in names], [409, *[200] * 8])


class Privacy(PlaygroundTest):
    def test_nobody_but_the_page_acts_and_only_who_has_the_address_looks(self):
        page = self.playground("--local")
        order = json.dumps({"order": "0" * 16, "form": form(), "most": MOST})
        host = page.at.netloc
        for path, body, kind in (("send", order, "application/json"), ("price", order, "application/json"), ("go-on", '{"id": 1}', "application/json"),
                                 ("frame/00000000000000aa/0/2", b"xx", "application/octet-stream")):
            good = page.headers(Content_Type=kind)
            for what, status, at, headers in (
                    ("no token in the address", 404, "/" + path, good), ("another token", 404, f"/{'0' * 32}/{path}", good),
                    ("no token in the header", 403, path, page.headers(Content_Type=kind, X_Callsheet_Token=None)),
                    ("another in the header", 403, path, page.headers(Content_Type=kind, X_Callsheet_Token="0" * 32)),
                    ("from another site", 403, path, page.headers(Content_Type=kind, Origin="https://example.com")),
                    ("from nowhere", 403, path, page.headers(Content_Type=kind, Origin=None)),
                    ("a form", 403, path, page.headers(Content_Type="text/plain")),
                    ("under another name", 403, path, {**good, "Host": "example.com", "Origin": "http://example.com"})):
                self.assertEqual(page.ask("POST", at, body, headers)[0], status, f"{path}: {what}")
            self.assertEqual(page.ask("GET", path)[0], 404, path)
        self.assertEqual(page.ask("GET", page.at.path, None, {"Host": "rebound.example.com"})[0], 403)
        self.assertEqual(page.ask("GET", "/", None, {"Host": host})[0], 404)
        self.assertEqual(page.ask("PUT", "send", order, page.headers())[0], 405)
        self.assertEqual(page.state()["sends"], [])
        self.assertFalse((self.folder / ".callsheet").exists())

    def test_what_it_cannot_begin_with_is_told_at_once(self):
        for flags, words in (((), "there is no key"), (("--local", "--budget", "0"), "--budget"), (("--local", "--budget", "many"), "--budget"),
                             (("--gateway", "nowhere"), "nowhere"), (("--local", "--gateway", "evolink"), "--gateway")):
            _, _, err = self.run_program("playground", *flags, expect=USAGE)
            self.assertIn(words, err)
        _, _, err = self.run_program("playground", "--local", "--port", "65536", expect=USAGE)
        self.assertIn("--port: '65536' is not a number from 0 to 65535", err)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            _, _, err = self.run_program("playground", "--local", "--port", taken.getsockname()[1], expect=USAGE)
            self.assertIn("cannot listen", err)
        self.gateway("--fast")
        self.environment["EVOLINK_API_KEY"] = "wrong key"
        _, _, err = self.run_program("playground", expect=USAGE)
        self.assertNotIn("wrong key", err)

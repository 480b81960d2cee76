"""The laws, told by the gateway's own bill: nothing above the cap, nothing twice, the report adds up."""
import fcntl
import hashlib
import json
import random
import re
import signal
import time
import unittest

from harness import (BUDGET, DONE, FAILED, IN_DOUBT, INTERRUPTED, OUTSTANDING, PATIENCE_S, PRICE, THRESHOLD, USAGE, CampaignTest,
                     interrupt, kill)


def charged_once_each(test, bill, count):
    """Every clip was made once, and none was bought a second time."""
    lines = [line for line in bill["lines"] if line["status"] == "completed"]
    test.assertEqual(len(lines), count)
    test.assertEqual(bill["totals"]["charged_uc"], count * PRICE)


class Money(CampaignTest):
    def test_a_run_makes_every_clip_once_and_its_report_is_the_bill(self):
        gateway = self.gateway("--fast")
        self.run_program("run", self.manifest(12))
        charged_once_each(self, gateway.bill(), 12)
        self.assertEqual(len(self.clips()), 12)
        report = self.report()
        self.assertEqual(report["totals"]["billed"]["units"], 12 * PRICE)
        self.assertEqual(report["totals"]["made"], 12)
        self.assertEqual([(model["model"], model["clips"], model["billed"]["units"]) for model in report["models"]],
                         [("kling-v3-text-to-video", 12, 12 * PRICE)])
        self.assertEqual({attempt["model"] for clip in report["clips"] for attempt in clip["attempts"]},
                         {"kling-v3-text-to-video"})

    def test_what_is_made_is_not_bought_again(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(6)
        self.run_program("run", manifest)
        _, out, err = self.run_program("run", manifest)
        self.assertIn("6 already made and not bought again", err)
        self.assertIn("nothing to buy", err)
        self.assertTrue(out.rstrip().endswith("report.html"))
        charged_once_each(self, gateway.bill(), 6)
        self.run_program("run", self.manifest(8))
        charged_once_each(self, gateway.bill(), 8)

    def test_the_cap_holds_and_says_so(self):
        gateway = self.gateway("--fast")
        _, _, err = self.run_program("run", self.manifest(10, cap=50), expect=BUDGET)
        self.assertIn("exceed the cap of 50", err)
        charged_once_each(self, gateway.bill(), 3)

    def test_the_daily_cap_holds_across_runs(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(10, extra=", daily: 70 credits")
        self.run_program("run", manifest, expect=BUDGET)
        charged_once_each(self, gateway.bill(), 4)
        self.run_program("run", manifest, expect=BUDGET)
        charged_once_each(self, gateway.bill(), 4)

    def test_a_smaller_budget_may_be_given_and_a_larger_may_not(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(10, cap=50)
        self.run_program("run", manifest, "--budget", "20", expect=BUDGET)
        charged_once_each(self, gateway.bill(), 1)
        _, _, err = self.run_program("run", manifest, "--budget", "1000", expect=BUDGET)
        self.assertIn("--budget 1000 is above the manifest's cap of 50 credits, which holds", err)
        charged_once_each(self, gateway.bill(), 4)

    def test_no_budget_is_a_mistake(self):
        self.gateway("--fast")
        for budget in ("0", "-1", "much"):
            _, _, err = self.run_program("run", self.manifest(1), f"--budget={budget}", expect=USAGE)
            self.assertIn("write credits above 0", err)

    def test_failed_tasks_are_told_and_the_sums_still_agree(self):
        gateway = self.gateway("--fast", "--fail", "0.4")
        code, _, _ = self.run_program("run", self.manifest(20), expect=None)
        self.assertIn(code, (DONE, FAILED))
        bill = gateway.bill()
        report = self.report()
        # The local gateway gives failed money back, and says so in its answers.
        self.assertEqual(report["totals"]["billed"]["units"], bill["totals"]["charged_uc"])
        self.assertEqual(report["totals"]["held"]["units"], 0)
        self.assertEqual(report["totals"]["refund_expected"]["units"], 0)

    def test_a_model_that_is_down_is_replaced_by_the_next_by_price(self):
        gateway = self.gateway("--fast", "--outage", "kling-v3-text-to-video")
        self.run_program("run", self.manifest(4))
        self.assertEqual({line["model"] for line in gateway.bill()["lines"]}, {"kling-o3-text-to-video"})

    def test_rate_limited_runs_finish_all_the_same(self):
        gateway = self.gateway("--fast", "--rate", "600")
        self.run_program("run", self.manifest(30))
        charged_once_each(self, gateway.bill(), 30)

    def test_the_key_is_nowhere_on_disk(self):
        self.gateway("--fast")
        self.run_program("run", self.manifest(3))
        for path in self.folder.rglob("*"):
            if path.is_file() and "gateway" not in path.parts:
                self.assertNotIn(b"e2e-secret-key", path.read_bytes(), path)


class Crashes(CampaignTest):
    def kill_and_go_on(self, count, delays, go_on, *flags, in_flight=8):
        gateway = self.gateway("--fast", "--latency", "0.01", *flags)
        manifest = self.manifest(count, in_flight=in_flight)
        for delay in delays:
            process = self.start("run", manifest)
            time.sleep(delay)  # the moment of death is what is varied here, not waited for
            kill(process)
        return gateway, go_on(manifest)

    def test_killed_at_random_moments_and_run_again(self):
        seed = random.SystemRandom().randrange(1 << 30)
        with self.subTest(seed=seed):
            chance = random.Random(seed)
            delays = [chance.uniform(0.02, 0.6) for _ in range(12)]
            gateway, _ = self.kill_and_go_on(60, delays, lambda manifest: self.run_program("run", manifest))
            charged_once_each(self, gateway.bill(), 60)
            self.assertEqual(len(self.clips()), 60)
            spent = self.spent_in_all_runs()
            self.assertEqual(spent, {"billed": 60 * PRICE, "held": 0, "refund_expected": 0})

    def test_killed_in_the_middle_and_resumed(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        self.kill_once_taken(gateway, 10, "run", self.manifest(40))
        self.run_program("resume")
        charged_once_each(self, gateway.bill(), 40)
        self.assertEqual(len(self.clips()), 40)

    def test_without_idempotency_a_doubt_stays_a_doubt_and_nothing_is_bought_twice(self):
        # A place for each: what is in doubt keeps its own for 20 minutes, and nothing is to wait for it here.
        gateway, (code, _, err) = self.kill_and_go_on(
            60, [0.1, 0.15, 0.2, 0.3], lambda manifest: self.run_program("run", manifest, expect=None),
            "--no-idempotency", in_flight=60)
        # The last one goes on with the doubts, or waits for the run that has them.
        self.assertIn(code, (DONE, IN_DOUBT, OUTSTANDING), err)
        bill = gateway.bill()
        self.assertLessEqual(len(bill["lines"]), 60)
        spent = self.spent_in_all_runs()
        # What the gateway billed is never more than what callsheet counts against the cap.
        self.assertLessEqual(bill["totals"]["charged_uc"], spent["billed"] + spent["held"])
        if code == DONE:
            charged_once_each(self, bill, 60)

    def test_ctrl_c_drains_and_resume_finishes(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        code, err = self.interrupt_once_taken(gateway, 4, "run", self.manifest(40))
        self.assertEqual(code, OUTSTANDING, err)
        self.assertIn("brought home", err)
        bill = gateway.bill()
        self.assertEqual(len(self.clips()), len(bill["lines"]), "what was paid for is there")
        self.assertLess(len(bill["lines"]), 40)
        self.run_program("resume")
        charged_once_each(self, gateway.bill(), 40)

    def test_an_interrupted_run_follows_what_the_manifest_demands_by_now(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.manifest(40)
        self.interrupt_once_taken(gateway, 4, "run", manifest)
        manifest.write_text(manifest.read_text() + 'thresholds: ["spent < 100 credits"]\n')
        _, _, err = self.run_program("run", manifest, expect=THRESHOLD)
        self.assertIn("going on with run", err)
        self.assertIn("spent < 100", err)
        self.assertLess(len(gateway.bill()["lines"]), 40)

    def unseen(self, gateway):
        """The gateway makes clips at once, and nobody hears of it before `reads_go_on` is set."""
        proxy = self.proxy(gateway)
        proxy.reads_go_on.clear()
        return proxy

    def kill_with_a_paid_clip(self, gateway, *manifests):
        """A run that dies when the gateway has taken its first clip; returns what it told until then."""
        begun = len(gateway.bill()["lines"])
        err = self.kill_once_taken(gateway, begun + 1, "run", *manifests, "-j", "1")
        self.assertEqual(len(gateway.bill()["lines"]), begun + 1, err)
        return err

    def season(self, name, count=1):
        numbers = ", ".join(str(n) for n in range(1, count + 1))
        return self.write(f"{name}.yaml", f"""version: 1
campaign: {name}
budget: {{cap: 1000 credits}}
matrix: {{n: [{numbers}]}}
tasks:
  - {{name: "clip-{{{{ n }}}}", prompt: "{name} number {{{{ n }}}}", duration: 3}}
""")

    def runs(self):
        """Oldest first."""
        _, out, _ = self.run_program("history", "--json")
        return json.loads(out)["runs"][::-1]

    def brought_home_first(self, err):
        return re.findall(r"first bringing home what run (\S+) has paid for", err)

    def test_what_every_unfinished_run_has_paid_for_comes_home_oldest_first(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        spring, autumn = self.season("spring"), self.season("autumn")
        for manifest in (spring, autumn):
            self.kill_with_a_paid_clip(gateway, manifest)
        killed = [run["run"] for run in self.runs()]
        proxy.reads_go_on.set()
        _, _, err = self.run_program("run", spring, autumn)
        self.assertEqual(self.brought_home_first(err), killed)
        self.assertIn("2 already made and not bought again", err)
        charged_once_each(self, gateway.bill(), 2)
        for run in self.runs():
            self.assertEqual((run["status"], run["held"]["units"]), ("completed", 0))
        self.assertEqual([run["billed"]["units"] for run in self.runs()], [PRICE, PRICE, 0])

    def test_a_run_whose_other_campaign_somebody_works_on_is_passed_over_and_comes_home_later(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        self.kill_with_a_paid_clip(gateway, self.season("spring"), self.season("autumn"))
        name = hashlib.sha256(b"autumn").hexdigest()[:16]
        with open(self.folder / f".callsheet/locks/{name}.lock", "w") as somebody:
            fcntl.flock(somebody, fcntl.LOCK_EX)
            err = self.kill_with_a_paid_clip(gateway, self.season("spring", 2))
            joint, alone = (run["run"] for run in self.runs())
            self.assertIn(f"run {joint} is passed over: another callsheet process is working on campaign 'autumn'", err)
        proxy.reads_go_on.set()
        _, _, err = self.run_program("run", self.season("spring", 3))
        self.assertEqual(self.brought_home_first(err), [joint, alone])
        # Each clip once: three of spring, and autumn's, if that was the one the first run had paid for.
        made = len(set(self.folder.glob("out/**/*.mp4")))
        self.assertIn(made, (3, 4))
        charged_once_each(self, gateway.bill(), made)

    def test_what_a_later_run_was_begun_in_the_place_of_is_not_bought_by_a_bare_resume(self):
        gateway = self.gateway("--fast", "--latency", "0.01")
        old = self.manifest(6)
        self.kill_once_taken(gateway, 1, "run", old, "-j", "1")
        old.write_text(old.read_text().replace("scene number", "another scene"))
        _, out, err = self.run_program("run", old)
        killed, later = (run["run"] for run in self.runs())
        self.assertEqual(self.brought_home_first(err), [killed])
        self.assertEqual(len(out.splitlines()), 1, "one report's path")
        self.assertNotIn("callsheet resume", err)
        bought = len(gateway.bill()["lines"])
        self.assertLess(bought, 12)
        _, _, err = self.run_program("resume")
        self.assertIn(f"run {killed} is left alone", err)
        self.assertEqual(len(gateway.bill()["lines"]), bought)
        _, _, err = self.run_program("report", killed)
        self.assertRegex(err, rf"callsheet resume {killed} +make what it left all the same: a later run was begun in its place")
        # Asked for by its name it makes the rest all the same, and its report leaves the later run's alone.
        newest = (self.folder / "out/report.html").read_bytes()
        _, out, err = self.run_program("resume", killed)
        self.assertEqual(len(gateway.bill()["lines"]), 12)
        apart = self.folder / "out" / killed / "report.html"
        self.assertEqual(out.strip(), str(apart), err)
        self.assertTrue(re.search(r'="\.\./clip-\d', apart.read_text()), "its clips are where they were")
        self.assertEqual((self.folder / "out/report.html").read_bytes(), newest)
        self.assertEqual(self.run_program("report", killed)[1].strip(), str(apart))
        self.assertEqual(self.run_program("report", later)[1].strip(), str(self.folder / "out/report.html"))

    def test_ctrl_c_while_an_older_run_comes_home_ends_in_order_and_begins_no_new_one(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        self.kill_with_a_paid_clip(gateway, self.manifest(1))
        process = self.start("run", self.manifest(3))
        self.assertTrue(any("first bringing home" in line for line in process.stderr))
        process.send_signal(signal.SIGINT)
        proxy.reads_go_on.set()
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, OUTSTANDING, err)
        self.assertIn("stopped: no new run was begun", err)
        charged_once_each(self, gateway.bill(), 1)
        self.assertEqual(self.clips(), ["clip-1.mp4"])
        self.assertEqual([run["status"] for run in self.runs()], ["completed"])
        self.run_program("run", self.manifest(3))
        charged_once_each(self, gateway.bill(), 3)

    def test_ctrl_c_between_two_runs_that_come_home_ends_in_order(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        seasons = [self.season("spring"), self.season("autumn")]
        for manifest in seasons:
            self.kill_with_a_paid_clip(gateway, manifest)
        proxy.reads_go_on.set()
        first = self.runs()[0]["run"]
        process = self.start("run", *seasons)
        self.assertTrue(any(line.startswith(f"run {first}: ") for line in process.stderr))
        _, err = interrupt(process)
        self.assertEqual(process.returncode, OUTSTANDING, err)
        self.assertEqual(len(self.runs()), 2)
        charged_once_each(self, gateway.bill(), 2)

    def test_a_gateway_that_is_gone_is_told_of_and_leaving_loses_nothing(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        process = self.start("run", self.manifest(60))
        gateway.wait_for_tasks(4, process)
        gateway.close()
        for words in ("the gateway does not answer", "interrupted: nothing more is submitted"):
            self.assertTrue(any(words in line for line in process.stderr), words)
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertIn(process.returncode, (OUTSTANDING, INTERRUPTED), err)
        gateway = self.gateway("--fast", "--port", gateway.address.rsplit(":", 1)[1])
        self.run_program("resume")
        charged_once_each(self, gateway.bill(), 60)

    def test_an_old_run_that_is_resumed_buys_nothing_that_a_newer_one_made(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        self.interrupt_once_taken(gateway, 4, "run", self.manifest(20))
        self.run_program("run", self.manifest(21))  # another plan: what the first run left is made here
        charged_once_each(self, gateway.bill(), 21)
        self.run_program("resume")
        charged_once_each(self, gateway.bill(), 21)

    def test_two_campaigns_under_way_together_buy_what_both_ask_for_once(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        first = self.manifest(20, in_flight=2)
        second = self.write("other.yaml", first.read_text().replace("campaign: e2e", "campaign: other").replace("dir: out", "dir: other"))
        both = [self.start("run", manifest) for manifest in (first, second)]
        for process in both:
            _, err = process.communicate(timeout=PATIENCE_S)
            self.assertIn(process.returncode, (DONE, OUTSTANDING), err)
        charged_once_each(self, gateway.bill(), 20)
        for manifest in (first, second):
            self.run_program("run", manifest)
        charged_once_each(self, gateway.bill(), 20)
        for folder in ("out", "other"):
            self.assertEqual(len(list((self.folder / folder).glob("*.mp4"))), 20)

    def left_to(self, first, second):
        """The second run waits for a clip of the first: every command and format says so, and none speaks of doubts."""
        report = self.report()
        self.assertEqual((report["run"], report["status"]), (second, "waiting"))
        self.assertEqual([report["totals"][of] for of in ("made", "waiting", "in_doubt", "outstanding")], [1, 1, 0, 0])
        (clip,) = (clip for clip in report["clips"] if clip["status"] == "waiting")
        self.assertEqual((clip["waiting_for"], clip["made_by"]), (first, None))
        words = f"waiting for run {first}"
        self.assertIn(f"`callsheet status {first}` tells how it stands there", clip["mend"])
        for arguments in (("report", "--format", "csv"), ("report", "--format", "junit"), ("report", "--format", "markdown"),
                          ("explain", clip["task"]), ("status",)):
            _, out, _ = self.run_program(*arguments)
            self.assertIn(words, out.replace("\\", ""), arguments)
        self.assertIn(words, (self.folder / "other/report.html").read_text())
        _, out, _ = self.run_program("report", "--format", "junit")
        self.assertIn('failures="0" errors="0" skipped="1"', out)
        _, out, _ = self.run_program("status")
        self.assertIn(f"waits     for run {first}", out)
        self.assertIn(f"go on     callsheet resume {second}", out)
        _, out, _ = self.run_program("history")
        (line,) = (line for line in out.splitlines() if line.startswith(second))
        self.assertRegex(line, rf" waiting +0 +1/2 +0 .*  waits for run {first}$")
        run = self.runs()[-1]
        self.assertEqual((run["status"], run["clips"]["waiting"], run["waiting_for"]), ("waiting", 1, [first]))

    def beside(self):
        """Of another campaign: a scene of its own, and then the first one of e2e."""
        return self.write("other.yaml", """version: 1
campaign: other
budget: {cap: 1000 credits}
tasks:
  - {name: own, prompt: "another scene", duration: 3}
  - {name: shared, prompt: "scene number 1", duration: 3}
outputs: {dir: other, file: "{{ task.name }}.mp4"}
""")

    def test_a_clip_that_another_unfinished_run_has_is_waited_for_and_taken_over_when_it_is_home(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        process = self.start("run", self.beside(), "-j", "1")
        gateway.wait_for_tasks(1, process)
        self.kill_with_a_paid_clip(gateway, self.manifest(1))  # planned by the other before it was paid for here
        second, first = (run["run"] for run in self.runs())
        proxy.reads_go_on.set()
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, OUTSTANDING, err)
        self.assertIn(f"waiting for run {first}", err)
        self.assertIn(f"callsheet resume {second}", err)
        self.assertNotIn("adopt", err)
        self.run_program("resume", second, expect=OUTSTANDING)  # not home yet
        charged_once_each(self, gateway.bill(), 2)
        _, _, err = self.run_program("resume")
        self.assertIn(f"resuming run {first}", err)  # which is work of its own: what is waited for comes after that
        _, _, err = self.run_program("resume")
        self.assertIn(f"resuming run {second} of other: 1 of 2 clips to go", err)
        charged_once_each(self, gateway.bill(), 2)
        self.assertEqual(sorted(path.name for path in (self.folder / "other").glob("*.mp4")), ["own.mp4", "shared.mp4"])
        _, out, _ = self.run_program("report", second, "--json")
        report = json.loads(out)
        self.assertEqual(report["status"], "completed")
        self.assertEqual([clip["made_by"] for clip in report["clips"]], [None, first])
        _, _, err = self.run_program("resume")
        self.assertIn("nothing to resume", err)

    def test_a_run_that_waits_for_another_says_so_everywhere_and_run_goes_on_with_it(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        self.kill_with_a_paid_clip(gateway, self.manifest(1))
        proxy.reads_go_on.set()
        _, _, err = self.run_program("run", self.beside(), expect=OUTSTANDING)
        self.assertNotIn("adopt", err)
        first, second = (run["run"] for run in self.runs())
        self.left_to(first, second)
        self.run_program("resume", first)
        _, _, err = self.run_program("run", self.beside())
        self.assertIn(f"going on with run {second}, which waited for another", err)
        charged_once_each(self, gateway.bill(), 2)
        self.assertEqual((self.report()["run"], self.report()["totals"]["reused"]), (second, 1))

    def test_a_run_that_makes_all_anew_takes_no_clip_from_before_it_began(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        self.proxy(gateway, lost=[2])
        self.run_program("run", self.manifest(1))
        shared = self.write("shared.yaml", self.season("spring").read_text().replace("spring number", "scene number"))
        self.run_program("run", shared, "--fresh", expect=IN_DOUBT)
        doubt = self.report()
        _, _, err = self.run_program("run", self.manifest(1), "--fresh", expect=OUTSTANDING)
        self.assertIn(f"waiting for run {doubt['run']}", err)
        anew = self.report()["run"]
        # Given up there, it is made here: the clip of the first run is what was to be made anew.
        self.run_program("release", doubt["run"], doubt["clips"][0]["attempts"][0]["id"])
        self.run_program("resume", anew)
        _, out, _ = self.run_program("report", anew, "--json")
        (clip,) = json.loads(out)["clips"]
        self.assertEqual((clip["status"], clip["made_by"], len(clip["attempts"])), ("made", None, 1))
        self.assertEqual(len(gateway.bill()["lines"]), 3)

    def test_a_run_that_makes_all_anew_takes_what_another_has_made_since(self):
        gateway = self.gateway("--fast")
        proxy = self.unseen(gateway)
        proxy.reads_go_on.set()
        self.run_program("run", self.manifest(1))
        proxy.reads_go_on.clear()
        shared = self.write("shared.yaml", self.season("spring").read_text().replace("spring number", "scene number"))
        self.kill_with_a_paid_clip(gateway, shared, "--fresh")
        proxy.reads_go_on.set()
        self.run_program("run", self.manifest(1), "--fresh", expect=OUTSTANDING)
        _, other, anew = (run["run"] for run in self.runs())
        self.run_program("resume", other)
        self.run_program("resume", anew)
        _, out, _ = self.run_program("report", anew, "--json")
        (clip,) = json.loads(out)["clips"]
        self.assertEqual((clip["status"], clip["made_by"]), ("reused", other))
        charged_once_each(self, gateway.bill(), 2)

    def test_a_reused_clip_whose_first_place_is_gone_is_not_bought_again(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(3)
        self.run_program("run", manifest, "--out", "one")
        self.run_program("run", manifest, "--out", "two")
        for path in (self.folder / "one").glob("*.mp4"):
            path.unlink()
        self.run_program("run", manifest, "--out", "two")
        charged_once_each(self, gateway.bill(), 3)

    def test_two_processes_do_not_work_on_one_campaign(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.manifest(20)
        first = self.start("run", manifest)
        gateway.wait_for_tasks(1, first)
        code, _, err = self.run_program("run", manifest, expect=None)
        if first.poll() is None:
            self.assertEqual(code, OUTSTANDING, err)
            self.assertIn("another callsheet process", err)
        first.communicate(timeout=PATIENCE_S)
        charged_once_each(self, gateway.bill(), 20)

    def test_a_paid_clip_never_replaces_another_file(self):
        self.gateway("--fast")
        self.write("out/clip-1.mp4", "mine")
        self.run_program("run", self.manifest(1))
        self.assertEqual((self.folder / "out/clip-1.mp4").read_text(), "mine")
        self.assertEqual(self.clips(), ["clip-1.mp4", "clip-1~2.mp4"])


if __name__ == "__main__":
    unittest.main()

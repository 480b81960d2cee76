"""The laws under faults: the built program against a gateway that loses, delays, refuses and lies.

Seeds are drawn anew each time; CALLSHEET_STORM_SEED=N replays one. What the gateway billed is read from its own bill.
"""
import collections
import os
import random
import subprocess
import unittest

from harness import BUDGET, DONE, FAILED, IN_DOUBT, OUTSTANDING, PATIENCE_S, PRICE, SOURCE, USAGE, CampaignTest, kill

STORMS = SOURCE / "manifests" / "storms"
ROUNDS_MOST = 40
ENDED = (DONE, BUDGET, IN_DOUBT, FAILED)


class StormTest(CampaignTest):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("CALLSHEET_STORM_SEED") or random.SystemRandom().randrange(1 << 30))
        self.chance = random.Random(self.seed)
        self.log = self.folder / "run.log"

    def storm(self, name, *flags):
        return self.gateway("--fast", "--storm", str(STORMS / f"{name}.yaml"), "--storm-seed", str(self.seed), *flags)

    def campaign(self, count, cap, in_flight=8, patience="5m", rate="1000/1s"):
        """A doubt that cannot be resolved keeps its place for 20 minutes: storms that make such need one a task. Where
        tasks are stuck, patience has to end before ours does."""
        numbers = ", ".join(str(n) for n in range(1, count + 1))
        return self.write("campaign.yaml", f"""version: 1
campaign: storm
budget: {{cap: {cap} credits}}
limits: {{in_flight: {in_flight}, patience: {patience}, rate: {rate}}}
matrix: {{n: [{numbers}]}}
tasks:
  - name: "clip-{{{{ n }}}}"
    prompt: "scene number {{{{ n }}}}"
    duration: 3
outputs: {{dir: out, file: "{{{{ task.name }}}}.mp4"}}
""")

    def story(self, bill, spent):
        """What somebody needs who has to find out what went wrong."""
        lines = [f"{line['id']} {line['status']} charged={line['charged_uc']} key={line['idempotency_key']}"
                 f" {line['faults']}" for line in bill["lines"]]
        log = self.log.read_text().splitlines() if self.log.exists() else []
        return "\n".join([f"replay: CALLSHEET_STORM_SEED={self.seed} python3 -m unittest {self.id()}",
                          f"callsheet: {spent}", f"gateway: {bill['totals']}", f"faults: {bill['faults']}",
                          *lines, *log])

    def check_laws(self, gateway, cap):
        """The comparison with the gateway's bill that must hold at any moment between two runs."""
        bill, spent = gateway.bill(), self.spent_in_all_runs()
        story = self.story(bill, spent)
        charged = bill["totals"]["charged_uc"]
        may_be_charged = charged + bill["totals"]["reserved_uc"]
        self.assertLessEqual(spent["billed"], charged, story)
        self.assertLessEqual(may_be_charged, spent["billed"] + spent["held"] + spent["refund_expected"], story)
        self.assertLessEqual(may_be_charged, cap * 10_000, story)
        if spent["held"] == 0 and spent["refund_expected"] == 0:
            self.assertEqual(spent["billed"], charged, story)
        by_key = collections.Counter(line["idempotency_key"] for line in bill["lines"])
        self.assertEqual([key for key, count in by_key.items() if count > 1], [], story)
        return bill, spent, story

    def check_report(self, spent, story):
        """report.json of the run says what the ledger says, and its clips are there."""
        totals = self.report()["totals"]
        self.assertEqual({key: totals[key]["units"] for key in spent}, spent, story)
        self.assertEqual(totals["made"], len(self.clips()), story)
        for clip in (self.folder / "out").glob("*.mp4"):
            self.assertEqual(clip.read_bytes()[4:8], b"ftyp", story)
        return totals

    def kill_after(self, process, seconds):
        """The program's exit code, or None where it had to be killed."""
        try:
            process.communicate(timeout=seconds)
            return process.returncode
        except subprocess.TimeoutExpired:
            kill(process)
            return None

    def killed_and_resumed(self, gateway, manifest, cap, kills, ended=ENDED):
        """Kills `run`, then `resume`, at random moments; then resumes until it ends with one of these codes, or nothing is
        left that can be done. Returns how often it was killed."""
        self.kill_once_taken(gateway, self.chance.randrange(1, 6), "run", manifest, "--log", self.log)
        code, killed = None, 1
        for round_number in range(ROUNDS_MOST):
            if code in ended or (code == OUTSTANDING and self.only_stuck_is_left(gateway)):
                break
            self.check_laws(gateway, cap)
            patience = self.chance.uniform(0.05, 0.8) if round_number < kills else PATIENCE_S
            code = self.kill_after(self.start("resume", "--log", self.log), patience)
            killed += code is None
        _, _, story = self.check_laws(gateway, cap)
        self.assertIn(code, (*ENDED, OUTSTANDING), story)
        return killed

    @staticmethod
    def only_stuck_is_left(gateway):
        left = [line for line in gateway.bill()["lines"] if line["status"] in ("pending", "processing")]
        return bool(left) and all("tasks.stuck" in line["faults"] for line in left)


class Storms(StormTest):
    def run_through(self, name, count, cap, expect, **limits):
        gateway = self.storm(name)
        manifest = self.campaign(count, cap, **limits)
        code, _, err = self.run_program("run", manifest, "--log", self.log, expect=None)
        bill, spent, story = self.check_laws(gateway, cap)
        for _ in range(ROUNDS_MOST):
            if code != IN_DOUBT or IN_DOUBT in expect:
                break
            # Every answer about one request may be lost, as often as it is asked for: `resume` asks once more.
            code, _, err = self.run_program("resume", "--log", self.log, expect=None)
            bill, spent, story = self.check_laws(gateway, cap)
        self.assertIn(code, expect, story + err)
        totals = self.check_report(spent, story)
        return bill, totals, story

    def test_calm(self):
        bill, totals, story = self.run_through("calm", 10, 1000, (DONE,))
        self.assertEqual(bill["faults"], {}, story)
        self.assertEqual(totals["billed"]["units"], 10 * PRICE, story)

    def test_lossy(self):
        bill, totals, story = self.run_through("lossy", 30, 1000, (DONE,))
        self.assertTrue(bill["faults"], story)
        self.assertEqual(totals["made"], 30, story)
        self.assertEqual(totals["billed"]["units"], 30 * PRICE, story)

    def test_rate_limited(self):
        bill, totals, story = self.run_through("rate_limited", 10, 1000, (DONE,))
        self.assertTrue(any(fault.endswith(".rate_limit") for fault in bill["faults"]), story)
        self.assertEqual(totals["made"], 10, story)

    def test_outage(self):
        storm = self.write("outage.yaml", "version: 1\nstorm: outage\noutages: [{start_ms: 1500, length_ms: 1000}]\n")
        gateway = self.gateway("--fast", "--latency", "0.02", "--storm", str(storm))
        manifest = self.campaign(16, 1000)
        code = USAGE
        while code == USAGE:  # a run that begins in the outage is told that there is no gateway
            code, _, err = self.run_program("run", manifest, "--log", self.log, expect=None)
        bill, spent, story = self.check_laws(gateway, 1000)
        self.assertEqual(code, DONE, story + err)
        self.assertIn("outage", bill["faults"], story)
        self.assertEqual(spent["billed"], 16 * PRICE, story)

    def test_hostile(self):
        bill, _, story = self.run_through("hostile", 20, 1000, (*ENDED, OUTSTANDING), in_flight=20, patience="2s")
        self.assertTrue(bill["faults"], story)

    def test_hostile_with_a_cap_that_binds(self):
        bill, totals, story = self.run_through("hostile", 20, 150, (*ENDED, OUTSTANDING), in_flight=20, patience="2s")
        self.assertTrue(bill["faults"], story)
        self.assertLess(totals["made"], 20, story)


class KilledInStorms(StormTest):
    def test_lossy(self):
        cap = 1000
        gateway = self.storm("lossy", "--latency", "0.02")
        manifest = self.campaign(24, cap, rate="8/1s")
        killed = self.killed_and_resumed(gateway, manifest, cap, kills=6, ended=(DONE,))
        _, spent, story = self.check_laws(gateway, cap)
        self.assertGreater(killed, 2, story)
        self.assertEqual(spent, {"billed": 24 * PRICE, "held": 0, "refund_expected": 0}, story)
        self.assertEqual(self.check_report(spent, story)["made"], 24, story)

    def test_hostile(self):
        cap = 220  # binds: what is in doubt stays held, and what fails is tried again
        gateway = self.storm("hostile", "--latency", "0.02")
        manifest = self.campaign(15, cap, in_flight=15, patience="2s", rate="8/1s")
        killed = self.killed_and_resumed(gateway, manifest, cap, kills=5)
        _, spent, story = self.check_laws(gateway, cap)
        self.assertGreater(killed, 2, story)
        self.check_report(spent, story)


class StormFiles(CampaignTest):
    def test_the_examples_are_sound_and_all_are_there(self):
        names = sorted(path.stem for path in STORMS.glob("*.yaml"))
        self.assertEqual(names, ["calm", "hostile", "lossy", "outage", "rate_limited"])
        for name in names:
            gateway = self.gateway("--fast", "--storm", str(STORMS / f"{name}.yaml"))
            self.assertTrue(gateway.address.startswith("http://127.0.0.1:"), name)
            gateway.close()

    def test_a_mistake_is_shown_where_it_was_made(self):
        head = "version: 1\nstorm: s\n"
        for text, told in (("creat: {error: 1}\n", r"s\.yaml:3:1: error: `creat` is not a key of a storm file"),
                           ("create:\n  eror: 1\n", r"s\.yaml:4:3: error: `eror` is not a key of `create`"),
                           ("reads: {error: 1.5}\n", r"s\.yaml:3:16: error: `error` must be a probability from 0 to 1"),
                           ("outages: [{start_ms: 5}]\n", r"s\.yaml:3:11: error: entry 1 of `outages` has no `length_ms`"),
                           ("create: {delay_answer: 3}\n", r"s\.yaml:3:24: error: `delay_answer` must be a group")):
            self.write("s.yaml", head + text)
            for command in (("gateway",), ("run", self.manifest(1), "--local")):
                _, out, err = self.run_program(*command, "--storm", "s.yaml", expect=USAGE)
                self.assertEqual(out, "")
                self.assertRegex(err, told)

    def test_a_storm_is_for_the_built_in_gateway(self):
        _, _, err = self.run_program("run", self.manifest(1), "--storm", str(STORMS / "calm.yaml"), expect=USAGE)
        self.assertIn("--local", err)

    def test_the_built_in_gateway_has_storms_too(self):
        storm = self.write("all-fail.yaml", "version: 1\nstorm: all-fail\ntasks: {fail: 1}\n")
        self.run_program("run", self.manifest(1), "--local", "--storm", storm, expect=FAILED)
        self.assertEqual(self.spent_in_all_runs(), {"billed": 0, "held": 0, "refund_expected": 0})


if __name__ == "__main__":
    unittest.main()

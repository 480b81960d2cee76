"""What nobody was told: a doubt keeps its hold, is explained, and is settled by evidence or by hand."""
import json
import unittest

from harness import IN_DOUBT, OUTSTANDING, PRICE, USAGE, CampaignTest


class Doubts(CampaignTest):
    def run_with_one_lost_answer(self, count=4):
        """A run of which the second create request was taken, and its answer lost. Gives the gateway, and the run, task
        and attempt in doubt."""
        gateway = self.gateway("--fast", "--no-idempotency")
        self.proxy(gateway, lost=[2])
        self.run_program("run", self.manifest(count), expect=IN_DOUBT)
        report = self.report()
        doubts = [clip for clip in report["clips"] if clip["status"] == "in_doubt"]
        self.assertEqual(len(doubts), 1)
        return gateway, report["run"], doubts[0]["task"], doubts[0]["attempts"][-1]["id"]

    def unknown_task(self, gateway):
        """The task at the gateway that no attempt knows."""
        known = {attempt["task_id"] for clip in self.report()["clips"] for attempt in clip["attempts"]}
        unknown = [line["id"] for line in gateway.bill()["lines"] if line["id"] not in known]
        self.assertEqual(len(unknown), 1)
        return unknown[0]

    def test_a_doubt_is_explained_and_keeps_its_hold(self):
        gateway, run, task, attempt = self.run_with_one_lost_answer()
        self.assertEqual(self.report()["totals"]["held"]["units"], PRICE)
        self.assertEqual(len(gateway.bill()["lines"]), 4)
        _, out, _ = self.run_program("explain", task)
        self.assertIn(f"{task} · take 1 · run {run}", out)
        self.assertIn("came to     in doubt", out)
        self.assertIn("16.2 credits from available to held", out)
        self.assertIn(f"attempt {attempt}    submitted to kling-v3-text-to-video at 720p, with at most 16.2 credits", out)
        _, _, err = self.run_program("explain", "nobody", expect=USAGE)
        self.assertIn("has no task 'nobody'", err)
        _, out, _ = self.run_program("explain", task, "--json")
        (story,) = json.loads(out)
        self.assertEqual([entry["to"] for entry in story["entries"]], ["held"])
        self.assertEqual(story["held"]["units"], PRICE)

    def test_a_doubt_behind_a_clip_whose_file_is_gone_is_not_bought_once_more(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        proxy = self.proxy(gateway, lost=[2])  # from the beginning: another address would be another gateway's ledger
        self.run_program("run", self.manifest(1))
        (self.folder / "out/clip-1.mp4").unlink()
        self.run_program("run", self.manifest(1), expect=IN_DOUBT)
        doubtful = self.report()["run"]
        _, _, err = self.run_program("run", self.manifest(1), expect=OUTSTANDING)
        self.assertIn(f"waiting for run {doubtful}", err)
        self.assertEqual(proxy.creates, 2)
        self.assertEqual(len(gateway.bill()["lines"]), 2)

    def test_adopted_it_is_collected_and_the_report_is_the_bill(self):
        gateway, run, _, attempt = self.run_with_one_lost_answer()
        self.run_program("adopt", run, attempt, self.unknown_task(gateway))
        totals = self.report()["totals"]
        self.assertEqual((totals["made"], totals["billed"]["units"], totals["held"]["units"]), (4, 4 * PRICE, 0))
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 4 * PRICE)
        self.assertEqual(len(self.clips()), 4)

    def test_what_cannot_be_adopted_is_not(self):
        gateway, run, _, attempt = self.run_with_one_lost_answer()
        known = next(clip["attempts"][0] for clip in self.report()["clips"] if clip["status"] == "made")
        _, _, err = self.run_program("adopt", run, attempt, known["task_id"], expect=USAGE)
        self.assertIn(known["task_id"], err)
        _, _, err = self.run_program("adopt", run, attempt, "task-unified-nobody", expect=USAGE)
        self.assertIn("task-unified-nobody", err)
        _, _, err = self.run_program("adopt", run, known["id"], self.unknown_task(gateway), expect=USAGE)
        self.assertIn("is not in doubt: it is finished", err)
        for name in ("nonsense", "99.1"):
            self.run_program("adopt", run, name, "x", expect=USAGE)
        self.assertEqual(self.report()["totals"]["held"]["units"], PRICE)

    def test_released_its_task_is_made_anew_by_resume(self):
        gateway, run, _, attempt = self.run_with_one_lost_answer()
        _, _, err = self.run_program("release", run, attempt, "--why", "not in the dashboard")
        self.assertIn("no longer count against the cap", err)
        self.assertEqual(self.report()["totals"]["held"]["units"], 0)
        self.assertEqual(self.report()["status"], "interrupted")
        self.run_program("resume", run)
        self.assertEqual(self.report()["totals"]["made"], 4)
        # It had been taken after all: the gateway's bill has one more, and the audit finds it.
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 5 * PRICE)
        _, out, _ = self.run_program("audit", expect=IN_DOUBT)
        self.assertIn("the account lost 16.2 credits more than was booked", out)

    def test_written_off_it_is_billed(self):
        gateway, run, _, attempt = self.run_with_one_lost_answer()
        self.run_program("release", run, attempt, "--billed")
        totals = self.report()["totals"]
        self.assertEqual((totals["billed"]["units"], totals["held"]["units"]), (4 * PRICE, 0))
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 4 * PRICE)
        self.run_program("release", run, attempt, expect=USAGE)
        _, out, _ = self.run_program("audit")
        self.assertIn("all agree", out)

    def test_the_audit_agrees_with_the_account_while_a_doubt_is_open(self):
        self.run_with_one_lost_answer()
        _, out, _ = self.run_program("audit", "--json")
        audit = json.loads(out)
        self.assertEqual(audit["faults"], [])
        (account,) = audit["accounts"]
        self.assertTrue(account["asked_now"])
        self.assertEqual({one["unexplained"]["units"] for one in account["intervals"]}, {0})
        self.environment.pop("EVOLINK_API_KEY")
        _, out, _ = self.run_program("audit")
        self.assertIn("the gateway was not asked now", out)

    def test_collect_submits_nothing_new(self):
        gateway = self.gateway("--fast", "--latency", "0.05")
        self.kill_once_taken(gateway, 5, "run", self.manifest(30))
        attempts = self.report()["totals"]["attempts"]
        self.run_program("collect", expect=OUTSTANDING)
        totals = self.report()["totals"]
        # Requests whose fate the killed process left open are sent again under their keys: no new attempt.
        self.assertEqual(totals["attempts"], attempts)
        self.assertEqual(totals["made"], len(gateway.bill()["lines"]))
        self.run_program("resume")
        self.assertEqual(len(gateway.bill()["lines"]), 30)


if __name__ == "__main__":
    unittest.main()

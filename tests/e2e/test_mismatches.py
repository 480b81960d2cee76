"""Clips that are paid for and not what was ordered: told as such, kept, not bought again, and written down for the gateway."""
import json
import signal
import unittest

from harness import DONE, FAILED, PATIENCE_S, PRICE, THRESHOLD, USAGE, CampaignTest



class Mismatches(CampaignTest):
    def storm(self, **chances):
        lines = ", ".join(f"{fault}: {chance}" for fault, chance in chances.items())
        return self.write("storm.yaml", f"version: 1\nstorm: wrong-clips\nclips: {{{lines}}}\n")

    def run_wrong(self, manifest, *flags, expect=FAILED, **chances):
        gateway = self.gateway("--fast", "--latency", "0", "--storm", str(self.storm(**chances)))
        _, _, err = self.run_program("run", manifest, *flags, expect=expect)
        return gateway, err

    def only_clip(self):
        clips = self.report()["clips"]
        self.assertEqual(len(clips), 1)
        return clips[0]

    def test_each_kind_of_wrong_clip_is_told_with_what_was_measured(self):
        sound = self.write("sound.yaml", self.manifest(1).read_text().replace("duration: 3", "duration: 3\n    sound: on"))
        for fault, manifest, told in (
                ("black", self.manifest(1), r"it is black throughout: of \d+ pictures looked at none is brighter than \d+ of 255"),
                ("small", self.manifest(1), r"it is 640x360, less than the 720p that was ordered"),
                ("mute", sound, r"its sound track is silent, and sound was ordered"),
                ("soundless", sound, r"it has no sound track, and sound was ordered")):
            with self.subTest(fault):
                storm = self.storm(**{fault: 1})
                ledger = self.folder / f"{fault}.db"
                _, _, err = self.run_program("--ledger", ledger, "run", manifest, "--local", "--storm", storm, "--out", f"out-{fault}",
                                             expect=FAILED)
                self.assertRegex(err, rf"mismatched +clip-1 · take 1: {told}\n")

    def test_what_came_wrong_is_paid_for_kept_and_not_bought_again(self):
        gateway, err = self.run_wrong(self.manifest(3), "--junit", "junit.xml", "--markdown", "report.md", black=1)
        self.assertIn("3 mismatched of 3", err)
        _, status, _ = self.run_program("status")
        self.assertIn("0 made, 3 mismatched, 0 reused", status)
        self.assertIn("callsheet dispute", err)
        report = self.report()
        self.assertEqual((report["totals"]["mismatched"], report["totals"]["made"]), (3, 0))
        self.assertEqual(report["totals"]["billed"]["units"], 3 * PRICE)
        self.assertEqual(self.clips(), ["clip-1.mp4", "clip-2.mp4", "clip-3.mp4"])
        self.assertEqual((self.folder / "junit.xml").read_text().count('<failure type="mismatched"'), 3)
        self.assertIn("**3 of 3 clips are there**, 3 of them not as ordered", (self.folder / "report.md").read_text())
        _, _, err = self.run_program("run", self.manifest(3))
        self.assertRegex(err, r"reused +3 clips, clip-1 · take 1 first: the clip is not what was ordered, as the report of run \S+ tells")
        again = self.report()
        self.assertEqual((again["totals"]["reused"], again["totals"]["billed"]["units"]), (3, 0))
        self.assertIn("the clip is not what was ordered", again["clips"][0]["why"])
        self.assertEqual(len(gateway.bill()["lines"]), 3)
        # Whoever will not have it deletes it, and that one is bought anew.
        (self.folder / "out/clip-2.mp4").unlink()
        self.run_program("run", self.manifest(3), expect=FAILED)
        self.assertEqual(len(gateway.bill()["lines"]), 4)

    def test_the_dispute_has_what_the_gateways_support_asks_for(self):
        gateway, _ = self.run_wrong(self.manifest(2), short=1)
        for name in ("dispute.md", "dispute.json"):
            self.assertTrue((self.folder / "out" / name).is_file(), "written with the report")
        run = self.report()["run"]
        _, out, _ = self.run_program("dispute", run, "clip-2", "--json")
        dispute = json.loads(out)
        (disputed,) = dispute["clips"]
        ids = {line["id"] for line in gateway.bill()["lines"]}
        (attempt,) = disputed["clip"]["attempts"]
        self.assertIn(attempt["task_id"], ids)
        self.assertEqual(disputed["complaints"], ["it is 1.00 s long, 3 s were ordered"])
        self.assertEqual((disputed["clip"]["file"]["length_ms"], disputed["clip"]["request"]["duration_s"]), (1000, 3))
        self.assertEqual(dispute["billed"]["units"], PRICE)
        self.assertEqual([entry["to"] for entry in disputed["entries"]], ["held", "billed"])
        self.assertRegex(disputed["clip"]["file"]["sha256"], "^[0-9a-f]{64}$")
        _, story, _ = self.run_program("explain", "clip-1")
        self.assertRegex(story, r"came to +mismatched: clip-1\.mp4 \(.*\): it is 1\.00 s long, 3 s were ordered")
        _, page, _ = self.run_program("dispute", "--format", "markdown")
        for line in gateway.bill()["lines"]:
            self.assertIn(f"<code>{line['id']}</code>", page)
        self.assertIn("| length | 3 s | 1.000 s |", page)
        for secret in ("e2e-secret-key", str(self.folder)):
            self.assertNotIn(secret, out + page)
        _, where, _ = self.run_program("dispute", run, "--to", "elsewhere")
        self.assertEqual((self.folder / where.strip()).read_text(), page)

    def test_a_run_of_good_clips_has_nothing_to_dispute(self):
        self.gateway("--fast", "--latency", "0")
        self.run_program("run", self.manifest(1))
        _, _, err = self.run_program("dispute", expect=USAGE)
        self.assertIn("no clip of run", err)
        self.assertFalse((self.folder / "out/dispute.md").exists())
        _, page, _ = self.run_program("dispute", self.report()["run"], "clip-1", "--format", "markdown", expect=DONE)
        self.assertTrue(page.startswith("# What is known of 1 clip\n"), page)

    def test_a_threshold_stops_a_run_whose_clips_come_wrong(self):
        manifest = self.manifest(40, in_flight=2)
        manifest.write_text(manifest.read_text() + 'thresholds: ["mismatched_ratio < 0.2"]\n')
        gateway, err = self.run_wrong(manifest, expect=THRESHOLD, frozen=0.9)
        self.assertIn("mismatched_ratio < 0.2", err)
        self.assertRegex(err, r"hardly anything moves in it: \d+ pictures looked at differ by no more than 0 of 255")
        self.assertLess(len(gateway.bill()["lines"]), 20)

    def test_without_ffmpeg_the_rest_is_checked_and_it_is_said(self):
        self.gateway("--fast", "--latency", "0", "--storm", str(self.storm(short=1)))
        self.environment["PATH"] = str(self.folder)
        _, _, err = self.run_program("run", self.manifest(1), expect=FAILED)
        self.assertIn("FFmpeg is not on the PATH", err)
        self.assertEqual(self.only_clip()["why"], "it is 1.00 s long, 3 s were ordered")

    def test_a_parent_that_waits_for_nobody_takes_no_verdict_away(self):
        storm = self.storm(black=1)
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # inherited, as from some supervisors
        try:
            process = self.start("run", self.manifest(1), "--local", "--storm", storm)
        finally:
            signal.signal(signal.SIGCHLD, before)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertRegex(err, r"mismatched +clip-1 · take 1: it is black throughout")


if __name__ == "__main__":
    unittest.main()

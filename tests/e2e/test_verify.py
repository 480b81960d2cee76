"""Sidecars beside clips, and `verify`: whatever is edited later is seen."""
import hashlib
import json
import os
import unittest

from harness import DONE, FAILED, USAGE, CampaignTest, kill, until


class Verify(CampaignTest):
    def made(self, count=3, **options):
        self.gateway("--fast")
        self.run_program("run", self.manifest(count, **options))
        self.out = self.folder / "out"

    def verify(self, *arguments, expect):
        _, out, _ = self.run_program("verify", *arguments, "--json", expect=expect)
        result = json.loads(out)
        self.assertEqual(result["whole"], expect == DONE)
        return {os.path.basename(clip["file"]): clip["state"] for clip in result["clips"]}, result

    def sidecar(self, number):
        return self.out / f"clip-{number}.mp4.json"

    def test_a_sidecar_tells_where_a_clip_comes_from(self):
        self.made(2)
        report = self.report()
        for line in report["clips"]:
            path = self.out / f"{line['task']}.mp4.json"
            text = path.read_text(encoding="utf-8")
            told = json.loads(text)
            clip = (self.out / line["file"]["path"]).read_bytes()
            self.assertEqual(told["clip"]["sha256"], hashlib.sha256(clip).hexdigest())
            self.assertEqual(told["clip"]["size_bytes"], len(clip))
            self.assertEqual(told["price"], {"billed": line["billed"], "quoted": line["price"]})
            self.assertEqual(told["request"], line["request"])
            self.assertEqual(told["attempts"][-1]["task_id"], line["attempts"][-1]["task_id"])
            self.assertEqual(told["identity"], line["identity"])
            self.assertEqual(told["run"], report["run"])
            self.assertEqual(told["digest"], hashlib.sha256(text.split(',"digest"')[0].encode()).hexdigest())
            for secret in (self.environment["EVOLINK_API_KEY"], self.environment["EVOLINK_BASE_URL"], str(self.folder)):
                self.assertNotIn(secret, text)
        states, _ = self.verify(expect=DONE)
        self.assertEqual(states, {"clip-1.mp4": "whole", "clip-2.mp4": "whole"})

    def test_every_later_edit_is_seen(self):
        self.made(6)
        one = bytearray((self.out / "clip-1.mp4").read_bytes())
        one[-1] ^= 1  # as long as before
        (self.out / "clip-1.mp4").write_bytes(one)
        (self.out / "clip-2.mp4").unlink()
        self.sidecar(3).unlink()
        self.sidecar(4).write_text(self.sidecar(4).read_text().replace("scene number 4", "scene number 5"))
        # An edit that computes the sidecar's own digest anew.
        told = self.sidecar(5).read_text().split(',"digest"')[0].replace('"billed":{"credits":"16.2"', '"billed":{"credits":"1.62"')
        self.sidecar(5).write_text(f'{told},"digest":"{hashlib.sha256(told.encode()).hexdigest()}"}}\n')
        (self.out / "holiday.mp4").write_bytes(b"of somebody else")
        states, result = self.verify(expect=FAILED)
        self.assertEqual(states, {"clip-1.mp4": "changed", "clip-2.mp4": "missing", "clip-3.mp4": "sidecar_missing",
                                  "clip-4.mp4": "sidecar_changed", "clip-5.mp4": "sidecar_changed", "clip-6.mp4": "whole",
                                  "holiday.mp4": "foreign"})
        detail = {os.path.basename(clip["file"]): clip["detail"] for clip in result["clips"]}
        self.assertIn("/price/billed/credits", detail["clip-5.mp4"])
        _, out, err = self.run_program("verify", expect=FAILED)
        self.assertIn("7 clips: 1 whole, 1 changed, 1 missing, 1 sidecar_missing, 2 sidecar_changed, 1 foreign", out)
        self.assertIn("callsheet report", err)
        # The ledger's word is written again; what is no sidecar is left alone.
        self.sidecar(6).write_text("my notes")
        _, _, err = self.run_program("report")
        self.assertIn("clip-6.mp4.json' is no sidecar, and is left alone", err)
        self.assertEqual(self.sidecar(6).read_text(), "my notes")
        states, _ = self.verify(expect=FAILED)
        self.assertEqual({name for name, state in states.items() if state == "whole"}, {"clip-3.mp4", "clip-4.mp4", "clip-5.mp4"})

    def test_what_is_no_plain_file_or_written_twice_is_a_finding_and_ends_nothing(self):
        self.made(4)
        twice = self.sidecar(1).read_text().split(',"program_version"')
        told = twice[0].replace('"take":1', '"take":9,"take":1') + ',"program_version"' + twice[1].split(',"digest"')[0]
        self.sidecar(1).write_text(f'{told},"digest":"{hashlib.sha256(told.encode()).hexdigest()}"}}\n')
        self.sidecar(2).unlink()
        os.mkfifo(self.sidecar(2))
        (self.out / "clip-3.mp4").unlink()
        os.mkfifo(self.out / "clip-3.mp4")
        states, result = self.verify(expect=FAILED)
        self.assertEqual(states, {"clip-1.mp4": "sidecar_changed", "clip-2.mp4": "unreadable", "clip-3.mp4": "changed",
                                  "clip-4.mp4": "whole"})
        detail = {os.path.basename(clip["file"]): clip["detail"] for clip in result["clips"]}
        self.assertIn("a member may stand there twice", detail["clip-1.mp4"])
        self.assertIn("not a regular file", detail["clip-2.mp4"])
        self.assertEqual(self.verify(self.out, expect=FAILED)[0], states)

    def test_a_later_clip_in_the_same_place_keeps_its_sidecar(self):
        self.made(1)
        first = self.report()["run"]
        (self.out / "clip-1.mp4").unlink()
        other = self.manifest(1)
        other.write_text(other.read_text().replace("duration: 3", "duration: 4"))
        self.run_program("run", other)
        later = self.sidecar(1).read_bytes()
        self.run_program("report", first)
        self.assertEqual(self.sidecar(1).read_bytes(), later)
        self.assertEqual(set(self.verify(expect=DONE)[0].values()), {"whole"})
        states, _ = self.verify(first, expect=FAILED)
        self.assertEqual(states, {"clip-1.mp4": "changed"})
        # A clip that is gone gets none.
        (self.out / "clip-1.mp4").unlink()
        self.sidecar(1).unlink()
        self.run_program("report")
        self.assertFalse(self.sidecar(1).exists())

    def test_a_folder_without_its_ledger_is_held_against_its_sidecars(self):
        self.made(3)
        elsewhere = self.folder / "elsewhere"
        self.out.rename(elsewhere)
        self.environment["CALLSHEET_LEDGER"] = str(self.folder / "none.db")
        states, result = self.verify(elsewhere, expect=DONE)
        self.assertEqual(set(states.values()), {"whole"})
        self.assertEqual({clip["against"] for clip in result["clips"]}, {"sidecar"})
        _, _, err = self.run_program("verify", elsewhere)
        self.assertIn("3 of them were held against their sidecars alone", err)
        (elsewhere / "clip-2.mp4").write_bytes(b"another")
        (elsewhere / "clip-3.mp4").unlink()
        states, _ = self.verify(elsewhere, expect=FAILED)
        self.assertEqual(states, {"clip-1.mp4": "whole", "clip-2.mp4": "changed", "clip-3.mp4": "missing"})
        self.run_program("verify", expect=USAGE)  # a run needs the ledger

    def test_a_reused_clip_tells_of_the_run_that_made_it(self):
        self.made(2)
        first = self.report()["run"]
        before = {path.name: path.read_bytes() for path in self.out.glob("*.json") if path.name.startswith("clip")}
        other = self.manifest(2, name="other.yaml")
        other.write_text(other.read_text().replace("dir: out", "dir: again"))
        self.run_program("run", other)
        for name, text in before.items():
            self.assertEqual((self.folder / "again" / name).read_bytes(), text)
        self.assertEqual(json.loads(before["clip-1.mp4.json"])["run"], first)
        self.assertEqual(set(self.verify(expect=DONE)[0].values()), {"whole"})
        self.assertEqual(set(self.verify(first, expect=DONE)[0].values()), {"whole"})

    def test_sidecars_come_with_the_clips_and_after_a_kill_with_the_next_command(self):
        self.gateway("--fast", "--latency", "0.002")
        process = self.start("run", self.manifest(40))
        self.out = self.folder / "out"
        until(lambda: process.poll() is not None or list(self.out.glob("clip-*.mp4.json")))
        self.assertIsNone(process.poll(), "the run ended before its first sidecar was seen")
        kill(process)
        for path in self.out.glob("clip-*.mp4.json"):
            path.write_bytes(b"\0" * 100)  # as after a loss of power
            break
        self.run_program("resume")
        states, _ = self.verify(expect=DONE)
        self.assertEqual(len(states), 40)


if __name__ == "__main__":
    unittest.main()

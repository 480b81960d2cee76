"""Poster and filmstrip beside each clip: derived, and never a reason for anything."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from harness import DONE, OUTSTANDING, PATIENCE_S, CampaignTest, kill, until

MIB = 1 << 20


def names(number):
    return f"clip-{number}.poster.jpg", f"clip-{number}.filmstrip.jpg"


class Stills(CampaignTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"

    def stills(self, folder=None):
        return {path.name: path.read_bytes() for path in (folder or self.out).glob("*.jpg")}

    def size(self, path):
        said = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", path],
                              check=True, stdout=subprocess.PIPE, text=True).stdout
        return said.strip()

    def bytes_of(self, picture, *filters):
        """A picture as plain bytes: small, so that what codecs lose does not count."""
        return subprocess.run(["ffmpeg", "-v", "error", "-i", picture, "-vf", ",".join([*filters, "scale=32:18:flags=area", "format=rgb24"]),
                               "-frames:v", "1", "-f", "rawvideo", "-"], check=True, stdout=subprocess.PIPE).stdout

    def test_each_clip_has_both_and_all_tell_of_them(self):
        self.run_program("run", "--local", self.manifest(3))
        report = self.report()
        self.assertEqual(set(self.stills()), {name for number in (1, 2, 3) for name in names(number)})
        page = (self.out / "report.html").read_text(encoding="utf-8")
        for clip in report["clips"]:
            poster, filmstrip = names(clip["task"].removeprefix("clip-"))
            self.assertEqual((clip["file"]["poster"], clip["file"]["filmstrip"]), (poster, filmstrip))
            told = json.loads((self.out / f"{clip['task']}.mp4.json").read_text(encoding="utf-8"))["clip"]
            self.assertEqual((told["poster"], told["filmstrip"]), (poster, filmstrip))
            self.assertEqual(self.size(self.out / poster), "mjpeg,1280,720")
            self.assertEqual(self.size(self.out / filmstrip), f"mjpeg,{8 * 284},160")
            self.assertIn(f'src="./{poster}"', page)
            self.assertIn(f'data-filmstrip="./{filmstrip}"', page)
            # The strip's last frame is the clip's picture at fifteen sixteenths of it.
            at = clip["file"]["length_ms"] / 1000 * 15 / 16
            shown = self.bytes_of(self.out / filmstrip, "crop=284:160:1988:0")
            wanted = self.bytes_of(self.out / clip["file"]["path"], f"select=gte(t\\,{at:.3f})")
            self.assertLess(max(abs(a - b) for a, b in zip(shown, wanted)), 48)
            self.assertLess(sum(abs(a - b) for a, b in zip(shown, wanted)) / len(wanted), 6)
        self.run_program("verify")
        self.assertFalse([path for path in self.out.iterdir() if path.name.endswith(".part")])
        # What is there stays what it is; what is gone is made again.
        before = {path: path.stat().st_mtime_ns for path in self.out.glob("*.jpg")}
        self.run_program("run", "--local", self.manifest(3))
        self.assertEqual({path: path.stat().st_mtime_ns for path in self.out.glob("*.jpg")}, before)
        content = self.stills()
        (self.out / names(1)[0]).unlink()
        (self.out / names(2)[1]).write_bytes(b"")  # as a loss of power may leave it
        self.run_program("report")
        self.assertEqual(self.stills(), content)

    def test_a_clip_that_is_reused_elsewhere_has_its_stills_there(self):
        self.gateway("--fast")
        self.run_program("run", self.manifest(2))
        content = self.stills()
        self.assertEqual(len(content), 4)
        other = self.manifest(2, name="other.yaml")
        other.write_text(other.read_text().replace("dir: out", "dir: again"))
        self.environment["PATH"] = str(self.without_ffmpeg())  # nothing has to be drawn for that
        self.run_program("run", other)
        self.assertEqual(self.stills(self.folder / "again"), content)
        self.assertEqual((self.folder / "again" / names(1)[0]).stat().st_ino, (self.out / names(1)[0]).stat().st_ino)
        told = json.loads((self.folder / "again" / "report.json").read_text(encoding="utf-8"))
        self.assertEqual([clip["file"]["poster"] for clip in told["clips"]], ["clip-1.poster.jpg", "clip-2.poster.jpg"])

    def without_ffmpeg(self):
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        return empty

    def test_another_clip_in_the_same_place_has_stills_of_its_own(self):
        self.gateway("--fast")
        self.run_program("run", self.manifest(1))
        first = self.report()["run"]
        (self.out / "clip-1.mp4").unlink()
        other = self.manifest(1)
        other.write_text(other.read_text().replace("duration: 3", "duration: 4"))
        self.run_program("run", other)
        digest = hashlib.sha256((self.out / "clip-1.mp4").read_bytes()).hexdigest().encode()
        later = self.stills()
        for name in names(1):
            self.assertEqual(later[name].count(b"callsheet still 1 " + digest), 1)
        # The first run's report has none to show, and leaves those alone.
        self.run_program("report", first)
        self.assertEqual(self.stills(), later)
        _, out, _ = self.run_program("report", first, "--json")
        self.assertIsNone(json.loads(out)["clips"][0]["file"]["poster"])

    def test_a_file_of_somebody_else_is_left_alone(self):
        self.gateway("--fast")
        self.out.mkdir()
        poster, filmstrip = names(1)
        (self.out / poster).write_bytes(b"\xff\xd8\xff\xe0 a photograph of mine")
        link, elsewhere = self.out / names(2)[0], self.folder / "elsewhere.jpg"
        link.symlink_to(elsewhere)
        _, _, err = self.run_program("run", self.manifest(2))
        self.assertIn(f"{poster}' is no still of ours, and is left alone", err)
        self.assertEqual((self.out / poster).read_bytes(), b"\xff\xd8\xff\xe0 a photograph of mine")
        self.assertTrue(link.is_symlink() and not elsewhere.exists(), "nothing is made where a link leads")
        report = self.report()
        self.assertIsNone(report["clips"][0]["file"]["poster"])
        self.assertEqual(report["clips"][0]["file"]["filmstrip"], filmstrip)
        self.assertNotIn(poster, (self.out / "report.html").read_text(encoding="utf-8"))

    def ffmpeg_that(self, *cases):
        """An FFmpeg that does this, by its arguments, and else what the real one does."""
        shim = self.folder / "bin"
        shim.mkdir()
        real = shutil.which("ffmpeg", path=self.environment["PATH"])
        (shim / "ffmpeg").write_text(f'#!/bin/sh\ncase "$*" in\n{"".join(case + ";;" for case in cases)}\nesac\nexec {real} "$@"\n')
        (shim / "ffmpeg").chmod(0o755)
        self.environment["PATH"] = f"{shim}:{self.environment['PATH']}"

    def test_what_is_drawn_late_is_drawn_once_the_end_of_the_run_is_recorded(self):
        self.gateway("--fast")
        begun, go = self.folder / "begun", self.folder / "go"
        os.mkfifo(go)
        self.ffmpeg_that("*rawvideo*mjpeg*) exit 1", f"*mjpeg*) : > {begun}; : < {go}")
        process = self.start("run", self.manifest(1))
        self.addCleanup(kill, process)
        until(lambda: begun.exists() or process.poll() is not None, "a drawing outside the look")
        _, out, _ = self.run_program("history", "--json")
        self.assertEqual([run["status"] for run in json.loads(out)["runs"]], ["completed"])
        go.write_bytes(b"")
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, DONE, err)
        self.assertEqual(set(self.stills()), set(names(1)))
        self.assertEqual(self.report()["clips"][0]["file"]["poster"], names(1)[0])

    def test_a_run_that_is_stopped_draws_nothing_more(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        begun, path = self.folder / "begun", self.environment["PATH"]
        self.ffmpeg_that("*rawvideo*mjpeg*) exit 1", f"*mjpeg*) : > {begun}")
        code, err = self.interrupt_once_taken(gateway, 4, "run", self.manifest(60, in_flight=2))
        self.assertEqual(code, OUTSTANDING, err)
        self.assertTrue(self.clips())
        self.assertFalse(begun.exists(), "somebody waits for its end")
        self.environment["PATH"] = path
        self.run_program("report")
        self.assertEqual(len(self.stills()), 2 * len(self.clips()))

    def test_an_ffmpeg_that_draws_nothing_costs_the_stills_alone(self):
        self.gateway("--fast")
        self.ffmpeg_that("*mjpeg*) exit 1")
        self.run_program("run", self.manifest(2))
        self.assertEqual(self.stills(), {})
        self.assertEqual([clip["status"] for clip in self.report()["clips"]], ["made", "made"])
        self.assertIn('<a class="shot"', (self.out / "report.html").read_text(encoding="utf-8"))

    def test_who_wants_none_gets_none_until_they_are_asked_for(self):
        self.gateway("--fast")
        self.run_program("run", "--no-stills", self.manifest(2))
        self.assertEqual(self.stills(), {})
        self.run_program("report", "--stills", "none")
        self.assertEqual(self.stills(), {})
        self.run_program("report")
        self.assertEqual(set(self.stills()), {*names(1), *names(2)})
        _, out, _ = self.run_program("report", "--json")
        self.assertEqual(json.loads(out)["clips"][1]["file"]["poster"], names(2)[0])

    def test_on_a_disk_that_is_nearly_full_clips_go_first(self):
        self.gateway("--fast")
        self.out.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={32 * MIB}", "tmpfs", str(self.out)],
                              stderr=subprocess.DEVNULL, check=False) if shutil.which("mount") else None
        if made is None or made.returncode != 0:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(self.out)], check=True)
        _, _, err = self.run_program("run", self.manifest(2), expect=DONE)
        self.assertIn("less than 64 MiB are free there, and clips go first", err)
        self.assertEqual(self.stills(), {})
        self.assertTrue((self.out / "clip-1.mp4").exists())

    def test_a_retake_has_its_own_beside_those_of_the_take_before(self):
        self.gateway("--fast")
        manifest = self.manifest(1)
        self.run_program("run", manifest)
        self.run_program("review", "--reject", "clip-1")
        self.run_program("retake", manifest)
        clips = sorted(pathlib.Path(path).stem for path in os.listdir(self.out) if path.endswith(".mp4"))
        self.assertEqual(len(clips), 2)
        self.assertEqual(set(self.stills()), {f"{clip}.{kind}.jpg" for clip in clips for kind in ("poster", "filmstrip")})


if __name__ == "__main__":
    unittest.main()

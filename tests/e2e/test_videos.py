"""Clips made of videos and of several pictures, and other families of models, through the built binary."""
import json
import shutil
import subprocess
import unittest

from harness import SOURCE, USAGE, CampaignTest

HEAD = "version: 1\ncampaign: videos\nbudget: {cap: 900 credits}\noutputs: {dir: out}\n"


class Videos(CampaignTest):
    def setUp(self):
        super().setUp()
        shutil.copy(SOURCE / "manifests/videos/sway.mp4", self.folder / "sway.mp4")
        shutil.copy(SOURCE / "manifests/images/sneaker.jpg", self.folder / "hero.jpg")

    def campaign(self, tasks, more=""):
        return self.write("videos.yaml", HEAD + more + "tasks:\n" + "".join(f"  - {{{task}}}\n" for task in tasks))

    def test_every_kind_of_clip_made_of_a_video_is_made_and_the_bill_is_ours(self):
        gateway = self.gateway("--fast")
        hero = gateway.make_element()
        manifest = self.campaign([
            "name: dance, mode: motion-control, images: [hero.jpg], video: sway.mp4, orientation: video, keep_sound: false",
            "name: older, mode: motion-control, images: [hero.jpg], video: sway.mp4, orientation: image,"
            " model: kling-v2.6-motion-control, quality: 1080p",
            "name: edit, mode: video-edit, video: sway.mp4, prompt: snow falls, model: kling-o3-video-edit",
            "name: edit-o1, mode: video-edit, video: sway.mp4, prompt: snow falls, quality: any",
            "name: follow, mode: reference-to-video, video: sway.mp4, prompt: the same move, duration: 4",
            "name: refer, images: [hero.jpg, hero.jpg], prompt: both of them, duration: 3",
            "name: known, prompt: <<<element_1>>> turns, duration: 3, elements: [hero], model: kling-o3-text-to-video",
            "name: o1, image_start: hero.jpg, image_end: hero.jpg, prompt: turn, quality: any, duration: 10",
        ], f"elements: {{hero: {{id: {hero}, made_of: images}}}}\n")
        self.run_program("run", manifest)
        lines = {line["model"]: line["charged_uc"] for line in gateway.bill()["lines"]}
        self.assertEqual(lines.pop("kling-custom-element"), 10)  # made before, and not by this program
        # 6 s of video each; motion control goes to the cheaper model unless another is named.
        self.assertEqual(lines, {
            "kling-v2.6-motion-control": 6 * 72_000, "kling-o3-video-edit": 6 * 81_000,
            "kling-o1-video-edit-fast": 6 * 68_000, "kling-o3-reference-to-video": 4 * 81_000,
            "kling-o3-image-to-video": 3 * 54_000, "kling-o3-text-to-video": 3 * 54_000, "kling-o1-image-to-video": 10 * 80_000})
        billed = sum(line["charged_uc"] for line in gateway.bill()["lines"])
        self.assertEqual(self.spent_in_all_runs()["billed"], billed - 10)
        clips = {clip["task"]: clip for clip in self.report()["clips"]}
        self.assertTrue(all(clip["status"] == "made" for clip in clips.values()))
        self.assertEqual(clips["dance"]["file"]["length_ms"], 6000)
        self.assertEqual(clips["dance"]["request"]["video"]["location"], "sway.mp4")
        self.assertEqual(clips["dance"]["request"]["orientation"], "video")
        self.assertEqual(len(clips["refer"]["request"]["images"]), 2)
        self.assertEqual(clips["known"]["request"]["elements"], [{"id": hero, "kind": "images"}])
        # Each content went up once.
        self.assertEqual(len(list((self.folder / "gateway/uploads").iterdir())), 2)

    def test_a_clip_billed_by_its_length_is_held_for_a_second_more(self):
        manifest = self.campaign(
            ["name: edit, mode: video-edit, video: sway.mp4, prompt: snow falls, model: kling-o3-video-edit"])
        _, out, _ = self.run_program("plan", manifest, "--json")
        price = json.loads(out)["tasks"][0]["candidates"][0]
        self.assertEqual((price["expected"]["units"], price["most"]["units"]), (6 * 81_000, 7 * 81_000))
        self.gateway("--fast")
        self.run_program("run", manifest, "--budget", "50", expect=3)  # it could come to 56.7
        self.assertFalse((self.folder / "out/edit-1.mp4").exists())

    def film(self, name, *flags):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", self.folder / "sway.mp4", *flags, self.folder / name], check=True)

    def candidate(self, task):
        _, out, _ = self.run_program("plan", self.campaign([task]), "--json")
        return json.loads(out)["tasks"][0]["candidates"][0]

    def test_quicktime_is_taken_too(self):
        self.film("sway.mov", "-c", "copy", "-f", "mov")
        price = self.candidate("name: edit, mode: video-edit, video: sway.mov, prompt: snow, model: kling-o3-video-edit")
        self.assertEqual(price["expected"]["units"], 6 * 81_000)

    def test_a_video_is_held_for_by_its_longest_track(self):
        self.film("loud.mp4", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "9.5", "-c:v", "copy", "-c:a", "aac")
        price = self.candidate("name: edit, mode: video-edit, video: loud.mp4, prompt: snow, quality: any, model: kling-o1-video-edit")
        self.assertEqual(price["expected"]["units"], 6 * 120_000)
        self.assertAlmostEqual(price["most"]["units"], 9.5 * 120_000, delta=0.1 * 120_000)

    def test_a_frame_count_that_makes_no_sense_is_none(self):
        video = bytearray((self.folder / "sway.mp4").read_bytes())
        at = video.index(b"stts") + 4
        self.assertEqual(video[at + 4:at + 8], b"\0\0\0\1")
        video[at + 8:at + 12] = b"\xff\xff\xff\xff"
        (self.folder / "sway.mp4").write_bytes(video)
        self.candidate("name: edit, mode: video-edit, video: sway.mp4, prompt: snow, model: kling-o3-video-edit")

    def test_what_is_not_told_is_booked_whole(self):
        gateway = self.gateway("--fast", "--storm", self.write("quiet.yaml", "version: 1\nstorm: quiet\ncreate: {no_price: 1}\ntasks: {hide_billing: 1}\n"))
        pictures = ", ".join(["hero.jpg"] * 5)
        self.run_program("run", self.campaign([
            f"name: refer, images: [{pictures}], prompt: all of them, quality: 480p, model: minimax-h3-max-reference-to-video",
            "name: edit, mode: video-edit, video: sway.mp4, prompt: snow, model: kling-o3-video-edit",
        ]), expect=None)
        billed = sum(line["charged_uc"] for line in gateway.bill()["lines"])
        # Five pictures, three of them paid for: the clip's seconds alone would come to 16.15 credits.
        self.assertEqual(billed, 5 * 32_300 + 3 * 47_804 + 6 * 81_000)
        self.assertGreaterEqual(self.spent_in_all_runs()["billed"], billed)

    def test_a_video_nobody_measured_is_booked_by_the_longest(self):
        gateway = self.gateway("--fast", "--storm", self.write("quiet.yaml", "version: 1\nstorm: quiet\ncreate: {no_price: 1}\ntasks: {hide_billing: 1}\n"))
        self.run_program("run", self.campaign([
            "name: edit, mode: video-edit, video: \"https://example.com/v.mp4\", duration: 3, prompt: snow, quality: any, model: kling-o1-video-edit"]), "--no-probe", expect=None)
        billed = sum(line["charged_uc"] for line in gateway.bill()["lines"])
        self.assertEqual(billed, 10 * 120_000)
        self.assertEqual(self.spent_in_all_runs()["billed"], billed)

    def test_a_video_that_changed_after_planning_is_not_sent(self):
        gateway = self.gateway("--fast")
        manifest = self.campaign(
            ["name: dance, mode: motion-control, images: [hero.jpg], video: sway.mp4, orientation: video"])
        self.run_program("plan", manifest, "--out", "plan.json")
        with open(self.folder / "sway.mp4", "ab") as video:
            video.write(b"\0\0\0\x08free")
        _, _, err = self.run_program("run", "plan.json", expect=USAGE)
        self.assertIn("is no longer what would be made", err)
        self.assertEqual(gateway.bill()["lines"], [])

    def test_a_video_that_is_none_is_told_at_its_line(self):
        self.write("sway.mp4", "no video")
        manifest = self.campaign(
            ["name: dance, mode: motion-control, images: [hero.jpg], video: sway.mp4, orientation: video"])
        _, _, err = self.run_program("validate", manifest, expect=USAGE)
        self.assertRegex(err, r"videos\.yaml:6:\d+: error: .*is not a whole video")

    def test_other_families_are_asked_only_where_they_are_named(self):
        gateway = self.gateway("--fast")
        tasks = ["name: sea, prompt: a calm sea, duration: 5"]
        self.run_program("run", self.campaign(tasks))
        self.run_program("run", self.campaign(tasks, 'fallback: {allow: ["kling-*", "seedance-1.5-*"]}\n'), "--fresh")
        self.run_program("run", self.campaign(["name: sea, prompt: a calm sea, duration: 6, model: wan2.7-text-to-video, sound: on"]))
        self.assertEqual([(line["model"], line["charged_uc"]) for line in sorted(gateway.bill()["lines"], key=lambda line: line["created_at"])],
                         [("kling-v3-text-to-video", 270_000), ("seedance-1.5-pro", 88_920), ("wan2.7-text-to-video", 326_400)])


if __name__ == "__main__":
    unittest.main()

"""Elements that a campaign makes itself: once, before the clips that show them, through the built binary."""
import json
import shutil
import unittest

from harness import DONE, FAILED, IN_DOUBT, OUTSTANDING, PATIENCE_S, SOURCE, CampaignTest, kill, until

MAKER = "kling-custom-element"
ELEMENT = 10  # 0.001 credits
CLIP = 3 * 54_000


class Elements(CampaignTest):
    def setUp(self):
        super().setUp()
        for name in ("kettle-square", "kettle", "sneaker-square", "sneaker"):
            shutil.copy(SOURCE / f"manifests/images/{name}.jpg", self.folder / f"{name}.jpg")
        shutil.copy(SOURCE / "manifests/videos/sway.mp4", self.folder / "sway.mp4")

    def campaign(self, *tasks, description="a red kettle"):
        lines = "".join(f"  - {{name: {name}, prompt: {prompt}, duration: 3, model: kling-o3-text-to-video, elements: {shows}}}\n"
                        for name, prompt, shows in tasks)
        return self.write("cast.yaml", f"""version: 1
campaign: cast
budget: {{cap: 900 credits}}
outputs: {{dir: out}}
elements:
  kettle: {{description: {description}, frontal: kettle-square.jpg, references: [kettle.jpg]}}
  sneaker: {{description: a shoe, frontal: sneaker-square.jpg, references: sneaker.jpg}}
  nobody: {{description: shown by no task, frontal: sneaker.jpg, references: [kettle.jpg]}}
tasks:
{lines}""")

    def bill(self, gateway):
        lines = gateway.bill()["lines"]
        made = [line["charged_uc"] for line in lines if line["model"] == MAKER]
        return made, [line["charged_uc"] for line in lines if line["model"] != MAKER]

    def test_each_is_made_once_and_known_from_then_on(self):
        gateway = self.gateway("--fast")
        steam, both = ("steam", "<<<element_1>>> steams", "[kettle]"), ("both", "both of them", "[sneaker, kettle]")
        manifest = self.campaign(steam, both)
        _, out, _ = self.run_program("plan", manifest)
        self.assertIn("2 clips and 2 elements that they show, 32.402 credits", out)
        _, _, err = self.run_program("run", manifest)
        self.assertIn("2 elements first, then 2 to make for 32.402 credits", err)
        self.assertIn("with    2 of 2 elements there", err)
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP] * 2))
        self.assertEqual(self.spent_in_all_runs()["billed"], 2 * ELEMENT + 2 * CLIP)
        report = self.report()
        self.assertEqual((report["totals"]["clips"], report["totals"]["made"], report["totals"]["elements"]["made"]), (2, 2, 2))
        self.assertEqual(report["totals"]["billed"]["units"], 2 * ELEMENT + 2 * CLIP)
        ids = {element["task"]: element["element"] for element in report["elements"]}
        self.assertEqual(set(ids), {"element kettle", "element sneaker"})
        clips = {clip["task"]: clip for clip in report["clips"]}
        self.assertEqual([element["id"] for element in clips["both"]["request"]["elements"]],
                         [ids["element sneaker"], ids["element kettle"]])
        # Uploaded by their content, each once.
        self.assertEqual(len(list((self.folder / "gateway/uploads").iterdir())), 4)
        _, out, _ = self.run_program("explain", "element kettle")
        self.assertIn(f"made: {ids['element kettle']}", out)
        self.assertIn("an element of 2 pictures: a red kettle", out)
        _, out, _ = self.run_program("audit")
        for name in ("report.html", "report.csv"):
            text = next((self.folder / "out").rglob(name)).read_text()
            self.assertIn("element kettle" if name.endswith("csv") else ids["element kettle"], text)

        # Nothing is left to do; another scene finds them made; what is made anew is the clips, not who they show.
        _, _, err = self.run_program("run", manifest)
        self.assertIn("nothing to buy", err)
        self.campaign(steam, both, ("boil", "<<<element_1>>> boils", "[kettle]"))
        _, out, _ = self.run_program("plan", manifest, "--json")
        self.assertEqual([task["known"] for task in json.loads(out)["tasks"]], ["made"] * 4 + ["new"])
        self.run_program("run", manifest)
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP] * 3))
        self.assertEqual(self.report()["totals"]["elements"]["reused"], 2)
        self.run_program("run", manifest, "--fresh")
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP] * 6))

        # Described otherwise, it is another: so are the clips that show it.
        self.campaign(steam, description="a blue kettle")
        self.run_program("run", manifest)
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 3, [CLIP] * 7))
        self.assertNotEqual(self.report()["elements"][0]["element"], ids["element kettle"])

    def test_a_doubt_about_one_is_settled_before_anything_shows_it(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        self.proxy(gateway, lost=[1])
        manifest = self.campaign(("steam", "<<<element_1>>> steams", "[kettle]"), ("free", "<<<element_1>>> runs", "[sneaker]"))
        self.run_program("run", manifest, expect=IN_DOUBT)
        report = self.report()
        (doubt,) = (element for element in report["elements"] if element["status"] == "in_doubt")
        shows_it, other = ("steam", "free") if doubt["task"] == "element kettle" else ("free", "steam")
        clips = {clip["task"]: clip for clip in report["clips"]}
        self.assertEqual((clips[shows_it]["status"], clips[other]["status"]), ("outstanding", "made"))
        self.assertIn("the " + doubt["task"] + " may have been made, which is in doubt: ", clips[shows_it]["why"])
        self.assertEqual(doubt["held"]["units"], 10_000)  # the highest price that a source names
        known = {attempt["task_id"] for line in report["clips"] + report["elements"] for attempt in line["attempts"]}
        (stranger,) = (line["id"] for line in gateway.bill()["lines"] if line["id"] not in known)
        # To run it again goes on with it, and neither guesses nor buys.
        self.run_program("run", manifest, expect=IN_DOUBT)
        self.assertEqual(len(gateway.bill()["lines"]), 3)
        # Another campaign that shows it leaves it to the first, too.
        shared = self.write("other.yaml", manifest.read_text().replace("campaign: cast", "campaign: other").replace(
            "prompt: <<<element_1>>>", "prompt: once more <<<element_1>>>"))
        _, _, err = self.run_program("run", shared, expect=OUTSTANDING)
        self.assertIn(f"waiting for run {report['run']}", err)
        self.assertIn(f"the {doubt['task']} is not made yet: waiting for run {report['run']}", self.report()["clips"][
            0 if shows_it == "steam" else 1]["why"])
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP] * 2))
        self.run_program("adopt", report["run"], doubt["attempts"][0]["id"], stranger, expect=OUTSTANDING)
        self.run_program("resume", report["run"])
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP] * 3))
        _, out, _ = self.run_program("report", report["run"], "--json")
        totals = json.loads(out)["totals"]
        self.assertEqual((totals["made"], totals["elements"]["made"]), (2, 2))
        self.assertEqual(totals["billed"]["units"], 2 * ELEMENT + 2 * CLIP)
        # Now it is made, and the other goes on with it.
        self.run_program("run", shared)
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP] * 4))
        self.assertEqual(self.report()["totals"]["elements"]["reused"], 2)

    def test_one_that_only_a_withdrawn_clip_would_have_shown_is_not_made(self):
        gateway = self.gateway("--fast", "--latency", "0.03")
        self.run_program("run", self.campaign(("steam", "<<<element_1>>> steams", "[kettle]")))
        first = self.report()["run"]
        # Made anew it shows two, and the process dies when the first of them is paid for.
        manifest = self.campaign(("steam", "<<<element_1>>> steams", "[kettle, sneaker]"), description="a blue kettle")
        process = self.start("run", manifest, "--fresh", "-j", "1")
        until(lambda: process.poll() is not None or len(self.bill(gateway)[0]) == 2, "the first of them at the gateway")
        _, err = kill(process)
        self.assertEqual([len(lines) for lines in self.bill(gateway)], [2, 1], err)
        # Meanwhile what was there before is good enough.
        self.run_program("review", first, "--accept", "steam")
        _, _, err = self.run_program("resume", expect=None)
        self.assertIn("1 clip withdrawn, which the review has accepted since", err)
        self.assertEqual(self.bill(gateway), ([ELEMENT] * 2, [CLIP]))
        self.assertEqual(sorted(element["status"] for element in self.report()["elements"]), ["made", "skipped"])

    def test_of_one_that_cannot_be_made_nothing_is_shown_and_nothing_spent(self):
        manifest = self.campaign(("steam", "<<<element_1>>> steams", "[kettle]"))
        storm = self.write("storm.yaml", "version: 1\nstorm: refusing\ncreate: {refuse_content: 1}\n")
        self.run_program("run", manifest, "--local", "--storm", storm, expect=FAILED)
        report = self.report()
        self.assertEqual(report["elements"][0]["status"], "failed")
        self.assertEqual((report["clips"][0]["status"], report["clips"][0]["attempts"]), ("failed", []))
        self.assertTrue(report["clips"][0]["why"].startswith("the element kettle was not made: "), report["clips"][0]["why"])

    def test_what_waited_for_anothers_element_is_not_bought_when_that_run_has_made_it(self):
        gateway = self.gateway("--fast", "--latency", "0.03")
        first = self.campaign(("steam", "<<<element_1>>> steams", "[kettle]"))
        second = self.write("other.yaml", first.read_text().replace("campaign: cast", "campaign: other").replace("dir: out", "dir: other"))
        process = self.start("run", first)
        gateway.wait_for_tasks(1, process)
        _, _, err = self.run_program("run", second, expect=None)
        self.assertIn("outstanding", err)
        _, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, DONE, err)
        self.run_program("resume", expect=None)
        self.run_program("run", second)
        self.assertEqual(self.bill(gateway), ([ELEMENT], [CLIP]))
        self.assertTrue((self.folder / "other/steam-1.mp4").is_file())

    def test_of_a_video_for_models_that_take_such(self):
        gateway = self.gateway("--fast")
        shutil.copy(self.folder / "sneaker.jpg", self.folder / "hero.jpg")
        manifest = self.write("moves.yaml", """version: 1
campaign: moves
budget: {cap: 900 credits}
outputs: {dir: out}
elements: {dancer: {description: a dancer, video: sway.mp4}}
tasks:
  - {name: dance, mode: motion-control, images: [hero.jpg], video: sway.mp4, orientation: video, elements: [dancer], prompt: <<<element_1>>>}
""")
        self.run_program("run", manifest)
        self.assertEqual(self.bill(gateway)[0], [ELEMENT])
        self.assertEqual(self.report()["clips"][0]["status"], "made")


if __name__ == "__main__":
    unittest.main()

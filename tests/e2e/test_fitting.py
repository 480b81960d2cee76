"""`--fit-budget`: what is made when the cap is too small, through the built binary."""
import json
import unittest

from harness import USAGE, CampaignTest, kill

BUDGET = 3

MANIFEST = """version: 1
campaign: fitting
budget: {cap: 100 credits%s, fit: {cover: country}}
matrix: {country: [de, fr], version: [a, b, c]}
defaults: {duration: 3, quality: [1080p, 720p]}
tasks:
  - {name: film, prompt: a film, priority: 5}
  - {name: "{{ country }}-{{ version }}", prompt: "a clip of {{ version }} in {{ country }}"}
outputs: {dir: out}
"""


class Fitting(CampaignTest):
    def fitting(self, more=""):
        return self.write("fitting.yaml", MANIFEST % more)

    def known(self, manifest, *words):
        _, out, _ = self.run_program("plan", manifest, "--fit-budget", "--json", *words)
        plan = json.loads(out)
        return plan, {task["task"]: (task["known"], task["candidates"][0]["quality"]) for task in plan["tasks"]}

    def test_what_fits_best_is_made_and_the_rest_is_told(self):
        gateway = self.gateway("--fast")
        plan, known = self.known(self.fitting())
        # 21.6108 at 1080p, 16.2 at 720p: the film, then four clips, of which the cap leaves none at 1080p.
        self.assertEqual(known["film"], ("new", "1080p"))
        made = {name: quality for name, (is_new, quality) in known.items() if is_new == "new"}
        self.assertEqual(len(made), 5)
        self.assertTrue({name[:2] for name in made} >= {"de", "fr"})
        self.assertEqual(sum(is_new == "over budget" for is_new, _ in known.values()), 2)
        taken = plan["fit"]["taken"]["units"]
        self.assertLessEqual(taken, 1_000_000)
        self.assertEqual([one["proven"] for one in plan["fit"]["priorities"]], [True, True])
        _, _, err = self.run_program("run", self.fitting(), "--fit-budget", expect=BUDGET)
        for name, quality in made.items():
            self.assertRegex(err, rf"made +{name} +3 s {quality}\b")
        self.assertEqual(sum(line["charged_uc"] for line in gateway.bill()["lines"]), taken)
        clips = {clip["task"]: clip for clip in self.report()["clips"]}
        for name, (is_new, quality) in known.items():
            with self.subTest(name):
                self.assertEqual(clips[name]["status"], "made" if is_new == "new" else "skipped")
                if is_new == "new":
                    self.assertEqual(clips[name]["quality"], quality)
                else:
                    self.assertIn("fitted to a budget", clips[name]["why"])
        # With the money raised, the rest is made, and nothing twice.
        (self.folder / "fitting.yaml").write_text((MANIFEST % "").replace("100 credits", "400 credits"))
        self.run_program("run", "fitting.yaml")
        self.assertEqual(len(gateway.bill()["lines"]), 7)

    def test_a_pinned_choice_is_carried_out_as_it_stands_or_not_at_all(self):
        gateway = self.gateway("--fast")
        self.run_program("plan", self.fitting(), "--fit-budget", "--out", "plan.json")
        text = (self.folder / "fitting.yaml").read_text()
        (self.folder / "fitting.yaml").write_text(text.replace("priority: 5}", "priority: 5}\n  - {name: more, prompt: more}"))
        _, _, err = self.run_program("run", "plan.json", expect=USAGE)
        self.assertIn("more: added", err)
        self.assertEqual(gateway.bill()["lines"], [])
        (self.folder / "fitting.yaml").write_text(text)
        self.run_program("run", "plan.json", expect=BUDGET)
        self.assertEqual(len(gateway.bill()["lines"]), 5)

    def test_what_the_day_has_left_is_what_it_is_fitted_to(self):
        gateway = self.gateway("--fast")
        manifest = self.fitting(", daily: 100 credits")
        self.run_program("run", manifest, "--fit-budget", "--budget", "40", expect=BUDGET)
        spent = sum(line["charged_uc"] for line in gateway.bill()["lines"])
        plan, _ = self.known(manifest)
        self.assertEqual(plan["fit"]["cap"]["units"], 1_000_000 - spent)
        _, _, err = self.run_program("run", manifest, "--fit-budget", expect=BUDGET)
        self.assertLessEqual(sum(line["charged_uc"] for line in gateway.bill()["lines"]), 1_000_000)
        self.assertNotIn("day's cap", err)

    def interrupt(self, manifest):
        """Kills a run when its first clip is there."""
        process = self.start("run", manifest, "--fit-budget", "-j", "1")
        while "made" not in process.stderr.readline():
            self.assertIsNone(process.poll())
        kill(process)

    def test_an_interrupted_run_goes_on_with_its_choice(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.fitting()
        self.interrupt(manifest)
        _, _, err = self.run_program("run", manifest, "--fit-budget", expect=BUDGET)
        self.assertIn("going on with run", err)
        self.assertEqual(len(gateway.bill()["lines"]), 5)

    def worth(self, a, b):
        text = """version: 1
campaign: worth
budget: {cap: 40 credits}
defaults: {duration: 3}
tasks:
"""
        for name, value in (("a", a), ("b", a), ("c", b), ("d", b)):
            text += f"  - {{name: {name}, prompt: clip {name}, value: {value}}}\n"
        return self.write("worth.yaml", text + "outputs: {dir: out}\n")

    def made(self):
        return sorted(name[0] for name in self.clips())

    def test_another_choice_is_not_gone_on_with(self):
        self.gateway("--fast", "--latency", "0.02")
        self.interrupt(self.worth(9, 1))
        _, _, err = self.run_program("run", self.worth(1, 9), "--fit-budget", expect=None)
        self.assertNotIn("going on with run", err)
        self.assertTrue({"c", "d"} <= set(self.made()), err)

    def test_a_pinned_choice_does_not_go_on_with_another(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        self.interrupt(self.worth(9, 1))
        self.run_program("plan", self.worth(1, 9), "--fit-budget", "--out", "plan.json")
        pinned = json.loads((self.folder / "plan.json").read_text())
        to_buy = {task["task"] for task in pinned["tasks"] if task["known"] == "new"}
        self.assertTrue({"c", "d"} <= to_buy)
        code, _, err = self.run_program("run", "plan.json", expect=None)
        self.assertNotIn("going on with run", err)
        if code == USAGE:  # what was brought home first moved the plan
            self.assertIn("is no longer what would be made", err)
        else:
            self.assertTrue({"c", "d"} <= set(self.made()), err)
        self.assertLessEqual(len(gateway.bill()["lines"]), 4)


if __name__ == "__main__":
    unittest.main()

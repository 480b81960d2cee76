"""Several manifests as one run: one scheduler, one cap over all, each campaign within its own."""
import json
import signal
import unittest

from harness import BUDGET, USAGE, CampaignTest


class JointRuns(CampaignTest):
    def campaign(self, name, count=2, cap=1000, extra=""):
        """`count` clips at 16.2 credits each."""
        numbers = ", ".join(str(n) for n in range(1, count + 1))
        return self.write(f"{name}.yaml", f"""version: 1
campaign: {name}
budget: {{cap: {cap} credits}}
matrix: {{n: [{numbers}]}}
tasks:
  - {{name: "clip-{{{{ n }}}}", prompt: "{name} number {{{{ n }}}}", duration: 3}}
{extra}""")

    def test_one_run_makes_all_and_each_where_it_would_go_alone(self):
        gateway = self.gateway("--fast")
        spring, autumn = self.campaign("spring"), self.campaign("autumn", 3)
        _, out, _ = self.run_program("plan", "spring.yaml", "autumn.yaml")
        self.assertIn("autumn/clip-3", out)
        self.assertIn("BY campaign", out)
        self.assertIn("5 clips, 81 credits", out)
        self.assertIn("within the cap of 2000 credits", out)
        _, _, err = self.run_program("run", "spring.yaml", "autumn.yaml")
        self.assertIn("each within its own cap: autumn 1000, spring 1000 credits", err)
        report = self.report()
        self.assertEqual(report["campaign"], "autumn + spring")
        self.assertEqual(report["totals"]["made"], 5)
        self.assertEqual(report["totals"]["billed"]["units"], gateway.bill()["totals"]["charged_uc"])
        made = {path.relative_to(self.folder).as_posix() for path in self.folder.glob("out/*/*.mp4")}
        self.assertEqual(made, {f"out/{name}/clip-{n}-1.mp4" for name, n in
                                (("spring", 1), ("spring", 2), ("autumn", 1), ("autumn", 2), ("autumn", 3))})
        _, out, _ = self.run_program("explain", "spring/clip-2")
        self.assertIn("made: spring/clip-2-1.mp4", out)
        # By itself each finds its clips made, and where it looks for them.
        _, _, err = self.run_program("run", spring)
        self.assertIn("2 already made and not bought again", err)
        _, _, err = self.run_program("run", autumn, spring)
        self.assertIn("5 already made and not bought again", err)
        self.assertEqual(len(gateway.bill()["lines"]), 5)

    def test_each_keeps_its_own_cap_and_the_budget_flag_bounds_all(self):
        gateway = self.gateway("--fast")
        self.campaign("poor", 4, cap=33)
        self.campaign("rich", 3)
        _, out, _ = self.run_program("plan", "poor.yaml", "rich.yaml")
        self.assertIn("the cap of 33 credits of poor will bind: 31.8 credits too little", out)
        self.run_program("run", "poor.yaml", "rich.yaml", expect=BUDGET)
        report = self.report()
        self.assertEqual(sorted(clip["task"].split("/")[0] for clip in report["clips"] if clip["status"] == "made"),
                         ["poor"] * 2 + ["rich"] * 3)
        self.assertIn("the cap of 33 for campaign poor", next(
            clip["why"] for clip in report["clips"] if clip["status"] == "skipped"))
        self.run_program("run", "poor.yaml", "rich.yaml", "--fresh", "--budget", "33", expect=BUDGET)
        self.assertEqual(len(gateway.bill()["lines"]), 7)

    def test_what_was_interrupted_goes_on_as_one_or_comes_home_for_one_of_them(self):
        gateway = self.gateway("--fast", "--latency", "0.01")
        self.campaign("spring", 2)
        self.campaign("autumn", 2)
        for end, words, told in ((signal.SIGINT, ("autumn.yaml", "spring.yaml"), "going on with run"),
                                 (signal.SIGKILL, ("spring.yaml",), "first bringing home what run")):
            with self.subTest(told):
                begun = len(gateway.bill()["lines"])
                process = self.start("run", "spring.yaml", "autumn.yaml", "-j", "1", "--fresh")
                gateway.wait_for_tasks(begun + 1, process)
                _, _, err = self.run_program("run", "autumn.yaml", expect=None)
                self.assertIn("another callsheet process is working on campaign 'autumn'", err)
                process.send_signal(end)
                process.communicate()
                _, _, err = self.run_program("run", *words, "--fresh")
                self.assertIn(told, err)
        lines = gateway.bill()["lines"]
        keys = [line["idempotency_key"] for line in lines]
        self.assertEqual(len(keys), len(set(keys)))

    def test_a_pinned_plan_is_of_all_of_them(self):
        self.gateway("--fast")
        self.campaign("spring")
        self.campaign("autumn")
        self.run_program("plan", "spring.yaml", "autumn.yaml", "--out", "plan.json")
        pinned = json.loads((self.folder / "plan.json").read_text())
        self.assertEqual(sorted(pinned["manifests"]), ["autumn.yaml", "spring.yaml"])
        self.campaign("autumn", cap=900)
        _, _, err = self.run_program("run", "plan.json", expect=USAGE)
        self.assertIn("budget.cap 2000 credits -> 1900 credits", err)
        self.campaign("autumn")
        self.run_program("run", "plan.json")
        self.assertEqual(self.report()["totals"]["made"], 4)

    def test_what_cannot_be_one_run_is_refused_before_anything_is_recorded(self):
        self.gateway("--fast")
        self.campaign("spring")
        self.campaign("autumn", extra='thresholds: ["failed_ratio < 0.1"]\n')
        _, _, err = self.run_program("run", "spring.yaml", "autumn.yaml", expect=USAGE)
        self.assertIn("`thresholds` holds for a run as a whole", err)
        self.assertRegex(err, r"spring\.yaml:1:1: error: .*autumn\.yaml:7:1")
        for flag in (("--sample", "1"), ("--fit-budget",)):
            _, _, err = self.run_program("run", "spring.yaml", "autumn.yaml", *flag, expect=USAGE)
            self.assertIn("give one manifest", err)
        _, _, err = self.run_program("run", "spring.yaml", "spring.yaml", expect=USAGE)
        self.assertIn("the manifest of `spring` is given twice", err)
        _, out, _ = self.run_program("history", "--json")
        self.assertEqual(json.loads(out)["runs"], [])

    def test_validate_looks_at_each_by_itself(self):
        self.campaign("spring")
        self.write("bad.yaml", "version: 1\n")
        _, out, err = self.run_program("validate", "spring.yaml", "bad.yaml", expect=USAGE)
        self.assertIn("spring.yaml: valid, 2 clips", err)
        self.assertIn("bad.yaml:1:1: error", err)
        _, out, _ = self.run_program("validate", "spring.yaml", self.campaign("autumn", 3), "--format", "json")
        self.assertEqual(json.loads(out), {"valid": True, "clips": 5, "errors": []})


if __name__ == "__main__":
    unittest.main()

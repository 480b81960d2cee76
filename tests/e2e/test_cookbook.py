"""Every example manifest is carried out as it stands, and its bill is what was planned."""
import json
import shutil
import unittest

from harness import SOURCE, CampaignTest

# More wishes than money, on purpose: what is left out is the point.
FITTED = {"fit"}
BUDGET_BOUND = 3


class Cookbook(CampaignTest):
    def test_every_example_is_made_within_its_cap(self):
        shutil.copytree(SOURCE / "manifests", self.folder / "manifests")
        gateway = self.gateway("--fast", "--rate", "100000")
        # The nightly one first: its cap of the day counts what the others spend, too.
        examples = sorted((path.stem for path in (self.folder / "manifests").glob("*.yaml")), key=lambda name: name != "nightly")
        self.assertGreaterEqual(len(examples), 9)
        billed = 0
        for name in examples:
            with self.subTest(name):
                manifest = f"manifests/{name}.yaml"
                words = ["--fit-budget"] if name in FITTED else []
                _, out, _ = self.run_program("plan", manifest, "--json", *words)
                plan = json.loads(out)
                self.assertLessEqual(plan["new_spend"]["units"], plan["cap"]["units"])
                # The examples keep to a rate that would take minutes here.
                text = (self.folder / manifest).read_text()
                (self.folder / manifest).write_text(text.replace("rate: 50/1m", "rate: 1000/1s").replace("rate: 20/1m", "rate: 1000/1s"))
                self.run_program("run", manifest, "--out", "out", *words, expect=BUDGET_BOUND if words else 0)
                lines = gateway.bill()["lines"]
                self.assertEqual(sum(line["charged_uc"] for line in lines) - billed, plan["new_spend"]["units"])
                billed = sum(line["charged_uc"] for line in lines)
                report = self.report()
                statuses = {clip["status"] for clip in report["clips"]}
                self.assertEqual(statuses, {"made", "skipped"} if words else {"made"})
                for clip in report["clips"]:
                    if clip["status"] == "made":
                        self.assertEqual(round(clip["file"]["length_ms"] / 1000), clip["request"]["duration_s"])


if __name__ == "__main__":
    unittest.main()

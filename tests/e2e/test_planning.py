"""Before money moves: starting a campaign, checking it, choosing models."""
import json
import unittest

from harness import SOURCE, USAGE, CampaignTest


class Planning(CampaignTest):
    def edit(self, manifest, old, new):
        text = manifest.read_text()
        self.assertIn(old, text)
        manifest.write_text(text.replace(old, new))

    def test_the_starter_is_a_sound_campaign_and_replaces_nothing(self):
        _, out, _ = self.run_program("init")
        self.assertEqual(out, "campaign.yaml\n")
        _, out, _ = self.run_program("plan", "campaign.yaml")
        self.assertIn("within the cap", out)
        before = (self.folder / "campaign.yaml").read_bytes()
        _, _, err = self.run_program("init", expect=USAGE)
        self.assertIn("there is a file 'campaign.yaml' already", err)
        self.assertEqual((self.folder / "campaign.yaml").read_bytes(), before)
        self.run_program("init", "nowhere/campaign.yaml", expect=USAGE)

    def test_the_schemas_are_those_of_the_sources(self):
        for words, name in (((), "campaign"), (("campaign",), "campaign"), (("report",), "report"), (("storm",), "storm")):
            _, out, _ = self.run_program("schema", *words)
            self.assertEqual(out, (SOURCE / "schemas" / f"{name}.schema.json").read_text())

    def test_mistakes_are_told_to_machines(self):
        manifest = self.manifest(1)
        self.edit(manifest, "duration: 3", "duration: 16")
        _, out, err = self.run_program("validate", "campaign.yaml", "--format", "json", expect=USAGE)
        self.assertEqual(err, "")
        told = json.loads(out)
        self.assertFalse(told["valid"])
        mistake, = told["errors"]
        self.assertEqual((mistake["file"], mistake["line"]), ("campaign.yaml", 9))
        self.assertEqual(mistake["source_line"][mistake["column"] - 1:][:mistake["width"]], "16")
        self.assertIn("use 3..15", mistake["mend"])
        _, out, err = self.run_program("validate", "campaign.yaml", "--format", "github", expect=USAGE)
        self.assertRegex(out, r"^::error file=campaign\.yaml,line=9,col=\d+,endColumn=\d+::duration 16 .*%0Amend: use 3..15")
        self.assertEqual(out.count("\n"), 1)
        self.assertIn("    duration: 16", err)

    def test_a_text_cannot_become_a_command_of_the_workflow(self):
        manifest = self.manifest(1, name="50%, a:b.yaml")
        self.edit(manifest, "campaign: e2e", 'campaign: "x\\n::warning::y"')
        _, out, _ = self.run_program("validate", manifest.name, "--format", "github", expect=USAGE)
        self.assertTrue(out.startswith("::error file=50%25%2C a%3Ab.yaml,line=2"), out)
        self.assertEqual(out.count("\n"), 1)

    def test_a_sound_manifest_is_sound_in_every_format(self):
        manifest = self.manifest(3)
        _, out, _ = self.run_program("validate", manifest, "--format", "json")
        self.assertEqual(json.loads(out), {"valid": True, "clips": 3, "errors": []})
        _, out, err = self.run_program("validate", manifest, "--format", "github")
        self.assertEqual(out, "")
        self.assertIn("valid, 3 clips", err)

    def test_models_are_found_by_what_they_can(self):
        _, out, _ = self.run_program("models", "--can", "image-to-video, 10s, 1080p, sound", "--json")
        found = json.loads(out)
        prices = [model["clip"]["units"] for model in found["models"]]
        self.assertEqual(prices, sorted(prices))
        self.assertEqual(found["models"][0]["model"], "kling-o3-image-to-video")
        self.assertEqual(prices[0], 900_180)  # 10 s at 9.0018
        self.assertEqual([one["model"] for one in found["left_out"]], ["kling-v3-turbo-image-to-video"])
        _, out, _ = self.run_program("models", "--can", "4k")
        self.assertIn("kling-v3-turbo-text-to-video does not make 4k", out)
        _, _, err = self.run_program("models", "--can", "10s,fly", expect=USAGE)
        self.assertIn("'fly' is nothing a model could do", err)
        _, out, _ = self.run_program("models", "--can", "16s", expect=USAGE)
        self.assertIn("none can do all of that", out)


if __name__ == "__main__":
    unittest.main()

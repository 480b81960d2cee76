"""Before money moves: starting, checking, pinning and comparing plans."""
import json
import re
import unittest

from harness import PRICE, SOURCE, USAGE, CampaignTest


class Planning(CampaignTest):
    def plan(self, manifest, name="plan.json"):
        self.run_program("plan", manifest, "--out", name)
        return self.folder / name

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
        for words, name in (((), "campaign"), (("campaign",), "campaign"), (("catalog",), "catalog"), (("report",), "report"), (("storm",), "storm")):
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

    def test_a_plan_too_long_for_memory_is_printed_whole(self):
        values = ", ".join(map(str, range(200)))
        manifest = self.write("long.yaml", f"""version: 1
campaign: long
budget: {{cap: 10000000 credits}}
matrix: {{a: [{values}], b: [{values}]}}
tasks:
  - {{name: "clip-{{{{ a }}}}-{{{{ b }}}}", prompt: "{{{{ a }}}} and {{{{ b }}}}", duration: 3}}
""")
        _, out, _ = self.run_program("plan", manifest)
        rows = [line.split()[0] for line in out.splitlines() if line.startswith("clip-")]
        self.assertTrue(rows == [f"clip-{a}-{b}" for a in range(200) for b in range(200)], "rows are missing, cut or out of order")
        self.assertGreater(len(out), 5 << 20)
        self.assertIn("40000 clips, 648000 credits", out)

    def test_models_are_found_by_what_they_can(self):
        _, out, _ = self.run_program("models", "--can", "image-to-video, 10s, 1080p, sound", "--json")
        found = json.loads(out)
        prices = [model["clip"]["units"] for model in found["models"]]
        self.assertEqual(prices, sorted(prices))
        self.assertEqual(found["models"][0]["model"], "kling-o3-image-to-video")
        self.assertEqual(prices[0], 900_180)  # 10 s at 9.0018
        self.assertEqual([one["model"] for one in found["left_out"]], ["kling-v3-turbo-image-to-video", "kling-o1-image-to-video"])
        _, out, _ = self.run_program("models", "--can", "4k")
        self.assertIn("kling-v3-turbo-text-to-video does not make 4k", out)
        _, _, err = self.run_program("models", "--can", "10s,fly", expect=USAGE)
        self.assertIn("'fly' is nothing a model could do", err)
        _, out, _ = self.run_program("models", "--can", "text-to-video,16s", expect=USAGE)
        self.assertIn("none can do all of that", out)

    def test_texts_share_variables_and_what_is_listed_of_the_environment(self):
        manifest = self.manifest(1)
        self.edit(manifest, 'prompt: "scene', 'prompt: "{{ vars.style }}, {{ env.SEASON | upper }}: scene')
        self.edit(manifest, "dir: out", 'dir: "out/{{ env.SEASON }}"')
        manifest.write_text(manifest.read_text() + 'vars: {style: soft light}\nenv: [SEASON]\n')
        _, _, err = self.run_program("plan", manifest, expect=USAGE)
        self.assertIn("the environment variable `SEASON` is not set", err)
        self.environment["SEASON"] = "spring"
        _, out, _ = self.run_program("plan", manifest, "--json")
        plan = json.loads(out)
        self.assertEqual(plan["tasks"][0]["request"]["prompt"], "soft light, SPRING: scene number 1")
        self.assertTrue(plan["terms"]["output_dir"].endswith("/out/spring"))

    def test_a_plan_is_added_up_by_model_and_axis(self):
        manifest = self.manifest(3)
        _, out, _ = self.run_program("plan", manifest, "--json")
        totals = json.loads(out)["totals"]
        self.assertEqual([(part["value"], part["clips"]) for part in totals["axes"]["n"]], [("1", 1), ("2", 1), ("3", 1)])
        model, = totals["model"]
        self.assertEqual((model["value"], model["clips"]), ("kling-v3-text-to-video", 3))
        self.assertEqual(model["new_spend"]["units"], 486_000)
        _, out, _ = self.run_program("plan", self.manifest(40))
        self.assertIn("and 28 more", out)

    def test_a_group_whose_own_cap_will_bind_is_named(self):
        manifest = self.write("markets.yaml", """version: 1
campaign: markets
budget: {cap: 100 credits, groups: {market: {us: 20 credits, de: 40 credits}}}
matrix: {market: [us, de, fr]}
tasks: [{name: "{{ market }}", prompt: "a kettle in {{ market }}", duration: 3, takes: 2}]
""")
        _, out, _ = self.run_program("plan", manifest)
        self.assertIn("within the cap of 100 credits", out)
        self.assertEqual(re.findall(r"the cap of .* will bind.*", out),
                         ["the cap of 20 credits of market us will bind: 12.4 credits too little"])

    def test_a_pinned_plan_holds_what_its_manifest_includes(self):
        manifest = self.manifest(2)
        shared = self.write("shared.yaml", "defaults: {quality: 720p}\nbudget: {per_task: 50 credits}\n")
        manifest.write_text(manifest.read_text() + "include: [shared.yaml]\n")
        self.run_program("plan", manifest, "--local", "--out", "plan.json")
        self.edit(shared, "720p", "1080p")
        self.edit(shared, "50 credits", "40 credits")
        _, _, err = self.run_program("run", "plan.json", "--local", expect=USAGE)
        self.assertIn("budget.per_task 50 credits -> 40 credits", err)
        self.assertIn("clip-1: quality 720p -> 1080p", err)
        shared.rename(self.folder / "moved.yaml")
        _, _, err = self.run_program("run", "plan.json", "--local", expect=USAGE)
        self.assertIn("there is no file", err)
        self.assertIn("include: [shared.yaml]", err)
        self.assertFalse((self.folder / "out").exists(), "something was made")

    def test_past_its_deadline_nothing_is_submitted_and_a_later_run_goes_on(self):
        manifest = self.manifest(3)
        self.edit(manifest, "    duration: 3", '    duration: 3\n    deadline: "{{ n }}h"')
        self.edit(manifest, "tasks:", "deadline: 2020-01-01T00:00:00Z\ntasks:")
        _, out, _ = self.run_program("plan", manifest, "--local", "--forecast", "--json")
        forecast = json.loads(out)["forecast"]
        self.assertEqual((forecast["deadline_binds"], forecast["clips"]["p95"]), (1.0, 0))
        _, out, _ = self.run_program("plan", manifest, "--local")
        self.assertIn("deadline 2020-01-01T00:00:00Z, which has passed: nothing would be submitted", out)
        _, _, err = self.run_program("run", manifest, "--local", expect=3)
        self.assertIn("past its deadline, 2020-01-01T00:00:00Z", err)
        report = json.loads((self.folder / "out/report.json").read_text())
        self.assertEqual((report["status"], report["totals"]["skipped"], report["totals"]["attempts"]), ("stopped_by_deadline", 3, 0))
        self.assertIn("with a later `deadline`", report["clips"][0]["mend"])
        self.edit(manifest, "deadline: 2020-01-01T00:00:00Z", "deadline: 1h")
        self.run_program("run", manifest, "--local")
        report = json.loads((self.folder / "out/report.json").read_text())
        self.assertEqual(report["totals"]["made"], 3)

    def test_a_run_can_be_of_the_tasks_with_a_tag(self):
        manifest = self.manifest(3)
        self.edit(manifest, "    duration: 3", '    duration: 3\n    tags: [teaser, "no{{ n }}"]')
        _, out, _ = self.run_program("plan", manifest, "--local", "--tag", "no1", "--tag", "no3", "--out", "plan.json", "--json")
        plan = json.loads(out)
        self.assertEqual([task["tags"] for task in plan["tasks"]], [["teaser", "no1"], ["teaser", "no3"]])
        self.assertEqual([part["value"] for part in plan["totals"]["tags"]], ["teaser", "no1", "no3"])
        _, _, err = self.run_program("run", "plan.json", "--local", "--tag", "no2", expect=USAGE)
        self.assertIn("a plan file is carried out whole", err)
        _, _, err = self.run_program("run", "plan.json", "--local")
        self.assertIn("2 clips chosen by --tag no1 --tag no3", err)
        report = json.loads((self.folder / "out/report.json").read_text())
        self.assertEqual([clip["tags"] for clip in report["clips"]], [["teaser", "no1"], ["teaser", "no3"]])
        # Tagged anew, the clips are those that are made: only the third is bought.
        self.edit(manifest, "[teaser, ", "[launch, ")
        _, _, err = self.run_program("run", manifest, "--local", "--tag", "launch", "--tag", "!never")
        self.assertIn("3 clips chosen by --tag launch --tag '!never', 2 already made and not bought again", err)
        _, _, err = self.run_program("run", manifest, "--local", "--tag", "lunch", expect=USAGE)
        self.assertIn("did you mean `launch`?", err)

    def test_a_sample_first_and_the_rest_without_it(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(8)
        _, _, err = self.run_program("run", manifest, "--sample", "3")
        self.assertIn("3 clips chosen by --sample 3", err)
        first = self.clips()
        self.assertEqual(len(first), 3)
        _, _, err = self.run_program("run", manifest, "--only", "clip-*", "--sample", "5")
        self.assertIn("5 clips chosen by --only 'clip-*' --sample 5, 3 already made and not bought again", err)
        self.assertEqual(len(self.clips()), 5)
        self.run_program("run", manifest)
        self.assertEqual(len(gateway.bill()["lines"]), 8)
        _, _, err = self.run_program("run", manifest, "--only", "klip-*", expect=USAGE)
        self.assertIn("no task's name matches `klip-*`", err)

    def test_a_pinned_plan_is_carried_out(self):
        gateway = self.gateway("--fast")
        plan = self.plan(self.manifest(5))
        self.run_program("run", plan)
        self.assertEqual(len(gateway.bill()["lines"]), 5)
        # Once more finds it carried out, which is no error.
        _, _, err = self.run_program("run", plan)
        self.assertIn("5 already made and not bought again\nnothing to buy", err)
        (self.folder / "out" / "clip-1.mp4").unlink()
        _, _, err = self.run_program("run", plan, expect=USAGE)
        self.assertIn("clip-1: was new, is file gone", err)
        self.assertEqual(len(gateway.bill()["lines"]), 5)

    def test_a_plan_file_is_not_taken_for_a_manifest(self):
        self.gateway("--fast")
        plan = self.plan(self.manifest(3))
        for words in (("plan", plan), ("validate", plan), ("rehearse", plan), ("plan", "campaign.yaml", plan)):
            _, out, err = self.run_program(*words, expect=USAGE)
            self.assertIn("plan.json' is a plan file, not a manifest", err)
            self.assertEqual((out, err.count("error:")), ("", 1))

    def test_a_plan_is_of_the_gateway_it_was_made_for(self):
        self.gateway("--fast")
        plan = self.plan(self.manifest(1))
        _, _, err = self.run_program("run", plan, "--local", expect=USAGE)
        self.assertIn("was made without --local, and this run is with it\n  mend: leave --local out", err)
        self.run_program("plan", "campaign.yaml", "--local", "--out", "local.json")
        _, _, err = self.run_program("run", "local.json", expect=USAGE)
        self.assertIn("'local.json' was made with --local, and this run is without\n  mend: `callsheet run local.json --local`", err)
        self.run_program("run", "local.json", "--local")

    def test_a_plan_of_a_part_says_so(self):
        _, out, _ = self.run_program("plan", self.manifest(8), "--sample", "3")
        self.assertIn("of all tasks, these are the ones chosen by --sample 3", out)
        _, out, _ = self.run_program("plan", "campaign.yaml")
        self.assertNotIn("of all tasks", out)

    def test_a_plan_that_moved_is_refused_and_what_moved_is_named(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(3)
        plan = self.plan(manifest)
        self.edit(manifest, "cap: 10000 credits", "cap: 20000 credits")
        self.edit(manifest, "scene number", "scene no")
        self.edit(manifest, "n: [1, 2, 3]", "n: [1, 2, 4]")
        _, _, err = self.run_program("run", plan, expect=USAGE)
        for moved in ("budget.cap 10000 credits -> 20000 credits", "clip-1: prompt scene number 1 -> scene no 1", "clip-3: gone", "clip-4: added"):
            self.assertIn(moved, err)
        self.run_program("run", plan, "--local", expect=USAGE)
        self.assertEqual(gateway.bill()["lines"], [])

    def test_everything_is_made_anew_where_it_is_asked_for(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(2)
        self.run_program("run", manifest)
        _, out, _ = self.run_program("plan", manifest, "--fresh", "--out", "plan.json")
        self.assertIn("new spend 32.4 credits", out)
        _, _, err = self.run_program("run", "plan.json")
        self.assertIn("2 to make for 32.4 credits", err)
        self.assertEqual(len(gateway.bill()["lines"]), 4)
        self.assertEqual(self.clips(), ["clip-1.mp4", "clip-1~2.mp4", "clip-2.mp4", "clip-2~2.mp4"])
        self.run_program("run", manifest, "--fresh")
        self.assertEqual(len(gateway.bill()["lines"]), 6)
        self.run_program("run", manifest)
        self.assertEqual(len(gateway.bill()["lines"]), 6)

    def test_a_run_that_is_not_fresh_does_not_go_on_with_one_that_is(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.manifest(40)
        self.run_program("run", manifest)
        self.interrupt_once_taken(gateway, 44, "run", manifest, "--fresh")
        bought = len(gateway.bill()["lines"])
        self.assertLess(bought, 80)
        self.run_program("run", manifest)
        self.assertEqual(len(gateway.bill()["lines"]), bought)
        self.assertEqual(len(self.clips()), bought, "what was paid for is there")

    def test_what_is_no_plan_is_told(self):
        deep = '{"format": "callsheet plan 1", "request": ' + "[" * 100_000
        for text in (deep, "", "{}", "[1]", '{"format": "callsheet plan 1"}', "no json"):
            _, _, err = self.run_program("run", self.write("plan.json", text), expect=USAGE)
            self.assertIn("is no plan that callsheet can read", err)
        good = self.plan(self.manifest(1)).read_text()
        for old, new in (('"units": 162000', '"units": 18446744073709551615'), ('"units": 162000', '"units": 1e300'),
                         ('"units": 162000', '"units": -1'), ('"take": 1,', '"take": 0,'), ('"terms": {', '"terms": [{}], "x": {')):
            self.assertIn(old, good)
            self.write("bad.json", good.replace(old, new))
            for words in (("run", "bad.json"), ("diff", "bad.json", "campaign.yaml")):
                _, _, err = self.run_program(*words, expect=USAGE)
                self.assertIn("is no plan that callsheet can read", err)
        (self.folder / "campaign.yaml").rename(self.folder / "moved.yaml")
        _, _, err = self.run_program("run", self.write("kept.json", good), expect=USAGE)
        self.assertIn("which is not there", err)
        _, _, err = self.run_program("run", "missing.json", expect=USAGE)
        self.assertIn("missing.json", err)

    def test_a_plan_does_not_replace_its_manifest(self):
        manifest = self.manifest(1)
        before = manifest.read_bytes()
        for name in ("campaign.yaml", "plan.pin"):
            _, _, err = self.run_program("plan", manifest, "--out", name, expect=USAGE)
            self.assertIn("is no name for the plan", err)
        self.assertEqual(manifest.read_bytes(), before)

    def test_an_interrupted_run_by_other_models_is_not_gone_on_with(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.manifest(40)
        self.edit(manifest, "    duration: 3", "    duration: 3\n    model: kling-v3-turbo-text-to-video")
        self.interrupt_once_taken(gateway, 4, "run", manifest)
        turbo = len(gateway.bill()["lines"])
        self.edit(manifest, "kling-v3-turbo-text-to-video", "kling-v3-text-to-video")
        plan = self.plan(manifest)
        self.run_program("run", plan)
        bill = gateway.bill()
        self.assertEqual(sum("turbo" in line["model"] for line in bill["lines"]), turbo)
        self.assertEqual(len(bill["lines"]), 40)

    def test_what_is_made_anew_is_not_paid_for_twice(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.manifest(20)
        self.run_program("run", manifest)
        self.kill_once_taken(gateway, 24, "run", manifest, "--fresh")
        before = len(gateway.bill()["lines"])
        open_ones = self.spent_in_all_runs()["held"] // PRICE
        self.assertGreater(open_ones, 0)
        other = self.manifest(20, name="other.yaml")
        self.edit(other, "campaign: e2e", "campaign: other")
        self.run_program("run", other, "--fresh", expect=None)
        # What the killed run may have paid for and not brought home is not bought by the other one.
        self.assertEqual(len(gateway.bill()["lines"]), before + 20 - open_ones)

    def test_two_plans_are_compared(self):
        old = self.manifest(3)
        plan = self.plan(old)
        new = self.manifest(4, name="new.yaml")
        self.edit(new, "duration: 3", "duration: 5")
        _, out, _ = self.run_program("diff", old, old)
        self.assertEqual(out.splitlines()[0], "3 the same")
        _, out, _ = self.run_program("diff", plan, new)
        self.assertRegex(out, r"(?m)^\+ clip-4 +27 ")
        self.assertRegex(out, r"(?m)^~ clip-1 +16\.2 -> 27 +made anew: duration_s 3 -> 5$")
        self.assertIn("48.6 -> 108 credits for all clips: +59.4", out)
        self.assertIn("4 to buy once the old plan is made, for 108 credits", out)
        _, out, _ = self.run_program("diff", plan, new, "--format", "json")
        difference = json.loads(out)
        self.assertEqual([one["task"] for one in difference["added"]], ["clip-4"])
        self.assertEqual(len(difference["changed"]), 3)
        self.assertEqual(difference["new_spend"]["units"], 1_080_000)

    def test_a_comparison_for_a_pull_request_holds_no_markup_of_its_texts(self):
        old = self.manifest(1)
        new = self.manifest(1, name="new.yaml")
        self.edit(new, 'prompt: "scene', 'prompt: "<img src=x> | [a](b) *c* @octocat')
        _, out, _ = self.run_program("diff", old, new, "--format", "markdown")
        self.assertTrue(out.startswith("<!-- callsheet diff e2e -->"), out)
        row, = [line for line in out.splitlines() if line.startswith("| changed")]
        self.assertIn("&#60;img src=x&#62; &#124; &#91;a&#93;(b) &#42;c&#42; &#64;\u2060octocat", row)

    def test_a_clip_that_is_made_is_not_in_the_new_spend(self):
        self.gateway("--fast")
        self.run_program("run", self.manifest(2))
        new = self.manifest(3, name="new.yaml")
        _, out, _ = self.run_program("diff", self.manifest(1, name="one.yaml"), new, "--format", "json")
        self.assertEqual(json.loads(out)["to_buy"], 1)
        self.assertEqual(len(json.loads(out)["added"]), 2)


if __name__ == "__main__":
    unittest.main()

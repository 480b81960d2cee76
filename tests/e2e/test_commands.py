"""What people type and get told: exit codes, streams, errors that help."""
import html
import json
import shutil
import unittest

from harness import BUDGET, NOTHING, PRICE, SOURCE, USAGE, CampaignTest, kill


class Commands(CampaignTest):
    def test_every_command_has_help(self):
        for command in ("init", "validate", "plan", "diff", "preview", "rehearse", "run", "resume", "status", "history", "report", "models", "schema",
                        "gateway"):
            _, out, err = self.run_program(command, "--help")
            self.assertIn(command, out)
            self.assertEqual(err, "")

    def test_unknown_words_are_a_usage_error(self):
        _, _, err = self.run_program("fly", expect=USAGE)
        self.assertIn("there is no command `fly`", err)
        _, _, err = self.run_program("--ledger", "x.db", "hystory", expect=USAGE)
        self.assertIn("did you mean `history`?", err)

    def test_a_wrong_flag_or_value_is_told_with_what_is_right(self):
        for line, told, mend in (
                ("run", "`callsheet run` needs MANIFEST", "as in `callsheet run MANIFEST`"),
                ("run x.yaml --nonsense", "`callsheet run` has no flag --nonsense", "see `callsheet run --help`"),
                ("run x.yaml --jnit a.xml", "`callsheet run` has no flag --jnit", "did you mean `--junit`?"),
                ("retake x.yaml --dry-run=1 y.yaml", "`callsheet retake` has no use for 'y.yaml'", "see `callsheet retake --help`"),
                ("run x.yaml -j 0", "--in-flight: '0' is not a whole number from 1 to 10000", "give it a whole number"),
                ("run x.yaml --in-flight many", "--in-flight: 'many' is not a whole number", "give it a whole number from 1 to 10000"),
                ("plan x.yaml --sample", "--sample needs a value", "give it a whole number from 1 to 1000000"),
                ("gateway --fail 2", "--fail: '2' is not a number from 0 to 1", "give it a number from 0 to 1"),
                ("dispute --format markdwn", "--format: 'markdwn' is not one of", "did you mean `markdown`?"),
                ("run x.yaml --storm s.yaml", "--storm is of no use without --local", "add --local, or leave --storm out"),
                ("status --json --watch", "--json and --watch do not go together", "leave one of them out"),
                ("", "a command is missing", "see `callsheet --help`")):
            with self.subTest(line):
                _, out, err = self.run_program(*line.split(), expect=USAGE)
                self.assertEqual(out, "")
                self.assertTrue(err.startswith(f"error: {told}"), err)
                self.assertIn(f"\n  mend: {mend}", err)

    def test_a_mistake_is_shown_where_it_was_made(self):
        manifest = self.manifest(1)
        manifest.write_text(manifest.read_text().replace("duration: 3", "duration: 16"))
        for command in ("validate", "plan", "run"):
            _, out, err = self.run_program(command, "campaign.yaml", expect=USAGE)
            self.assertEqual(out, "")
            self.assertRegex(err, r"campaign\.yaml:9:\d+: error: duration 16 is outside what kling-v3-text-to-video")
            self.assertIn("    duration: 16", err)
            self.assertIn("mend: use 3..15", err)

    def test_a_missing_manifest_is_told(self):
        _, _, err = self.run_program("run", "nowhere.yaml", expect=USAGE)
        self.assertIn("nowhere.yaml", err)

    def test_without_a_key_it_says_how_to_get_on(self):
        _, _, err = self.run_program("run", self.manifest(1), expect=USAGE)
        self.assertIn("EVOLINK_API_KEY", err)
        self.assertIn("--local", err)

    def test_a_wrong_key_is_told_before_anything_is_recorded(self):
        self.gateway("--fast", "--key", "the-right-one")
        _, _, err = self.run_program("run", self.manifest(2), expect=USAGE)
        self.assertIn("refused the key", err)
        self.assertNotIn("e2e-secret-key", err)
        _, out, _ = self.run_program("history", "--json")
        self.assertEqual(json.loads(out)["runs"], [])

    def test_a_gateway_that_is_not_there_is_told(self):
        self.environment.update(EVOLINK_BASE_URL="http://127.0.0.1:1", EVOLINK_API_KEY="k")
        _, _, err = self.run_program("run", self.manifest(2), expect=USAGE)
        self.assertIn("127.0.0.1", err)
        self.assertIn("EVOLINK_BASE_URL", err)

    def test_the_key_never_travels_in_clear_text(self):
        self.environment.update(EVOLINK_BASE_URL="http://gateway.example", EVOLINK_API_KEY="k")
        _, _, err = self.run_program("run", self.manifest(1), expect=USAGE)
        self.assertIn("plain http", err)

    def test_read_commands_speak_json_on_stdout(self):
        self.gateway("--fast")
        manifest = self.manifest(2)
        _, out, _ = self.run_program("plan", manifest, "--json")
        plan = json.loads(out)
        self.assertEqual(plan["new_spend"], {"credits": "32.4", "units": 324_000})
        self.assertEqual([c["model"] for c in plan["tasks"][0]["candidates"]],
                         ["kling-v3-text-to-video", "kling-o3-text-to-video", "kling-v3-turbo-text-to-video"])
        _, out, _ = self.run_program("run", manifest)
        self.assertEqual(len(out.splitlines()), 1, "stdout holds the path of the report and nothing else")
        for command in (("status",), ("history",), ("report",), ("models",)):
            _, out, _ = self.run_program(*command, "--json")
            json.loads(out)
        _, out, _ = self.run_program("plan", manifest, "--json")
        self.assertEqual(json.loads(out)["new_spend"]["units"], 0)

    def test_a_forecast_says_what_it_rests_on_and_is_the_same_each_time(self):
        manifest = self.manifest(10, cap=100)
        _, text, _ = self.run_program("plan", manifest, "--forecast")
        self.assertRegex(text, r"forecast, from 100 simulated runs of the 10 clips to make\n"
                               r"  finish   P50 \d+ min \d\d s, P95 \d+ min \d\d s \(about .*\d\d:\d\d\)\n"
                               r"  cost     P50 97\.2 credits \(~\$1\.43\), P95 97\.2 ")
        self.assertIn("cap      100 credits: binds in 100 % of the runs", text)
        self.assertIn("clips    P50 6, P95 6 of 10 made", text)
        self.assertIn("assumed  150 to 450 s a clip", text)
        self.assertNotIn("  seen ", text)
        forecasts = []
        for _ in range(2):
            _, out, _ = self.run_program("plan", manifest, "--forecast", "--trials", "30", "--json")
            forecasts.append(json.loads(out)["forecast"])
            for moving in ("p50_at", "p95_at"):
                self.assertRegex(forecasts[-1]["finish"].pop(moving), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(forecasts[0], forecasts[1])
        forecast = forecasts[0]
        self.assertEqual(sorted(forecast), ["assumed", "cap", "cap_binds", "clips", "clips_to_make", "cost", "deadline_binds", "finish",
                                            "seen", "some_doubt", "trials"])
        self.assertEqual((forecast["trials"], forecast["clips_to_make"], forecast["cap_binds"]), (30, 10, 1.0))
        self.assertLess(300, forecast["finish"]["p50_s"])
        self.assertFalse((self.folder / ".callsheet").exists(), "a forecast writes nothing")
        self.run_program("plan", manifest, "--trials", "3", expect=USAGE)

    def test_a_forecast_learns_from_what_the_ledger_has_seen(self):
        self.gateway("--fast", "--latency", "0.01", "--fail", "0.5")
        self.run_program("run", self.manifest(12), expect=None)
        more = self.manifest(12, name="more.yaml")
        more.write_text(more.read_text().replace("scene", "view"))
        _, out, _ = self.run_program("plan", more, "--forecast", "--json")
        forecast = json.loads(out)["forecast"]
        self.assertEqual(forecast["clips_to_make"], 12)
        self.assertIn("how long such clips took: 12 of 12 clips", forecast["seen"])
        self.assertRegex(" ".join(forecast["seen"]), r"kling-v3-text-to-video: \d+ attempts since \d{4}-\d\d-\d\d")
        self.assertLess(forecast["finish"]["p50_s"], 60)
        self.assertNotIn("a clip, where this ledger has seen none", " ".join(forecast["assumed"]))

    def test_nothing_to_make_is_nothing_to_forecast(self):
        self.gateway("--fast")
        manifest = self.manifest(1)
        self.run_program("run", manifest)
        _, out, _ = self.run_program("plan", manifest, "--forecast")
        self.assertIn("nothing to forecast", out)
        _, out, _ = self.run_program("plan", manifest, "--forecast", "--json")
        self.assertIsNone(json.loads(out)["forecast"])

    def test_models_shows_the_rates_of_the_price_list(self):
        _, out, _ = self.run_program("models", "--mode", "image-to-video", "--json")
        model = next(m for m in json.loads(out)["models"] if m["model"] == "kling-v3-image-to-video")
        rates = {(r["quality"], r["sound"]): r["per_second"]["credits"] for r in model["rates"]}
        self.assertEqual(rates, {("720p", "off"): "5.4", ("720p", "on"): "8.1", ("1080p", "off"): "7.2036",
                                 ("1080p", "on"): "10.8", ("4k", "off"): "27", ("4k", "on"): "27"})
        _, out, _ = self.run_program("models", "--prices", "evolink product page")
        self.assertIn("7.1982", out)

    def test_a_log_tells_the_story_of_each_task(self):
        self.gateway("--fast")
        self.run_program("run", self.manifest(2), "--log", "run.log")
        log = (self.folder / "run.log").read_text()
        for word in ("submit task=clip-1", "hold=16.2", "running task=clip-2", "id=task-unified-", "made task=clip-1"):
            self.assertIn(word, log)
        self.assertNotIn("e2e-secret-key", log)

    def test_history_shows_the_twenty_latest(self):
        self.gateway("--fast")
        manifest = self.manifest(1)
        for _ in range(22):
            self.run_program("run", manifest)
        _, out, _ = self.run_program("history", "--json")
        runs = json.loads(out)["runs"]
        self.assertEqual(len(runs), 20)
        self.assertEqual(sorted(runs, key=lambda run: run["started"], reverse=True), runs)

    def test_what_to_do_next_names_the_ledger_where_it_would_not_be_found(self):
        self.gateway("--fast")
        ledger = self.folder / "my books" / "money.db"
        manifest = self.manifest(2, cap=20)
        _, _, err = self.run_program("--ledger", ledger, "run", manifest, expect=BUDGET)
        self.assertIn(f"  callsheet --ledger '{ledger}' run MANIFEST  buy the skipped clips", err)
        page = html.unescape((self.folder / "out/report.html").read_text())
        self.assertIn(f"callsheet --ledger '{ledger}' run MANIFEST", page)
        _, _, err = self.run_program("run", manifest, "--out", "found", expect=BUDGET)
        self.assertIn("\n  callsheet run MANIFEST  buy the skipped clips", err)

    def test_nothing_to_run_has_its_own_exit_code(self):
        head = "version: 1\ncampaign: empty\nbudget: {cap: 10 credits}\n"
        tasks = 'tasks: [{name: "clip-{{ row.n }}", prompt: "scene {{ row.n }}"}]\n'
        self.write("rows.csv", "n\n")
        self.write("no-rows.yaml", head + 'data: {row: {csv: rows.csv}}\nmatrix: {row: "{{ data.row }}"}\n' + tasks)
        self.write("none-left.yaml", head + "matrix: {row: [{n: 1}, {n: 2}], exclude: [{row.n: 1}, {row.n: 2}]}\n" + tasks)
        for manifest, told in (("no-rows.yaml", "has no rows"), ("none-left.yaml", "leaves no combination")):
            for command in ("validate", "plan", "run"):
                _, _, err = self.run_program(command, manifest, expect=NOTHING)
                self.assertIn(told, err)

    def test_a_file_that_is_no_ledger_stops_before_money_moves(self):
        gateway = self.gateway("--fast")
        self.write(".callsheet/ledger.db", "this is no database, but it is long enough to be read as one" * 20)
        _, _, err = self.run_program("run", self.manifest(2), expect=USAGE)
        self.assertIn("is not a ledger", err)
        self.assertEqual(gateway.bill()["lines"], [])


class Pictures(CampaignTest):
    def picture_manifest(self):
        return self.write("picture.yaml", """version: 1
campaign: pictures
budget: {cap: 100 credits}
tasks:
  - name: turn
    prompt: slow push in
    image_start: frame.jpg
    duration: 3
  - name: again
    prompt: pan left
    image_start: frame.jpg
    duration: 3
outputs: {dir: out}
""")

    def test_a_picture_is_uploaded_once_and_used_by_all(self):
        gateway = self.gateway("--fast")
        shutil.copy(SOURCE / "manifests/images/sneaker.jpg", self.folder / "frame.jpg")
        self.run_program("run", self.picture_manifest())
        self.assertEqual(len(gateway.bill()["lines"]), 2)
        self.assertEqual(len(list((self.folder / "gateway/uploads").iterdir())), 1)

    def test_a_picture_that_is_none_is_told_at_its_line(self):
        self.write("frame.jpg", "not a picture")
        _, _, err = self.run_program("validate", self.picture_manifest(), expect=USAGE)
        self.assertIn("picture.yaml:7:", err)
        self.assertIn("JPEG", err)


class Embedded(CampaignTest):
    def test_local_runs_need_no_key_and_survive_being_killed(self):
        manifest = self.manifest(2)
        process = self.start("run", manifest, "--local")
        process.stderr.readline()  # "e2e: 2 clips": it is about to begin
        kill(process)
        self.run_program("run", manifest, "--local")
        self.assertEqual(len(self.clips()), 2)
        spent = self.spent_in_all_runs()
        self.assertEqual(spent, {"billed": 2 * PRICE, "held": 0, "refund_expected": 0})


if __name__ == "__main__":
    unittest.main()

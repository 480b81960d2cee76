"""What a build server gets of a run: JUnit, Markdown, annotations, events, metrics."""
import collections
import fcntl
import json
import os
import pathlib
import re
import select
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from harness import BUDGET, DONE, FAILED, PATIENCE_S, PROGRAM, SOURCE, USAGE, CampaignTest


class Reports(CampaignTest):
    def test_junit_and_markdown_tell_what_the_report_tells(self):
        self.gateway("--fast")
        manifest = self.manifest(4, cap=40)
        self.run_program("run", manifest, "--junit", "junit.xml", "--markdown", "run.md", expect=BUDGET)
        totals = self.report()["totals"]
        self.assertEqual((totals["made"], totals["skipped"]), (2, 2))
        suite = xml.etree.ElementTree.parse(self.folder / "junit.xml").getroot().find("testsuite")
        self.assertEqual([suite.get(name) for name in ("tests", "failures", "errors", "skipped")], ["4", "0", "0", "2"])
        self.assertEqual(len(suite.findall("testcase")), 4)
        self.assertEqual(len(suite.findall("testcase/skipped")), 2)
        properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
        self.assertEqual((properties["billed_credits"], properties["cap_credits"]), ("32.4", "40"))
        markdown = (self.folder / "run.md").read_text()
        self.assertIn("**2 of 4 clips are there**, 2 skipped", markdown)
        self.assertIn("| billed | 32.4 |", markdown)
        for kind, name in (("junit", "junit.xml"), ("markdown", "run.md")):
            _, out, _ = self.run_program("report", "--format", kind)
            self.assertEqual(out, (self.folder / name).read_text())
        _, out, _ = self.run_program("report", "--format", "csv")
        self.assertEqual(out.encode(), (self.folder / "out/report.csv").read_bytes().replace(b"\r\n", b"\n"))
        self.run_program("report", "--format", "pdf", expect=USAGE)

    def test_a_place_that_cannot_be_written_is_told_before_money_moves(self):
        gateway = self.gateway("--fast")
        for flag in ("--junit", "--markdown", "--metrics"):
            _, _, err = self.run_program("run", self.manifest(2), flag, "nowhere/file", expect=USAGE)
            self.assertIn("cannot write 'nowhere/file': No such file or directory", err)
        self.assertEqual(gateway.bill()["lines"], [])

    def test_a_copy_that_cannot_be_written_hides_nothing(self):
        self.gateway("--fast")
        for count, cap, code in ((2, 100, 1), (4, 40, BUDGET)):
            shutil.rmtree(self.folder / ".callsheet", ignore_errors=True)
            shutil.rmtree(self.folder / "out", ignore_errors=True)
            os.mkfifo(self.folder / "events")
            reader = os.open(self.folder / "events", os.O_RDONLY | os.O_NONBLOCK)
            (self.folder / "reports").mkdir()
            process = self.start("run", self.manifest(count, cap=cap), "--junit", "reports/junit.xml", "--markdown",
                                 "run.md", "--events", "events")
            self.assertTrue(select.select([reader], [], [], 30)[0])
            (self.folder / "reports").rmdir()
            out, err = process.communicate(timeout=30)
            self.assertEqual(process.returncode, code, err)
            self.assertIn("warning: no junit report: cannot write", err)
            self.assertIn("callsheet report --format junit", err)
            self.assertTrue(out.endswith("report.html\n"), out)
            self.assertIn("2 of" if count == 4 else "2 clips", (self.folder / "run.md").read_text())
            os.close(reader)
            (self.folder / "events").unlink()

    def test_only_regular_files_are_replaced_and_links_are_followed(self):
        gateway = self.gateway("--fast")
        manifest = self.manifest(1)
        os.mkfifo(self.folder / "pipe")
        (self.folder / "to-pipe").symlink_to("pipe")
        for place in ("pipe", "to-pipe"):  # no device: a program that fails here would replace it
            _, _, err = self.run_program("run", manifest, "--junit", place, expect=USAGE)
            self.assertIn(f"cannot write '{place}': it is not a regular file", err)
        self.assertEqual(gateway.bill()["lines"], [])
        self.write("real/junit.xml", "old")
        foreign = self.write("real/junit.xml.part", "not ours")
        (self.folder / "link.xml").symlink_to("real/junit.xml")
        self.run_program("run", manifest, "--junit", "link.xml")
        self.assertTrue((self.folder / "link.xml").is_symlink())
        self.assertIn("<testsuite", (self.folder / "real/junit.xml").read_text())
        self.assertEqual(foreign.read_text(), "not ours")

    def test_what_stdout_does_not_take_is_an_error(self):
        self.run_program("run", self.manifest(1), "--local")
        with open("/dev/full", "w") as full:
            for kind in ("json", "csv", "junit", "markdown"):
                done = subprocess.run([PROGRAM, "report", "--format", kind], cwd=self.folder, env=self.environment,
                                      stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("cannot write to stdout: No space left on device", done.stderr)

    def test_what_cannot_be_opened_leaves_no_run_behind(self):
        manifest = self.manifest(1)
        self.write("file", "")
        for flags, why in ((("--log", "file/log"), "cannot write the log 'file/log': Not a directory"),
                           (("--events", "file/log"), "cannot write the events 'file/log': Not a directory"),
                           (("--log", "a", "--events", "./a"), "--log and --events are the same file './a'"),
                           (("--junit", "a", "--metrics", "out/../a"), "--metrics and --junit are the same file 'a'")):
            _, _, err = self.run_program("run", manifest, "--local", *flags, expect=USAGE)
            self.assertIn(why, err)
        self.assertFalse((self.folder / ".callsheet").exists())

    def test_what_is_found_made_is_reported_too(self):
        self.gateway("--fast")
        manifest = self.manifest(1)
        self.run_program("run", manifest)
        self.run_program("run", manifest, "--junit", "junit.xml", expect=DONE)
        self.assertIn("made by run", (self.folder / "junit.xml").read_text())


class GitHub(CampaignTest):
    def setUp(self):
        super().setUp()
        self.environment.update(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(self.write("summary.md", "before\n")),
                                GITHUB_WORKSPACE=str(self.folder.resolve()))

    def annotations(self, err):
        return [line for line in err.splitlines() if line.startswith("::error")]

    def test_a_failed_clip_is_shown_at_its_task_and_the_run_in_the_summary(self):
        storm = self.write("refusing.yaml", "version: 1\nstorm: refusing\ncreate: {refuse_content: 1}\n")
        manifest = self.manifest(12, name="ads, 50%/campaign.yaml")
        _, out, err = self.run_program("run", manifest, "--local", "--storm", storm, expect=FAILED)
        self.assertEqual(len(out.splitlines()), 1)
        annotations = self.annotations(err)
        self.assertEqual(len(annotations), 10, "a step shows no more")
        self.assertRegex(annotations[0],
                         r"^::error file=ads%2C 50%25/campaign\.yaml,line=7,col=\d+,endColumn=\d+::clip-1 · take 1: failed: .*%0Amend: ")
        summary = (self.folder / "summary.md").read_text()
        self.assertTrue(summary.startswith("before\n<!-- callsheet run -->\n### callsheet: e2e"), summary)
        self.assertIn("12 failed", summary)

    def test_foreign_text_commands_nothing(self):
        manifest = self.manifest(1)
        manifest.write_text(manifest.read_text().replace("dir: out", 'dir: "out/##[error]x"'))
        _, out, err = self.run_program("run", manifest, "--local")
        self.assertIn("##\u2060[error]x/report.html", out)
        self.assertNotIn("##[", out + err)

    def test_a_mistake_is_shown_at_its_line(self):
        manifest = self.manifest(1)
        manifest.write_text(manifest.read_text().replace("duration: 3", "duration: 16"))
        for command in ("plan", "run"):
            _, _, err = self.run_program(command, "campaign.yaml", expect=USAGE)
            annotation, = self.annotations(err)
            self.assertRegex(annotation, r"^::error file=campaign\.yaml,line=9,col=\d+,endColumn=\d+::duration 16 ")

    def test_a_summary_that_cannot_be_written_costs_nothing_but_a_warning(self):
        self.environment["GITHUB_STEP_SUMMARY"] = str(self.folder / "nowhere/summary.md")
        _, _, err = self.run_program("run", self.manifest(1), "--local")
        self.assertIn("the step's summary", err)
        self.assertEqual(self.annotations(err), [])


class Streams(CampaignTest):
    def metrics(self, name="run.prom"):
        """What a reader of the text format makes of it: {(name, labels): value}, and each name's type."""
        values, types = {}, {}
        text = (self.folder / name).read_text()
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, metric, kind = line.split(" ")
                self.assertNotIn(metric, types, "one block a metric")
                types[metric] = kind
                continue
            if line.startswith("# HELP "):
                continue
            sample = re.fullmatch(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\} (\d+(?:\.\d+)?)', line)
            self.assertIsNotNone(sample, line)
            self.assertIn(sample[1], types, "the type stands before the samples")
            labels = dict(re.findall(r'([a-z_]+)="((?:[^"\\\n]|\\.)*)"', sample[2]))
            self.assertEqual(labels.pop("campaign"), "e2e")
            self.assertTrue(labels.pop("run"))
            key = (sample[1], *sorted(labels.values()))
            self.assertNotIn(key, values)
            values[key] = float(sample[3])
        return values, types

    def test_events_tell_the_run_line_by_line_on_stdout_alone(self):
        self.gateway("--fast")
        _, out, err = self.run_program("run", self.manifest(4, cap=40), "--events", "-", expect=BUDGET)
        self.assertIn("report.html", err)
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual({event["version"] for event in events}, {1})
        self.assertEqual(len({event["run"] for event in events}), 1)
        kinds = collections.Counter(event["event"] for event in events)
        self.assertEqual((kinds["submitting"], kinds["running"], kinds["end"]), (2, 2, 1))
        self.assertEqual(events[-1]["event"], "end")
        money = [event for event in events if event["event"] == "money"]
        for one in money:
            self.assertLessEqual(one["held"]["units"] + one["billed"]["units"], 400_000)
        self.assertEqual(money[-1]["billed"], {"credits": "32.4", "units": 324_000})
        self.assertEqual(sum(event["event"] == "finished" and event["outcome"] == "made" for event in events), 2)
        self.assertNotIn("e2e-secret-key", out)
        self.assertNotIn("scene number", out)

    def test_a_reader_of_events_who_stands_still_costs_the_run_nothing(self):
        self.gateway("--fast")
        os.mkfifo(self.folder / "events")
        manifest = self.manifest(30)
        gone = self.run_program("run", manifest, "--events", "events", expect=USAGE)[2]
        self.assertIn("cannot write the events 'events': nobody reads this pipe", gone)
        self.assertFalse((self.folder / ".callsheet").exists(), "nothing is recorded before")
        reader = os.open(self.folder / "events", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
        _, out, err = self.run_program("run", manifest, "--events", "events")
        self.assertIn("warning: no more is written of the events: its reader does not take it", err)
        self.assertEqual((len(self.clips()), len(out.splitlines())), (30, 1))
        text = os.read(reader, 1 << 20).decode()
        self.assertTrue(text.endswith("\n"), "whole lines only")
        self.assertEqual(json.loads(text.splitlines()[0])["version"], 1)

    def test_events_go_to_a_reader_through_a_pipe_to_the_end(self):
        self.gateway("--fast")
        os.mkfifo(self.folder / "events")
        reader = os.open(self.folder / "events", os.O_RDONLY | os.O_NONBLOCK)
        with open(reader) as pipe:
            process = self.start("run", self.manifest(3), "--events", "events")
            text = ""
            while process.poll() is None:
                if select.select([pipe], [], [], 0.05)[0]:
                    text += os.read(reader, 1 << 16).decode()
            process.communicate(timeout=10)
            while rest := os.read(reader, 1 << 16).decode():
                text += rest
        self.assertEqual(process.returncode, DONE)
        self.assertEqual(json.loads(text.splitlines()[-1])["event"], "end")

    def test_metrics_and_events_agree_with_the_report(self):
        self.gateway("--fast")
        manifest = self.manifest(5, cap=70)
        self.run_program("run", manifest, "--metrics", "run.prom", "--events", "run.ndjson", expect=BUDGET)
        totals = self.report()["totals"]
        values, types = self.metrics()
        self.assertEqual(types["callsheet_attempts_total"], "counter")
        for state in ("made", "mismatched", "reused", "failed", "in_doubt", "waiting", "skipped", "outstanding"):
            self.assertEqual(values["callsheet_tasks", state], totals[state], state)
        for kind in ("billed", "held", "refund_expected"):
            self.assertEqual(values["callsheet_credits", kind] * 10_000, totals[kind]["units"])
        self.assertEqual(values["callsheet_credits", "cap"], 70)
        self.assertEqual(values["callsheet_attempts_total", "kling-v3-text-to-video", "made"], totals["made"])
        self.assertEqual(values["callsheet_attempts_total", "begun", "kling-v3-text-to-video"], totals["attempts"])
        self.assertEqual(values["callsheet_run_active",], 0)
        self.assertEqual(list(self.folder.glob("*.part")), [])
        self.assertEqual(json.loads((self.folder / "run.ndjson").read_text().splitlines()[-1])["event"], "end")

    def test_a_doubt_that_was_settled_is_one_attempt(self):
        storm = self.write("lost.yaml", "version: 1\nstorm: lost\ncreate: {lose_answer: 0.5}\n")
        self.gateway("--fast", "--storm", str(storm))
        self.run_program("run", self.manifest(12), "--metrics", "run.prom", "--events", "run.ndjson", expect=None)
        events = [json.loads(line) for line in (self.folder / "run.ndjson").read_text().splitlines()]
        self.assertTrue(any(event["event"] == "in_doubt" for event in events), "no answer was lost")
        values, _ = self.metrics()
        attempts = [(key[1:], value) for key, value in values.items() if key[0] == "callsheet_attempts_total"]
        begun = sum(value for labels, value in attempts if "begun" in labels)
        ended = sum(value for labels, value in attempts if "begun" not in labels)
        self.assertEqual((begun, ended), (self.report()["totals"]["attempts"], begun), attempts)

    def test_a_run_that_finds_all_made_says_so_in_its_streams(self):
        self.gateway("--fast")
        manifest = self.manifest(2)
        self.run_program("run", manifest)
        _, out, _ = self.run_program("run", manifest, "--metrics", "run.prom", "--events", "-")
        self.assertEqual([json.loads(line)["event"] for line in out.splitlines()], ["end"])
        values, _ = self.metrics()
        self.assertEqual((values["callsheet_tasks", "reused"], values["callsheet_credits", "billed"]), (2, 0))

    def test_resuming_a_run_that_has_ended_tells_its_streams(self):
        self.run_program("run", self.manifest(2), "--local")
        run = self.report()["run"]
        _, out, _ = self.run_program("resume", run, "--metrics", "run.prom", "--events", "-")
        self.assertEqual([json.loads(line)["event"] for line in out.splitlines()], ["end"])
        values, _ = self.metrics()
        self.assertEqual((values["callsheet_tasks", "made"], values["callsheet_run_active",]), (2, 0))

    def test_429_is_told_and_counted(self):
        storm = self.write("busy.yaml", "version: 1\nstorm: busy\ncreate: {rate_limit: 0.3}\n")
        self.gateway("--fast", "--storm", str(storm))
        self.run_program("run", self.manifest(8), "--metrics", "run.prom", "--events",
                         "run.ndjson", expect=None)
        values, _ = self.metrics()
        events = [json.loads(line) for line in (self.folder / "run.ndjson").read_text().splitlines()]
        told = sum(event["event"] == "rate_limited" for event in events)
        self.assertGreater(told, 0)
        self.assertEqual(values["callsheet_rate_limited_total",], told)


class Examples(CampaignTest):
    """The blocks of the README's section on build servers, their steps run as the server would."""

    def setUp(self):
        super().setUp()
        section = (SOURCE / "README.md").read_text().split("### On a build server")[1].split("\n## ")[0]
        self.blocks = re.findall(r"```yaml\n(.*?)```", section, re.S)
        self.environment["PATH"] = f"{pathlib.Path(PROGRAM).parent}:{self.folder / 'bin'}:{self.environment['PATH']}"

    def block(self, name):
        (block,) = (block for block in self.blocks if name in block)
        return block

    def carry_out(self, block, expect=0, **values):
        """All its steps, in a shell that stops at the first command that fails, with what stands in ${{ }} filled in. They
        end with `expect`."""
        steps = re.findall(r"(?m)^( *)- (?:run: )?(\|\n(?:\1    .*\n)+|callsheet .*)", block)
        self.assertTrue(steps)
        given = {name: values[expression] for name, expression in re.findall(r'(\w+): "\$\{\{ (.*?) \}\}"', block)}
        for _, step in steps:
            done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step.removeprefix("|\n")], cwd=self.folder,
                                  env=self.environment | given, capture_output=True, text=True, timeout=PATIENCE_S)
            self.assertEqual(done.returncode, expect, f"{step}\n{done.stdout}{done.stderr}")
            if expect:
                return

    def check_run(self, bill):
        self.assertEqual(len(self.clips()), 2)
        self.assertEqual(len(bill["lines"]), 2)
        self.assertTrue((self.folder / "junit.xml").exists())

    def test_a_reusable_workflow_and_one_that_calls_it(self):
        gateway = self.gateway("--fast")
        self.manifest(2)
        nightly = self.block("nightly.yml")
        self.assertIn("uses: ./.github/workflows/campaign.yml", nightly)
        given = dict(re.findall(r"(manifest|flags): ([^,}]+)", nightly))
        self.carry_out(self.block("# .github/workflows/campaign.yml"), **{
            "inputs.manifest": given["manifest"], "inputs.flags": given["flags"], "secrets.EVOLINK_API_KEY": "e2e-secret-key"})
        self.check_run(gateway.bill())

    def test_gitlab(self):
        gateway = self.gateway("--fast")
        self.manifest(2)
        self.carry_out(self.block("GIT_CLEAN_FLAGS"))
        self.check_run(gateway.bill())
        self.assertIn("clip-1", (self.folder / "campaign.md").read_text())

    def test_what_a_pull_request_costs_is_one_comment(self):
        def git(*words):
            return subprocess.run(["git", "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", *words], cwd=self.folder,
                                  env=self.environment, capture_output=True, text=True, check=True).stdout.strip()

        # A `gh` that keeps one comment, and says what it was asked for.
        (self.folder / "bin").mkdir()
        script = self.write("bin/gh", """#!/bin/bash
echo "$@" >> asked
if [[ $2 == -X ]] || [[ $3 == -F ]]; then cp cost.md comment; elif [[ -e comment ]]; then echo 7; fi
""")
        script.chmod(0o755)
        git("init", "-q")
        self.manifest(2)
        git("add", "campaign.yaml")
        git("commit", "-qm", "base")
        base = git("rev-parse", "HEAD")
        values = {"github.token": "token", "github.event.number": "12", "github.event.pull_request.base.sha": base}
        self.manifest(3).write_text("version: 1\n")
        self.carry_out(self.block("cost.yml"), expect=USAGE, **values)  # and the next one finds nothing in its way
        for count, asked in ((3, "api repos/{owner}/{repo}/issues/12/comments -F body=@cost.md"),
                             (4, "api -X PATCH repos/{owner}/{repo}/issues/comments/7 -F body=@cost.md")):
            self.manifest(count)
            self.carry_out(self.block("cost.yml"), **values)
            self.assertEqual((self.folder / "asked").read_text().splitlines()[-1], asked)
            comment = (self.folder / "comment").read_text()
            self.assertTrue(comment.startswith("<!-- callsheet diff"), comment)
            self.assertIn(f"clip-{count}", comment)
            self.assertFalse((self.folder / "base").exists())


if __name__ == "__main__":
    unittest.main()

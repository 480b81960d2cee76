"""Verdicts on clips, and retakes: what was rejected is made anew, once, and nothing else is ever paid for."""
import http.client
import json
import signal
import time
import urllib.error
import urllib.parse
import urllib.request

from harness import BUDGET, DONE, FAILED, OUTSTANDING, PRICE, USAGE, CampaignTest, interrupt, kill, until



class Review(CampaignTest):
    def made(self, count=3):
        gateway = self.gateway("--fast")
        manifest = self.manifest(count)
        self.run_program("run", manifest)
        self.first = self.report()["run"]
        self.assertEqual(self.billed(gateway), count * PRICE)
        return gateway, manifest

    @staticmethod
    def billed(gateway):
        return gateway.bill()["totals"]["charged_uc"]

    def kill_once_billed(self, gateway, *words):
        """Of what makes one clip after the other, when one more was billed."""
        before = self.billed(gateway)
        process = self.start(*words, "-j", "1")
        until(lambda: self.billed(gateway) > before)
        kill(process)

    def prompts(self):
        """Of the clips that were bought, in all runs."""
        runs = json.loads(self.run_program("history", "--json")[1])["runs"]
        reports = [json.loads(self.run_program("report", run["run"], "--json")[1]) for run in runs]
        return sorted(clip["request"]["prompt"] for report in reports for clip in report["clips"] if clip["attempts"])

    def review(self, *arguments, expect=DONE):
        _, out, _ = self.run_program("review", *arguments, "--json", expect=expect)
        return json.loads(out)

    def verdicts(self, *arguments):
        return {clip["task"]: clip["verdict"] for clip in self.review(*arguments)["clips"]}

    def test_rejected_takes_are_bought_once_and_accepted_ones_never(self):
        gateway, manifest = self.made(4)
        self.run_program("review", "--accept", "clip-1", "--accept", "clip-2", "--by", "ann")
        seen = self.review("--reject", "clip-3", "--note", "too dark", "--by", "bob")
        self.assertEqual((seen["accepted"], seen["rejected"], seen["undecided"]), (2, 1, 1))
        self.assertEqual(seen["retake"]["units"], PRICE)
        self.run_program("review", "--reject", "clip-4", "--prompt", "a brighter scene")
        # Told first, and nothing spent.
        _, _, err = self.run_program("retake", manifest, "--dry-run")
        self.assertIn("2 to make for 32.4 credits", err)
        self.assertEqual(self.billed(gateway), 4 * PRICE)
        self.run_program("retake", manifest)
        self.assertEqual(self.billed(gateway), 6 * PRICE)
        self.assertEqual(self.clips(), [f"clip-{n}.mp4" for n in (1, 2, 3)] + ["clip-3~2.mp4", "clip-4.mp4", "clip-4~2.mp4"])
        retake = self.report()
        self.assertEqual({clip["task"]: clip["request"]["prompt"] for clip in retake["clips"]},
                         {"clip-3": "scene number 3", "clip-4": "a brighter scene"})
        # A verdict is on the clip that was seen: called again there is nothing to buy, whatever is asked for.
        for again in (("retake", manifest), ("run", manifest), ("retake", manifest)):
            self.run_program(*again)
            self.assertEqual(self.billed(gateway), 6 * PRICE)
        self.assertEqual(set(self.verdicts(retake["run"]).values()), {"undecided"})
        self.assertEqual(self.verdicts(self.first)["clip-3"], "rejected")
        # The next run of the manifest has the newer clips, without a credit.
        self.run_program("run", manifest)
        whole = self.report()
        self.assertEqual({clip["task"]: clip["file"]["sha256"] for clip in whole["clips"] if clip["task"] in ("clip-3", "clip-4")},
                         {clip["task"]: clip["file"]["sha256"] for clip in retake["clips"]})
        self.run_program("verify")
        # Whoever makes everything anew does not pay for what was accepted.
        self.run_program("run", manifest, "--fresh")
        self.assertEqual(self.billed(gateway), 8 * PRICE)
        self.assertEqual(self.spent_in_all_runs(), {"billed": 8 * PRICE, "held": 0, "refund_expected": 0})

    def test_a_retake_is_rejected_and_taken_again(self):
        gateway, manifest = self.made(1)
        for number, prompt in enumerate(("one", "two"), 1):
            self.run_program("review", "--reject", "clip-1", "--prompt", prompt)
            self.run_program("retake", manifest)
            self.assertEqual(self.billed(gateway), (1 + number) * PRICE)
        # With no prompt of its own a retake is made from that of the clip that was rejected.
        self.run_program("review", "--reject", "clip-*")
        self.run_program("retake", manifest)
        self.assertEqual(self.prompts(), ["one", "scene number 1", "two", "two"])
        # Who writes the prompt into the manifest has the clip already.
        manifest.write_text(manifest.read_text().replace("scene number {{ n }}", "two"))
        self.run_program("run", manifest)
        self.run_program("retake", manifest)
        self.assertEqual(self.billed(gateway), 4 * PRICE)

    def test_killed_and_called_again_it_pays_once(self):
        gateway, manifest = self.made(6)
        self.run_program("review", "--reject", "clip-*", "--prompt", "again")
        self.run_program("review", "--reject", "clip-1")  # the others would be one and the same clip
        self.run_program("review", "--clear", "clip-*")
        for number in range(1, 7):
            self.run_program("review", "--reject", f"clip-{number}", "--prompt", f"again {number}")
        for delay in (0.05, 0.12, 0.2):
            process = self.start("retake", manifest)
            time.sleep(delay)
            kill(process)
        self.run_program("retake", manifest)
        self.run_program("retake", manifest)
        self.assertEqual(self.billed(gateway), 12 * PRICE)
        self.assertEqual(self.prompts()[:6], [f"again {n}" for n in range(1, 7)])
        spent = self.spent_in_all_runs()
        self.assertEqual((spent["billed"], spent["held"]), (12 * PRICE, 0))

    def test_a_retake_that_is_resumed_does_not_take_the_clips_it_is_to_replace(self):
        gateway, manifest = self.made(8)
        self.run_program("review", "--reject", "clip-*")
        self.kill_once_billed(gateway, "retake", manifest)
        self.assertLess(self.billed(gateway), 16 * PRICE)
        self.run_program("resume")
        self.assertEqual(self.report()["totals"]["made"], 8)
        self.assertEqual(self.billed(gateway), 16 * PRICE)

    def interrupted_retake(self, gateway, manifest, count):
        """Its run, killed once a clip was paid for."""
        for number in range(1, count + 1):
            self.run_program("review", self.first, "--reject", f"clip-{number}", "--prompt", f"first words {number}")
        self.kill_once_billed(gateway, "retake", manifest)
        run = json.loads(self.run_program("history", "--json")[1])["runs"][0]["run"]
        self.assertNotEqual(run, self.first)
        return run

    def test_what_a_later_retake_makes_is_not_bought_by_the_earlier_one_when_it_is_resumed(self):
        gateway, manifest = self.made(6)
        earlier = self.interrupted_retake(gateway, manifest, 6)
        self.run_program("review", self.first, "--reject", "clip-6", "--prompt", "second words")
        self.run_program("review", self.first, "--clear", "clip-5")
        _, _, err = self.run_program("retake", manifest)
        self.assertIn("first bringing home what run", err)
        later = self.report()["run"]
        withdrawn = len(self.report()["clips"])
        self.assertRegex(err, f"run {earlier}: {withdrawn} clips? withdrawn, which run {later} makes anew")
        # What it alone was to make is still its own.
        before = self.billed(gateway)
        _, _, err = self.run_program("resume", earlier)
        self.assertIn("1 of 6 clips to go", err)
        self.assertEqual(self.billed(gateway), before + PRICE)
        _, out, _ = self.run_program("explain", "clip-6", "--run", earlier)
        self.assertIn(f"withdrawn: run {later} makes this take anew", out)
        _, out, _ = self.run_program("report", earlier, "--json")
        totals = json.loads(out)["totals"]
        self.assertEqual((totals["made"], totals["skipped"]), (6 - withdrawn, withdrawn))
        prompts = self.prompts()
        self.assertEqual((prompts.count("first words 6"), prompts.count("second words")), (0, 1))
        _, _, err = self.run_program("resume", earlier)
        self.assertIn("nothing is left to do", err)
        self.assertEqual(self.billed(gateway), before + PRICE)
        self.run_program("verify", earlier)

    def test_a_later_retake_that_was_interrupted_itself_is_the_one_to_resume(self):
        gateway, manifest = self.made(6)
        earlier = self.interrupted_retake(gateway, manifest, 6)
        self.run_program("collect", earlier, expect=OUTSTANDING)
        for number in range(1, 7):
            self.run_program("review", self.first, "--reject", f"clip-{number}", "--prompt", f"second words {number}")
        self.kill_once_billed(gateway, "retake", manifest)
        # Whatever the later one has made by now, the earlier one makes nothing of it.
        self.run_program("resume", earlier)
        self.run_program("resume")
        self.assertEqual(self.billed(gateway), 12 * PRICE)
        words = [prompt.split(" ")[0] for prompt in self.prompts()]
        self.assertEqual((words.count("first") + words.count("second"), words.count("scene")), (6, 6))
        self.assertLess(words.count("first"), 6)
        self.run_program("resume", earlier)
        self.assertEqual(self.billed(gateway), 12 * PRICE)

    def test_what_was_accepted_meanwhile_is_not_bought_by_an_interrupted_retake(self):
        gateway, manifest = self.made(6)
        interrupted = self.interrupted_retake(gateway, manifest, 6)
        self.run_program("review", self.first, "--accept", "clip-6", "--accept", "clip-5")
        (self.folder / "out" / "review.json").rename(self.folder / "away.json")
        (self.folder / "out" / "review.json").write_text("no review")
        before = self.billed(gateway)
        _, _, err = self.run_program("resume", expect=USAGE)
        self.assertIn("review.json", err)
        self.run_program("collect", expect=OUTSTANDING)
        self.assertEqual(self.billed(gateway), before)
        (self.folder / "away.json").rename(self.folder / "out" / "review.json")
        _, _, err = self.run_program("resume")
        self.assertIn(f"run {interrupted}: 2 clips withdrawn, which the review has accepted since", err)
        self.assertEqual(self.billed(gateway), 10 * PRICE)
        self.assertFalse({"first words 5", "first words 6"} & set(self.prompts()))
        # Everything anew is not that either: what it went on with is what is not accepted by now.
        self.kill_once_billed(gateway, "run", manifest, "--fresh")
        self.run_program("review", self.first, "--accept", "clip-4")
        self.run_program("run", manifest, "--fresh")
        self.assertEqual(self.billed(gateway), 13 * PRICE)

    def test_a_retake_is_of_the_past_once_the_manifest_was_made_anew(self):
        gateway, manifest = self.made(3)
        earlier = self.interrupted_retake(gateway, manifest, 3)
        self.run_program("run", manifest, "--fresh")
        self.assertEqual(self.report()["totals"]["made"], 3)
        before = self.billed(gateway)
        _, _, err = self.run_program("resume", earlier)
        self.assertRegex(err, rf"run {earlier}: \d clips? withdrawn, which run {self.report()['run']} makes anew")
        self.assertEqual(self.billed(gateway), before)

    def test_a_clip_that_was_taken_over_from_another_campaign_can_be_retaken(self):
        gateway = self.gateway("--fast", "--latency", "0.02")
        manifest = self.manifest(4)
        process = self.start("run", manifest, "-j", "1")
        until(lambda: self.billed(gateway) > 0)
        interrupt(process)
        text = manifest.read_text()
        other = self.write("other.yaml", text.replace("campaign: e2e", "campaign: other").replace("dir: out", "dir: other"))
        self.run_program("run", other)
        self.run_program("resume")
        self.assertEqual(self.billed(gateway), 4 * PRICE)
        runs = {run["campaign"]: run["run"] for run in json.loads(self.run_program("history", "--json")[1])["runs"]}
        mine = json.loads(self.run_program("report", runs["e2e"], "--json")[1])
        self.assertEqual(next(clip for clip in mine["clips"] if clip["task"] == "clip-4")["made_by"], runs["other"])
        self.run_program("review", runs["e2e"], "--reject", "clip-4", "--prompt", "a brighter scene")
        verdict = json.loads((self.folder / "out" / "review.json").read_text())["verdicts"][0]
        self.assertEqual(verdict["clip"]["run"], runs["other"])
        self.run_program("retake", manifest)
        self.assertEqual(self.billed(gateway), 5 * PRICE)
        self.assertIn("a brighter scene", self.prompts())

    def test_a_retake_takes_no_other_clip_s_place_and_mistakes_of_prompts_are_told_in_the_review(self):
        gateway, manifest = self.made(4)
        self.run_program("review", self.first, "--reject", "clip-1", "--prompt", "in two words")
        self.run_program("retake", manifest)
        self.run_program("review", "--accept", "clip-1")
        self.run_program("review", self.first, "--accept", "clip-4")
        before = self.billed(gateway)
        for prompt, told in (("scene number 3", r"`clip-2` asks for the very same clip as `clip-3`"),
                             ("scene number 4", r"`clip-2` asks for the very same clip as `clip-4`"),
                             ("in two words", r"`clip-2` asks for the very same clip as `clip-1`, which is accepted"),
                             ("x" * 2600, r"2,?500.*\(clip-2\)"), ("<<<element_1>>> waves", r"\(clip-2\)")):
            with self.subTest(prompt[:30]):
                self.run_program("review", self.first, "--reject", "clip-2", "--prompt", prompt)
                lines = (self.folder / "out" / "review.json").read_text().splitlines()
                line = next(n for n, text in enumerate(lines, 1) if f'"prompt": "{prompt}"' in text)
                for flags in (("--dry-run",), ()):
                    _, _, err = self.run_program("retake", manifest, *flags, expect=USAGE)
                    self.assertRegex(err, rf"out/review\.json:{line}:\d+: error: .*{told}")
                    self.assertNotIn("campaign.yaml:", err)
                self.assertEqual(self.billed(gateway), before)
        # Two of one prompt would be one clip, too.
        self.run_program("review", self.first, "--reject", "clip-2", "--reject", "clip-3", "--prompt", "for both")
        _, _, err = self.run_program("retake", manifest, expect=USAGE)
        self.assertRegex(err, r"review\.json:\d+:\d+: error: made anew from this, `clip-3` asks for the very same clip as `clip-2`")
        # What its own clip was made from it may be made from again.
        self.run_program("review", self.first, "--clear", "clip-3")
        self.run_program("review", self.first, "--reject", "clip-2", "--prompt", "scene number 2")
        self.run_program("retake", manifest)
        self.assertEqual(self.billed(gateway), before + PRICE)

    def test_what_a_retake_costs_is_shown_first_take_by_take(self):
        gateway, manifest = self.made(4)
        self.run_program("review", "--accept", "clip-1")
        self.run_program("review", "--reject", "clip-3", "--note", "too dark")
        self.run_program("review", "--reject", "clip-4", "--prompt", "a brighter scene")
        before = self.billed(gateway)
        _, out, _ = self.run_program("retake", manifest, "--dry-run")
        table = out.splitlines()
        self.assertRegex(table[0], r"^TASK +TAKE +CLIP +CREDITS +~USD +MODEL +PROMPT$")
        self.assertRegex(table[1], r"^clip-3 +1 +3 s 720p +16\.2 +~\$0\.24 +kling\S+ +as before: scene number 3$")
        self.assertRegex(table[2], r"^clip-4 +1 +3 s 720p +16\.2 +~\$0\.24 +kling\S+ +scene number 4 -> a brighter scene$")
        self.assertIn("2 clips made anew; 1 accepted and kept\nnew spend 32.4 credits (~$0.48)", out)
        document = json.loads(self.run_program("retake", manifest, "--dry-run", "--json")[1])
        self.assertEqual((document["new_spend"]["units"], document["accepted"]), (2 * PRICE, 1))
        self.assertEqual([(task["task"], task["made_from"], task["request"]["prompt"]) for task in document["tasks"]],
                         [("clip-3", "scene number 3", "scene number 3"), ("clip-4", "scene number 4", "a brighter scene")])
        planned = json.loads(self.run_program("plan", manifest, "--fresh", "--json")[1])
        self.assertEqual({key: type(value) for key, value in planned["tasks"][0].items()}.items() - {
            key: type(value) for key, value in document["tasks"][0].items()}.items(), set())
        self.assertEqual(self.billed(gateway), before)
        self.run_program("retake", manifest, "--json", expect=USAGE)
        _, _, err = self.run_program("retake", manifest)
        self.assertLess(err.index("scene number 4 -> a brighter scene"), err.index("[1/2] made"))
        self.assertLess(err.index("2 to make for 32.4 credits"), err.index("[1/2] made"))
        # Of long prompts, that begin alike, what differs is shown.
        start = "the same long beginning of a prompt that goes on and on " * 3
        for ending in ("in the morning", "in the evening"):
            self.run_program("review", "--reject", "clip-4", "--prompt", start + ending)
            _, out, _ = self.run_program("retake", manifest, "--dry-run")
            if ending == "in the morning":
                self.run_program("retake", manifest)
        self.assertRegex(out, r"…\S* in the morning -> …\S* in the evening")
        # Nothing to make is an answer as well.
        self.run_program("retake", manifest)
        self.assertEqual(json.loads(self.run_program("retake", manifest, "--dry-run", "--json")[1])["tasks"], [])

    def test_a_retake_is_asked_for_where_the_clips_were_made(self):
        manifest = self.manifest(1)
        self.run_program("run", manifest, "--local")
        _, out, _ = self.run_program("review", "--reject", "clip-1")
        self.assertIn("`callsheet retake MANIFEST --local` does", out)
        gateway = self.gateway("--fast")
        for flags in ((), ("--dry-run",)):
            _, _, err = self.run_program("retake", manifest, *flags, expect=USAGE)
            self.assertIn("what was rejected was made with --local, and this retake is without", err)
            self.assertIn(f"`callsheet retake {manifest} --local`", err)
        self.assertEqual(gateway.bill()["lines"], [])
        self.run_program("retake", manifest, "--local")
        self.assertEqual(self.report()["totals"]["made"], 1)

    def test_beside_a_retake_the_accepted_clips_are_shown_and_stay_what_they_are(self):
        gateway, manifest = self.made(3)
        self.run_program("review", "--accept", "clip-1")
        self.run_program("review", "--reject", "clip-2")
        self.run_program("retake", manifest)
        retake = self.report()["run"]
        seen = self.review()
        self.assertEqual([clip["task"] for clip in seen["clips"]], ["clip-2"])
        self.assertEqual([(clip["task"], clip["made_by"], clip["file"]) for clip in seen["kept"]], [("clip-1", self.first, "clip-1.mp4")])
        _, out, _ = self.run_program("review", "--list")
        self.assertRegex(out, rf"clip-1 +accepted +kept, of run {self.first}\n")
        self.assertIn("1 clip: 0 accepted, 0 rejected, 1 undecided; 1 kept as they are", out)
        process = self.start("review")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        page = process.stdout.readline().strip()
        self.assertEqual(urllib.request.urlopen(page + "clip/1", timeout=10).read(), (self.folder / "out" / "clip-1.mp4").read_bytes())
        verdict = {"clip": 1, "seen": "", "verdict": "rejected", "note": "", "prompt": ""}
        address = urllib.parse.urlsplit(page)
        good = {"Origin": f"http://{address.netloc}", "Content-Type": "application/json", "X-Callsheet-Token": address.path.strip("/")}
        post = urllib.request.Request(page + "verdict", json.dumps(verdict).encode(), good)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(post, timeout=10)
        self.addCleanup(refused.exception.close)
        self.assertIn(b"that clip is of another run", refused.exception.read())
        # What is said of all is said of the retake's own.
        self.run_program("review", retake, "--reject", "*")
        self.run_program("review", retake, "--reject", "clip-1", expect=USAGE)
        self.assertEqual(self.verdicts(self.first)["clip-1"], "accepted")
        self.assertEqual(self.review(self.first)["kept"], [])
        (self.folder / "out" / "clip-1.mp4").unlink()
        self.run_program("review", "--list")
        self.run_program("retake", manifest)
        self.assertEqual(self.billed(gateway), 5 * PRICE)

    def test_who_is_advised_after_a_retake_is_sent_to_retake(self):
        gateway, manifest = self.made(3)
        port = gateway.address.rsplit(":", 1)[1]
        self.run_program("review", "--reject", "clip-*")
        # Its cap leaves out two of them.
        _, _, err = self.run_program("retake", manifest, "--budget", "20", "-j", "1", expect=BUDGET)
        self.assertIn("raise the cap, or make less, and call `callsheet retake` again", err)
        self.assertRegex(err, r"callsheet retake MANIFEST  buy the skipped clips")
        gateway.close()
        gateway = self.gateway("--fast", "--fail", "1", "--port", port)
        _, _, err = self.run_program("retake", manifest, expect=FAILED)
        self.assertIn("call `callsheet retake` again to try it anew", err)
        self.assertRegex(err, r"callsheet retake MANIFEST  try the failed clips again")
        self.assertNotIn("run the manifest again", err)
        self.assertNotIn("callsheet run", err)
        gateway.close()
        self.gateway("--fast", "--port", port)
        # Which is true: to `run` all of them are made.
        _, _, err = self.run_program("run", manifest)
        self.assertIn("nothing to buy: 0 credits", err)
        self.run_program("retake", manifest)
        self.assertEqual(self.report()["totals"]["made"], 2)

    def test_reviews_are_shared_and_merged_and_mistakes_are_told(self):
        _, manifest = self.made(2)
        mine = self.folder / "out" / "review.json"
        self.run_program("review", "--accept", "clip-*", "--by", "ann")
        theirs = self.folder / "theirs.json"
        theirs.write_bytes(mine.read_bytes())
        self.run_program("review", "--review", theirs, "--reject", "clip-2", "--note", "blurred", "--by", "bob")
        _, _, err = self.run_program("review", "--merge", theirs)
        self.assertIn("0 new, 1 newer, 0 older and left out, 1 the same", err)
        self.assertIn("conflict: clip-2: rejected by bob at", err)
        self.assertEqual(self.verdicts(), {"clip-1": "accepted", "clip-2": "rejected"})
        # Whatever is wrong is told with its line, and moves no money.
        mine.write_text(mine.read_text().replace('"rejected"', '"regretted"'))
        for command in (("review", "--list"), ("review",), ("retake", manifest), ("run", manifest, "--fresh"), ("plan", manifest, "--fresh")):
            _, _, err = self.run_program(*command, expect=USAGE)
            self.assertRegex(err, r"review\.json:\d+:\d+: error: .*regretted")
        self.run_program("run", manifest)  # which asks for nothing that was made
        for wrong in (("--reject", "clip-9"), ("--reject", "clip-1", "--take", "2"), ("--note", "for nothing"),
                      ("--accept", "clip-1", "--prompt", "of no use"), ("--merge", self.folder / "none.json")):
            mine.unlink(missing_ok=True)
            self.run_program("review", *wrong, expect=USAGE)
            self.assertFalse(mine.exists())
        self.run_program("retake", manifest, expect=USAGE)  # there is no review
        self.run_program("plan", manifest, "--out", "plan.json")
        self.run_program("retake", "plan.json", expect=USAGE)  # which a review has no part in

    def test_the_page_is_for_who_knows_its_address_and_comes_from_it(self):
        self.made(2)
        process = self.start("review")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        page = urllib.parse.urlsplit(process.stdout.readline().strip())
        verdict = json.dumps({"clip": 1, "seen": "", "verdict": "rejected", "note": "", "prompt": "brighter"})
        good = {"Origin": f"http://{page.netloc}", "Content-Type": "application/json", "X-Callsheet-Token": page.path.strip("/")}

        def ask(method, path, headers=None, body=None):
            connection = http.client.HTTPConnection(page.hostname, page.port, timeout=10)
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer.status, content, answer

        mine = self.folder / "out" / "review.json"
        for name, status, path, headers in (
                ("no token", 404, "/verdict", good),
                ("another token", 404, f"/{'0' * 32}/verdict", good),
                ("no header", 403, f"{page.path}verdict", {**good, "X-Callsheet-Token": ""}),
                ("another site", 403, f"{page.path}verdict", {**good, "Origin": "https://example.com"}),
                ("no origin", 403, f"{page.path}verdict", {name: value for name, value in good.items() if name != "Origin"}),
                ("a form", 403, f"{page.path}verdict", {**good, "Content-Type": "text/plain"}),
                ("another name", 403, f"{page.path}verdict", {**good, "Host": "example.com", "Origin": "http://example.com"})):
            with self.subTest(name):
                self.assertEqual(ask("POST", path, headers, verdict)[0], status)
                self.assertFalse(mine.exists())
        self.assertEqual(ask("GET", page.path, {"Host": f"rebound.example.com:{page.port}"})[0], 403)
        self.assertEqual(ask("GET", "/")[0], 404)
        for path in ("clip/2", "clip/-1", "clip/..%2f..%2fledger.db", "../review.json", "clip/0/"):
            self.assertEqual(ask("GET", page.path + path)[0], 404, path)
        for wrong in ("", "[]", '{"clip": 0}', verdict.replace("rejected", "regretted"), verdict.replace("1,", "9,"),
                      verdict.replace("rejected", "accepted"), json.dumps({**json.loads(verdict), "note": "x" * 10_001})):
            self.assertEqual(ask("POST", page.path + "verdict", good, wrong)[0], 409, wrong[:80])
        self.assertFalse(mine.exists())
        status, _, answer = ask("GET", page.path)
        self.assertIn("default-src 'none'", answer.getheader("Content-Security-Policy"))
        clip = (self.folder / "out" / "clip-1.mp4").read_bytes()
        status, content, _ = ask("GET", page.path + "clip/0", {"Range": "bytes=100-199"})
        self.assertEqual((status, content), (206, clip[100:200]))
        status, content, _ = ask("POST", page.path + "verdict", good, verdict)
        self.assertEqual((status, json.loads(content)["rejected"]), (200, 1))
        # What others say meanwhile is kept.
        self.run_program("review", "--accept", "clip-1")
        self.assertEqual(self.verdicts(), {"clip-1": "accepted", "clip-2": "rejected"})
        self.assertEqual(ask("POST", page.path + "verdict", good, verdict)[0], 409)  # not seen: what stands there by now
        state = json.loads(ask("GET", page.path + "state")[1])
        again = json.dumps({**json.loads(verdict), "seen": state["clips"][1]["mark"]})
        self.assertEqual(json.loads(ask("POST", page.path + "verdict", good, again)[1])["accepted"], 1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), DONE)

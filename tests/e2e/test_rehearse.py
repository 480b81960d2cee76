"""`rehearse`: a campaign through storms before it is paid for; the local gateway's own bill is the witness."""
import json
import unittest

from harness import NOTHING, SOURCE, USAGE, CampaignTest

BROKEN = 1
STORMS = ["calm", "rate_limited", "outage", "lossy", "hostile"]


class Rehearse(CampaignTest):
    def setUp(self):
        super().setUp()
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir()
        self.environment["TMPDIR"] = str(self.scratch)

    def rehearse(self, manifest, *flags, limit=4, expect=0):
        _, out, err = self.run_program("rehearse", manifest, "--json", "--limit", limit, *flags, expect=expect)
        return json.loads(out), {storm["storm"]: storm for storm in json.loads(out)["storms"]}, err

    def test_every_built_in_storm_and_nothing_stays_behind(self):
        manifest = self.manifest(4, cap=100)
        before = sorted(self.folder.iterdir())
        _, out, err = self.run_program("rehearse", manifest, "--limit", "10")
        rows = [line.split()[0] for line in out.splitlines()[1:6]]
        self.assertEqual(rows, STORMS)
        self.assertRegex(out, r"(?m)^calm +0 +4 +0 +0 +0 +0 +64\.8 +0 +64\.8 +100  cap held, bill agrees$")
        self.assertIn("worst-case spend", out)
        self.assertNotIn("BROKEN", out)
        self.assertIn("storm 5 of 5: hostile", err)
        self.assertEqual(sorted(self.folder.iterdir()), before, "neither ledger nor clips")
        self.assertEqual(list(self.scratch.iterdir()), [])

    def test_what_nobody_answers_is_in_doubt_and_counted_as_spend(self):
        lost = self.write("lost.yaml", "version: 1\nstorm: nobody-answers\ncreate: {lose_answer: 1}\n")
        whole, storms, _ = self.rehearse(self.manifest(4, cap=1000), "--storm", lost, "--no-idempotency")
        storm = storms["nobody-answers"]
        self.assertEqual((storm["clips"]["in_doubt"], storm["clips"]["made"]), (4, 0))
        self.assertEqual((storm["spent"]["units"], storm["held"]["credits"]), (0, "64.8"))
        self.assertEqual(storm["billed"]["units"] + storm["reserved"]["units"], 648_000)
        self.assertTrue(storm["laws_kept"])
        self.assertGreaterEqual(whole["worst_case"]["units"], 648_000)
        self.assertEqual(storm["faults"], 4)

    def test_the_cap_binds_in_a_rehearsal_as_in_a_run(self):
        fails = self.write("fails.yaml", "version: 1\nstorm: fails\ntasks: {refund_withheld: 0.5}\n")
        whole, storms, _ = self.rehearse(self.manifest(8, cap=100), "--storm", fails)
        self.assertLessEqual(whole["peak"]["units"], 1_000_000)
        self.assertEqual(storms["calm"]["clips"]["made"], 6)
        self.assertEqual(storms["calm"]["clips"]["skipped"], 2)
        self.assertLess(storms["fails"]["clips"]["made"], 6)
        self.assertTrue(all(storm["laws_kept"] for storm in storms.values()))

    def test_time_that_is_over_leaves_clips_open(self):
        storm = self.write("never.yaml", "version: 1\nstorm: never\ncreate: {rate_limit: 1}\n")
        _, storms, _ = self.rehearse(self.manifest(2), "--storm", storm, limit=2)
        self.assertEqual(storms["never"]["clips"]["outstanding"], 2)
        self.assertEqual(storms["never"]["unfinished"], ["cut short after 2.0 s"])
        self.assertEqual(storms["never"]["billed"]["units"], 0)

    def test_books_that_do_not_agree_are_told(self):
        """A catalog below the gateway's prices, and a gateway that tells none."""
        catalog = (SOURCE / "manifests/catalog/evolink.yaml").read_text()
        self.write("cheap.yaml", catalog.replace("5.4", "5.3").replace("16.2", "15.9"))
        silent = self.write("silent.yaml", "version: 1\nstorm: silent\ncreate: {no_price: 1}\ntasks: {hide_billing: 1}\n")
        _, storms, _ = self.rehearse(self.manifest(1), "--storm", silent, "--catalog", "cheap.yaml", limit=3, expect=BROKEN)
        self.assertFalse(storms["silent"]["laws_kept"])
        self.assertIn("the gateway takes up to 16.2 credits for attempt 0.1, the ledger counts with 15.9",
                      storms["silent"]["breaches"][0])
        _, out, _ = self.run_program("rehearse", self.manifest(1), "--storm", silent, "--catalog", "cheap.yaml",
                                     "--limit", "3", expect=BROKEN)
        self.assertIn("A LAW BROKE", out)
        self.assertIn("BROKEN in silent: the report adds up", out)

    def test_mistakes_are_told_before_the_first_storm(self):
        storm = self.write("s.yaml", "version: 1\nstorm: s\ncreat: {error: 1}\n")
        _, out, err = self.run_program("rehearse", self.manifest(1), "--storm", storm, expect=USAGE)
        self.assertEqual(out, "")
        self.assertIn("`creat` is not a key of a storm file", err)
        self.assertNotIn("storm 1", err)
        self.run_program("rehearse", "nowhere.yaml", expect=USAGE)
        self.write("rows.csv", "n\n")
        nothing = self.write("none.yaml", 'version: 1\ncampaign: e\nbudget: {cap: 9 credits}\ndata: {row: {csv: rows.csv}}\n'
                             'matrix: {row: "{{ data.row }}"}\ntasks: [{name: "c-{{ row.n }}", prompt: "s {{ row.n }}"}]\n')
        self.run_program("rehearse", nothing, expect=NOTHING)
        self.assertEqual(list(self.scratch.iterdir()), [])


if __name__ == "__main__":
    unittest.main()

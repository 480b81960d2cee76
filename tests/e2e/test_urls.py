"""Pictures and videos behind URLs: looked at before a credit is spent, and pinned by what they are."""
import json
import unittest

from harness import DONE, SOURCE, USAGE, CampaignTest, QuietHandler, Server


class Pictures(Server):
    """Serves `files` by path. Not on 127.0.0.1: what stands there the local gateway takes for its own uploads."""

    def __init__(self, files):
        self.files, self.asked = files, []
        pictures = self

        class Handler(QuietHandler):
            def do_GET(self):
                pictures.asked.append(self.path)
                content = pictures.files.get(self.path, b"")
                self.answer(200 if content else 404, content)

        super().__init__(Handler, "127.0.0.2")


class Urls(CampaignTest):
    def setUp(self):
        super().setUp()
        images = SOURCE / "manifests/images"
        self.hero = (images / "headphones.jpg").read_bytes()
        self.other = (images / "headphones-square.jpg").read_bytes()
        self.pictures = Pictures({"/hero.jpg": self.hero, "/page": b"<html>not found</html>", "/cut.jpg": self.hero[:20]})
        self.addCleanup(self.pictures.close)

    def campaign(self, *paths):
        tasks = "".join(f'  - {{name: clip-{n}, prompt: "scene {n}", duration: 3, image_start: "{self.pictures.address}{path}"}}\n'
                        for n, path in enumerate(paths))
        return self.write("urls.yaml", "version: 1\ncampaign: urls\nbudget: {cap: 1000 credits}\ntasks:\n" + tasks)

    def test_each_is_looked_at_once_and_only_for_what_is_bought(self):
        gateway = self.gateway("--fast")
        manifest = self.campaign("/hero.jpg", "/hero.jpg", "/hero.jpg")
        self.run_program("plan", manifest)
        self.run_program("validate", manifest)
        self.assertEqual(self.pictures.asked, [])
        _, _, err = self.run_program("run", manifest)
        self.assertIn("looking at 1 URL of pictures", err)
        self.assertEqual(self.pictures.asked, ["/hero.jpg"])
        self.assertEqual(len(gateway.bill()["lines"]), 3)
        # Made clips need no picture any more.
        self.pictures.files.clear()
        self.run_program("run", manifest)
        self.assertEqual(self.pictures.asked, ["/hero.jpg"])

    def test_a_bad_one_is_told_at_its_line_before_anything_is_bought(self):
        gateway = self.gateway("--fast")
        manifest = self.campaign("/hero.jpg", "/gone.jpg", "/page", "/cut.jpg")
        for command in (("run",), ("plan", "--probe"), ("validate", "--probe")):
            _, _, err = self.run_program(*command, manifest, expect=USAGE)
            self.assertRegex(err, r"urls\.yaml:6:\d+: error: task `clip-1` uses '\S+/gone\.jpg', which is of no use: \S+ answered 404")
            self.assertRegex(err, r"urls\.yaml:8:\d+: error: task `clip-3` uses '\S+/cut\.jpg', which is of no use: it is damaged")
        self.campaign("/hero.jpg", "/page")
        _, _, err = self.run_program("run", manifest, expect=USAGE)
        self.assertRegex(err, r"urls\.yaml:6:\d+: error: task `clip-1`: ")
        self.assertEqual(gateway.bill()["lines"], [])
        self.run_program("run", manifest, "--no-probe")
        self.assertEqual(len(gateway.bill()["lines"]), 2)

    def test_what_changed_since_the_plan_is_refused(self):
        gateway = self.gateway("--fast")
        manifest = self.campaign("/hero.jpg")
        self.run_program("plan", manifest, "--out", "plan.json")
        pinned, = json.loads((self.folder / "plan.json").read_text())["inputs"]
        self.assertEqual(pinned["url"], self.pictures.address + "/hero.jpg")
        self.pictures.files["/hero.jpg"] = self.other
        _, _, err = self.run_program("run", "plan.json", expect=USAGE)
        self.assertIn("'plan.json' is no longer what would be made:", err)
        self.assertIn("/hero.jpg: other content", err)
        self.assertEqual(gateway.bill()["lines"], [])
        self.pictures.files["/hero.jpg"] = self.hero
        self.run_program("run", "plan.json", expect=DONE)
        self.assertEqual(len(gateway.bill()["lines"]), 1)

    def test_private_addresses_are_not_asked_for_a_gateway_that_is_far(self):
        self.environment["EVOLINK_API_KEY"] = "none"
        manifest = self.campaign("/hero.jpg")
        _, _, err = self.run_program("plan", manifest, "--probe", expect=USAGE)
        self.assertIn("is plain http", err)
        manifest.write_text(manifest.read_text().replace("http://", "https://"))
        _, _, err = self.run_program("plan", manifest, "--out", "plan.json", expect=USAGE)
        self.assertIn("leads to a private address", err)
        self.assertFalse((self.folder / "plan.json").exists())
        self.assertEqual(self.pictures.asked, [])
        self.run_program("plan", self.campaign("/hero.jpg"), "--probe", "--allow-private-urls")
        self.assertEqual(self.pictures.asked, ["/hero.jpg"])

    def test_without_a_place_to_look_at_them_nothing_is_bought(self):
        gateway = self.gateway("--fast")
        self.environment["TMPDIR"] = str(self.folder / "nowhere")
        _, _, err = self.run_program("run", self.campaign("/hero.jpg"), expect=USAGE)
        self.assertIn("TMPDIR names no folder", err)
        self.assertIn("--no-probe", err)
        self.assertEqual(gateway.bill()["lines"], [])

    def test_looking_changes_nothing_of_what_is_made(self):
        self.gateway("--fast")
        manifest = self.campaign("/hero.jpg")
        plans = [json.loads(self.run_program("plan", manifest, "--json", *flags)[1]) for flags in ((), ("--probe",))]
        self.assertEqual([plan.pop("inputs") != [] for plan in plans], [False, True])
        self.assertEqual(*plans)


if __name__ == "__main__":
    unittest.main()

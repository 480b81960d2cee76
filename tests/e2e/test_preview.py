"""`preview`: the campaign drawn as animatics, without a key and without money."""
import re
import unittest
import urllib.parse

from harness import DONE, NOTHING, OUTSTANDING, USAGE, CampaignTest, interrupt, kill

CAMPAIGN = """version: 1
campaign: teaser
budget: {{cap: 1 credits}}
limits: {{rate: 1/1h}}
defaults: {{duration: 3, quality: 720p}}
outputs: {{dir: out}}
tasks:
  - {{name: kettle, prompt: "{prompt}", tags: [hero]}}
  - name: story
    shots: [{{prompt: "The box <b>opens</b>", duration: 1}}, {{prompt: "A shoe in a window", duration: 2}}]
"""


class Preview(CampaignTest):
    def setUp(self):
        super().setUp()
        for name in ("EVOLINK_API_KEY", "EVOLINK_BASE_URL"):
            self.environment.pop(name, None)
        self.drawn = self.folder / "out-preview"

    def preview(self, prompt, *flags, expect=DONE):
        manifest = self.write("campaign.yaml", CAMPAIGN.format(prompt=prompt))
        _, out, err = self.run_program("preview", manifest, *flags, expect=expect)
        return out.strip(), err

    def clips(self):
        return sorted(path.name for path in self.drawn.glob("clips/*.mp4"))

    def test_every_clip_is_drawn_whatever_the_caps_and_only_what_changed_is_drawn_anew(self):
        before = set(self.folder.iterdir())
        page, err = self.preview("A kettle at dawn")
        self.assertEqual(page, str(self.drawn / "storyboard.html"))
        self.assertIn("2 clips, 2 to draw", err)
        self.assertEqual(self.clips(), ["kettle-1.mp4", "story-1.mp4"])
        self.assertEqual({path.name for path in set(self.folder.iterdir()) - before}, {"campaign.yaml", "out-preview"})
        text = (self.drawn / "storyboard.html").read_text()
        self.assertIn("The box &lt;b&gt;opens&lt;/b&gt;", text)
        self.assertNotIn("<b>opens", text)
        self.assertEqual(re.findall(r'width="([\d.]+%)" height="22"/><text x="[\d.]+%" y="15">(\d) s', text),
                         [("100.0%", "3"), ("33.3%", "1"), ("66.7%", "2")])
        self.assertIn("above the cap", text)
        _, err = self.preview("A kettle at dawn")
        self.assertIn("2 clips, 0 to draw", err)
        story = (self.drawn / "clips" / "story-1.mp4").stat()
        _, err = self.preview("A kettle in the evening")
        self.assertIn("2 clips, 1 to draw", err)
        self.assertEqual(len(self.clips()), 2, "what is no longer part of it goes")
        self.assertEqual((self.drawn / "clips" / "story-1.mp4").stat().st_ino, story.st_ino)
        text = (self.drawn / "storyboard.html").read_text()
        shown = [urllib.parse.unquote(name) for name in re.findall(r'href="clips/([^"]+)"', text)]
        self.assertEqual(sorted(shown), self.clips())

    def test_a_part_of_it_elsewhere(self):
        self.drawn = self.folder / "boards"
        _, err = self.preview("A kettle", "--tag", "hero", "--to", self.drawn)
        self.assertIn("1 clip, 1 to draw", err)
        self.assertEqual(self.clips(), ["kettle-1.mp4"])

    def begin(self):
        """A preview of four clips, as soon as some of them are drawn."""
        manifest = self.write("long.yaml", """version: 1
campaign: long
budget: {cap: 9000 credits}
limits: {in_flight: 1}
defaults: {duration: 3, quality: 720p}
outputs: {dir: out}
matrix: {n: [1, 2, 3, 4]}
tasks: [{name: "clip-{{ n }}", prompt: "scene {{ n }}"}]
""")
        process = self.start("preview", manifest)
        told = ""
        while "made" not in told and process.poll() is None:
            told = process.stderr.readline()
        self.assertIn("made", told)
        return manifest, process

    def test_ctrl_c_speaks_of_drawings_and_keeps_what_is_drawn(self):
        manifest, process = self.begin()
        out, err = interrupt(process)
        self.assertEqual(process.returncode, OUTSTANDING, err)
        self.assertIn("what is half drawn is finished", err)
        self.assertNotIn("paid for", err)
        self.assertNotIn("callsheet resume", err)
        self.assertEqual(out.strip(), str(self.drawn / "storyboard.html"))
        drawn = len(self.clips())
        self.assertLess(drawn, 4)
        _, _, err = self.run_program("preview", manifest)
        self.assertIn(f"4 clips, {4 - drawn} to draw", err)
        self.assertIn("[4/4]", err)
        self.assertEqual(len(self.clips()), 4)

    def test_one_that_was_killed_is_drawn_anew(self):
        manifest, process = self.begin()
        kill(process)
        _, _, err = self.run_program("preview", manifest)
        self.assertIn("4 clips, 4 to draw", err)
        self.assertEqual(len(self.clips()), 4)

    def test_what_cannot_be_drawn_is_told(self):
        self.run_program("preview", "nowhere.yaml", expect=USAGE)
        self.write("rows.csv", "n\n")
        nothing = self.write("none.yaml", 'version: 1\ncampaign: e\nbudget: {cap: 9 credits}\ndata: {row: {csv: rows.csv}}\n'
                             'matrix: {row: "{{ data.row }}"}\ntasks: [{name: "c-{{ row.n }}", prompt: "s {{ row.n }}"}]\n')
        self.run_program("preview", nothing, expect=NOTHING)
        self.drawn.write_text("in the way")
        self.preview("A kettle", expect=OUTSTANDING)


if __name__ == "__main__":
    unittest.main()

"""What `cmake --install` and the Debian package bring works away from the source tree. Both take what is built."""
import gzip
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess

from harness import SOURCE, CampaignTest

BUILD = os.environ["CALLSHEET_BUILD"]
PAGES = {"man/man1/callsheet.1.gz": ["man"], "bash-completion/completions/callsheet": ["completion", "bash"],
         "zsh/vendor-completions/_callsheet": ["completion", "zsh"],
         "fish/vendor_completions.d/callsheet.fish": ["completion", "fish"]}


def tracked():
    """What of manifests and schemas is in the repository, and so belongs beside the installed program."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-z", "manifests", "schemas"], capture_output=True, check=True)
    return {f"share/callsheet/{path}" for path in listed.stdout.decode().split("\0") if path}


EXPECTED = {"bin/callsheet", "share/doc/callsheet/CHANGELOG.md", *(f"share/{page}" for page in PAGES), *tracked()}


class Install(CampaignTest):
    def call(self, *command, **options):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=200, **options)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def test_the_installed_program_carries_a_campaign_out_elsewhere(self):
        prefix = self.folder / "prefix"
        self.call("cmake", "--install", BUILD, "--prefix", prefix)
        self.assertEqual({str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}, EXPECTED)
        program = prefix / "bin" / "callsheet"
        work = self.folder / "work"
        work.mkdir()
        clean = {"cwd": work, "env": {**self.environment, "PATH": "/usr/bin:/bin", "HOME": str(work)}}
        for page, question in PAGES.items():
            text = (prefix / "share" / page).read_bytes()
            text = gzip.decompress(text) if page.endswith(".gz") else text
            self.assertEqual(text.decode(), self.call(program, *question, **clean), page)
        for manifest in sorted((prefix / "share/callsheet/manifests").glob("*.yaml")):
            self.call(program, "validate", manifest, **clean)
        shutil.copy(prefix / "share/callsheet/manifests/images/kettle.jpg", work)
        (work / "campaign.yaml").write_text("""version: 1
campaign: away
budget: {cap: 100 credits}
tasks: [{name: kettle, prompt: steam rises, image_start: kettle.jpg, duration: 3}]
""")
        report = pathlib.Path(self.call(program, "run", "campaign.yaml", "--local", **clean).strip())
        self.assertEqual(json.loads(report.with_suffix(".json").read_text())["totals"]["made"], 1)
        self.assertIn(b"kettle", report.read_bytes())

    def test_the_debian_package_holds_the_same_and_names_what_it_needs(self):
        package = self.package()
        version = re.search(r"project\(callsheet VERSION ([0-9.]+)", (SOURCE / "CMakeLists.txt").read_text())[1]
        self.assertEqual(self.call("dpkg-deb", "-f", package, "Version").strip(), version)
        needs = self.call("dpkg-deb", "-f", package, "Depends")
        for library, owners in self.owners(self.libraries()).items():
            self.assertTrue(any(re.search(rf"\b{re.escape(owner)}\b", needs) for owner in owners), library)
        self.assertRegex(needs, r"\bca-certificates\b")
        self.call("dpkg-deb", "-x", package, self.folder / "root")
        root = self.folder / "root"
        self.assertEqual({str(path.relative_to(root / "usr")) for path in (root / "usr").rglob("*") if path.is_file()},
                         EXPECTED)
        self.assertEqual([path.name for path in root.iterdir()], ["usr"])
        for path in root.rglob("*"):
            rights = stat.S_IMODE(path.stat().st_mode)
            self.assertEqual(rights, 0o755 if path.is_dir() or path.name == "callsheet" and path.parent.name == "bin" else 0o644,
                             path)

    def package(self):
        # Not in the build tree: cpack leaves a copy of all it packs.
        self.call("cpack", "--config", pathlib.Path(BUILD) / "CPackConfig.cmake", "-G", "DEB", "-B", self.folder / "packed",
                  "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=none", cwd=BUILD)
        package, = (self.folder / "packed").glob("callsheet_*.deb")
        return package

    def libraries(self):
        program = pathlib.Path(BUILD) / "bin" / "callsheet"
        return re.findall(r"NEEDED +(\S+)", self.call("objdump", "-p", program))

    def owners(self, libraries):
        """The packages that have a file of that name, of whatever architecture."""
        found = {library: set() for library in libraries}
        for line in self.call("dpkg-query", "-S", *(f"*/{library}" for library in libraries)).splitlines():
            owners, _, path = line.rpartition(": ")
            found[path.rsplit("/", 1)[1]] |= {owner.split(":")[0] for owner in owners.split(", ")}
        return found

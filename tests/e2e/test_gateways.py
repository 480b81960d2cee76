"""Gateways of one's own: named by a manifest, described by a catalog, never mixed up in the ledger."""
import json
import shutil
import unittest

from harness import DONE, IN_DOUBT, OUTSTANDING, PRICE, SOURCE, USAGE, CampaignTest, Gateway, QuietHandler, Server


class Gateways(CampaignTest):
    def two_gateways(self, *flags, settings="task_list: none"):
        """Profiles `a` and `b`, each with a key and a gateway of its own. The catalog goes by the environment."""
        self.a, self.b = (Gateway(self.folder / name, "--fast", *flags) for name in "ab")
        for gateway in (self.a, self.b):
            self.addCleanup(gateway.close)
        self.catalog(self.a.address, self.b.address, settings)
        self.environment.update(CALLSHEET_CATALOG="catalog.yaml", A_KEY="secret-of-a", B_KEY="secret-of-b")

    def catalog(self, a, b, settings="task_list: none"):
        self.write("catalog.yaml", f"""version: 1
extends: standard
gateways:
  a: {{base_url: "{a}", key_env: A_KEY, {settings}}}
  b: {{base_url: "{b}", key_env: B_KEY, {settings}}}
""")

    def at(self, profile, count=3):
        manifest = self.manifest(count)
        manifest.write_text(manifest.read_text() + f"gateway: {{profile: {profile}}}\n")
        return manifest

    def bills(self):
        return [len(gateway.bill()["lines"]) for gateway in (self.a, self.b)]

    def test_a_take_of_one_gateway_is_none_of_the_others(self):
        self.two_gateways()
        manifest = self.at("a")
        _, _, err = self.run_program("run", manifest)
        self.assertIn(f"gateway a, {self.a.address}", err)
        self.assertEqual(self.bills(), [3, 0])
        _, out, _ = self.run_program("plan", manifest)
        self.assertIn("new spend 0 credits", out)
        _, out, _ = self.run_program("plan", manifest, "--gateway", "b")
        self.assertIn("new spend 48.6 credits", out)
        self.assertIn(f"gateway b, {self.b.address}", out)
        self.run_program("plan", manifest, "--out", "plan.json")
        _, _, err = self.run_program("run", "plan.json", "--gateway", "b", expect=USAGE)
        self.assertRegex(err, r"was made for the gateway a@127\.0\.0\.1:\d+, and this run is at b@127\.0\.0\.1:\d+")
        self.environment["CALLSHEET_GATEWAY"] = "b"
        self.run_program("run", manifest)
        self.assertEqual(self.bills(), [3, 3])
        _, _, err = self.run_program("run", manifest, "--gateway", "a")
        self.assertIn("nothing to buy", err)
        self.assertEqual(self.bills(), [3, 3])
        _, out, _ = self.run_program("audit", "--json")
        self.assertEqual(len(json.loads(out)["accounts"]), 2)

    def test_resume_goes_to_the_gateway_that_the_run_began_with(self):
        storm = self.write("stuck.yaml", "version: 1\nstorm: stuck\ntasks: {stuck: 1}\n")
        self.two_gateways("--storm", storm, settings="patience: 1")
        self.run_program("run", self.at("a"), expect=OUTSTANDING)
        self.at("b")
        self.environment["CALLSHEET_GATEWAY"] = "b"
        # The catalog leads `a` elsewhere now, or has no such gateway: nothing is sent anywhere.
        self.catalog(self.b.address, self.b.address)
        _, _, err = self.run_program("resume", expect=USAGE)
        self.assertIn(f"it was made at the gateway 'a@{self.a.address[7:]}', and the catalog leads to", err)
        self.environment.pop("CALLSHEET_CATALOG")
        _, _, err = self.run_program("resume", expect=USAGE)
        self.assertIn("there is no gateway `a`", err)
        self.catalog(self.a.address, self.b.address)
        _, _, err = self.run_program("resume", "--catalog", "catalog.yaml", expect=OUTSTANDING)
        self.assertIn("resuming run", err)
        self.assertEqual(self.bills(), [3, 0])
        self.assertEqual(self.spent_in_all_runs()["held"], 3 * PRICE)

    def test_a_doubt_of_one_gateway_is_not_looked_for_at_the_other(self):
        self.two_gateways("--no-idempotency", settings="task_list: complete")
        proxy = self.proxy(self.a, lost=[1, 2, 3])
        self.environment.pop("EVOLINK_BASE_URL")
        self.catalog(proxy.address, self.b.address, "task_list: none")
        self.run_program("run", self.at("a"), expect=IN_DOUBT)
        # At `b` the list is complete, and has none of them: that says nothing about those of `a`.
        self.catalog(proxy.address, self.b.address, "task_list: complete")
        self.run_program("run", self.at("b"), expect=DONE)
        self.assertEqual(self.bills(), [3, 3])
        self.assertEqual(self.spent_in_all_runs(), {"billed": 3 * PRICE, "held": 3 * PRICE, "refund_expected": 0})

    def test_each_key_goes_to_its_own_gateway_and_is_named_when_it_is_missing(self):
        self.two_gateways()
        self.environment.pop("B_KEY")
        self.environment["EVOLINK_API_KEY"] = "not for b"
        _, _, err = self.run_program("run", self.at("b"), expect=USAGE)
        self.assertIn("there is no key for the gateway `b`", err)
        self.assertIn("set B_KEY", err)
        (self.folder / "key").write_text("from-a-file\n")
        self.environment["B_KEY_FILE"] = "key"
        self.run_program("run", self.at("b"))
        self.assertEqual(self.bills(), [0, 3])
        everything = b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and path.name != "key")
        for secret in (b"from-a-file", b"secret-of-a", b"not for b"):
            self.assertNotIn(secret, everything)

    def test_the_environment_leads_a_profile_elsewhere(self):
        self.two_gateways()
        self.environment["EVOLINK_BASE_URL"] = self.b.address
        _, out, _ = self.run_program("plan", self.at("a"), "--json")
        self.assertEqual(json.loads(out)["gateway"], "a@" + self.b.address[7:])

    def test_files_of_evolink_led_elsewhere_lead_no_other_profile(self):
        self.two_gateways()
        shutil.copy(SOURCE / "manifests/images/headphones.jpg", self.folder / "hero.jpg")
        manifest = self.at("a", 1)
        manifest.write_text(manifest.read_text().replace("    duration: 3", "    duration: 3\n    image_start: hero.jpg"))
        self.environment["EVOLINK_FILES_URL"] = "http://127.0.0.1:1"
        self.run_program("run", manifest)
        self.assertEqual(self.bills(), [1, 0])

    def test_what_a_manifest_may_not_do(self):
        self.two_gateways(settings="callbacks: false")
        manifest = self.at("nobody")
        for command in ("validate", "plan", "run"):
            _, _, err = self.run_program(command, manifest, expect=USAGE)
            self.assertIn("campaign.yaml:11:20: error: there is no gateway `nobody` in the catalog", err)
        self.run_program("plan", manifest, "--local")
        _, _, err = self.run_program("plan", manifest, "--gateway", "c", expect=USAGE)
        self.assertIn("there is no gateway `c`", err)
        self.run_program("plan", manifest, "--gateway", "a", "--local", expect=USAGE)
        manifest.write_text(manifest.read_text().replace("nobody", "a") + "env: [B_KEY]\n")
        _, _, err = self.run_program("plan", manifest, expect=USAGE)
        self.assertIn("the key of the gateway `b` does not belong into texts", err)
        manifest.write_text(manifest.read_text().replace("env: [B_KEY]", 'webhooks: {listen: "127.0.0.1:8443", public_url: "https://x.example/y"}'))
        _, _, err = self.run_program("validate", manifest, expect=USAGE)
        self.assertIn("campaign.yaml:12:", err)
        self.assertIn("the gateway `a` tells nothing by callbacks", err)

    def test_the_proxy_of_the_environment_is_asked_and_its_password_is_nobodys_business(self):
        asked = []

        class Refusing(QuietHandler):
            def do_CONNECT(self):
                asked.append((self.path, self.headers["Proxy-Authorization"]))
                self.send_error(403)

        proxy = Server(Refusing)
        self.addCleanup(proxy.close)
        place = proxy.address.removeprefix("http://")
        self.environment.update(EVOLINK_API_KEY="key", HTTPS_PROXY=f"http://us:er@{place}")
        _, _, err = self.run_program("run", self.manifest(1), expect=USAGE)
        self.assertIn(f"the proxy {place} refused to connect to api.evolink.ai: 403", err)
        self.assertEqual(asked, [("api.evolink.ai:443", "Basic dXM6ZXI=")])
        self.environment["HTTPS_PROXY"] = "socks5://us:er@127.0.0.1"
        _, _, told = self.run_program("run", self.manifest(1), expect=USAGE)
        self.assertIn("HTTPS_PROXY: only a proxy that is spoken to by plain http", told)
        for text in (err, told):
            self.assertNotIn("us:er", text)
        self.environment["HTTPS_PROXY"] = "http://us:er@127.0.0.1:1"
        manifest = self.manifest(1)
        manifest.write_text(manifest.read_text() + "env: [HTTPS_PROXY]\n")
        _, _, told = self.run_program("plan", manifest, expect=USAGE)
        self.assertRegex(told, r"campaign\.yaml:11:\d+: error: the proxy's address, with its password, does not belong into texts")
        self.assertNotIn("us:er", told)
        # What is on this machine is reached without.
        self.two_gateways()
        self.environment["HTTPS_PROXY"] = "http://127.0.0.1:1"
        self.run_program("run", self.at("a"))

    def test_the_settings_of_a_profile_reach_the_run(self):
        storm = self.write("stuck.yaml", "version: 1\nstorm: stuck\ntasks: {stuck: 1}\n")
        self.two_gateways("--storm", storm, settings="patience: 1, poll_interval: {min: 1, max: 2}")
        proxy = self.proxy(self.a)
        self.environment.pop("EVOLINK_BASE_URL")
        self.catalog(proxy.address, self.b.address, "patience: 1, poll_interval: {min: 1, max: 2}")
        manifest = self.at("a", 1)
        self.run_program("run", manifest, expect=OUTSTANDING)  # 2 hours without the profile, and a hundred reads
        self.assertLessEqual(proxy.reads, 3)
        # The manifest's own word goes before the profile's.
        manifest.write_text(manifest.read_text().replace("in_flight: 8", "in_flight: 8, patience: 3s"))
        _, out, _ = self.run_program("plan", manifest, "--json")
        self.assertEqual(json.loads(out)["terms"]["patience_s"], 3)
        self.assertEqual(json.loads(self.run_program("plan", self.at("a", 1), "--json")[1])["terms"]["patience_s"], 1)

    def test_models_lists_the_gateways(self):
        self.two_gateways()
        _, out, _ = self.run_program("models")
        self.assertIn(f"gateways: evolink (https://api.evolink.ai, key in EVOLINK_API_KEY), a ({self.a.address}, key in A_KEY)", out)
        _, out, _ = self.run_program("models", "--json")
        self.assertEqual([one["name"] for one in json.loads(out)["gateways"]], ["evolink", "a", "b"])


if __name__ == "__main__":
    unittest.main()

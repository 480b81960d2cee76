"""Callbacks that come in by TLS, without a proxy in front: the run has the certificate itself."""
import json
import os
import subprocess
import time
import unittest
import unittest.mock

from harness import PRICE, USAGE, CampaignTest, free_port


class TlsCallbacks(CampaignTest):
    def certificate(self, name="chain", days="2"):
        """One for localhost, signed by its own key; gives the names of both files."""
        key, request, chain = (self.folder / f"{name}{end}" for end in ("-key.pem", ".csr", ".pem"))
        names = self.write("names.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        for words in (("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                       "-subj", "/CN=localhost", "-keyout", key, "-out", request),
                      ("x509", "-req", "-in", request, "-signkey", key, "-days", days, "-extfile", names, "-out", chain)):
            subprocess.run(["openssl", *words], check=True, capture_output=True)
        return chain.name, key.name

    def by_tls(self, count, port, certificate, key):
        path = self.manifest(count)
        path.write_text(path.read_text() + f"webhooks: {{listen: 127.0.0.1:{port}, public_url: \"https://localhost:{port}/hooks\", "
                        f"tls: {{certificate: {certificate}, key: {key}}}}}\n")
        return path

    def test_the_gateway_calls_by_https_and_what_it_tells_is_known_at_once(self):
        certificate, key = self.certificate()
        with unittest.mock.patch.dict(os.environ, SSL_CERT_FILE=str(self.folder / certificate)):
            gateway = self.gateway("--fast", "--reach-anywhere", "--latency", "0.2")
        # Without callbacks nobody would look for a minute.
        self.write("catalog.yaml", "version: 1\nextends: standard\n"
                   "gateways: {evolink: {poll_interval: {min: 60, max: 600}}}\n")
        begun = time.monotonic()
        self.run_program("run", self.by_tls(5, free_port(), certificate, key), "--catalog", "catalog.yaml")
        self.assertLess(time.monotonic() - begun, 30)
        self.assertEqual(self.report()["totals"]["billed"]["units"], 5 * PRICE)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 5 * PRICE)

    def test_a_certificate_that_is_not_trusted_only_costs_reads(self):
        certificate, key = self.certificate()
        gateway = self.gateway("--fast", "--reach-anywhere")
        self.run_program("run", self.by_tls(5, free_port(), certificate, key))
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 5 * PRICE)

    def test_files_that_are_not_good_are_told_before_anything_is_bought(self):
        certificate, key = self.certificate()
        _, another = self.certificate("another")
        old, old_key = self.certificate("old", days="-1")
        self.write("text.pem", "so much for that")
        gateway = self.gateway("--fast", "--reach-anywhere")
        for files, told in (((certificate, "none.pem"), "none.pem': No such file or directory"),
                            (("text.pem", key), "text.pem' holds no certificate"),
                            ((certificate, another), "is not that of the certificate"),
                            ((old, old_key), "has expired on 20")):
            with self.subTest(told):
                _, out, err = self.run_program("run", self.by_tls(2, free_port(), *files), "--fresh", expect=USAGE)
                self.assertIn(told, err)
                self.assertIn("mend: ", err)
                self.assertNotIn("BEGIN", out + err)
        self.assertEqual(gateway.bill()["lines"], [])
        self.assertEqual(json.loads(self.run_program("history", "--json")[1])["runs"], [], "nothing was begun")
        self.write("text.pem", (self.folder / certificate).read_text())
        self.run_program("run", self.by_tls(2, free_port(), "text.pem", key), "--fresh")
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 2 * PRICE)


if __name__ == "__main__":
    unittest.main()

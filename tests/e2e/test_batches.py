"""Where a gateway takes them, tasks are asked for together: fewer requests, and nothing else is different."""
import json
import unittest

from harness import PRICE, CampaignTest

CLIPS = 60


class Batches(CampaignTest):
    def reads(self, batch, alters=None):
        """How many requests a campaign's reads take, and how many of them ask for several tasks."""
        self.doCleanups()
        self.setUp()
        gateway = self.gateway("--fast", "--latency", "0.05")
        seen = []

        def noted(path, status, content):
            if path.endswith("/tasks/batch"):
                seen.append(path)
                return alters(status, content) if alters else (status, content)
            return status, content

        proxy = self.proxy(gateway, alters=noted)
        settings = f"task_batch: {batch}, " if batch else ""
        self.write("catalog.yaml", "version: 1\nextends: standard\ngateways:\n"
                   f"  evolink: {{{settings}poll_interval: {{min: 1, max: 2}}}}\n")
        self.run_program("run", self.manifest(CLIPS, in_flight=30), "--catalog", "catalog.yaml")
        self.assertEqual(self.report()["totals"]["made"], CLIPS)
        self.assertEqual(self.report()["totals"]["billed"]["units"], CLIPS * PRICE)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], CLIPS * PRICE)
        return proxy.reads, len(seen)

    def test_they_save_most_of_the_requests(self):
        alone, none = self.reads(None)
        self.assertEqual(none, 0)
        self.assertGreaterEqual(alone, CLIPS)
        together, batches = self.reads(50)
        self.assertGreater(batches, 0)
        self.assertLess(together * 4, alone, f"{together} requests with batches, {alone} without")
        print(f"\n{CLIPS} clips: {alone} requests one by one, {together} with batches")

    def test_a_batch_that_leaves_tasks_out_loses_none_of_them(self):
        def half(status, content):
            answer = json.loads(content)
            answer["data"] = answer["data"][::2]
            return status, json.dumps(answer).encode()

        _, batches = self.reads(50, half)
        self.assertGreater(batches, 0)

    def test_a_gateway_that_does_not_take_them_is_asked_one_by_one(self):
        for status, content in ((404, b'{"error":{"code":"not_found","message":"no","type":"invalid_request_error"}}'),
                                (200, b'{"code":200,"data":"none"}'), (200, b"<html>")):
            with self.subTest(content):
                reads, batches = self.reads(50, lambda *_: (status, content))
                self.assertIn(batches, range(1, 4))  # what was on its way when the first was refused
                self.assertGreater(reads, CLIPS)


if __name__ == "__main__":
    unittest.main()

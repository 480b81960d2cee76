"""Callbacks are hints: they may come twice, early, forged or not at all, and only spare reads."""
import socket
import threading
import unittest

from harness import IN_DOUBT, PATIENCE_S, PRICE, CampaignTest, call_back, free_port, until


class Caller(threading.Thread):
    """Calls back for every task that has ended, as the gateway would, until told to stop."""

    def __init__(self, gateway, proxy, times=1):
        super().__init__(daemon=True)
        self.gateway, self.proxy, self.times = gateway, proxy, times
        self.over, self.answers = threading.Event(), []
        self.start()

    def run(self):
        called = set()
        while not self.over.wait(0.02):
            for line in self.gateway.bill()["lines"]:
                address = self.proxy.callbacks.get(line["id"])
                if line["status"] in ("completed", "failed") and address and line["id"] not in called:
                    called.add(line["id"])
                    for _ in range(self.times):
                        self.answers.append(call_back(address, {"id": line["id"], "status": line["status"]}))

    def stop(self):
        self.over.set()
        self.join()


class Callbacks(CampaignTest):
    def test_every_clip_is_made_once_with_callbacks_that_come_twice(self):
        gateway = self.gateway("--fast")
        proxy = self.proxy(gateway)
        caller = Caller(gateway, proxy, times=2)
        self.run_program("run", self.listening(self.manifest(20), free_port()))
        caller.stop()
        self.assertEqual(len(proxy.callbacks), 20)
        self.assertEqual(len(set(proxy.callbacks.values())), 20, "a token is for one attempt only")
        self.assertIn(204, caller.answers)
        self.assertEqual(self.report()["totals"]["billed"]["units"], 20 * PRICE)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 20 * PRICE)

    def test_without_a_single_callback_polling_carries_on(self):
        gateway = self.gateway("--fast")
        self.proxy(gateway)
        self.run_program("run", self.listening(self.manifest(6), free_port()))
        self.assertEqual(self.report()["totals"]["made"], 6)

    def test_a_callback_settles_a_doubt(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        proxy = self.proxy(gateway, lost=[1])
        port = free_port()
        process = self.start("run", self.listening(self.manifest(3), port))
        caller = Caller(gateway, proxy)
        _, err = process.communicate(timeout=PATIENCE_S)
        caller.stop()
        # Either the callback came while the run was still there, or the doubt is told as one.
        self.assertIn(process.returncode, (0, IN_DOUBT), err)
        totals = self.report()["totals"]
        self.assertEqual(totals["billed"]["units"] + totals["held"]["units"], 3 * PRICE)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 3 * PRICE)

    def test_forged_callbacks_do_nothing(self):
        gateway = self.gateway("--fast", "--latency", "0.05")
        proxy = self.proxy(gateway)
        port = free_port()
        process = self.start("run", self.listening(self.manifest(30), port))
        until(lambda: process.poll() is not None or proxy.callbacks)
        base = f"http://127.0.0.1:{port}/hooks/"
        self.assertIn(call_back(base + "0123456789abcdef", {"id": "task-unified-1-forged"}), (204, None))
        for address in list(proxy.callbacks.values())[:1]:
            self.assertIn(call_back(address, {"id": "task-unified-1-forged"}), (204, None))
            self.assertIn(call_back(address, {}, method="PUT"), (404, None))
        process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.report()["totals"]["made"], 30)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 30 * PRICE)

    def test_a_port_that_is_taken_is_told_and_nothing_is_bought(self):
        gateway = self.gateway("--fast")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            _, _, err = self.run_program("run", self.listening(self.manifest(3), taken.getsockname()[1]), expect=None)
        self.assertIn("in use", err)
        self.assertEqual(gateway.bill()["lines"], [])


if __name__ == "__main__":
    unittest.main()

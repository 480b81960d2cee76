"""The local gateway calls the run back itself, over a relay that sees what passes and may refuse it."""
import json
import threading
import time
import unittest

from harness import PRICE, CampaignTest, QuietHandler, Server, call_back, free_port, until


class Relay(Server):
    """Where the gateway is told to call: hands calls on to the run's port, but answers the first `refuses` of each path
    itself, with 500. Keeps when each path was called, and with what answer."""

    def __init__(self, port, refuses=0):
        self.calls, self.guard = {}, threading.Lock()
        relay = self

        class Handler(QuietHandler):
            def do_POST(self):
                task = json.loads(self.body())
                with relay.guard:
                    earlier = len(relay.calls.setdefault(self.path, []))
                    call = {"at": time.monotonic(), "task": task, "status": 500}
                    relay.calls[self.path].append(call)
                if earlier >= refuses:
                    call["status"] = call_back(f"http://127.0.0.1:{port}{self.path}", task) or 204  # none: the run is over
                self.answer(call["status"])

        super().__init__(Handler)
        self.public_url = self.address + "/hooks"

    def wait_for(self, paths):
        """The last calls may still be on their way when the run is over."""
        until(lambda: len(self.calls) >= paths and all(calls[-1]["status"] != 500 for calls in list(self.calls.values())),
              lambda: f"{len(self.calls)} of {paths} were called back: {self.calls}")


class LocalCallbacks(CampaignTest):
    def called_run(self, count, *flags, refuses=0):
        """A campaign whose gateway calls back through a relay."""
        gateway = self.gateway("--fast", "--reach-anywhere", *flags)
        port = free_port()
        relay = Relay(port, refuses)
        self.addCleanup(relay.close)
        self.run_program("run", self.listening(self.manifest(count), port, relay.public_url))
        self.assertEqual(self.report()["totals"]["billed"]["units"], count * PRICE)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], count * PRICE)
        return gateway, relay

    def test_each_clip_is_told_once_under_a_token_of_its_own(self):
        gateway, relay = self.called_run(10, "--latency", "0.01")
        relay.wait_for(10)
        tasks = [calls[0]["task"] for calls in relay.calls.values()]
        self.assertEqual({task["id"] for task in tasks}, {line["id"] for line in gateway.bill()["lines"]})
        self.assertEqual({(task["status"], task["billing"]["charge_status"]) for task in tasks}, {("completed", "charged")})
        self.assertEqual({len(calls) for calls in relay.calls.values()}, {1})
        self.assertEqual({calls[0]["status"] for calls in relay.calls.values()}, {204})

    def test_what_only_the_callback_can_tell_is_known_by_it(self):
        gateway = self.gateway("--fast", "--reach-anywhere", "--no-idempotency", "--latency", "0.02")
        self.proxy(gateway, lost=[1], takes_callbacks=False)
        # Long enough that the lost one ends while others are still made.
        self.run_program("run", self.listening(self.manifest(8, in_flight=2), free_port()))
        self.assertEqual(self.report()["totals"]["made"], 8)
        self.assertEqual(gateway.bill()["totals"]["charged_uc"], 8 * PRICE)

    def test_callbacks_that_come_twice_or_never_change_nothing(self):
        storm = self.write("storm.yaml", "version: 1\nstorm: calls\ncallbacks: {lose: 0.3, twice: 0.4}\n")
        gateway, relay = self.called_run(20, "--storm", str(storm))
        faults = gateway.bill()["faults"]
        self.assertGreater(faults["callbacks.lose"], 0)
        self.assertGreater(faults["callbacks.twice"], 0)
        relay.wait_for(20 - faults["callbacks.lose"])
        self.assertEqual(len(relay.calls), 20 - faults["callbacks.lose"])

    def test_a_receiver_that_refuses_first_is_called_again_a_second_later(self):
        _, relay = self.called_run(3, "--latency", "0.05", refuses=1)
        relay.wait_for(3)
        for calls in relay.calls.values():
            self.assertEqual(len(calls), 2)
            self.assertGreaterEqual(calls[1]["at"] - calls[0]["at"], 1)

    def test_the_real_rules_hold_without_the_switch(self):
        gateway = self.gateway("--fast")
        path = self.listening(self.manifest(1), free_port(), "http://127.0.0.1:1/hooks")
        _, out, err = self.run_program("run", path, expect=None)
        self.assertIn("callback_url", out + err)
        self.assertEqual(gateway.bill()["lines"], [])

    def test_a_run_with_the_built_in_gateway_is_called_on_this_machine_and_nobody_else_is(self):
        port = free_port()
        relay = Relay(port)
        self.addCleanup(relay.close)
        self.run_program("run", self.listening(self.manifest(3), port, relay.public_url), "--local")
        # The gateway goes with the run: the last ones may not be called any more.
        self.assertGreaterEqual(len(relay.calls), 1)
        path = self.listening(self.manifest(3), port, "https://hooks.example.com/callsheet")
        self.run_program("run", path, "--local", "--fresh")
        self.assertEqual(self.report()["totals"]["made"], 3)


if __name__ == "__main__":
    unittest.main()

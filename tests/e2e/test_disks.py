"""Full and unwritable disks: known before money moves, or nothing is lost."""
import json
import os
import shutil
import subprocess
import unittest

from harness import OUTSTANDING, PATIENCE_S, PRICE, USAGE, CampaignTest

MIB = 1 << 20


class Disks(CampaignTest):
    def test_an_output_folder_that_cannot_be_written_is_told_before_a_credit_is_spent(self):
        gateway = self.gateway("--fast")
        self.write("out", "a file where the folder should be")
        _, _, err = self.run_program("run", self.manifest(3), expect=USAGE)
        self.assertIn("clips cannot be kept in", err)
        self.assertEqual(gateway.bill()["lines"], [])
        (self.folder / "out").unlink()
        self.run_program("run", self.manifest(3))
        # The same where nothing is left to buy: no run is begun that could not end.
        self.write("other", "a file")
        self.run_program("run", self.manifest(3), "--out", "other", expect=USAGE)
        _, out, _ = self.run_program("history", "--json")
        self.assertEqual([run["status"] for run in json.loads(out)["runs"]], ["completed"])

    def small_disk(self, size):
        """A file system of that size; the test is skipped where this machine lets nobody mount one."""
        folder = self.folder / "small"
        folder.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
                              stderr=subprocess.DEVNULL, check=False) if shutil.which("mount") else None
        if made is None or made.returncode != 0:
            self.skipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
        return folder

    def test_a_ledger_on_a_full_disk_is_told_before_a_credit_is_spent(self):
        gateway = self.gateway("--fast")
        self.environment["CALLSHEET_LEDGER"] = str(self.small_disk(4 * MIB) / "ledger.db")
        _, _, err = self.run_program("run", self.manifest(3), expect=OUTSTANDING)
        self.assertIn("8 MiB must be free", err)
        self.assertEqual(gateway.bill()["lines"], [])

    def test_a_disk_that_runs_full_stops_submission_and_loses_nothing(self):
        gateway = self.gateway("--fast", "--latency", "0.005", "--no-idempotency")
        disk = self.small_disk(32 * MIB)
        self.environment["CALLSHEET_LEDGER"] = str(disk / "ledger.db")
        process = self.start("run", self.manifest(120))
        gateway.wait_for_tasks(20, process)
        self.fill(disk / "ballast")
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, OUTSTANDING, err)
        self.assertIn("is full: nothing new is submitted", out + err)
        # Every task the gateway took is known by its id, without any help of its idempotency.
        self.assertLess(len(gateway.bill()["lines"]), 120)
        known = {attempt["task_id"] for clip in self.report()["clips"] for attempt in clip["attempts"]}
        self.assertEqual({line["id"] for line in gateway.bill()["lines"]} - known, set())
        os.remove(disk / "ballast")
        self.run_program("resume")
        self.assertEqual(len(gateway.bill()["lines"]), 120)
        self.assertEqual(self.report()["totals"]["billed"]["units"], 120 * PRICE)

    @staticmethod
    def fill(path):
        with open(path, "wb", buffering=0) as ballast:
            block = bytes(1 << 16)
            while len(block) > 1:
                try:
                    ballast.write(block)
                except OSError:
                    block = block[:len(block) // 2]


if __name__ == "__main__":
    unittest.main()

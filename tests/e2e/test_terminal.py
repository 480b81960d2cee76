"""What people see of a run while it goes on, and of one that nobody drives any more."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata
import unittest

from harness import DONE, FAILED, OUTSTANDING, PATIENCE_S, PROGRAM, CampaignTest, kill, until

# What the display may ask of a terminal: up to the first column, erase to the end of line or screen, the cursor, colours.
SEQUENCE = re.compile(r"\x1b\[(\?25[lh]|\d*[FJKm]|\d+;\d+m)")


class Screen:
    """A program on a pseudo-terminal, and what a terminal makes of its words. No row may outgrow it, for then it would be broken."""

    def __init__(self, test, stream, *arguments, columns=80, rows=24, **environment):
        self.test, self.columns, self.rows = test, columns, rows
        self.lines, self.row, self.column = [""], 0, 0
        self.cursor, self.erased_below, self.written, self.raw = True, 0, "", b""
        self.allowed = columns  # what is on its way while the size changes is still of the old one
        self.master, slave = pty.openpty()
        self.set_size()
        environment = {"TERM": "xterm", **test.environment, **environment}
        del environment["CI"]
        streams = {"stdin": slave, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: slave}
        self.process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=test.folder, env=environment, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0), **streams)
        os.close(slave)
        test.addCleanup(self.close)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def set_size(self):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def resize(self, columns):
        """As most terminals do it: rows that are too long by now are broken."""
        while select.select([self.master], [], [], 0)[0] and self.take():
            pass
        self.columns, self.allowed = columns, max(columns, self.allowed)
        broken = [[line[at:at + columns] for at in range(0, max(1, len(line)), columns)] for line in self.lines]
        self.row += sum(len(pieces) - 1 for pieces in broken[:self.row])
        self.lines = [piece for pieces in broken for piece in pieces]
        self.set_size()

    def wait_for(self, condition):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self.test.assertLess(time.monotonic(), deadline, f"waited in vain; the screen shows {self.lines}")
            if select.select([self.master], [], [], 0.05)[0] and not self.take():
                self.test.assertTrue(condition(), f"the program ended; the screen shows {self.lines}")

    def end(self):
        deadline = time.monotonic() + PATIENCE_S
        while self.take():
            self.test.assertLess(time.monotonic(), deadline)
        return self.process.wait(PATIENCE_S)

    def take(self):
        try:
            self.raw += os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        whole = self.raw.decode("utf-8", "ignore")  # a character in two pieces waits for its rest
        if not whole.encode() == self.raw or re.search(r"\x1b[^A-Za-z]*$", whole):
            return True
        self.raw = b""
        self.written += whole
        self.draw(whole)
        return True

    def draw(self, text):
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                sequence = SEQUENCE.match(text, at)
                self.test.assertIsNotNone(sequence, f"not asked of any terminal: {text[at:at + 12]!r}")
                self.obey(sequence[1])
                at = sequence.end()
                continue
            if text[at] == "\n":
                self.row += 1
                while self.row >= len(self.lines):
                    self.lines.append("")
            elif text[at] == "\r":
                self.column = 0
            else:
                cells = text[at] + ("\0" if unicodedata.east_asian_width(text[at]) in "WF" else "")
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[:self.column] + cells + line[self.column + len(cells):]
                self.column += len(cells)
                if not self.cursor:  # before and after there is nothing to keep up to date
                    self.test.assertLess(self.column, self.allowed, f"longer than the terminal: {self.lines[self.row]!r}")
            at += 1

    def obey(self, order):
        if order.endswith("F"):
            self.row, self.column = self.row - int(order[:-1] or 1), 0
            self.test.assertGreaterEqual(self.row, 0)
        elif order == "K":
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif order == "J":
            self.lines[self.row] = self.lines[self.row][:self.column]
            del self.lines[self.row + 1:]
            self.erased_below += 1
            self.allowed = self.columns
        elif order in ("?25l", "?25h"):
            self.cursor = order == "?25h"
        else:
            self.test.assertTrue(order.endswith("m"), f"clears the screen: {order}")

    def shows(self, text):
        return any(text in line for line in self.lines)


class Terminal(CampaignTest):
    def status(self):
        _, out, _ = self.run_program("status", "--json")
        return json.loads(out)

    def run_under_way(self, *flags, count=6, in_flight=2):
        """A run whose clips take for ever, with a task at the gateway."""
        self.gateway("--latency", "10")
        process = self.start("run", self.manifest(count, in_flight=in_flight), *flags)
        self.addCleanup(kill, process)
        def at_the_gateway():
            self.assertIsNone(process.poll(), "the run has ended")
            code, out, _ = self.run_program("status", "--json", expect=None)
            tasks = json.loads(out)["tasks"] if code == DONE else []
            return sum(task.get("attempt", {}).get("state") == "running" for task in tasks) == in_flight
        until(at_the_gateway)
        return process


class WhoDrives(Terminal):
    def test_a_run_whose_process_was_killed_is_told_from_one_that_goes_on(self):
        process = self.run_under_way()
        status = self.status()
        self.assertEqual((status["status"], status["process"], status["process_gone"]), ("running", process.pid, False))
        _, out, _ = self.run_program("status")
        self.assertIn(f"status    running in process {process.pid}, started", out)
        self.assertNotIn("go on", out)
        self.assertEqual(self.report()["status"], "running")
        process.kill()
        process.wait()
        status = self.status()
        self.assertEqual((status["status"], status["process"], status["process_gone"]), ("interrupted", None, True))
        run = status["run"]
        _, out, _ = self.run_program("status")
        self.assertIn("status    interrupted: its process is gone, started", out)
        self.assertIn(f"go on     callsheet resume {run}\n", out)
        _, out, _ = self.run_program("history")
        self.assertRegex(out, rf"{run} .* interrupted ")
        self.assertEqual(self.report()["status"], "interrupted")
        # From elsewhere the command that goes on names the ledger, as a shell takes it.
        elsewhere = self.folder / "it's elsewhere"
        elsewhere.mkdir()
        (self.folder / ".callsheet").rename(elsewhere / "kept")
        _, out, _ = self.run_program("--ledger", "it's elsewhere/kept/ledger.db", "status")
        self.assertIn(f"go on     callsheet --ledger 'it'\\''s elsewhere/kept/ledger.db' resume {run}\n", out)

    def test_a_run_that_goes_on_is_running_again(self):
        process = self.run_under_way()
        process.kill()
        process.wait()
        again = self.start("resume")
        self.addCleanup(kill, again)
        until(lambda: self.status()["process"] == again.pid)
        again.send_signal(signal.SIGINT)
        # What there is to bring home it may not know yet.
        until(lambda: "nothing more is submitted" in again.stderr.readline())
        again.send_signal(signal.SIGINT)
        again.wait(PATIENCE_S)
        status = self.status()
        self.assertEqual((status["status"], status["process_gone"]), ("interrupted", False))


class Watching(Terminal):
    def finish(self, process):
        """Told to stop twice, the run leaves with what it has."""
        process.send_signal(signal.SIGTERM)
        until(lambda: "brought home" in process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)

    def test_without_a_terminal_a_change_is_a_line_and_the_exit_code_is_the_runs(self):
        process = self.run_under_way()
        watch = self.start("status", "--watch")
        self.addCleanup(kill, watch)
        self.assertRegex(watch.stdout.readline(), r"^\d{4}-\d\d-\d\dT\S+Z 0/6 clips; 0 of 10000 credits billed, 32\.4 held\n$")
        self.finish(process)
        out, err = watch.communicate(timeout=PATIENCE_S)
        self.assertEqual((watch.returncode, err), (OUTSTANDING, ""))
        self.assertIn("status    interrupted, started", out)
        self.assertNotIn("\x1b", out)
        self.run_program("status", "--watch", "--json", expect=2)

    def test_of_a_run_that_has_ended_it_tells_how_at_once(self):
        self.gateway("--fast", "--latency", "0", "--fail", "1")
        self.run_program("run", self.manifest(1), expect=FAILED)
        _, out, _ = self.run_program("status", "--watch", expect=FAILED)
        self.assertIn("0 made, 0 mismatched, 0 reused, 1 failed", out)

    def test_whoever_has_seen_enough_leaves_and_the_run_goes_on(self):
        process = self.run_under_way()
        watch = Screen(self, "stdout", "status", "--watch")
        watch.wait_for(lambda: watch.shows("0/6 clips") and watch.shows("32.4 held"))
        self.assertFalse(watch.cursor)
        watch.resize(40)
        watch.wait_for(lambda: any(line.endswith("…") for line in watch.lines))
        os.write(watch.master, b"\x03")
        self.assertEqual(watch.end(), OUTSTANDING)
        self.assertTrue(watch.cursor)
        self.assertIsNone(process.poll())
        self.assertEqual(self.status()["process"], process.pid)

    def test_a_dumb_terminal_gets_lines_and_no_color_leaves_colours_out(self):
        self.run_under_way()
        dumb = Screen(self, "stdout", "status", "--watch", TERM="dumb")
        dumb.wait_for(lambda: dumb.shows("0/6 clips; 0 of 10000"))
        self.assertNotIn("\x1b", dumb.written)
        plain = Screen(self, "stdout", "status", "--watch", NO_COLOR="1")
        plain.wait_for(lambda: plain.shows("0/6 clips"))
        self.assertNotIn("m", "".join(re.findall(r"\x1b\[[^A-Za-z]*([A-Za-z])", plain.written)))


class Asked(Terminal):
    def test_a_signal_asks_a_run_how_it_stands_and_disturbs_nothing(self):
        process = self.run_under_way()
        process.send_signal(signal.SIGUSR1)
        lines = []
        until(lambda: lines.append(process.stderr.readline()) or "  next " in lines[-1])
        told = "".join(lines)
        self.assertRegex(told, r"after [\d.]+ s: 0/6 clips\n  credits  0 billed, 32\.4 held, of a cap of 10000\n  at work  2 at the gateway")
        self.assertRegex(told, r"clip-1 is being made, \d+ % for [\d.]+ s, kling-v3-text-to-video\n")
        self.assertIn("  waiting  4 for kling-v3-text-to-video: tasks in flight (limits.in_flight)\n", told)
        self.assertIsNone(process.poll())
        self.assertEqual(self.status()["status"], "running")

    def test_places_that_doubts_hold_are_told(self):
        self.proxy(self.gateway("--fast", "--latency", "0", "--no-idempotency"), lost={1, 2})
        process = self.start("run", self.manifest(3, in_flight=2))
        self.addCleanup(kill, process)
        until(lambda: "all 2 places in flight are held" in process.stderr.readline())
        process.send_signal(signal.SIGUSR1)
        lines = []
        until(lambda: lines.append(process.stderr.readline()) or "  next " in lines[-1])
        self.assertRegex("".join(lines), r"  doubts   2 places in flight are held by requests that may be running, their answers were lost\n"
                                         r"           nothing new is submitted for (20|1\d) min")


class Display(Terminal):
    def campaign(self, count, **more):
        """With names that take more room than they have letters."""
        manifest = self.manifest(count, **more)
        manifest.write_text(manifest.read_text().replace('name: "clip-', 'name: "春の靴-a-name-that-does-not-fit-into-a-narrow-terminal-'))
        return manifest

    def test_no_row_outgrows_a_terminal_of_whatever_size_and_the_cursor_comes_back(self):
        self.gateway("--fast", "--latency", "0", "--fail", "0.5")
        for columns in (40, 200):
            with self.subTest(columns):
                screen = Screen(self, "stderr", "--ledger", f"{columns}.db", "run", self.campaign(12), "--yes", "--out", f"out-{columns}",
                                columns=columns, rows=10)
                self.assertIn(screen.end(), (DONE, FAILED), screen.lines)
                self.assertTrue(screen.cursor)
                self.assertIn("12/12]", screen.written.replace(" ", ""))

    def test_it_is_drawn_anew_for_another_size_and_else_only_where_it_changes(self):
        self.gateway("--latency", "10")
        screen = Screen(self, "stderr", "run", self.manifest(6, in_flight=2), "--yes", columns=100)
        screen.wait_for(lambda: screen.shows("making    clip-2") and screen.shows("0/6 clips"))
        erased, begun = screen.erased_below, len(screen.written)
        screen.wait_for(lambda: len(screen.written) > begun + 200)
        self.assertEqual(screen.erased_below, erased, "nothing is erased below while rows only change")
        self.assertNotIn("credits billed", screen.written[begun:], "a row that stays as it is is not written again")
        screen.resize(60)
        screen.wait_for(lambda: screen.erased_below > erased and sum("0/6 clips" in line for line in screen.lines) == 1)
        os.write(screen.master, b"\x03")
        screen.wait_for(lambda: screen.shows("draining"))
        os.write(screen.master, b"\x03")
        self.assertEqual(screen.end(), 130)
        self.assertTrue(screen.cursor)
        self.assertFalse(screen.shows("━"), "the rows that were kept up to date are gone")


if __name__ == "__main__":
    unittest.main()

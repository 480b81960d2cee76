"""Completion scripts in the shells they are for, and the man page."""
import json
import os
import pty
import re
import select
import subprocess
import time

from harness import IN_DOUBT, PROGRAM, SOURCE, USAGE, CampaignTest

HOSTILE = "a b;$(touch pwned)`touch pwned`'\"\\"
SETUP = {
    "bash": "source scripts/callsheet.bash",
    "zsh": "autoload -Uz compinit; compinit -D -u; source scripts/callsheet.zsh",
}


class Terminal:
    """An interactive shell on a terminal of its own."""

    def __init__(self, shell, folder, environment):
        # Each word after a record separator, a unit separator at the end: no echo has these.
        (folder / "setup").write_text(SETUP[shell] + r"""
show() { printf '\036%s' "$@"; printf '\037'; }
""")
        quiet = {"bash": ["--noprofile", "--norc"], "zsh": ["-f"]}[shell]
        self.child, self.screen = pty.fork()
        if self.child == 0:
            os.chdir(folder)
            os.execvpe(shell, [shell, *quiet, "-i"], {**environment, "TERM": "vt100", "PS1": "> "})
        self.type(". ./setup\nshow ready\n")
        assert self.shown() == ["ready"]

    def type(self, keys):
        os.write(self.screen, keys.encode())

    def shown(self):
        seen, deadline = b"", time.monotonic() + 60
        while b"\037" not in seen:
            ready, _, _ = select.select([self.screen], [], [], deadline - time.monotonic())
            assert ready, f"no answer after {seen}"
            seen += os.read(self.screen, 65536)
        return [word.decode() for word in seen.split(b"\037")[0].split(b"\036")[1:]]

    def tab(self, line):
        """The words that the shell passes on when Tab and Enter are pressed after `line`."""
        self.type(f"{line}\t\x01show \x05\n")
        return self.shown()[1:]

    def close(self):
        os.close(self.screen)
        os.waitpid(self.child, 0)


class ShellTest(CampaignTest):
    def setUp(self):
        super().setUp()
        # The scripts ask the callsheet of the PATH.
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "callsheet").symlink_to(PROGRAM)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"

    def script(self, shell):
        _, out, err = self.run_program("completion", shell)
        self.assertEqual(err, "")
        return self.write(f"scripts/callsheet.{shell}", out)

    def terminal(self, shell):
        self.script(shell)
        terminal = Terminal(shell, self.folder, self.environment)
        self.addCleanup(terminal.close)
        return terminal

    def shell(self, *command):
        done = subprocess.run([str(word) for word in command], cwd=self.folder, env=self.environment, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{command}\n{done.stdout}")
        return done.stdout

    def bought(self):
        """A run, in a ledger of its own, of a task whose name shells would obey; gives the run."""
        self.write("campaign.yaml", f"""version: 1
campaign: shells
budget: {{cap: 100 credits}}
tasks: [{{name: {json.dumps(HOSTILE)}, prompt: a lamp, duration: 3}}]
""")
        self.gateway("--fast")
        self.run_program("run", "campaign.yaml", "--ledger", "x.db")
        _, out, _ = self.run_program("history", "--ledger", "x.db", "--json")
        return json.loads(out)["runs"][0]["run"]

    def completes_in_a_terminal(self, shell):
        run = self.bought()
        self.write("my campaign.yaml", "version: 1\n")
        self.write("elsewhere/x", "")
        tab = self.terminal(shell).tab
        self.assertEqual(tab("callsheet reh"), ["rehearse"])
        self.assertEqual(tab("callsheet --ledger x.db hist"), ["--ledger", "x.db", "history"])
        self.assertEqual(tab("callsheet run --fit"), ["run", "--fit-budget"])
        self.assertEqual(tab("callsheet schema st"), ["schema", "storm"])
        self.assertEqual(tab("callsheet validate --format g"), ["validate", "--format", "github"])
        self.assertEqual(tab("callsheet validate --format=g"), ["validate", "--format=github"])
        self.assertEqual(tab("callsheet plan --out x.json my"), ["plan", "--out", "x.json", "my campaign.yaml"])
        # zsh takes the slash back when more is typed.
        self.assertEqual([word.rstrip("/") for word in tab("callsheet run --out e")], ["run", "--out", "elsewhere"])
        self.assertEqual(tab("callsheet gateway --outage kling-v3-turbo-t"), ["gateway", "--outage", "kling-v3-turbo-text-to-video"])
        self.assertEqual(tab("callsheet --ledger x.db status 2"), ["--ledger", "x.db", "status", run])
        self.assertEqual(tab("callsheet explain --ledger x.db a"), ["explain", "--ledger", "x.db", HOSTILE])
        self.assertEqual(tab("callsheet explain --ledger '$(touch pwned)' a"), ["explain", "--ledger", "$(touch pwned)", "a"])
        self.assertFalse(list(self.folder.rglob("pwned")))


class Completion(ShellTest):
    def helped(self, command):
        """The flags that --help names at the beginning of a line."""
        _, out, _ = self.run_program(command, "--help")
        return {name for line in out.splitlines() if re.match(r"  -", line)
                for name in re.findall(r"-{1,2}[a-z][a-z-]*", re.split(r" [A-Z]|   ", line.strip())[0])}

    def bash(self, *lines):
        """What bash offers after each of these lines, for their last words."""
        ask = ('source "$0"; for line; do IFS=" " read -ra COMP_WORDS <<<"$line<"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n'
               'COMP_WORDS[COMP_CWORD]=${COMP_WORDS[COMP_CWORD]%<}; _callsheet; printf "%s\\n" "${COMPREPLY[@]}" "<end>"; done')
        answers = self.shell("bash", "--norc", "-c", ask, self.folder / "scripts" / "callsheet.bash", *lines).split("<end>\n")[:-1]
        return [sorted(filter(None, answer.splitlines())) for answer in answers]

    def fish(self, *lines):
        """What fish offers after each of these lines."""
        script = self.folder / "scripts" / "callsheet.fish"
        ask = 'source $argv[1]; for line in $argv[2..-1]; complete -C $line; echo "<end>"; end'
        answers = self.shell("fish", "--no-config", "-c", ask, script, *lines).split("<end>\n")[:-1]
        return [sorted(one.split("\t")[0] for one in answer.splitlines()) for answer in answers]

    def test_bash(self):
        self.completes_in_a_terminal("bash")

    def test_zsh(self):
        self.completes_in_a_terminal("zsh")

    def test_fish(self):
        run = self.bought()
        self.script("fish")
        self.write("my campaign.yaml", "version: 1\n")
        self.write("elsewhere/x", "")
        offered = {
            "callsheet reh": ["rehearse"],
            "callsheet --ledger x.db hist": ["history"],
            "callsheet run --fit": ["--fit-budget"],
            "callsheet schema st": ["storm"],
            "callsheet validate --format ": ["github", "json", "text"],
            "callsheet validate --format=g": ["--format=github"],
            "callsheet plan --out x.json my": ["my campaign.yaml"],
            "callsheet run --out e": ["elsewhere/"],
            "callsheet gateway --outage kling-v3-turbo-t": ["kling-v3-turbo-text-to-video"],
            "callsheet --ledger x.db status ": [run],
            "callsheet explain --ledger x.db ": [HOSTILE],
            "callsheet explain --ledger '$(touch pwned)' ": [],
            "callsheet explain man --j": ["--json"],
            "callsheet history ": [],
        }
        self.assertEqual(dict(zip(offered, self.fish(*offered))), offered)
        self.assertFalse(list(self.folder.rglob("pwned")))

    def test_every_command_and_flag_that_help_tells_of_is_offered(self):
        self.script("bash")
        self.script("fish")
        _, out, _ = self.run_program("--help")
        told = sorted(re.findall(r"(?m)^  ([a-z]+) ", out.split("Subcommands:")[1]))
        self.assertGreater(len(told), 18)
        self.assertEqual(self.bash("callsheet "), [told])
        self.assertEqual(self.fish("callsheet "), [told])
        everywhere = {"--ledger", "--version", "-h", "--help"}
        in_bash = self.bash(*(f"callsheet {command} -" for command in told))
        in_fish = self.fish(*(f"callsheet {command} {dashes}" for command in told for dashes in ("-", "--")))
        for at, command in enumerate(told):
            flags = self.helped(command) | everywhere
            self.assertEqual(set(in_bash[at]), flags, command)
            # After one dash fish offers short flags, too, put together.
            offered = {flag for flag in in_fish[2 * at] + in_fish[2 * at + 1] if re.fullmatch("-[a-z]|--.+", flag)}
            self.assertEqual(offered, flags, command)

    def test_doubts_are_offered_where_they_are_settled(self):
        gateway = self.gateway("--fast", "--no-idempotency")
        self.proxy(gateway, lost=[2])
        self.run_program("run", self.manifest(3), expect=IN_DOUBT)
        doubts = [clip for clip in self.report()["clips"] if clip["status"] == "in_doubt"]
        self.script("bash")
        run = self.report()["run"]
        doubt = doubts[0]["attempts"][-1]["id"]
        self.assertEqual(self.bash("callsheet adopt ", f"callsheet adopt {run} ", f"callsheet release --why asked {run} ",
                                   "callsheet adopt 1.1 1.1 "), [[run], [doubt], [doubt], []])

    def test_a_question_for_values_does_nothing_else(self):
        run = self.bought()
        for words in (["resume", run], ["run", "campaign.yaml", "--local"], ["--help"], []):
            _, out, err = self.run_program("completion-values", "RUN", "--", "--ledger", "x.db", *words)
            self.assertEqual((out.split("\t")[0], err), (run, ""))
        # What is no ledger, no catalog or no kind is nothing to tell of.
        for kind in ("RUN", "NOTHING"):
            self.assertEqual(self.run_program("completion-values", kind, "--", "--ledger=campaign.yaml")[1:], ("", ""))
        self.assertEqual(self.run_program("completion-values", "MODEL", "--", "--catalog", "=", "campaign.yaml")[1:], ("", ""))

    def test_another_shell_is_told(self):
        _, _, err = self.run_program("completion", "tcsh", expect=USAGE)
        self.assertIn("bash", err)


class ManPage(ShellTest):
    def test_it_is_clean_and_tells_of_every_command(self):
        _, out, _ = self.run_program("man")
        page = self.write("callsheet.1", out)
        _, helped, _ = self.run_program("--help")
        for command in re.findall(r"(?m)^  ([a-z]+) ", helped.split("Subcommands:")[1]):
            self.assertIn(f"\n.SS {command}\n", out)
        self.assertEqual(self.shell("mandoc", "-Tlint", page), "")
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"):
            self.assertIn(f"\n.SH {section}\n", out)

    def test_exit_codes_are_the_readmes(self):
        _, out, _ = self.run_program("man")
        told = re.findall(r"\n\.TP\n\\fB(\d+)\\fR\n", out)
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        self.assertEqual(told, re.findall(r"(?m)^\| (\d+) \|", readme))

    def test_every_variable_that_is_read_is_told(self):
        _, out, _ = self.run_program("man")
        told = set(re.findall(r"\\fB([A-Z_]+)\\fR", out))
        read = set()
        for source in (SOURCE / "orchestrator").rglob("*.cpp"):
            read |= set(re.findall(r'(?:envname|environment|is_set|getenv|either|address_from)\("([A-Z_]+)"',
                                   source.read_text(encoding="utf-8")))
        self.assertGreater(len(read), 12)
        self.assertLessEqual(read, told)

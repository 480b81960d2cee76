"""Runs the built program against a local gateway of its own, over real sockets. Standard library only."""
import http.client
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

PROGRAM = os.environ["CALLSHEET_PROGRAM"]
SOURCE = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 120
PRICE = 162_000  # of one of manifest()'s clips, 3 s at 720p, in 1/10,000 credit

DONE, USAGE, BUDGET, NOTHING, OUTSTANDING, IN_DOUBT, THRESHOLD, FAILED, INTERRUPTED = 0, 2, 3, 4, 5, 6, 99, 100, 130


def until(holds, what="what was waited for"):
    """What `holds` gives once it is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"never came true: {what() if callable(what) else what}")
        time.sleep(0.01)
    return found


def kill(process):
    """What it had still to say on stdout and stderr."""
    process.kill()
    return process.communicate()


def interrupt(process):
    """As Ctrl-C does; what it said further, to its end."""
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=PATIENCE_S)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call_back(address, body, method="POST"):
    """As the gateway calls; the status, or None where nobody listens any more."""
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"},
                                     method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class Gateway:
    """`callsheet gateway` on a free port; stopped by close()."""

    def __init__(self, folder, *flags):
        self.process = subprocess.Popen([PROGRAM, "gateway", "--state", str(folder), *flags],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip()

    def bill(self):
        request = urllib.request.Request(self.address + "/audit", headers={"Authorization": "Bearer auditor"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def make_element(self):
        """The id of a character made of pictures, as other programs of the account may have made it."""
        picture = "https://example.com/hero.png"
        order = {"model": "kling-custom-element", "model_params": {
            "element_name": "hero", "element_description": "a hero", "reference_type": "image_refer",
            "element_image_list": {"frontal_image": picture, "refer_images": [{"image_url": picture}]}}}
        headers = {"Authorization": "Bearer another-key", "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.address + "/v1/videos/generations", json.dumps(order).encode(), headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            task = json.load(answer)

        def made():
            again = urllib.request.Request(self.address + "/v1/tasks/" + task["id"], headers=headers)
            with urllib.request.urlopen(again, timeout=10) as told:
                now = json.load(told)
            return now if now["status"] in ("completed", "failed") else None
        return until(made, "an element is made")["result_data"]["element_id"]

    def wait_for_tasks(self, count, process):
        """Until it has taken so many, or `process`, which asks for them, has ended."""
        until(lambda: process.poll() is not None or len(self.bill()["lines"]) >= count, f"{count} tasks at the gateway")

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


class QuietHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, content=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server:
    """Something else that is asked, on a free port: in the background, until close()."""

    class Threads(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request, client_address):
            if not isinstance(sys.exc_info()[1], ConnectionError):  # a program that was killed waits for no answer
                super().handle_error(request, client_address)

    def __init__(self, handler, host="127.0.0.1"):
        self.server = self.Threads((host, 0), handler)
        self.address = f"http://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Proxy(Server):
    """Hands everything on to the gateway, but breaks the connection in place of the answer to the create requests whose
    numbers (from 1) are in `lost`: the gateway has taken them, and nobody tells. Counts reads of tasks, which wait while
    `reads_go_on` is cleared: what is made is not seen then. Takes out callback addresses, and keeps them with the task's
    id, unless the gateway is to call them itself. `alters` gives
    the status and content that an answer is to have."""

    def __init__(self, gateway, lost=(), takes_callbacks=True, alters=lambda path, status, content: (status, content)):
        self.lost, self.creates, self.reads, self.guard = set(lost), 0, 0, threading.Lock()
        self.callbacks, self.reads_go_on = {}, threading.Event()
        self.reads_go_on.set()
        target = urllib.parse.urlsplit(gateway.address)
        proxy = self

        class Handler(QuietHandler):
            def hand_on(self):
                body = self.body()
                creates = self.command == "POST" and self.path.endswith("/generations")
                if "/tasks/" in self.path:
                    proxy.reads_go_on.wait(PATIENCE_S)
                callback = None
                if creates and takes_callbacks:
                    order = json.loads(body)
                    callback = order.pop("callback_url", None)
                    body = json.dumps(order).encode()
                headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
                upstream = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
                upstream.request(self.command, self.path, body, headers)
                answer = upstream.getresponse()
                status, read = alters(self.path, answer.status, answer.read())
                # Links lead through here too: the program fetches from no other address of this machine.
                content = read.replace(gateway.address.encode(), proxy.address.encode())
                upstream.close()
                proxy.note(self.path, content, callback)
                if creates and proxy.loses_this():
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = hand_on

        super().__init__(Handler)

    def note(self, path, content, callback):
        with self.guard:
            self.reads += "/tasks/" in path
            if callback and b'"id"' in content:
                self.callbacks[json.loads(content)["id"]] = callback

    def loses_this(self):
        with self.guard:
            self.creates += 1
            return self.creates in self.lost

    def close(self):
        self.reads_go_on.set()
        super().close()


class CampaignTest(unittest.TestCase):
    """A folder to work in, removed afterwards; what failed is shown with the program's own words."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="callsheet-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "CI": "1"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def gateway(self, *flags):
        gateway = Gateway(self.folder / "gateway", *flags)
        self.addCleanup(gateway.close)
        self.environment.update(EVOLINK_BASE_URL=gateway.address, EVOLINK_API_KEY="e2e-secret-key")
        return gateway

    def proxy(self, gateway, lost=(), **options):
        """Between the program and the gateway from here on."""
        proxy = Proxy(gateway, lost, **options)
        self.addCleanup(proxy.close)
        self.environment.update(EVOLINK_BASE_URL=proxy.address)
        return proxy

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def manifest(self, count=10, cap=10_000, extra="", name="campaign.yaml", in_flight=8):
        """`count` text-to-video tasks of 3 s at 720p: 16.2 credits each."""
        numbers = ", ".join(str(n) for n in range(1, count + 1))
        return self.write(name, f"""version: 1
campaign: e2e
budget: {{cap: {cap} credits{extra}}}
limits: {{in_flight: {in_flight}}}
matrix: {{n: [{numbers}]}}
tasks:
  - name: "clip-{{{{ n }}}}"
    prompt: "scene number {{{{ n }}}}"
    duration: 3
outputs: {{dir: out, file: "{{{{ task.name }}}}.mp4"}}
""")

    @staticmethod
    def listening(manifest, port, public_url=None):
        """The manifest with a run that is called back on this port, or where that leads to."""
        manifest.write_text(manifest.read_text() + f"webhooks: {{listen: 127.0.0.1:{port}, "
                            f"public_url: \"{public_url or f'http://127.0.0.1:{port}/hooks'}\"}}\n")
        return manifest

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run_program(self, *arguments, expect=DONE):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        if expect is not None:
            self.assertEqual(process.returncode, expect, f"{arguments}\n--- stdout\n{out}\n--- stderr\n{err}")
        return process.returncode, out, err

    def interrupt_once_taken(self, gateway, count, *arguments):
        """A run that is told to stop when the gateway has taken so many tasks; its exit code and what it told."""
        process = self.start(*arguments)
        gateway.wait_for_tasks(count, process)
        _, err = interrupt(process)
        return process.returncode, err

    def kill_once_taken(self, gateway, count, *arguments):
        """The same for one that is killed; what it told until then."""
        process = self.start(*arguments)
        gateway.wait_for_tasks(count, process)
        return kill(process)[1]

    def report(self):
        _, out, _ = self.run_program("report", "--json")
        return json.loads(out)

    def clips(self):
        return sorted(path.name for path in (self.folder / "out").glob("*.mp4"))

    def spent_in_all_runs(self):
        _, out, _ = self.run_program("history", "--json")
        runs = json.loads(out)["runs"]
        return {key: sum(run[key]["units"] for run in runs) for key in ("billed", "held", "refund_expected")}


def units(amount):
    """Credits of the gateway's bill as 1/10,000 credit."""
    return round(float(amount) * 10_000)

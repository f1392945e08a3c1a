"""A headless Chromium, spoken to by the DevTools protocol; ended with the block that started it."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
from http.client import HTTPConnection
from pathlib import Path

from websockets.sync.client import connect

from stack.doctor.tools import BROWSERS
from tests.waiting import eventually

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # root, as CI is, cannot use Chromium's sandbox; only the project's own page is opened
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
_TIMEOUT = 30


@contextlib.contextmanager
def chromium():
    """A running browser; yields a function that opens a `Page` of its own. Fails, and does not skip, where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, "Chromium is missing; the page cannot be tested without: python -m stack.doctor --tests names the package"
    with tempfile.TemporaryDirectory(prefix="cdc-chromium-", ignore_cleanup_errors=True) as home:
        log = Path(home, "log").open("w")  # noqa: SIM115
        process = subprocess.Popen([program, *_FLAGS, f"--user-data-dir={home}", "about:blank"], stdout=log, stderr=log)
        try:
            ready = Path(home, "DevToolsActivePort")
            what = "Chromium listens"
            port = eventually(lambda: ready.exists() and ready.read_text().split("\n")[0], seconds=_TIMEOUT, what=what)
            with contextlib.ExitStack() as pages:
                yield lambda: pages.enter_context(Page.opened(int(port)))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            log.close()


class Page:
    """One tab. `problems` collects what the console complains of."""

    def __init__(self, socket):
        self._socket = socket
        self._numbers = itertools.count(1)
        self.problems = []

    @classmethod
    @contextlib.contextmanager
    def opened(cls, port):
        connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        connection.request("PUT", "/json/new?about:blank")
        target = json.loads(connection.getresponse().read())
        connection.close()
        with connect(target["webSocketDebuggerUrl"], max_size=None, open_timeout=_TIMEOUT) as socket:
            page = cls(socket)
            for domain in ("Page", "Runtime", "Log"):
                page.call(f"{domain}.enable")
            yield page

    def call(self, method, **parameters):
        """The result of one command; events that come meanwhile are looked through for problems."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=_TIMEOUT))
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._note(message.get("method"), message.get("params"))

    def _note(self, method, event):
        if method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning"):
            self.problems.append(" ".join(str(one.get("value", one.get("description"))) for one in event["args"]))
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.problems.append(f"{event['entry']['text']} {event['entry'].get('url', '')}")

    def look(self, width, height, *, dark):
        """Size of the window and the system's colours."""
        phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme, {"name": "prefers-reduced-motion", "value": "reduce"}])

    def open(self, url):
        self.call("Page.navigate", url=url)

    def run(self, script):
        """The value of a JavaScript expression."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def press(self, key):
        code = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def screenshot(self, path):
        """The whole page, not only the window."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(taken["data"]))

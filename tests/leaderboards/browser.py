"""A real browser for tests, spoken to through a pipe in Chromium's own protocol."""

import itertools
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # tests often run as root in a container
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def program() -> str | None:
    """Return the path of a Chromium; ``None`` if there is none."""
    named = os.environ.get("BENCH_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Failed(Exception):
    """The page threw, or something did not become true in time."""


class Page:
    """One tab. Console messages and requests are kept."""

    def __init__(self, send: int, receive: int) -> None:
        self._send, self._receive = send, receive
        self._numbers = itertools.count(1)
        self._buffer = b""
        self.session = ""
        self.console: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self._send, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            piece = os.read(self._receive, 1 << 20)
            if not piece:
                raise Failed("the browser is gone")
            self._buffer += piece
        text, _, self._buffer = self._buffer.partition(b"\0")
        message = dict(json.loads(text))
        self._note(message)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                details = params["exceptionDetails"]
                said = details.get("exception", {}).get("description", "")
                self.console.append(f"exception: {details['text']} {said}")
            case "Runtime.consoleAPICalled":
                words = [str(a.get("value", a.get("description"))) for a in params["args"]]
                self.console.append(f"{params['type']}: {' '.join(words)}")
            case "Log.entryAdded":
                self.console.append(f"{params['entry']['level']}: {params['entry']['text']}")
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])

    def run(self, expression: str) -> Any:
        """Return the value of JavaScript, awaited."""
        result = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise Failed(str(result["exceptionDetails"].get("exception", result)))
        return result["result"].get("value")

    def until(self, expression: str, seconds: float = 20.0) -> None:
        """Wait until JavaScript is true; an element is."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({expression})"):
            if time.monotonic() > end:
                raise Failed(f"not in {seconds:g} s: {expression}\n{self.console}")
            time.sleep(0.05)

    def open(self, url: str, ready: str = "document.querySelector('h1') !== null") -> None:
        self.call("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && ({ready})")

    def go(self, fragment: str, ready: str) -> None:
        """Go to another page of the same site."""
        self.run(f"location.hash = {json.dumps(fragment)}")
        self.until(ready)

    def view(self, width: int, height: int, scheme: str = "light", mobile: bool = False) -> None:
        """Set the size of the window and the colours that the reader prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=mobile)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def key(self, name: str, code: int, text: str = "") -> None:
        common: dict[str, Any] = {"key": name, "code": name, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def picture(self, path: Path, whole: bool = False) -> None:
        import base64

        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """Start a browser with an empty profile; it ends with the context."""
    path = program()
    assert path is not None
    to_read, to_write = os.pipe(), os.pipe()  # what it reads, what it writes
    actions = [
        (os.POSIX_SPAWN_DUP2, to_read[0], 10),  # first out of the way of 3 and 4
        (os.POSIX_SPAWN_DUP2, to_write[1], 11),
        (os.POSIX_SPAWN_DUP2, 10, 3),
        (os.POSIX_SPAWN_DUP2, 11, 4),
        (os.POSIX_SPAWN_CLOSE, 10),
        (os.POSIX_SPAWN_CLOSE, 11),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    environment = {**os.environ, "HOME": str(profile)}
    command = [path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    pid = os.posix_spawn(path, command, environment, file_actions=actions, setsid=True)
    os.close(to_read[0])
    os.close(to_write[1])
    try:
        yield Page(to_read[1], to_write[0])
    finally:
        os.close(to_read[1])
        os.close(to_write[0])
        os.killpg(pid, signal.SIGKILL)  # it was made the leader of a group of its own
        os.waitpid(pid, 0)

"""A real browser without a screen, driven over WebDriver (W3C) with nothing but the standard library."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.peers import child, need_program

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver names an element (W3C WebDriver, section 12)."""


class Browser:
    """One tab."""

    def __init__(self, driver: str, session: str) -> None:
        self._base = f"{driver}/session/{session}"

    def open(self, url: str) -> None:
        _call("POST", f"{self._base}/url", {"url": url})

    @property
    def url(self) -> str:
        return str(_call("GET", f"{self._base}/url"))

    def run(self, script: str, *args: Any) -> Any:
        """Run a function body in the page and return its result; promises are waited for."""
        return _call("POST", f"{self._base}/execute/sync", {"script": script, "args": list(args)})

    def find(self, css: str) -> str:
        return str(_call("POST", f"{self._base}/element", {"using": "css selector", "value": css})[_ELEMENT])

    def click(self, css: str) -> None:
        """Click what css finds, once more if the page was built anew between finding and clicking."""
        try:
            _call("POST", f"{self._base}/element/{self.find(css)}/click", {})
        except AssertionError as error:
            if "stale element" not in str(error):
                raise
            _call("POST", f"{self._base}/element/{self.find(css)}/click", {})

    def type(self, css: str, text: str) -> None:
        _call("POST", f"{self._base}/element/{self.find(css)}/value", {"text": text})

    def drag(self, css: str, *, start: tuple[float, float], stop: tuple[float, float], steps: int = 8) -> None:
        """Press, move and release a finger or mouse. start, stop: 0..1 across and down the element."""
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", css)
        box = self.run(
            "const b = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [b.x, b.y, b.width, b.height]",
            css,
        )

        def at(place: tuple[float, float]) -> dict[str, Any]:
            x, y = round(box[0] + place[0] * box[2]), round(box[1] + place[1] * box[3])
            return {"type": "pointerMove", "duration": 40, "x": x, "y": y}

        between = [
            at((start[0] + (stop[0] - start[0]) * i / steps, start[1] + (stop[1] - start[1]) * i / steps))
            for i in range(1, steps + 1)
        ]
        moves = [at(start), {"type": "pointerDown", "button": 0}, *between, {"type": "pointerUp", "button": 0}]
        actions = [{"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}]
        _call("POST", f"{self._base}/actions", {"actions": actions})

    def wait_for(self, script: str, *args: Any, timeout_s: float = 20.0, what: str = "") -> Any:
        """Return the first true result of a script, asked again and again."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            result = self.run(script, *args)
            if result:
                return result
            time.sleep(0.05)
        raise AssertionError(f"{what or script} did not happen within {timeout_s} s; console: {self.console()}")

    def console(self) -> list[str]:
        """Return what the page wrote to the console since the last call, errors and warnings."""
        with contextlib.suppress(AssertionError):
            return [entry["message"] for entry in _call("POST", f"{self._base}/se/log", {"type": "browser"})]
        return []

    def screenshot(self) -> bytes:
        """Return the visible page as PNG."""
        return base64.b64decode(_call("GET", f"{self._base}/screenshot"))

    def keys(self, text: str) -> None:
        """Press and release keys where the focus is; WebDriver's code points for keys without a character."""
        strokes = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        _call("POST", f"{self._base}/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def resize(self, width: int, height: int) -> None:
        """Make the page itself this big, as a phone or a desktop would."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)

    def cdp(self, command: str, parameters: dict[str, Any]) -> None:
        """Send a command of the browser's own developer protocol."""
        _call("POST", f"{self._base}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def close(self) -> None:
        _call("DELETE", self._base)


@contextmanager
def browser(folder: Path, *, size: tuple[int, int] = (1280, 800), arguments: tuple[str, ...] = ()) -> Iterator[Browser]:
    """Start chromedriver and a headless Chromium, with a profile in folder. Without them: a skip, in CI a failure."""
    driver_program = need_program("chromedriver", "chromium-driver")
    chromium = need_program("chromium", "chromium")
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        port = end.getsockname()[1]
    driver = f"http://127.0.0.1:{port}"
    profile = tempfile.mkdtemp(dir=folder)
    log = folder / "chromedriver.log"
    env = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    with child([driver_program, f"--port={port}"], log=log, env=env) as process:
        _wait_up(driver, process.poll, log)
        session = _call("POST", f"{driver}/session", _capabilities(chromium, profile, size, arguments))["sessionId"]
        tab = Browser(driver, session)
        try:
            yield tab
        finally:
            # Closing the session ends the browser; the driver is ended by its own pid after that.
            with contextlib.suppress(AssertionError, OSError):
                tab.close()


def _capabilities(chromium: str, profile: str, size: tuple[int, int], arguments: tuple[str, ...]) -> dict[str, Any]:
    options = {
        "binary": chromium,
        "args": [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            # WebGL on the processor: newer Chromium asks for it by name.
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            f"--window-size={size[0]},{size[1]}",
            f"--user-data-dir={profile}",
            *arguments,
        ],
    }
    always = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "WARNING"}}
    return {"capabilities": {"alwaysMatch": always}}


def _wait_up(driver: str, poll: Callable[[], int | None], log: Path) -> None:
    end = time.monotonic() + 20.0
    while time.monotonic() < end and poll() is None:
        with contextlib.suppress(OSError, AssertionError):
            if _call("GET", f"{driver}/status")["ready"]:
                return
        time.sleep(0.05)
    raise AssertionError(f"chromedriver did not come up: {log.read_text(errors='replace')[-800:]}")


def _call(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{method} {url}: {error.read().decode(errors='replace')[:600]}") from error

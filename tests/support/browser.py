"""Chromium without a window, by the DevTools protocol: what a page shows, says and asks for."""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import subprocess

import websocket

import waiting
from children import launch


class Unavailable(Exception):
    """There is no browser here; the text is the reason."""


class Browser:
    def __init__(self, folder: pathlib.Path):
        program = shutil.which("chromium")
        if not program:
            raise Unavailable("chromium is not installed")
        profile = folder / "profile"
        self.process = launch(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--ignore-certificate-errors",
             "--hide-scrollbars", "--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={profile}",
             "about:blank"], folder / "chromium.log")
        port_file = profile / "DevToolsActivePort"
        port, path = waiting.until("Chromium listens", lambda: (
            port_file.exists() and len(lines := port_file.read_text().split()) == 2 and lines))
        self.connection = websocket.create_connection(f"ws://127.0.0.1:{port}{path}", timeout=30)
        self._last_id = 0
        self._pages: dict[str, Page] = {}

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.call("Browser.close")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait(10)

    def call(self, method: str, session: str | None = None, **parameters) -> dict:
        """What the browser answers; what it tells meanwhile is noted by the page that it is about."""
        self._last_id += 1
        number = self._last_id
        self.connection.send(json.dumps({"id": number, "method": method, "params": parameters,
                                         **({"sessionId": session} if session else {})}))
        while True:
            message = json.loads(self.connection.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            if page := self._pages.get(message.get("sessionId")):
                page.note(message["method"], message["params"])

    def open(self, url: str, width: int = 1280, height: int = 900, theme: str = "light") -> Page:
        """A page of a profile of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session, context)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.look(width, height, theme)
        page.call("Page.navigate", url=url)
        page.loaded()
        return page


class Page:
    def __init__(self, browser: Browser, session: str, context: str):
        self._browser, self._session, self._context = browser, session, context
        self.complaints: list[str] = []  # errors of the console, and what the policy forbade
        self.requests: list[str] = []

    def note(self, method: str, params: dict) -> None:
        if method in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            self.requests.append(params.get("url") or params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])

    def call(self, method: str, **parameters) -> dict:
        return self._browser.call(method, self._session, **parameters)

    def close(self) -> None:
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def look(self, width: int, height: int = 900, theme: str = "light") -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])

    def loaded(self) -> None:
        self.until("the page is loaded", "document.readyState === 'complete' && location.protocol !== 'about:'")

    def reload(self) -> None:
        self.run("window.old = true")
        self.call("Page.reload")
        self.until("the page is another", "window.old === undefined")
        self.loaded()

    def run(self, script: str):
        """The value of an expression of JavaScript."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def texts(self, selector: str) -> list[str]:
        """What people see of each element; nothing of those that are hidden."""
        return self.run(f"[...document.querySelectorAll({json.dumps(selector)})]"
                        ".filter((one) => one.checkVisibility()).map((one) => one.innerText)")

    def text(self, selector: str) -> str:
        return "\n".join(self.texts(selector))

    def until(self, what: str, script: str, timeout: float = 15.0):
        """Waits until an expression is true."""
        return waiting.until(what, lambda: self.run(script), timeout, every=0.1, tell=lambda: self.run("document.body.innerText"))

    def press(self, key: str, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, **({"text": text} if text and kind == "keyDown" else {}),
                      **({"windowsVirtualKeyCode": {"Tab": 9, "Enter": 13, "Escape": 27}[key]} if key in ("Tab", "Enter", "Escape") else {}))

    def type(self, text: str) -> None:
        self.call("Input.insertText", text=text)

"""Sluice as a process of the test: its configuration, its log, its memory, its end."""

from __future__ import annotations

import datetime
import functools
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import waiting
from children import launch
from ports import free_port, is_listening

PROGRAM = pathlib.Path(os.environ.get("SLUICE_BIN", pathlib.Path(__file__).parents[2] / "build" / "sluice"))


@functools.cache
def is_sanitized() -> bool:
    program = PROGRAM.read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


def at_most(kib: int) -> int:
    """A limit of memory. The address sanitizer keeps what was freed (ASAN_OPTIONS in conftest.py limits how
    much) and needs some beside each piece; the thread sanitizer notes who has used each byte."""
    return kib + (180 << 10 if is_sanitized() else 0)


def toml(value) -> str:
    """A TOML value; all that the configuration needs."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def section(name: str, values: dict, array: bool = False) -> str:
    brackets = ("[[", "]]") if array else ("[", "]")
    lines = [f"{brackets[0]}{name}{brackets[1]}"]
    lines += [f"{key} = {toml(value)}" for key, value in values.items() if not isinstance(value, dict)]
    text = "\n".join(lines) + "\n"
    for key, value in values.items():
        if isinstance(value, dict):
            text += section(f"{name}.{key}", value)
    return text


def parsed(line: str) -> dict:
    """A line of the log; what is none (a sanitizer's report) has only `text`."""
    try:
        return json.loads(line)
    except ValueError:
        return {"text": line}


def matches(value, wanted) -> bool:
    if isinstance(wanted, str):
        return re.search(wanted, str(value)) is not None
    return value == wanted


class Relay:
    """One [[relay]] of a configuration. Sections are plain dictionaries a test may change before start."""

    def __init__(self, master, certificates=None, *, tls: bool = True, name: str = "test"):
        self.name, self.port = name, free_port()
        self.ca = certificates.ca if certificates else None  # what its replicas trust
        self.master = {"host": "127.0.0.1", "port": getattr(master, "port", master),
                       "user": "relay", "password": "relay-secret",
                       "tls": {"mode": "verify-identity", "ca": certificates.ca} if tls else {"mode": "disabled"}}
        self.replica_tls = ({"mode": "required", "cert": certificates.relay.cert, "key": certificates.relay.key}
                            if tls else {"mode": "disabled"})
        self.allow = ["127.0.0.1"]
        self.users = [{"name": "replica", "password": "replica-secret"}]
        if tls and getattr(getattr(master, "kind", None), "old_tls", False):
            self.master["tls"]["min_version"] = self.replica_tls["min_version"] = "1.0"
        self.replica: dict = {}  # more keys of [relay.replica]
        self.filter: dict = {}
        self.requirements: dict = {"primary_key": "ignore", "innodb": "ignore"}
        self.more: dict = {}

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def text(self) -> str:
        top = {"name": self.name, "listen": [f"127.0.0.1:{self.port}"], **self.more}
        parts = [section("relay", top, array=True), section("relay.master", self.master),
                 section("relay.replica", {"allow": self.allow, **self.replica, "tls": self.replica_tls})]
        parts += [section("relay.replica.user", user, array=True) for user in self.users]
        if self.filter:
            parts.append(section("relay.filter", self.filter))
        parts.append(section("relay.requirements", self.requirements))
        return "\n".join(parts)


class Sluice:
    """The program, running one configuration."""

    def __init__(self, folder: pathlib.Path, *relays: Relay, level: str = "info", log_format: str = "json"):
        folder.mkdir(parents=True, exist_ok=True)
        self.relays, self.level, self.format = relays, level, log_format
        self.config, self.log_file = folder / "sluice.toml", folder / "sluice.log"
        self.process: subprocess.Popen | None = None
        self.admin: dict = {}  # [admin]; empty: there is none
        self.shutdown: dict = {}  # [shutdown]
        self.runtime: dict = {}  # [runtime]
        self._mark, self._marked_at = 0, ""

    def start(self) -> Sluice:
        """Starts it and waits until every relay listens, and knows its master or that it cannot be reached."""
        self.mark()
        self.launch()
        for relay in self.relays:
            waiting.until(f"Sluice listens for relay {relay.name}", lambda: self.listens(relay), timeout=30)
            known = re.compile(rf"master (not )?reached\b.*\b{relay.name}\b")
            waiting.until(f"Sluice knows about the master of {relay.name}",
                          lambda: any(known.search(line) for line in self.log[self._mark:]), timeout=30)
        return self

    def write_config(self) -> None:
        parts = [section("log", {"level": self.level, "format": self.format})]
        if self.admin:
            parts.append(section("admin", self.admin))
        if self.shutdown:
            parts.append(section("shutdown", self.shutdown))
        if self.runtime:
            parts.append(section("runtime", self.runtime))
        self.config.write_text("\n".join([*parts, *(relay.text() for relay in self.relays)]))
        self.config.chmod(0o600)

    def reload(self, *relays: Relay) -> None:
        """Writes the configuration as it is by now, or with these relays, and has it loaded. Log lines are
        asked for from here on."""
        self.relays = relays or self.relays
        self.write_config()
        self.hang_up()
        self.logged("configuration loaded")

    def hang_up(self) -> None:
        """SIGHUP."""
        self.mark()
        self.process.send_signal(signal.SIGHUP)

    def launch(self) -> None:
        """Starts it without waiting for anything."""
        self.write_config()
        self.process = launch([PROGRAM, "run", self.config], self.log_file)
        if self._watch not in waiting.watchers:
            waiting.watchers.append(self._watch)

    def _watch(self) -> None:
        if self.process.poll() is not None:
            waiting.watchers.remove(self._watch)
            raise AssertionError(f"Sluice ended with {self.process.returncode}:\n" + "\n".join(self.log[-20:]))

    def no_watch(self) -> None:
        if self._watch in waiting.watchers:
            waiting.watchers.remove(self._watch)

    def listens(self, relay: Relay) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"Sluice ended with {self.process.returncode}:\n" + "\n".join(self.log[-20:]))
        return is_listening(relay.port)

    # -------------------------------------------------------------- log

    @property
    def log(self) -> list[str]:
        """Every line so far."""
        if not self.log_file.exists():
            return []
        return self.log_file.read_text(errors="replace").splitlines()

    def mark(self) -> None:
        """What is asked of the log from now on is asked of what comes after this."""
        self._mark = len(self.log)
        # What has happened by now may be written down later, but its line has the time at which it was.
        time.sleep(0.002)
        self._marked_at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def events(self, event: str, **fields) -> list[dict]:
        """The log's lines of an event since the last mark whose fields match; a text is a pattern."""
        return [line for line in map(parsed, self.log[self._mark:])
                if line.get("event") == event and line.get("time", "") >= self._marked_at
                and all(matches(line.get(name), wanted) for name, wanted in fields.items())]

    def logged(self, event: str, timeout: float = 15.0, **fields) -> dict:
        """Waits for such a line; returns the first."""
        try:
            return waiting.until(f"Sluice logs {event!r} with {fields}", lambda: self.events(event, **fields),
                                 timeout)[0]
        except waiting.Late as error:
            raise AssertionError(f"{error}; it logged:\n" + "\n".join(self.log[self._mark:][-20:])) from None

    # -------------------------------------------------------------- life

    @property
    def memory(self) -> int:
        """What it holds now, in KiB."""
        return self._status("VmRSS")

    @property
    def peak_memory(self) -> int:
        """The most memory it ever held, in KiB."""
        return self._status("VmHWM")

    def _status(self, name: str) -> int:
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name))

    def reset_peak(self) -> None:
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as control:
            control.write("5")

    @property
    def open_connections(self) -> int:
        """Connections it holds, to either side."""
        count = 0
        for entry in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                count += entry.readlink().name.startswith("socket:")
            except FileNotFoundError:
                pass
        return count

    def signal(self, number: signal.Signals) -> None:
        self.no_watch()
        self.process.send_signal(number)

    def stop(self, timeout: float = 30.0) -> int:
        """SIGTERM; the exit status."""
        self.no_watch()
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
                raise AssertionError(f"Sluice did not end within {timeout:g} s of SIGTERM:\n"
                                     + "\n".join(self.log[-20:])) from None
        return self.process.returncode

    def kill(self) -> None:
        self.no_watch()
        self.process.kill()
        self.process.wait(10)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def connect_raw(self, relay: Relay | None = None, timeout: float = 30.0) -> socket.socket:
        return socket.create_connection((relay or self.relays[0]).address, timeout)

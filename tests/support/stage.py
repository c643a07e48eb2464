"""What a test, or tests/oracle, starts: servers, relays and Sluice, each in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil

import pytest

import replication
from server import Server
from sluice import PROGRAM, Relay, Sluice

os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:quarantine_size_mb=32")

RUNNING: list = []  # servers and Sluices whose logs are quoted where something fails


def log_tails(lines: int = 25) -> list[tuple[str, str]]:
    """Of all that run: the file, and its last lines."""
    tails = []
    for thing in list(RUNNING):
        file = thing.log_file if isinstance(thing, Sluice) else thing.error_log
        with contextlib.suppress(OSError):
            tails.append((str(file), "\n".join(file.read_text(errors="replace").splitlines()[-lines:])))
    return tails


class Stage:
    """Starts servers and relays, and stops them when it is over."""

    _count = 0

    def __init__(self, stack, workplace, certificates, kind):
        self.stack, self.workplace, self.certificates, self.kind = stack, workplace, certificates, kind

    def folder(self, name: str) -> pathlib.Path:
        Stage._count += 1
        return self.workplace / f"{Stage._count}-{name}"

    def server(self, name: str, *options: str, kind=None) -> Server:
        server = Server(kind or self.kind, self.folder(name), *options, certificates=self.certificates)
        RUNNING.append(server)
        self.stack.callback(self._end_server, server)
        return server.start()

    def _end_server(self, server: Server) -> None:
        RUNNING.remove(server)
        server.kill()  # nobody reads its data again
        shutil.rmtree(server.folder / "data", ignore_errors=True)

    def gtid_options(self, gtid: bool) -> list[str]:
        if self.kind.mariadb:
            return []
        word = "ON" if gtid else "OFF"
        return [f"--gtid-mode={word}", f"--enforce-gtid-consistency={word}"]

    def master(self, *options: str, gtid: bool = True) -> Server:
        """A server with the accounts that Sluice and direct replicas log in with."""
        server = self.server("master", *self.gtid_options(gtid), *options)
        replication.open_accounts(server)
        return server

    def replica(self, *options: str, gtid: bool = True, name: str = "replica") -> Server:
        return self.server(name, *self.gtid_options(gtid), *options)

    def relay(self, master=None, **options) -> Relay:
        """To that master, or to one of its own."""
        return Relay(master or self.master(), self.certificates, **options)

    def sluice(self, *relays: Relay, start: bool = True, **options) -> Sluice:
        if not PROGRAM.exists():
            pytest.fail(f"{PROGRAM} is not there: build it first, or name another with SLUICE_BIN")
        sluice = Sluice(self.folder("sluice"), *relays, **options)
        RUNNING.append(sluice)
        self.stack.callback(self._end_sluice, sluice)
        return sluice.start() if start else sluice

    def _end_sluice(self, sluice: Sluice) -> None:
        RUNNING.remove(sluice)
        status = sluice.stop()
        complaints = [line for line in sluice.log if "Sanitizer" in line or "runtime error:" in line]
        if complaints:
            text = "\n".join(sluice.log[-80:])
            raise AssertionError(f"a sanitizer complains:\n{text}")
        if status not in (0, -9):
            raise AssertionError(f"Sluice ended with {status}:\n" + "\n".join(sluice.log[-20:]))

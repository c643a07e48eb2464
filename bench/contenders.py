"""What stands between the reader and the master: nothing, Sluice, HAProxy, MySQL Router."""

from __future__ import annotations

import os
import pathlib
import subprocess

import sluice
import waiting
from children import launch
from ports import free_port
from unpacked import loader, program, unpacked

TICKS = os.sysconf("SC_CLK_TCK")


class Contender:
    """A program between a reader and a master, on 127.0.0.1."""

    name = ""
    user, password = "direct", "direct-secret"  # the reader's, as the master knows them

    def __init__(self, master, certificates, tls: bool, folder: pathlib.Path):
        self.master, self.certificates, self.tls, self.folder = master, certificates, tls, folder
        self.port = free_port()
        self.process = None
        folder.mkdir(parents=True)

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)

    @property
    def cpu_seconds(self) -> float:
        """The program's own time so far, user's and system's."""
        if not self.process:
            return 0.0
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> int:
        """What it holds now, in bytes (RSS)."""
        return self._status("VmRSS")

    @property
    def peak_memory(self) -> int:
        """The most that it held since reset_peak()."""
        return self._status("VmHWM")

    def reset_peak(self) -> None:
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> int:
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith(name))

    @classmethod
    def version(cls) -> str:
        """Of the program, once it has been started."""
        return ""

    def _launch(self, *command) -> None:
        self.process = launch([str(part) for part in command], self.folder / "log")
        self._wait_until_listening()

    def _wait_until_listening(self) -> None:
        waiting.until(f"{self.name} listens", self._listens, timeout=30)

    def _listens(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} did not start: {(self.folder / 'log').read_text()[-2000:]}")
        wanted = f"0100007F:{self.port:04X}"
        with open("/proc/net/tcp") as table:
            return any(line.split()[1] == wanted and line.split()[3] == "0A" for line in table.readlines()[1:])


class Direct(Contender):
    name = "direct"

    def start(self) -> None:
        self.port = self.master.port


class OurSluice(Contender):
    """With all that is on by default: every event is judged, tables without a primary key are noted."""

    name = "Sluice"
    user, password = "replica", "replica-secret"

    def start(self) -> None:
        relay = sluice.Relay(self.master, self.certificates, tls=self.tls)
        relay.port = self.port
        relay.replica = {"max_sessions": 0, "max_logins": 1000}
        relay.requirements = {}
        self.sluice = sluice.Sluice(self.folder, relay)
        self.set_up()
        self.sluice.start()
        self.process = self.sluice.process

    def set_up(self) -> None:
        """More of its configuration."""

    def stop(self) -> None:
        self.sluice.stop()

    @classmethod
    def version(cls) -> str:
        return first_line([sluice.PROGRAM, "--version"])


class HAProxy(Contender):
    """Copies bytes; with TLS it passes through what reader and master say to each other."""

    name = "HAProxy"

    def start(self) -> None:
        command = self._command()
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""
global
    maxconn 4000
defaults
    mode tcp
    option splice-auto
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen binlog
    bind 127.0.0.1:{self.port}
    server master 127.0.0.1:{self.master.port}
""")
        self._launch(*command, "-db", "-f", config)

    @classmethod
    def version(cls) -> str:
        return first_line([*cls._command(), "-v"])

    @staticmethod
    def _command() -> list:
        return program(unpacked("haproxy", "", "haproxy"), "usr/sbin/haproxy")


class Router(Contender):
    """MySQL Router, which ends TLS on both legs and looks at each packet of a dump."""

    name = "MySQL Router"

    def start(self) -> None:
        command = self._command()
        mode = "REQUIRED" if self.tls else "DISABLED"
        pair = self.certificates.relay
        plugins = next((router_folder() / "root").glob("usr/lib/**/mysqlrouter/**/routing.so")).parent
        config = self.folder / "router.conf"
        config.write_text(f"""
[DEFAULT]
plugin_folder={plugins}
logging_folder={self.folder}
runtime_folder={self.folder}
data_folder={self.folder}
user=root
max_total_connections=4000
[logger]
level=warning
[routing:binlog]
bind_address=127.0.0.1
bind_port={self.port}
destinations=127.0.0.1:{self.master.port}
routing_strategy=first-available
protocol=classic
client_ssl_mode={mode}
client_ssl_cert={pair.cert}
client_ssl_key={pair.key}
server_ssl_mode={mode}
""")
        self._launch(*command, f"--config={config}")

    @classmethod
    def version(cls) -> str:
        return first_line([*cls._command(), "--version"])

    @staticmethod
    def _command() -> list:
        folder = router_folder()
        libraries = {library.parent for library in (folder / "root").glob("usr/lib/**/libmysqlrouter*.so.1")}
        return program(folder, "usr/bin/mysqlrouter", libraries)


ALL = (Direct, OurSluice, HAProxy, Router)


def first_line(command: list) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0].strip()


def router_folder() -> pathlib.Path:
    return unpacked("mysql-router", "sid", "mysql-router")


def beside_router(path: pathlib.Path, wrapper: pathlib.Path) -> pathlib.Path:
    """A wrapper that runs a program with the libraries that MySQL Router has: the same OpenSSL for both. The
    system's are asked for what those do not have."""
    system = {pathlib.Path(line.split()[2]).parent for line in
              subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout.splitlines()
              if "=> /" in line}
    command = " ".join(str(part) for part in loader(router_folder(), sorted(system)))
    wrapper.write_text(f'#!/bin/sh\nexec {command} {path} "$@"\n')
    wrapper.chmod(0o755)
    return wrapper

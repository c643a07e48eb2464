"""How fast each contender passes on what a master has logged, and what that costs."""

from __future__ import annotations

import shutil
import subprocess
import time

import catalogue
import contenders
from rig import Reader, Rig, in_turn, say

MYSQLBINLOG = "small transactions, read by mysqlbinlog"


def measure(rig: Rig, name: str, rounds: int) -> None:
    """The work that the master has been filled with."""
    for tls in (False, True):
        leg = "TLS" if tls else "plain"
        with rig.running(contenders.ALL, tls) as started:
            for contender in started:
                read(contender)  # what a first time costs is not what is asked for
            for number, contender in in_turn(started, rounds):
                before = contender.cpu_seconds
                seen = read(contender)
                cpu = contender.cpu_seconds - before
                throughput, cost = seen["bytes"] / seen["seconds"] / 1e6, cpu / seen["bytes"] * 1e9
                rig.results.add(name, f"{leg}, MB/s", contender.name, throughput)
                if contender.process:
                    rig.results.add(name, f"{leg}, CPU s/GB", contender.name, cost)
                say(f"{name}, {leg}, round {number + 1}: {contender.name}: {throughput:.0f} MB/s, "
                    f"{cost:.2f} CPU s/GB")


def measure_mysqlbinlog(rig: Rig) -> None:
    """A client that keeps what it reads, instead of one that is faster than any: it should be the limit."""
    for tls in (False, True):
        leg = "TLS" if tls else "plain"
        with rig.running((contenders.Direct, contenders.OurSluice, contenders.HAProxy), tls) as started:
            for number, contender in in_turn(started, rig.rounds):
                begin = time.monotonic()
                size = read_by_mysqlbinlog(contender)
                throughput = size / (time.monotonic() - begin) / 1e6
                rig.results.add(MYSQLBINLOG, f"{leg}, MB/s", contender.name, throughput)
                say(f"{MYSQLBINLOG}, {leg}, round {number + 1}: {contender.name}: {throughput:.0f} MB/s")


def read_by_mysqlbinlog(contender) -> int:
    """Copies what the master has logged; returns how many bytes that are."""
    copies = contender.folder / "copies"
    copies.mkdir()
    program = catalogue.BY_NAME["mysql-9"].folder / "programs" / "mysqlbinlog"
    done = subprocess.run([program, "--no-defaults", "--read-from-remote-server", "--raw", f"--result-file={copies}/",
                           "--host=127.0.0.1", f"--port={contender.port}", f"--user={contender.user}",
                           f"--password={contender.password}", f"--ssl-mode={'REQUIRED' if contender.tls else 'DISABLED'}",
                           "--get-server-public-key", "--to-last-log", "binlog.000002"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench/run: mysqlbinlog through {contender.name}: {done.stderr.strip()}")
    size = sum(copy.stat().st_size for copy in copies.iterdir())
    shutil.rmtree(copies)
    return size


def read(contender) -> dict:
    """One reading of all that the master has logged."""
    with Reader(contender) as reader:
        return reader.line()

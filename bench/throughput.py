"""How fast each contender passes on what a master has logged, and what that costs."""

from __future__ import annotations

import contenders
from rig import Reader, Rig, say


def measure(rig: Rig, name: str) -> None:
    """The work that the master has been filled with."""
    for tls in (False, True):
        leg = "TLS" if tls else "plain"
        with rig.running(contenders.ALL, tls) as started:
            for contender in started:
                read(contender)  # what a first time costs is not what is asked for
            for number in range(rig.rounds):
                for contender in started:
                    before = contender.cpu_seconds
                    seen = read(contender)
                    cpu = contender.cpu_seconds - before
                    throughput, cost = seen["bytes"] / seen["seconds"] / 1e6, cpu / seen["bytes"] * 1e9
                    rig.results.add(name, f"{leg}, MB/s", contender.name, throughput)
                    if contender.process:
                        rig.results.add(name, f"{leg}, CPU s/GB", contender.name, cost)
                    say(f"{name}, {leg}, round {number + 1}: {contender.name}: {throughput:.0f} MB/s, "
                        f"{cost:.2f} CPU s/GB")


def read(contender) -> dict:
    """One reading of all that the master has logged."""
    with Reader(contender) as reader:
        return reader.line()

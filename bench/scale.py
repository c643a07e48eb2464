"""Many replicas: a thousand that only get heartbeats, two hundred that stream at once."""

from __future__ import annotations

import statistics
import time

import contenders
from rig import MIDDLE, Reader, Rig, coordinates, in_turn, say

IDLE, STREAMING = "idle replicas, TLS on both legs", "replicas that stream at once, TLS on both legs"
HEARTBEAT = 10  # seconds; a replica asks for one every 30 by default
# Left alone, the kernel gives some readers a buffer much smaller than it gives to others, and those are the slowest then, whoever
# stands before them.
ALIKE = f"--receive-buffer={1 << 20}"


def measure_idle(rig: Rig) -> None:
    count, seconds = (100, 5) if rig.quick else (1000, 20)
    file = coordinates(rig.master)
    for make in MIDDLE:
        with rig.running([make], tls=True) as started:
            for contender in started:
                begin = time.monotonic()
                with Reader(contender, f"--count={count}", "--stay", f"--heartbeat={HEARTBEAT}", file=file) as reader:
                    reader.line()
                    say(f"{count} logged in through {contender.name} in {time.monotonic() - begin:.0f} s")
                    cpu, begin = contender.cpu_seconds, time.monotonic()
                    time.sleep(seconds)  # what is measured is what happens in this time
                    share = (contender.cpu_seconds - cpu) / (time.monotonic() - begin)
                    held = contender.memory
                rig.results.add(IDLE, f"{count} replicas, MB", contender.name, held / 1e6)
                rig.results.add(IDLE, f"{count} replicas, % of a core", contender.name, share * 100)
                say(f"{IDLE}: {contender.name}: {held / 1e6:.0f} MB, {share * 100:.2f} % of a core")


def measure_streaming(rig: Rig) -> None:
    """The master holds wide rows. It goes on for so long that what one of them has in hand at the end counts for little."""
    count, seconds = (20, 1) if rig.quick else (200, 20)
    with rig.running(contenders.ALL, tls=True) as started:
        for number, contender in in_turn(started, rig.rounds):
            _, _, alone = stream(contender, 1, 1 if rig.quick else 2)
            total, evenness, cost = stream(contender, count, seconds)
            rig.results.add(STREAMING, f"{count} sessions, MB/s together", contender.name, total)
            rig.results.add(STREAMING, f"{count} sessions, slowest / mean", contender.name, evenness)
            if contender.process:
                rig.results.add(STREAMING, f"{count} sessions, CPU s/GB", contender.name, cost)
                rig.results.add(STREAMING, "1 session, CPU s/GB", contender.name, alone)
                rig.results.add(STREAMING, f"CPU s/GB of {count} sessions / of one", contender.name, cost / alone)
            say(f"{STREAMING}, round {number + 1}: {contender.name}: {total:.0f} MB/s, slowest / mean "
                f"{evenness:.2f}, {cost:.2f} CPU s/GB, alone {alone:.2f}")


def stream(contender, count: int, seconds: float) -> tuple[float, float, float]:
    """MB/s together, the slowest's share of the mean, CPU seconds a GB."""
    with Reader(contender, f"--count={count}", f"--seconds={seconds}", ALIKE) as reader:
        reader.line()
        cpu = contender.cpu_seconds
        seen = reader.line()
        cpu = contender.cpu_seconds - cpu
    bytes_read = seen["bytes"]
    total = sum(bytes_read)
    return total / seen["seconds"] / 1e6, min(bytes_read) / statistics.mean(bytes_read), cpu / total * 1e9

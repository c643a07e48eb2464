"""What a contender holds: at rest, for each session, for an event of a GiB, for a replica that does not read."""

from __future__ import annotations

import time

import waiting
from rig import MIDDLE, Reader, Rig, coordinates, say

GROUP = "memory (RSS), TLS on both legs"
SESSIONS = 50


def measure(rig: Rig) -> None:
    """The master holds wide rows."""
    event = log_large_event(rig)
    for make in MIDDLE:
        with rig.running([make], tls=True) as started:
            for contender in started:
                for what, value in look_at(contender, event).items():
                    rig.results.add(GROUP, what, contender.name, value)
                    say(f"{GROUP}: {contender.name}: {what}: {value:.3f}")


def look_at(contender, event: str) -> dict[str, float]:
    base = contender.memory
    while_reading(contender, 1)  # the first one brings code into memory that all others find there
    one = while_reading(contender, 1)
    large = while_reading(contender, 1, file=event)
    many, stalled = while_reading_and_stalled(contender, 1 + SESSIONS)
    after = contender.memory
    return {"at rest, MB": base / 1e6, "one session streams, MB": one / 1e6,
            "each further session that streams, KB": (many - one) / SESSIONS / 1e3,
            f"{1 + SESSIONS} sessions stream, MB": many / 1e6,
            f"{1 + SESSIONS} sessions whose replicas do not read, MB": stalled / 1e6,
            "one session with an event of 1 GiB, MB": large / 1e6,
            "when all have gone, MB": after / 1e6}


def while_reading(contender, count: int, file: str = "") -> int:
    """The peak, while it is under way."""
    options = [f"--count={count}"]
    contender.reset_peak()
    if file:
        with Reader(contender, *options, file=file) as reader:
            reader.line()
            return contender.peak_memory
    with Reader(contender, *options, "--seconds=1") as reader:
        reader.line(), reader.line()
        return contender.peak_memory


def while_reading_and_stalled(contender, count: int) -> tuple[int, int]:
    """The peak of some seconds, long enough for each session to have had all that it ever has in hand, and that until
    the same readers have been stopped and the contender has nothing to do any more."""
    with Reader(contender, f"--count={count}", "--stay") as reader:
        contender.reset_peak()
        reader.line()
        time.sleep(12)
        reading = contender.peak_memory
        reader.pause()
        seen = [contender.cpu_seconds]

        def at_rest() -> bool:
            """For two seconds: who fills the buffers of the kernel does so in fits and starts."""
            seen.append(contender.cpu_seconds)
            return seen[-5:] == seen[-1:] * 5

        waiting.until(f"{contender.name} is at rest", at_rest, every=0.5)
        return reading, contender.peak_memory


def log_large_event(rig: Rig) -> str:
    """Logs a row of nearly a GiB in a binlog file of its own; returns its name."""
    size = (64 << 20) if rig.quick else (1 << 30) - (64 << 10)
    say(f"logging an event of {size >> 20} MiB")
    file = coordinates(rig.master)
    rig.master.sql("CREATE TABLE app.large (v LONGBLOB) ENGINE=BLACKHOLE")
    begin = time.monotonic()
    with rig.master.connect(timeout=600) as session:
        session.query(f"INSERT INTO app.large VALUES (REPEAT('x', {size}))")
    say(f"logged in {time.monotonic() - begin:.0f} s")
    rig.master.sql("FLUSH BINARY LOGS")
    return file

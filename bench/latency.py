"""How long a commit takes from the master's binlog to the reader, and how many a second with semi-synchronous
replication, when each waits for the reader's acknowledgement."""

from __future__ import annotations

import concurrent.futures
import statistics
import time

import contenders
import waiting
from rig import Reader, Rig, coordinates, in_turn, say

GROUP, SEMI_SYNC = "latency of one commit", "semi-synchronous commits"
ADDED_TO_MEDIAN, ADDED_TO_P99 = "added to the median, µs", "added to the p99 of the commits of all rounds, µs"
TABLE = "CREATE TABLE IF NOT EXISTS app.ticks (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB"
INSERT = "INSERT INTO app.ticks (v) VALUES ('tick')"
PACE = 0.002  # between two commits: all have gone to sleep then
FIRST = 10  # commits that are not counted
COMMITS, SLICES = 100, 32  # of one contender before it is the next one's turn: the machine changes from second to second
# Through MySQL Router 9.7 no acknowledgement reaches the master.
ACKNOWLEDGING = (contenders.Direct, contenders.OurSluice, contenders.HAProxy)


def measure(rig: Rig) -> None:
    rig.master.sql(TABLE)
    slices = 1 if rig.quick else SLICES
    for leg, tls in (("plain", False), ("TLS", True)):
        with rig.running(contenders.ALL, tls) as started:
            of_all_rounds = {contender.name: [] for contender in started}
            for number in range(rig.rounds):
                seen = {contender.name: [] for contender in started}
                for _, contender in in_turn(started, slices):
                    seen[contender.name] += latencies(rig.master, contender)
                for name, values in seen.items():
                    of_all_rounds[name] += values
                    own = summary(values)
                    for what, value in own.items():
                        rig.results.add(GROUP, f"{leg}, {what} µs", name, value)
                    if name != "direct":
                        added = own["median"] - summary(seen["direct"])["median"]
                        rig.results.add(GROUP, f"{leg}, {ADDED_TO_MEDIAN}", name, added)
                    say(f"{GROUP}, {leg}, round {number + 1}: {name}: "
                        + ", ".join(f"{what} {value:.0f} µs" for what, value in own.items()))
            # A round's p99 is its 32nd commit from the end: what else the machine did in that minute decides it.
            direct = summary(of_all_rounds.pop("direct"))
            for name, values in of_all_rounds.items():
                rig.results.add(GROUP, f"{leg}, {ADDED_TO_P99}", name, summary(values)["p99"] - direct["p99"])


def latencies(master, contender) -> list[float]:
    """Microseconds from the commit (the time in its GTID event) to the read that ended with its last event."""
    with Reader(contender, "--follow", file=coordinates(master)) as reader, master.connect() as session:
        reader.line()
        for _ in range(FIRST + COMMITS):
            session.query(INSERT)
            time.sleep(PACE)
        return [reader.line() for _ in range(FIRST + COMMITS)][FIRST:]


def summary(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "p99": statistics.quantiles(values, n=100)[98]}


# ------------------------------------------------------------ semi-synchronous replication


def measure_semi_sync(rig: Rig) -> None:
    master = rig.master
    master.sql(TABLE)
    master.sql("INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'")
    master.sql("SET GLOBAL rpl_semi_sync_source_enabled=1, GLOBAL rpl_semi_sync_source_timeout=10000")
    master.sql("CREATE PROCEDURE app.commits(count INT) BEGIN "
               f"WHILE count > 0 DO {INSERT}; SET count = count - 1; END WHILE; END")
    try:
        for leg, tls in (("plain", False), ("TLS", True)):
            with rig.running(ACKNOWLEDGING, tls) as started:
                for number in range(rig.rounds):
                    for sessions in (1, 8):
                        compare_semi_sync(rig, leg, started, number, sessions)
    finally:
        master.sql("SET GLOBAL rpl_semi_sync_source_enabled=0")
        master.sql("DROP PROCEDURE app.commits")


def compare_semi_sync(rig: Rig, leg: str, started: list, number: int, sessions: int) -> None:
    slices, count = (1, 300) if rig.quick else (4, 600)  # commits of each session
    took = {contender.name: 0.0 for contender in started}
    for _, contender in in_turn(started, slices):
        took[contender.name] += seconds_of_commits(rig.master, contender, sessions, count)
    plural = "session" if sessions == 1 else "sessions"
    for name, seconds in took.items():
        rate = slices * sessions * count / seconds
        rig.results.add(SEMI_SYNC, f"{leg}, {sessions} {plural}, commits/s", name, rate)
        say(f"{SEMI_SYNC}, {leg}, round {number + 1}: {name}: {rate:.0f} commits/s of {sessions} {plural}")


def seconds_of_commits(master, contender, sessions: int, count: int) -> float:
    clients = lambda: int(status(master, "clients"))
    waiting.until("the master has lost its last semi-sync replica", lambda: clients() == 0, timeout=60)
    with Reader(contender, "--stay", "--semi-sync", file=coordinates(master)) as reader:
        reader.line()
        waiting.until("the master has a semi-sync replica", lambda: clients() == 1)
        waiting.until("the master waits for it", lambda: waits(master))
        in_vain = status(master, "no_tx")
        with concurrent.futures.ThreadPoolExecutor(sessions) as pool:
            open_sessions = [master.connect() for _ in range(sessions)]
            begin = time.monotonic()
            list(pool.map(lambda session: session.query(f"CALL app.commits({count})"), open_sessions))
            seconds = time.monotonic() - begin
            for session in open_sessions:
                session.close()
        if status(master, "no_tx") != in_vain:
            raise SystemExit(f"bench/run: {contender.name}: the master did not wait for each acknowledgement")
    # They notice that their reader has gone when they have something to send.
    for thread in [row[0] for row in master.sql("SHOW PROCESSLIST") if row[4].startswith("Binlog Dump")]:
        master.sql(f"KILL {thread}")
    return seconds


def waits(master) -> bool:
    """It does not before it knows that the replica has caught up."""
    before = status(master, "yes_tx")
    master.sql(INSERT)
    return status(master, "yes_tx") != before


def status(master, name: str) -> str:
    return master.sql(f"SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_source_{name}'")[0][1]

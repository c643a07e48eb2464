"""The goals, and whether they hold."""

from __future__ import annotations

import dataclasses

import compression
import latency
import logins
import memory
import scale
import throughput
from report import Results


@dataclasses.dataclass
class Goal:
    number: int
    text: str
    measured: float | None  # None: a contender could not be had, or it was not asked for
    limit: float
    at_most: bool

    @property
    def holds(self) -> bool | None:
        if self.measured is None:
            return None
        return self.measured <= self.limit if self.at_most else self.measured >= self.limit


class Judge:
    def __init__(self, results: Results):
        self.results = results
        self.goals: list[Goal] = []

    def at_most(self, number: int, text: str, measured: float | None, limit: float) -> None:
        self.goals.append(Goal(number, text, measured, limit, at_most=True))

    def at_least(self, number: int, text: str, measured: float | None, limit: float) -> None:
        self.goals.append(Goal(number, text, measured, limit, at_most=False))


def judge(results: Results) -> list[Goal]:
    judge = Judge(results)
    ratio, ours = results.ratio, lambda group, what: results.median(group, what, "Sluice")
    wide, small = "wide rows", "small transactions"

    judge.at_most(1, "wide rows, TLS: CPU s/GB of MySQL Router's",
                  ratio(wide, "TLS, CPU s/GB", "MySQL Router"), 0.45)
    judge.at_least(1, "wide rows, TLS: throughput of MySQL Router's", ratio(wide, "TLS, MB/s", "MySQL Router"), 1.5)
    judge.at_least(1, "wide rows, TLS: throughput of HAProxy's, which passes TLS through",
                   ratio(wide, "TLS, MB/s", "HAProxy"), 0.9)
    judge.at_most(2, "wide rows, plain: CPU s/GB of HAProxy's", ratio(wide, "plain, CPU s/GB", "HAProxy"), 1.0)
    judge.at_least(2, "wide rows, plain: throughput of HAProxy's", ratio(wide, "plain, MB/s", "HAProxy"), 0.95)
    for leg in ("plain", "TLS"):
        judge.at_most(3, f"small transactions, {leg}: CPU of MySQL Router's",
                      ratio(small, f"{leg}, CPU s/GB", "MySQL Router"), 1 / 30)
        judge.at_most(3, f"small transactions, {leg}: CPU of HAProxy's", ratio(small, f"{leg}, CPU s/GB", "HAProxy"), 2.5)
        judge.at_least(3, f"{throughput.MYSQLBINLOG}, {leg}: of its throughput when it reads directly",
                       ratio(throughput.MYSQLBINLOG, f"{leg}, MB/s", "direct"), 0.95)
    for leg in ("plain", "TLS"):
        for what, row in (("median", latency.ADDED_TO_MEDIAN), ("p99", latency.ADDED_TO_P99)):
            # Of the medians: what is added in one round may be nothing, or less.
            added = f"{leg}, {row}"
            theirs = results.median(latency.GROUP, added, "HAProxy")
            mine = ours(latency.GROUP, added)
            judge.at_most(4, f"latency of a commit, {leg}: added to the {what}, of what HAProxy adds",
                          mine / theirs if mine is not None and theirs and theirs > 0 else None, 1.2)
        for sessions in ("1 session", "8 sessions"):
            judge.at_least(4, f"semi-synchronous commits a second, {leg}, {sessions}: of HAProxy's",
                           ratio(latency.SEMI_SYNC, f"{leg}, {sessions}, commits/s", "HAProxy"), 0.95)

    held = lambda what: ours(memory.GROUP, what)
    many = 1 + memory.SESSIONS

    def more(what: str, than: str) -> float | None:
        return None if held(what) is None else held(what) - held(than)

    judge.at_most(5, "memory at rest, MB", held("at rest, MB"), 12)
    judge.at_most(5, "memory of a session that streams, KB", held("each further session that streams, KB"), 300)
    judge.at_most(5, "memory that an event of 1 GiB adds, MB",
                  more("one session with an event of 1 GiB, MB", "one session streams, MB"), 0.3)
    judge.at_most(5, f"memory that {many} replicas which do not read add, MB",
                  more(f"{many} sessions whose replicas do not read, MB", f"{many} sessions stream, MB"), 0.3)

    judge.at_most(6, "1,000 idle replicas, MB", ours(scale.IDLE, "1000 replicas, MB"), 400)
    judge.at_most(6, "1,000 idle replicas, % of a core", ours(scale.IDLE, "1000 replicas, % of a core"), 2)
    judge.at_least(6, "200 streaming at once: slowest / mean",
                   ours(scale.STREAMING, "200 sessions, slowest / mean"), 0.7)
    judge.at_most(6, "200 streaming at once: CPU s/GB of one session's",
                  ours(scale.STREAMING, "CPU s/GB of 200 sessions / of one"), 1.15)
    for group in (logins.ONE_LEG, logins.BOTH_LEGS):
        judge.at_least(6, f"{group}: a second of CPU time, of the handshakes of openssl s_server",
                       ratio(group, logins.RATE, "openssl s_server"), 0.8)

    alone = lambda what: results.median("the filter alone", what, "Sluice")
    judge.at_least(7, "the filter alone: GB/s of wide rows", alone("wide rows, kept, GB/s"), 8)
    judge.at_least(7, "the filter alone: million small events/s",
                   alone("small transactions, kept, million events/s"), 15)
    for algorithm in ("zlib", "zstd"):
        judge.at_least(8, f"rows of text, compressed by {algorithm}: times smaller",
                       ours(compression.GROUP, f"{algorithm}, times smaller"), 3)
    return judge.goals

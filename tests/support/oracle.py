"""Random workloads over a company: plays one, compares, looks for leaks; makes one that fails smaller."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import random

import leaks
import replication
import waiting
import workload
from company import Company, Rules
from forwarder import Forwarder
from generator import Generator, Played, Unit, play
from replication import Route
from trouble import Trouble

# Given to Sluice and to the direct replica, one after the other.
RULES = (Rules(), Rules(), Rules(ignore=("app2.%",)), Rules(ignore=("app.u", "lane_.t")),
         Rules(ignore=("app.u", "lane1.%", "mysqld%.%")), Rules(ignore=("%.t",)), Rules(ignore=("app.o%", "app.p%", "app.x\\_%")),
         Rules(only=("app.%",)), Rules(ignore=("app.u",), only=("app%.%", "lane_.%")), Rules(only=("app.t", "app.u", "app.tmp%", "lane2.%")),
         Rules(ignore=("app.u", "%.o%"), only=("app.%", "mysql.rt")))


@dataclasses.dataclass
class Finding:
    """Something that is not as it must be."""

    what: str
    whose: str  # "relay" or "workload"
    units: list[Unit]

    def __str__(self) -> str:
        lines = [self.what, ""]
        for unit in self.units:
            lines.append(f"-- {unit.name}, in {unit.charset}" + (f", lane {unit.lane}" if unit.lane else ""))
            lines += [f"{statement};" for statement in unit.statements]
        return "\n".join(lines)


@dataclasses.dataclass
class Tally:
    workloads: int = 0
    units: int = 0
    statements: int = 0
    refused: int = 0
    events: int = 0
    faults: int = 0  # workloads that stopped the direct replica

    def add(self, units: list[Unit], played: Played, events: int) -> None:
        self.workloads += 1
        self.units += len(units)
        self.statements += played.ran
        self.refused += sum(played.refused.values())
        self.events += events


class Oracle:
    """One company under random workloads. What goes to the relayed replica is looked through, but for TLS."""

    def __init__(self, stage, gtid: bool, rules: Rules = Rules(), workers: str = "0", tls: bool = False,
                 compressed: bool = False, large: bool = False, trouble: int = 0):
        """`trouble`: that much of it, at least, is made during each workload."""
        self.workers, self.tls, self.tally = workers, tls, Tally()
        self.compressed, self.large, self.cut = compressed, large, trouble > 0
        self.refused = Played().refused
        options = ("--max-allowed-packet=256M",) if large else ()
        if compressed and stage.kind.mariadb:
            options += ("--log-bin-compress=1", "--log-bin-compress-min-len=10")
        self.company = Company(stage, gtid, rules, replica_options=("--relay-log-purge=0",), master_options=options,
                               cut=self.cut)
        self.forwarder = Forwarder(("127.0.0.1", self.company.relays[tls].port), record=not tls)
        stage.stack.callback(self.forwarder.close)
        self.least, self.trouble = trouble, None
        self.point()

    def point(self) -> None:
        through = dataclasses.replace(Route.through(self.company.relays[self.tls]), port=self.forwarder.port)
        self.company.point(self.workers, tls=self.tls, through=through)

    def start_again(self) -> None:
        """From nothing, with replicas that have seen nothing."""
        workload.wipe_all(self.company.master)
        self.company.new_replicas()
        self.forwarder.conversations.clear()
        self.point()

    def round(self, seed: int, size: int) -> Finding | None:
        """A workload made from the seed. None: all is as it must be."""
        company = self.company
        generator = Generator(company.stage.kind, company.gtid, seed, self.compressed, self.large,
                              has_app2=not company.rules.leave_out("app2"), mixed=not company.rules.only,
                              source="app.u" if company.rules.ignores("app.t") else "app.t", cut=self.cut)
        return self.check(generator.workload(size), seed)

    def play(self, units: list[Unit], seed: int) -> Played:
        if not self.cut:
            return play(self.company.master, units)
        self.trouble = self.trouble or Trouble(self.company, self.forwarder, seed)
        with concurrent.futures.ThreadPoolExecutor(1) as aside:
            playing = aside.submit(play, self.company.master, units, cut=True)
            self.trouble.make(self.least, over=playing.done)
            return playing.result()

    def check(self, units: list[Unit], seed: int = 0) -> Finding | None:
        try:
            played = self.play(units, seed)
        except AssertionError as error:
            return Finding(f"within trouble: {error}", "relay", units)
        self.refused += played.refused
        finding = self.compare(units)
        hashes = leaks.hashes(self.company.master)
        events = 0
        if not finding or finding.whose == "relay":
            events, leak = self.leak(hashes)
            if leak:
                finding = Finding(f"it leaks {leak}", "relay", units)
        self.tally.add(units, played, events)
        if not finding and self.company.rules.schemas_to_make:
            self.start_again()  # DROP DATABASE is not replicated either
        elif not finding:
            workload.wipe_all(self.company.master)
            finding = self.compare(units)
        if finding and finding.whose == "workload":
            self.tally.faults += 1
        return finding

    def compare(self, units: list[Unit]) -> Finding | None:
        company = self.company
        try:
            replication.caught_up(company.direct, company.master)
        except (replication.Stopped, waiting.Late) as error:
            return Finding(f"the direct replica: {error}", "workload", units)
        try:
            company.compare_replicas()
        except AssertionError as error:
            return Finding(str(error), "relay", units)
        return None

    def leak(self, hashes: list[bytes]) -> tuple[int, str]:
        """How many events were looked through, and what was found."""
        found = leaks.relay_log_events(self.company.relayed)
        count = len(found)
        conversations = [] if self.tls else list(self.forwarder.conversations)
        streams = [b"".join(data for way, data in one.chunks if way == "down") for one in conversations]
        found += [event for stream in streams for event in leaks.streamed_events(stream)]
        for stream in streams:
            leak = leaks.search(stream, hashes)
            if leak:
                return count, f"on the wire: {leak}"
        for event in found:
            leak = leaks.search(event, hashes) or leaks.search(leaks.within(event), hashes)
            if leak:
                return count, f"in an event of type {event[4]}: {leak}"
        return count, ""

    # -------------------------------------------------------------- smaller

    def shrink(self, finding: Finding, tries: int = 14) -> Finding:
        """Leaves out units as long as something of the same sort is found, with fresh replicas each time."""
        best, piece = finding, max(1, len(finding.units) // 2)
        at = 0
        while tries > 0 and len(best.units) > 1:
            rest = best.units[:at] + best.units[at + piece:]
            if rest and len(rest) < len(best.units):
                tries -= 1
                self.start_again()
                again = self.check(rest)
                if again and again.whose == best.whose:
                    best = again
                    continue
            at += piece
            if at >= len(best.units):
                if piece == 1:
                    break
                at, piece = 0, max(1, piece // 2)
        return best


def seeds(first: int):
    """Reproducible: each workload has a seed that is printed."""
    return iter(random.Random(first).sample(range(1 << 31), 1 << 16))

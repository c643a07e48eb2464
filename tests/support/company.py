"""The measure of the relay: beside the replica that goes through Sluice stands one that goes straight to
the master and leaves `mysql.%` out by the server's own rule. After the same workload both must hold the
same rows, the same GTIDs and stand at the same position, and no account may have come through."""

from __future__ import annotations

import dataclasses
import fnmatch

import replication
import snapshot
import waiting
import workload
from forwarder import Forwarder
from replication import Route

IGNORE = "--replicate-wild-ignore-table=mysql.%"


@dataclasses.dataclass(frozen=True)
class Rules:
    """Rules besides that for the system schema, given to Sluice and to the direct replica."""

    ignore: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def options(self) -> list[str]:
        return [IGNORE, *(f"--replicate-wild-ignore-table={pattern}" for pattern in self.ignore),
                # The servers ask these first: one for the system schema would let it in.
                *(f"--replicate-wild-do-table={pattern}" for pattern in self.only if not pattern.startswith("mysql."))]

    def filter(self) -> dict:
        said = {"ignore": self.ignore, "only": self.only}
        return {name: list(patterns) for name, patterns in said.items() if patterns}

    def ignores(self, table: str) -> bool:
        """Whether one of the patterns names it."""
        return any(fnmatch.fnmatch(table, pattern.replace("%", "*").replace("_", "?")) for pattern in self.ignore)

    def leave_out(self, schema: str) -> bool:
        """Whether nothing of it is replicated, not even that it is there."""
        return f"{schema}.%" in self.ignore or (
            bool(self.only) and not any(fnmatch.fnmatch(schema, pattern.split(".")[0].replace("%", "*").replace("_", "?"))
                                        for pattern in self.only))

    @property
    def schemas_to_make(self) -> list[str]:
        """Those of which only tables are named: CREATE DATABASE is not replicated then."""
        named = [pattern.split(".") for pattern in self.only]
        return sorted({schema for schema, table in named if table != "%" and [schema, "%"] not in named} - {"mysql"})

    def __str__(self) -> str:
        return f"ignore {', '.join(self.ignore) or '-'}; only {', '.join(self.only) or '-'}"


class Company:
    """A master, a replica through Sluice, a replica straight from the master; one positioning."""

    def __init__(self, stage, gtid: bool, rules: Rules = Rules(), replica_options: tuple[str, ...] = (),
                 master_options: tuple[str, ...] = (), cut: bool = False):
        """`cut`: connections are cut on the way; Sluice goes to its master through `behind`."""
        self.stage, self.gtid, self.rules, self.replica_options = stage, gtid, rules, replica_options
        self.master = stage.master(*master_options, gtid=gtid)
        self.behind = Forwarder(("127.0.0.1", self.master.port), record=False) if cut else None
        if self.behind:
            stage.stack.callback(self.behind.close)
        self.relays = {True: stage.relay(self.master, name="tls"),
                       False: stage.relay(self.master, name="plain", tls=False)}
        for relay in self.relays.values():
            relay.filter = rules.filter()
            if self.behind:
                relay.master["port"] = self.behind.port
        self.sluice = stage.sluice(*self.relays.values())
        self.relayed = self.direct = None
        self.new_replicas()

    def new_replicas(self) -> None:
        """Fresh ones, which start where the master is now."""
        for old in (self.relayed, self.direct):
            if old:
                old.kill()
        self.healthy = True
        self.relayed = self.stage.replica(*self.replica_options, gtid=self.gtid, name="relayed")
        self.direct = self.stage.replica(*self.replica_options, *self.rules.options(), gtid=self.gtid, name="direct")
        self.accounts = snapshot.accounts(self.relayed)
        executed = self.master.executed
        for replica in (self.relayed, self.direct):
            if self.stage.kind.mariadb:
                replica.sql(f"SET GLOBAL gtid_slave_pos='{executed}'")
            elif executed:
                replica.sql(f"SET GLOBAL gtid_purged='{executed}'")
        for schema in self.rules.schemas_to_make:
            for replica in (self.relayed, self.direct):
                replica.quietly(f"CREATE DATABASE {schema}")
        self.begin = self.master.coordinates

    def point(self, workers: str = "0", tls: bool = True, through: Route | None = None,
              compression: str | None = None) -> None:
        """Points both where they stand now, with these settings, and starts them. `through` and `compression`:
        another way to the relay, and what to ask it for, for the relayed one."""
        for replica, route in ((self.relayed, through or Route.through(self.relays[tls])),
                               (self.direct, Route.straight(self.master, tls))):
            replication.stop(replica)
            here = self.begin
            if replication.status(replica):
                here = replication.executed_position(replica)
            more = replication.compressing(replica, compression) if replica is self.relayed else {}
            replication.point(replica, route, gtid=self.gtid, start=here, workers=workers, **more)
            replication.start(replica)

    def work(self, job) -> None:
        """Runs a job on a master without traces of the last one; then everything must be equal."""
        self.healthy = False
        job(self.master)
        self.compare()
        workload.wipe(self.master)
        self.same_place()
        self.healthy = True

    def same_place(self) -> None:
        # The direct one first: where it stops, the workload is at fault and not the relay.
        replication.caught_up(self.direct, self.master)
        replication.caught_up(self.relayed, self.master, cut=self.behind is not None)
        # MariaDB 11.8 has been seen to tell its end later than its replicas had read up to it.
        for what, of in (("executed position", replication.executed_position),
                         ("read position", replication.read_position)):
            def positions(of=of) -> list[tuple[str, int]]:
                return [of(self.relayed), of(self.direct), self.master.coordinates]
            waiting.until(f"one {what} of relayed, direct and master", lambda: len(set(positions())) == 1,
                          tell=lambda: str(positions()))
        # A server tells its position before it has noted the GTID that goes with it.
        waiting.until("the executed GTIDs are equal", self.same_gtids, tell=self.gtids)

    def gtids(self) -> str:
        return ", ".join(f"{server}: {server.executed}" for server in (self.master, self.relayed, self.direct))

    def same_gtids(self) -> bool:
        if self.relayed.executed != self.master.executed:
            return False
        # With a rule that skips CREATE or DROP DATABASE, 5.6 and 5.7 themselves leave its GTID out.
        kind = self.stage.kind
        has_holes = self.rules != Rules() and not kind.mariadb and not kind.at_least(8)
        return has_holes or self.direct.executed == self.master.executed

    def compare(self) -> None:
        self.compare_replicas()
        assert not snapshot.differences(snapshot.application(self.master), snapshot.application(self.relayed))

    def compare_replicas(self) -> None:
        """Of what is dropped of the application's own only the direct replica can tell what is right."""
        self.same_place()
        assert not snapshot.differences(snapshot.application(self.direct), snapshot.application(self.relayed))
        assert not snapshot.differences(self.accounts, snapshot.accounts(self.relayed))
        if self.behind:  # it may be on its way back
            waiting.until("both threads run", lambda: replication.threads_run(self.relayed))
        assert replication.threads_run(self.relayed)

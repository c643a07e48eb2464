"""The measure of the relay: beside the replica that goes through Sluice stands one that goes straight to
the master and leaves `mysql.%` out by the server's own rule. After the same workload both must hold the
same rows, the same GTIDs and stand at the same position, and no account may have come through."""

from __future__ import annotations

import pytest

import replication
import snapshot
import workload
from dialect import Dialect
from kinds import every_server, mysql_servers
from replication import Route

IGNORE = "--replicate-wild-ignore-table=mysql.%"


class Company:
    """A master, a replica through Sluice, a replica straight from the master; one positioning."""

    def __init__(self, stage, gtid: bool, *master_options: str):
        self.stage, self.gtid = stage, gtid
        self.master = stage.master(*master_options, gtid=gtid)
        self.relays = {True: stage.relay(self.master, name="tls"),
                       False: stage.relay(self.master, name="plain", tls=False)}
        self.sluice = stage.sluice(*self.relays.values())
        self.relayed = self.direct = None
        self.new_replicas()

    def new_replicas(self) -> None:
        """Fresh ones, which start where the master is now."""
        for old in (self.relayed, self.direct):
            if old:
                old.kill()
        self.healthy = True
        self.relayed = self.stage.replica(gtid=self.gtid, name="relayed")
        self.direct = self.stage.replica(IGNORE, gtid=self.gtid, name="direct")
        self.accounts = snapshot.accounts(self.relayed)
        executed = self.master.executed
        for replica in (self.relayed, self.direct):
            if self.stage.kind.mariadb:
                replica.sql(f"SET GLOBAL gtid_slave_pos='{executed}'")
            elif executed:
                replica.sql(f"SET GLOBAL gtid_purged='{executed}'")
        self.begin = self.master.coordinates

    def point(self, workers: str = "0", tls: bool = True) -> None:
        """Points both where they stand now, with these settings, and starts them."""
        for replica, route in ((self.relayed, Route.through(self.relays[tls])),
                               (self.direct, Route.straight(self.master, tls))):
            replication.stop(replica)
            here = self.begin
            if replication.status(replica):
                here = replication.executed_position(replica)
            replication.point(replica, route, gtid=self.gtid, start=here, workers=workers)
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
        replication.caught_up(self.relayed, self.master)
        end = self.master.coordinates
        assert replication.executed_position(self.relayed) == replication.executed_position(self.direct) == end
        assert replication.read_position(self.relayed) == replication.read_position(self.direct) == end
        assert self.relayed.executed == self.direct.executed == self.master.executed

    def compare(self) -> None:
        self.same_place()
        assert not snapshot.differences(snapshot.application(self.direct), snapshot.application(self.relayed))
        assert not snapshot.differences(snapshot.application(self.master), snapshot.application(self.relayed))
        assert not snapshot.differences(self.accounts, snapshot.accounts(self.relayed))
        assert replication.threads_run(self.relayed)


@pytest.fixture(scope="module")
def companies(stage):
    return {}


@pytest.fixture
def company(stage, companies, gtid):
    """The company of this positioning, with new replicas when the last test left wreckage."""
    if gtid not in companies:
        companies[gtid] = Company(stage, gtid)
    if not companies[gtid].healthy:
        workload.wipe(companies[gtid].master)
        companies[gtid].new_replicas()
    yield companies[gtid]


def makes_sense(kind, gtid, step=None, workers=None, compressed=False, **_) -> bool:
    """Whether a server knows the step, or this way of applying. Asked when tests are collected."""
    if compressed and not kind.at_least(8, 0, 20):  # what else came before, MariaDB does not have
        return False
    if step:
        return step.where(kind, gtid)
    return workers in Dialect(kind).worker_choices


positioning = pytest.mark.parametrize("gtid", [False, True], ids=["file", "gtid"])


@every_server
@positioning
@pytest.mark.parametrize("step", workload.STEPS, ids=lambda step: step.name.replace(" ", "-"))
def test_each_kind_of_statement(company, step):
    company.point()
    company.work(lambda master: (workload.play(master, workload.PREPARE), workload.play(master, step.text)))


@every_server
@positioning
@pytest.mark.parametrize("workers", ["0", "4", "4 by clock"])
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
@pytest.mark.parametrize("checksum", ["CRC32", "NONE"])
def test_the_whole_workload(company, workers, tls, checksum):
    company.master.sql(f"SET GLOBAL binlog_checksum={checksum}")
    company.point(workers, tls)
    company.work(lambda master: workload.all_steps(master, company.gtid))


def payloads(master) -> int:
    """How many compressed transactions are in the master's binlog."""
    return sum(row[2] == "Transaction_payload" for (file, *_) in master.sql("SHOW BINARY LOGS")
               for row in master.sql(f"SHOW BINLOG EVENTS IN '{file}'"))


@mysql_servers
@positioning
@pytest.mark.parametrize("workers", ["0", "4"])
@pytest.mark.parametrize("checksum", ["CRC32", "NONE"])
@pytest.mark.parametrize("compressed", [True], ids=["compressed"])
def test_the_whole_workload_in_payloads(company, workers, checksum, compressed):
    """binlog_transaction_compression: what is dropped lies within TRANSACTION_PAYLOADs."""
    company.master.sql(f"SET GLOBAL binlog_checksum={checksum}")
    company.master.sql("SET GLOBAL binlog_transaction_compression=ON")
    try:
        company.point(workers)
        company.work(lambda master: workload.all_steps(master, company.gtid))
        assert payloads(company.master) > 10
    finally:
        company.master.sql("SET GLOBAL binlog_transaction_compression=OFF")

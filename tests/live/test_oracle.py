"""Every step of the workload, and all of them together, in a company of a master, a relayed replica and a
direct one."""

from __future__ import annotations

import pytest

import workload
from dialect import Dialect
from kinds import ONE_OF_EACH_FAMILY, every_server, mysql_servers, positioning


def makes_sense(kind, gtid, step=None, workers=None, compressed=False, tls=None, checksum=None, **_) -> bool:
    """Whether a server knows the step, or this way of applying. Asked when tests are collected."""
    if compressed:  # since then; each with each of the others is enough
        return kind.at_least(8, 0, 20) and gtid == ((checksum == "CRC32") == (workers == "4"))
    if step:  # with the older servers by file only what they do not do by GTID
        return step.where(kind, gtid) and (gtid or kind.name in ONE_OF_EACH_FAMILY or not step.where(kind, True))
    # Here too, in either way of positioning.
    return workers in Dialect(kind).worker_choices and tls == ((checksum == "CRC32") == (workers == "0"))


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

"""Each form of writing a change, against a direct replica with the server's own rule (test_oracle.py)."""

from __future__ import annotations

import pytest

import forms
import replication
import snapshot
import waiting
import workload
from kinds import every_server
from test_oracle import Company, companies, company, positioning  # noqa: F401 - fixtures


def makes_sense(kind, gtid=False, form=None, **_) -> bool:
    return form is None or form.where(kind, gtid)


@every_server
@positioning
@pytest.mark.parametrize("workers", ["0", "4"])
@pytest.mark.parametrize("form", forms.FORMS, ids=lambda form: form.name.replace(" ", "-"))
def test_each_form(company, form, workers):  # noqa: F811
    company.point(workers)
    company.work(lambda master: (workload.play(master, workload.PREPARE), forms.play(master, form.text)))


def stopped(replica) -> str:
    """Waits until its applier stops; the number of the error."""
    waiting.until(f"{replica} stops", lambda: replication.status(replica)["Slave_SQL_Running"] == "No")
    return replication.status(replica)["Last_SQL_Errno"]


@every_server
@positioning
@pytest.mark.parametrize("workers", ["0", "4"])
def test_xa_with_nothing_kept(company, workers):  # noqa: F811
    """MySQL 8.0 and later refuse to prepare a transaction in which their own filter has left nothing
    (ER_XA_REPLICATION_FILTERS), and so they do behind Sluice. Nothing is lost in silence."""
    company.point(workers)
    if company.master.kind.mariadb or not company.master.kind.at_least(8):
        company.work(lambda master: (workload.play(master, workload.PREPARE),
                                     forms.play(master, forms.XA_WITH_NOTHING_KEPT)))
        assert company.relayed.sql("XA RECOVER") == []
        return
    company.healthy = False
    workload.play(company.master, workload.PREPARE)
    forms.play(company.master, forms.XA_WITH_NOTHING_KEPT)
    assert stopped(company.direct) == stopped(company.relayed) != "0"
    if workers == "0":  # others may have gone ahead
        assert replication.executed_position(company.relayed) == replication.executed_position(company.direct)


@every_server
@positioning
def test_an_incident_goes_through(scene, gtid):
    """It stops the applier on purpose: events are missing in the master's binlog."""
    company = Company(scene, gtid)
    company.point()
    workload.play(company.master, workload.PREPARE)
    forms.play(company.master, forms.INCIDENT)
    assert stopped(company.direct) == stopped(company.relayed) != "0"
    assert replication.executed_position(company.relayed) == replication.executed_position(company.direct)
    end = company.master.coordinates
    waiting.until("everything has come", lambda: replication.read_position(company.relayed) == end)

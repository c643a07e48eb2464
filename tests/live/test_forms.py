"""Each form of writing a change, against a direct replica with the server's own rule (test_oracle.py)."""

from __future__ import annotations

import pytest

import forms
import replication
import waiting
import workload
from clients import knock
from company import Company
from kinds import every_server, mariadb_servers, mysql_servers, positioning


def makes_sense(kind, gtid=False, form=None, workers=None, **_) -> bool:
    if form is None:
        return True
    if form is forms.OVER_A_HUNDRED_TABLES:  # it takes long
        return gtid and workers == "4"
    # Each way of positioning and of applying once.
    return form.where(kind, gtid) and (gtid == (workers == "4") or not form.where(kind, not gtid))


@every_server
@positioning
@pytest.mark.parametrize("workers", ["0", "4"])
@pytest.mark.parametrize("form", forms.FORMS, ids=lambda form: form.name.replace(" ", "-"))
def test_each_form(company, form, workers):
    company.point(workers)
    company.work(lambda master: (workload.play(master, workload.PREPARE), forms.play(master, form.text)))


def stopped(replica) -> str:
    """Waits until its applier stops; the number of the error."""
    waiting.until(f"{replica} stops", lambda: replication.status(replica)["Slave_SQL_Running"] == "No")
    return replication.status(replica)["Last_SQL_Errno"]


def both_stand_at_one_place(company) -> None:
    """From 9.0 on without workers there is one all the same, whose position is noted now and then."""
    if company.master.kind.mariadb or not company.master.kind.at_least(9):
        assert replication.executed_position(company.relayed) == replication.executed_position(company.direct)
    elif company.gtid:
        assert company.relayed.executed == company.direct.executed


@every_server
@positioning
@pytest.mark.parametrize("workers", ["0", "4"])
def test_xa_with_nothing_kept(company, workers):
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
        both_stand_at_one_place(company)


@mysql_servers
@positioning
def test_xa_with_nothing_kept_in_a_payload(scene, gtid):
    if not scene.kind.at_least(8, 0, 20):
        pytest.skip("it compresses none")
    company = Company(scene, gtid)
    company.point()
    workload.play(company.master, workload.PREPARE)
    file, _ = company.master.coordinates
    forms.play(company.master, forms.XA_WITH_NOTHING_KEPT_IN_A_PAYLOAD)
    types = [row[2] for row in company.master.sql(f"SHOW BINLOG EVENTS IN '{file}'")]
    assert "Transaction_payload" in types
    assert stopped(company.direct) == stopped(company.relayed) != "0"
    both_stand_at_one_place(company)


@every_server
@positioning
def test_an_incident_goes_through(scene, gtid):
    """It stops the applier on purpose: events are missing in the master's binlog."""
    company = Company(scene, gtid)
    company.point()
    workload.play(company.master, workload.PREPARE)
    forms.play(company.master, forms.INCIDENT)
    assert stopped(company.direct) == stopped(company.relayed) != "0"
    both_stand_at_one_place(company)
    end = company.master.coordinates
    waiting.until("everything has come", lambda: replication.read_position(company.relayed) == end)


def v1_rows(kind) -> bool:
    return not kind.mariadb and not kind.at_least(8, 4)


@every_server
@positioning
def test_row_events_of_the_first_version(scene, gtid):
    """MariaDB writes no others; MySQL up to 8.0 does when it is told to."""
    kind = scene.kind
    if not v1_rows(kind):
        pytest.skip(f"{kind.name} " + ("writes them anyway" if kind.mariadb else "knows them no more"))
    company = Company(scene, gtid, master_options=("--log-bin-use-v1-row-events=1",))
    company.point()
    for step in workload.STEPS:
        if step.where(kind, gtid) and step.name in V1_STEPS:
            company.work(lambda master: (workload.play(master, workload.PREPARE), workload.play(master, step.text)))


V1_STEPS = ("rows of the mysql schema alone", "a transaction with nothing kept in it", "transactions with both",
            "a trigger of the application writes to the mysql schema", "one statement over both schemas",
            "columns of every sort", "only the changed columns")


@every_server
def test_load_data_beyond_the_limit_stops_the_stream(scene):
    """In statement format it would have to be held until its table is known."""
    master = scene.master(gtid=True)
    relay = scene.relay(master)
    sluice, replica = scene.sluice(relay), scene.replica()
    replication.point(replica, replication.Route.through(relay), gtid=True)
    replication.start(replica)
    workload.play(master, workload.PREPARE)
    lines = master.folder / "lines"
    lines.write_text(f"1\t{'x' * 100}\n" * (17 << 20 >> 6))
    master.sql("CREATE TABLE mysql.r3 (a INT, v VARCHAR(200)) ENGINE=MyISAM")
    replication.caught_up(replica, master)
    with master.connect(timeout=300) as session:
        session.query("SET SESSION binlog_format=STATEMENT")
        session.query(f"LOAD DATA INFILE '{lines}' INTO TABLE mysql.r3")
    sluice.logged("stream stopped", timeout=60, reason="LOAD DATA in statement format with more than 16 MiB")
    assert "LOAD DATA" in replication.io_error(replica)


def dumped(client, start: tuple[str, int], annotations: bool = True) -> bytes:
    """All events from there on."""
    with client:
        client.introduce(77)
        client.request_dump(*start, blocking=False, annotations=annotations)
        return b"".join(client.events())


@mariadb_servers
def test_the_text_of_a_compound_statement(scene):
    """MariaDB logs it before the rows of a sequence that is asked outside of a statement, whatever else is in it."""
    master = scene.master(gtid=False)
    start = master.coordinates
    for statement in ("CREATE DATABASE app", "CREATE SEQUENCE app.kept CACHE 1",
                      "IF NEXT VALUE FOR app.kept > 0 THEN CREATE OR REPLACE USER u1 IDENTIFIED BY 'SECRET'; END IF",
                      "BEGIN NOT ATOMIC DECLARE kept INT; SET kept = NEXTVAL(app.kept); "
                      "CREATE OR REPLACE USER u1 IDENTIFIED BY 'SECRET'; END"):
        master.sql(statement)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)

    passed, direct = dumped(knock(relay), start), dumped(master.connect(), start)
    assert b"kept" in passed and b"SECRET" not in passed
    assert direct.count(b"SECRET") == 4  # the texts and what they run


@every_server
@pytest.mark.parametrize("first", ["dropped", "kept"])
def test_the_text_of_a_statement_within_a_function(scene, first):
    """Servers log that one, and MySQL before the rows of the other table, MariaDB before whichever is locked first."""
    master = scene.master(gtid=False)
    start = master.coordinates
    workload.play(master, workload.PREPARE)
    function = forms.SECRET_IN_A_FUNCTION if first == "dropped" else forms.SECRET_BEHIND_ANOTHER_TABLE
    # MariaDB logs texts by itself.
    logging = "" if scene.kind.mariadb else "SET SESSION binlog_rows_query_log_events=ON;"
    forms.play(master, logging + function)
    relay = scene.relay(master, tls=False)
    scene.sluice(relay)

    mariadb = scene.kind.mariadb
    passed, direct = dumped(knock(relay), start, mariadb), dumped(master.connect(), start, mariadb)
    assert b"kept" in passed and b"SECRET" not in passed
    assert direct.count(b"SECRET") == 2  # the text and the row

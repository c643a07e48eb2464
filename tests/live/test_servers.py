"""Every server the tests know can be had and started here; what cannot is named, with the reason."""

import pytest

from kinds import every_server
from mysql_client import Client, trusting


@every_server
def test_it_runs_here(kind, stage):
    server = stage.server("any")
    assert server.value("SELECT VERSION()").startswith(kind.version_text.split("-")[0])
    if not kind.clients:
        return
    for program in ("mysqlbinlog", "mysql"):
        assert (kind.folder / "programs" / program).exists(), program


@every_server
def test_it_has_tls(kind, stage):
    if not kind.ready:
        pytest.skip(kind.why_not)
    server = stage.server("any")
    said = server.sql("SHOW VARIABLES LIKE 'have_ssl'")
    if said:
        assert said == [("have_ssl", "YES")]
        return
    # Since MySQL 8.4 it does not say so.
    server.sql("CREATE USER over_tls IDENTIFIED BY 'over-tls-secret' REQUIRE SSL")
    Client(("127.0.0.1", server.port), "over_tls", "over-tls-secret", tls=trusting(stage.certificates.ca)).close()

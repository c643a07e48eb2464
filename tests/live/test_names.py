"""How patterns compare names: as the servers' own rules do on this master, with the same tables beside a
direct replica."""

from __future__ import annotations

import pytest

from company import Company, Rules
from kinds import every_server

RULES = Rules(ignore=("App.T%", "app._", "app.with\\_underscore", "Mixed.%"))
TABLES = ["app.t1", "app.T2", "app.u", "app.`é`", "app.`ée`", "app.with_underscore", "app.`withxunderscore`", "App2.t",
          "mixed.t", "MiXeD2.t"]


def makes_sense(kind, lower_case=0, **_) -> bool:
    """From 8.0 on a data folder has one lower_case_table_names for ever; the tests' are made with 0."""
    return lower_case == 0 or kind.mariadb or not kind.at_least(8)


@every_server
@pytest.mark.parametrize("lower_case", [0, 1])
def test_patterns_compare_as_the_server_does(scene, lower_case):
    option = f"--lower-case-table-names={lower_case}"
    company = Company(scene, True, RULES, replica_options=(option,), master_options=(option,))
    company.point()
    seen = []
    with company.master.connect() as session:
        for schema in ("app", "App2", "mixed", "MiXeD2"):
            session.query(f"CREATE DATABASE {schema}")
        for binlog_format in ("ROW", "STATEMENT"):
            session.query(f"SET SESSION binlog_format={binlog_format}")
            for table in TABLES:
                session.query(f"CREATE TABLE IF NOT EXISTS {table} (id INT AUTO_INCREMENT PRIMARY KEY, v INT) ENGINE=InnoDB")
                session.query(f"INSERT INTO {table} (v) VALUES (1)")
    company.compare_replicas()
    for table in TABLES:
        schema, name = (part.strip("`") for part in table.split("."))
        if company.relayed.sql("SELECT table_name FROM information_schema.tables "
                               f"WHERE table_schema='{schema}' AND table_name='{name}'"):
            seen.append(table)
    assert "app.u" not in seen and "app.`ée`" in seen and "app.with_underscore" not in seen
    exact = not company.stage.kind.mariadb and lower_case == 0
    assert ("app.t1" in seen) == exact and ("mixed.t" in seen) == exact

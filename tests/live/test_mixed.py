"""Statements over tables of which some are dropped and some kept: the servers' own rules apply such a
statement as a whole or not at all, and Sluice does the same. Here the servers are asked themselves.

All three servers have the tables from the start, dropped ones too, so that what was applied can be seen."""

from __future__ import annotations

import dataclasses

import pytest

import replication
from company import Company, Rules
from kinds import every_server
from packets import ServerError

SKIP, APPLY = "skip", "apply"
REFUSE = "refuse"  # the servers apply it, Sluice fails closed: it writes into the system schema


@dataclasses.dataclass(frozen=True)
class Case:
    """`app` is kept, D dropped. `one`: what servers do when one rule names D and nothing else is named; `only`:
    when `app.%` is all that is named; `both`: when each is named by a rule."""

    statement: str
    one: str
    only: str
    both: str
    mariadb: bool = False  # no other server knows it
    unsure: bool = False  # were app.a a view of two tables the master's table map would be the same

    @property
    def in_system_schema(self) -> str:
        writes = "D.moved" in self.statement or "CONVERT TABLE D." in self.statement
        return REFUSE if self.unsure or (self.one == APPLY and writes) else self.one


CASES = [
    Case("DROP TABLE app.a, D.b", SKIP, APPLY, APPLY),
    Case("DROP TABLE D.b, app.a", SKIP, APPLY, SKIP),
    Case("DROP TABLE IF EXISTS app.a, D.b", SKIP, APPLY, APPLY),
    Case("DROP VIEW app.w, D.w", SKIP, APPLY, APPLY),
    Case("DROP VIEW D.w, app.w", SKIP, APPLY, SKIP),
    Case("RENAME TABLE app.a TO D.moved", SKIP, APPLY, APPLY),
    Case("RENAME TABLE D.b TO app.moved", SKIP, APPLY, SKIP),
    Case("RENAME TABLE app.a TO app.moved, D.b TO D.moved", SKIP, APPLY, APPLY),
    Case("RENAME TABLE D.b TO D.moved, app.a TO app.moved", SKIP, APPLY, SKIP),
    Case("ALTER TABLE app.a RENAME TO D.moved", APPLY, APPLY, APPLY),
    Case("ALTER TABLE D.b RENAME TO app.moved", SKIP, SKIP, SKIP),
    Case("ALTER TABLE app.p EXCHANGE PARTITION p0 WITH TABLE D.b", SKIP, APPLY, APPLY),
    Case("ALTER TABLE D.q EXCHANGE PARTITION p0 WITH TABLE app.a", SKIP, APPLY, SKIP),
    Case("ALTER TABLE app.p CONVERT PARTITION p0 TO TABLE D.moved", APPLY, APPLY, APPLY, mariadb=True),
    Case("ALTER TABLE D.q CONVERT PARTITION p0 TO TABLE app.moved", SKIP, SKIP, SKIP, mariadb=True),
    Case("ALTER TABLE app.r CONVERT TABLE D.b TO PARTITION p9 VALUES LESS THAN (200) WITHOUT VALIDATION", APPLY, APPLY, APPLY, mariadb=True),
    Case("UPDATE app.a, D.b SET app.a.v=5, D.b.v=6 WHERE app.a.id=D.b.id", SKIP, APPLY, APPLY),
    Case("UPDATE D.b, app.a SET app.a.v=5, D.b.v=6 WHERE app.a.id=D.b.id", SKIP, APPLY, SKIP),
    Case("UPDATE D.b, app.a SET app.a.v=5 WHERE app.a.id=D.b.id", APPLY, APPLY, APPLY),
    Case("UPDATE app.a, D.b SET D.b.v=5 WHERE app.a.id=D.b.id", SKIP, SKIP, SKIP),
    Case("UPDATE app.a JOIN D.d USING (id) SET v=7", APPLY, APPLY, APPLY),
    Case("UPDATE app.a JOIN D.d USING (id) SET z=7", SKIP, SKIP, SKIP, unsure=True),
    Case("UPDATE D.d JOIN app.a USING (id) SET z=7", SKIP, SKIP, SKIP),
    Case("UPDATE app.a RIGHT JOIN D.d ON app.a.id=D.d.id SET app.a.v=7", APPLY, APPLY, APPLY),
    Case("UPDATE app.a RIGHT JOIN D.d ON app.a.id=D.d.id SET D.d.z=7", SKIP, SKIP, SKIP),
    Case("DELETE app.a FROM app.a RIGHT JOIN D.b ON app.a.id=D.b.id", APPLY, APPLY, APPLY),
    Case("DELETE D.b FROM app.a RIGHT JOIN D.b ON app.a.id=D.b.id", SKIP, SKIP, SKIP),
    # The character set makes MariaDB 11.2 and later write more of the session down.
    Case("UPDATE app.a JOIN D.d USING (id) SET v=CONVERT('7' USING utf8mb4)", APPLY, APPLY, APPLY),
    Case("UPDATE D.d JOIN app.a USING (id) SET z=CONVERT('7' USING utf8mb4)", SKIP, SKIP, SKIP),
    Case("UPDATE D.d JOIN app.a USING (id) SET v=7, z=8", SKIP, APPLY, SKIP),
    Case("UPDATE app.a LEFT JOIN D.d AS x ON x.id=app.a.id JOIN app.c AS y ON y.id=x.id SET y.v=x.z", APPLY, APPLY, APPLY),
    Case("UPDATE app.a JOIN (SELECT * FROM D.b) AS z ON z.id=app.a.id SET app.a.v=z.v+5", APPLY, APPLY, APPLY),
    Case("UPDATE app.a SET v=(SELECT MAX(v)+7 FROM D.b)", APPLY, APPLY, APPLY),
    Case("DELETE app.a, D.b FROM app.a JOIN D.b ON app.a.id=D.b.id", SKIP, APPLY, APPLY),
    Case("DELETE D.b, app.a FROM app.a JOIN D.b ON app.a.id=D.b.id", SKIP, APPLY, APPLY),
    Case("DELETE app.a, D.b FROM D.b JOIN app.a ON app.a.id=D.b.id", SKIP, APPLY, SKIP),
    Case("DELETE app.a FROM D.b JOIN app.a ON app.a.id=D.b.id", APPLY, APPLY, APPLY),
    Case("DELETE D.b FROM app.a JOIN D.b ON app.a.id=D.b.id", SKIP, SKIP, SKIP),
    Case("DELETE FROM x, y USING app.a AS x JOIN D.b AS y ON x.id=y.id", SKIP, APPLY, APPLY),
    Case("DELETE FROM app.a WHERE id IN (SELECT id FROM D.b)", APPLY, APPLY, APPLY),
    Case("DELETE app.a FROM ~.a JOIN D.d ON app.a.id=D.d.id", APPLY, APPLY, APPLY),
    Case("DELETE ~.a FROM D.a JOIN ~.a ON app.a.id=D.a.id", APPLY, APPLY, APPLY),
    Case("DELETE D.a FROM app.a JOIN D.a ON D.a.id=app.a.id", SKIP, SKIP, SKIP),
    Case("INSERT INTO app.a SELECT id+10, v FROM D.b", APPLY, APPLY, APPLY),
    Case("INSERT INTO D.b SELECT id+10, v FROM app.a", SKIP, SKIP, SKIP),
    Case("REPLACE INTO app.a SELECT id, v+1 FROM D.b", APPLY, APPLY, APPLY),
    Case("CREATE TABLE app.moved LIKE D.b", APPLY, APPLY, APPLY),
    Case("CREATE TABLE app.moved (id INT PRIMARY KEY) SELECT id FROM D.b", APPLY, APPLY, APPLY),
    Case("CREATE VIEW app.moved AS SELECT * FROM D.b", APPLY, APPLY, APPLY),
    Case("CREATE TABLE D.new LIKE app.a", SKIP, SKIP, SKIP),
    Case("CREATE VIEW D.new AS SELECT * FROM app.a", SKIP, SKIP, SKIP),
    Case("TRUNCATE D.b", SKIP, SKIP, SKIP),
    Case("CREATE TRIGGER D.g BEFORE INSERT ON D.b FOR EACH ROW DELETE FROM app.a", SKIP, SKIP, SKIP),
    Case("CREATE TRIGGER app.g BEFORE INSERT ON app.a FOR EACH ROW DELETE FROM D.b", APPLY, APPLY, APPLY),
]

PARTITIONS = "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100)"
TABLES = {"a": "(id INT PRIMARY KEY, v INT)", "b": "(id INT PRIMARY KEY, v INT)", "c": "(id INT PRIMARY KEY, v INT)",
          "d": "(id INT PRIMARY KEY, z INT)", "r": f"(id INT PRIMARY KEY, v INT) {PARTITIONS})",
          "p": f"(id INT PRIMARY KEY, v INT) {PARTITIONS}, PARTITION p1 VALUES LESS THAN MAXVALUE)",
          "q": f"(id INT PRIMARY KEY, v INT) {PARTITIONS}, PARTITION p1 VALUES LESS THAN MAXVALUE)"}
SCENES = {  # the rules, the schema that they drop, what is expected of a case
    "system schema": (Rules(), "mysql", lambda case: case.in_system_schema),
    "ignore": (Rules(ignore=("tmp.%",)), "tmp", lambda case: case.one),
    "only": (Rules(only=("app.%",)), "other", lambda case: case.only),
    "only and ignore": (Rules(only=("app.%",), ignore=("tmp.%",)), "tmp", lambda case: case.both),
}


def written(case: Case, number: int, dropped: str) -> str:
    """The statement with this case's own tables: app.a of the third case is app.a3, ~.a is a3."""
    words = []
    for word in case.statement.replace("D.", f"{dropped}.").replace("(", "( ").replace(")", " )").replace("=", " = ").split():
        if word.startswith("~."):
            words.append(f"{word[2:]}{number}")
            continue
        for schema in ("app", dropped):
            if word.startswith(f"{schema}."):
                tail = "," if word.endswith(",") else ""
                parts = word.rstrip(",").split(".")
                words.append(".".join([parts[0], f"{parts[1]}{number}", *parts[2:]]) + tail)
                break
        else:
            words.append(word)
    return " ".join(words)


def set_up(dropped: str) -> list[str]:
    lines = [] if dropped == "mysql" else [f"CREATE DATABASE {dropped}"]
    lines.append("CREATE DATABASE app")
    for number, case in enumerate(CASES):
        for schema in ("app", dropped):
            for table, columns in TABLES.items():
                if f" {schema.replace(dropped, 'D')}.{table}" in case.statement.replace("(", " "):
                    lines.append(f"CREATE TABLE {schema}.{table}{number} {columns.replace('(id', ' (id')}")
                    if table not in "r":
                        lines.append(f"INSERT INTO {schema}.{table}{number} VALUES (1, {len(table)}), (2, 20)")
            if "VIEW" in case.statement:
                lines.append(f"CREATE VIEW {schema}.w{number} AS SELECT 1 AS x")
    return lines


def state(server, number: int, dropped: str) -> dict[str, str]:
    """What there is of a case's tables."""
    found = {}
    for schema in ("app", dropped):
        for name in (*TABLES, "w", "moved", "new"):
            path = f"{schema}.{name}{number}"
            try:
                found[path] = str(server.sql(f"SHOW CREATE TABLE {path}")[0][1]) + str(server.sql(f"CHECKSUM TABLE {path}"))
            except ServerError as error:
                if error.code not in (1146, 1356):
                    raise
        found[f"triggers of {schema}"] = str(server.sql(
            "SELECT trigger_name FROM information_schema.triggers "
            f"WHERE trigger_schema='{schema}' AND trigger_name='g{number}'"))
    return found


def takes(kind, case: Case, dropped: str) -> bool:
    """Whether a server knows the statement. None has triggers on system tables."""
    if case.mariadb and not kind.mariadb:
        return False
    if " CONVERT TABLE" in case.statement and not kind.at_least(11, 4):
        return False
    return not (case.statement.startswith("CREATE TRIGGER D.") and dropped == "mysql")


@every_server
@pytest.mark.parametrize("scene_name", SCENES)
def test_mixed_statements_are_judged_as_the_server_itself_does(scene, kind, scene_name):
    rules, dropped, expectation = SCENES[scene_name]
    company = Company(scene, gtid=False, rules=rules)
    master, direct, relayed = company.master, company.direct, company.relayed
    for server in (master, direct, relayed):
        server.quietly(*set_up(dropped))
    company.begin = master.coordinates
    company.point(tls=False)
    cases = [(number, case) for number, case in enumerate(CASES) if takes(kind, case, dropped)]
    before = {number: state(master, number, dropped) for number, _ in cases}
    refused = []

    def settle() -> None:
        replication.caught_up(direct, master)
        replication.caught_up(relayed, master)

    with master.connect(database="app") as session:
        session.query("SET SESSION binlog_format=STATEMENT")
        for number, case in cases:
            if expectation(case) != REFUSE:
                session.query(written(case, number, dropped))
        settle()
        relayed_states = {number: state(relayed, number, dropped) for number, _ in cases}
        for number, case in cases:
            if expectation(case) == REFUSE and not case.unsure and not refused:
                session.query(written(case, number, dropped))
                replication.caught_up(direct, master)
                said = replication.io_error(relayed)
                assert "ALTER TABLE" in said and "moved" not in said
                refused.append(number)
                relayed_states[number] = state(relayed, number, dropped)
    wrong = []
    for number, case in cases:
        expected = expectation(case)
        if expected == REFUSE and number not in refused:
            continue  # one of them stops the replica
        there, here = state(direct, number, dropped), relayed_states[number]
        right = {SKIP: before[number]}.get(expected) or state(master, number, dropped)
        if there != right:
            wrong.append(f"the server does not {expected}: {case.statement}")
        if number not in refused and here != there:
            wrong.append(f"Sluice does not {expected}: {case.statement}")
        if number in refused and here != before[number]:
            wrong.append(f"Sluice does not refuse: {case.statement}")
    assert not wrong, "\n".join(wrong)
    assert len([line for line in company.sluice.log if "on dropped and kept tables" in line]) > 10



def makes_sense(kind, scene_name, **_) -> bool:
    """One's own rules on the newest of each family only: the servers' code is the same for all rules."""
    return scene_name == "system schema" or kind.name in ("mariadb", "mysql-9")

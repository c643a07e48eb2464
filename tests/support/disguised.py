"""For statements on the system schema that do not look like it: what they change, and what of them passes."""

from __future__ import annotations

from packets import ServerError

SETUP = """
CREATE DATABASE app
CREATE TABLE app.a (a INT PRIMARY KEY, b INT)
CREATE TABLE app.b (a INT PRIMARY KEY, b INT)
CREATE TABLE mysql.zz (a INT PRIMARY KEY, b INT)
INSERT INTO app.a VALUES (1, 1)
INSERT INTO app.b VALUES (1, 1)
INSERT INTO mysql.zz VALUES (1, 1)
""".strip().splitlines()


def everywhere(_kind) -> bool:
    return True


def dumped(client, start) -> tuple[bytes, int]:
    """What comes from there on, and the number of the error that ends it."""
    events = []
    with client:
        client.introduce(77)
        client.request_dump(*start, blocking=False)
        try:
            events.extend(client.events())
        except ServerError as error:
            return b"".join(events), error.code
    return b"".join(events), 0


def contents(master) -> list:
    """Of the system schema, as far as the texts go."""
    return [master.sql("CHECKSUM TABLE mysql.zz"), master.sql("SHOW CREATE TABLE mysql.zz"),
            master.sql("SELECT user FROM mysql.user")]

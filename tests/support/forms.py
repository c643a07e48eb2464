"""Every form in which a server can write a change: what the workload does not do by itself.

A step is a text like the workload's. A statement that begins with '2> ' runs in a second session, one
that begins with '! ' must fail on the master."""

from __future__ import annotations

from packets import ServerError
from server import Server
from workload import Step, everywhere, mariadb_only, not_before_8_with_gtid_rules, since, statements

FORMS: list[Step] = []


def form(name: str, text: str, where=everywhere) -> None:
    FORMS.append(Step(name, text, where))


def play(server: Server, text: str) -> None:
    """Runs a step's statements, each in its session."""
    sessions = {}
    try:
        for statement in statements(text.rstrip() + "\n"):
            number, fails = 1, False
            statement = statement.removesuffix(";")
            if statement.startswith("2> "):
                number, statement = 2, statement[3:]
            if statement.startswith("! "):
                fails, statement = True, statement[2:]
            if number not in sessions:
                sessions[number] = server.connect()
            try:
                sessions[number].query(statement)
            except ServerError:
                if not fails:
                    raise
            else:
                assert not fails, f"it should have failed: {statement}"
    finally:
        for session in sessions.values():
            session.close()


def two_phase(kind, _gtid) -> bool:
    return kind.mariadb and kind.at_least(10, 8)


def full_metadata(kind, _gtid) -> bool:
    return kind.mariadb or kind.at_least(8, 0, 1)


def tagged(kind, gtid) -> bool:
    return gtid and not kind.mariadb and kind.at_least(8, 3)


def detachable_xa(kind, _gtid) -> bool:
    """Whether a prepared transaction is in the binlog as such, and outlives its session."""
    return kind.at_least(10, 5) if kind.mariadb else kind.at_least(5, 7, 7)


COMPRESS = """
SET GLOBAL log_bin_compress=1;
SET GLOBAL log_bin_compress_min_len=10;
"""
PLAIN = """
SET GLOBAL log_bin_compress=0;
SET GLOBAL log_bin_compress_min_len=256;
"""

form("compressed rows", COMPRESS + """
INSERT INTO app.t (v) VALUES (REPEAT('kept', 40));
INSERT INTO mysql.rt (v, b) VALUES (REPEAT('gone', 40), REPEAT('gone', 4000));
BEGIN;
INSERT INTO app.t (v) VALUES (REPEAT('first', 20)), (REPEAT('second', 20));
UPDATE mysql.rt SET v=REPEAT('gone', 30), n=5;
UPDATE app.t SET v=CONCAT(v, 'x');
DELETE FROM mysql.rt;
COMMIT;
INSERT INTO mysql.rt (id, v) SELECT id, v FROM app.t;
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v=REPEAT('both', 30), r.v=REPEAT('both', 30);
UPDATE mysql.rt r JOIN app.t a ON a.id=r.id SET a.n=1, r.n=1;
DELETE app.t, mysql.rt FROM app.t JOIN mysql.rt ON app.t.id=mysql.rt.id WHERE app.t.id=1;
SET SESSION binlog_row_image=MINIMAL;
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v=REPEAT('min', 30), r.v=REPEAT('min', 30);
SET SESSION binlog_annotate_row_events=0;
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v=REPEAT('quiet', 30), r.v=REPEAT('quiet', 30);
""" + PLAIN, mariadb_only)

form("compressed statements", COMPRESS + """
CREATE USER 'w_compressed'@'%' IDENTIFIED BY 'very secret 1';
GRANT SELECT ON app.* TO 'w_compressed'@'%';
DROP USER 'w_compressed'@'%';
CREATE TABLE mysql.r3 (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(300)) ENGINE=InnoDB;
CREATE TABLE app.c (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(300)) ENGINE=InnoDB;
SET SESSION binlog_format=STATEMENT;
INSERT INTO app.c (v) VALUES (REPEAT('kept', 40));
INSERT INTO mysql.r3 (v) VALUES ('gone'), ('gone'), ('gone');
BEGIN;
INSERT INTO app.c (v) VALUES ('kept in a transaction');
INSERT INTO mysql.r3 (v) VALUES ('gone in a transaction');
SAVEPOINT a_savepoint_with_a_long_name;
INSERT INTO mysql.r3 (v) VALUES (LAST_INSERT_ID());
ROLLBACK TO a_savepoint_with_a_long_name;
SET @x='a variable';
INSERT INTO mysql.r3 (v) VALUES (CONCAT(@x, RAND()));
INSERT INTO app.c (v) VALUES (CONCAT(@x, RAND()));
COMMIT;
DROP TABLE mysql.r3;
XA START 'a transaction with a name that is long enough to be compressed';
INSERT INTO app.c (v) VALUES ('kept by xa');
XA END 'a transaction with a name that is long enough to be compressed';
XA PREPARE 'a transaction with a name that is long enough to be compressed';
XA COMMIT 'a transaction with a name that is long enough to be compressed';
""" + PLAIN, mariadb_only)

form("a savepoint of the filter's own name", """
CREATE TABLE app.points (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE app.no_points (id INT PRIMARY KEY) ENGINE=MyISAM;
CREATE TABLE mysql.r3 (id INT PRIMARY KEY) ENGINE=InnoDB;
SET SESSION binlog_format=STATEMENT;
BEGIN;
INSERT INTO app.points VALUES (1);
SAVEPOINT _;
INSERT INTO app.points VALUES (2);
INSERT INTO mysql.r3 VALUES (1);
INSERT INTO app.points VALUES (3);
INSERT INTO app.no_points VALUES (1);
ROLLBACK TO _;
COMMIT;
DROP TABLE mysql.r3;
""", lambda kind, gtid: kind.mariadb or not gtid)

form("ALTER TABLE in two phases", """
SET SESSION binlog_alter_two_phase=1;
CREATE TABLE app.two (a INT PRIMARY KEY, n INT) ENGINE=InnoDB;
CREATE TABLE mysql.r3 (a INT PRIMARY KEY, n INT) ENGINE=InnoDB;
INSERT INTO app.two VALUES (1, 1), (2, 1);
INSERT INTO mysql.r3 VALUES (1, 1), (2, 1);
ALTER TABLE mysql.r3 ADD COLUMN b INT;
ALTER TABLE app.two ADD COLUMN b INT;
! ALTER TABLE mysql.r3 ADD UNIQUE KEY (n), ALGORITHM=COPY;
! ALTER TABLE app.two ADD UNIQUE KEY (n), ALGORITHM=COPY;
! ALTER TABLE mysql.r3 ADD UNIQUE KEY (n);
! ALTER TABLE app.two ADD UNIQUE KEY (n);
ALTER TABLE mysql.r3 ADD COLUMN c INT, ALGORITHM=COPY;
ALTER TABLE app.two ADD COLUMN c INT, ALGORITHM=COPY;
ALTER TABLE mysql.r3 ENGINE=InnoDB;
FLUSH BINARY LOGS;
ALTER TABLE mysql.r3 DROP COLUMN c;
ALTER TABLE mysql.r3 RENAME TO mysql.r4;
ALTER TABLE mysql.r4 RENAME TO mysql.r3;
INSERT INTO app.two VALUES (3, 3, 3, 3);
DROP TABLE mysql.r3;
INSERT INTO app.two VALUES (4, 4, 4, 4);
""", two_phase)

form("XA left over a new file", """
XA START 'a';
INSERT INTO app.t (v) VALUES ('prepared');
INSERT INTO mysql.rt (v) VALUES ('prepared');
XA END 'a';
XA PREPARE 'a';
2> FLUSH BINARY LOGS;
2> INSERT INTO app.t (v) VALUES ('in between');
2> XA START 'b';
2> INSERT INTO mysql.rt (v) VALUES ('first');
2> INSERT INTO app.u (v) VALUES ('second');
2> XA END 'b';
2> XA PREPARE 'b';
XA COMMIT 'a';
2> XA COMMIT 'b';
XA START 'c';
INSERT INTO app.t (v) VALUES ('rolled back');
INSERT INTO mysql.rt (v) VALUES ('rolled back');
XA END 'c';
XA PREPARE 'c';
2> FLUSH BINARY LOGS;
XA ROLLBACK 'c';
XA START X'6500', X'00ff', 7;
INSERT INTO app.u (v) VALUES ('binary name');
UPDATE mysql.rt SET n=1;
XA END X'6500', X'00ff', 7;
XA PREPARE X'6500', X'00ff', 7;
XA COMMIT X'6500', X'00ff', 7;
XA START 'd';
INSERT INTO mysql.rt (v) VALUES ('one phase');
INSERT INTO app.t (v) VALUES ('one phase');
XA END 'd';
XA COMMIT 'd' ONE PHASE;
INSERT INTO app.t (v) VALUES ('after');
""")

form("XA in statement format", """
SET SESSION binlog_format=STATEMENT;
XA START 'a';
INSERT INTO app.t (v) VALUES ('kept');
INSERT INTO mysql.rt (v) VALUES ('gone');
XA END 'a';
XA PREPARE 'a';
XA COMMIT 'a';
XA START 'b';
INSERT INTO mysql.rt (v) VALUES ('gone');
INSERT INTO app.t (v) VALUES ('kept');
XA END 'b';
XA COMMIT 'b' ONE PHASE;
INSERT INTO app.t (v) VALUES ('after');
""", detachable_xa)

form("XA in one phase with nothing kept", """
XA START 'd';
INSERT INTO mysql.rt (v) VALUES ('nothing kept, one phase');
XA END 'd';
XA COMMIT 'd' ONE PHASE;
INSERT INTO app.t (v) VALUES ('after');
""")

XA_WITH_NOTHING_KEPT_IN_A_PAYLOAD = """
SET SESSION binlog_transaction_compression=ON;
XA START 'b';
INSERT INTO mysql.rt (v) SELECT 'xxxxxxxxxxxxxxxxxxxx' FROM information_schema.columns LIMIT 100;
XA END 'b';
XA PREPARE 'b';
XA COMMIT 'b';
"""

XA_WITH_NOTHING_KEPT = """
XA START 'b';
INSERT INTO mysql.rt (v) VALUES ('nothing kept');
XA END 'b';
XA PREPARE 'b';
2> FLUSH BINARY LOGS;
2> INSERT INTO app.t (v) VALUES ('in between');
XA COMMIT 'b';
XA START 'c';
INSERT INTO mysql.rt (v) VALUES ('nothing kept, rolled back');
XA END 'c';
XA PREPARE 'c';
XA ROLLBACK 'c';
SET SESSION binlog_format=STATEMENT;
XA START 'e';
INSERT INTO mysql.rt (v) VALUES ('nothing kept, as a statement');
XA END 'e';
XA PREPARE 'e';
XA COMMIT 'e';
INSERT INTO app.t (v) VALUES ('after');
"""

form("tables made of others", """
INSERT INTO app.t (v) VALUES ('a'), ('b');
INSERT INTO mysql.rt (v) VALUES ('c'), ('d');
CREATE TABLE app.copy (id INT PRIMARY KEY) SELECT id, v FROM app.t;
CREATE TABLE mysql.r3 (id INT PRIMARY KEY) SELECT id, v FROM app.t;
CREATE TABLE mysql.r4 (id INT PRIMARY KEY) SELECT id, v FROM mysql.rt;
CREATE TABLE app.copy2 (id INT PRIMARY KEY) SELECT id, v FROM mysql.rt;
CREATE TABLE app.copy3 (id INT PRIMARY KEY) SELECT 1 AS id WHERE 1=0;
! CREATE TABLE app.copy4 (id INT PRIMARY KEY) SELECT 1 AS id UNION ALL SELECT 1;
! CREATE TABLE mysql.r5 (id INT PRIMARY KEY) SELECT 1 AS id UNION ALL SELECT 1;
DROP TABLE mysql.r3, mysql.r4;
INSERT INTO app.copy VALUES (100, 'after');
""", lambda kind, gtid: not_before_8_with_gtid_rules(kind, gtid) and (kind.mariadb or kind.at_least(8)))

form("names that differ in case, and names of a WITH", """
CREATE TABLE app.Cased (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE app.cased (id INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO app.Cased VALUES (1), (2);
INSERT INTO app.cased VALUES (1), (2);
INSERT INTO app.t (id, v) VALUES (4711, 'kept');
SET SESSION binlog_format=STATEMENT;
DELETE app.Cased FROM app.Cased JOIN app.cased ON Cased.id=cased.id WHERE cased.id=1;
WITH c AS (SELECT 4711 AS id) UPDATE app.t JOIN c USING (id) SET app.t.v='changed';
WITH c AS (SELECT 4711 AS id) UPDATE mysql.rt JOIN c USING (id) SET mysql.rt.v='gone';
""", since(8, 0, 1))

form("an alias that is FULL", """
CREATE TABLE app.f (id INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO app.f VALUES (1), (2);
INSERT INTO mysql.rt (id, v) VALUES (1, 'gone'), (2, 'gone');
USE app;
SET SESSION binlog_format=STATEMENT;
DELETE full FROM app.f full JOIN app.f s ON full.id=s.id WHERE full.id=1;
DELETE full FROM mysql.rt full JOIN app.f s ON full.id=s.id;
""")

form("aliases behind the time of rows with versions", """
CREATE TABLE app.sv (id INT PRIMARY KEY, n INT) ENGINE=InnoDB WITH SYSTEM VERSIONING;
INSERT INTO app.sv VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO mysql.rt (id, v) VALUES (1, 'gone'), (2, 'gone');
USE app;
SET SESSION binlog_format=STATEMENT;
DELETE sv FROM app.sv JOIN app.sv FOR SYSTEM_TIME ALL AS s ON sv.id=s.id WHERE s.n=1;
DELETE r FROM mysql.rt r JOIN app.sv FOR SYSTEM_TIME AS OF NOW() + INTERVAL 1 DAY s ON r.id=s.id;
UPDATE app.sv x JOIN app.sv FOR SYSTEM_TIME BETWEEN '2000-01-01' AND NOW() s ON x.id=s.id SET x.n=9;
DELETE x FROM app.sv x JOIN app.sv FOR SYSTEM_TIME FROM TIMESTAMP'2000-01-01 00:00:00' TO NOW() + INTERVAL 1 DAY AS s
ON x.id=s.id WHERE x.id=2;
""", lambda kind, _gtid: kind.mariadb and kind.at_least(10, 4))

# No replica reads what is dropped, so it does not matter what others take it for.
form("the schema in an executable comment", """
CREATE TABLE mysql.r3 (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE app.r3 (id INT PRIMARY KEY) ENGINE=InnoDB;
SET SESSION binlog_format=STATEMENT;
USE app;
INSERT INTO /*!50701 mysql. */ r3 VALUES (1);
INSERT INTO app.r3 VALUES (2);
DROP TABLE /*!50701 mysql. */ r3;
""", lambda kind, _gtid: not kind.mariadb and kind.at_least(5, 7))

# Its quote is escaped by a backslash in the binlog, whatever the SQL mode.
form("LOAD DATA of a file whose name has a quote", """
CREATE TABLE app.quoted (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB;
CREATE TABLE mysql.r3 (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB;
USE app;
SELECT 1, 'kept' INTO OUTFILE './it''s there.txt' FIELDS TERMINATED BY ',' ESCAPED BY '' LINES TERMINATED BY ';';
SET SESSION sql_mode='NO_BACKSLASH_ESCAPES';
SET SESSION binlog_format=STATEMENT;
LOAD DATA INFILE './it''s there.txt' INTO TABLE app.quoted FIELDS TERMINATED BY ',' ESCAPED BY '' LINES TERMINATED BY ';';
LOAD DATA INFILE './it''s there.txt' INTO TABLE mysql.r3 FIELDS TERMINATED BY ',' ESCAPED BY '' LINES TERMINATED BY ';';
""")

form("names in brackets", """
SET SESSION sql_mode='MSSQL';
SET SESSION binlog_format=STATEMENT;
CREATE TABLE app.[t 1] ([a b] INT PRIMARY KEY, [it's] INT) ENGINE=InnoDB;
INSERT INTO [app].[t 1] VALUES (1, 2);
ALTER TABLE app.[t 1] ADD [#x]]y] INT;
CREATE TABLE mysql.[r]]3] (id INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO [mysql].[r]]3] VALUES (1);
DROP TABLE [mysql].[r]]3];
""", lambda kind, _gtid: kind.mariadb and kind.at_least(10, 5))

form("GTIDs with tags", """
SET SESSION gtid_next='AUTOMATIC:tag_a';
INSERT INTO app.t (v) VALUES ('tagged');
INSERT INTO mysql.rt (v) VALUES ('tagged');
CREATE USER 'w_tagged'@'%';
BEGIN;
INSERT INTO app.t (v) VALUES ('tagged');
UPDATE mysql.rt SET n=3;
COMMIT;
DROP USER 'w_tagged'@'%';
SET SESSION gtid_next='AUTOMATIC:another_tag_of_the_greatest_leng';
ALTER TABLE mysql.rt ADD COLUMN extra INT;
SET SESSION gtid_next='AUTOMATIC';
INSERT INTO app.t (v) VALUES ('untagged');
""", tagged)

form("rows with all that is known of their columns", """
SET GLOBAL binlog_row_metadata=FULL;
CREATE TABLE app.full_t (id INT UNSIGNED, v VARCHAR(20), e ENUM('a','b'), s SET('x','y'), PRIMARY KEY (id, v(3))) ENGINE=InnoDB;
CREATE TABLE mysql.r3 LIKE app.full_t;
INSERT INTO app.full_t VALUES (1, 'one', 'a', 'x'), (2, 'two', 'b', 'x,y');
INSERT INTO mysql.r3 SELECT * FROM app.full_t;
UPDATE app.full_t a JOIN mysql.r3 r ON a.id=r.id SET a.e='b', r.e='b';
DELETE FROM mysql.r3;
DROP TABLE mysql.r3;
SET GLOBAL binlog_row_metadata=MINIMAL;
""", full_metadata)

form("without BLOBs that did not change", """
SET SESSION binlog_row_image=NOBLOB;
INSERT INTO app.t (v, b) VALUES ('noblob', REPEAT('b', 5000));
INSERT INTO mysql.rt (v, b) VALUES ('noblob', REPEAT('b', 5000));
UPDATE app.t SET n=1 WHERE v='noblob';
UPDATE mysql.rt SET n=1 WHERE v='noblob';
UPDATE app.t a JOIN mysql.rt r ON a.v=r.v SET a.n=2, r.n=2;
DELETE FROM mysql.rt;
DELETE FROM app.t WHERE v='noblob';
""")

form("changed parts of JSON values, of both schemas at once", """
CREATE TABLE app.j (id INT PRIMARY KEY, j JSON) ENGINE=InnoDB;
CREATE TABLE mysql.r3 (id INT PRIMARY KEY, j JSON) ENGINE=InnoDB;
INSERT INTO app.j VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 100)));
INSERT INTO mysql.r3 VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 100)));
SET SESSION binlog_row_value_options=PARTIAL_JSON;
UPDATE app.j a JOIN mysql.r3 r ON a.id=r.id SET a.j=JSON_SET(a.j, '$.a', 2), r.j=JSON_SET(r.j, '$.a', 2);
UPDATE mysql.r3 r JOIN app.j a ON a.id=r.id SET a.j=JSON_SET(a.j, '$.b', 'short'), r.j=JSON_REMOVE(r.j, '$.b');
BEGIN;
UPDATE mysql.r3 SET j=JSON_SET(j, '$.a', 3);
UPDATE app.j SET j=JSON_SET(j, '$.a', 3);
COMMIT;
DROP TABLE mysql.r3;
""", since(8, 0, 3))

form("table numbers change and come again", """
INSERT INTO app.t (v) VALUES ('a');
INSERT INTO mysql.rt (v) VALUES ('a');
FLUSH TABLES;
INSERT INTO mysql.rt (v) VALUES ('b');
INSERT INTO app.t (v) VALUES ('b');
CREATE TABLE mysql.r3 (a INT PRIMARY KEY, v VARCHAR(50)) ENGINE=InnoDB;
INSERT INTO mysql.r3 VALUES (1, 'one');
RENAME TABLE mysql.r3 TO mysql.r4;
INSERT INTO mysql.r4 VALUES (2, 'two');
DROP TABLE mysql.r4;
CREATE TABLE app.r3 (a INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO app.r3 VALUES (1);
""")


# The first row event of a statement says which checks are off, and it is that of the dropped table.
form("foreign keys are not checked, and the rows of a dropped table come first", """
CREATE TABLE app.parent (id INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE app.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES app.parent(id) ON DELETE CASCADE) ENGINE=InnoDB;
INSERT INTO app.parent VALUES (1), (2);
INSERT INTO app.child VALUES (10, 1), (20, 2);
CREATE TRIGGER app.before_parent BEFORE DELETE ON app.parent FOR EACH ROW INSERT INTO mysql.rt (v) VALUES ('gone');
CREATE TRIGGER app.before_child BEFORE INSERT ON app.child FOR EACH ROW INSERT INTO mysql.rt (v) VALUES ('orphan');
SET SESSION foreign_key_checks=0;
DELETE FROM app.parent WHERE id=1;
INSERT INTO app.child VALUES (30, 3);
""")

form("constraints are not checked, and the rows of a dropped table come first", """
CREATE TABLE app.checked (id INT PRIMARY KEY, v INT CHECK (v < 10)) ENGINE=InnoDB;
CREATE TRIGGER app.before_checked BEFORE INSERT ON app.checked FOR EACH ROW INSERT INTO mysql.rt (v) VALUES ('checked');
SET SESSION check_constraint_checks=0;
INSERT INTO app.checked VALUES (1, 100);
""", mariadb_only)


def _many_tables(count: int) -> str:
    """A trigger that writes to so many tables, every third of them dropped."""
    schema = ["mysql" if i % 3 == 0 else "many" for i in range(count)]
    lines = ["CREATE DATABASE many;", "CREATE TABLE many.first (a INT PRIMARY KEY) ENGINE=InnoDB;",
             "CREATE TABLE many.gone (a INT PRIMARY KEY) ENGINE=InnoDB;"]
    lines += [f"CREATE TABLE {s}.many{i} (a INT PRIMARY KEY) ENGINE=InnoDB;" for i, s in enumerate(schema)]
    both = " ".join(f"INSERT INTO {s}.many{i} VALUES (NEW.a);" for i, s in enumerate(schema))
    gone = " ".join(f"INSERT INTO mysql.many{i} VALUES (NEW.a);" for i, s in enumerate(schema) if s == "mysql")
    lines += [f"CREATE TRIGGER many.fills AFTER INSERT ON many.first FOR EACH ROW BEGIN {both} END;",
              f"CREATE TRIGGER many.fills_too AFTER INSERT ON many.gone FOR EACH ROW BEGIN {gone} END;",
              "INSERT INTO many.first VALUES (1);", "INSERT INTO many.first VALUES (2), (3);",
              "INSERT INTO many.gone VALUES (4);", "INSERT INTO many.first VALUES (5);"]
    lines += [f"DROP TABLE mysql.many{i};" for i, s in enumerate(schema) if s == "mysql"]
    return "\n".join(lines)


form("a statement over more than a hundred tables", _many_tables(120))
OVER_A_HUNDRED_TABLES = FORMS[-1]

# The rows of the two tables are in two groups.
SECRET_IN_A_FUNCTION = """
USE mysql;
CREATE TABLE m5 (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(40)) ENGINE=MyISAM;
CREATE FUNCTION m5_writes(s VARCHAR(40)) RETURNS INT DETERMINISTIC BEGIN INSERT INTO m5 (v) VALUES (s); INSERT INTO app.t (v) VALUES ('kept'); RETURN 1; END;
DO m5_writes('SECRET');
"""

# The same, and it is the other table that is locked first.
SECRET_BEHIND_ANOTHER_TABLE = """
USE mysql;
CREATE TABLE m5 (id INT AUTO_INCREMENT PRIMARY KEY, t INT, v VARCHAR(40)) ENGINE=MyISAM;
CREATE FUNCTION m5_writes(s VARCHAR(40)) RETURNS INT DETERMINISTIC BEGIN UPDATE app.t SET v='x' WHERE id=-1; INSERT INTO m5 (t, v) VALUES (1, s); INSERT INTO app.t (v) VALUES ('kept'); RETURN 1; END;
DO m5_writes('SECRET');
"""

# What does not fit into the cache of statements that cannot be rolled back is not in the binlog.
INCIDENT = """
CREATE TABLE app.m (a INT PRIMARY KEY, b LONGBLOB) ENGINE=MyISAM;
SET GLOBAL max_binlog_stmt_cache_size=4096;
2> ! INSERT INTO app.m VALUES (1, REPEAT('x', 100000)), (2, REPEAT('y', 100000));
SET GLOBAL max_binlog_stmt_cache_size=1073741824;
INSERT INTO app.t (v) VALUES ('after');
"""

"""What the masters of the tests go through: application work, account statements and writes to the mysql
schema, alone, mixed, and in every way of writing them that a filter could trip over.

Each step is a list of statements for one session, written one after the other and separated by a
semicolon at the end of a line. `mysql.rt` stands for any table of the mysql schema."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from typing import Callable

from catalogue import Kind
from server import Server

PREPARE = """
CREATE DATABASE app;
CREATE DATABASE app2;
CREATE TABLE app.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200), n INT, b LONGBLOB) ENGINE=InnoDB;
CREATE TABLE app.u (id INT AUTO_INCREMENT PRIMARY KEY, t_id INT, v VARCHAR(200), KEY (t_id)) ENGINE=InnoDB;
CREATE TABLE app2.t LIKE app.t;
CREATE TABLE mysql.rt (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200), n INT, b LONGBLOB) ENGINE=InnoDB;
CREATE TABLE mysql.r2 LIKE mysql.rt;
"""

Where = Callable[[Kind, bool], bool]  # (kind of server, GTIDs demanded) -> it takes the step


def everywhere(_kind: Kind, _gtid: bool) -> bool:
    return True


def mysql_only(kind: Kind, _gtid: bool) -> bool:
    return not kind.mariadb


def mariadb_only(kind: Kind, _gtid: bool) -> bool:
    return kind.mariadb


def since(*version: int) -> Where:
    return lambda kind, _gtid: not kind.mariadb and kind.at_least(*version)


def either(*choices: Where) -> Where:
    return lambda kind, gtid: any(choice(kind, gtid) for choice in choices)


def without_gtid_rules(kind: Kind, gtid: bool) -> bool:
    """MySQL refuses some statements where every transaction must have a GTID."""
    return kind.mariadb or not gtid


def not_before_8_with_gtid_rules(kind: Kind, gtid: bool) -> bool:
    return without_gtid_rules(kind, gtid) or since(8, 0, 21)(kind, gtid)


@dataclasses.dataclass(frozen=True)
class Step:
    name: str
    text: str
    where: Where = everywhere


STEPS: list[Step] = []
_file_numbers = itertools.count()


def step(name: str, text: str, where: Where = everywhere) -> None:
    STEPS.append(Step(name, text, where))


def statements(text: str) -> list[str]:
    return [part.strip("\n") for part in text.strip().split(";\n") if part.strip()]


def play(server: Server, text: str, database: str = "") -> None:
    """Runs a text's statements in one session of their own; {file} is a file that does not exist yet."""
    text = text.replace("{file}", str(server.folder / f"file-{next(_file_numbers)}"))
    with server.connect(database=database) as session:
        for statement in statements(text.rstrip() + "\n"):
            session.query(statement.removesuffix(";"))


def all_steps(server: Server, gtid: bool) -> None:
    """The whole workload, once, on a server where GTIDs are demanded or not."""
    play(server, PREPARE)
    for one in STEPS:
        if one.where(server.kind, gtid):
            play(server, one.text)
    side_by_side(server)


def side_by_side(server: Server, sessions: int = 3, transactions: int = 15) -> None:
    """Several sessions at once, each with its own schema, so that parallel appliers have something to do."""
    def session(number: int) -> None:
        lines = [f"CREATE DATABASE par{number};",
                 f"CREATE TABLE par{number}.t (id INT PRIMARY KEY, v VARCHAR(100)) ENGINE=InnoDB;"]
        for i in range(transactions):
            lines += ["BEGIN;", f"INSERT INTO par{number}.t VALUES ({i}, REPEAT('p', {i}));"]
            if i % 3 == 0:
                lines.append(f"INSERT INTO mysql.rt (v, n) VALUES ('from {number}', {i});")
            lines.append("COMMIT;")
            if i % 5 == 0:
                lines += ["BEGIN;", f"UPDATE mysql.r2 SET n={i} WHERE id={number};", "COMMIT;",
                          f"INSERT INTO mysql.r2 (v) VALUES ('alone {number}');"]
        play(server, "\n".join(lines))

    failed: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            session(number)
        except BaseException as error:  # noqa: BLE001 - told to the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(1, sessions + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def wipe(server: Server) -> None:
    """Undoes everything, through the binlog, so that the next round starts from nothing."""
    keep = {"mysql", "information_schema", "performance_schema", "sys"}
    for (schema,) in server.sql("SHOW DATABASES"):
        if schema not in keep:
            server.sql(f"DROP DATABASE `{schema}`")
    for table in ("rt", "r2", "r3"):
        server.sql(f"DROP TABLE IF EXISTS mysql.{table}")
    for user, host in server.sql("SELECT user, host FROM mysql.user WHERE user LIKE 'w\\_%'"):
        server.sql(f"DROP USER '{user}'@'{host}'")
    if server.kind.mariadb:
        for (role,) in server.sql("SELECT user FROM mysql.user WHERE user LIKE 'role\\_%' AND is_role='Y'"):
            server.sql(f"DROP ROLE {role}")
    else:
        for user, host in server.sql("SELECT user, host FROM mysql.user WHERE user LIKE 'role\\_%'"):
            server.sql(f"DROP USER '{user}'@'{host}'")


def wipe_all(server: Server) -> None:
    """The same for workloads whose objects in the mysql schema have all sorts of names."""
    wipe(server)
    made = "(rt|r2|[a-z][0-9]+|tmp[0-9]+)"
    for (table, kind) in server.sql(f"SHOW FULL TABLES FROM mysql WHERE Tables_in_mysql REGEXP '^{made}$'"):
        server.sql(f"DROP {'VIEW' if kind == 'VIEW' else 'SEQUENCE' if kind == 'SEQUENCE' else 'TABLE'} mysql.`{table}`")
    for what, sort in (("ROUTINES", "routine"), ("EVENTS", "event")):
        kinds = "routine_type" if sort == "routine" else "'EVENT'"
        for name, kind in server.sql(f"SELECT {sort}_name, {kinds} FROM information_schema.{what} "
                                     f"WHERE {sort}_schema='mysql' AND {sort}_name REGEXP '^p[0-9]+$'"):
            server.sql(f"DROP {kind} mysql.`{name}`")


# ---------------------------------------------------------------- accounts

step("accounts come, change and go", """
CREATE USER 'w_one'@'%' IDENTIFIED BY 'very secret 1';
GRANT SELECT, INSERT ON app.* TO 'w_one'@'%';
GRANT ALL ON mysql.* TO 'w_one'@'%';
GRANT SELECT (v) ON app.t TO 'w_one'@'%';
REVOKE INSERT ON app.* FROM 'w_one'@'%';
SET PASSWORD FOR 'w_one'@'%' = PASSWORD('very secret 2');
CREATE USER 'w_two'@'localhost';
RENAME USER 'w_two'@'localhost' TO 'w_three'@'localhost';
GRANT PROXY ON 'w_one'@'%' TO 'w_three'@'localhost' WITH GRANT OPTION;
DROP USER 'w_three'@'localhost';
INSERT INTO app.t (v) VALUES ('after accounts');
""", lambda kind, _gtid: kind.mariadb or not kind.at_least(8))

step("accounts come, change and go, in newer words", """
CREATE USER 'w_new'@'%' IDENTIFIED BY 'very secret 1';
GRANT SELECT, INSERT ON app.* TO 'w_new'@'%';
GRANT SELECT (v) ON app.t TO 'w_new'@'%';
REVOKE INSERT ON app.* FROM 'w_new'@'%';
ALTER USER 'w_new'@'%' IDENTIFIED BY 'very secret 2';
SET PASSWORD FOR 'w_new'@'%' = 'very secret 3';
ALTER USER 'w_new'@'%' ACCOUNT LOCK;
CREATE USER IF NOT EXISTS 'w_new2'@'localhost';
RENAME USER 'w_new2'@'localhost' TO 'w_new3'@'localhost';
DROP USER IF EXISTS 'w_new3'@'localhost';
INSERT INTO app.t (v) VALUES ('after accounts');
""", since(5, 7, 6))

step("roles", """
CREATE ROLE role_reader;
GRANT SELECT ON app.* TO role_reader;
CREATE USER 'w_roles'@'%';
GRANT role_reader TO 'w_roles'@'%';
REVOKE role_reader FROM 'w_roles'@'%';
DROP ROLE role_reader;
CREATE ROLE role_stays;
GRANT role_stays TO 'w_roles'@'%';
""", either(mariadb_only, since(8, 0)))

step("default roles", """
CREATE ROLE role_default;
CREATE USER 'w_default'@'%';
GRANT role_default TO 'w_default'@'%';
SET DEFAULT ROLE role_default TO 'w_default'@'%';
ALTER USER 'w_default'@'%' DEFAULT ROLE NONE;
""", since(8, 4))  # a direct replica of 8.0.15 stops at it: it leaves the GRANT before it out, but not this

step("default roles, in MariaDB's words", """
CREATE ROLE role_default;
CREATE USER 'w_default'@'%';
GRANT role_default TO 'w_default'@'%';
SET DEFAULT ROLE role_default FOR 'w_default'@'%';
CREATE OR REPLACE USER 'w_replaced'@'%' IDENTIFIED BY 'x';
CREATE OR REPLACE ROLE role_other;
""", mariadb_only)

step("account statements in odd spelling", """
/* a comment */ CREATE USER 'w_odd1'@'%';
-- another
# and another
 create/**/user 'w_odd2'@'%';
/*!50001 CREATE USER 'w_odd3'@'%' */;
GRANT /*!50001 SELECT */ ON app.* TO 'w_odd3'@'%';
INSERT INTO app.t (v) VALUES ('create user in a string');
INSERT INTO app.t (v) /* grant all on *.* to x */ VALUES ('comment');
FLUSH PRIVILEGES;
FLUSH TABLES;
FLUSH STATUS;
INSERT INTO app.t (v) VALUES ('after flush');
""")

step("SET STATEMENT in front", """
SET STATEMENT max_statement_time=60 FOR CREATE USER 'w_statement'@'%';
SET STATEMENT max_statement_time=60 FOR INSERT INTO app.t (v) VALUES ('set statement');
SET STATEMENT max_statement_time=60 FOR INSERT INTO mysql.rt (v) VALUES ('set statement');
/*M!100000 CREATE USER 'w_mariadb'@'%' */;
""", mariadb_only)

# ---------------------------------------------------------------- rows

step("rows of the mysql schema alone", """
INSERT INTO mysql.rt (v, n) VALUES ('a', 1), ('b', 2), ('c', 3);
UPDATE mysql.rt SET n=n+1;
DELETE FROM mysql.rt WHERE v='b';
REPLACE INTO mysql.rt (id, v) VALUES (1, 'again');
INSERT INTO app.t (v) VALUES ('after');
""")

step("a transaction with nothing kept in it", """
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('x');
UPDATE mysql.rt SET n=5;
COMMIT;
BEGIN;
INSERT INTO mysql.r2 (v) VALUES ('y');
COMMIT;
INSERT INTO app.t (v) VALUES ('after');
""")

step("transactions with both", """
BEGIN;
INSERT INTO app.t (v) VALUES ('first');
INSERT INTO mysql.rt (v) VALUES ('second');
INSERT INTO app.u (v) VALUES ('third');
COMMIT;
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('first');
INSERT INTO app.t (v) VALUES ('second');
UPDATE mysql.rt SET n=7;
COMMIT;
BEGIN;
INSERT INTO app.t (v) VALUES ('1');
INSERT INTO app2.t (v) VALUES ('2');
DELETE FROM mysql.rt LIMIT 1;
COMMIT;
BEGIN;
INSERT INTO app.t (v) VALUES ('never');
INSERT INTO mysql.rt (v) VALUES ('never');
ROLLBACK;
""")

step("savepoints around dropped rows", """
BEGIN;
INSERT INTO app.t (v) VALUES ('kept');
SAVEPOINT a;
INSERT INTO mysql.rt (v) VALUES ('goes');
INSERT INTO app.t (v) VALUES ('goes');
ROLLBACK TO a;
INSERT INTO mysql.rt (v) VALUES ('stays');
SAVEPOINT b;
INSERT INTO app.t (v) VALUES ('stays');
COMMIT;
""")

step("a trigger of the application writes to the mysql schema", """
CREATE TABLE app.tr (id INT PRIMARY KEY, v VARCHAR(50)) ENGINE=InnoDB;
CREATE TRIGGER app.tr_insert AFTER INSERT ON app.tr FOR EACH ROW INSERT INTO mysql.rt (v) VALUES (NEW.v);
CREATE TRIGGER app.tr_update BEFORE UPDATE ON app.tr FOR EACH ROW INSERT INTO mysql.r2 (v) VALUES (NEW.v);
CREATE TRIGGER app.tr_delete AFTER DELETE ON app.tr FOR EACH ROW DELETE FROM mysql.rt WHERE v=OLD.v;
INSERT INTO app.tr VALUES (1, 'one'), (2, 'two'), (3, 'three');
UPDATE app.tr SET v=CONCAT(v, '!');
DELETE FROM app.tr WHERE id=2;
BEGIN;
INSERT INTO app.tr VALUES (4, 'four');
INSERT INTO app.t (v) VALUES ('beside a trigger');
UPDATE app.tr SET v='4' WHERE id=4;
COMMIT;
""")

step("one statement over both schemas", """
INSERT INTO app.u (t_id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT IGNORE INTO mysql.rt (id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c');
INSERT IGNORE INTO mysql.r2 (id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c');
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v='joined', r.v='joined';
UPDATE mysql.rt r JOIN app.t a ON a.id=r.id SET r.n=1, a.n=1;
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id JOIN mysql.r2 s ON s.id=r.id SET r.n=2, a.n=2, s.n=2;
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id JOIN app.u u ON u.t_id=a.id SET a.n=3, r.n=3, u.v='three';
BEGIN;
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v='first', r.v='first';
DELETE app.u, mysql.rt FROM app.u JOIN mysql.rt ON app.u.t_id=mysql.rt.id WHERE mysql.rt.id=2;
INSERT INTO app.t (v) VALUES ('behind them');
COMMIT;
INSERT INTO app.t (v) SELECT v FROM mysql.rt;
INSERT INTO mysql.rt (v) SELECT v FROM app.t LIMIT 3;
""")

step("many rows", """
CREATE TABLE app.many (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100)) ENGINE=InnoDB;
INSERT INTO app.many (v) VALUES ('1'), ('2'), ('3'), ('4'), ('5'), ('6'), ('7'), ('8');
INSERT INTO app.many (v) SELECT REPEAT('x', 90) FROM app.many a, app.many b, app.many c;
INSERT INTO mysql.rt (v) SELECT v FROM app.many;
BEGIN;
UPDATE mysql.rt SET v=REPEAT('y', 190);
INSERT INTO app.many (v) SELECT v FROM app.many;
DELETE FROM mysql.rt WHERE id>50;
COMMIT;
""")

step("big rows and BLOBs", """
INSERT INTO app.t (v, b) VALUES ('300 kB', REPEAT('0123456789', 30000));
INSERT INTO mysql.rt (v, b) VALUES ('300 kB', REPEAT('secret....', 30000));
BEGIN;
INSERT INTO mysql.rt (v, b) VALUES ('2 MB', REPEAT('secret....', 200000));
INSERT INTO app.t (v, b) VALUES ('2 MB', REPEAT('0123456789', 200000));
COMMIT;
UPDATE app.t SET b=CONCAT(b, 'x') WHERE b IS NOT NULL;
DELETE FROM mysql.rt WHERE b IS NOT NULL;
""")

step("columns of every sort", """
CREATE TABLE app.types (id INT PRIMARY KEY, a TINYINT UNSIGNED, b BIGINT, c DECIMAL(30,10), d DOUBLE, e DATETIME,
  f TIMESTAMP NULL, g TIME, h YEAR, i ENUM('x','y','z'), j SET('a','b','c'), k BIT(17), l CHAR(30), m VARBINARY(300),
  n TEXT, o MEDIUMBLOB, p DATE, q GEOMETRY) ENGINE=InnoDB;
CREATE TABLE mysql.r3 LIKE app.types;
INSERT INTO app.types VALUES (1, 200, -5, 1.5, 2.25, '2020-01-02 03:04:05', '2021-01-02 03:04:05', '-12:00:01', 1999,
  'y', 'a,c', b'10101', 'char', x'00ff00', 'text', REPEAT('z', 70000), '1999-12-31', NULL);
INSERT INTO mysql.r3 SELECT * FROM app.types;
UPDATE app.types SET i='z', k=NULL, o=NULL;
DROP TABLE mysql.r3;
""")

step("the statement's text beside its rows", """
SET SESSION binlog_rows_query_log_events=1;
INSERT INTO mysql.rt /* a secret in the text */ (v) VALUES ('of its own');
INSERT INTO app.t (v) VALUES ('no secret');
BEGIN;
INSERT INTO mysql.rt /* a secret in the text */ (v) VALUES ('of its own');
INSERT INTO app.t (v) VALUES ('no secret');
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v='both', r.v='both';
COMMIT;
""", mysql_only)

step("rows without the statement's text", """
SET SESSION binlog_annotate_row_events=0;
INSERT INTO mysql.rt (v) VALUES ('quiet');
UPDATE app.t a JOIN mysql.rt r ON a.id=r.id SET a.v='quiet', r.v='quiet';
""", mariadb_only)

step("only the changed columns", """
SET SESSION binlog_row_image=MINIMAL;
INSERT INTO app.t (v) VALUES ('minimal');
UPDATE app.t SET n=9 WHERE v='minimal';
UPDATE mysql.rt SET n=9 LIMIT 1;
DELETE FROM mysql.rt LIMIT 1;
""")

step("changed parts of JSON values", """
CREATE TABLE app.j (id INT PRIMARY KEY, j JSON) ENGINE=InnoDB;
CREATE TABLE mysql.r3 (id INT PRIMARY KEY, j JSON) ENGINE=InnoDB;
INSERT INTO app.j VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 100)));
INSERT INTO mysql.r3 VALUES (1, JSON_OBJECT('a', 1, 'b', REPEAT('x', 100)));
SET SESSION binlog_row_value_options=PARTIAL_JSON;
UPDATE app.j SET j=JSON_SET(j, '$.a', 2);
UPDATE mysql.r3 SET j=JSON_SET(j, '$.a', 2);
DROP TABLE mysql.r3;
""", since(8, 0, 3))

# ---------------------------------------------------------------- statements

step("statement format", """
SET SESSION binlog_format=STATEMENT;
INSERT INTO mysql.rt (v) VALUES ('alone');
UPDATE mysql.rt SET n=11 WHERE v='alone';
INSERT INTO app.t (v) VALUES ('the next number must be its own');
BEGIN;
INSERT INTO app.t (v) VALUES ('in a transaction');
INSERT INTO mysql.rt (v) VALUES ('in a transaction');
INSERT INTO app.u (v) VALUES (LAST_INSERT_ID());
COMMIT;
BEGIN;
INSERT INTO mysql.rt (v) VALUES ('first');
INSERT INTO app.t (v) VALUES ('second');
COMMIT;
SET @x='a variable';
INSERT INTO mysql.rt (v, n) VALUES (@x, RAND()*100);
INSERT INTO app.t (v, n) VALUES (@x, RAND()*100);
INSERT INTO mysql.rt (v) VALUES (LAST_INSERT_ID());
INSERT INTO app.u (v) VALUES (LAST_INSERT_ID());
BEGIN;
DELETE FROM mysql.rt WHERE v='first';
UPDATE mysql.r2 SET n=3;
COMMIT;
""")

step("the default schema counts", """
USE mysql;
INSERT INTO rt (v) VALUES ('unqualified');
INSERT INTO app.t (v) VALUES ('qualified');
SET SESSION binlog_format=STATEMENT;
INSERT INTO rt (v) VALUES ('unqualified');
INSERT INTO app.t (v) VALUES ('qualified');
CREATE TABLE r3 (a INT);
TRUNCATE TABLE r3;
DROP TABLE r3;
CREATE TABLE app.from_mysql (a INT PRIMARY KEY);
USE app;
INSERT INTO mysql.rt (v) VALUES ('elsewhere');
INSERT INTO t (v) VALUES ('here');
INSERT INTO `mysql` . `rt` (v) VALUES ('quoted');
insert into mysql./* a comment */rt (v) values ('spaced');
SET SESSION sql_mode=CONCAT(@@sql_mode, ',ANSI_QUOTES');
INSERT INTO "mysql"."rt" (v) VALUES ('ansi');
INSERT INTO "app"."t" (v) VALUES ('ansi');
""")

step("schemas that only look like it", """
CREATE DATABASE mysqlx;
CREATE DATABASE my_sql;
CREATE TABLE mysqlx.mysql (a INT PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE my_sql.user (a INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO mysqlx.mysql VALUES (1);
INSERT INTO my_sql.user VALUES (1);
SET SESSION binlog_format=STATEMENT;
INSERT INTO mysqlx.mysql VALUES (2);
INSERT INTO my_sql.user VALUES (2);
UPDATE mysqlx.mysql SET a=3 WHERE a=2;
INSERT INTO app.t (v) VALUES ('insert into mysql.rt');
INSERT INTO app.t (v) /* mysql.rt */ VALUES ('it''s mysql.rt');
""")

step("DDL on the mysql schema", """
CREATE TABLE mysql.r3 (id INT PRIMARY KEY, a INT, b VARCHAR(20)) ENGINE=InnoDB;
ALTER TABLE mysql.r3 ADD COLUMN c INT;
CREATE INDEX i ON mysql.r3 (a);
INSERT INTO mysql.r3 (id) VALUES (1);
TRUNCATE TABLE mysql.r3;
DROP INDEX i ON mysql.r3;
RENAME TABLE mysql.r3 TO mysql.r4;
CREATE TABLE mysql.r3 LIKE mysql.r4;
ALTER TABLE mysql.r3 RENAME TO mysql.r5;
CREATE VIEW mysql.rv AS SELECT 1;
DROP VIEW mysql.rv;
DROP TABLE mysql.r4, mysql.r5;
DROP TABLE IF EXISTS mysql.no_such_table;
CREATE TABLE app.after_ddl (a INT PRIMARY KEY);
ANALYZE TABLE app.t;
""")

step("routines and views of the application", """
CREATE VIEW app.view_t AS SELECT id, v FROM app.t;
CREATE PROCEDURE app.p(x INT) BEGIN INSERT INTO app.t (n) VALUES (x); INSERT INTO mysql.rt (n) VALUES (x); END;
CREATE DEFINER='nobody'@'nowhere' PROCEDURE app.p2() SELECT user FROM mysql.user;
CREATE FUNCTION app.f(x INT) RETURNS INT DETERMINISTIC RETURN x+1;
CREATE EVENT app.e ON SCHEDULE EVERY 1 YEAR DISABLE DO INSERT INTO mysql.rt (n) VALUES (1);
CALL app.p(5);
INSERT INTO app.t (n) VALUES (app.f(1));
DROP PROCEDURE app.p2;
ALTER EVENT app.e COMMENT 'changed';
""")

step("temporary tables", """
CREATE TEMPORARY TABLE app.tmp (a INT);
INSERT INTO app.tmp VALUES (1), (2);
INSERT INTO app.t (n) SELECT a FROM app.tmp;
INSERT INTO mysql.rt (n) SELECT a FROM app.tmp;
DROP TEMPORARY TABLE app.tmp;
CREATE TEMPORARY TABLE mysql.tmp (a INT);
INSERT INTO mysql.tmp VALUES (3);
INSERT INTO app.t (n) SELECT a FROM mysql.tmp;
DROP TEMPORARY TABLE mysql.tmp;
""")

step("temporary tables in statement format", """
SET SESSION binlog_format=STATEMENT;
CREATE TEMPORARY TABLE app.tmp (a INT);
INSERT INTO app.tmp VALUES (1), (2);
INSERT INTO app.t (n) SELECT a FROM app.tmp;
DROP TEMPORARY TABLE app.tmp;
""")

step("tables made of others", """
CREATE TABLE app.copy (id INT PRIMARY KEY) SELECT id, v FROM app.t;
CREATE TABLE mysql.r3 (id INT PRIMARY KEY) SELECT id, v FROM app.t;
CREATE TABLE app.copy2 (id INT PRIMARY KEY) SELECT id, v FROM mysql.rt;
DROP TABLE mysql.r3;
""", not_before_8_with_gtid_rules)

step("tables without transactions", """
CREATE TABLE app.m (a INT PRIMARY KEY) ENGINE=MyISAM;
CREATE TABLE mysql.r3 (a INT PRIMARY KEY) ENGINE=MyISAM;
INSERT INTO app.m VALUES (1), (2);
INSERT INTO mysql.r3 VALUES (1), (2);
UPDATE mysql.r3 SET a=a+10;
SET SESSION binlog_format=STATEMENT;
INSERT INTO mysql.r3 VALUES (3);
INSERT INTO app.m VALUES (3);
DELETE FROM mysql.r3;
DROP TABLE mysql.r3;
""")

step("both sorts of tables in a transaction", """
CREATE TABLE app.m2 (a INT PRIMARY KEY) ENGINE=MyISAM;
CREATE TABLE mysql.r3 (a INT PRIMARY KEY) ENGINE=MyISAM;
BEGIN;
INSERT INTO app.t (v) VALUES ('rolled back');
INSERT INTO mysql.r3 VALUES (1);
INSERT INTO app.m2 VALUES (1);
INSERT INTO mysql.rt (v) VALUES ('rolled back');
ROLLBACK;
DROP TABLE mysql.r3;
""", without_gtid_rules)

step("XA transactions", """
XA START 'x1';
INSERT INTO app.t (v) VALUES ('xa');
INSERT INTO mysql.rt (v) VALUES ('xa');
XA END 'x1';
XA PREPARE 'x1';
XA COMMIT 'x1';
XA START 'x2';
INSERT INTO app.t (v) VALUES ('xa one phase');
XA END 'x2';
XA COMMIT 'x2' ONE PHASE;
XA START 'x3';
INSERT INTO app.t (v) VALUES ('xa gone');
INSERT INTO mysql.rt (v) VALUES ('xa gone');
XA END 'x3';
XA PREPARE 'x3';
XA ROLLBACK 'x3';
""")

step("LOAD DATA", """
SELECT id, v, n FROM app.t WHERE b IS NULL ORDER BY id LIMIT 20 INTO OUTFILE '{file}';
CREATE TABLE app.loaded (id INT PRIMARY KEY, v VARCHAR(200), n INT) ENGINE=InnoDB;
LOAD DATA INFILE '{file}' INTO TABLE app.loaded;
TRUNCATE TABLE mysql.r2;
LOAD DATA INFILE '{file}' INTO TABLE mysql.r2 (id, v, n);
SET SESSION binlog_format=STATEMENT;
TRUNCATE TABLE app.loaded;
LOAD DATA INFILE '{file}' INTO TABLE app.loaded;
TRUNCATE TABLE mysql.r2;
LOAD DATA INFILE '{file}' INTO TABLE mysql.r2 (id, v, n);
INSERT INTO app.t (v) VALUES ('after load data');
""")

step("sequences", """
CREATE SEQUENCE app.s;
SELECT NEXTVAL(app.s);
INSERT INTO app.t (n) VALUES (NEXTVAL(app.s));
DROP SEQUENCE app.s;
""", mariadb_only)

step("ALTER TABLE in two phases", """
SET SESSION binlog_alter_two_phase=1;
CREATE TABLE app.two_phase (a INT PRIMARY KEY) ENGINE=InnoDB;
ALTER TABLE app.two_phase ADD COLUMN b INT;
CREATE TABLE mysql.r3 (a INT PRIMARY KEY) ENGINE=InnoDB;
ALTER TABLE mysql.r3 ADD COLUMN b INT;
DROP TABLE mysql.r3;
INSERT INTO app.two_phase VALUES (1, 2);
""", lambda kind, _gtid: kind.mariadb and kind.at_least(10, 8))

step("a new binlog file in the middle", """
INSERT INTO app.t (v) VALUES ('before');
FLUSH LOGS;
INSERT INTO app.t (v) VALUES ('between');
FLUSH BINARY LOGS;
INSERT INTO mysql.rt (v) VALUES ('after');
INSERT INTO app.t (v) VALUES ('after');
""")

"""The kinds of units that workloads are made of. Each maker gets the generator, the session that its
statements will run in and a lane, and returns the statements.

What an application writes goes to tables that master and replicas have alike; `mysql.rt` and `mysql.r2` are
on the master only, so in statement format nothing that is kept may read them."""

from __future__ import annotations

from generator import TABLES, Generator, Session

ROW_ONLY, PLAIN, SIDE_BY_SIDE, LARGE, MIXED = set(), set(), set(), set(), set()
IN_ONE_GO: dict = {}  # and with which servers, by GTID or not
MAKERS: list[tuple] = []


def anywhere(_kind) -> bool:
    return True


def maker(weight: int = 2, where=anywhere, row_only: bool = False, plain: bool = False, lanes: bool = False,
          large: bool = False, of_both: bool = False, in_one_go=None):
    """`row_only`: statements that a replica without mysql.rt could not run; `plain`: no odd session;
    `large`: only in workloads with large events; `of_both`: statements with tables of both sorts; `in_one_go`: what
    a replica must not get in pieces, also from a master."""
    def add(function):
        MAKERS.append((function, weight, where))
        if in_one_go:
            IN_ONE_GO[function] = in_one_go
        for flag, names in ((row_only, ROW_ONLY), (plain, PLAIN), (lanes, SIDE_BY_SIDE), (large, LARGE), (of_both, MIXED)):
            if flag:
                names.add(function)
        return function
    return add


def mariadb_only(kind) -> bool:
    return kind.mariadb


def always(_kind, _gtid) -> bool:
    return True


def gtid_of_mariadb(kind, gtid) -> bool:
    """A cut between the row events of a statement over tables of both sorts makes such a replica crash: the GTID_LIST with
    which a dump begins frees the memory where the locks of the open statement are."""
    return kind.mariadb and gtid


def table_of(g: Generator, s: Session, path: str) -> str:
    """The table as this session may write it."""
    schema, name = path.split(".")
    if schema == s.database and g.chance(0.6):
        return s.name(name) if g.chance(0.5) else name
    dot = g.pick(".", ".", " . ", ". ")
    return g.pick(s.name(schema) + dot + s.name(name), f"{schema}.{name}")


def value(g: Generator, s: Session, path: str) -> str:
    return f"'{g.secret()}'" if path.startswith("mysql.") else g.text(s)


def change(g: Generator, s: Session, path: str) -> str:
    """One statement that changes rows of this table, the same way on all servers."""
    table, text = table_of(g, s, path), value(g, s, path)
    n = g.random.randint(0, 50)
    return g.spelling(g.pick(
        f"INSERT INTO {table} (v, n) VALUES ({text}, {n})",
        f"INSERT INTO {table} (v, n) VALUES ({text}, {n}), ({text}, {n + 1}), ({text}, NULL)",
        f"INSERT INTO {table} (v, n, b) VALUES ({text}, {n}, REPEAT('b', {n * n * 9}))",
        f"INSERT IGNORE INTO {table} (id, v) VALUES ({n + 1}, {text})",
        f"INSERT INTO {table} (id, v) VALUES ({n + 1}, {text}) ON DUPLICATE KEY UPDATE n=n+1, v={text}",
        f"REPLACE INTO {table} (id, v, n) VALUES ({n + 1}, {text}, {n})",
        f"UPDATE {table} SET n=n+1, v={text} WHERE n>{n}",
        f"UPDATE {table} SET n={n} ORDER BY id DESC",
        f"UPDATE {table} AS x SET x.v={text} WHERE x.id={n}",
        f"DELETE FROM {table} WHERE n={n}",
        f"DELETE FROM {table} WHERE id BETWEEN {n} AND {n + 2}"))


@maker(12)
def autocommitted(g, s, _lane):
    return [change(g, s, g.pick(*TABLES))]


@maker(12, lanes=True)
def transaction(g, s, lane):
    tables = ["mysql.rt", "mysql.r2"] + [f"lane{lane}.t"] * 3
    lines = [g.pick("BEGIN", "START TRANSACTION")]
    lines += [change(g, s, g.pick(*tables)) for _ in range(g.random.randint(1, 5))]
    return lines + [g.pick("COMMIT", "COMMIT", "COMMIT", "ROLLBACK")]


@maker(5)
def savepoints(g, s, _lane):
    tables = ("app.t", "mysql.rt", "app2.t", "mysql.r2")
    some = [change(g, s, g.pick(*tables)) for _ in range(5)]
    back = g.pick("ROLLBACK TO a", "ROLLBACK WORK TO SAVEPOINT a", "RELEASE SAVEPOINT a", "ROLLBACK TO SAVEPOINT b")
    return ["BEGIN", some[0], "SAVEPOINT a", some[1], "SAVEPOINT b", some[2], back, some[3], "COMMIT", some[4]]


@maker(5)
def nothing_kept(g, s, _lane):
    return ["BEGIN", *(change(g, s, g.pick("mysql.rt", "mysql.r2")) for _ in range(g.random.randint(1, 4))), "COMMIT"]


@maker(5, in_one_go=always)
def xa(g, s, _lane):
    name = f"'x{g.number()}'"
    some = [change(g, s, g.pick("app.t", "mysql.rt", "app2.t")) for _ in range(g.random.randint(1, 3))]
    # From 8.0 on a direct replica stops at an XA transaction of which its rules leave nothing.
    some += [f"INSERT INTO app.{table} (n) VALUES (1)" for table in "tu"]
    end = g.pick([f"XA COMMIT {name} ONE PHASE"], [f"XA PREPARE {name}", f"XA COMMIT {name}"],
                 [f"XA PREPARE {name}", f"XA ROLLBACK {name}"], [f"XA ROLLBACK {name}"])
    return [f"XA {g.pick('START', 'BEGIN')} {name}", *some, f"XA END {name}", *end]


@maker(8, plain=True)
def accounts(g, s, _lane):
    n = g.number()
    user = f"'w_{n}'@'{g.pick('%', 'localhost', '10.0.0.%')}'"
    native = g.kind.mariadb or not g.kind.at_least(5, 7, 6)
    password = (f"SET PASSWORD FOR {user} = PASSWORD('{g.secret()}')" if native
                else f"SET PASSWORD FOR {user} = '{g.secret()}'")
    lines = [f"CREATE USER {user} IDENTIFIED BY '{g.secret()}'"]
    lines += g.random.sample([
        f"GRANT SELECT, INSERT ON app.* TO {user}", f"GRANT SELECT (v) ON app.t TO {user}", password,
        f"GRANT ALL ON mysql.* TO {user}", f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {user}",
        f"ALTER USER {user} IDENTIFIED BY '{g.secret()}'", f"ALTER USER {user} ACCOUNT LOCK",
        f"RENAME USER {user} TO 'w_{n}b'@'%'", f"DROP USER {user}", f"DROP USER IF EXISTS {user}", "FLUSH PRIVILEGES",
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{g.secret()}'", f"GRANT USAGE ON *.* TO {user}",
        f"/*!50001 ALTER USER {user} IDENTIFIED BY '{g.secret()}' */", f"CREATE ROLE role_{n}",
        f"GRANT role_{n} TO {user}", f"REVOKE role_{n} FROM {user}", f"DROP ROLE role_{n}"], 5)
    if g.kind.mariadb:
        lines.append(f"CREATE OR REPLACE USER {user} IDENTIFIED BY '{g.secret()}'")
        lines.append(f"SET STATEMENT max_statement_time=9 FOR ALTER USER {user} IDENTIFIED BY '{g.secret()}'")
    return [g.spelling(line) for line in lines]


@maker(6)
def tables_of_ones_own(g, s, _lane):
    schema, n = g.pick("app", "app2", "mysql"), g.number()
    table, other = table_of(g, s, f"{schema}.o{n}"), table_of(g, s, f"{schema}.p{n}")
    engine = g.pick("InnoDB", "InnoDB", g.without_rollback)
    comment = f"'{g.secret()}'" if schema == "mysql" else g.text(s)
    lines = [f"CREATE TABLE {table} (a INT PRIMARY KEY, c VARCHAR(90)) ENGINE={engine} CHARSET=utf8mb4",
             f"INSERT INTO {table} VALUES (1, {comment}), (2, 'x')"]
    lines += g.random.sample([
        f"ALTER TABLE {table} ADD COLUMN d INT, ADD KEY k (d)", f"CREATE INDEX i ON {table} (c)",
        f"ALTER TABLE {table} COMMENT {comment}", f"TRUNCATE TABLE {table}", f"UPDATE {table} SET c={comment}",
        f"ANALYZE TABLE {table}", f"OPTIMIZE TABLE {table}", f"DELETE FROM {table}",
        f"CREATE TABLE IF NOT EXISTS {table} (a INT)", f"ALTER TABLE {table} ENGINE=InnoDB",
        f"INSERT INTO {table} SELECT a+10, c FROM {table}"], 4)
    lines += g.pick([f"DROP TABLE {table}"], [f"DROP TABLE IF EXISTS {table}, {other}"], [],
                    [f"RENAME TABLE {table} TO {other}"], [f"ALTER TABLE {table} RENAME TO {other}"],
                    [f"CREATE TABLE {other} LIKE {table}", f"DROP TABLE {other}, {table}"])
    return [g.spelling(line) for line in lines]


@maker(8, of_both=True, in_one_go=gtid_of_mariadb)
def mixed(g, s, _lane):
    """Statements over both sorts; their tables are never touched again."""
    n = g.number()
    ours, theirs = table_of(g, s, f"app.x{n}"), table_of(g, s, f"mysql.x{n}")
    new, word = table_of(g, s, f"app.y{n}"), g.secret()
    both = [ours, theirs]
    g.random.shuffle(both)
    first, second = both
    view, system_view = table_of(g, s, f"app.v{n}"), table_of(g, s, f"mysql.v{n}")
    lines = [f"CREATE TABLE {ours} (id INT PRIMARY KEY, a VARCHAR(90)) ENGINE=InnoDB",
             f"CREATE TABLE {theirs} (id INT PRIMARY KEY, b VARCHAR(90)) ENGINE=InnoDB",
             f"INSERT INTO {ours} VALUES (1, 'x'), (2, 'y')", f"INSERT INTO {theirs} VALUES (1, '{word}'), (2, 'y')"]
    join = f"{first} AS p JOIN {second} AS q ON p.id=q.id"
    # Behind a table of one's own, which may be a view of several, a column must be qualified.
    a, b = ("p.a", "q.b") if first == ours else ("a", "b")
    ending = g.pick(
        [f"DROP TABLE {first}, {second}"], [f"DROP TABLE IF EXISTS {first}, {second}"],
        [f"RENAME TABLE {theirs} TO {new}"], [f"RENAME TABLE {ours} TO {table_of(g, s, f'mysql.y{n}')}"],
        [f"RENAME TABLE {ours} TO {new}, {theirs} TO {table_of(g, s, f'mysql.y{n}')}"],
        [f"ALTER TABLE {theirs} RENAME TO {new}"], [f"OPTIMIZE TABLE {first}, {second}"],
        [f"ANALYZE TABLE {first}, {second}"], [f"FLUSH TABLES {first}, {second}"],
        [f"UPDATE {join} SET {a}='new', {b}='{word}'"], [f"UPDATE {join} SET {b}='{word}'"],
        [f"UPDATE {theirs}, {ours} SET a='new', b='{word}' WHERE a IS NOT NULL"],
        [f"DELETE p, q FROM {join}"], [f"DELETE FROM p, q USING {join}"],
        [f"CREATE VIEW {view} AS SELECT 1 AS c", f"CREATE VIEW {system_view} AS SELECT 1 AS c",
         f"DROP VIEW {view}, {system_view}"],
        [f"CREATE TEMPORARY TABLE {view} (a INT)", f"CREATE TEMPORARY TABLE {system_view} (a INT)",
         f"DROP TEMPORARY TABLE {g.pick('IF EXISTS ', '')}{view}, {system_view}"])
    return lines + [g.spelling(line) for line in ending]


@maker(6, row_only=True, in_one_go=gtid_of_mariadb)
def both_in_rows(g, s, _lane):
    """One statement with rows of both sorts."""
    n = g.number()
    schema = g.pick("app", "app2")
    word = g.secret()
    if g.chance(0.5):
        trigger = s.name(schema, f"g{n}")  # its text is kept, so the word is in halves there
        return [f"CREATE TABLE {schema}.fires{n} (id INT PRIMARY KEY, v VARCHAR(90)) ENGINE=InnoDB",
                f"CREATE TRIGGER {trigger} {g.pick('AFTER', 'BEFORE')} INSERT ON {schema}.fires{n} FOR EACH ROW "
                f"INSERT INTO mysql.rt (v, n) VALUES (CONCAT('{word[:9]}', '{word[9:]}'), NEW.id)",
                f"INSERT INTO {schema}.fires{n} VALUES (1, 'a'), (2, 'b')", "BEGIN", change(g, s, "app.t"),
                f"INSERT INTO {schema}.fires{n} VALUES (3, 'c')", "COMMIT", f"DELETE FROM {schema}.fires{n} WHERE id=1",
                *([f"DROP TRIGGER {trigger}"] if g.chance(0.5) else [])]
    return ["BEGIN", change(g, s, "app.t"), change(g, s, "mysql.rt"),
            g.pick(f"UPDATE app.t, mysql.rt SET app.t.n=7, mysql.rt.v='{word}' WHERE app.t.id=mysql.rt.id",
                   f"UPDATE mysql.rt JOIN app.u ON 1=1 SET app.u.n=8, mysql.rt.v='{word}'",
                   "DELETE app.t, mysql.rt FROM app.t JOIN mysql.rt ON app.t.id=mysql.rt.id",
                   "INSERT INTO app.u (n) SELECT n FROM mysql.rt ORDER BY id",
                   "INSERT INTO mysql.rt (v, n) SELECT v, n FROM app.t"), "COMMIT"]


@maker(5)
def programs(g, s, _lane):
    n, schema = g.number(), g.pick("app", "app", g.schema_for_programs, "mysql")
    name = s.name(schema, f"p{n}")
    word = g.secret() if schema == "mysql" else "x"
    writes = g.pick("app.t", "mysql.rt")
    lines = g.pick(
        [f"CREATE PROCEDURE {name}(x INT) BEGIN INSERT INTO {writes} (n) VALUES (x); SET @a = '{word};'; END",
         f"CALL {name}({n})", f"ALTER PROCEDURE {name} COMMENT '{word}'", f"DROP PROCEDURE {name}"],
        [f"CREATE DEFINER='no'@'body' PROCEDURE {name}() SELECT user, '{word}' FROM mysql.user"],
        [f"CREATE FUNCTION {name}(x INT) RETURNS INT DETERMINISTIC RETURN x+LENGTH('{word}')",
         f"INSERT INTO mysql.rt (n) VALUES ({name}(1))", f"DROP FUNCTION IF EXISTS {name}"],
        [f"CREATE EVENT {name} ON SCHEDULE EVERY 1 YEAR DISABLE DO DELETE FROM mysql.rt WHERE v='{word}'",
         f"ALTER EVENT {name} COMMENT '{word}'", f"DROP EVENT {name}"],
        [f"CREATE VIEW {name} AS SELECT user, '{word}' FROM mysql.user",
         f"CREATE OR REPLACE VIEW {name} AS SELECT '{word}'", f"DROP VIEW {name}"])
    return [g.spelling(line) if "BEGIN" not in line else line for line in lines]


@maker(4)
def companions(g, s, _lane):
    """Statements that come with INTVAR, RAND and USER_VAR events."""
    path = g.pick("app.t", "app2.t", "mysql.rt")
    table, secret = table_of(g, s, path), path == "mysql.rt"
    return [f"SET @w = {value(g, s, path)}", f"INSERT INTO {table} (v, n) VALUES (@w, FLOOR(RAND()*1000))",
            f"INSERT INTO {table} (v, n) VALUES ({value(g, s, path)}, LAST_INSERT_ID())",
            f"UPDATE {table} SET v=CONCAT(@w, 'x') WHERE n={5 if secret else 6}",
            change(g, s, "app.t"), f"INSERT INTO {table} (n) VALUES (@nothing), (RAND(5)*10)"]


@maker(4)
def temporary_tables(g, s, _lane):
    n, schema = g.number(), g.pick("app", "mysql")
    table = f"{schema}.tmp{n}"
    text = value(g, s, table)
    lines = [f"CREATE TEMPORARY TABLE {table} (id INT PRIMARY KEY, v VARCHAR(90)) CHARSET=utf8mb4",
             f"INSERT INTO {table} VALUES (1, {text}), (2, 'x')", f"UPDATE {table} SET v='y' WHERE id=2"]
    target = "mysql.rt" if schema == "mysql" else g.pick("app.t", "mysql.rt")
    lines.append(f"INSERT INTO {target} (n) SELECT id FROM {table} ORDER BY id")
    return lines + g.pick([], [f"DROP TEMPORARY TABLE {table}"], [f"DROP TEMPORARY TABLE IF EXISTS {table}"],
                          [f"DROP TABLE {table}"])


@maker(3)
def databases(g, s, _lane):
    n = g.number()
    name = s.name(f"mysqld{n}")
    return [g.spelling(line) for line in (
        f"CREATE DATABASE {g.pick('', 'IF NOT EXISTS ')}{name} CHARACTER SET utf8", f"CREATE TABLE {name}.mysql (mysql INT)",
        f"INSERT INTO {name}.mysql (mysql) VALUES (1)", f"ALTER DATABASE {name} CHARACTER SET latin1")] + (
        [f"DROP DATABASE {name}"] if g.chance(0.6) else [])


@maker(3, plain=True)
def loading(g, s, _lane):
    """LOAD DATA, of a file with secrets when it goes into the system schema."""
    path = g.pick("app.u", "mysql.r2")
    n, word = g.number(), g.secret() if path.startswith("mysql") else "loaded"
    return [f"SELECT {n}, '{word}' INTO OUTFILE '{{folder}}/load-{g.seed}-{n}'",
            f"LOAD DATA INFILE '{{folder}}/load-{g.seed}-{n}' {g.pick('', 'IGNORE ', 'REPLACE ')}INTO TABLE {path} (n, v)",
            change(g, s, "app.t")]


@maker(3)
def odd_texts(g, s, _lane):
    """Executable comments, hints, WITH and the like."""
    path = g.pick("app.t", "mysql.rt")
    table, text = table_of(g, s, path), value(g, s, path)
    return [g.pick(f"/*!50003 INSERT */ INTO {table} (v) VALUES ({text})",
                   f"INSERT /*! IGNORE */ INTO {table} (v) VALUES ({text}) /*!99999 garbage ' */",
                   f"INSERT INTO {table} /* mysql.x */ SET v = {text}, n = 1;",
                   f"DELETE LOW_PRIORITY QUICK FROM {table} WHERE v = {text}",
                   f"DELETE FROM x USING {table} AS x WHERE x.v = {text}",
                   f"UPDATE LOW_PRIORITY {table} SET n = (SELECT COUNT(*) FROM (SELECT 1) AS d) WHERE v = {text}",
                   f"DELETE FROM {table} WHERE v = {text} ORDER BY id LIMIT 1",
                   f"INSERT INTO {table} (v) SELECT * FROM (SELECT {text}) AS d"), change(g, s, "app.t")]


@maker(1, plain=True)
def new_file(g, s, _lane):
    return [g.pick("FLUSH LOGS", "FLUSH BINARY LOGS", "FLUSH TABLES", "FLUSH STATUS")]


@maker(4, where=mariadb_only)
def mariadb_words(g, s, _lane):
    n, schema = g.number(), g.pick("app", "mysql")
    word = g.secret() if schema == "mysql" else "word"
    table = table_of(g, s, f"{schema}.k{n}")
    sequence = table_of(g, s, f"{schema}.s{n}")
    create = f"CREATE OR REPLACE TABLE {table} (a INT PRIMARY KEY, v VARCHAR(90)) ENGINE=InnoDB"
    return g.pick(
        [create, f"INSERT INTO {table} VALUES (1, '{word}') RETURNING a", create],
        ["SET SESSION binlog_alter_two_phase=1", create, f"ALTER TABLE {table} ADD COLUMN z VARCHAR(90) DEFAULT '{word}'",
         f"ALTER TABLE {table} DROP COLUMN z", change(g, s, "app.t")],
        [f"CREATE SEQUENCE {sequence}", f"SELECT NEXTVAL({sequence})", f"INSERT INTO mysql.rt (n) VALUES (NEXTVAL({sequence}))",
         f"ALTER SEQUENCE {sequence} RESTART 50", f"DROP SEQUENCE IF EXISTS {sequence}"],
        [create, f"SET STATEMENT max_statement_time=9 FOR INSERT INTO {table} VALUES (2, '{word}')",
         f"SET STATEMENT max_statement_time=9 FOR UPDATE {table} SET v='{word}'",
         f"BEGIN NOT ATOMIC INSERT INTO {table} VALUES (3, '{word}'); INSERT INTO app.t (n) VALUES (3); END"],
        [f"EXECUTE IMMEDIATE 'INSERT INTO mysql.rt (v) VALUES (?)' USING '{word}x{g.secret()}'", change(g, s, "app.t")])


@maker(2, plain=True)
def created_from_others(g, s, _lane):
    n, schema = g.number(), g.pick("app", "mysql")
    source = "mysql.rt" if schema == "mysql" else g.source
    return [f"CREATE TABLE {schema}.c{n} (id INT PRIMARY KEY) SELECT id, v FROM {source} ORDER BY id",
            f"CREATE TABLE {schema}.d{n} LIKE {source}", f"CREATE TABLE mysql.e{n} LIKE app.t"]


@maker(1, row_only=True, large=True)
def large_rows(g, s, _lane):
    """Events that take several packets; the word is in the last one."""
    size = g.random.randint(16 << 20, 18 << 20)
    word = g.secret()
    return ["BEGIN", f"INSERT INTO app.t (b) VALUES (REPEAT('b', {size}))", change(g, s, "mysql.rt"),
            f"INSERT INTO mysql.rt (b) VALUES (CONCAT(REPEAT('s', {size}), '{word}'))",
            f"INSERT INTO app.u (b) VALUES (REPEAT('u', {size // 3})), (REPEAT('v', {size // 2})), (NULL)",
            "UPDATE app.u SET n=1 WHERE b IS NULL", "COMMIT", "DELETE FROM app.t WHERE LENGTH(b) > 9000000",
            "DELETE FROM app.u WHERE LENGTH(b) > 900000"]

"""Replicas: pointing them, watching them, and comparing what they hold."""

from __future__ import annotations

import dataclasses

import waiting
from packets import ServerError
from server import Server

# Accounts on the master, made outside the binlog.
ACCOUNTS = (("relay", "relay-secret"), ("direct", "direct-secret"))


@dataclasses.dataclass(frozen=True)
class Route:
    """Where a replica goes for its binlog, and as whom."""

    port: int
    user: str
    password: str
    ca: object = None  # a path: TLS, verified against it

    @classmethod
    def straight(cls, master: Server, tls: bool = False) -> Route:
        return cls(master.port, "direct", "direct-secret", master.certificates.ca if tls else None)

    @classmethod
    def through(cls, relay) -> Route:
        tls = relay.replica_tls["mode"] == "required"
        user = relay.users[0]
        return cls(relay.port, user["name"], user["password"], relay.ca if tls else None)


def open_accounts(master: Server) -> None:
    """The accounts that replicas and Sluice log in with."""
    for user, password in ACCOUNTS:
        master.quietly(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'",
                       f"GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '{user}'@'%'")


def point(replica: Server, route: Route, *, gtid: bool, start: tuple[str, int] = ("binlog.000001", 4),
          workers: str = "0", retry: int = 1, **more) -> None:
    """CHANGE MASTER TO, from scratch."""
    for statement in replica.say.set_workers(workers):
        replica.sql(statement)
    options = {"HOST": "127.0.0.1", "PORT": route.port, "USER": route.user, "PASSWORD": route.password,
               "CONNECT_RETRY": retry, "HEARTBEAT_PERIOD": 2}
    if route.ca:
        options |= {"SSL": True, "SSL_CA": str(route.ca), "SSL_VERIFY_SERVER_CERT": True}
    else:
        options |= {"SSL": False}
        if replica.kind.mariadb:
            options["SSL_VERIFY_SERVER_CERT"] = False
        elif replica.kind.at_least(8):
            options["GET_PUBLIC_KEY"] = True
    if replica.kind.mariadb:
        options["USE_GTID"] = "slave_pos" if gtid else "no"
    else:
        options["AUTO_POSITION"] = gtid
    if not replica.kind.mariadb:
        options["RETRY_COUNT"] = 86400  # MySQL 8.4 and later try ten times, a second apart: no time for a server to start
    if not gtid:
        options |= {"LOG_FILE": start[0], "LOG_POS": start[1]}
    replica.sql(replica.say.change_master(**(options | more)))


def knows_zstd(kind) -> bool:
    return not kind.mariadb and kind.at_least(8, 0, 18)


def compressing(replica: Server, algorithm: str | None) -> dict:
    """Has the replica ask for a compressed connection (None: not), and says what point() needs for it."""
    if knows_zstd(replica.kind):
        return {"COMPRESSION_ALGORITHMS": algorithm or "uncompressed"}
    replica.sql(f"SET GLOBAL slave_compressed_protocol={int(algorithm is not None)}")
    return {}


def start(replica: Server) -> None:
    replica.sql(replica.say.start)


def stop(replica: Server) -> None:
    replica.sql(replica.say.stop)


def status(replica: Server) -> dict[str, str]:
    """SHOW SLAVE STATUS with the old names of the columns; empty when it is no replica."""
    names, rows = replica.table(replica.say.show_status)
    return {replica.say.normal(name): value for name, value in zip(names, rows[0])} if rows else {}


def read_position(replica: Server) -> tuple[str, int]:
    now = status(replica)
    return now["Master_Log_File"], int(now["Read_Master_Log_Pos"])


def executed_position(replica: Server) -> tuple[str, int]:
    now = status(replica)
    return now["Relay_Master_Log_File"], int(now["Exec_Master_Log_Pos"])


class Stopped(AssertionError):
    """A replica stopped with an error."""


def errors(replica: Server) -> str:
    now = status(replica)
    said = [f"{thread} {now[f'Last_{thread}_Errno']}: {now[f'Last_{thread}_Error']}"
            for thread in ("IO", "SQL") if now.get(f"Last_{thread}_Errno", "0") != "0"]
    return "; ".join(said)


def stopped_within_a_statement(replica: Server) -> bool:
    """Whether a cut between two ROWS events of a statement has stopped the replica. A MariaDB replica that is
    not in GTID mode goes back to that place and then misses the end of the statement before the connection's
    first events (Rows_event_tracker::check_and_report in sql/slave.cc), also with its master itself."""
    now = status(replica)
    return replica.kind.mariadb and now["Slave_IO_Running"] == "No" and now["Last_IO_Errno"] == "1595"


def stopped_between_questions(replica: Server) -> bool:
    """Whether a cut before the dump, while it asked for the master's settings, has stopped a replica of MySQL 5.6.
    It takes some of these for an error that no reconnecting mends (is_network_error() in sql/rpl_slave.cc), also
    with its master itself: 2 of 594 cuts there."""
    now = status(replica)
    old = not replica.kind.mariadb and not replica.kind.at_least(5, 7)
    return old and now["Slave_IO_Running"] == "No" and now["Last_IO_Errno"] == "1593"


def start_where_a_cut_has_stopped(replica: Server) -> bool:
    """Whether one has."""
    stopped = stopped_within_a_statement(replica) or stopped_between_questions(replica)
    if stopped:
        start(replica)
    return stopped


def caught_up(replica: Server, master: Server, timeout: float = 60.0, *, cut: bool = False) -> None:
    """Waits until the replica has executed all that the master has, for as long as it gets on: `timeout` is how
    many seconds it may stay at one place. Raises Stopped when it stopped. `cut`: connections of it were cut, so
    starts it again when it is stopped_within_a_statement() or stopped_between_questions()."""
    target = master.coordinates
    seen: dict[str, str] = {}
    executed = ("", 0)

    def there() -> bool:
        nonlocal seen, executed
        try:
            seen = status(replica)
        except ServerError:
            return False
        if seen["Slave_SQL_Running"] == "No" or seen["Slave_IO_Running"] == "No":
            if not (cut and start_where_a_cut_has_stopped(replica)) and errors(replica):
                raise Stopped(f"{replica}: {errors(replica)}")
        executed = (seen["Relay_Master_Log_File"], int(seen["Exec_Master_Log_Pos"]))
        return executed >= target

    try:
        waiting.until(f"{replica} has executed {target}", there, timeout, progress=lambda: executed)
    except waiting.Late as error:
        state = {name: seen.get(name) for name in (
            "Slave_IO_State", "Slave_IO_Running", "Slave_SQL_Running", "Master_Log_File", "Read_Master_Log_Pos",
            "Relay_Master_Log_File", "Exec_Master_Log_Pos", "Executed_Gtid_Set", "Gtid_IO_Pos", "Slave_SQL_Running_State")}
        raise waiting.Late(f"{error}; {state}; {errors(replica)}") from None


def threads_run(replica: Server) -> bool:
    now = status(replica)
    return now["Slave_IO_Running"] == now["Slave_SQL_Running"] == "Yes"


def io_error(replica: Server, timeout: float = 30.0) -> str:
    """Waits for an error of the replica's IO thread and returns its text."""
    return waiting.until(f"{replica} reports an error of its IO thread",
                         lambda: status(replica)["Last_IO_Error"], timeout)

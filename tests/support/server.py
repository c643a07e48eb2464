"""A real server as a process of the test: its own data folder, its own port, 127.0.0.1 only."""

from __future__ import annotations

import os
import pathlib
import shutil
import signal
import subprocess

import catalogue
import fetching
import waiting
from children import launch
from dialect import Dialect
from mysql_client import Client
from packets import Closed, ServerError
from ports import free_port


class Server:
    """One instance of a kind. It is made of a ready data folder, and gone when the test run ends."""

    def __init__(self, kind: catalogue.Kind, folder: pathlib.Path, *options: str, certificates=None):
        self.kind, self.folder, self.options = kind, folder, list(options)
        self.say = Dialect(kind)
        self.certificates = certificates
        self.port = free_port()
        self.server_id = self.port
        self.socket = folder / "sock"
        self.error_log = folder / "error.log"
        self.process: subprocess.Popen | None = None
        self._client: Client | None = None
        folder.mkdir(parents=True)
        shutil.copytree(template(kind), folder / "data", symlinks=True)

    def __repr__(self) -> str:
        return f"{self.folder.name} ({self.kind.name}, port {self.port})"

    # -------------------------------------------------------------- life

    def start(self, *more: str) -> Server:
        command = [*basics(self.kind, self.folder / "data"), *self.defaults(), *self.options, *more]
        self.process = launch(command, self.error_log)
        waiting.until(f"{self} answers; its log: {self.error_log}", self._answers, timeout=90, every=0.1)
        return self

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            tail = self.error_log.read_text(errors="replace").splitlines()[-15:]
            raise AssertionError(f"{self} did not start:\n" + "\n".join(tail))
        try:
            with Client(self.socket, timeout=5):
                return True
        except (OSError, ServerError, Closed):
            return False

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._client:
            self._client.wire.connection.close()
            self._client = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(120)  # a replica's coordinator has a minute to end a group
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
                raise AssertionError(f"{self} did not stop within two minutes") from None

    def restart(self) -> None:
        self.stop()
        self.start()

    # -------------------------------------------------------------- questions

    def connect(self, **options) -> Client:
        """A new connection as root, through the socket."""
        return Client(self.socket, **options)

    def sql(self, text: str) -> list[tuple]:
        """Runs one statement as root on a connection that stays open between calls."""
        return self.table(text)[1]

    def table(self, text: str) -> tuple[list[str], list[tuple]]:
        if not self._client:
            # STOP REPLICA gives a group that is under way a minute (SLAVE_WAIT_GROUP_DONE).
            self._client = self.connect(timeout=120)
        try:
            return self._client.table(text)
        except (OSError, Closed):
            self._client.wire.connection.close()
            self._client = None
            raise

    def value(self, text: str):
        """The first column of the first row."""
        return self.sql(text)[0][0]

    def quietly(self, *statements: str) -> None:
        """Runs statements that the binlog does not see."""
        with self.connect() as session:
            for statement in ("SET SESSION sql_log_bin=0", *statements):
                session.query(statement)

    @property
    def coordinates(self) -> tuple[str, int]:
        """File and position of the end of the binlog."""
        row = self.sql(self.say.show_master)[0]
        return row[0], int(row[1])

    @property
    def executed(self) -> str:
        """The GTIDs it has, whether written or applied."""
        if self.kind.mariadb:
            return self.value("SELECT @@GLOBAL.gtid_current_pos")
        return self.value("SELECT @@GLOBAL.gtid_executed").replace("\n", "")

    # -------------------------------------------------------------- options

    def defaults(self) -> list[str]:
        options = [
            f"--port={self.port}", f"--socket={self.socket}", f"--pid-file={self.folder}/pid",
            f"--tmpdir={self.folder}", "--bind-address=127.0.0.1", f"--server-id={self.server_id}", "--log-bin=binlog",
            "--binlog-format=ROW", "--skip-name-resolve", "--max-allowed-packet=512M", "--max-connections=60",
            # Nothing here has to survive a power cut, except in the tests that cut the power.
            "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-flush-method=nosync",
            "--skip-innodb-doublewrite", "--innodb-buffer-pool-size=48M", "--performance-schema=OFF",
            "--slave-net-timeout=20" if not self.say.new else "--replica-net-timeout=20",
            "--log-replica-updates" if self.say.new else "--log-slave-updates",
            "--skip-replica-start" if self.say.new else "--skip-slave-start",
            f"--report-host=replica-{self.port}",
        ]
        if self.kind.mariadb or not self.kind.at_least(8):
            options.append("--innodb-flush-neighbors=0")
        if not self.kind.mariadb and self.kind.at_least(8):
            options.append("--mysqlx=0")
        if not self.kind.mariadb and not self.say.new:
            options += ["--master-info-repository=TABLE", "--relay-log-info-repository=TABLE"]
        if self.certificates:
            tls = self.certificates
            options += [f"--ssl-ca={tls.ca}", f"--ssl-cert={tls.server.cert}", f"--ssl-key={tls.server.key}"]
        elif not self.kind.mariadb and not self.kind.at_least(8):
            options.append("--skip-ssl")
        return options


def basics(kind: catalogue.Kind, data: pathlib.Path) -> list[str]:
    """The program and where its files are; the paths that are built in point into /usr."""
    folder = kind.folder
    if (folder / "bin" / "mysqld").exists():
        base, share, plugins = folder, folder / "share", folder / "plugins"
        plugins.mkdir(exist_ok=True)
    else:
        base = folder / "root" / "usr"
        share = next(p.parent for p in sorted(base.glob("share/m*/charsets")))
        plugins = base / "lib" / "mysql" / "plugin"
    command = [str(folder / "programs" / "mysqld"), "--no-defaults", f"--basedir={base}", f"--datadir={data}",
               f"--lc-messages-dir={share}", f"--character-sets-dir={share}/charsets",
               f"--plugin-dir={plugins}", "--secure-file-priv=",
               # The kernel has 65536 requests for all servers of the machine (fs.aio-max-nr), each takes 3000.
               "--innodb-use-native-aio=0"]
    if kind.family == "mysql" and kind.at_least(8, 0, 30):
        command.append("--innodb-redo-log-capacity=16M")
    else:  # 5.6 takes no BLOBs over a tenth of it
        command.append(f"--innodb-log-file-size={8 if kind.mariadb or kind.at_least(5, 7) else 24}M")
    if os.geteuid() == 0:
        command.append("--user=root")
    return command


def template(kind: catalogue.Kind) -> pathlib.Path:
    """A data folder fresh from initialisation, made once: root without a password, no binlog."""
    ready = kind.folder / "data"
    with fetching.locked(kind.folder.parent / f".{kind.name}.data.lock"):
        if ready.exists():
            return ready
        making = kind.folder / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        command = basics(kind, making)
        if not kind.mariadb and kind.at_least(5, 7):
            initialise(command + ["--initialize-insecure", "--innodb-flush-method=nosync",
                                  f"--log-error={kind.folder}/data.log"], b"")
        else:
            (making / "mysql").mkdir()
            initialise(command + ["--bootstrap"], bootstrap_sql(kind))
        (making / "auto.cnf").unlink(missing_ok=True)
        for leftover in making.glob("*.pem"):
            leftover.unlink()
        making.rename(ready)
    return ready


def initialise(command: list[str], text: bytes) -> None:
    done = subprocess.run(command, input=text, capture_output=True)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} failed: {done.stderr.decode(errors='replace')[-2000:]}")


def bootstrap_sql(kind: catalogue.Kind) -> bytes:
    """What mysql_install_db would feed a server that cannot initialise itself."""
    (share,) = {p.parent for p in kind.folder.glob("**/m*_system_tables.sql") if "share" in p.parts}
    lines = ["use mysql;"]
    if kind.mariadb:
        lines.append("SET @auth_root_socket=NULL;")
    for part in ("system_tables", "performance_tables", "system_tables_data"):
        for script in share.glob(f"m*_{part}.sql"):
            text = script.read_text(encoding="utf-8", errors="surrogateescape")
            lines += [line for line in text.splitlines() if "@current_hostname" not in line]
    lines.append("DELETE FROM mysql.user WHERE User='';" if not kind.mariadb
                 else "DELETE FROM mysql.global_priv WHERE User='';")
    return "\n".join(lines + [""]).encode(errors="surrogateescape")

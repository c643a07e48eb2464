"""A small MySQL client in plain Python: logs in, asks, and reads binlog streams as a replica would."""

from __future__ import annotations

import socket
import ssl
import struct
import subprocess
import tempfile

from packets import (CONNECT_ATTRS, CONNECT_WITH_DB, LONG_FLAG, LONG_PASSWORD, MULTI_RESULTS, PLUGIN_AUTH,
                     PLUGIN_AUTH_LENENC, PROTOCOL_41, SECURE_CONNECTION, SSL, TRANSACTIONS, ZSTD, Greeting, Reader,
                     ServerError, Wire, lenenc, scramble)

COM_QUIT, COM_QUERY, COM_PING, COM_BINLOG_DUMP, COM_REGISTER, COM_DUMP_GTID = 1, 3, 14, 0x12, 0x15, 0x1E
CAPABILITIES = (LONG_PASSWORD | LONG_FLAG | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | MULTI_RESULTS
                | PLUGIN_AUTH | PLUGIN_AUTH_LENENC | CONNECT_ATTRS)
UTF8 = 33


def trusting(ca: str | None = None, hostname: bool = True, **options) -> ssl.SSLContext:
    """A client's TLS settings: verify against `ca`, or nothing at all without one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = bool(ca) and hostname
    context.verify_mode = ssl.CERT_REQUIRED if ca else ssl.CERT_NONE
    if ca:
        context.load_verify_locations(ca)
    if options.get("certificate"):
        context.load_cert_chain(options["certificate"], options["key"])
    if options.get("maximum"):
        context.maximum_version = options["maximum"]
    return context


def dial(address, timeout: float = 60.0, source: str = "") -> socket.socket:
    """Connects to (host, port), from an address of this machine's, or to the path of a Unix socket."""
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout, (source, 0) if source else None)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout)
    try:
        connection.connect(str(address))
    except OSError:
        connection.close()
        raise
    return connection


class Client:
    """A connection, logged in unless `login=False`. Usable as a context manager."""

    def __init__(self, address, user: str = "root", password: str = "", *, tls: ssl.SSLContext | None = None,
                 plugin: str | None = None, database: str = "", attributes: dict[str, str] | None = None,
                 timeout: float = 60.0, login: bool = True, resume: ssl.SSLSession | None = None,
                 more_capabilities: int = 0, source: str = "", first: bytes = b""):
        """`first`: sent before anything comes. `more_capabilities`: with ZSTD among them the login has a level of it."""
        self.address, self.tls, self.resume = address, tls, resume
        self.capabilities = CAPABILITIES | more_capabilities
        self.wire = Wire(dial(address, timeout, source))
        self.wire.connection.sendall(first)
        self.attributes = attributes or {}
        try:
            self.greeting = Greeting.parse(self.wire.read())
            if login:
                self.login(user, password, plugin, database)
        except BaseException:
            self.wire.connection.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        """Says goodbye when that is still possible."""
        try:
            self.wire.command(bytes([COM_QUIT]))
        except (OSError, ssl.SSLError):
            pass
        self.wire.connection.close()

    # -------------------------------------------------------------- login

    def start_tls(self) -> None:
        """SSLRequest, then the TLS handshake."""
        capabilities = self.capabilities | SSL
        self.wire.write(struct.pack("<IIB23x", capabilities, 1 << 30, UTF8))
        host = self.address[0] if isinstance(self.address, tuple) else None
        self.wire.connection = self.tls.wrap_socket(self.wire.connection, server_hostname=host, session=self.resume)

    def login(self, user: str, password: str, plugin: str | None = None, database: str = "") -> None:
        plugin = self.send_login(user, password, plugin, database)
        self.finish_login(plugin, password, self.greeting.nonce)

    def send_login(self, user: str, password: str, plugin: str | None = None, database: str = "") -> str:
        """The client's first packet, behind TLS where it has any; returns the plugin it names."""
        plugin = plugin or self.greeting.plugin
        if plugin not in ("mysql_native_password", "caching_sha2_password"):
            plugin = "mysql_native_password"
        capabilities = self.capabilities
        if self.tls:
            self.start_tls()
            capabilities |= SSL
        if database:
            capabilities |= CONNECT_WITH_DB
        attributes = b"".join(lenenc(k.encode()) + lenenc(v.encode()) for k, v in self.attributes.items())
        self.wire.write(struct.pack("<IIB23x", capabilities, 1 << 30, UTF8) + user.encode() + b"\0"
                        + lenenc(scramble(plugin, password, self.greeting.nonce))
                        + (database.encode() + b"\0" if database else b"")
                        + plugin.encode() + b"\0" + lenenc(attributes)
                        + (b"\x03" if capabilities & ZSTD else b""))
        return plugin

    def finish_login(self, plugin: str, password: str, nonce: bytes) -> None:
        while True:
            answer = self.wire.read()
            if answer[0] == 0x00:
                return
            if answer[0] == 0xFF:
                raise ServerError(answer)
            if answer[0] == 0xFE:
                fields = Reader(answer, 1)
                plugin, nonce = fields.until_nul().decode(), answer[fields.at:].rstrip(b"\0")
                self.wire.write(scramble(plugin, password, nonce))
            elif answer == b"\x01\x04":
                self.full_authentication(password, nonce)
            elif answer != b"\x01\x03":
                raise ValueError(f"unknown answer to a login: {answer!r}")

    def full_authentication(self, password: str, nonce: bytes) -> None:
        """caching_sha2_password when the server has nothing cached."""
        secret = password.encode() + b"\0"
        if self.tls or not isinstance(self.address, tuple):
            self.wire.write(secret)
            return
        self.wire.write(b"\x02")
        key = self.wire.read()[1:]
        masked = bytes(byte ^ nonce[i % len(nonce)] for i, byte in enumerate(secret))
        with tempfile.NamedTemporaryFile() as file:
            file.write(key)
            file.flush()
            self.wire.write(subprocess.run(
                ["openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", file.name,
                 "-pkeyopt", "rsa_padding_mode:oaep"], input=masked, capture_output=True, check=True).stdout)

    # -------------------------------------------------------------- questions

    def query(self, text: str | bytes) -> list[tuple]:
        """Rows of the (first) result as tuples of str or None; [] for a statement without rows."""
        return self.table(text)[1]

    def table(self, text: str | bytes) -> tuple[list[str], list[tuple]]:
        """Column names and rows."""
        self.wire.command(bytes([COM_QUERY]) + (text.encode() if isinstance(text, str) else text))
        first = self.wire.read()
        if first[0] == 0xFF:
            raise ServerError(first)
        if first[0] == 0x00:
            return [], []
        names = []
        for _ in range(Reader(first).lenenc()):
            column = Reader(self.wire.read())
            names.append([column.text() for _ in range(5)][4].decode())
        self.wire.read()  # EOF
        rows = []
        while True:
            packet = self.wire.read()
            if packet[0] == 0xFF:
                raise ServerError(packet)
            if packet[0] == 0xFE and len(packet) < 9:
                return names, rows
            fields = Reader(packet)
            values = [fields.text() for _ in names]
            rows.append(tuple(v if v is None else v.decode("utf-8", "backslashreplace") for v in values))

    def ping(self) -> None:
        self.wire.command(bytes([COM_PING]))
        self.expect_ok()

    def expect_ok(self) -> None:
        answer = self.wire.read()
        if answer[0] == 0xFF:
            raise ServerError(answer)
        if answer[0] != 0x00:
            raise ValueError(f"neither OK nor ERR: {answer[:40]!r}")

    # -------------------------------------------------------------- as a replica

    def introduce(self, server_id: int, checksum: bool = True, mariadb: bool = False) -> None:
        """What a replica says before a dump."""
        if checksum:
            self.query("SET @master_binlog_checksum= @@global.binlog_checksum")
            self.query("SELECT @master_binlog_checksum")
        if mariadb:
            self.query("SET @mariadb_slave_capability=4")
        host = b"\x04test"
        self.wire.command(bytes([COM_REGISTER]) + struct.pack("<I", server_id) + host + b"\0\0"
                          + struct.pack("<HII", 3306, 0, 0))
        self.expect_ok()

    def request_dump(self, file: str, position: int = 4, server_id: int = 77, blocking: bool = True,
                     annotations: bool = False) -> None:
        """COM_BINLOG_DUMP; without `blocking` the stream ends with an EOF packet at the log's end.
        `annotations`: MariaDB sends ANNOTATE_ROWS only when asked, and leaves holes otherwise."""
        flags = (0 if blocking else 1) | (2 if annotations else 0)
        self.wire.command(bytes([COM_BINLOG_DUMP]) + struct.pack("<IHI", position, flags, server_id) + file.encode())

    def events(self):
        """The events of the stream, until EOF; ERR is raised."""
        while True:
            packet = self.wire.read()
            if packet[0] == 0xFF:
                raise ServerError(packet)
            if packet[0] == 0xFE and len(packet) < 9:
                return
            yield packet[1:]

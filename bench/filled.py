"""A master of its own with a work in its binlog."""

from __future__ import annotations

import contextlib
import pathlib
import sys

import replication
from server import Server

OPTIONS = ("--innodb-buffer-pool-size=1G", "--skip-log-replica-updates", "--innodb-redo-log-capacity=1G",
           "--max-binlog-size=1G", "--max-allowed-packet=1G", "--max-connections=3000")


@contextlib.contextmanager
def master(kind, folder: pathlib.Path, certificates, work):
    """Its binlog.000002 begins with the work. The server is gone behind the block."""
    server = Server(kind, folder, *OPTIONS, certificates=certificates).start()
    try:
        replication.open_accounts(server)
        print(f"filling a master: {work.text}", file=sys.stderr, flush=True)
        server.sql("CREATE DATABASE app")
        server.sql("FLUSH BINARY LOGS")
        with server.connect(timeout=1800) as session:
            for statement in work.statements:
                session.query(statement)
        yield server
    finally:
        server.kill()

"""Free ports, apart from those of other test runs on this machine."""

from __future__ import annotations

import fcntl
import os
import pathlib
import random
import socket
import tempfile
from collections.abc import Iterator

BLOCK = 100  # ports of one lock file: a run takes more ports than a process may have open files
_held: list = []  # open lock files: a block is ours until this process ends


def _ports() -> Iterator[int]:
    folder = pathlib.Path(tempfile.gettempdir()) / f"sluice-test-ports-{os.geteuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        first = random.randrange(12000, 30000, BLOCK)
        lock = open(folder / str(first), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        yield from range(first, first + BLOCK)


_unused = _ports()


def free_port() -> int:
    """A port that nobody listens on, below the range that outgoing connections take theirs from."""
    while True:
        port = next(_unused)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def is_listening(port: int) -> bool:
    """Whether somebody listens on 127.0.0.1. Asks the kernel: a connection would be one in somebody's log."""
    wanted = f"0100007F:{port:04X}"
    with open("/proc/net/tcp") as table:
        return any(line.split()[1] == wanted and line.split()[3] == "0A" for line in table.readlines()[1:])

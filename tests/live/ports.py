"""Free ports, apart from those of other test runs on this machine."""

from __future__ import annotations

import fcntl
import os
import pathlib
import random
import socket
import tempfile

_held: list = []  # open lock files: a port is ours until this process ends


def free_port() -> int:
    """A port that nobody listens on, below the range that outgoing connections take theirs from."""
    folder = pathlib.Path(tempfile.gettempdir()) / f"sluice-test-ports-{os.geteuid()}"
    folder.mkdir(exist_ok=True)
    while True:
        port = random.randrange(12000, 30000)
        lock = open(folder / str(port), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return port

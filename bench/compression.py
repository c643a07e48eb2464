"""Compression on the replica's leg: how much smaller rows of text become, and what that costs. mysqlbinlog reads:
bench_reader does not unpack."""

from __future__ import annotations

import os
import subprocess
import tempfile

import contenders
import waiting
from rig import Rig, say

GROUP = "rows of text, compressed for the replica, TLS on both legs"
ALGORITHMS = ("uncompressed", "zlib", "zstd")


def measure(rig: Rig) -> None:
    """The master holds rows of text."""
    with rig.running([contenders.OurSluice], tls=True) as started:
        for contender in started:
            for number in range(rig.rounds):
                for algorithm in ALGORITHMS:
                    for what, value in read(contender, algorithm).items():
                        rig.results.add(GROUP, f"{algorithm}, {what}", contender.name, value)
                        say(f"{GROUP}, round {number + 1}: {algorithm}, {what}: {value:.2f}")


def read(contender, algorithm: str) -> dict[str, float]:
    """One reading of all that the master has logged, by the session's own account of it."""
    ended, before = contender.sluice.events("session ended"), contender.cpu_seconds
    with tempfile.TemporaryDirectory(dir=contender.folder) as folder:
        subprocess.run([str(contender.master.kind.folder / "programs" / "mysqlbinlog"), "--no-defaults",
                        "--read-from-remote-server", "--raw", "--to-last-log", f"--result-file={folder}/", "--host=127.0.0.1",
                        f"--port={contender.port}", f"--user={contender.user}", "--ssl-mode=REQUIRED",
                        f"--compression-algorithms={algorithm}", "binlog.000002"],
                       env=os.environ | {"MYSQL_PWD": contender.password}, check=True)
    session = waiting.until("the session has ended",
                            lambda: contender.sluice.events("session ended")[len(ended):], timeout=30)[0]
    cost = contender.cpu_seconds - before
    size, packed = session["bytes"], session.get("compressed_bytes") or session["bytes"]
    return {"times smaller": size / packed, "MB of binlog for a second of CPU": size / cost / 1e6}

"""The program mysqlbinlog, reading through a relay."""

from __future__ import annotations

import subprocess


def command(kind, relay, *options: str) -> list[str]:
    tls = [f"--ssl-ca={relay.ca}"] + ([] if kind.mariadb else ["--ssl-mode=VERIFY_CA"])
    return [str(kind.folder / "programs" / "mysqlbinlog"), "--no-defaults", "--read-from-remote-server",
            "--host=127.0.0.1", f"--port={relay.port}", "--user=replica", "--password=replica-secret",
            *tls, *options]


def run(arguments: list[str], **options):
    done = subprocess.run(arguments, capture_output=True, timeout=60, **options)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout

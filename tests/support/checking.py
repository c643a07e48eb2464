"""sluice check as the tests run it."""

from __future__ import annotations

import json
import os
import subprocess

from sluice import PROGRAM

SECRETS = ("relay-secret", "replica-secret", "dba-secret", "direct-secret")
DBA, DBA_PASSWORD = "dba", "dba-secret"


class Report:
    """What --json says: requirements by subject and name."""

    def __init__(self, done: subprocess.CompletedProcess):
        self.done = done
        everything = json.loads(done.stdout)
        self.summary, self.requirements = everything["summary"], everything["requirements"]

    def __getitem__(self, which: tuple[str, str]) -> dict:
        found = [one for one in self.requirements if (one["subject"], one["name"]) == which]
        assert len(found) == 1, (which, self.requirements)
        return found[0]

    def state(self, subject: str, name: str) -> str:
        return self[subject, name]["state"]

    def remedy(self, subject: str, name: str) -> str:
        return "\n".join(self[subject, name]["remedy"])

    @property
    def troubles(self) -> list[str]:
        """What is neither ok nor skipped, for a message."""
        return [f"{one['subject']}: {one['name']}: {one['state']}: {one['reason']}" for one in self.requirements
                if one["state"] in ("warn", "FAIL")]


def run_check(config, *arguments, dba: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """`dba`: as the account that sees everything."""
    options = [*map(str, arguments)]
    if dba:
        options += ["--as", DBA]
    environment = os.environ | {"SLUICE_CHECK_PASSWORD": DBA_PASSWORD, "SLUICE_REPLICA_PASSWORD": DBA_PASSWORD} | (env or {})
    done = subprocess.run([PROGRAM, "check", config, *options], capture_output=True, text=True, timeout=120,
                          env=environment, stdin=subprocess.DEVNULL)
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr
    return done


def check(config, *arguments, **options) -> Report:
    done = run_check(config, "--json", *arguments, **options)
    assert done.returncode in (0, 1, 2), done.stderr
    report = Report(done)
    wrong = any(one["subject"] == "configuration" and one["state"] == "FAIL" for one in report.requirements)
    assert done.returncode == (2 if wrong else 1 if report.summary["FAIL"] else 0)
    assert sum(report.summary.values()) == len(report.requirements)
    for one in report.requirements:
        assert one["reason"], one
        # Those of the configuration say it in the reason.
        assert one["remedy"] or one["state"] in ("ok", "skip") or one["subject"] == "configuration", one
    return report


def open_dba(server) -> None:
    """An account that may do everything, from anywhere."""
    server.quietly(f"CREATE USER '{DBA}'@'%' IDENTIFIED BY '{DBA_PASSWORD}'",
                   f"GRANT ALL PRIVILEGES ON *.* TO '{DBA}'@'%' WITH GRANT OPTION")


def against(replica) -> list[str]:
    """The options that name a replica."""
    return ["--replica", f"127.0.0.1:{replica.port}", "--replica-user", DBA, "--replica-ca", str(replica.certificates.ca)]

"""conf/demo, the first thing that somebody new runs."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest

import sluice

DEMO = pathlib.Path(__file__).resolve().parents[2] / "conf" / "demo"

has_mariadb = pytest.mark.skipif(
    not (shutil.which("apt-cache") and shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin")),
    reason="mariadb-server-core is not installed")


@has_mariadb
def test_the_demo_shows_what_is_passed_on_and_what_is_not():
    done = subprocess.run([DEMO], env=os.environ | {"SLUICE_BIN": str(sluice.PROGRAM)}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = lambda what: next(line for line in done.stdout.splitlines() if line.startswith(what)).split("  ")[-1].strip()
    for what in ("shop.customers", "shop.orders", "position", "GTID"):
        assert verdict(what) == "equal", done.stdout
    for what in ("users and roles", "mysql.db", "mysql.time_zone_name"):
        assert verdict(what) == "not passed on, as it should be", done.stdout


def test_the_demo_refuses_what_it_does_not_know():
    done = subprocess.run([DEMO, "--kep"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "usage: conf/demo" in done.stderr

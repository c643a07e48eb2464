"""Connections to a relay, as a replica makes them."""

from __future__ import annotations

import contextlib
import time

import pytest

import waiting
from mysql_client import Client, trusting
from packets import ServerError


def knock(relay, user: str = "replica", password: str = "replica-secret", **options) -> Client:
    """Logs in at a relay: over TLS and verifying it where the relay has TLS."""
    if "tls" not in options and relay.replica_tls["mode"] != "disabled":
        options["tls"] = trusting(relay.ca)
    return Client(relay.address, user, password, **options)


@contextlib.contextmanager
def refused(code: int, text: str = ""):
    """Expects an ERR packet with this code and words."""
    with pytest.raises(ServerError, match=text) as caught:
        yield caught
    assert caught.value.code == code, caught.value


def may_come(relay, *login) -> bool:
    """Whether there is room for one more: a session gives its place back just behind the log line of its end."""
    try:
        knock(relay, *login).close()
    except ServerError as error:
        if error.code != 1040:
            raise
        return False
    return True


def connections_made(master, sluice) -> int:
    """How many connections the master ever took, without those by which Sluice looks at it from time to time."""
    def looks(event: str) -> int:
        return sum(f'"event":"{event}"' in line for line in sluice.log)

    def counted_between_looks() -> tuple[int] | None:
        begun = looks("looking at the master")
        made = int(master.sql("SHOW GLOBAL STATUS LIKE 'Connections'")[0][1])
        time.sleep(0.1)  # a look that had begun by then is in the log by now
        return (made - begun,) if looks("master looked at") == begun == looks("looking at the master") else None

    return waiting.until("no look at the master is under way", counted_between_looks)[0]

"""Waiting for something to become true, never for time to pass."""

from __future__ import annotations

import time


# Called all the while; they raise when waiting has lost its sense, because a program has died.
watchers: list = []


class Late(AssertionError):
    """What was waited for did not happen in time."""


def until(what: str, condition, timeout: float = 30.0, every: float = 0.03, tell=lambda: "",
          progress=lambda: None):
    """Returns the first true value of `condition()`; raises Late naming `what`, and what `tell()` says, `timeout` s
    after the value of `progress()` last changed."""
    reached, deadline = progress(), time.monotonic() + timeout
    while True:
        for watch in watchers:
            watch()
        value = condition()
        if value:
            return value
        if progress() != reached:
            reached, deadline = progress(), time.monotonic() + timeout
        if time.monotonic() > deadline:
            raise Late(f"not within {timeout:g} s: {what} {tell()}".rstrip())
        time.sleep(every)

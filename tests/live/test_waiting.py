"""Waiting: it ends when what is waited for is there, or nothing moves any more."""

from __future__ import annotations

import itertools

import pytest

import waiting


def test_the_first_true_value_is_the_answer():
    values = iter([0, "", "there", "later"])
    assert waiting.until("a value", lambda: next(values), every=0) == "there"


def test_waiting_in_vain_names_what_was_waited_for_and_what_is_there_instead():
    with pytest.raises(waiting.Late, match="not within 0.05 s: rain a clear sky"):
        waiting.until("rain", lambda: False, timeout=0.05, tell=lambda: "a clear sky")


def test_it_goes_on_as_long_as_something_moves():
    steps = itertools.count()
    assert waiting.until("ten steps", lambda: next(steps) == 10, timeout=0.05, every=0.02, progress=lambda: str(steps))


def test_it_gives_up_when_nothing_moves_any_more():
    steps = itertools.chain(range(10), itertools.repeat(10))
    reached = []
    with pytest.raises(waiting.Late):
        waiting.until("the eleventh step", lambda: False, timeout=0.05, every=0.01,
                      progress=lambda: reached.append(next(steps)) or reached[-1])
    assert reached[-1] == 10


def test_a_program_that_has_died_ends_it(monkeypatch):
    def died():
        raise RuntimeError("a program has died")

    monkeypatch.setattr(waiting, "watchers", [died])
    with pytest.raises(RuntimeError, match="has died"):
        waiting.until("anything", lambda: True)

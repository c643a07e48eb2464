"""What can happen to a relay while a workload runs, made at random from a seed: connections that are cut at any byte,
or stall; a Sluice that is killed, ended, suspended, or loads its configuration anew."""

from __future__ import annotations

import collections
import random
import signal
import time

import replication
import waiting
from company import Company
from forwarder import Forwarder


class Trouble:
    """For the relayed replica of a company, which goes through `front`. Not for several threads."""

    def __init__(self, company: Company, front: Forwarder, seed: int):
        self.company, self.sluice, self.random = company, company.sluice, random.Random(seed)
        self.roads = (front, company.behind)
        self.made: collections.Counter = collections.Counter()
        self._over = 0  # dumps that trouble has ended
        self._choices = {self.cut: 4, self.cut_at_any_byte: 8, self.stall: 2, self.kill: 3, self.end: 2, self.suspend: 1,
                         self.reload: 2}

    def make(self, least: int, over) -> None:
        """One after the other, each while a dump goes on: at least so many, and until `over()`."""
        number = 0
        while number < least or not over():
            number += 1
            self._wait_for_a_dump()
            one = self.random.choices(list(self._choices), self._choices.values())[0]
            self.made[one.__name__] += 1
            begun = self._dumps()
            one()
            if one not in (self.stall, self.suspend):
                self._over = begun
        for road in self.roads:
            road.allowances.clear()

    def __str__(self) -> str:
        return "; trouble: " + ", ".join(f"{number} x {what}" for what, number in self.made.most_common())

    def cut(self) -> None:
        self.random.choice(self.roads).cut()

    def cut_at_any_byte(self) -> None:
        """The next connections of a road, after so many bytes from the master: within the login, the questions or the
        stream."""
        road, pick = self.random.choice(self.roads), self.random.randint
        road.allowances += [self.random.choice((pick(1, 400), pick(400, 6_000), pick(3_000, 60_000), pick(10_000, 600_000)))
                            for _ in range(pick(1, 3))]
        road.cut()

    def stall(self) -> None:
        road = self.random.choice(self.roads)
        road.pause()
        time.sleep(self.random.uniform(0, 1))
        road.resume()

    def kill(self) -> None:
        self.sluice.kill()
        self.sluice.start()

    def end(self) -> None:
        status = self.sluice.stop()
        assert status == 0, f"Sluice ended with {status}"
        self.sluice.start()

    def suspend(self) -> None:
        self.sluice.process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(0, 1))
        self.sluice.process.send_signal(signal.SIGCONT)

    def reload(self) -> None:
        """With another rule, for which sessions are drained, on tables that are not there."""
        for relay in self.sluice.relays:
            relay.filter["ignore"] = [*self.company.rules.ignore, f"nothing{self.random.getrandbits(32)}.%"]
        self.sluice.reload()

    def _dumps(self) -> int:
        """How many have begun so far."""
        return sum("dump started" in line for line in self.sluice.log)

    def _wait_for_a_dump(self) -> None:
        """One that nothing has ended yet."""
        def goes_on() -> bool:
            replication.start_where_a_cut_has_stopped(self.company.relayed)
            return self._dumps() > self._over
        waiting.until("a dump goes on", goes_on)

"""How many logins a second a core can do, beside the TLS handshakes of `openssl s_server`."""

from __future__ import annotations

import subprocess

import contenders
from children import launch
from rig import Reader, Rig, in_turn, say

ONE_LEG, BOTH_LEGS = "logins, TLS towards the replica", "logins, TLS on both legs"
RATE = "logins/s of CPU time"


class OpensslServer(contenders.Contender):
    """Only answers handshakes, with the certificate that Sluice has."""

    name = "openssl s_server"

    def start(self) -> None:
        pair = self.certificates.relay
        # The end of its input would end it, so it has one that nobody writes to.
        command = ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{self.port}", "-cert", pair.cert,
                   "-key", pair.key]
        self.process = launch([str(part) for part in command], self.folder / "log", stdin=subprocess.PIPE)
        self._wait_until_listening()

    @classmethod
    def version(cls) -> str:
        return contenders.first_line(["openssl", "version"])


class WithPlainMaster(contenders.OurSluice):
    """One handshake for each login, as openssl s_server has it, and the master's connection and login."""

    def set_up(self) -> None:
        self.sluice.relays[0].master["tls"] = {"mode": "disabled"}


def measure(rig: Rig) -> None:
    measure_one(rig, ONE_LEG, [OpensslServer, WithPlainMaster])
    measure_one(rig, BOTH_LEGS, [OpensslServer, contenders.OurSluice, contenders.Router])


def measure_one(rig: Rig, group: str, makes) -> None:
    count = 100 if rig.quick else 500
    with rig.running(makes, tls=True) as started:
        for number, contender in in_turn(started, 1 + rig.rounds):
            options = ["--handshake-only"] if isinstance(contender, OpensslServer) else []
            cpu = contender.cpu_seconds
            with Reader(contender, f"--count={count}", *options, file="", program="bench_logins") as reader:
                reader.line()
            rate = count / (contender.cpu_seconds - cpu)
            if number == 0:
                continue  # what a first time costs is not what is asked for
            rig.results.add(group, RATE, contender.name, rate)
            say(f"{group}, round {number}: {contender.name}: {rate:.0f} {RATE}")

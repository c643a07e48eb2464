"""What the measurements have in common: the programs of the build, a reader as a process, contenders that run."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys

import contenders
import fetching
import sluice
from certificates import Certificates
from children import launch
from report import Results

BUILD = pathlib.Path(os.environ.get("SLUICE_BUILD", pathlib.Path(__file__).resolve().parent.parent / "build"))
sluice.PROGRAM = BUILD / "sluice"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@dataclasses.dataclass
class Rig:
    """Where a measurement takes place."""

    results: Results
    master: object  # a Server of the tests
    certificates: Certificates
    folder: pathlib.Path
    rounds: int
    quick: bool

    @contextlib.contextmanager
    def running(self, makes, tls: bool):
        """The contenders that can be had, all started. They are stopped behind the block."""
        with contextlib.ExitStack() as stack:
            started = []
            for make in makes:
                if make.name in self.results.skipped:
                    continue
                folder = self.folder / f"{len(list(self.folder.iterdir()))}-{make.name.replace(' ', '-')}"
                contender = make(self.master, self.certificates, tls, folder)
                try:
                    contender.start()
                except fetching.Unavailable as error:
                    self.results.skipped[make.name] = str(error)
                    say(f"skipped: {make.name}: {error}")
                    continue
                stack.callback(contender.stop)
                self.results.versions.setdefault(make.name, make.version())
                started.append(contender)
            yield started


def in_turn(started: list, rounds: int):
    """Each round's number, from 0, with each contender: every other round from the last to the first, as it matters
    who comes behind whom."""
    for number in range(rounds):
        for contender in started if number % 2 == 0 else reversed(started):
            yield number, contender


class Reader:
    """bench_reader as a process that prints lines while it runs. It is ended behind a with block."""

    def __init__(self, contender, *options: str, file: str = "binlog.000002", program: str = "bench_reader"):
        self.contender = contender
        command = [BUILD / program, f"--port={contender.port}", f"--user={contender.user}",
                   *(["--tls"] if contender.tls else []), *options, *([file] if file else [])]
        self.errors = contender.folder / "reader.errors"
        self.process = launch([str(part) for part in command], self.errors, stdout=subprocess.PIPE, text=True,
                              env=os.environ | {"BENCH_PASSWORD": contender.password})

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def line(self):
        """The next line that it prints."""
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit(f"bench/run: reading through {self.contender.name}: {self.errors.read_text().strip()}")
        return json.loads(text)

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)


def coordinates(master) -> str:
    """A new binlog file, with nothing in it."""
    master.sql("FLUSH BINARY LOGS")
    return master.coordinates[0]


MIDDLE = (contenders.OurSluice, contenders.HAProxy, contenders.Router)

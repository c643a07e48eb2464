"""What a shell offers behind a line that somebody has begun."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time

BASH = r"""
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
compopt() { [[ $* == "-o default" ]] && echo FILES; }
_sluice
printf '%s\n' "${COMPREPLY[@]}"
"""


def bash(script, *words: str) -> list[str]:
    """The words are split as readline does it; the last one is under the cursor. FILES: names of files."""
    done = subprocess.run(["bash", "-c", BASH, "bash", script, "sluice", *words], capture_output=True, text=True, timeout=10)
    assert not done.stderr, done.stderr
    return done.stdout.split()


class Terminal:
    """An interactive shell."""

    def __init__(self, folder, *command: str):
        child, self.terminal = pty.fork()
        if child == 0:
            os.chdir(folder)
            os.execvpe(command[0], list(command), {"TERM": "dumb", "PATH": os.environ["PATH"], "HOME": str(folder), "PS1": "> ",
                                                   "COLUMNS": "500"})
        self.child = child

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def shows(self, pattern: str, timeout: float = 15.0) -> str:
        """Waits until it has shown that; everything that it has shown since the last time."""
        shown, end = "", time.monotonic() + timeout
        poll = select.poll()
        poll.register(self.terminal, select.POLLIN)
        while not re.search(pattern, shown):
            assert time.monotonic() < end, f"no {pattern!r} in {shown!r}"
            if poll.poll(200):
                shown += os.read(self.terminal, 4096).decode(errors="replace")
        return shown

    def end(self) -> None:
        self.type("\x15exit\n")
        os.close(self.terminal)
        os.waitpid(self.child, 0)

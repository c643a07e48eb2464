"""Processes that do not outlive the test run, however that ends."""

from __future__ import annotations

import ctypes
import signal
import subprocess

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def launch(command: list, log_file, **more) -> subprocess.Popen:
    """Starts a program without input whose output is appended to a file; `more` is for Popen."""
    with open(log_file, "ab") as log:
        usual = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        return subprocess.Popen(command, start_new_session=True,
                                preexec_fn=lambda: _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), **usual | more)

"""Containers of a test run alone: their images, settings and places are in a folder of its own."""

from __future__ import annotations

import os
import pathlib
import platform
import shutil
import subprocess

from children import launch

BASE = "docker.io/library/debian:12-slim"
HOOKS = "/usr/share/mmdebstrap/hooks/maybe-merged-usr"

# No cgroups: containers stay in those of the test. And limits that may be set everywhere: podman's are a million.
SETTINGS = """\
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
"""
# crun refuses a machine that has cgroups of both versions: it sees one without those of version 2. What podman
# mounts is gone with its process.
APART = ["unshare", "--mount", "sh", "-c", 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"', "sh"]


class Unavailable(Exception):
    pass


class Podman:
    def __init__(self, folder: pathlib.Path):
        if os.geteuid() != 0:
            raise Unavailable("containers without root are another matter")
        for program in ("podman", "mmdebstrap"):
            if not shutil.which(program):
                raise Unavailable(f"there is no {program}")
        folder.mkdir()
        self.folder, settings = folder, folder / "containers.conf"
        settings.write_text(SETTINGS)
        self.environment = os.environ | {"CONTAINERS_CONF": str(settings), "TMPDIR": str(folder)}

    def command(self, *words) -> list[str]:
        places = [f"--{name}={self.folder / name}" for name in ("root", "runroot", "tmpdir")]
        return [*APART, "podman", *places, *map(str, words)]

    def __call__(self, *words) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*words), env=self.environment, capture_output=True, text=True, timeout=600)

    def run(self, *words) -> subprocess.CompletedProcess:
        return self("run", "--rm", "--network=host", *words)

    def launch(self, log_file: pathlib.Path, *words) -> subprocess.Popen:
        """Runs a container. A signal to the process goes to the container's, and its exit status comes from there."""
        # The time is for a test run that is killed: the container is no child of it.
        command = self.command("run", "--rm", "--network=host", "--log-driver=none", "--timeout=600", *words)
        return launch(command, log_file, env=self.environment)

    def make_base(self) -> None:
        """The image that others begin with, of this machine's release: what is built here is for that one."""
        listed = [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]
        sources = [path for path in listed if path.suffix in (".list", ".sources") and path.exists()]
        packed = self.folder / "base.tar"
        made = subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=apt", f"--hook-dir={HOOKS}", "--include=usr-is-merged",
             # As in the real one, and less to do.
             '--aptopt=Acquire::Languages "none"', '--customize-hook=cd "$1/usr/share" && rm -r doc locale man',
             platform.freedesktop_os_release()["VERSION_CODENAME"], packed, *sources],
            capture_output=True, text=True, timeout=600)
        if made.returncode:
            raise Unavailable(f"no base image could be made: {made.stderr.strip().splitlines()[-1]}")
        imported = self("import", packed, BASE)
        assert imported.returncode == 0, imported.stderr
        packed.unlink()
        ran = self.run(BASE, "true")
        if ran.returncode:
            raise Unavailable(f"podman runs no container here: {ran.stderr.strip()}")

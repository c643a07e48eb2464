"""Certificates of a test run, made with the openssl program: one authority, and everything that can be
wrong with what it signs."""

from __future__ import annotations

import dataclasses
import datetime
import pathlib
import subprocess

SERVER_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
# MySQL 5.6 and 5.7 look at the common name only, and an address there is an address to them.
COMMON_NAMES = {"client": "a client", "elsewhere": "db.example.net"}
# For `openssl ca`; `openssl x509` can choose a beginning only since 3.4.
CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = {folder}/issued.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
"""


@dataclasses.dataclass(frozen=True)
class Pair:
    cert: pathlib.Path
    key: pathlib.Path


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def days_from_now(days: int) -> str:
    """As `openssl ca` takes it."""
    return f"{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days):%y%m%d%H%M%SZ}"


class Authority:
    """A certificate authority."""

    def __init__(self, folder: pathlib.Path, name: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.name = folder, name
        self.ca, self.key = folder / "ca.pem", folder / "ca.key"
        (folder / "ca.conf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "issued.txt").touch()
        make_key(self.key)
        self._issue(self.ca, self.key, name, "basicConstraints=critical,CA:true\nsubjectKeyIdentifier=hash",
                    "-selfsign", "-days", "3650")

    def sign(self, name: str, extension: str = SERVER_NAMES, *validity: str) -> Pair:
        """A certificate for `name`; `validity` are options of `openssl ca` (default: a year)."""
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        make_key(pair.key)
        self._issue(pair.cert, pair.key, COMMON_NAMES.get(name, "127.0.0.1"), extension, "-cert", self.ca,
                    *(validity or ("-days", "365")))
        return pair

    def _issue(self, cert: pathlib.Path, key: pathlib.Path, common_name: str, extension: str, *options: object) -> None:
        """One that began two days ago: yaSSL takes one that began within the last minute for one that has not begun."""
        request, extensions = cert.with_suffix(".csr"), cert.with_suffix(".ext")
        extensions.write_text(extension + "\n")
        openssl("req", "-new", "-key", key, "-subj", f"/CN={common_name}", "-out", request)
        openssl("ca", "-batch", "-notext", "-config", self.folder / "ca.conf", "-keyfile", self.key, "-in", request,
                "-extfile", extensions, "-startdate", days_from_now(-2), "-out", cert, *options)


def make_key(path: pathlib.Path) -> None:
    # PKCS#1: MySQL 5.6 and 5.7 with yaSSL read nothing else.
    openssl("genrsa", "-traditional", "-out", path, 2048)


class Certificates:
    """What a run of the tests needs."""

    def __init__(self, folder: pathlib.Path):
        self.authority = Authority(folder / "ours", "Sluice test authority")
        self.ca = self.authority.ca
        self.server = self.authority.sign("server")
        self.relay = self.authority.sign("relay")
        self.client = self.authority.sign("client", "extendedKeyUsage=clientAuth")
        self.elsewhere = self.authority.sign("elsewhere", "subjectAltName=DNS:db.example.net,IP:192.0.2.1")
        self.expired = self.authority.sign("expired", SERVER_NAMES, "-enddate", days_from_now(-1))
        self.stranger = Authority(folder / "other", "Somebody else's authority")
        self.unknown = self.stranger.sign("unknown")

"""Certificates of a test run, made with the openssl program: one authority, and everything that can be
wrong with what it signs."""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess

SERVER_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"
# MySQL 5.6 and 5.7 look at the common name only, and an address there is an address to them.
COMMON_NAMES = {"client": "a client", "elsewhere": "db.example.net"}


@dataclasses.dataclass(frozen=True)
class Pair:
    cert: pathlib.Path
    key: pathlib.Path


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """A certificate authority."""

    def __init__(self, folder: pathlib.Path, name: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.name = folder, name
        self.ca, self.key = folder / "ca.pem", folder / "ca.key"
        make_key(self.key)
        openssl("req", "-x509", "-new", "-key", self.key, "-sha256", "-days", 3650, "-subj", f"/CN={name}",
                "-out", self.ca)

    def sign(self, name: str, extension: str = SERVER_NAMES, *validity: str) -> Pair:
        """A certificate for `name`; `validity` are options of `openssl x509` (default: a year)."""
        pair = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        make_key(pair.key)
        extensions.write_text(extension + "\n")
        openssl("req", "-new", "-key", pair.key, "-subj", f"/CN={COMMON_NAMES.get(name, '127.0.0.1')}", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.key, "-CAcreateserial", "-sha256",
                "-extfile", extensions, "-out", pair.cert, *(validity or ("-days", "365")))
        return pair


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
        self.expired = self.authority.sign("expired", SERVER_NAMES, "-days", "-1")
        self.stranger = Authority(folder / "other", "Somebody else's authority")
        self.unknown = self.stranger.sign("unknown")

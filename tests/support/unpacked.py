"""Programs of the distribution's packages that are not installed: unpacked into a private folder."""

from __future__ import annotations

import pathlib

from catalogue import HOME
from fetching import Apt, Unavailable, locked


def unpacked(name: str, suite: str, package: str) -> pathlib.Path:
    """A package and what it needs, unpacked into a private folder."""
    folder = HOME / name
    with locked(HOME / ".apt.lock"):
        if not (folder / "ready").exists():
            Apt(suite).unpack((package,), folder / "root")
            (folder / "ready").touch()
    return folder


def program(folder: pathlib.Path, path: str, more=()) -> list:
    """A program of such a folder, run with the loader and the libraries beside it."""
    if not (folder / "root" / path).exists():
        raise Unavailable(f"{folder.name}: {path} is not in its package")
    return [*loader(folder, more), folder / "root" / path]


def loader(folder: pathlib.Path, more=()) -> list:
    root = folder / "root"
    places = [*root.glob("usr/lib/*-linux-gnu"), *root.glob("lib/*-linux-gnu"), *more]
    loaders = [loader for place in places for loader in place.glob("ld-linux-*.so.*")]
    if not loaders:
        raise Unavailable(f"{folder.name}: no loader in its packages")
    return [loaders[0], "--library-path", ":".join(map(str, places))]

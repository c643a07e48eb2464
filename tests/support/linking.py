"""sluice link as the tests run it."""

from __future__ import annotations

import re
import subprocess

from sluice import PROGRAM

PASSWORD = "replica-secret"
SECRETS = (PASSWORD, "relay-secret")


def run_link(config, *arguments, given: str = "", status: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([PROGRAM, "link", config, *map(str, arguments)], input=given, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == status, done
    for secret in SECRETS:
        assert secret not in done.stderr
        if "--ask-password" not in arguments:
            assert secret not in done.stdout
    return done


def script(config, *arguments) -> str:
    """With the password in it."""
    return run_link(config, *arguments, "--ask-password", given=PASSWORD + "\n").stdout


def statements(config, *arguments) -> list[str]:
    """One by one, without comments."""
    text = script(config, *arguments, "--comments", "off")
    assert text.endswith(";\n")
    return text.removesuffix(";\n").split(";\n")


def without_comments(text: str) -> list[str]:
    """The statements of a whole text; some have steps between them, and are not printed alone."""
    text = re.sub(r"^/\*\n.*?^\*/\n|^-- .*?\n|^\n", "", text, flags=re.M | re.S)
    return text.removesuffix(";\n").split(";\n")


def client(kind, *arguments) -> list[str]:
    """The mysql or mysqldump of that server, for its socket."""
    program, server, *rest = arguments
    return [str(kind.folder / "programs" / program), "--no-defaults", f"--socket={server.socket}", "--user=root", *map(str, rest)]


def feed(server, text: str) -> None:
    """As somebody pastes it into the command-line client."""
    done = subprocess.run(client(server.kind, "mysql", server, "--batch"), input=text, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + text

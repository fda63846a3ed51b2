"""A walk of every command that talks to a server, with every role, on real sockets (SECURITY AUTHZ-1, ISO-1).

The commands are those that the program has; their arguments are filled with things of each client. Whoever is
limited to one client sees no word of the other and changes nothing of it; without a role nothing works.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.security.test_every_door import CLIENTS, MARKS, belongings, house, things
from tests.web_server import trust
from tests.web_services import Bench, whole_server

from holofleet import samples
from holofleet.cli import app as program
from holofleet.cli.connection import TOKEN_VARIABLE
from holofleet.cli.first_page import SECTIONS
from holofleet.server.authorization import Role
from holofleet.web.limits import Limits

__all__ = ["house"]
_REACHES = ("Connection", "TargetOptions")
"""Types of parameters that say which server a command talks to."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that talks to a server."""

    words: tuple[str, ...]
    function: Callable[..., Any]

    def arguments(self, client: str, folder: Path) -> list[str]:
        """Return arguments about a client's things: what is required, and consent."""
        known = things(client, "/groups/" if "group" in self.words[-1] else "")
        found: list[str] = []
        for name, parameter in inspect.signature(self.function).parameters.items():
            required = parameter.default is inspect.Parameter.empty
            if name == "yes":
                found.append("--yes")
            elif name == "fleet" or (required and "Path" in str(parameter.annotation)):
                found.append(str(folder / "fleet.yaml"))
            elif required:
                value = str(known.get(name, known["serial"] if name == "serials" else "1"))
                keyword = parameter.kind is inspect.Parameter.KEYWORD_ONLY
                found += [f"--{name.replace('_', '-')}", value] if keyword else [value]
        return found


def commands() -> Iterator[Command]:
    """Yield every command that talks to a server."""
    for section in SECTIONS.values():
        for name, listed in section.items():
            module = importlib.import_module(f"holofleet.cli.{listed.module}")
            if not listed.group:
                yield from _reaching((name,), getattr(module, listed.module))
                continue
            for word in module.app:
                if not word.startswith("-"):
                    yield from _reaching((name, word), module.app[word].default_command)


def _reaching(words: tuple[str, ...], function: Any) -> Iterator[Command]:
    parameters = inspect.signature(function).parameters.values() if function is not None else ()
    if any(kind in str(parameter.annotation) for parameter in parameters for kind in _REACHES):
        yield Command(words, function)


COMMANDS = tuple(commands())
ENDING = ("leave", "erase", "retire", "revoke", "wipe", "unenroll", "lost", "remove", "remove-group")


def in_order() -> list[Command]:
    """Return the commands, those that end something last."""
    return sorted(COMMANDS, key=lambda command: (command.words[-1] in ENDING, command.words))


def test_the_walk_finds_the_commands() -> None:
    found = {" ".join(command.words) for command in COMMANDS}
    assert {"plan", "apply", "users list", "tokens issue", "custody out", "audit search"} <= found
    assert len(found) > 40


@dataclass
class Typist:
    """Somebody at a command line, with a token."""

    port: int
    ca: Path
    folder: Path
    capture: pytest.CaptureFixture[str]

    async def types(self, command: Command, client: str) -> tuple[int, str]:
        """Run a command in a thread and return its exit status and all that it said."""
        arguments = [*command.words, *command.arguments(client, self.folder)]
        arguments += ["--server", f"https://localhost:{self.port}", "--ca", str(self.ca)]
        status = await asyncio.to_thread(_status, arguments)
        said = self.capture.readouterr()
        return status, said.out + said.err


def _status(arguments: list[str]) -> int:
    try:
        program.main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


async def walk(made: Bench, folder: Path, capture: pytest.CaptureFixture[str]) -> list[tuple[str, str, int, str]]:
    """Type every command about each client's things; return command, client, exit status and what was said."""
    (folder / "fleet.yaml").write_text(samples.text("cloud-connected")["fleet.yaml"])
    ca = folder / "ca.pem"
    ca.write_text(trust().server_ca.certificate.pem)
    found = []
    async with whole_server(made, limits=Limits().raised("bench", headsets=10_000)) as server:
        typist = Typist(server.listener("people").port, ca, folder, capture)
        for command in in_order():
            for client in CLIENTS:
                status, said = await typist.types(command, client)
                found.append((" ".join(command.words), client, status, said))
    return found


@pytest.mark.parametrize("role", list(Role), ids=str)
async def test_AUTHZ_1_ISO_1_no_command_reaches_into_a_foreign_client(
    house: Bench,
    role: Role,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, house.token("typist", role, clients=["fabrikam"]))
    monkeypatch.chdir(tmp_path)
    before = belongings(house, "northwind"), belongings(house, "own")
    seen = await walk(house, tmp_path, capsys)
    if role is Role.ADMINISTRATOR:
        done = {command for command, client, status, _ in seen if status == 0 and client == "fabrikam"}
        assert len(done) > 15, f"the walk opens too little to prove anything: {done}"
    for command, client, status, said in seen:
        assert status in (0, 1, 2), f"{command}: {said}"
        if client == "fabrikam":
            assert MARKS["northwind"] not in said.casefold(), f"{command}: {said}"
        if role is Role.PROVISIONER:
            assert status == 2, f"{command}: {said}"
    assert (belongings(house, "northwind"), belongings(house, "own")) == before


async def test_AUTHZ_1_without_a_token_that_counts_no_command_does_anything(
    house: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "hf_" + "x" * 43)
    monkeypatch.chdir(tmp_path)
    before = {client: belongings(house, client) for client in CLIENTS}
    for command, _, status, said in await walk(house, tmp_path, capsys):
        assert status == 2, f"{command}: {status} {said}"
        assert not any(mark in said.casefold() for mark in MARKS.values()), f"{command}: {said}"
    assert {client: belongings(house, client) for client in CLIENTS} == before

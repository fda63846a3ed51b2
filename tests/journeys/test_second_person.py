"""Two people at the command line of a real server: a plan and a mass wipe that one of them may not do alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.served_process import Run, ServedProcess, holofleet, served

from holofleet.cli.services import wire
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Role, Scope
from holofleet.server.directory import NewPerson

SCENARIO = "cloud-connected"


class Desk:
    """Lee and Mona, each with a token of their own and no access to the data folder."""

    def __init__(self, server: ServedProcess, tokens: dict[str, Path]) -> None:
        self.server = server
        self._tokens = tokens

    def run(self, who: str, *words: str | Path, cold: bool = False) -> Run:
        way = ("--server", self.server.address, "--ca", self.server.ca, "--token-file", self._tokens[who])
        return holofleet(*words, *way, cold=cold)

    def newest(self, who: str) -> dict[str, str]:
        found: dict[str, str] = self.run(who, "approvals", "list", "--format", "json").json()["approvals"][0]
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    tokens = {}
    with wire(tmp_path / "data") as wired:
        # Who carries out what gives roles, as the first fleet file does, is an administrator.
        for name, role in (("lee", Role.DEPLOYER), ("mona", Role.ADMINISTRATOR)):
            made = wired.services.directory.add(LOCAL_ADMIN, NewPerson(f"{name}@contoso.com"))
            wired.services.directory.give_role(LOCAL_ADMIN, made.id, role)
            # As the console would do for an administrator that is signed in.
            person = Principal(
                PrincipalKind.PERSON, made.upn, frozenset({Role.ADMINISTRATOR, Role.DEPLOYER}), Scope.every()
            )
            issued = wired.services.access.issue_token(person, f"{name}-laptop", [role])
            tokens[name] = tmp_path / f"{name}.token"
            tokens[name].touch(mode=0o600)
            tokens[name].write_text(issued.token)
    with served(tmp_path, "--two-person-plans") as server:
        yield Desk(server, tokens)


def test_a_plan_and_a_mass_wipe_take_two_people(desk: Desk) -> None:
    file = desk.server.data.parent / "fleet.yaml"
    assert holofleet("init", "--scenario", SCENARIO, "--out", file).status == 0

    refused = desk.run("lee", "apply", file, "--yes")
    assert refused.status != 0
    assert "two persons" in refused.error
    assert "two persons" in desk.server.run("apply", file, "--yes").error, "the local administrator needs a reason"

    assert desk.run("lee", "propose", file, "--reason", "first fleet", "--yes", cold=True).status == 0
    proposal = desk.newest("mona")
    own = desk.run("lee", "approvals", "approve", proposal["id"], "--reason", "mine", "--yes")
    assert "own request" in own.error
    early = desk.run("lee", "approvals", "carry-out", proposal["id"], "--yes")
    assert "not approved" in early.error
    approved = desk.run(
        "mona", "approvals", "approve", proposal["id"], "--reason", "read it", "--hash", proposal["hash"], "--yes"
    )
    assert approved.status == 0, approved.error
    carried = desk.run("mona", "approvals", "carry-out", proposal["id"], "--yes", cold=True)
    assert carried.out.splitlines()[-1].startswith("Published"), carried.error
    assert "No changes" in desk.run("lee", "plan", file, cold=True).out

    six = ("--headsets", "6", "--rounds", "2")
    simulated = holofleet("simulate", "--fleet", file, *six, "--data", desk.server.data, cold=True)
    assert simulated.status == 0, simulated.error
    serials = sorted(serial for serial, word in desk.server.words().items() if word != "expected")
    assert len(serials) == 6
    named = [word for serial in serials for word in ("--serial", serial)]

    preview = desk.run("lee", "headsets", "bulk", "wipe", *named, "--preview", "--format", "json").json()
    assert preview["serials"] == serials
    assert "5 headsets" in preview["second_person"]
    assert desk.run("lee", "headsets", "bulk", "reboot", *named, "--yes").status == 0
    everywhere = desk.run(
        "lee", "headsets", "bulk", "sync", "--compliance", "expected", "--preview", "--format", "json"
    )
    assert everywhere.json()["serials"] == [], "who has not enrolled takes no orders"
    assert "which headsets" in desk.run("lee", "headsets", "bulk", "sync", "--yes").error
    asked = desk.run("lee", "headsets", "bulk", "wipe", *named, "--reason", "sold", "--yes")
    assert asked.status == 0, asked.error
    request = desk.newest("mona")
    shown = desk.run("mona", "approvals", "show", request["id"]).out
    assert all(serial in shown for serial in serials)
    assert desk.run("mona", "approvals", "approve", request["id"], "--reason", "yes", "--yes").status == 0
    assert "still be stopped" in desk.run("lee", "approvals", "carry-out", request["id"], "--yes").error
    assert desk.run("lee", "approvals", "refuse", request["id"], "--reason", "the sale is off").status == 0
    assert desk.newest("lee")["status"] == "refused"
    kinds = {row[0] for row in desk.server.rows("SELECT kind FROM order_")}
    assert kinds == {"reboot"}


def test_the_folder_remembers_that_a_plan_takes_two_people(desk: Desk) -> None:
    file = desk.server.data.parent / "fleet.yaml"
    assert holofleet("init", "--scenario", SCENARIO, "--out", file).status == 0
    desk.server.stop()
    assert "two persons" in desk.server.run("apply", file, "--yes").error
    alone = desk.server.run("apply", file, "--yes", "--reason", "the second person is on a ship")
    assert alone.status == 0, alone.error
    search = ("audit", "search", "--action", "publish-state", "--format", "json")
    found = holofleet(*search, "--data", desk.server.data, cold=True).json()["records"]
    assert found[0]["data"]["reason"] == "the second person is on a ship"

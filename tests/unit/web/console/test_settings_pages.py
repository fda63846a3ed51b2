"""The settings pages: where each value comes from, tokens that are shown once, and the freeze."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cyclopts import App
from starlette.testclient import TestClient
from tests.console_world import ORIGIN, ConsoleWorld, console_world
from tests.web_services import web_settings

from holofleet.cli.addresses import addresses
from holofleet.cli.calls import TurnFlags
from holofleet.cli.serve import serve
from holofleet.cli.services import wire
from holofleet.cli.setup import Started, setup_of
from holofleet.cli.sign_in import ProviderFlags
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.web.app import people_app
from holofleet.web.limits import Limits
from holofleet.web.setup import SetupSection, Source


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> tuple[SetupSection, ...]:
    """The facts of a real data folder."""
    said = Started(
        two_person_plans=True,
        database=True,
        sign_in=ProviderFlags(
            oidc_issuer="https://login.contoso.com",
            oidc_client_id="holofleet",
            oidc_secret="env:HOLOFLEET_SECRET_X",
        ),
    )
    where = addresses("127.0.0.1:9443", None, "https://fleet.contoso.com", None)
    with wire(tmp_path_factory.mktemp("setup") / "data", names=("fleet.contoso.com",)) as wired:
        return setup_of(wired, where, Limits(), said)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path) as made:
        yield made


def browser(world: ConsoleWorld, setup: tuple[SetupSection, ...], *roles: Role) -> TestClient:
    app = people_app(world.services, web_settings(setup=setup))
    cookie = {COOKIE_NAME: world.sign_in(*roles)}
    return TestClient(app, base_url=ORIGIN, cookies=cookie, headers={"origin": ORIGIN}, follow_redirects=False)


def csrf(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


def test_every_value_says_where_it_comes_from(setup: tuple[SetupSection, ...]) -> None:
    facts = {fact.title: fact for section in setup for fact in section.facts}
    assert facts["A plan takes"].value == "two people"
    assert facts["A plan takes"].source is Source.COMMAND_LINE
    assert facts["Address handed out"].value == "https://fleet.contoso.com"
    assert facts["Headsets"].source is Source.DEFAULT  # the port beside --listen
    assert facts["Folder of secrets"].source is Source.DEFAULT
    assert facts["A session ends"].source is Source.BUILT_IN
    assert "fleet.contoso.com" in facts["Names in our certificate"].value


def test_every_flag_of_serve_has_its_value_in_the_settings(tmp_path: Path) -> None:
    names = ProviderFlags(oidc_issuer="https://login.contoso.com", oidc_client_id="holofleet")
    proofs = {"oidc_secret": "env:HOLOFLEET_SECRET_X"}, {"oidc_key": Path("client.pem"), "oidc_ca": Path("ca.pem")}
    relays = TurnFlags(turn_url=("turn:relay.contoso.com",), turn_secret_file=Path("relay.secret"))
    where = replace(addresses("127.0.0.1:9443", None, None, None), behind=("10.20.0.7",))
    with wire(tmp_path / "data") as wired:
        said = [Started(sign_in=replace(names, **proof), relays=relays) for proof in proofs]  # type: ignore[arg-type]
        facts = [
            fact for one in said for section in setup_of(wired, where, Limits(), one) for fact in section.facts
        ]
    flags = {
        name
        for argument in App(default_command=serve).assemble_argument_collection()
        for name in argument.names
        if argument.show
    }
    assert "--behind" in flags
    assert {fact.flag for fact in facts if fact.flag} == flags
    (behind,) = {fact.value for fact in facts if fact.flag == "--behind"}
    assert behind == "10.20.0.7"


def test_certificates_are_shown_with_their_fingerprints_and_ends(setup: tuple[SetupSection, ...]) -> None:
    facts = {fact.title: fact for section in setup for fact in section.facts}
    for title in ("Certificate of this server", "CA of this server", "CA of headsets"):
        assert re.fullmatch(r"SHA-256 [0-9a-f]{64}", facts[title].value)
        assert facts[title].ends is not None


def test_no_secret_and_no_database_address_is_a_fact(setup: tuple[SetupSection, ...]) -> None:
    text = repr(setup)
    assert "HOLOFLEET_SECRET_X" not in text
    assert "postgresql://" not in text


def test_each_section_is_a_page(world: ConsoleWorld, setup: tuple[SetupSection, ...]) -> None:
    client = browser(world, setup)
    first = client.get("/settings").text
    for section in setup:
        assert f'href="/settings/{section.key}"' in first
        answer = client.get(f"/settings/{section.key}")
        assert answer.status_code == 200
        assert section.facts[0].title in answer.text
    assert client.get("/settings/nothing").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.HELPDESK, Role.DEPLOYER])
def test_who_only_runs_headsets_sees_no_settings(
    world: ConsoleWorld, setup: tuple[SetupSection, ...], role: Role
) -> None:
    client = browser(world, setup, role)
    assert client.get("/settings").status_code == 403
    assert 'href="/settings"' not in client.get("/").text


def test_a_token_is_shown_once_and_can_be_revoked(world: ConsoleWorld, setup: tuple[SetupSection, ...]) -> None:
    client = browser(world, setup)
    form = {"csrf": csrf(client.get("/settings/tokens").text), "name": "pipeline", "role": "viewer", "days": "30"}
    made = client.post("/settings/tokens", data=form)
    found = re.search(r"<code>(hf_[A-Za-z0-9_-]+)</code>", made.text)
    assert found is not None
    principal = world.access.principal_of_token(found[1])
    assert principal is not None
    assert principal.roles == {Role.VIEWER}
    listed = client.get("/settings/tokens").text
    assert found[1] not in listed
    key = re.search(r'name="token" value="([0-9a-f]+)"', listed)
    assert key is not None
    gone = client.post("/settings/tokens/revoke", data={"csrf": csrf(listed), "token": key[1]})
    assert gone.headers["location"] == "/settings/tokens?done=revoked"
    assert world.access.principal_of_token(found[1]) is None


def test_what_is_wrong_with_a_token_stands_at_its_field(
    world: ConsoleWorld, setup: tuple[SetupSection, ...]
) -> None:
    client = browser(world, setup)
    form = {"csrf": csrf(client.get("/settings/tokens").text), "name": "Ümlaut", "role": "viewer", "days": "30"}
    assert client.post("/settings/tokens", data=form).status_code == 422
    answer = client.post("/settings/tokens", data=form | {"name": "", "days": "9999"})
    assert 'id="name-error"' in answer.text
    assert 'id="days-error"' in answer.text
    assert world.access.tokens(LOCAL_ADMIN) == ()


def test_an_auditor_reads_settings_and_tokens_and_makes_none(
    world: ConsoleWorld, setup: tuple[SetupSection, ...]
) -> None:
    client = browser(world, setup, Role.AUDITOR)
    text = client.get("/settings/tokens").text
    assert "Make a token" not in text
    assert client.get("/settings").status_code == 200


def test_a_freeze_takes_a_reason_and_an_administrator_ends_it(
    world: ConsoleWorld, setup: tuple[SetupSection, ...]
) -> None:
    helpdesk, administrator = browser(world, setup, Role.HELPDESK), browser(world, setup)
    form = {"csrf": csrf(helpdesk.get("/settings/freeze").text), "frozen": "yes"}
    assert helpdesk.post("/settings/freeze", data=form).status_code == 422
    frozen = helpdesk.post("/settings/freeze", data=form | {"reason": "something is wrong"})
    assert frozen.headers["location"] == "/settings/freeze?done=frozen"
    assert "An administrator lets orders go again." in helpdesk.get("/settings/freeze").text
    assert helpdesk.post("/settings/freeze", data=form | {"frozen": "no", "reason": "x"}).status_code == 403
    form = {"csrf": csrf(administrator.get("/settings/freeze").text), "frozen": "no", "reason": "it was nothing"}
    assert administrator.post("/settings/freeze", data=form).status_code == 303
    assert "Orders go out now." in administrator.get("/settings/freeze").text

"""What destroys, or changes who may get in, asks for a sign-in of the last five minutes (WIPE-2, ASVS 7.5.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.console_world import COMPLIANT
from tests.sign_in_world import Browser, SignInWorld, sign_in_world

import holofleet
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import (
    LOCAL_ADMIN,
    Action,
    FreshSignInError,
    Principal,
    PrincipalKind,
    Role,
    Scope,
    Target,
    permit,
)
from holofleet.server.authorization.table import FRESH
from holofleet.server.directory import NewPerson
from holofleet.server.orders import OrderKind
from holofleet.server.webhooks import NoticeKind, Wish

STALE = timedelta(minutes=6)
ADMIN = Principal(PrincipalKind.PERSON, "ana@contoso.com", frozenset({Role.ADMINISTRATOR}), Scope.every(), "s")
Act = Callable[[Any, Principal], object]
WEBHOOK = Wish("erp", "https://erp.contoso.com/hook", frozenset({NoticeKind.CALL_ENDED}), None)
ACTS: dict[str, Act] = {
    "wipe": lambda s, who: s.orders.create(who, COMPLIANT, OrderKind.WIPE, "sold"),
    "unenroll": lambda s, who: s.orders.create(who, COMPLIANT, OrderKind.UNENROLL, "sold"),
    "retire": lambda s, who: s.decisions.retire(who, COMPLIANT, "broken"),
    "mark lost": lambda s, who: s.decisions.mark_lost(who, COMPLIANT, "gone"),
    "revoke enrollment": lambda s, who: s.decisions.revoke(who, COMPLIANT, "copied"),
    "add a person": lambda s, who: s.directory.add(who, NewPerson("eve@contoso.com")),
    "give a role": lambda s, who: s.directory.give_role(who, "alex@contoso.com", Role.DEPLOYER),
    "take a role": lambda s, who: s.directory.take_role(who, "alex@contoso.com", Role.VIEWER),
    "let leave": lambda s, who: s.directory.leave(who, "alex@contoso.com"),
    "invite": lambda s, who: s.sign_in.invite(who, "alex@contoso.com"),
    "void a PIN": lambda s, who: s.custody.pins.void(who, "alex@contoso.com"),
    "keep a secret": lambda s, who: s.custody.owners.own(
        who, "alex@contoso.com", "pin", owner="Service desk", every_days=0
    ),
    "issue a credential": lambda s, who: s.credentials.issue(who, "shop"),
    "issue a token": lambda s, who: s.access.issue_token(who, "ci", [Role.VIEWER]),
    "revoke a token": lambda s, who: s.access.revoke_token(who, "x"),
    "revoke a session": lambda s, who: s.access.revoke_session(who, "x"),
    "cut the audit log": lambda s, who: s.retention.cut(who, before=s.clock.now()),
    "make a webhook": lambda s, who: s.webhooks.add(who, WEBHOOK),
    "erase a person": lambda s, who: s.privacy.erase(who, "alex@contoso.com"),
}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with sign_in_world(tmp_path_factory.mktemp("fresh")) as made:
        made.console.publish()
        made.console.enroll(COMPLIANT)
        made.person("alex@contoso.com", Role.VIEWER)
        made.person("shared@contoso.com")
        yield Stage(made, made.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR))


@dataclass(frozen=True)
class Stage:
    """A fleet, and an administrator in a browser."""

    world: SignInWorld
    ana: Browser

    @property
    def services(self) -> Any:
        return self.world.console.services

    def principal(self) -> Principal:
        found = self.world.console.access.session(self.ana.client.cookies[COOKIE_NAME])
        assert found is not None
        return found

    def grow_stale(self) -> Principal:
        self.world.console.world.clock.advance(STALE)
        return self.principal()

    def prove(self, back: str = "/account") -> str:
        return str(self.ana.go_through("s-ana", purpose="fresh", back=back).headers["location"])

    def records(self) -> int:
        return len(self.services.audit.export(LOCAL_ADMIN, after=0, limit=10_000))


@pytest.mark.parametrize("name", ACTS)
def test_WIPE_2_no_service_does_it_for_a_person_whose_sign_in_is_old(one: Stage, name: str) -> None:
    who = one.grow_stale()
    with pytest.raises(FreshSignInError, match="Prove again that it is you"):
        ACTS[name](one.services, who)


@pytest.mark.parametrize("action", sorted(FRESH))
def test_WIPE_2_the_same_person_may_do_it_after_proving_again(action: Action) -> None:
    target = Target.of_client("own")
    stale = permit(replace(ADMIN, stale=True), action, target)
    assert (stale.allowed, stale.stale) == (True, True)
    stale.require_role()
    with pytest.raises(FreshSignInError):
        stale.require()
    permit(ADMIN, action, target).require()


def test_WIPE_2_everything_that_asks_for_it_is_tried_here() -> None:
    tried = {
        Action.ORDER_WIPE,
        Action.ORDER_UNENROLL,
        Action.RETIRE_HEADSET,
        Action.MARK_LOST,
        Action.REVOKE_ENROLLMENT,
        Action.CHANGE_PEOPLE,
        Action.GRANT_ROLE,
        Action.VOID_PIN,
        Action.KEEP_ACCOUNT_SECRETS,
        Action.ISSUE_CREDENTIAL,
        Action.ISSUE_TOKEN,
        Action.REVOKE_TOKEN,
        Action.REVOKE_SESSION,
        Action.CUT_AUDIT,
        Action.ERASE_PERSON,
        Action.CHANGE_WEBHOOKS,
        # In tests/contract/test_recordings.py: there is something to read there.
        Action.READ_RECORDINGS,
        Action.HOLD_RECORDINGS,
        Action.DELETE_RECORDINGS,
    }
    assert tried == FRESH


def test_WIPE_2_a_stale_session_without_the_role_is_refused_for_the_role() -> None:
    viewer = replace(ADMIN, roles=frozenset({Role.VIEWER}), stale=True)
    assert not permit(viewer, Action.ORDER_WIPE, Target.of_client("own")).allowed


def test_WIPE_2_only_one_place_makes_the_principal_of_a_person() -> None:
    sources = Path(holofleet.__file__).parent.rglob("*.py")
    makers = [
        path.name
        for path in sources
        if re.search(r"\bPrincipal\(\s*(kind=)?PrincipalKind\.PERSON", path.read_text())
    ]
    assert makers == ["service.py"]


def test_WIPE_2_tokens_and_the_machine_s_own_administrator_are_not_asked(one: Stage) -> None:
    one.grow_stale()
    token = one.services.access.issue_token(LOCAL_ADMIN, "robot", [Role.ADMINISTRATOR]).token
    robot = one.services.access.principal_of_token(token)
    one.world.console.world.clock.advance(STALE)
    one.services.directory.give_role(robot, "alex@contoso.com", Role.HELPDESK)
    one.services.directory.take_role(LOCAL_ADMIN, "alex@contoso.com", Role.HELPDESK)


@pytest.mark.parametrize(
    ("path", "form", "page"),
    [
        ("/people/add", {"upn": "lee@contoso.com", "display_name": "Lee & Co"}, "/people/add"),
        ("/people/alex@contoso.com/roles", {"role": "deployer"}, "/people/alex@contoso.com"),
        ("/people/alex@contoso.com/pin", {}, "/people/alex@contoso.com"),
        ("/settings/tokens", {"name": "nightly", "role": "viewer", "days": "30"}, "/settings/tokens"),
        ("/settings/tokens/revoke", {"token": "x"}, "/settings/tokens"),
        (f"/headsets/{COMPLIANT}/orders/retire", {"reason": "a & b"}, f"/headsets/{COMPLIANT}/orders/retire"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_WIPE_2_the_console_asks_and_comes_back_with_what_was_typed(
    one: Stage, path: str, form: dict[str, str], page: str
) -> None:
    one.grow_stale()
    before = one.records()
    answer = one.ana.post(path, **form)
    asked = urlsplit(answer.headers["location"])
    assert (answer.status_code, asked.path) == (303, "/sign-in/again")
    [back] = parse_qs(asked.query)["back"]
    assert urlsplit(back).path.replace("%40", "@") == page
    assert {k: v for k, [v] in parse_qs(urlsplit(back).query).items() if k != "typed"} == form
    assert one.records() == before
    assert one.prove(back) == back
    shown = one.ana.client.get(back)
    assert shown.status_code == 200
    if page == path:
        for typed in form.values():
            assert typed.replace("&", "&amp;") in shown.text


def test_WIPE_2_what_comes_back_is_written_as_text_only(one: Stage) -> None:
    one.prove()
    page = one.ana.client.get("/people/add", params={"typed": "before", "upn": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert 'value="&#34;&gt;&lt;script' in page


def test_WIPE_2_pages_about_these_acts_can_be_read_without_proving_again(one: Stage) -> None:
    one.grow_stale()
    for path in ("/people", "/people/alex@contoso.com", "/settings/tokens", "/sessions"):
        assert one.ana.client.get(path).status_code == 200, path
    leave = one.ana.client.get("/people/alex@contoso.com/leave")
    assert leave.headers["location"].startswith("/sign-in/again?back=%2Fpeople%2F")

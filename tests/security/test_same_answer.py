"""Known and unknown names are answered alike: status, body, and the work that is done for them (SECURITY DIR-2).

Work is counted, not timed: signatures checked, PINs hashed, statements sent to the database. A clock in a test on
a busy machine says nothing about a millisecond.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import webauthn
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import event, insert
from starlette.testclient import TestClient
from tests.console_people import ADELE, ISAIAH, add_people
from tests.console_world import COMPLIANT, ORIGIN, ConsoleWorld, console_world
from tests.unit.server.sign_in.test_passkeys import ASKED, ID, cose, head, shown

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Principal, PrincipalKind, Scope
from holofleet.server.directory import Person
from holofleet.server.sign_in.attempts import COOKIE, read_handle
from holofleet.server.sign_in.encoding import to_base64url
from holofleet.storage.moments import to_micros
from holofleet.storage.tables.sign_in import PASSKEY
from holofleet.web.device import DEVICE_COOKIE

PIN = "482917"


class Work:
    """What was done: how often, by kind."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()

    def counted(self, what: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **more: Any) -> Any:
            self.done[what] += 1
            return real(*args, **more)

        return counting

    @contextmanager
    def of(self, world: ConsoleWorld) -> Iterator[Counter[str]]:
        """Give the work that is done inside, statements by their verb and table."""
        self.done = Counter()

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            found = re.match(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b.*?", statement, re.IGNORECASE)
            self.done[found[1].upper() if found else "other"] += 1

        engine = world.world.database.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield self.done
        finally:
            event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    made = Work()
    verified = made.counted("signature", webauthn.verify_authentication_response)
    monkeypatch.setattr(webauthn, "verify_authentication_response", verified)
    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, made.counted("argon2", getattr(PasswordHasher, name)))
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleWorld]:
    with console_world(tmp_path_factory.mktemp("same-answer")) as made:
        made.publish()
        add_people(made)
        yield made


@pytest.fixture
def people(world: ConsoleWorld) -> dict[str, Person]:
    return {upn: world.services.directory.person(LOCAL_ADMIN, upn) for upn in (ISAIAH, ADELE)}


def browser(world: ConsoleWorld) -> TestClient:
    return TestClient(world.app(), base_url=ORIGIN, headers={"origin": ORIGIN}, follow_redirects=False)


def test_DIR_2_a_passkey_of_nobody_costs_and_says_what_somebody_s_does(
    world: ConsoleWorld, work: Work, people: dict[str, Person]
) -> None:
    known = people[ADELE]
    row = {"id": to_base64url(ID), "client_id": "own", "person_id": known.id, "name": "Key", "uses": 3}
    key = b64encode(cose(ec.generate_private_key(ec.SECP256R1()))).decode()
    with world.world.database.transaction() as connection:
        at = to_micros(world.world.clock.now())
        connection.execute(insert(PASSKEY).values(**row, public_key=key, created_at=at))
    answers, done = [], []
    for name in (to_base64url(ID), to_base64url(bytes(32))):
        client = browser(world)
        begun = client.post("/sign-in/passkey/begin", data={"purpose": "sign-in"})
        data = {"type": "webauthn.get", "challenge": begun.json()["options"]["challenge"], "origin": ORIGIN}
        # Signed for us with a key that is not theirs: everything is looked at, up to the signature.
        said = json.loads(shown(client_data=json.dumps(data).encode(), data=head(rp_id="localhost")))
        with work.of(world) as counted:
            form = {"credential": json.dumps(said | {"id": name, "rawId": name})}
            answer = client.post("/sign-in/passkey/finish", data=form)
        assert COOKIE_NAME not in answer.cookies
        answers.append((answer.status_code, answer.text))
        done.append(dict(counted))
    assert answers[0] == answers[1] == (403, '{"title":"This sign-in did not succeed"}')
    assert done[0] == done[1]
    assert done[0]["signature"] == 1, "also for nobody's"
    assert ASKED.challenge not in str(answers)


def test_DIR_2_a_code_never_given_and_one_that_was_used_cost_and_say_the_same(
    world: ConsoleWorld, work: Work
) -> None:
    link = world.access.one_time_link().token
    services = world.services.sign_in
    receiver = services.receiver_of_token(link, upn="ana@contoso.com", display_name="Ana")
    assert receiver.invitation
    answers, done = [], []
    for code in ("AAAAA-BBBBB-CCCCC-DDDDD", "adele@contoso.com", ""):
        client = browser(world)
        with work.of(world) as counted:
            answer = client.post("/sign-in/code", data={"code": code})
        answers.append((answer.status_code, answer.text))
        done.append(dict(counted))
    assert len(set(answers)) == 1
    assert done[0] == done[1] == done[2]


def test_DIR_2_a_wrong_pin_of_somebody_without_one_and_of_nobody_costs_one_hash_each(
    world: ConsoleWorld, work: Work, people: dict[str, Person]
) -> None:
    who = Principal(PrincipalKind.PERSON, ISAIAH, frozenset(), Scope.every())
    world.services.custody.pins.choose(who, PIN)
    kiosk = world.services.custody.kiosk
    secret = kiosk.pair(kiosk.invite(LOCAL_ADMIN, COMPLIANT).secret)
    answers, hashes, statements = [], [], []
    for person in (people[ISAIAH].id, people[ADELE].id, "0" * 32):
        client = browser(world)
        client.cookies.set(DEVICE_COOKIE, secret)
        form = {"token": kiosk.form_token(secret), "person": person, "pin": "111111", "over": "0"}
        with work.of(world) as counted:
            answer = client.post("/k/pin", data=form)
        answers.append((answer.status_code, answer.text.replace(person, "PERSON")))
        hashes.append(counted["argon2"])
        statements.append(counted["SELECT"])
    assert len(set(answers)) == 1
    assert answers[0][0] == 403
    assert hashes == [1, 1, 1]
    assert statements[1] == statements[2], "who has no PIN is looked for as long as who is not there"


def test_DIR_2_no_door_of_a_stranger_takes_a_name(world: ConsoleWorld) -> None:
    """Names are taken in two places, and both ask for a secret first: the link of the start, a paired headset."""
    client = browser(world)
    page = client.get("/sign-in").text
    fields = set(re.findall(r'<input[^>]*name="(\w+)"', page)) | set(re.findall(r'<select[^>]*name="(\w+)"', page))
    assert fields <= {"purpose", "back", "code", "csrf"}, "nothing to type but a code"
    options = client.post("/sign-in/passkey/begin", data={"purpose": "sign-in", "upn": ADELE}).json()["options"]
    assert options.get("allowCredentials", []) == [], "the authenticator says whose it is"
    handle = read_handle(client.cookies[COOKIE], b"")
    assert handle is not None
    named = [client.get("/sign-in", params={"token": "x" * 43, "upn": upn}) for upn in (ADELE, "no@contoso.com")]
    assert named[0].text.replace(ADELE, "") == named[1].text.replace("no@contoso.com", "")
    for path in ("/k/pin?begins=A", f"/k/pin?person={ADELE}"):
        assert "Adele" not in client.get(path).text, "a browser that is not paired hears no name"

"""Signing in at an OpenID provider, with codes and invitations (SECURITY DIR-1, DIR-2, AUTHZ-3, WIPE-2, WEB-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import text
from tests.console_world import COMPLIANT
from tests.openid_provider import rsa_key, token
from tests.sign_in_world import Browser, SignInWorld, sign_in_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.sign_in.attempts import COOKIE
from holofleet.server.sign_in.client_proof import CertificateKey

FAILED = "This sign-in did not succeed"


@pytest.fixture
def one(tmp_path: Path) -> Iterator[SignInWorld]:
    with sign_in_world(tmp_path) as made:
        yield made


def refused(answer: Any) -> bool:
    assert f"{COOKIE_NAME}=" not in answer.headers.get("set-cookie", "")
    return answer.status_code == 403 and FAILED in answer.text


def test_DIR_1_whoever_is_new_is_somebody_without_any_right(one: SignInWorld) -> None:
    browser = one.browser()
    answer = browser.go_through("s-1", back="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert browser.is_in
    assert browser.client.get("/headsets").status_code == 403
    people = one.console.services.directory.people(LOCAL_ADMIN).people
    assert [(person.roles, person.display_name) for person in people] == [(frozenset(), "Megan Bowen")]
    again = one.browser()
    again.go_through("s-1")
    assert len(one.console.services.directory.people(LOCAL_ADMIN).people) == 1


def test_DIR_1_a_name_or_mail_that_the_provider_says_links_to_nobody(one: SignInWorld) -> None:
    one.signed_in("s-admin", "ana@contoso.com", Role.ADMINISTRATOR)
    one.provider.more = {
        "email": "ana@contoso.com",
        "preferred_username": "ana@contoso.com",
        "upn": "ana@contoso.com",
        "roles": ["administrator"],
    }
    attacker = one.browser()
    attacker.go_through("s-attacker")
    assert attacker.is_in
    assert attacker.client.get("/sessions").status_code == 403
    assert "ana@contoso.com" not in attacker.client.get("/account").text


def test_DIR_1_the_answer_counts_in_the_browser_that_asked_only(one: SignInWorld) -> None:
    victim, attacker = one.browser(), one.browser()
    answer = attacker.at_provider(attacker.begin(), "s-attacker")
    assert refused(victim.back(answer))
    victim.begin()
    assert refused(victim.back(answer))
    assert not victim.signed_in


def test_DIR_1_an_answer_counts_once(one: SignInWorld) -> None:
    browser = one.browser()
    query = browser.at_provider(browser.begin(), "s-1")
    kept = browser.client.cookies[COOKIE]
    assert browser.back(query).status_code == 303
    copy = one.browser()
    copy.client.cookies.set(COOKIE, kept)
    assert refused(copy.back(query))


def test_DIR_1_an_old_attempt_is_worth_nothing(one: SignInWorld) -> None:
    browser = one.browser()
    query = browser.at_provider(browser.begin(), "s-1")
    one.console.world.clock.advance(timedelta(minutes=11))
    assert refused(browser.back(query))


@pytest.mark.parametrize(
    "change", [{"state": "x"}, {"state": ""}, {"iss": "https://login.fabrikam.com"}, {"code": ""}]
)
def test_DIR_1_a_changed_answer_is_refused(one: SignInWorld, change: dict[str, str]) -> None:
    browser = one.browser()
    assert refused(browser.back(browser.at_provider(browser.begin(), "s-1") | change))


def test_DIR_1_an_answer_without_issuer_is_refused_where_the_provider_promises_it(
    one: SignInWorld,
) -> None:
    one.provider.answer_iss = None
    assert refused(one.browser().go_through("s-1"))


def test_DIR_1_a_provider_that_never_names_itself_is_taken_as_it_is(one: SignInWorld) -> None:
    one.provider.answer_iss, one.provider.says_iss = None, False
    browser = one.browser()
    browser.go_through("s-1")
    assert browser.is_in


def _claims(**more: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda claims: claims | more


@pytest.mark.parametrize(
    "change",
    [
        _claims(nonce="somebody-else-s"),
        _claims(iss="https://login.fabrikam.com/realm"),
        _claims(aud="another-client"),
        _claims(exp=1),
        _claims(sub=""),
    ],
    ids=["nonce", "iss", "aud", "exp", "sub"],
)
def test_DIR_1_a_provider_that_misbehaves_signs_nobody_in(
    one: SignInWorld, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    one.provider.change_token = change
    assert refused(one.browser().go_through("s-1"))


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"kid": "other"}], ids=str)
def test_DIR_1_a_token_of_no_key_of_the_provider_signs_nobody_in(one: SignInWorld, header: dict[str, str]) -> None:
    one.provider.make_token = lambda claims: token(claims, one.provider.keys[0], **header)
    assert refused(one.browser().go_through("s-1"))


def test_DIR_1_a_foreign_key_under_the_same_kid_signs_nobody_in(one: SignInWorld) -> None:
    one.provider.make_token = lambda claims: token(claims, rsa_key("k1"))
    assert refused(one.browser().go_through("s-1"))


def test_a_new_key_of_the_provider_is_read_within_a_minute(one: SignInWorld) -> None:
    one.browser().go_through("s-1")
    one.provider.keys = [rsa_key("k2")]
    assert refused(one.browser().go_through("s-1"))
    one.console.world.clock.advance(timedelta(minutes=1))
    assert one.browser().go_through("s-1").status_code == 303


def test_the_code_is_worth_nothing_without_our_verifier_and_our_secret(one: SignInWorld, tmp_path: Path) -> None:
    browser = one.browser()
    browser.go_through("s-1")
    asked = one.provider.asked[-1]
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert one.provider.refused == []
    one.provider.secret = "changed"
    assert refused(one.browser().go_through("s-1"))
    assert one.provider.refused == ["invalid_client"]


def test_nothing_that_opens_an_attempt_stands_in_the_database(one: SignInWorld) -> None:
    browser = one.browser()
    address = browser.begin()
    handle = browser.client.cookies[COOKIE]
    with one.console.world.database.read() as connection:
        rows = [dict(row._mapping) for row in connection.execute(text("SELECT * FROM sign_in_attempt"))]
    asked = one.browser().at_provider(address, "s-1")
    assert len(rows) == 1
    for secret in (handle, asked["state"], asked["code"]):
        assert secret not in str(rows)


def test_DIR_2_an_invitation_is_for_one_person_once(one: SignInWorld) -> None:
    link = one.person("alex@contoso.com", Role.VIEWER)
    browser = one.browser()
    assert "alex@contoso.com" in browser.client.get("/sign-in", params={"token": link}).text
    answer = browser.go_through("s-alex", purpose="link", token=link)
    assert answer.status_code == 303
    assert browser.client.get("/headsets").status_code == 200
    other = one.browser()
    assert other.client.get("/sign-in", params={"token": link}).status_code == 403
    assert other.client.post("/sign-in/provider", data={"purpose": "link", "token": link}).status_code == 403


def test_DIR_2_two_browsers_with_one_invitation_make_one_sign_in(one: SignInWorld) -> None:
    link = one.person("alex@contoso.com", Role.VIEWER)
    first, second = one.browser(), one.browser()
    answers = [
        browser.at_provider(browser.begin(purpose="link", token=link), subject)
        for browser, subject in ((first, "s-1"), (second, "s-2"))
    ]
    one.provider.subject = "s-1"
    assert first.back(answers[0]).status_code == 303
    one.provider.subject = "s-2"
    assert refused(second.back(answers[1]))


@pytest.mark.parametrize("age", [timedelta(hours=24, seconds=1)])
def test_DIR_2_an_old_invitation_opens_nothing(one: SignInWorld, age: timedelta) -> None:
    link = one.person("alex@contoso.com")
    one.console.world.clock.advance(age)
    assert one.browser().client.get("/sign-in", params={"token": link}).status_code == 403


def test_DIR_2_an_identity_of_somebody_cannot_be_linked_to_another(one: SignInWorld) -> None:
    one.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR)
    link = one.person("alex@contoso.com")
    assert refused(one.browser().go_through("s-ana", purpose="link", token=link))


def test_DIR_2_a_changed_factor_ends_other_sessions_and_open_invitations(one: SignInWorld) -> None:
    first = one.signed_in("s-alex", "alex@contoso.com", Role.VIEWER)
    open_link = one.console.services.sign_in.invite(LOCAL_ADMIN, "alex@contoso.com")[1]
    another = one.console.services.sign_in.invite(LOCAL_ADMIN, "alex@contoso.com")[1]
    assert one.browser().client.get("/sign-in", params={"token": open_link}).status_code == 403
    second = one.browser()
    second.go_through("s-alex-2", purpose="link", token=another)
    assert second.is_in
    assert not first.is_in


def test_DIR_2_every_failure_is_the_same_page(one: SignInWorld) -> None:
    used = one.signed_in("s-alex", "alex@contoso.com", Role.VIEWER)
    codes = one.console.services.sign_in.new_codes(_principal(used))
    one.browser().client.post("/sign-in/code", data={"code": codes[0]})
    pages = {
        one.browser().client.post("/sign-in/code", data={"code": code}).text
        for code in (codes[0], "AAAA-" * 6, "", "ana@contoso.com")
    }
    assert len(pages) == 1


def test_DIR_2_failures_of_an_address_are_counted_and_nobody_else_waits(one: SignInWorld) -> None:
    browser = one.browser()
    statuses = [browser.client.post("/sign-in/code", data={"code": "x"}).status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    assert int(browser.client.post("/sign-in/code", data={"code": "x"}).headers["retry-after"]) > 0
    assert one.browser().client.post("/sign-in/code", data={"code": "x"}).status_code == 403


def test_DIR_2_a_restarted_server_or_another_one_beside_it_goes_on_counting(one: SignInWorld) -> None:
    for wanted in (403, 403, 403, 403, 403, 429, 429):
        beside = one.browser("203.0.113.7")  # a whole web side of its own, on the same database
        assert beside.client.post("/sign-in/code", data={"code": "x"}).status_code == wanted


def test_DIR_2_whoever_waits_may_try_again_after_what_the_answer_says(one: SignInWorld) -> None:
    client = one.browser().client
    for _ in range(5):
        client.post("/sign-in/code", data={"code": "x"})
    said = int(client.post("/sign-in/code", data={"code": "x"}).headers["retry-after"])
    one.console.world.clock.advance(timedelta(seconds=said - 1))
    assert client.post("/sign-in/code", data={"code": "x"}).status_code == 429
    one.console.world.clock.advance(timedelta(seconds=1))
    assert client.post("/sign-in/code", data={"code": "x"}).status_code == 403


def test_DIR_2_wrong_codes_and_passkeys_of_others_keep_nobody_at_their_address_out(one: SignInWorld) -> None:
    alex = one.signed_in("s-alex", "alex@contoso.com", Role.VIEWER)
    codes = one.console.services.sign_in.new_codes(_principal(alex))
    site = one.browser("203.0.113.7").client

    def passkey(name: str) -> int:
        said = {"credential": f'{{"id": "{name}"}}'}
        return site.post("/sign-in/passkey/finish", data=said).status_code

    assert [passkey("of-ana") for _ in range(6)] == [403] * 5 + [429]
    assert passkey("of-alex") == 403
    assert site.post("/sign-in/code", data={"code": codes[0]}).headers["location"] == "/account"


def test_DOS_1_a_hundred_failures_an_hour_from_one_address_whatever_is_said(one: SignInWorld) -> None:
    client = one.browser("203.0.113.7").client

    def passkey(number: int) -> int:
        said = {"credential": f'{{"id": "p{number}"}}'}
        return client.post("/sign-in/passkey/finish", data=said).status_code

    assert [passkey(number) for number in range(101)] == [403] * 100 + [429]
    assert client.post("/sign-in/passkey/begin").status_code == 429
    assert client.post("/sign-in/code", data={"code": "x"}).status_code == 429
    assert one.browser("203.0.113.8").client.post("/sign-in/passkey/begin").status_code == 200


def test_recovery_codes_work_once_each_and_new_ones_void_them(one: SignInWorld) -> None:
    browser = one.signed_in("s-alex", "alex@contoso.com", Role.VIEWER)
    page = browser.post("/account/codes")
    codes = [line.split("<")[0] for line in page.text.split('<li class="mono">')[1:]]
    assert len(set(codes)) == 10
    with one.console.world.database.read() as connection:
        rows = str(list(connection.execute(text("SELECT * FROM recovery_code"))))
    assert not any(code in rows or code.replace("-", "") in rows for code in codes)
    typed = codes[0].lower().replace("-", " ")
    assert one.browser().client.post("/sign-in/code", data={"code": typed}).headers["location"] == "/account"
    assert one.browser().client.post("/sign-in/code", data={"code": codes[0]}).status_code == 403
    browser.post("/account/codes")
    assert one.browser().client.post("/sign-in/code", data={"code": codes[1]}).status_code == 403


def test_AUTHZ_3_a_role_counts_from_the_next_request_on(one: SignInWorld) -> None:
    browser = one.signed_in("s-alex", "alex@contoso.com")
    directory = one.console.services.directory
    assert browser.client.get("/headsets").status_code == 403
    directory.give_role(LOCAL_ADMIN, "alex@contoso.com", Role.VIEWER)
    assert browser.client.get("/headsets").status_code == 200
    directory.take_role(LOCAL_ADMIN, "alex@contoso.com", Role.VIEWER)
    assert browser.client.get("/headsets").status_code == 403


def test_AUTHZ_3_whoever_left_is_out_at_once_and_cannot_come_back(one: SignInWorld) -> None:
    browser = one.signed_in("s-alex", "alex@contoso.com", Role.VIEWER)
    codes = one.console.services.sign_in.new_codes(_principal(browser))
    one.console.services.directory.leave(LOCAL_ADMIN, "alex@contoso.com")
    assert not browser.is_in
    assert refused(one.browser().go_through("s-alex"))
    assert refused(one.browser().client.post("/sign-in/code", data={"code": codes[0]}))


def test_AUTHZ_3_nobody_invites_whom_they_may_not_grant(one: SignInWorld) -> None:
    helper = one.signed_in("s-h", "helper@contoso.com", Role.HELPDESK)
    one.person("ana@contoso.com", Role.ADMINISTRATOR)
    with pytest.raises(Exception, match="not allowed"):
        one.console.services.sign_in.invite(_principal(helper), "ana@contoso.com")


def test_DEF_1_the_link_of_the_start_makes_the_first_administrator_and_nothing_else(one: SignInWorld) -> None:
    link = one.console.access.one_time_link().token
    browser = one.browser()
    page = browser.client.get("/sign-in", params={"token": link})
    assert "Create the first administrator" in page.text
    assert f"{COOKIE_NAME}=" not in browser.client.post("/sign-in", data={"token": link}).headers.get(
        "set-cookie", ""
    )
    first = {"purpose": "link", "token": link, "upn": "Ana@Contoso.com", "display_name": "Ana Bowman"}
    assert browser.client.post("/sign-in/provider", data=first | {"upn": "ana"}).status_code == 400
    assert browser.go_through("s-ana", **first).status_code == 303
    assert browser.client.get("/sessions").status_code == 200
    [ana] = one.console.services.directory.people(LOCAL_ADMIN).people
    told = one.console.services.audit.export(LOCAL_ADMIN, after=0, limit=100)
    acts = [(link.action, link.actor) for link in told if link.subject == f"person:{ana.id}"]
    assert acts[:2] == [("change-people", "one-time-link"), ("grant-role", "one-time-link")]
    assert (ana.upn, ana.roles, ana.scope) == ("ana@contoso.com", {Role.ADMINISTRATOR}, Scope.every())
    later = one.console.access.one_time_link().token
    assert one.browser().client.get("/sign-in", params={"token": later}).status_code == 403
    taken = one.browser().client.post("/sign-in/provider", data=first | {"token": later, "upn": "eve@contoso.com"})
    assert taken.status_code == 403


def test_WEB_1_one_s_own_sessions_are_listed_and_ended_and_others_are_not_seen(one: SignInWorld) -> None:
    alex = one.signed_in("s-alex", "alex@contoso.com", Role.VIEWER)
    elsewhere = one.browser()
    elsewhere.go_through("s-alex")
    ana = one.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR)
    ids = {name: _principal(browser).id for name, browser in (("alex", alex), ("two", elsewhere), ("ana", ana))}
    page = alex.client.get("/account").text
    assert ids["two"] in page
    assert ids["ana"] not in page
    assert alex.post("/account/end", session=ids["ana"]).status_code == 404
    assert ana.is_in
    assert alex.post("/account/end", session=ids["two"]).status_code == 303
    assert not elsewhere.is_in
    assert "alex@contoso.com" in ana.client.get("/sessions").text
    assert ana.post("/account/end", session=ids["alex"]).status_code == 303
    assert not alex.is_in


def test_WIPE_2_a_wipe_asks_for_a_sign_in_of_the_last_five_minutes(one: SignInWorld) -> None:
    one.console.publish()
    one.console.enroll(COMPLIANT)
    browser = one.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR)
    wipe = f"/headsets/{COMPLIANT}/orders/wipe"
    assert browser.client.get(wipe).status_code == 200
    one.console.world.clock.advance(timedelta(minutes=6))
    again = browser.client.get(wipe)
    assert again.headers["location"].startswith("/sign-in/again?back=")
    answer = browser.post(wipe, serial=COMPLIANT, reason="sold & gone")
    assert answer.headers["location"].startswith("/sign-in/again?back=")
    assert one.console.world.orders.listed(Scope.every(), COMPLIANT) == ()
    page = browser.client.get(answer.headers["location"]).text
    back = f"{wipe}?typed=before&serial={COMPLIANT}&reason=sold+%26+gone"
    assert back.replace("&", "&amp;") in page
    assert browser.go_through("s-ana", purpose="fresh", back=back).headers["location"] == back
    assert "sold &amp; gone" in browser.client.get(back).text
    assert browser.post(wipe, serial=COMPLIANT, reason="sold").status_code == 303
    assert len(one.console.world.orders.listed(Scope.every(), COMPLIANT)) == 1


def test_WIPE_2_an_old_sign_in_at_the_provider_or_somebody_else_s_proves_nothing(one: SignInWorld) -> None:
    browser = one.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR)
    one.console.world.clock.advance(timedelta(minutes=6))
    assert refused(browser.go_through("s-other", purpose="fresh"))
    one.provider.change_token = lambda claims: claims | {"auth_time": claims["auth_time"] - 3600}
    assert refused(browser.go_through("s-ana", purpose="fresh"))
    one.provider.change_token = lambda claims: {name: v for name, v in claims.items() if name != "auth_time"}
    assert refused(browser.go_through("s-ana", purpose="fresh"))
    assert _principal(browser).stale


def test_WIPE_2_a_session_by_single_sign_on_of_an_hour_ago_is_not_fresh(one: SignInWorld) -> None:
    one.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR)
    one.provider.signed_in_s_ago = 3600
    browser = one.browser()
    browser.go_through("s-ana")
    assert browser.is_in
    assert _principal(browser).stale
    assert browser.post("/account/codes").headers["location"].startswith("/sign-in/again")


@pytest.mark.parametrize(
    "back",
    ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "javascript:alert(1)", "\t//x"],
)
def test_nobody_is_sent_to_another_site_after_a_sign_in(one: SignInWorld, back: str) -> None:
    assert one.browser().go_through("s-1", back=back).headers["location"] == "/"


def _principal(browser: Browser) -> Any:
    found = browser.world.console.access.session(browser.client.cookies[COOKIE_NAME])
    assert found is not None
    return found


def test_a_certificate_proves_who_we_are_as_well_as_a_secret(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "holofleet")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    with sign_in_world(tmp_path, proof=CertificateKey(pem)) as one:
        one.provider.assertion_key = key.public_key()
        browser = one.browser()
        browser.go_through("s-1")
        assert browser.is_in
        assert one.provider.refused == []


def test_AUTHZ_3_a_token_never_exceeds_its_maker_as_the_maker_is_now(one: SignInWorld) -> None:
    access, directory = one.console.access, one.console.services.directory
    one.person("eve@contoso.com", Role.ADMINISTRATOR)
    ana = one.signed_in("s-ana", "ana@contoso.com", Role.ADMINISTRATOR, Role.VIEWER)
    text = access.issue_token(_principal(ana), "ci", [Role.DEPLOYER, Role.VIEWER]).token
    made = access.principal_of_token(text)
    assert made is not None
    assert made.roles == {Role.DEPLOYER, Role.VIEWER}
    directory.take_role(LOCAL_ADMIN, "ana@contoso.com", Role.ADMINISTRATOR)
    lessened = access.principal_of_token(text)
    assert lessened is not None
    assert lessened.roles == {Role.VIEWER}
    directory.leave(LOCAL_ADMIN, "ana@contoso.com")
    assert access.principal_of_token(text) is None

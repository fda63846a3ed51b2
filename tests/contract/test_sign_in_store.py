"""Factors, attempts and invitations on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.identity import NOW, Identity

from holofleet.errors import ConflictError
from holofleet.server.access import Grant, digest_of
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import Role, Scope
from holofleet.server.sign_in.values import (
    Attempt,
    Invitation,
    LinkedIdentity,
    Method,
    Passkey,
    Proof,
    Purpose,
)
from holofleet.storage.database import Database
from holofleet.storage.identity import StoredSignIn

AUDIT = AuditRecord("local-admin", "test", "person:")
ISSUER = "https://login.contoso.com"


def attempt(digest: str = "a" * 64, **more: object) -> Attempt:
    return replace(
        Attempt(digest, Purpose.LINK, Method.PASSKEY, NOW, NOW + timedelta(minutes=10)),
        **more,  # type: ignore[arg-type]  # any field of an attempt
    )


def passkey(key: str = "p1", uses: int = 0) -> Passkey:
    return Passkey(key, "", "Laptop", b"key", uses, NOW)


@pytest.fixture
def identity(database: Database) -> Identity:
    return Identity(database)


@pytest.fixture
def store(identity: Identity) -> StoredSignIn:
    return StoredSignIn(identity.database, epoch=1)


def administrator(store: StoredSignIn, identity: Identity, *, uses: int = 0) -> str:
    """Make the first administrator with a passkey; return their id."""
    token = identity.access.one_time_link().token
    wish = attempt(invitation=digest_of(token), upn="ana@contoso.com", display_name="Ana")
    made = store.add_factor(wish, passkey(uses=uses), at=NOW, audit=AUDIT)
    assert made is not None
    return made


def opened(store: StoredSignIn, identity: Identity, person: str, proof: Proof) -> str | None:
    new, found = identity.access.new_session(Grant("ana@contoso.com", frozenset(), Scope.of()))
    good = store.open_session(new, person, proof, browser="Firefox", audit=AUDIT)
    return found.cookie if good else None


def test_an_attempt_is_taken_once_in_its_time_and_epoch(store: StoredSignIn, identity: Identity) -> None:
    for digest in ("a" * 64, "b" * 64, "c" * 64):
        store.begin(attempt(digest, back="/x", session_id="s"))
    assert store.take("a" * 64, at=NOW) == attempt(back="/x", session_id="s")
    assert store.take("a" * 64, at=NOW) is None
    assert store.take("b" * 64, at=NOW + timedelta(minutes=10)) is None
    assert StoredSignIn(identity.database, epoch=2).take("c" * 64, at=NOW) is None
    assert store.take("d" * 64, at=NOW) is None


def test_a_passkey_whose_count_does_not_grow_is_a_copy(store: StoredSignIn, identity: Identity) -> None:
    person = administrator(store, identity, uses=5)
    for uses, good in ((5, True), (5, False), (4, False), (9, True), (9, False), (10, True)):
        proof = Proof(Method.PASSKEY, NOW, passkey="p1", uses=uses)
        assert (opened(store, identity, person, proof) is not None) is good, uses


def test_a_passkey_that_keeps_no_count_is_taken_each_time(store: StoredSignIn, identity: Identity) -> None:
    person = administrator(store, identity)
    for _ in range(3):
        assert opened(store, identity, person, Proof(Method.PASSKEY, NOW, passkey="p1"))


def test_a_session_has_the_rights_of_now(store: StoredSignIn, identity: Identity) -> None:
    person = administrator(store, identity)
    cookie = opened(store, identity, person, Proof(Method.PASSKEY, NOW, passkey="p1"))
    found = identity.access.session(cookie or "")
    assert found is not None
    assert (found.name, found.roles, found.scope) == ("ana@contoso.com", {Role.ADMINISTRATOR}, Scope.every())
    assert store.person_of_session(found.id) == person


def test_a_proof_counts_for_its_own_person_only(store: StoredSignIn, identity: Identity) -> None:
    administrator(store, identity)
    other = store.add_account("x@login.contoso.com", "", LinkedIdentity(ISSUER, "s", "", NOW), at=NOW, audit=AUDIT)
    assert opened(store, identity, other, Proof(Method.PASSKEY, NOW, passkey="p1")) is None
    assert opened(store, identity, other, Proof(Method.OIDC, NOW, identity=(ISSUER, "other"))) is None
    assert opened(store, identity, other, Proof(Method.OIDC, NOW)) is None
    assert opened(store, identity, other, Proof(Method.OIDC, NOW, identity=(ISSUER, "s"))) is not None


def test_an_account_of_a_provider_is_one_person(store: StoredSignIn) -> None:
    identity = LinkedIdentity(ISSUER, "s", "", NOW)
    first = store.add_account("x@login.contoso.com", "", identity, at=NOW, audit=AUDIT)
    assert store.add_account("x@login.contoso.com", "", identity, at=NOW, audit=AUDIT) == first
    assert store.holder_of_identity(ISSUER, "s") == first
    assert store.holder_of_identity(ISSUER + "/", "s") is None


def test_an_invitation_is_used_with_its_factor_or_not_at_all(store: StoredSignIn, identity: Identity) -> None:
    person = administrator(store, identity)
    store.invite(Invitation("i" * 64, person, "local-admin", NOW, NOW + timedelta(hours=24)), audit=AUDIT)
    wish = attempt(invitation="i" * 64, person_id=person)
    with pytest.raises(ConflictError):
        store.add_factor(wish, passkey("p1"), at=NOW, audit=AUDIT)
    assert store.invited("i" * 64, at=NOW) is not None
    assert store.add_factor(wish, passkey("p2"), at=NOW, audit=AUDIT) == person
    assert store.invited("i" * 64, at=NOW) is None
    assert store.add_factor(wish, passkey("p3"), at=NOW, audit=AUDIT) is None
    assert [known.id for known in store.factors(person).passkeys] == ["p1", "p2"]


def test_the_last_factor_stays(store: StoredSignIn, identity: Identity) -> None:
    person = administrator(store, identity)
    with pytest.raises(ConflictError):
        store.remove_factor(person, "p1", keep="", at=NOW, audit=AUDIT)
    assert store.somebody_administers()
    assert not store.remove_factor(person, "p9", keep="", at=NOW, audit=AUDIT)


def test_the_link_of_the_start_takes_nobody_s_place(store: StoredSignIn, identity: Identity) -> None:
    administrator(store, identity)
    with pytest.raises(ConflictError, match="can sign in already"):
        administrator(store, identity)
    assert len(store.factors(administrator_id(store)).passkeys) == 1


def administrator_id(store: StoredSignIn) -> str:
    found = store.passkey("p1")
    assert found is not None
    return found.person_id

"""Issuing identities, on both databases: uses, conflicts, lost answers, races (SECURITY ENR-3, ENR-4, ENR-5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import event, select, update
from tests.identity import MANAGEMENT, Identity, device_ca, request_of, seed

from holofleet.protocols.mde2.enrollment import SecurityTokenRequest
from holofleet.protocols.mde2.faults import FaultKind
from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.enrollment import EnrollmentFaultError
from holofleet.server.pki import Certificate
from holofleet.storage.database import Database
from holofleet.storage.tables.identity import AUDIT, CREDENTIAL, CREDENTIAL_USE
from holofleet.storage.tables.management import DEPLOYMENT, ENROLLMENT, EVENT


@pytest.fixture
def identity(database: Database) -> Identity:
    seed(database)
    return Identity(database)


def _refused(identity: Identity, request: SecurityTokenRequest) -> FaultKind:
    with pytest.raises(EnrollmentFaultError) as caught:
        identity.enroll(request)
    return caught.value.fault.kind


def _use(identity: Identity, certificate: bytes) -> None:
    """Let a headset have spoken with this identity."""
    _set(identity, Certificate(certificate).sha256, cursor='{"session": "1"}')


def _set(identity: Identity, sha256: str, **values: object) -> None:
    with identity.database.transaction() as connection:
        changed = connection.execute(
            update(ENROLLMENT).where(ENROLLMENT.c.certificate_sha256 == sha256).values(**values)
        )
        assert changed.rowcount == 1


def _uses_left(identity: Identity) -> int:
    with identity.database.read() as connection:
        return connection.execute(select(CREDENTIAL.c.uses_left)).scalar_one()


def test_a_headset_gets_an_identity_and_everything_it_needs(identity: Identity) -> None:
    credential = identity.credential()
    key = ec.generate_private_key(ec.SECP256R1())
    request = request_of(
        credential, key=key, device_id="D1", items=(("DeviceName", "HOLO-7"), ("SerialNumber", "003421700101"))
    )
    document = identity.enroll(request)
    (row,) = identity.rows()
    leaf = Certificate(document.certificate)
    assert document.root == device_ca().certificate.der
    assert not device_ca().refusal(leaf.der, identity.clock.now())
    assert leaf.parsed.public_key() == key.public_key()
    assert leaf.parsed.subject.rfc4514_string() == f"CN={row['id']}" == document.application.certificate_subject
    assert (document.application.provider_id, document.application.address) == ("holofleet", MANAGEMENT)
    assert (document.dm_client.device_id, document.dm_client.upn) == (row["id"], credential.username)
    assert (document.dm_client.poll.first_count, document.dm_client.poll.remaining_interval_min) == (2, 1440)
    assert document.dm_client.poll.on_login is False
    assert document.renewal is None
    assert len(document.application.to_client.nonce) == len(document.application.to_server.nonce) == 16
    expected = {
        "certificate_sha256": leaf.sha256,
        "public_key_sha256": leaf.public_key_sha256,
        "device_id": "D1",
        "hardware_id": "HW-1",
        "deployment": "assembly",
        "client_id": "own",
        "standing": "active",
        "device_name": "HOLO-7",
        "claims": '{"SerialNumber": "003421700101"}',
        "serial": None,
    }
    assert {name: row[name] for name in expected} == expected


def test_two_headsets_share_no_secret(identity: Identity) -> None:
    credential = identity.credential(uses=2)
    accounts = []
    for hardware in ("HW-1", "HW-2"):
        application = identity.enroll(request_of(credential, hardware_id=hardware)).application
        accounts += [application.to_client, application.to_server]
    assert len({account.secret for account in accounts}) == len({account.nonce for account in accounts}) == 4


def test_ENR_3_a_use_is_a_headset_and_the_one_too_many_is_refused(identity: Identity) -> None:
    credential = identity.credential(uses=2)
    identity.enroll(request_of(credential, hardware_id="HW-1"))
    identity.enroll(request_of(credential, hardware_id="HW-2"))
    assert _refused(identity, request_of(credential, hardware_id="HW-3")) is FaultKind.DEVICE_CAP_REACHED
    assert len(identity.rows()) == 2


def test_ENR_3_the_retry_after_a_lost_answer_costs_nothing_and_doubles_nothing(identity: Identity) -> None:
    credential = identity.credential()
    first = identity.enroll(request_of(credential))
    again = identity.enroll(request_of(credential))
    (row,) = identity.rows()
    assert (
        row["certificate_sha256"] == Certificate(again.certificate).sha256 != Certificate(first.certificate).sha256
    )
    assert row["standing"] == "active"
    assert _uses_left(identity) == 0


def test_ENR_3_the_same_bytes_posted_again_get_a_certificate_again(identity: Identity) -> None:
    request = request_of(identity.credential())
    identity.enroll(request)
    identity.enroll(request)
    assert len(identity.rows()) == 1


def test_ENR_3_a_headset_that_names_no_hardware_is_counted_by_its_device_id(identity: Identity) -> None:
    credential = identity.credential()
    identity.enroll(request_of(credential, hardware_id="", device_id="D1"))
    identity.enroll(request_of(credential, hardware_id="", device_id="D1"))
    assert (
        _refused(identity, request_of(credential, hardware_id="", device_id="D2")) is FaultKind.DEVICE_CAP_REACHED
    )
    assert len(identity.rows()) == 1


def test_ENR_3_each_use_is_in_the_audit(identity: Identity) -> None:
    credential = identity.credential()
    identity.enroll(request_of(credential))
    identity.enroll(request_of(credential))
    with identity.database.read() as connection:
        rows = connection.execute(
            select(AUDIT.c.actor, AUDIT.c.action, AUDIT.c.data).order_by(AUDIT.c.sequence)
        ).all()
    assert [(row.actor, row.action) for row in rows] == [
        ("local-admin", "issue-credential"),
        (f"credential:{credential.id}", "enroll"),
        (f"credential:{credential.id}", "enroll"),
    ]
    assert ['"first"' in row.data for row in rows[1:]] == [True, False]
    assert identity.audit.verify().intact


def test_ENR_3_a_credential_ends_with_its_life_its_revocation_and_its_epoch(
    identity: Identity, database: Database
) -> None:
    credential = identity.credential(uses=5)
    identity.clock.advance(timedelta(hours=23, minutes=59))
    identity.enroll(request_of(credential, hardware_id="HW-1"))
    identity.clock.advance(timedelta(minutes=1))
    assert _refused(identity, request_of(credential, hardware_id="HW-2")) is FaultKind.AUTHORIZATION
    revoked = identity.credential()
    identity.credentials.revoke(LOCAL_ADMIN, revoked.id)
    assert _refused(identity, request_of(revoked, hardware_id="HW-2")) is FaultKind.AUTHORIZATION
    void = identity.credential()
    restored = Identity(database, clock=identity.clock, epoch=2)
    assert _refused(restored, request_of(void, hardware_id="HW-2")) is FaultKind.AUTHORIZATION
    assert len(identity.rows()) == 1


def test_ENR_3_a_removed_deployment_enrolls_nobody(identity: Identity) -> None:
    credential = identity.credential()
    with identity.database.transaction() as connection:
        connection.execute(update(DEPLOYMENT).where(DEPLOYMENT.c.name == "assembly").values(removed_at=1))
    assert _refused(identity, request_of(credential)) is FaultKind.AUTHORIZATION
    assert _uses_left(identity) == 1


def test_ENR_3_fifty_at_once_with_one_use_give_one_certificate(identity: Identity) -> None:
    credential = identity.credential()
    key = ec.generate_private_key(ec.SECP256R1())
    requests = [
        request_of(credential, hardware_id=f"HW-{number}", key=key if number % 2 else None) for number in range(50)
    ]
    start = threading.Barrier(8)

    def attempt(request: SecurityTokenRequest) -> bytes | None:
        if not start.broken:
            start.wait(10)
            start.abort()
        try:
            return identity.enroll(request).certificate
        except EnrollmentFaultError:
            return None

    def quietly(request: SecurityTokenRequest) -> bytes | None:
        try:
            return attempt(request)
        except threading.BrokenBarrierError:
            return attempt(request)

    with ThreadPoolExecutor(8) as pool:
        issued = [certificate for certificate in pool.map(quietly, requests) if certificate]
    assert len(issued) == 1
    assert [row["certificate_sha256"] for row in identity.rows()] == [Certificate(issued[0]).sha256]
    assert _uses_left(identity) == 0
    assert identity.audit.verify().intact


def test_ENR_4_one_hardware_claimed_at_once_by_many_credentials_has_one_holder(identity: Identity) -> None:
    requests = [request_of(identity.credential()) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(identity.enroll, requests))
    standings = sorted(str(row["standing"]) for row in identity.rows())
    assert standings == ["active"] + ["conflict"] * 7


def test_ENR_4_a_claim_on_a_living_headset_changes_nothing_for_it(identity: Identity) -> None:
    victim = identity.enroll(request_of(identity.credential(), hardware_id="HW-V"))
    _use(identity, victim.certificate)
    (before,) = identity.rows()
    for standing in ("active", "quarantined", "lost"):
        _set(identity, Certificate(victim.certificate).sha256, standing=standing)
        thief = identity.enroll(request_of(identity.credential(), hardware_id="HW-V"))
        rows = {str(row["certificate_sha256"]): row for row in identity.rows()}
        assert rows[Certificate(victim.certificate).sha256] == before | {"standing": standing}
        newcomer = rows[Certificate(thief.certificate).sha256]
        assert newcomer["standing"] == "conflict"
        assert str(before["id"]) in str(newcomer["standing_reason"])


def test_ENR_4_a_shared_credential_takes_over_no_headset_that_spoke(identity: Identity) -> None:
    credential = identity.credential(uses=2)
    victim = identity.enroll(request_of(credential, hardware_id="HW-V"))
    _use(identity, victim.certificate)
    thief = identity.enroll(request_of(credential, hardware_id="HW-V"))
    standings = {str(row["certificate_sha256"]): row["standing"] for row in identity.rows()}
    assert standings[Certificate(victim.certificate).sha256] == "active"
    assert standings[Certificate(thief.certificate).sha256] == "conflict"


def test_ENR_4_a_waiting_order_keeps_its_enrollment(identity: Identity) -> None:
    credential = identity.credential()
    first = identity.enroll(request_of(credential))
    _set(identity, Certificate(first.certificate).sha256, open_orders=1)
    identity.enroll(request_of(credential))
    assert sorted(str(row["standing"]) for row in identity.rows()) == ["active", "conflict"]


@pytest.mark.parametrize(
    "end", [{"standing": "retired"}, {"standing": "revoked"}, {"released_at": 1}, {"certificate_not_after": 1}]
)
def test_ENR_4_what_has_ended_needs_no_decision(identity: Identity, end: dict[str, object]) -> None:
    old = identity.enroll(request_of(identity.credential()))
    _use(identity, old.certificate)
    _set(identity, Certificate(old.certificate).sha256, **end)
    new = identity.enroll(request_of(identity.credential()))
    rows = {str(row["certificate_sha256"]): row for row in identity.rows()}
    assert rows[Certificate(new.certificate).sha256]["standing"] == "active"


def test_ENR_4_a_lost_headset_is_not_forgotten_when_its_certificate_expires(identity: Identity) -> None:
    old = identity.enroll(request_of(identity.credential()))
    _set(identity, Certificate(old.certificate).sha256, standing="lost", certificate_not_after=1)
    identity.enroll(request_of(identity.credential()))
    assert sorted(str(row["standing"]) for row in identity.rows()) == ["conflict", "lost"]


def test_ENR_5_a_key_that_is_known_gets_no_second_certificate(identity: Identity) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    first = identity.enroll(request_of(identity.credential(), key=key))
    for standing in ("active", "retired", "revoked"):
        _set(identity, Certificate(first.certificate).sha256, standing=standing, cursor="x")
        other = request_of(identity.credential(), hardware_id="HW-2", key=key)
        assert _refused(identity, other) is FaultKind.CERTIFICATE_REQUEST
    assert len(identity.rows()) == 1


def test_a_refused_request_leaves_nothing_behind(identity: Identity) -> None:
    credential = identity.credential()
    before = _dump(identity)
    for request in (
        request_of(credential, device_id=""),
        request_of(credential, device_id="x" * 256),
        request_of(credential, hardware_id="a\x07b"),
        request_of(credential, der=b"\x30\x00"),
        request_of(None),
    ):
        _refused(identity, request)
    assert _dump(identity) == before


def test_an_enrollment_killed_at_any_statement_leaves_all_or_nothing(identity: Identity) -> None:
    """The process dies before each statement in turn; then the headset comes again, and has one identity."""
    credential = identity.credential(uses=100)
    step = 0
    while True:
        request = request_of(credential, hardware_id=f"HW-{step}")
        before = _dump(identity)
        with _dying_at(identity, step) as died:
            try:
                identity.enroll(request)
            except KeyboardInterrupt:
                assert _dump(identity) == before
        if not died():
            break
        identity.enroll(request)
        assert len([row for row in identity.rows() if row["hardware_id"] == f"HW-{step}"]) == 1
        step += 1
    assert step >= 8
    assert _uses_left(identity) == 100 - step - 1
    assert identity.audit.verify().intact


def _dump(identity: Identity) -> list[list[tuple[object, ...]]]:
    tables = (CREDENTIAL, CREDENTIAL_USE, ENROLLMENT, EVENT, AUDIT)
    with identity.database.read() as connection:
        return [sorted((tuple(row) for row in connection.execute(select(table))), key=repr) for table in tables]


class _dying_at:  # noqa: N801 - reads as a phrase
    """Let the writer's process die before its statement number ``step``, or before its commit."""

    def __init__(self, identity: Identity, step: int) -> None:
        self._engine = identity.database.engine
        self._left = step
        self._died = False

    def __enter__(self) -> Callable[[], bool]:
        event.listen(self._engine, "before_cursor_execute", self._count)
        event.listen(self._engine, "commit", self._commit)
        return lambda: self._died

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._count)
        event.remove(self._engine, "commit", self._commit)

    def _count(self, *_: object) -> None:
        self._left -= 1
        if self._left < 0 and not self._died:  # it dies once; who looks afterwards is another process
            self._died = True
            raise KeyboardInterrupt

    def _commit(self, *_: object) -> None:
        self._count()

"""The audit chain in the database (SECURITY AUD-1, LEAK-1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import inspect, select, text
from tests.identity import NOW, Identity, request_of, seed
from tests.postgres import as_owner

from holofleet.errors import HolofleetError
from holofleet.server.audit import AuditRecord
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.storage.database import Database
from holofleet.storage.identity import append_audit
from holofleet.storage.tables.identity import AUDIT, AUDIT_PERSONAL


@pytest.fixture
def identity(database: Database) -> Identity:
    seed(database)
    return Identity(database)


def _record(number: int = 0, client: str = "own") -> AuditRecord:
    return AuditRecord(
        "person:a", "order-wipe", f"order:{number}", client, {"reason": f"grüße {number}", "n": number}
    )


def _tamper(database: Database, *statements: str) -> None:
    """Change the chain as somebody would who owns the database."""
    lift = (
        ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete")
        if database.dialect == "sqlite"
        else ("DROP TRIGGER audit_append_only ON audit",)
    )
    with as_owner(database) as connection:
        for statement in (*lift, *statements):
            connection.execute(text(statement))


def test_AUD_1_what_was_written_holds_together(identity: Identity) -> None:
    for number in range(5):
        identity.audit.record(_record(number), at=NOW)
    found = identity.audit.verify()
    assert (found.records, found.intact) == (5, True)
    assert found.head == identity.audit.head().hash
    assert "not excluded" in found.not_excluded


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "UPDATE audit SET data = data"]
)
def test_AUD_1_the_database_refuses_to_change_the_chain(identity: Identity, statement: str) -> None:
    identity.audit.record(_record(), at=NOW)
    with pytest.raises(HolofleetError), identity.database.transaction() as connection:
        connection.execute(text(statement))
    assert identity.audit.verify().records == 1


def test_AUD_1_a_change_that_fails_leaves_no_record(identity: Identity) -> None:
    def fail() -> None:
        with identity.database.transaction() as connection:
            append_audit(connection, _record(), at=NOW, epoch=1)
            raise RuntimeError("power is gone")

    with pytest.raises(RuntimeError):
        fail()
    assert identity.audit.verify().records == 0
    identity.audit.record(_record(), at=NOW)
    assert identity.audit.verify().intact


def test_AUD_1_writers_at_once_make_one_chain(identity: Identity) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: identity.audit.record(_record(number), at=NOW), range(40)))
    found = identity.audit.verify()
    assert (found.records, found.intact) == (40, True)


@pytest.mark.parametrize(
    ("statements", "broken_at"),
    [
        (("UPDATE audit SET actor = 'person:b' WHERE sequence = 3",), 3),
        (("UPDATE audit SET data = '{}' WHERE sequence = 3",), 3),
        (("UPDATE audit SET data = 'broken' WHERE sequence = 3",), 3),
        (("UPDATE audit SET at = at + 1 WHERE sequence = 3",), 3),
        (("UPDATE audit SET epoch = 2 WHERE sequence = 3",), 3),
        (("UPDATE audit SET client_id = '' WHERE sequence = 3",), 3),
        (("DELETE FROM audit WHERE sequence = 3",), 3),
        (("DELETE FROM audit WHERE sequence = 1",), 1),
        (("DELETE FROM audit WHERE sequence = 5",), 5),
        (("UPDATE audit SET sequence = 99 WHERE sequence = 5",), 5),
        (
            (
                "UPDATE audit SET sequence = 99 WHERE sequence = 2",
                "UPDATE audit SET sequence = 2 WHERE sequence = 3",
                "UPDATE audit SET sequence = 3 WHERE sequence = 99",
            ),
            2,
        ),
        (
            (
                "INSERT INTO audit (sequence, epoch, at, actor, action, subject, client_id, data, hash) "
                "SELECT 6, epoch, at, actor, action, subject, client_id, data, 'ab' FROM audit WHERE sequence = 5",
            ),
            6,
        ),
    ],
)
def test_AUD_2_change_deletion_insertion_and_swap_are_detected(
    identity: Identity, statements: tuple[str, ...], broken_at: int
) -> None:
    for number in range(5):
        identity.audit.record(_record(number), at=NOW)
    _tamper(identity.database, *statements)
    found = identity.audit.verify()
    assert not found.intact
    assert found.broken_at == broken_at


def test_AUD_2_a_tail_cut_with_its_head_is_seen_only_against_an_anchor(identity: Identity) -> None:
    for number in range(5):
        anchor = identity.audit.record(_record(number), at=NOW)
    earlier = identity.audit.verify().head
    _tamper(
        identity.database,
        "DELETE FROM audit WHERE sequence > 3",
        "UPDATE audit_head SET sequence = 3, hash = (SELECT hash FROM audit WHERE sequence = 3)",
    )
    without = identity.audit.verify()
    assert without.intact
    assert "cut off" in without.not_excluded
    against = identity.audit.verify([anchor])
    assert anchor.hash == earlier
    assert (against.intact, against.broken_at) == (False, 4)
    assert against.anchors == (anchor,)


def test_AUD_2_a_chain_written_anew_is_seen_only_against_an_anchor(identity: Identity) -> None:
    for number in range(3):
        anchor = identity.audit.record(_record(number), at=NOW)
    _tamper(identity.database, "DELETE FROM audit", "DELETE FROM audit_head")
    for number in range(4):
        identity.audit.record(_record(number + 7), at=NOW)
    assert identity.audit.verify().intact
    assert identity.audit.verify([anchor]).broken_at == 3


def test_AUD_1_a_person_can_be_erased_and_the_chain_stays_whole(identity: Identity) -> None:
    identity.audit.record(AuditRecord("token:ci", "sign-in", "x:1", personal={"name": "Adele Vance"}), at=NOW)
    identity.audit.record(AuditRecord("token:ci", "sign-in", "x:2", personal={"name": "Adele Vance"}), at=NOW)
    with identity.database.read() as connection:
        kept = connection.execute(select(AUDIT.c.data).order_by(AUDIT.c.sequence)).scalars().all()
    assert "Adele" not in "".join(kept)
    assert kept[0] != kept[1]  # equal values do not show that they are equal
    assert identity.audit.erase(1) == 1
    with identity.database.read() as connection:
        left = connection.execute(select(AUDIT_PERSONAL.c.sequence)).scalars().all()
    assert left == [2]
    assert identity.audit.verify().intact


def test_ISO_1_a_limited_reader_sees_the_records_of_its_clients_only(identity: Identity) -> None:
    for client in ("own", "fabrikam", ""):
        identity.audit.record(_record(client=client), at=NOW)
    assert [link.client for link in identity.audit.page(Scope.of("fabrikam"))] == ["fabrikam"]
    assert [link.sequence for link in identity.audit.page(Scope.every(), limit=2)] == [3, 2]
    assert [link.sequence for link in identity.audit.page(Scope.every(), before=2)] == [1]
    assert identity.audit.page(Scope.of()) == ()


def test_LEAK_1_no_secret_stands_in_the_database(identity: Identity) -> None:
    """Whatever was handed out is searched for in every column of every table, as text and as bytes."""
    credential = identity.credential(uses=2)
    request = request_of(
        credential, items=(("EnrollmentData", "canary-enrollment-data"), ("AIKPub", "canary-aik"))
    )
    document = identity.enroll(request)
    link = identity.access.one_time_link()
    opened = identity.access.redeem(link.token)
    assert opened is not None
    fresh = identity.access.one_time_link()
    token = identity.access.issue_token(LOCAL_ADMIN, "ci", [Role.VIEWER])
    application = document.application
    secrets = [
        credential.password,
        credential.password.replace("-", ""),
        link.token,
        fresh.token,
        opened.cookie,
        identity.access.csrf_token(opened.cookie),
        token.token,
        identity.local_token,
        application.to_client.secret,
        application.to_server.secret,
        application.to_client.nonce.hex(),
        "canary-enrollment-data",
        "canary-aik",
    ]
    dump = _dump(identity.database)
    assert credential.username in dump  # the search finds what is there
    for secret in secrets:
        assert secret not in dump
        assert secret.encode().hex() not in dump


def _dump(database: Database) -> str:
    parts = []
    with database.read() as connection:
        for table in inspect(database.engine).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                parts += [value.hex() if isinstance(value, bytes) else str(value) for value in row]
    return "\n".join(parts)

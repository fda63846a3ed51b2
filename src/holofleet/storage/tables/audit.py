"""Tables beside the audit chain: checkpoints that were signed, and cuts; and what keeps the chain append only.

Records may be deleted up to a cut and nowhere else. Whoever writes a cut into the table by hand has no checkpoint
of our key for it, and verification says so.
"""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, Column, Table, Text, event

from holofleet.storage.tables.identity import AUDIT
from holofleet.storage.tables.metadata import METADATA, micros

AUDIT_CHECKPOINT = Table(
    "audit_checkpoint",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    micros("at"),
    micros("sent_at", nullable=True),
)
"""``sent_at``: when the line was sent to where this server cannot change it."""

AUDIT_CUT = Table(
    "audit_cut",
    METADATA,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("line", Text, nullable=False),
    Column("actor", Text, nullable=False),
    micros("at"),
)
"""Records up to ``sequence`` are gone; ``hash`` is that of the last of them, ``line`` its checkpoint."""
AUDIT_CUT.add_is_dependent_on(AUDIT)

_CUT = "COALESCE((SELECT MAX(sequence) FROM audit_cut), 0)"
_REFUSE = "the audit is append only"


def _ddl(dialect: str, *statements: str) -> None:
    for statement in statements:
        ddl = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy leaves its DDL class without annotations
        event.listen(AUDIT_CUT, "after_create", ddl.execute_if(dialect=dialect))


_ddl(
    "sqlite",
    "DROP TRIGGER IF EXISTS audit_no_update",
    "DROP TRIGGER IF EXISTS audit_no_delete",
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN OLD.sequence > {_CUT} "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    f"CREATE TRIGGER audit_cut_no_update BEFORE UPDATE ON audit_cut BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
    f"CREATE TRIGGER audit_cut_no_delete BEFORE DELETE ON audit_cut BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END",
)
_ddl(
    "postgresql",
    "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP = 'DELETE' THEN IF OLD.sequence <= {_CUT} THEN RETURN OLD; END IF; END IF; "
    f"RAISE EXCEPTION '{_REFUSE}'; END $$",
    "CREATE OR REPLACE FUNCTION audit_untouchable() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$",
    # It runs with the rights of the owner, so that temporary tables of whoever calls it come last.
    "DO $do$ BEGIN EXECUTE format('CREATE OR REPLACE FUNCTION audit_delete_cut() RETURNS bigint LANGUAGE plpgsql "
    "SECURITY DEFINER SET search_path = pg_catalog, %%I, pg_temp AS $$ DECLARE gone bigint; BEGIN "
    "SELECT COALESCE(MAX(sequence), 0) INTO gone FROM audit_cut; DELETE FROM audit WHERE sequence <= gone; "
    "GET DIAGNOSTICS gone = ROW_COUNT; RETURN gone; END $$', current_schema()); END $do$",
    "REVOKE ALL ON FUNCTION audit_delete_cut() FROM PUBLIC",
    "DROP TRIGGER IF EXISTS audit_append_only ON audit",
    "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_untouchable()",
    "CREATE TRIGGER audit_cut_untouchable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_cut "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_untouchable()",
)

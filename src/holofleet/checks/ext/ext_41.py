"""EXT-41: it is decided how your resources are kept from clients."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    if "kind" not in case.spec.model.tenant.model_fields_set:
        yield Fault(
            "nothing says how your resources are kept from clients",
            case.at("tenant"),
            "Write `kind: owning` for restrictions in your own tenant, or `kind: service` for a tenant of its "
            "own.",
            "Both ways are fine. Whoever drifts into one of them has neither its restrictions nor its distance.",
            subject="tenant",
        )


RULE = Rule(
    id="EXT-41",
    title="It is decided how your resources are kept from clients",
    why="Accounts at clients live either in your own tenant, held by layers of restrictions (EXT-42 to EXT-46), "
    "or in a tenant that has nothing else in it (EXT-47).",
    how="`tenant.kind` is written in the file: `owning` or `service`. Left out it means the own tenant, and "
    "nobody decided that. The statement is about deciding, so the file alone proves it.",
    mend="Decide, and write `tenant: {kind: owning}` or `tenant: {kind: service, owner: {...}}`.",
    check=_check,
)

"""SHR-04: an administrator holds the directory roles that setting up accounts and groups takes."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet import catalog
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule

_HIGHER = "global administrator"


def _check(case: Case) -> Iterator[Fault]:
    needed = tuple(catalog.statements()["SHR-04"].params["roles"])
    administrators = [
        (index, person) for index, person in enumerate(case.spec.model.people) if "administrator" in person.roles
    ]
    wanting = {index: _wanting(person.directory_roles, needed) for index, person in administrators}
    if any(not roles for roles in wanting.values()):
        return
    mend = f"Give one administrator the roles and write `directory_roles: [{', '.join(needed)}]`."
    detail = (
        "Shared accounts and their group are made in the directory. Without both roles the work stops half-way: "
        "accounts without a group have no licenses, and a group without accounts serves nobody."
    )
    if not wanting:
        yield Fault(
            f"{case.name} shares accounts and the file has no administrator",
            case.deployment.position,
            mend,
            detail,
        )
        return
    index, roles = min(wanting.items(), key=lambda item: (len(item[1]), item[0]))
    person = case.spec.model.people[index]
    yield Fault(
        f"no administrator holds {' and '.join(needed)}: {person.upn} lacks {' and '.join(roles)}",
        case.at("people", index),
        mend,
        detail,
        subject=f"user:{person.upn}",
    )


def _wanting(held: tuple[str, ...], needed: tuple[str, ...]) -> tuple[str, ...]:
    have = {role.casefold() for role in held}
    return () if _HIGHER in have else tuple(role for role in needed if role.casefold() not in have)


RULE = Rule(
    id="SHR-04",
    title="An administrator holds the roles that accounts and groups need",
    why="Making the accounts takes User Administrator, making their group takes Groups Administrator. Whoever "
    "finds out half-way asks for a role on the day on which headsets should be handed over.",
    how="One person with the role `administrator` lists both roles in `directory_roles`, or Global "
    "Administrator, which holds everything. Two persons with one role each do not do: the work is one person's. "
    "What roles somebody really holds is the directory's to confirm.",
    mend="Assign both roles in the directory and write them in `people`, under `directory_roles`.",
    check=_check,
    verification="the directory shows both roles at the administrator",
)

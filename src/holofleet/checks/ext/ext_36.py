"""EXT-36: clients of one tenant cannot find each other."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks import calls, compartments
from holofleet.checks.case import Case
from holofleet.checks.rule import Fault, Rule


def _check(case: Case) -> Iterator[Fault]:
    clients = compartments.clients(case)
    detail = (
        f"{' and '.join(clients)} share the tenant. Their accounts cannot call each other, and each can find the "
        "names of the other in a search."
    )
    if calls.vendor(case):
        if not compartments.attested(case, "EXT-37", "EXT-38"):
            yield Fault(
                f"clients find each other in searches of {case.name}, and Remote Assist does not part them",
                case.place("assist.product"),
                "Set up information barriers or a scoped search and attest EXT-37 or EXT-38; or write "
                "`assist: {product: holofleet, barrier: client}`.",
                detail,
            )
    elif case.value("assist.barrier") != "client":
        yield Fault(
            f"clients find each other in searches of {case.name}: there is no barrier",
            case.place("assist.barrier"),
            "Write `assist: {barrier: client}`.",
            detail,
        )


RULE = Rule(
    id="EXT-36",
    title="Clients of one tenant cannot find each other",
    why="Your clients may be competitors. That they cannot call each other does not keep one from reading the "
    "names of the other.",
    how="Where the file has two clients or more: calls in holofleet have `assist.barrier: client`; for calls in "
    "Remote Assist somebody attests information barriers (EXT-37) or a scoped search (EXT-38), because nothing "
    "that we write parts the vendor's search. With one client the statement does not apply.",
    mend="Write `assist: {barrier: client}`, or attest what parts the clients.",
    check=_check,
    verification="a search with the account of one client finds nobody of another",
    excused=compartments.alone,
)

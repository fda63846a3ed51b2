"""``holofleet headsets bulk``: one order for several headsets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.output import CLEAN, TextOrJson, Yes, confirm, note, print_json
from holofleet.cli.plan import NO_CONNECTION
from holofleet.diagnostics.render import visible
from holofleet.errors import InputError

_SHOWN = 40


def bulk(
    kind: Annotated[Literal["sync", "reboot", "wipe", "unenroll"], Parameter(help="What to order.")],
    /,
    *,
    serial: Annotated[tuple[str, ...], Parameter(negative="", help="A headset; may be given several times.")] = (),
    deployment: Annotated[str | None, Parameter(help="All headsets of this deployment.")] = None,
    client: Annotated[str | None, Parameter(help="All headsets of this client.")] = None,
    site: Annotated[str | None, Parameter(help="All headsets at this site.")] = None,
    compliance: Annotated[str | None, Parameter(help="All headsets with this word.")] = None,
    reason: Annotated[str, Parameter(help="Why; a wipe or an unenrollment needs one.")] = "",
    preview: Annotated[bool, Parameter(negative="", help="Only show which headsets it would reach.")] = False,
    connection: Connection = NO_CONNECTION,
    yes: Yes = False,
    format: TextOrJson = "text",
) -> int:
    """Order one thing of several headsets: shows the exact list, asks, then orders it of all or of none.

    Where a second person is needed, a request for exactly this list is made instead.
    """
    filters = {"deployment": deployment, "client": client, "site": site, "compliance": compliance}
    given = {name: value for name, value in filters.items() if value is not None}
    if bool(given) == bool(serial):
        raise InputError("which headsets?", mend="Name each with --serial, or filter, as by --deployment.")
    if kind in ("wipe", "unenroll") and not preview and not reason.strip():
        raise InputError(f"to {kind} several headsets needs a reason", mend="Say why with --reason TEXT.")
    wish: dict[str, Any] = {"kind": kind, **given, **({"serials": list(serial)} if serial else {})}
    with connection.open() as api:
        shown = api.post("/orders/bulk", {**wish, "preview": True})["preview"]
        if format == "text":
            _print(shown)
        if preview:
            if format == "json":
                print_json(shown)
            return CLEAN
        act = "Ask for a second person to" if shown["second_person"] else "Go on and"
        confirm(f"{act} {kind} {len(shown['serials'])} headsets?", yes=yes)
        given_orders = api.post("/orders/bulk", {**wish, "reason": reason, "list_hash": shown["hash"]})
    if format == "json":
        print_json(given_orders)
    elif request := given_orders["request"]:
        print(f"Asked as {request['id']}. Somebody else decides: holofleet approvals show {request['id']}")
    else:
        print(f"Ordered: {kind} of {len(given_orders['orders'])} headsets. They are sent when each checks in.")
        print(f"How far they are: holofleet orders progress {given_orders['given']}")
    return CLEAN


def _print(shown: dict[str, Any]) -> None:
    print(f"{shown['kind']} of {len(shown['serials'])} headsets:")
    for serial in shown["serials"][:_SHOWN]:
        print(visible(f"    {serial}"))
    if len(shown["serials"]) > _SHOWN:
        print(f"    and {len(shown['serials']) - _SHOWN} more; see all with --format json")
    for one in shown["left_out"]:
        print(visible(f"    not {one['serial']}: {one['why']}"))
    if shown["second_person"]:
        note(f"This needs a second person: {shown['second_person']}.")

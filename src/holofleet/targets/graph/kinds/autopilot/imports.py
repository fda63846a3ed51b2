"""Registering hardware hashes: many in one import, then waiting until the service has decided each of them.

An import makes a ticket for each headset; tickets are decided within minutes, sometimes an hour. A registered
headset shows in the list of devices after a synchronization, which may be asked for every ten minutes.

Tickets that are decided are left to the service: they can be deleted one by one only, which costs more requests
than reading past them (500 batches against 286 pages for 10,000 headsets).

Source: 'importedWindowsAutopilotDeviceIdentity: import', 'windowsAutopilotSettings: sync', Microsoft Graph
reference; error codes from 'Troubleshoot Autopilot device import' (Microsoft) and public issue threads.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from holofleet.errors import HolofleetError, PeerError
from holofleet.resources import Registration
from holofleet.targets.graph.errors import GraphError, Trouble
from holofleet.targets.graph.operations import Response, autopilot
from holofleet.targets.graph.work import NeverError, Work, ask, until

AT_ONCE: Final = 200
"""Rows of one import; the portal takes 500 in a file. Ours."""
_POLL_S: Final = 20.0
_DECIDED_WITHIN_S: Final = 3_600.0
_LISTED_WITHIN_S: Final = 1_800.0
_ROW: Final = "#microsoft.graph.importedWindowsAutopilotDeviceIdentity"
_ROWS: Final = "importedWindowsAutopilotDeviceIdentities"
_DONE: Final = frozenset({"complete", "error"})
_HERE_ALREADY: Final = 806
_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    801: ("the service could not read the row", "Read the hash from the headset again."),
    802: ("the hardware hash is not valid", "Read the hash from the headset again."),
    803: ("the row has no serial number or product key", "Write the serial number as it stands on the headset."),
    808: (
        "it is registered in another tenant",
        "Its owner has to release it there; nobody else can. Leave it out until then.",
    ),
    809: ("several devices match the row", "Ask the vendor's support which device has this serial number."),
    815: ("several records match the row", "Ask the vendor's support which device has this serial number."),
}


class RegistrationError(PeerError):
    """A headset was not registered."""

    exit_status = 1


def register(
    rows: Sequence[tuple[Registration, bytes]],
) -> Work[dict[str, str | HolofleetError]]:
    """Register headsets; return by serial the id of the registration, or why there is none.

    Args:
        rows: Registrations with their hardware hashes, decoded.
    """
    refused: dict[str, HolofleetError] = {}
    for start in range(0, len(rows), AT_ONCE):
        refused |= yield from _import(rows[start : start + AT_ONCE])
    wanted = frozenset(registration.serial for registration, _ in rows) - refused.keys()
    found: dict[str, str] = {}
    if wanted:
        yield from _synchronize()
        found = yield from _listed(wanted)
    late = wanted - found.keys()
    missing = {
        serial: NeverError(f"{serial}: registered, and not in the list of devices yet", mend="Plan again later.")
        for serial in late
    }
    return {**found, **missing, **refused}


def _import(rows: Sequence[tuple[Registration, bytes]]) -> Work[dict[str, HolofleetError]]:
    """Import rows, wait for all of them, and return those that were refused."""
    mark = str(uuid.uuid4())
    body = {_ROWS: [_row(registration, hash_, mark) for registration, hash_ in rows]}
    answer = yield from ask(autopilot.IMPORT_HASHES.request(body=body))
    ours = {str(row["id"]) for row in answer.value}
    decided = yield from until(
        autopilot.LIST_IMPORTS.request(),
        lambda response: ours <= {str(row["id"]) for row in response.value if _status(row) in _DONE},
        every_s=_POLL_S,
        within_s=_DECIDED_WITHIN_S,
        what=f"the registration of {len(rows)} headsets",
    )
    return dict(_refusals(row for row in decided.value if str(row["id"]) in ours))


def _row(registration: Registration, hash_: bytes, mark: str) -> dict[str, Any]:
    return {
        "@odata.type": _ROW,
        "serialNumber": registration.serial,
        "productKey": registration.product_id,
        "hardwareIdentifier": base64.b64encode(hash_).decode(),
        "groupTag": registration.group_tag,
        "importId": mark,
        "assignedUserPrincipalName": "",
    }


def _status(row: Mapping[str, Any]) -> str:
    return str((row.get("state") or {}).get("deviceImportStatus"))


def _refusals(rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, HolofleetError]]:
    for row in rows:
        state = row.get("state") or {}
        code = int(state.get("deviceErrorCode") or 0)
        if _status(row) == "error" and code != _HERE_ALREADY:
            serial = str(row.get("serialNumber"))
            named = f"{state.get('deviceErrorName')}, code {code}"
            what, mend = _WORDS.get(
                code, (f"the service refused it ({named})", "Look the code up, and plan again.")
            )
            yield serial, RegistrationError(f"{serial} is not registered: {what}", detail=f"{named}.", mend=mend)


def _synchronize() -> Work[None]:
    """Ask for a synchronization; one that runs, or ran a moment ago, is as good."""
    try:
        yield from ask(autopilot.SYNC.request(accept={409, 429}))
    except GraphError as error:
        if error.trouble in (Trouble.PERMISSION, Trouble.INVALID):
            raise
        # Else the service does it by itself every day, and lists headsets then.


def _listed(wanted: frozenset[str]) -> Work[dict[str, str]]:
    """Wait until the list of devices shows the headsets; return the ids of those that it does show."""
    last: list[Response] = []

    def shown(response: Response) -> bool:
        last[:] = [response]
        return wanted <= {str(item.get("serialNumber")) for item in response.value}

    with suppress(NeverError):
        yield from until(
            autopilot.LIST_IDENTITIES.request(),
            shown,
            every_s=_POLL_S,
            within_s=_LISTED_WITHIN_S,
            what="the registered headsets in the list of devices",
        )
    items = last[0].value if last else ()
    return {str(i["serialNumber"]): str(i["id"]) for i in items if str(i.get("serialNumber")) in wanted}

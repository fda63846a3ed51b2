"""Sign-in methods of a user: Windows Hello keys and temporary access passes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from holofleet.emulator.call import Call
from holofleet.emulator.edm import Mode
from holofleet.emulator.message import Family, Response, bad, missing
from holofleet.emulator.routing import NO_CONTENT, Area, Quota, Route, ok
from holofleet.emulator.services.directory.users import find_user
from holofleet.emulator.tenant import Item

_BROAD = "UserAuthenticationMethod.ReadWrite.All"
_AREA = Area(Quota.IDENTITY, Family.DIRECTORY, ("UserAuthenticationMethod.Read.All", _BROAD), (_BROAD,))
_HELLO = "windowsHelloForBusinessMethods"
_PASS = "temporaryAccessPassMethods"  # noqa: S105 - a segment of a path
_LEAST_MINUTES, _MOST_MINUTES = 10, 43_200


def routes() -> Iterator[Route]:
    """Return the routes of sign-in methods."""
    for kind, permission in ((_HELLO, "UserAuthMethod-WindowsHello"), (_PASS, "UserAuthMethod-TAP")):
        base = f"/users/{{id}}/authentication/{kind}"
        read = (f"{permission}.Read.All", f"{permission}.ReadWrite.All", *_AREA.read)
        write = (f"{permission}.ReadWrite.All", *_AREA.write)
        yield Route("GET", base, _list, _AREA, read)
        yield Route("DELETE", f"{base}/{{method}}", _delete, _AREA, write)
        if kind == _PASS:
            yield Route("POST", base, _create_pass, _AREA, write)


def _kind(call: Call) -> str:
    return call.match.route.pattern.split("/")[4]


def _list(call: Call) -> Response:
    user = find_user(call.tenant, call.id())
    methods = user.contained(_kind(call)).values()
    return ok({"value": [{"id": m.id, **m.properties, "temporaryAccessPass": None} for m in methods]})


def _delete(call: Call) -> Response:
    user = find_user(call.tenant, call.id())
    if user.contained(_kind(call)).pop(call.id("method"), None) is None:
        raise missing(call.id("method"))
    return NO_CONTENT


def _create_pass(call: Call) -> Response:
    tenant = call.tenant
    user = find_user(tenant, call.id())
    properties = call.body("temporaryAccessPassAuthenticationMethod", Mode.CREATE).properties
    minutes = properties.setdefault("lifetimeInMinutes", 60)
    if not _LEAST_MINUTES <= minutes <= _MOST_MINUTES:
        raise bad(f"'lifetimeInMinutes' has to be between {_LEAST_MINUTES} and {_MOST_MINUTES}.")
    if user.contained(_PASS):
        raise bad("The user already has a temporary access pass.")
    properties.setdefault("isUsableOnce", False)
    properties |= {
        "createdDateTime": tenant.stamp(),
        "startDateTime": properties.get("startDateTime") or tenant.stamp(),
    }
    identity = tenant.new_id()
    user.contained(_PASS)[identity] = Item(
        identity, "temporaryAccessPassAuthenticationMethod", properties, 0, call.now
    )
    once = hashlib.sha256(identity.encode()).hexdigest()[:8].upper()
    return Response(201, {"id": identity, **properties, "temporaryAccessPass": once})

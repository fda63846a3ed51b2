"""A session of a person, a browser of a headset and a guest: three cookies, none opens another's door (WEB-1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.security.test_every_door import doors_of, furnished, knock, let_in, serial, visitor
from tests.web_services import whole_server

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Action, Role, Scope
from holofleet.web.assist.guest import GUEST_COOKIE
from holofleet.web.device import DEVICE_COOKIE

OPEN = {Action.READ_PUBLIC, Action.SIGN_IN}
OF_HEADSETS = {Action.USE_KIOSK, Action.PLACE_CALL, Action.JOIN_AS_GUEST}


PRESENTED = ("a headset's own", "under the name of a session", "a session as a headset's")


@pytest.mark.parametrize("presented", PRESENTED)
async def test_WEB_1_no_cookie_opens_what_another_kind_is_for(tmp_path: Path, presented: str) -> None:
    with furnished(tmp_path) as made:
        person = visitor(made, Role.ADMINISTRATOR, Scope.every()).cookie
        kiosk = made.services.custody.kiosk
        browser = kiosk.pair(kiosk.invite(LOCAL_ADMIN, serial("fabrikam")).secret)
        cookies = {
            "a headset's own": f"{DEVICE_COOKIE}={browser}; {GUEST_COOKIE}={browser}",
            "under the name of a session": f"{COOKIE_NAME}={browser}",
            "a session as a headset's": f"{DEVICE_COOKIE}={person}; {GUEST_COOKIE}={person}",
        }[presented]
        opened = set()
        async with whole_server(made, pages=None) as server:
            port = server.listener("people").port
            for door in doors_of(made):
                if door.method != "GET" or door.actions & OPEN:
                    continue
                request = f"GET {door.path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n"
                status, headers, _ = await knock(port, request.encode())
                assert status < 500
                if let_in(status, headers):
                    opened.add(door.route)
                    assert door.actions <= OF_HEADSETS, door.path
        assert not opened or presented == "a headset's own"
        assert not [route for route in opened if not re.match(r"/[kh]\b", route)]

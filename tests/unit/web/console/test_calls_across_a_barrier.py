"""Pages of calls for somebody who stands on a side of an information barrier, and for somebody who does not."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient
from tests.kept_calls import CONNECTED, keep_calls
from tests.served_assist import fleet, sign_in
from tests.web_services import Bench, bench, web_settings

from holofleet import desired, spec
from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role
from holofleet.web.app import people_app

LEE, ISAIAH = "lee@contoso.com", "isaiah@contoso.com"
WORDS = "You stand on a side of an information barrier"


def auditor(world: Bench, upn: str) -> TestClient:
    world.services.directory.give_role(LOCAL_ADMIN, upn, Role.AUDITOR)
    cookies = {COOKIE_NAME: sign_in(world, upn)}
    return TestClient(people_app(world.services, web_settings()), base_url="https://localhost", cookies=cookies)


def test_AST_1_a_call_across_a_barrier_is_on_no_page_and_the_list_says_that_barriers_hold(tmp_path: Path) -> None:
    barrier = "[{between: [fabrikam, others]}]"
    with bench(tmp_path) as world:
        world.publish(desired.compile(spec.parse({"fleet.yaml": fleet(barriers=barrier)})))
        keep_calls(world.services.assist.store, client="fabrikam", serial="100", now=world.clock.now())
        lee, isaiah = auditor(world, LEE), auditor(world, ISAIAH)
        kept_from, free = lee.get("/calls").text, isaiah.get("/calls").text
        assert WORDS in kept_from
        assert "No call that you may read." in kept_from
        assert WORDS not in free
        assert f"/calls/{CONNECTED}" in free
        for path in ("", "/marks"):
            assert isaiah.get(f"/calls/{CONNECTED}{path}").status_code == 200
            assert lee.get(f"/calls/{CONNECTED}{path}").status_code == 404

"""Pages of what is in memory: each row once, and no page that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.console_world import ConsoleWorld, console_world

from holofleet.server.authorization import LOCAL_ADMIN
from holofleet.server.directory import Account, NewPerson


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with console_world(tmp_path_factory.mktemp("slices")) as world:
        world.publish()
        shown_licenses(world)
        yield world.client()


def shown_licenses(world: ConsoleWorld) -> None:
    """Accounts of headsets without a license, more than fit on a page."""
    for number in range(70):
        new = NewPerson(f"hl-extra-{number:03}@contoso.com", account=Account.SHARED)
        world.services.directory.add(LOCAL_ADMIN, new)


def lacking(text: str) -> list[str]:
    part = text[text.index('id="lacking-title"') :]
    return re.findall(r'href="/people/([^"]+)"', part)


def test_a_long_report_is_read_page_by_page_and_counts_by_service_plan(browser: TestClient) -> None:
    plans = re.findall(r'href="(/licenses\?plan=[^"]+)"', browser.get("/licenses").text)
    assert len(plans) > 1
    path, seen = plans[0], []
    while path:
        text = browser.get(path).text
        seen += lacking(text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) >= 70


@pytest.mark.parametrize("page", ["0", "999999", "x", "-1", "٣"])
def test_a_page_that_is_not_there_is_the_nearest(browser: TestClient, page: str) -> None:
    answer = browser.get("/licenses", params={"lacking": page})
    assert answer.status_code == 200
    assert lacking(answer.text)
    assert browser.get("/loans", params={"page": page}).text.count('<a href="/loans/') >= 2

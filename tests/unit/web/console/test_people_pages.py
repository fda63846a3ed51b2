"""The directory in the console, read and changed without script."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.console_people import ADELE, CLIENT, GRADY, ISAIAH, LEE, LONG, MEGAN, NESTOR, add_people
from tests.console_world import COMPLIANT, ConsoleWorld, console_world

from holofleet.server.access import COOKIE_NAME
from holofleet.server.authorization import LOCAL_ADMIN, Role, Scope
from holofleet.server.directory import NewPerson, Person


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ConsoleWorld, dict[str, Person]]]:
    """Read only."""
    with console_world(tmp_path_factory.mktemp("people")) as made:
        made.publish()
        yield made, add_people(made, more=60)


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[ConsoleWorld, dict[str, Person]]]:
    with console_world(tmp_path) as made:
        made.publish()
        yield made, add_people(made)


def post(world: ConsoleWorld, browser: TestClient, path: str, **form: str) -> tuple[int, str, str]:
    """Send a form of ours; return status, where it leads, and the text of the page."""
    answer = browser.post(path, data={"csrf": world.access.csrf_token(browser.cookies[COOKIE_NAME]), **form})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_the_list_counts_who_is_here_and_who_left(staffed: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, _ = staffed
    text = world.client().get("/people").text
    assert "67 accounts, 1 administrator, 1 left" in text
    assert "50 on this page of 67" in text
    assert "Grady Archie" not in text


def test_pages_of_the_list_name_everybody_once(staffed: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    browser, path, seen = staffed[0].client(), "/people", []
    while path:
        text = browser.get(path).text
        seen += re.findall(r'<tr id="p-([^"]+)"', text)
        found = re.search(r'href="([^"]+)" rel="next"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 67


def test_columns_are_chosen_in_the_address_and_say_what_people_hold(
    changing: tuple[ConsoleWorld, dict[str, Person]],
) -> None:
    world, people = changing
    world.services.custody.desk.check_out(LOCAL_ADMIN, headset=COMPLIANT, person=ISAIAH)
    browser = world.client()

    def heads(text: str) -> list[str]:
        return re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', text)

    text = browser.get("/people").text
    assert heads(text) == ["Name", "May", "Sees", "Holds now", "Licenses", "Last sign-in", "Client"]
    row = re.search(rf'<tr id="p-{people[ISAIAH].id}".*?</tr>', text, re.DOTALL)
    assert row is not None
    assert '<td data-label="Holds now" class="num">1</td>' in row[0]
    text = browser.get("/people?column=site&column=from&column=nonsense&role=auditor").text
    assert heads(text) == ["Name", "Site", "From"]
    assert 'href="/people.csv?role=auditor&amp;show=site%2Cfrom"' in text
    assert heads(browser.get("/people?show=calls,nonsense").text) == ["Name", "In calls"]


def test_the_list_is_a_file_that_no_spreadsheet_runs_and_only_with_what_may_be_read(
    changing: tuple[ConsoleWorld, dict[str, Person]],
) -> None:
    world, _ = changing
    world.services.custody.desk.check_out(LOCAL_ADMIN, headset=COMPLIANT, person=ISAIAH)
    world.services.directory.add(LOCAL_ADMIN, NewPerson("odd@contoso.com", "=cmd()"))

    def rows(browser: TestClient) -> dict[str, dict[str, str]]:
        answer = browser.get("/people.csv")
        assert answer.headers["content-type"].startswith("text/csv")
        return {row["upn"]: row for row in csv.DictReader(io.StringIO(answer.text))}

    found = rows(world.client())
    assert found["odd@contoso.com"]["name"] == "'=cmd()"
    assert (found[ISAIAH]["holds"], found[LEE]["may"]) == ("1", "deployer auditor")
    assert NESTOR in found
    assert set(rows(world.client(Role.VIEWER, clients=(CLIENT,)))) == {NESTOR}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"role": "auditor"}, {"Lee Gu"}),
        ({"client": CLIENT}, {"Nestor Wilke"}),
        ({"account": "shared"}, {"Line 3, headset 14"}),
        ({"left": "1"}, {"Grady Archie"}),
        ({"q": "isa"}, {"Isaiah Langer"}),
        ({"role": "emperor", "account": "robot", "q": "meg"}, {"Megan Bowen"}),
    ],
)
def test_the_list_filters_by_its_address(
    staffed: tuple[ConsoleWorld, dict[str, Person]], query: dict[str, str], names: set[str]
) -> None:
    text = staffed[0].client().get("/people", params=query).text
    assert set(re.findall(r'<tr id="p-[^>]*><td class="full"><a [^>]*><b>([^<]*)', text)) == names


def test_nobody_matching_is_told_apart_from_nobody_being_there(
    staffed: tuple[ConsoleWorld, dict[str, Person]], fresh: ConsoleWorld
) -> None:
    assert "Nobody matches: beginning with &#34;zzz&#34;." in staffed[0].client().get("/people?q=zzz").text
    assert "Nobody is here yet." in fresh.client().get("/people").text


def test_a_page_says_in_words_what_somebody_may_do(staffed: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = staffed
    browser = world.client()
    text = browser.get(f"/people/{people[LEE].id}").text
    assert "<b>Lee Gu is deployer and auditor, for every client.</b>" in text
    assert "gave the role deployer" in text
    assert "No role: they see nothing of this console." in browser.get(f"/people/{people[ISAIAH].id}").text
    assert "Night shift" in browser.get(f"/people/{people[ISAIAH].id}").text
    left = browser.get(f"/people/{people[GRADY].id}").text
    assert "They may do nothing here and cannot sign in." in left
    assert f'href="/people/{people[GRADY].id}/leave"' not in left


def test_the_page_of_somebody_is_found_by_their_sign_in_name(
    staffed: tuple[ConsoleWorld, dict[str, Person]],
) -> None:
    assert "Adele Vance" in staffed[0].client().get(f"/people/{ADELE}").text


def test_what_a_role_lacks_is_absent_and_refused(staffed: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = staffed
    browser = world.client(Role.HELPDESK)
    assert "/people/add" not in browser.get("/people").text
    text = browser.get(f"/people/{people[LEE].id}").text
    for absent in ("/leave", "/change", "/roles", "Sessions", "hash <span"):
        assert absent not in text
    assert "Administrators give and take roles." in text
    assert "Auditors and administrators see what was done." in text
    assert browser.get("/people/add").status_code == 403
    assert browser.get(f"/people/{people[LEE].id}/leave").status_code == 403
    path = f"/people/{people[LEE].id}"
    for act in ("roles", "sessions", "leave", "change"):
        assert post(world, browser, f"{path}/{act}", role="viewer", upn=LEE, reason="x")[0] == 403
    assert world.services.directory.person(LOCAL_ADMIN, LEE).roles == {Role.DEPLOYER, Role.AUDITOR}


def test_people_of_another_client_are_not_there(staffed: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = staffed
    browser = world.client(Role.VIEWER, clients=(CLIENT,))
    text = browser.get("/people").text
    assert "Nestor Wilke" in text
    assert "Megan" not in text
    assert browser.get(f"/people/{people[MEGAN].id}").status_code == 404
    assert browser.get(f"/people/{people[NESTOR].id}").status_code == 200
    assert "Night shift" not in browser.get("/people/groups").text


def test_somebody_is_added_without_a_role(changing: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, _ = changing
    browser = world.client()
    status, where, _ = post(world, browser, "/people/add", upn="Alex@Contoso.com", display_name="Alex", expert="1")
    assert status == 303
    text = browser.get(where).text
    assert "Added, without any role." in text
    added = world.services.directory.person(LOCAL_ADMIN, "alex@contoso.com")
    assert (added.display_name, added.roles, added.call_roles) == ("Alex", frozenset(), {"expert"})


@pytest.mark.parametrize("upn", ["", "no-domain", MEGAN])
def test_a_wrong_form_says_why_and_keeps_what_was_typed(
    changing: tuple[ConsoleWorld, dict[str, Person]], upn: str
) -> None:
    world, _ = changing
    status, _, text = post(world, world.client(), "/people/add", upn=upn, display_name="Kept & shown")
    assert status == 422
    assert 'id="upn-error"' in text
    assert 'value="Kept &amp; shown"' in text


def test_roles_are_given_taken_and_bound_to_clients(changing: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = changing
    browser, path = world.client(), f"/people/{people[ISAIAH].id}/roles"

    def now() -> Person:
        return world.services.directory.person(LOCAL_ADMIN, ISAIAH)

    assert post(world, browser, path, role="helpdesk")[0] == 303
    assert now().roles == {Role.HELPDESK}
    assert post(world, browser, path, seen="some", clients=f"own, {CLIENT}")[0] == 303
    assert now().scope == Scope.of("own", CLIENT)
    assert post(world, browser, path, role="helpdesk", act="take")[0] == 303
    assert now().roles == frozenset()
    assert post(world, browser, path, role="provisioner")[0] == 404


def test_an_invitation_is_shown_once_and_makes_the_one_before_void(
    changing: tuple[ConsoleWorld, dict[str, Person]],
) -> None:
    world, people = changing
    browser, path = world.client(), f"/people/{people[ISAIAH].id}"
    assert 'action="/people/' in browser.get(path).text

    def invited() -> str:
        status, _, text = post(world, browser, f"{path}/invitation")
        assert (status, "Isaiah Langer is invited" in text) == (200, True)
        found = re.search(r"https://[^<]+(/sign-in\?token=[^<]+)", text)
        assert found is not None
        return found[1]

    first, second = invited(), invited()
    assert "is invited" not in browser.get(path).text
    stranger = world.client(signed_in=False)
    assert "Create a passkey" not in stranger.get(first).text
    assert "Create a passkey" in stranger.get(second).text
    helpdesk = world.client(Role.HELPDESK, called=LEE)
    assert "/invitation" not in helpdesk.get(path).text
    assert post(world, helpdesk, f"{path}/invitation")[0] == 403


def test_nobody_changes_their_own_roles(changing: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = changing
    browser = world.client(Role.ADMINISTRATOR, called=MEGAN)
    text = browser.get(f"/people/{people[MEGAN].id}").text
    assert "Nobody changes their own roles" in text
    assert "/leave" not in text
    assert post(world, browser, f"/people/{people[MEGAN].id}/roles", role="deployer")[0] == 403


def test_leaving_lists_what_ends_before_it_ends_it(changing: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = changing
    theirs = world.client(Role.HELPDESK, called=LEE)
    browser, path = world.client(), f"/people/{people[LEE].id}/leave"
    text = browser.get(path).text
    assert "<li>1 session here</li>" in text
    assert "<li>2 roles</li>" in text
    assert text.index("Cancel, change nothing") < text.index("Let Lee Gu leave</button>")
    assert theirs.get("/people").status_code == 200
    for form in ({"upn": LEE}, {"reason": "x"}, {"upn": ADELE, "reason": "x"}):
        assert post(world, browser, path, **form)[0] == 422
    assert world.services.directory.person(LOCAL_ADMIN, LEE).active
    status, where, _ = post(world, browser, path, upn=LEE, reason="Retires")
    assert status == 303
    assert "They left. What stood in their name has ended." in browser.get(where).text
    assert theirs.get("/people").headers["location"].startswith("/sign-in")


def test_the_last_administrator_stays_and_the_page_says_why(
    changing: tuple[ConsoleWorld, dict[str, Person]],
) -> None:
    world, people = changing
    path = f"/people/{people[MEGAN].id}/leave"
    status, _, text = post(world, world.client(), path, upn=MEGAN, reason="Retires")
    assert status == 409
    assert "There is a problem. Nothing was changed." in text
    assert world.services.directory.person(LOCAL_ADMIN, MEGAN).active


def test_a_session_of_somebody_is_ended_on_their_page(changing: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = changing
    theirs, browser = world.client(Role.VIEWER, called=ADELE), world.client()
    text = browser.get(f"/people/{people[ADELE].id}").text
    session = re.search(r'name="session" value="([^"]+)"', text)
    assert session is not None
    assert post(world, browser, f"/people/{people[LEE].id}/sessions", session=session[1])[0] == 404
    assert theirs.get("/people").status_code == 200
    assert post(world, browser, f"/people/{people[ADELE].id}/sessions", session=session[1])[0] == 303
    assert theirs.get("/people").headers["location"].startswith("/sign-in")


def test_names_are_text_on_every_page(changing: tuple[ConsoleWorld, dict[str, Person]]) -> None:
    world, people = changing
    hostile, browser = "<script>alert(1)</script>", world.client()
    assert post(world, browser, f"/people/{people[ISAIAH].id}/change", display_name=hostile, wearer="1")[0] == 303
    path = f"/people/{people[ISAIAH].id}"
    for page in ("/people", path, f"{path}/change", f"{path}/leave", "/people?q=<script>", "/audit"):
        assert hostile not in browser.get(page).text
    assert LONG in browser.get("/people").text.replace("<wbr>", "")

"""Paper among the rendered files: hand-outs, checklists, calendars."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest
from tests.icalendar_reader import read
from tests.unit.desired.paper_fleets import HOSTILE, compiled, largest, made, sample, samples

from holofleet import spec
from holofleet.desired.files.made import HTML, ICS

HEAD = """\
holofleet: 1
organization: {name: Contoso, country: US}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
people: [{upn: a@contoso.com, roles: [wearer]}]
clients: [{name: fabrikam}, {name: northwind}]
headsets: [{serial: "0034", asset: HL-1}]
"""
LENT = "deployments: [{name: line, scenario: external-clients, client: fabrikam, headsets: all}]\n"


def words(page: str) -> str:
    """Return the words of a page as a person reads them."""
    body = page[page.index("<body ") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_every_deployment_has_a_hand_out_and_every_lent_or_shared_headset_a_checklist() -> None:
    paths = made(sample("external-clients"))
    assert "people/fabrikam-line-1/hand-out.html" in paths
    assert "people/northwind-dock/hand-out.html" in paths
    assert sum(path.startswith("people/shipping/fabrikam/") for path in paths) == 10
    assert sum(path.startswith("people/shipping/northwind/") for path in paths) == 6
    assert sum(path.startswith("people/shipping/own/") for path in made(sample("shared-identity"))) == 12
    assert not any("shipping" in path for path in made(sample("cloud-connected")))


def test_only_deployments_with_days_have_a_calendar() -> None:
    found = {name for name, one in samples() if one.media_type == ICS}
    assert found == {"near-offline/people/harbour/reconnect.ics", "near-offline/people/vessel/reconnect.ics"}


def test_the_calendar_goes_from_the_day_of_leaving_to_the_end_of_the_vendors_updates() -> None:
    harbour = read(made(sample("near-offline"))["people/harbour/reconnect.ics"].bytes)
    days = [event.values["DTSTART"] for event in harbour.parts]
    assert (days[0], days[-1], len(days)) == (date(2026, 12, 9), date(2027, 12, 15), 13)
    assert date(2027, 9, 15) in days
    assert {event.values["LOCATION"] for event in harbour.parts} == {"Harbour office"}
    assert harbour.parts[1].values["UID"] == "reconnect-harbour-2027-01@northwindtraders.com"


def test_a_visit_that_moves_within_its_month_keeps_its_uid() -> None:
    def events(day: str) -> dict[object, object]:
        fleet = HEAD + (
            "deployments: [{name: sea, scenario: near-offline, headsets: all, reconnect: "
            f"{{offline_from: 2026-12-01, day: {day}}}}}]\n"
        )
        parts = read(made(fleet)["people/sea/reconnect.ics"].bytes).parts
        return {part.values["UID"]: part.values["DTSTART"] for part in parts}

    before, after = events("wednesday"), events("friday")
    assert before.keys() == after.keys()
    assert all(before[uid] != after[uid] for uid in before)


def test_without_a_day_in_the_file_there_is_no_calendar() -> None:
    fleet = HEAD + "deployments: [{name: sea, scenario: near-offline, headsets: all}]\n"
    assert set(made(fleet)) == {"people/sea/hand-out.html"}


def test_a_client_reads_a_pin_and_no_account_name() -> None:
    page = made(sample("external-clients"))["people/fabrikam-line-1/hand-out.html"].content
    assert isinstance(page, str)
    said = words(page)
    assert "type the PIN that you were given (6 digits or more)" in said
    assert "@" not in said
    assert "Assist opens by itself" in said
    assert "Calls are not recorded" in said
    assert "Microsoft Edge, Mail and Calendar and OneDrive" in said


def test_people_without_a_network_at_work_read_that_there_are_no_calls() -> None:
    found = made(sample("near-offline"))
    assert "there are no calls" in words(str(found["people/vessel/hand-out.html"].content))
    said = words(str(found["people/harbour/hand-out.html"].content))
    assert "there are no calls" not in said
    assert "by 4 December 2026" in said
    assert "9 December 2026, 13 January 2027" in said


@pytest.mark.parametrize(
    ("accounts", "says", "never"),
    [
        ("{kind: shared-certificate}", "nothing to type", "PIN that"),
        ("{kind: shared-manual, manual_because: x}", "type its PIN", "work account"),
        ("{kind: individual, users: [a@contoso.com]}", "your own work account", "given"),
        ("{kind: individual, users: per-headset}", "PIN that you were given", "work account"),
    ],
)
def test_each_kind_of_account_has_its_own_way_in(accounts: str, says: str, never: str) -> None:
    fleet = HEAD + (
        f"deployments: [{{name: line, scenario: cloud-connected, headsets: all, accounts: {accounts}}}]\n"
    )
    said = words(str(made(fleet)["people/line/hand-out.html"].content))
    assert says in said
    assert never not in said


def test_a_checklist_knows_the_days_of_the_file_and_the_earliest_day_for_a_new_password() -> None:
    page = made(sample("external-clients"))["people/shipping/fabrikam/003421800201.html"].content
    said = words(str(page))
    assert "Leaves 7 December 2026 Expected back 19 February 2027" in said
    assert "Reset it on 22 October 2026 or later: it runs out after 120 days" in said
    assert "A test call to an expert was made. EXT-57 16 November 2026" in said
    assert "locked to the tenant" in said
    assert 'holofleet headsets wipe 003421800201 --reason "back from fabrikam"' in said


def test_after_another_client_wipe_and_new_password_come_first() -> None:
    fleet = HEAD + (
        'loans:\n  - {client: northwind, headsets: ["0034"], ships: 2026-01-05, returned: 2026-03-01,'
        " wiped: 2026-03-02, password_reset: 2026-03-03}\n"
        '  - {client: fabrikam, headsets: ["0034"], ships: 2026-12-01}\n' + LENT
    )
    found = made(fleet)
    assert [path for path in found if "shipping" in path] == ["people/shipping/fabrikam/0034.html"]
    said = words(str(found["people/shipping/fabrikam/0034.html"].content))
    assert "Wiped after it came back from northwind. EXT-54 2 March 2026" in said
    assert "Password reset after it came back from northwind. EXT-54 3 March 2026" in said
    assert "Expected back not agreed" in said


def test_a_loan_that_came_back_is_on_paper_until_it_is_wiped_and_the_password_is_new() -> None:
    loan = 'loans: [{client: fabrikam, headsets: ["0034"], ships: 2026-01-05, returned: 2026-03-01%s}]\n'
    path = "people/shipping/fabrikam/0034.html"
    assert path in made(HEAD + loan % "" + LENT)
    assert path in made(HEAD + loan % ", wiped: 2026-03-02" + LENT)
    assert path not in made(HEAD + loan % ", wiped: 2026-03-02, password_reset: 2026-03-02" + LENT)


def test_the_label_holds_nothing_that_signs_in() -> None:
    for name, one in samples():
        if "shipping" in name:
            label = words(str(one.content)).partition("Label for the headset")[2]
            assert "Property of Contoso" in label
            assert "@" not in label


def test_the_same_file_gives_the_same_paper() -> None:
    fleet = sample("external-clients")
    assert [one.bytes for one in made(fleet).values()] == [one.bytes for one in made(fleet).values()]


def test_FIL_1_hostile_texts_stay_texts_on_every_page() -> None:
    found = made(largest())
    assert {one.media_type for one in found.values()} == {HTML, ICS}
    for one in found.values():
        if one.media_type == ICS:
            read(one.bytes)
            continue
        tags = Tags()
        tags.feed(str(one.content))
        assert "script" not in tags.seen
        assert not any(name.startswith("on") for name in tags.attributes)
        assert "<script>alert(1)</script>" in words(str(one.content))


def test_FIL_1_no_text_becomes_a_reference_to_a_secret() -> None:
    fleet = spec.parse({"fleet.yaml": largest()})
    assert HOSTILE in fleet.model.organization.name
    assert [one.path for one in made(fleet).values() if one.file.secrets] == []
    files = compiled(fleet).files
    assert any(path.startswith("people/") for path in files)
    assert all(not file.secrets for path, file in files.items() if path.startswith("people/"))

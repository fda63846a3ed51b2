"""The routes of the pages about people and time: directory, custody, licenses, loans, calendar, audit log."""

from __future__ import annotations

from starlette.routing import BaseRoute

from holofleet.web.assist import expert
from holofleet.web.assist.assets import pdf_route
from holofleet.web.console import (
    audit,
    bulk,
    calendar,
    calls,
    custody,
    custody_tab,
    given_orders,
    left,
    licenses,
    loans,
    own_headset,
    pairing,
    people,
    people_changes,
    people_secrets,
    plans,
    replay,
    search,
    settings,
    sheets,
    standing,
)
from holofleet.web.console.shell import Console

_POST = ("POST",)


def routes(console: Console) -> list[BaseRoute]:
    """Return the routes, to be put before the one that takes every other address."""
    page = console.page
    return [
        page("/people", people.people_page),
        page("/people/groups", people.groups_page),
        page("/people/add", people_changes.add_person_page),
        page("/people/add", people_changes.add_person, methods=_POST),
        page("/people/{key}", people.person_page),
        page("/people/{key}/change", people_changes.change_person_page),
        page("/people/{key}/change", people_changes.change_person, methods=_POST),
        page("/people/{key}/roles", people_changes.change_roles, methods=_POST),
        page("/people/{key}/sessions", people_changes.end_session_of, methods=_POST),
        page("/people/{key}/pin", people_secrets.void_pin, methods=_POST),
        page("/people/{key}/secrets", people_secrets.keep_secret, methods=_POST),
        page("/people/{key}/leave", people_changes.leave_page),
        page("/people/{key}/leave", people_changes.let_leave, methods=_POST),
        page("/calls", calls.calls_page),
        page(left.PATH, left.left_page),
        page(left.PATH + "/{message}", left.act_on_message, methods=_POST),
        page(left.PATH + "/{message}/{part}", left.part_of_message),
        page("/calls/{call}", calls.call_page),
        page(replay.PATH, replay.marks_page),
        page(expert.PATH, expert.live_page),
        pdf_route(),
        page("/calendar", calendar.calendar_page),
        page("/calendar/{deployment}/{day}", calendar.window_page),
        page("/calendar/{deployment}/{day}/sheet", calendar.sheet_file),
        page("/custody", custody.desk_page),
        page("/custody", custody.keep, methods=_POST),
        page("/custody/scan", custody.scan, methods=_POST),
        page("/custody/undo", custody.undo, methods=_POST),
        page("/custody/who", custody.who_page),
        page("/custody/list", sheets.desk_list),
        page("/headsets/{serial}/custody", custody_tab.custody_page),
        page("/headsets/{serial}/pair", pairing.pair_browser, methods=_POST),
        page("/headsets/{serial}/unpair", pairing.unpair_browser, methods=_POST),
        page("/account/pin", own_headset.pin_page),
        page("/account/pin", own_headset.choose_pin, methods=_POST),
        page("/take", own_headset.take_page),
        page("/take", own_headset.take_headset, methods=_POST),
        page("/licenses", licenses.licenses_page),
        page("/loans", loans.loans_page),
        page("/loans/{key}", loans.loan_page),
        page("/loans/{key}", loans.record_loan, methods=_POST),
        page("/loans/{key}/sheet", sheets.loan_sheet),
        page("/bulk", bulk.preview_page),
        page("/bulk", bulk.order, methods=_POST),
        page("/orders/{given}", given_orders.progress_page),
        page("/headsets.csv", bulk.export_list),
        page("/plans", plans.plans_page),
        page("/plans/{id}", plans.plan_page),
        page("/plans/{id}", plans.decide, methods=_POST),
        page("/guide", standing.standing_page),
        page("/guide/{rule}", standing.statement_page),
        page("/audit", audit.audit_page),
        page("/audit/verify", audit.verify_page),
        page("/audit/verify", audit.verify_chain, methods=_POST),
        page("/audit/{number}", audit.entry_page),
        page("/search", search.search_page),
        page("/settings", settings.settings_page),
        page("/settings/tokens", settings.tokens_page),
        page("/settings/tokens", settings.make_token, methods=_POST),
        page("/settings/tokens/revoke", settings.revoke_token, methods=_POST),
        page("/settings/freeze", settings.freeze_page),
        page("/settings/freeze", settings.freeze, methods=_POST),
        page("/settings/{section}", settings.section_page),
    ]

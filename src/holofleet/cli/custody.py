"""``holofleet custody``: out and in, who had a headset when, what happened, badges, PINs, shared secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from cyclopts import App, Parameter

from holofleet.cli.connection import Connection
from holofleet.cli.fleet_file import FleetPath
from holofleet.cli.moments import minute, moment
from holofleet.cli.output import CLEAN, TextOrJson, print_json, table
from holofleet.cli.plan import NO_CONNECTION

AMISS = 1

app = App(name="custody", help="Who has which headset: out, in, who had it when, and what happened with it.")
badge = App(name="badge", help="Badges of people: give, take.")
pin = App(name="pin", help="PINs of people: look, make void. Nobody sets another's.")
secrets = App(
    name="secrets", help="Who owns PIN, second factor and password of shared accounts, and the next reset."
)
pair = App(name="pair", help="Browsers of headsets: invite, end.")
for _part in (badge, pin, secrets, pair):
    app.command(_part)

_Headset = Annotated[str, Parameter(help="Serial number, name, or the code that the headset shows.")]
_Serial = Annotated[str, Parameter(help="Serial number or name.")]
_Person = Annotated[str, Parameter(help="Badge, UPN or id.")]
_Key = Annotated[str, Parameter(help="UPN or id.")]
_Note = Annotated[str, Parameter(help="Anything worth knowing.")]
_Account = Annotated[str, Parameter(help="UPN of the shared account.")]
_What = Annotated[Literal["pin", "second-factor", "password"], Parameter(help="Which of its secrets.")]


@app.command(name="list")
def list_(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List what is out, overdue first, and what is lost, found or not brought back. Exit 1: something is amiss."""
    with connection.open() as api:
        found = api.get("/custody")
    if format == "json":
        print_json(found)
    else:
        rows = [_row(one) for one in [*found["out"], *found["astray"]]]
        print(table(("headset", "stands", "holder", "since", "expected back", "note"), rows), end="")
    amiss = found["astray"] or any(one["overdue"] for one in found["out"])
    return AMISS if amiss else CLEAN


@app.command
def out(
    headset: _Headset,
    person: _Person,
    /,
    *,
    until: Annotated[str, Parameter(help="When it is expected back: 2026-11-24T14:00, UTC, or 4h, 2d.")] = "",
    note: _Note = "",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Give somebody a headset that nobody has."""
    return _take(headset, person, hand_over=False, until=until, note=note, connection=connection)


@app.command(name="hand-over")
def hand_over(
    headset: _Headset,
    person: _Person,
    /,
    *,
    until: Annotated[str, Parameter(help="When it is expected back: 2026-11-24T14:00, UTC, or 4h, 2d.")] = "",
    note: _Note = "",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Give a headset from whoever has it to somebody else."""
    return _take(headset, person, hand_over=True, until=until, note=note, connection=connection)


@app.command(name="in")
def in_(headset: _Headset, /, *, note: _Note = "", connection: Connection = NO_CONNECTION) -> int:
    """Take a headset back."""
    with connection.open() as api:
        record = api.post("/custody/in", {"headset": headset, "note": note})
    print(f"{record['serial']} is back. Record {record['sequence']}.")
    return CLEAN


@app.command
def lost(headset: _Serial, /, *, note: _Note = "", connection: Connection = NO_CONNECTION) -> int:
    """Note that a headset cannot be found. To have it wiped: holofleet headsets lost."""
    with connection.open() as api:
        record = api.post("/custody/lost", {"headset": headset, "note": note})
    print(f"{record['serial']} is noted as lost; nobody has it. To have it wiped: holofleet headsets lost.")
    return CLEAN


@app.command
def found(headset: _Serial, /, *, note: _Note = "", connection: Connection = NO_CONNECTION) -> int:
    """Note where a headset was found."""
    with connection.open() as api:
        record = api.post("/custody/found", {"headset": headset, "note": note})
    print(f"{record['serial']} is noted as found. Check it in when it is back.")
    return CLEAN


@app.command
def who(
    serial: _Serial,
    at: Annotated[str, Parameter(help="Moment, as 2026-11-24T10:00 (UTC), or 2h ago as 2h; now without.")] = "",
    /,
    *,
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Say who held a headset at a moment, in one sentence."""
    with connection.open() as api:
        held = api.get(f"/custody/headsets/{quote(serial, safe='')}/holder", **_asked(at=moment(at, past=True)))
    if format == "json":
        print_json(held)
    else:
        print(held["sentence"])
    return CLEAN


@app.command
def history(serial: _Serial, /, *, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List all records of a headset, corrected ones and corrections too."""
    with connection.open() as api:
        answer = api.get(f"/custody/headsets/{quote(serial, safe='')}")
    if format == "json":
        print_json(answer)
        return CLEAN
    rows = [
        (
            str(one["sequence"]),
            minute(one["at"]),
            one["kind"] if one["corrects"] is None else f"{one['kind']} of {one['corrects']}",
            one["person"]["upn"] if one["person"] else "",
            one["proof"] or "",
            one["actor"],
            one["note"],
        )
        for one in answer["records"]
    ]
    print(table(("record", "at", "what", "holder", "proof", "by", "note"), rows), end="")
    return CLEAN


@app.command
def story(
    serial: _Serial,
    /,
    *,
    since: Annotated[str, Parameter(help="From when: 2026-11-24T08:00 (UTC) or 1d; a day before the end.")] = "",
    until: Annotated[str, Parameter(help="Until when; now without.")] = "",
    connection: Connection = NO_CONNECTION,
    format: TextOrJson = "text",
) -> int:
    """Tell who held a headset in a time and everything that happened with it: custody, events, orders, audit."""
    asked = _asked(since=moment(since, past=True), until=moment(until, past=True))
    with connection.open() as api:
        told = api.get(f"/custody/headsets/{quote(serial, safe='')}/story", **asked)
    if format == "json":
        print_json(told)
        return CLEAN
    for sentence in told["holders"] or ["Nobody held it."]:
        print(sentence)
    rows = [
        (
            minute(one["at"]),
            one["holder"]["upn"] if one["holder"] else "",
            one["source"],
            one["kind"],
            one["actor"],
            ", ".join(f"{key} {value}" for key, value in one["data"].items() if value not in ("", 0, None)),
        )
        for one in told["happenings"]
    ]
    print(table(("at", "holder", "source", "what", "by", "more"), rows), end="")
    for source in told["left_out"]:
        print(f"Left out: {source}, which you may not read.")
    for source in told["cut"]:
        print(f"There is more of {source} than fits: ask for a shorter time.")
    return CLEAN


@app.command
def undo(
    serial: _Serial,
    record: Annotated[int, Parameter(help="Number of the record.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Take back your own newest record within half a minute."""
    with connection.open() as api:
        api.post(f"/custody/headsets/{quote(serial, safe='')}/records/{record}/undo", {})
    print(f"Record {record} is taken back; it stays in the history.")
    return CLEAN


@app.command
def correct(
    serial: _Serial,
    record: Annotated[int, Parameter(help="Number of the record.")],
    /,
    *,
    note: Annotated[str, Parameter(help="Why.")],
    person: Annotated[str, Parameter(help="UPN of who really took it.")] = "",
    at: Annotated[str, Parameter(help="When it really was: 2026-11-24T10:00 (UTC), or 2h ago as 2h.")] = "",
    void: Annotated[bool, Parameter(help="It never happened.", negative="")] = False,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Say how a record should read, by a new record with your name; the old one stays."""
    wish = {"note": note, "void": void, **_asked(person=person, at=moment(at, past=True))}
    with connection.open() as api:
        made = api.post(f"/custody/headsets/{quote(serial, safe='')}/records/{record}/correction", wish)
    print(f"Record {made['sequence']} corrects record {record}.")
    return CLEAN


@badge.command(name="give")
def give_badge(
    person: _Key,
    code: Annotated[str, Parameter(help="What a reader reads from the badge.")],
    /,
    *,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Give somebody a badge; one that they had before counts no more."""
    with connection.open() as api:
        api.put(f"/people/{quote(person, safe='')}/badge", {"code": code})
    print(f"{person} has this badge now.")
    return CLEAN


@badge.command(name="take")
def take_badge(person: _Key, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Take somebody's badge: it was lost, or they get another."""
    with connection.open() as api:
        api.delete(f"/people/{quote(person, safe='')}/badge")
    print(f"The badge of {person} counts no more.")
    return CLEAN


@pin.command(name="show")
def show_pin(person: _Key, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Say whether somebody has a PIN and whether it is locked, as JSON; never the PIN."""
    with connection.open() as api:
        print_json(api.get(f"/people/{quote(person, safe='')}/pin"))
    return CLEAN


@pin.command(name="void")
def void_pin(person: _Key, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Make somebody's PIN void; they choose another themselves, signed in."""
    with connection.open() as api:
        api.delete(f"/people/{quote(person, safe='')}/pin")
    print(f"The PIN of {person} is void. They choose another themselves, signed in.")
    return CLEAN


@pair.command(name="invite")
def invite(serial: _Serial, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Print a secret, as JSON, that pairs the browser of a headset: once, within half an hour."""
    with connection.open() as api:
        print_json(api.post(f"/custody/headsets/{quote(serial, safe='')}/pairing", {}))
    return CLEAN


@pair.command(name="end")
def unpair(serial: _Serial, /, *, connection: Connection = NO_CONNECTION) -> int:
    """End the pairing of a headset's browser, and invitations for it."""
    with connection.open() as api:
        api.delete(f"/custody/headsets/{quote(serial, safe='')}/pairing")
    print(f"No browser is paired with {serial} any more.")
    return CLEAN


@secrets.command(name="list")
def list_secrets(*, connection: Connection = NO_CONNECTION, format: TextOrJson = "text") -> int:
    """List who owns what and when the next reset is due, what is due first. Exit 1: one is overdue or unowned."""
    with connection.open() as api:
        answer = api.get("/account-secrets")
    if format == "json":
        print_json(answer)
    else:
        rows = [
            (
                one["account"],
                one["what"],
                one["owner"],
                minute(one["reset_at"])[:10] if one["reset_at"] else "never",
                (minute(one["due_at"])[:10] if one["due_at"] else "") + (" (overdue)" if one["overdue"] else ""),
            )
            for one in answer["secrets"]
        ]
        print(table(("account", "secret", "owner", "last reset", "next reset"), rows), end="")
        for account in answer["unowned"]:
            print(f"Nobody owns anything of {account}.")
    return AMISS if answer["unowned"] or any(one["overdue"] for one in answer["secrets"]) else CLEAN


@secrets.command(name="take")
def take_secrets(fleet: FleetPath, /, *, connection: Connection = NO_CONNECTION) -> int:
    """Take over owners from a fleet file: `accounts.mfa_owner` and `accounts.custody.pin_change_days`."""
    owned = list(_declared(fleet))
    with connection.open() as api:
        for account, what, owner, every_days in owned:
            wish = {"owner": owner, "every_days": every_days}
            api.put(f"/account-secrets/{quote(account, safe='')}/{what}", wish)
    print(f"{len(owned)} secrets of {len({account for account, *_ in owned})} shared accounts have an owner.")
    return CLEAN


@secrets.command(name="own")
def own_secret(
    account: _Account,
    what: _What,
    owner: Annotated[str, Parameter(help="The team; never a person, because people leave.")],
    /,
    *,
    every_days: Annotated[int, Parameter(help="Days between resets; 0 for no fixed interval.")] = 0,
    connection: Connection = NO_CONNECTION,
) -> int:
    """Record which team owns a secret of a shared account."""
    with connection.open() as api:
        api.put(f"/account-secrets/{quote(account, safe='')}/{what}", {"owner": owner, "every_days": every_days})
    print(f"{owner} owns the {what} of {account}.")
    return CLEAN


@secrets.command(name="reset")
def reset_secret(
    account: _Account,
    what: _What,
    /,
    *,
    at: Annotated[str, Parameter(help="When: 2026-11-24T10:00 (UTC), or 2h ago as 2h; now without.")] = "",
    connection: Connection = NO_CONNECTION,
) -> int:
    """Record that a secret was reset."""
    with connection.open() as api:
        api.post(f"/account-secrets/{quote(account, safe='')}/{what}/reset", _asked(at=moment(at, past=True)))
    print(f"The reset of the {what} of {account} is recorded.")
    return CLEAN


def _take(headset: str, person: str, *, hand_over: bool, until: str, note: str, connection: Connection) -> int:
    wish = {"headset": headset, "person": person, "hand_over": hand_over, "note": note}
    with connection.open() as api:
        record = api.post("/custody/out", {**wish, **_asked(expected_at=moment(until, past=False))})
    holder = record["person"]["display_name"] or record["person"]["upn"]
    back = f" It is expected back {minute(record['expected_at'])}." if record["expected_at"] else ""
    sure = f"assurance {record['assurance']}"
    print(f"{holder} has {record['serial']} now ({sure}).{back} Record {record['sequence']}.")
    return CLEAN


def _declared(fleet: Path) -> Iterator[tuple[str, str, str, int]]:
    """Yield account, secret, owner and days for shared accounts; the second factor has no interval in the file."""
    from holofleet.cli.fleet_file import load
    from holofleet.desired.directory import account_of

    loaded = load(fleet)
    for deployment in loaded.deployments():
        accounts = deployment.settings.accounts
        if accounts is None or accounts.mfa_owner is None or accounts.kind in (None, "individual"):
            continue
        days = accounts.custody.pin_change_days if accounts.custody is not None else None
        for headset in deployment.headsets:
            account = account_of(loaded, deployment, headset)
            if account is None:
                continue
            yield account, "second-factor", accounts.mfa_owner, 0
            if days is not None:
                yield account, "pin", accounts.mfa_owner, days


def _asked(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    stands = one["status"] + (" (overdue)" if one.get("overdue") else "")
    holder = one["person"]["display_name"] or one["person"]["upn"] if one["person"] else ""
    back = minute(one["expected_at"]) if one["expected_at"] else ""
    return one["serial"], stands, holder, minute(one["since"]), back, one["note"]

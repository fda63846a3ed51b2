"""``settings:``, the way out for a node that has no key of its own.

A node that the catalog knows takes the catalog's format and checks; another one needs a format in the file, and is
sent as it stands.
"""

from __future__ import annotations

from holofleet import catalog
from holofleet.desired.sheet import Sheet
from holofleet.desired.statement import Statement
from holofleet.diagnostics import Position
from holofleet.errors import InputError
from holofleet.resources import Format, normal_uri
from holofleet.spec.model.deployment import RawSetting

KEY = "settings"


def write(sheet: Sheet) -> None:
    """State every raw setting of the deployment."""
    entries: tuple[RawSetting, ...] = sheet.wanted.value(KEY) or ()
    if not entries:
        return
    origin = sheet.wanted.origin(KEY)
    for place, entry in enumerate(entries):
        at = sheet.wanted.entry(KEY, place)
        uri = normal_uri(entry.oma_uri)
        form = _format(sheet, entry, uri, at)
        if form is None or _plain_secret(sheet, entry, uri, at):
            continue
        data = entry.secret.variable if entry.secret is not None else _data(uri, entry.value or "")
        sheet.statements.append(Statement(uri, form, data, origin.layer, KEY, origin.rule, at))


def _format(sheet: Sheet, entry: RawSetting, uri: str, at: Position | None) -> Format | None:
    node = catalog.nodes().find(uri)
    if node is not None and entry.format in (None, node.format):
        return node.format
    if node is None and entry.format is not None:
        return entry.format
    if node is None:
        _unknown(sheet, uri, at)
    else:
        summary = f"{uri} has the format {node.format}, not {entry.format}"
        sheet.fault("compile/raw-setting", summary, mend="Leave format out: the catalog knows it.", at=at)
    return None


def _plain_secret(sheet: Sheet, entry: RawSetting, uri: str, at: Position | None) -> bool:
    """Refuse a secret that stands in the file, without repeating it (SECURITY D2).

    A document (a VPN profile) may be no secret as a whole; then only the part that is one can be a variable.
    """
    node = catalog.nodes().find(uri)
    if node is None or not node.secret or entry.value is None:
        return False
    if entry.value.lstrip().startswith("<") or "{{secret:" in entry.value:
        return False
    sheet.fault(
        "compile/plain-secret",
        f"the raw setting for {uri} holds a secret, not a reference to one",
        "A fleet file is kept and shown; if this is a real secret, change it.",
        "Write secret: env:HOLOFLEET_SECRET_NAME in the place of value.",
        at=at,
    )
    return True


def _unknown(sheet: Sheet, uri: str, at: Position | None) -> None:
    excluded = catalog.nodes().excluded(uri)
    near = "" if excluded else catalog.nodes().nearest(uri)
    sheet.fault(
        "compile/raw-setting",
        f"{uri} is not a known node of HoloLens 2",
        excluded.evidence if excluded else "",
        f"Did you mean {near}?" if near else "Correct it, or name the format of the node to send it as it stands.",
        at=at,
    )


def _data(uri: str, value: str) -> str:
    """Return the text as the node spells it (``True`` becomes ``true``); what it refuses is judged later."""
    node = catalog.nodes().find(uri)
    if node is None or "{{" in value:
        return value
    try:
        return node.data(value)
    except InputError:
        return value

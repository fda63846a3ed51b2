"""What headsets reported last, as a State that can be laid beside the desired one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from holofleet.clock import parse_utc
from holofleet.errors import PeerError
from holofleet.resources import Document, Format, Headset, Setting, State
from holofleet.targets.reported import Reports, otherwise, proved
from holofleet.targets.server.client import ApiClient

_UNPROVED = frozenset({"pending", "not applicable"})
_AS_DESIRED = "compliant"
_Settings: TypeAlias = tuple[Setting, ...]


def read_reports(api: ApiClient) -> Reports:
    """Read the reports of every headset that the caller may see.

    Raises:
        PeerError: the answer cannot be read.
    """
    heard: dict[str, datetime] = {}
    headsets: list[Headset] = []
    documents: dict[str, Document] = {}
    plain: dict[str, Document] = {}
    try:
        for item, settings in _items(api):
            document = _document(item, settings, plain)
            documents[document.hash] = document
            headsets.append(
                Headset(
                    serial=item["serial"],
                    deployment=item["deployment"],
                    client=item["client"],
                    document=document.hash,
                )
            )
            heard[item["serial"]] = parse_utc(item["last_seen_at"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PeerError("the server's reports cannot be read", detail=f"{error!r}.") from error
    return Reports(State(headsets, documents.values()), heard)


def _items(api: ApiClient) -> Iterator[tuple[Mapping[str, Any], _Settings]]:
    """Yield each headset with the settings of the document that it took."""
    for page in api.pages("/reported"):
        read = {key: _settings(content) for key, content in page["documents"].items()}
        for item in page["headsets"]:
            yield item, read[item["document"]]


def _settings(content: list[list[str]]) -> _Settings:
    return tuple(Setting(uri, Format(format_), data) for uri, format_, data in content)


def _document(item: Mapping[str, Any], settings: _Settings, plain: dict[str, Document]) -> Document:
    """Return what a headset said; equal headsets share one document."""
    if not item["otherwise"] and not any(setting.variables for setting in settings):
        found = plain.get(item["document"])
        if found is None:
            found = plain[item["document"]] = Document(settings)
        return found
    said = (_said(setting, item["otherwise"].get(setting.oma_uri), item["variables"]) for setting in settings)
    return Document(tuple(setting for setting in said if setting is not None))


def _said(setting: Setting, other: Mapping[str, Any] | None, variables: Mapping[str, str]) -> Setting | None:
    """Return what is known of one setting: proved, other than wanted (perhaps without a value), or nothing."""
    if setting.secrets or (other is not None and other["status"] in _UNPROVED):
        return None
    if other is None or other["status"] == _AS_DESIRED:
        return proved(setting, variables)
    return otherwise(setting, other["reported"] or "")

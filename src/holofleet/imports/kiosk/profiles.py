"""The profiles of a kiosk document, each as what somebody sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from holofleet import catalog
from holofleet.formats.assigned_access import names
from holofleet.formats.markup import Element, MarkupError
from holofleet.formats.markup import parse as parse_markup
from holofleet.imports.kiosk.draft import Listing
from holofleet.spec.values import AppName

_AUTO, _ARGUMENTS = f"{{{names.RS5}}}AutoLaunch", f"{{{names.RS5}}}AutoLaunchArguments"
_FOLDERS = f"{{{names.RS5}}}FileExplorerNamespaceRestrictions"
_LAYOUT, _TASKBAR = names.base("StartLayout"), names.base("Taskbar")
_LISTS, _SINGLE = names.base("AllAppsList"), names.base("KioskModeApp")
_APP: TypeAdapter[str] = TypeAdapter(AppName)


class Say(Protocol):
    """Takes a remark about an element."""

    def __call__(self, element: Element, text: str, *, lost: bool = True) -> None: ...


class Profiles:
    """Profiles by id, compared without regard to case; each is read, and remarked on, once."""

    def __init__(self, elements: Sequence[Element], say: Say) -> None:
        self._say = say
        self._elements: dict[str, Element] = {}
        self._read: dict[str, Listing | None] = {}
        for element in elements:
            key = _key(element)
            if key in self._elements:
                say(element, "a second profile of the same id was left out.")
            self._elements.setdefault(key, element)

    def of(self, reference: Element) -> Listing | None:
        """Return what the profile shows that an element refers to by ``Id``; ``None`` where nothing is left."""
        key = _key(reference)
        element = self._elements.get(key)
        if element is None:
            self._say(reference, f"{reference.local} refers to a profile that is not there; it was left out.")
            return None
        if key not in self._read:
            self._read[key] = self._listing(element)
            if self._read[key] is None:
                self._say(element, "no app of this profile could be carried; who has it was left out.")
        return self._read[key]

    def name_of(self, reference: Element) -> str:
        """Return the name of the profile that an element refers to, or nothing."""
        element = self._elements.get(_key(reference))
        return element.attributes.get("Name", "") if element else ""

    def tell_unused(self) -> None:
        """Remark on the profiles that nobody has."""
        for key, element in self._elements.items():
            if key not in self._read:
                self._say(element, "nobody has this profile; it was left out.", lost=False)

    def _listing(self, profile: Element) -> Listing | None:
        single, lists = profile.all(_SINGLE), profile.all(_LISTS)
        known = {_LISTS, _SINGLE, _LAYOUT, _TASKBAR, _FOLDERS}
        self._attributes(profile, {"Id", "Name"})
        for child in profile.children:
            if child.name not in known:
                self._say(
                    child, f"{_shown(child)} is for desktop systems only, or newer than this program; left out."
                )
        self._decoration(profile)
        if single:
            for other in lists:
                self._say(other, "a profile has one app or a list of apps; this list was left out.")
            return self._single(single)
        allowed = [inner for outer in lists for inner in self._only(outer, names.base("AllowedApps"))]
        return self._several([app for inner in allowed for app in self._only(inner, names.base("App"))])

    def _only(self, parent: Element, name: str) -> list[Element]:
        """Return the children of a name, and remark on all others."""
        for child in parent.children:
            if child.name != name:
                self._say(child, f"{_shown(child)} in {parent.local} is not known for HoloLens and was left out.")
        return parent.all(name)

    def _decoration(self, profile: Element) -> None:
        for layout in profile.all(_LAYOUT):
            self._say(layout, f"{_layout(layout.text)} was left out; HoloLens shows none.", lost=False)
        for taskbar in profile.all(_TASKBAR):
            if taskbar.attributes.get("ShowTaskbar") not in ("true", "1"):
                self._say(taskbar, "ShowTaskbar was left out: HoloLens has no taskbar, ours say true.", lost=False)
        for folders in profile.all(_FOLDERS):
            self._say(folders, "the restriction of folders was left out; it is not documented for HoloLens.")

    def _single(self, found: Sequence[Element]) -> Listing | None:
        for other in found[1:]:
            self._say(other, "a profile of a single app has one; this one was left out.")
        app = found[0]
        if _AUTO in app.attributes:
            self._say(app, "AutoLaunch of a single app has no meaning: it always starts by itself.", lost=False)
        self._attributes(app, {"AppUserModelId", _AUTO})
        aumid = self._aumid(app)
        return None if aumid is None else Listing((_short([aumid])[aumid],), single=True)

    def _several(self, apps: Sequence[Element]) -> Listing | None:
        aumids: dict[str, str] = {}
        launched: list[str] = []
        for app in apps:
            aumid = self._aumid(app)
            if aumid is None:
                continue
            if aumid.lower() in aumids:
                self._say(app, "the app is listed twice.", lost=False)
            aumids.setdefault(aumid.lower(), aumid)
            self._attributes(app, {"AppUserModelId", _AUTO, _ARGUMENTS})
            if app.attributes.get(_AUTO, "false") not in ("true", "1", "false", "0"):
                self._say(app, "AutoLaunch is neither true nor false; the app does not start by itself.")
            if app.attributes.get(_ARGUMENTS):
                self._say(app, "AutoLaunchArguments was left out; no page for HoloLens shows what they do.")
            if app.attributes.get(_AUTO) in ("true", "1"):
                launched.append(aumids[aumid.lower()])
                if len(launched) > 1:
                    self._say(app, "only one app can start by itself; the first one does.")
        launch = launched[0] if launched else None
        short = _short(aumids.values(), launch)
        listed = tuple(dict.fromkeys(short.values()))
        return Listing(listed, short[launch] if launch else None) if listed else None

    def _aumid(self, app: Element) -> str | None:
        marks = app.attributes
        text = marks.get("AppUserModelId")
        if text is None:
            path = next((value for key, value in marks.items() if key.endswith("Path")), "")
            self._say(app, f"the desktop program {path[:80]!r} was left out: HoloLens runs store apps only.")
            return None
        try:
            if "!" in text:
                return _APP.validate_python(text.strip())
        except ValidationError:
            pass
        self._say(app, f"{text[:80]!r} is no PackageFamilyName!ApplicationId; it was left out.")
        return None

    def _attributes(self, element: Element, known: set[str]) -> None:
        for name in sorted(set(element.attributes) - known):
            self._say(element, f"the attribute {name.rpartition('}')[2][:80]!r} of {element.local} was left out.")


def _short(aumids: Iterable[str], launch: str | None = None) -> dict[str, str]:
    """Return names by AUMID: a short name where it stands for exactly what is listed.

    A short name of several tiles needs all of them, and the one that starts by itself to be its first.
    """
    listed = {aumid.lower(): aumid for aumid in aumids}
    found = {aumid: aumid for aumid in listed.values()}
    for name, app in catalog.apps().items():
        tiles = [listed.get(tile.lower()) for tile in app.aumids]
        if tiles and None not in tiles and launch not in tiles[1:]:
            found.update({tile: name for tile in tiles if tile is not None})
    return found


def _layout(text: str) -> str:
    """Describe a start layout: how many tiles of which sizes."""
    try:
        tiles = [tile for tile in _all(parse_markup(text.strip())) if tile.local.endswith("Tile")]
    except MarkupError:
        return "a start layout that is no XML"
    sizes = sorted({tile.attributes.get("Size", "?")[:10] for tile in tiles})
    return f"the start layout ({len(tiles)} of sizes {', '.join(sizes)})" if tiles else "an empty start layout"


def _all(element: Element) -> list[Element]:
    return [element, *(below for child in element.children for below in _all(child))]


def _key(element: Element) -> str:
    return element.attributes.get("Id", "").strip().lower()


def _shown(element: Element) -> str:
    return f"{element.local[:80]!r} of {element.name.rpartition('}')[0].removeprefix('{')[:80]!r}"

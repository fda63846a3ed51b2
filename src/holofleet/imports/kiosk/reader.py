"""Kiosk XML to a draft: who sees what, in the words of the fleet file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from pydantic import TypeAdapter, ValidationError

from holofleet.errors import InputError
from holofleet.formats.assigned_access import names
from holofleet.formats.markup import Element, MarkupError
from holofleet.formats.markup import parse as parse_markup
from holofleet.imports.kiosk.draft import Draft, Listing, Remark, Target, TargetKind
from holofleet.imports.kiosk.profiles import Profiles
from holofleet.spec.values import UPN, Guid, LocalAccount, Name

_EVERYONE = f"{{{names.V3}}}GlobalProfile"
_EXCLUSIONS = f"{{{names.V5}}}Exclusions"
_OWNERS = f"{{{names.V5}}}SpecialGroup"
_ENTRA = re.compile(r"azuread\\", re.IGNORECASE)


class KioskImportError(InputError):
    """A document that nothing can be taken from: no XML, no kiosk, or nobody who would see anything."""


def read(data: bytes) -> Draft:
    """Take what a fleet file can say from a kiosk document, and say what was left out.

    Raises:
        KioskImportError: see the class; the detail names lines.
    """
    try:
        root = parse_markup(data)
    except MarkupError as error:
        raise KioskImportError(error.summary, mend="Mend the file first; nothing was taken from it.") from error
    if root.name != names.base("AssignedAccessConfiguration"):
        raise KioskImportError(
            f"line {root.line}: this is no kiosk document: its root is {root.local[:80]}, not "
            "AssignedAccessConfiguration of the namespace of 2017"
        )
    draft = _Reader(root).draft()
    if draft.everyone is None and not draft.profiles:
        told = " ".join(f"Line {remark.line}: {remark.text}" for remark in draft.remarks)
        raise KioskImportError("nobody would see anything of what could be carried", detail=told)
    return draft


class _Reader:
    """Reads who gets which profile; what is in a profile is the matter of :class:`Profiles`."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._remarks: list[Remark] = []
        self._names: set[str] = set()
        self._numbers = count(1)
        self._targets: set[tuple[TargetKind, str]] = set()
        self._profiles = Profiles(
            [p for listing in root.all(names.base("Profiles")) for p in listing.all(names.base("Profile"))],
            self._say,
        )

    def _say(self, element: Element, text: str, *, lost: bool = True) -> None:
        self._remarks.append(Remark(element.line, text, lost))

    def draft(self) -> Draft:
        self._strange(self._root, names.base("Profiles"), names.base("Configs"))
        for profiles in self._root.all(names.base("Profiles")):
            self._strange(profiles, names.base("Profile"))
        everyone: Listing | None = None
        owners = False
        found: list[tuple[Target, Listing]] = []
        for configs in self._root.all(names.base("Configs")):
            self._strange(configs, _EVERYONE, names.base("Config"))
            for shared in configs.all(_EVERYONE):
                if everyone is not None:
                    self._say(shared, "a second profile for everyone was left out.")
                    continue
                everyone = self._everyone(shared)
                owners = everyone is not None and self._owners(shared)
            found.extend(self._assigned(configs))
        self._profiles.tell_unused()
        remarks = tuple(sorted(self._remarks, key=lambda remark: remark.line))
        return Draft(everyone, owners, tuple(found), remarks)

    def _strange(self, parent: Element, *known: str) -> None:
        for child in parent.children:
            if child.name not in known:
                self._say(child, f"{_shown(child)} in {parent.local} is not known for HoloLens and was left out.")

    def _bare(self, element: Element, *known: str) -> None:
        for name in sorted(set(element.attributes) - set(known)):
            self._say(element, f"the attribute {_cut(name.rpartition('}')[2])} of {element.local} was left out.")

    def _everyone(self, element: Element) -> Listing | None:
        self._bare(element, "Id")
        listing = self._profiles.of(element)
        if listing is None or not listing.single:
            return listing
        self._say(
            element,
            "a single app for everyone is not documented for HoloLens; it became a start menu with that one app, "
            "which starts by itself.",
        )
        return Listing(listing.apps, listing.apps[0])

    def _owners(self, element: Element) -> bool:
        self._strange(element, _EXCLUSIONS)
        groups = [group for exclusions in element.all(_EXCLUSIONS) for group in exclusions.children]
        for group in groups:
            if group.name != _OWNERS or group.attributes.get("Name", "DeviceOwner") != "DeviceOwner":
                self._say(group, "only device owners can be left out of the profile for everyone.")
        return any(g.name == _OWNERS and g.attributes.get("Name", "DeviceOwner") == "DeviceOwner" for g in groups)

    def _assigned(self, configs: Element) -> Iterator[tuple[Target, Listing]]:
        for config in configs.all(names.base("Config")):
            self._bare(config)
            default = names.base("DefaultProfile")
            people = [child for child in config.children if child.name != default]
            references = config.all(default)
            if len(people) != 1 or len(references) != 1:
                self._say(config, f"a Config names one principal and one profile, not {len(people)} and "
                                  f"{len(references)}; it was left out.")  # fmt: skip
                continue
            listing = self._profiles.of(references[0])
            target = self._target(people[0], self._profiles.name_of(references[0]))
            if listing is None or target is None:
                continue
            key = (target.kind, target.object_id or target.name)
            if key in self._targets:
                self._say(people[0], "this principal has a profile already; the second one was left out.")
                continue
            self._targets.add(key)
            self._names.add(target.name)
            yield target, listing

    def _target(self, element: Element, hint: str) -> Target | None:
        name = element.attributes.get("Name", "")
        match element.local if element.name == names.base(element.local) else "":
            case "Account":
                return self._account(element)
            case "UserGroup" if element.attributes.get("Type") == "AzureActiveDirectoryGroup":
                return self._group(element, name, hint)
            case "UserGroup":
                self._say(element, "HoloLens knows groups of Entra ID only; this group was left out.")
            case "SpecialGroup" if name == "Visitor":
                return Target(TargetKind.VISITORS)
            case "SpecialGroup" if name == "DeviceOwner":
                self._say(
                    element,
                    "a profile of their own for device owners is not documented for HoloLens and was left out; "
                    "`except: [device-owners]` gives them the full start menu.",
                )
            case "AutoLogonAccount":
                self._say(
                    element,
                    "the hidden account that signs in by itself is not documented for HoloLens and was left out; "
                    "see `sign_in` for automatic sign-in.",
                )
            case _:
                self._say(element, f"{_shown(element)} is no principal that HoloLens knows and was left out.")
        return None

    def _account(self, element: Element) -> Target | None:
        text = element.text.strip()
        if _ENTRA.match(text):
            upn = _kept(_UPN, text.partition("\\")[2].strip())
            if upn is not None:
                return Target(TargetKind.USER, upn)
        elif (local := _kept(_LOCAL, text.removeprefix(".\\"))) is not None:
            return Target(TargetKind.LOCAL_ACCOUNT, local)
        self._say(
            element,
            f"the account {_cut(text)} is neither AzureAD\\user@tenant nor the name of a local account; "
            "it was left out.",
        )
        return None

    def _group(self, element: Element, text: str, hint: str) -> Target | None:
        object_id = _kept(_GUID, text.strip().strip("{}"))
        if object_id is None:
            self._say(element, f"{_cut(text)} is not the object id of a group of Entra ID; it was left out.")
            return None
        return Target(TargetKind.GROUP, self._free(_kept(_NAME, hint)), object_id)

    def _free(self, name: str | None) -> str:
        """Return a name that no other group of the draft has."""
        if name is not None and name not in self._names:
            return name
        return next(free for n in self._numbers if (free := f"kiosk-group-{n}") not in self._names)


_UPN: TypeAdapter[str] = TypeAdapter(UPN)
_GUID: TypeAdapter[str] = TypeAdapter(Guid)
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_LOCAL: TypeAdapter[str] = TypeAdapter(LocalAccount)


def _kept(kind: TypeAdapter[str], text: str) -> str | None:
    """Return a text as the fleet file keeps it, or ``None`` where it would be refused.

    Characters that do not print are refused here too: they could drive the terminal that the draft is printed on.
    """
    if not text.isprintable():
        return None
    try:
        return kind.validate_python(text)
    except ValidationError:
        return None


def _shown(element: Element) -> str:
    namespace = element.name.rpartition("}")[0].removeprefix("{")
    return _cut(element.local) if namespace == names.BASE else f"{_cut(element.local)} of {namespace[:80]!r}"


def _cut(text: str) -> str:
    return repr(text[:80])

"""EXT-34: the common restrictions are set."""

from __future__ import annotations

from collections.abc import Iterator

from holofleet.checks.case import Case
from holofleet.checks.rule import Enforced, Fault, Rule

_POLICY = "./Device/Vendor/MSFT/Policy/Config/"
_OFF = {
    "restrictions.storage_card": ("System/AllowStorageCard", "may put data on USB storage"),
    "restrictions.manual_unenrollment": (
        "Experience/AllowManualMDMUnenrollment",
        "may take a headset out of management",
    ),
    "restrictions.side_loading": (
        "ApplicationManagement/AllowAllTrustedApps",
        "may install apps that do not come from the Store",
    ),
}
_ON = {
    "privacy.camera": "Privacy/LetAppsAccessCamera",
    "privacy.microphone": "Privacy/LetAppsAccessMicrophone",
}
_BASELINE = "restrictions.baseline"


def _check(case: Case) -> Iterator[Fault]:
    bare = case.value(_BASELINE) in (None, "none")
    for key, (_, act) in _OFF.items():
        value = case.value(key)
        if value is True or (value is None and bare):
            yield Fault(
                f"people of {case.name} {act}" if value else f"nothing says whether people of {case.name} {act}",
                case.place(key if value else _BASELINE),
                f"Write `restrictions: {{{key.rpartition('.')[2]}: false}}`, or name a baseline.",
                "A headset out of your sight keeps to what it is told, and to nothing that was only meant.",
            )
    for key in _ON:
        if case.value(key) == "deny":
            name = key.rpartition(".")[2]
            yield Fault(
                f"{case.name} denies apps the {name}, without which there are no calls",
                case.place(key),
                f"Write `privacy: {{{name}: allow}}`.",
                "The client borrowed the headset to show and tell an expert something.",
            )


RULE = Rule(
    id="EXT-34",
    title="The common restrictions are set",
    why="The vendor keeps a list of restrictions for headsets out of sight. Each item that nobody decided falls "
    "back to what the system does by itself, which is mostly to allow.",
    how="USB storage, leaving management, and apps from elsewhere are off: by their keys in `restrictions`, or "
    "by a `restrictions.baseline` that lies under everything else. Camera and microphone are not denied. What "
    "the file says by a key, headsets have to report.",
    mend="Write `restrictions: {baseline: standard, storage_card: false, manual_unenrollment: false}`.",
    check=_check,
    nodes=(
        *(Enforced(_POLICY + uri, (key,)) for key, (uri, _) in _OFF.items()),
        *(Enforced(_POLICY + uri, (key,)) for key, uri in _ON.items()),
    ),
)

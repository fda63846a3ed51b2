"""``build.txt``: how ``customizations.xml`` becomes a package, and what to know before it is applied."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from holofleet.formats.provisioning_package.model import Package
from holofleet.formats.provisioning_package.rules import cautions

COMMAND = "ICD.exe /Build-ProvisioningPackage /CustomizationXML:customizations.xml /PackagePath:{name}.ppkg"
"""Run in the folder, on Windows. Source: 'Windows Configuration Designer command-line interface' (Microsoft)."""


def instructions(package: Package, *, left_out: Iterable[str] = (), notes: Iterable[str] = ()) -> str:
    """Return the text for a package.

    Args:
        package: What the package says.
        left_out: Sentences about what the fleet file says and the package does not carry.
        notes: Further sentences for whoever builds or applies it.
    """
    return "\n".join(_lines(package, tuple(left_out), tuple(notes))) + "\n"


def _lines(package: Package, left_out: tuple[str, ...], notes: tuple[str, ...]) -> Iterator[str]:
    yield f"Provisioning package {package.name}, version {package.version}, id {{{package.id}}}"
    yield from (
        "",
        "1. Fill in the secrets: holofleet render --with-secrets does. The files then hold them in clear;",
        "   so does the package. Delete them when the headsets are set up.",
        "2. On Windows, with Windows Configuration Designer from the Store (the one of the ADK does not know",
        "   HoloLens 2), run in this folder:",
        "",
        "   " + COMMAND.format(name=package.name),
        "",
        "   Do not encrypt the package and give it no password: HoloLens 2 cannot apply such a one.",
        "3. Put the package into the topmost folder of a USB stick. On the first page of the set-up, plug it in:",
        "   the headset finds it, counts ten seconds and applies it (20H2 and later).",
        "4. Change the version (enrollment.package.version) when the package changes: a headset replaces a",
        "   package only by one with the same id and a higher version.",
        "",
        "Not verified: no export of the vendor's tool for HoloLens 2 was seen with the first experience, a kiosk,",
        "or policies. Their values here are values of the policy CSP, not words of the vendor's tool: if the tool",
        "refuses one, choose the value of the same meaning in it.",
    )
    for title, texts in (
        ("Before it is applied", (*cautions(package), *notes)),
        ("What the fleet file says and this package does not carry", left_out),
    ):
        if texts:
            yield from ("", f"{title}:")
            for text in texts:
                yield from textwrap.wrap(text, 108, initial_indent="- ", subsequent_indent="  ")

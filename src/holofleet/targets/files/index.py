"""``index.html``: what lies in the folder, for whom, and what the folder does not do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from holofleet.formats import single_page
from holofleet.resources import Client, State
from holofleet.targets.files.contents import Written, folder_names

INDEX = "index.html"
_PACKAGE = "holofleet.targets.files"
_PARTS = {
    "people": ("For people", "Print these: each fits on one page."),
    "network": (
        "For the network engineer",
        "What has to be let through at each site, in the forms that filters read.",
    ),
    "autopilot": (
        "For Autopilot",
        "Hardware hashes as the portal takes them. They identify a device: keep them private.",
    ),
    "packages": ("Provisioning packages", "Input for the vendor's Configuration Designer, with its command line."),
    "cloud": ("For the tenant's administrator", "What has to be clicked or typed, because no interface does it."),
    "documents": ("Settings", "One folder for headsets that get the same settings, to be typed into an MDM."),
    "fleet": ("The fleet file", "What all of this was made from."),
    "": ("Tables", "For programs and spreadsheets."),
}
"""Title and sentence by top folder, in the order of the page."""


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    about: str
    files: tuple[Written, ...]


def render_index(state: State, written: Iterable[Written]) -> bytes:
    """Render the page: a single file that needs nothing else."""
    listed = list(written)
    page = (
        single_page.environment(_PACKAGE)
        .get_template(INDEX)
        .render(
            owner=state.of_kind(Client)["own"].display_name if "own" in state.of_kind(Client) else "",
            deployments=state.deployments.values(),
            counts={
                name: sum(h.deployment == name for h in state.headsets.values()) for name in state.deployments
            },
            headsets=len(state.headsets),
            parts=[part for part in _parts(listed) if part.files],
            documents=folder_names(state),
            undelivered=state.undelivered,
            **single_page.inline("style", single_page.asset(_PACKAGE, "index.css")),
        )
    )
    return single_page.ended(page).encode()


def _parts(written: list[Written]) -> Iterable[_Part]:
    for folder, (title, about) in _PARTS.items():
        inside = (w for w in written if (w.path.split("/")[0] if "/" in w.path else "") == folder)
        yield _Part(title, about, tuple(sorted(inside, key=lambda w: w.path)))

"""The fleets that are measured: a file of any length, and headsets with sixty settings each."""

from __future__ import annotations

import re

from holofleet import samples

SITES = ("contoso-desk", "contoso-plant-1", "contoso-plant-2")
DEPLOYMENT = "bench"
SETTINGS = 60
_HEADSET = re.compile(r"^  - \{serial:.*\n", re.MULTILINE)


def fleet_file(headsets: int) -> str:
    """Return the cloud-connected sample with this many headsets, spread over its sites."""
    written = samples.text("cloud-connected")["fleet.yaml"]
    first = _HEADSET.search(written)
    assert first is not None
    lines = "".join(
        f'  - {{serial: "{serial(number)}", asset: HL-{number:05}, site: {SITES[number % len(SITES)]}}}\n'
        for number in range(headsets)
    )
    rest = _HEADSET.sub("", written)
    return rest[: first.start()] + lines + rest[first.start() :]


def serial(number: int) -> str:
    """Return a serial as headsets have them."""
    return f"0034{number:08}"


def state(headsets: int) -> dict[str, object]:
    """Return the State (as JSON) of one deployment, whose headsets get 60 real settings each.

    They are the first sixty that the sample's own deployments have in common, in sending order.
    """
    from holofleet import desired, spec
    from holofleet.resources import Deployment, Document, Headset, State

    compiled = desired.compile(spec.parse({"fleet.yaml": fleet_file(len(SITES))}), target="server")
    documents = list(compiled.documents.values())
    shared = [s for s in documents[0].settings if not s.variables and all(s in d.settings for d in documents)]
    document = Document(tuple(shared[:SETTINGS]))
    assert len(document.settings) == SETTINGS
    members = [
        Headset(
            serial=serial(number),
            name=f"HL-{number:05}",
            deployment=DEPLOYMENT,
            client="own",
            document=document.hash,
            variables={"serial": serial(number)},
        )
        for number in range(headsets)
    ]
    deployment = Deployment(name=DEPLOYMENT, client="own", scenarios=("cloud-connected",))
    return State([deployment, *members], [document]).to_json()

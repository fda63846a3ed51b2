"""A sample in a tenant, read back as a fleet file: the same settings for every headset."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.unit.targets.graph.import_world import found

from holofleet import desired, samples, spec
from holofleet.imports.tenant import draft
from holofleet.resources import State
from holofleet.resources.document import VARIABLE

ROOT_OF_REQUEST = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/shared-account/Install/CAThumbprint"
DEFERRALS = {
    f"./Device/Vendor/MSFT/Policy/Config/Update/Defer{which}UpdatesPeriodInDays"
    for which in ("Feature", "Quality")
}
ADDED = {
    # An update ring always has deferrals, of 0 days where nobody chose one. The first sample with a certificate
    # trusts one root, so it need not name the one that signs; the tenant names it always.
    "shared-identity": {ROOT_OF_REQUEST, *DEFERRALS},
    "near-offline": DEFERRALS,
}
"""What a tenant says beyond the file that it was made from."""


def told(state: State, serial: str) -> Mapping[str, str]:
    """Return what a headset gets, variables filled in, secrets left as what they are."""
    headset = state.headsets[serial]
    known = {"serial": serial, **headset.variables}
    return {
        setting.oma_uri: VARIABLE.sub(lambda match: known.get(match.group(1), "a secret"), setting.data)
        for setting in state.documents[headset.document].settings
    }


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_an_imported_sample_gives_every_headset_the_same_settings(name: str) -> None:
    before, snapshot = found(name)
    made = draft(snapshot)
    lost = [remark.line for remark in made.remarks if remark.lost]
    assert all("say them by " in line for line in lost), lost  # policies beside the settings
    loaded = spec.parse({"fleet.yaml": made.yaml()}, enclosures=made.files)
    after = desired.compile(loaded, target="graph")
    assert after.headsets.keys() == before.headsets.keys()
    for serial in before.headsets:
        was, will = told(before, serial), told(after, serial)
        assert {uri: will.get(uri) for uri in was} == was, serial
        assert will.keys() - was.keys() == ADDED.get(name, set()), serial
        account = before.headsets[serial].variables.get("account", "")
        if serial in account:  # whose a headset is otherwise stands nowhere in a tenant
            assert after.headsets[serial].variables["account"] == account


def test_headsets_that_get_different_things_become_deployments_of_their_own() -> None:
    before, snapshot = found("cloud-connected")
    made = draft(snapshot)
    groups = {frozenset(one["headsets"]) for one in made.fleet["deployments"]}
    documents = {headset.document for headset in before.headsets.values()}
    assert groups == {
        frozenset(serial for serial, headset in before.headsets.items() if headset.document == document)
        for document in documents
    }

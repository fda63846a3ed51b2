"""The sample fleets compile, and what the demo shows is delivered whole."""

import pytest

from holofleet import catalog, desired, samples, spec


def state(scenario: str):
    return desired.compile(spec.parse(samples.text(scenario)))


@pytest.mark.parametrize("scenario", ["cloud-connected", "external-clients", "shared-identity", "near-offline"])
def test_every_setting_of_a_sample_is_one_that_the_headset_takes(scenario):
    found = state(scenario)
    assert found.headsets
    for document in found.documents.values():
        assert len(document.settings) >= 50
        for setting in document.settings:
            node = catalog.nodes().find(setting.oma_uri)
            assert node.writable
            assert node.available_on(catalog.builds().newest())
            node.check(setting.data)


def test_nothing_of_the_cloud_connected_sample_is_undelivered():
    found = state("cloud-connected")
    assert found.undelivered == ()
    assert all(headset.undelivered == () for headset in found.headsets.values())


def test_no_sample_locks_a_headset_on_our_own_server():
    for scenario in spec.SCENARIOS:
        for document in state(scenario).documents.values():
            assert document.by_uri["./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"].data == "false"

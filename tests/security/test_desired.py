"""Secrets stay references in everything that is compiled or explained."""

import pytest

from holofleet import desired, spec

SECRET = "correct-horse-battery"
FLEET = """
holofleet: 1
organization: {name: Contoso, country: US}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
sites:
  - {name: plant, network: {wifi: [{ssid: Plant, security: wpa2-psk, psk: env:HOLOFLEET_SECRET_WIFI}]}}
headsets:
  - {serial: "003421800101", site: plant}
deployments:
  - name: field-service
    scenario: cloud-connected
    headsets: all
    settings:
      - {oma_uri: ./Device/Vendor/MSFT/Policy/Config/Bluetooth/LocalDeviceName, SETTING}
"""


def loaded(setting: str) -> spec.Spec:
    return spec.parse({"fleet.yaml": FLEET.replace("SETTING", setting)})


def test_D2_compile_and_explain_never_hold_the_value_of_a_secret(monkeypatch):
    monkeypatch.setenv("HOLOFLEET_SECRET_WIFI", SECRET)
    monkeypatch.setenv("HOLOFLEET_SECRET_NAME", SECRET)
    fleet = loaded("secret: env:HOLOFLEET_SECRET_NAME")
    state = desired.compile(fleet)
    explained = [
        desired.explain(fleet, state, "003421800101", setting.oma_uri)
        for document in state.documents.values()
        for setting in document.settings
    ]
    texts = [state.render(), *(one.render() for one in explained), *(str(one.to_json()) for one in explained)]
    assert not any(SECRET in text for text in texts)
    assert "{{secret:env:HOLOFLEET_SECRET_WIFI}}" in texts[0]


def test_D2_the_hash_of_a_document_does_not_hang_on_the_value_of_a_secret(monkeypatch):
    fleet = loaded("secret: env:HOLOFLEET_SECRET_NAME")
    monkeypatch.setenv("HOLOFLEET_SECRET_WIFI", "one")
    before = desired.compile(fleet).hash
    monkeypatch.setenv("HOLOFLEET_SECRET_WIFI", "two")
    assert desired.compile(fleet).hash == before


@pytest.mark.parametrize(
    "reference", ["env:PATH", "env:HOME", "file:../keys/ca.pem", "file:/etc/passwd", "env:HOLOFLEET_TOKEN"]
)
def test_D2_a_raw_value_cannot_reach_for_anything_but_a_holofleet_secret(reference):
    with pytest.raises(desired.CompileError) as caught:
        desired.compile(loaded(f"value: '{{{{secret:{reference}}}}}'"))
    assert caught.value.findings[0].rule == "compile/variable"


VPN = "./Device/Vendor/MSFT/VPNv2/Contoso/NativeProfile/L2tpPsk"


@pytest.mark.parametrize("count", [1, 2])
def test_D2_a_secret_that_stands_in_the_file_is_refused_and_never_repeated(count):
    entries = f"      - {{oma_uri: {VPN}, value: {SECRET}}}\n" * count
    text = FLEET.replace(
        "      - {oma_uri: ./Device/Vendor/MSFT/Policy/Config/Bluetooth/LocalDeviceName, SETTING}\n", entries
    )
    with pytest.raises(desired.CompileError) as caught:
        desired.compile(spec.parse({"fleet.yaml": text}))
    assert {finding.rule for finding in caught.value.findings} == {"compile/plain-secret"}
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.findings)

"""Files that a fleet file names besides tables: read with it, or refused with the line that names them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from holofleet import spec
from holofleet.spec import SpecError
from holofleet.spec.enclosures import MAX_ENCLOSURE_BYTES

FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
sites:
  - name: plant
    network: {proxy: {mode: pac, pac_url: "https://a.test/p", inspects_tls: true, root_certificate: c/root.pem}}
headsets: [{serial: "003421800101"}]
defaults:
  certificates: [{name: inner, file: inner.pem}]
deployments:
  - name: line
    scenario: cloud-connected
    headsets: all
    app_control: {policy_file: policy.xml}
    network: {vpn: {name: own, profile_file: vpn.xml}}
"""
FILES = {"c/root.pem": b"root", "inner.pem": b"inner", "policy.xml": b"<SiPolicy/>", "vpn.xml": b"<VPNProfile/>"}


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    (tmp_path / "c").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "fleet.yaml"
    path.write_text(FLEET)
    return path


def refusal(fleet: Path) -> tuple[str, int, str]:
    with pytest.raises(SpecError) as caught:
        spec.load([fleet])
    (finding,) = caught.value.findings
    assert finding.position is not None
    return finding.summary, finding.position.line, finding.mend


def test_every_file_that_a_key_names_is_read_with_the_fleet_file(fleet: Path) -> None:
    loaded = spec.load([fleet])
    assert {name: loaded.attachment(name) for name in FILES} == FILES
    assert loaded.attachment("other.pem") is None


def test_a_missing_file_is_refused_with_the_line_that_names_it(fleet: Path) -> None:
    (fleet.parent / "policy.xml").unlink()
    assert refusal(fleet) == (
        "`policy.xml`: there is no such file",
        14,
        "Put the file beside the fleet file and name it by its path from there.",
    )


def test_IMP_1_a_link_a_device_and_a_path_upwards_are_not_read(fleet: Path) -> None:
    (fleet.parent / "vpn.xml").unlink()
    (fleet.parent / "vpn.xml").symlink_to("/etc/hostname")
    assert refusal(fleet)[0] == "`vpn.xml`: a link is not followed"
    (fleet.parent / "vpn.xml").unlink()
    os.mkfifo(fleet.parent / "vpn.xml")
    assert refusal(fleet)[0] == "`vpn.xml`: not a regular file"
    fleet.write_text(FLEET.replace("vpn.xml", "../vpn.xml"))
    with pytest.raises(SpecError, match=r"vpn\.xml"):
        spec.load([fleet])


def test_a_file_over_the_limit_is_not_read(fleet: Path) -> None:
    (fleet.parent / "inner.pem").write_bytes(b"x" * (MAX_ENCLOSURE_BYTES + 1))
    assert refusal(fleet)[:2] == (f"`inner.pem`: larger than {MAX_ENCLOSURE_BYTES} bytes", 9)


def test_a_fleet_that_was_parsed_from_texts_has_the_files_that_it_was_given() -> None:
    parsed = spec.parse({"fleet.yaml": FLEET}, enclosures={"vpn.xml": b"v"})
    assert (parsed.attachment("vpn.xml"), parsed.attachment("inner.pem")) == (b"v", None)

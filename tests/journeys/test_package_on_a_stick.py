"""A headset that only ever saw a package on a stick comes under management, over TLS."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.served_process import holofleet, served
from tests.simulated import headset_of

from holofleet.simulator import StickRefusedError, read_stick

SERIAL = "003421800101"
FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US, timezone: America/Chicago}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
sites:
  - name: plant
    network:
      uplink_mbps: 20
      downlink_mbps: 40
      wifi: [{ssid: Line & 1, security: wpa2-psk, psk: env:HOLOFLEET_SECRET_WIFI}]
headsets: [{serial: "003421800101"}]
deployments:
  - name: line
    scenario: cloud-connected
    site: plant
    headsets: all
    enrollment: {join: package}
"""
PACKAGE = """\
    enrollment:
      join: package
      package:
        upn: UPN
        password: env:HOLOFLEET_SECRET_PACKAGE
        server_url: URL
"""
SECRETS = {"HOLOFLEET_SECRET_WIFI": "pass & <phrase>"}
PATH = "packages/line/customizations.xml"


async def test_a_headset_enrolls_by_the_package_that_was_rendered(tmp_path: Path) -> None:
    fleet, out = tmp_path / "fleet.yaml", tmp_path / "rendered"
    fleet.write_text(FLEET, encoding="utf-8")
    with served(tmp_path, env=SECRETS) as server:
        applied = server.run("apply", fleet, "--yes")
        assert applied.status == 0, applied.error
        issued = server.run("credentials", "issue", "--deployment", "line").json()
        package = PACKAGE.replace("UPN", issued["username"])
        package = package.replace("URL", f"{server.address}/EnrollmentServer/Discovery.svc")
        fleet.write_text(FLEET.replace("    enrollment: {join: package}\n", package), encoding="utf-8")
        assert issued["password"] not in fleet.read_text(encoding="utf-8")

        secrets = SECRETS | {"HOLOFLEET_SECRET_PACKAGE": issued["password"]}
        assert holofleet("render", fleet, "--out", out, cold=True).status == 0
        with pytest.raises(StickRefusedError, match="a reference"):
            read_stick((out / PATH).read_bytes())
        assert holofleet("render", fleet, "--out", out, "--with-secrets", env=secrets).status == 0
        stick = read_stick((out / PATH).read_bytes())
        assert stick.networks == ("Line & 1",)
        assert stick.server_url == server.address
        assert stick.credential is not None

        headset = headset_of(server, SERIAL, stick.credential)
        await headset.enroll()
        await headset.check_in()
        assert server.words()[SERIAL] == "compliant"
        assert headset.violations == []
        headset.network.close()

"""The sample fleet of each guide: one headset of each deployment enrolls, and an operator sees how far it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.served_process import ServedProcess, holofleet, served
from tests.simulated import headset_of

from holofleet.samples import SAMPLES
from holofleet.simulator import Credential

WHOLE = ("cloud-connected",)
"""Scenarios of which everything is delivered."""


@pytest.mark.parametrize("scenario", SAMPLES)
async def test_a_headset_of_each_deployment_is_compliant_or_says_exactly_what_is_undelivered(
    tmp_path: Path, scenario: str
) -> None:
    with served(tmp_path) as server:
        file = server.apply_sample(scenario)
        compiled = holofleet("compile", file).json()
        first = _first_of_each_deployment(compiled)
        assert len(first) >= 1
        for deployment, serial in first.items():
            await _enroll(server, deployment, serial)
        listed = server.run("headsets", "list", "--format", "json").json()["headsets"]
        shown = {item["serial"]: item for item in listed}
        assert set(shown) == {item["serial"] for item in compiled["resources"]["headset"]}
        for headset in compiled["resources"]["headset"]:
            seen = shown[headset["serial"]]
            if headset["serial"] not in first.values():
                assert seen["compliance"] == "expected"
                continue
            missing = sorted(headset.get("undelivered", ()))
            assert (not missing) == (scenario in WHOLE)
            assert seen["compliance"] == ("pending" if missing else "compliant")
            assert seen["reasons"] == [f"undelivered: {key}" for key in missing]


def _first_of_each_deployment(compiled: Any) -> dict[str, str]:
    first: dict[str, str] = {}
    for headset in compiled["resources"]["headset"]:
        first.setdefault(headset["deployment"], headset["serial"])
    return first


async def _enroll(server: ServedProcess, deployment: str, serial: str) -> None:
    with server.api() as api:
        issued = api.post("/credentials", {"deployment": deployment, "uses": 1, "expires_s": 3600})
        headset = headset_of(server, serial, Credential(issued["username"], issued["password"]))
        await headset.enroll()
        await headset.check_in()
        headset.network.close()
        assert headset.violations == []
        settings = api.get(f"/headsets/{serial}")["settings"]
    assert settings
    assert {setting["status"] for setting in settings} == {"compliant"}

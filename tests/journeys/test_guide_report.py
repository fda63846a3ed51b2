"""The guide report beside a server: a statement is met once headsets say so, and broken when one drifts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.served_process import ServedProcess, holofleet, served
from tests.simulated import headset_of
from tests.started import ROOT

from holofleet.simulator import Credential, Headset

SERIALS = ("003421800101", "003421800102")
PAGES = "./Device/Vendor/MSFT/Policy/Config/Settings/PageVisibilityList"
RULE = "PREP-16"
"""Carried by nodes alone, on a fleet of two headsets."""


async def test_a_statement_waits_is_met_by_all_reports_and_broken_by_one(tmp_path: Path) -> None:
    file = tmp_path / "fleet.yaml"
    file.write_text((ROOT / "tests/rules" / RULE / "passes.yaml").read_text(encoding="utf-8"))
    with served(tmp_path) as server:
        assert server.run("apply", file, "--yes").status == 0
        assert _standing(server, file) == (
            "waiting",
            "waits for reports of 2 of 2 headsets",
            "0 of 2 headsets reported it",
        )
        first = await _enrolled(server, SERIALS[0])
        assert _standing(server, file) == (
            "waiting",
            "waits for reports of 1 of 2 headsets",
            "1 of 2 headsets reported it",
        )
        second = await _enrolled(server, SERIALS[1])
        assert _standing(server, file) == ("met", "", "2 of 2 headsets reported it")
        second.refuse(PAGES, 415)
        second.drift(PAGES, "hide:about")
        assert server.run("headsets", "sync", SERIALS[1]).status == 0
        await second.check_in()
        word, why, evidence = _standing(server, file)
        assert (word, why) == ("not met", "1 of 2 headsets report another value")
        assert evidence == "1 of 2 headsets reported it"
        for headset in (first, second):
            headset.network.close()


async def _enrolled(server: ServedProcess, serial: str) -> Headset:
    with server.api() as api:
        issued = api.post("/credentials", {"deployment": "field-service", "uses": 1, "expires_s": 3600})
    headset = headset_of(server, serial, Credential(issued["username"], issued["password"]))
    await headset.enroll()
    await headset.check_in()
    return headset


def _standing(server: ServedProcess, file: Path) -> tuple[str, str, str]:
    report: Any = holofleet("guide", file, "--format", "json", "--data", server.data, cold=True).json()
    statements = [item for guide in report["guides"] for item in guide["statements"]]
    (found,) = next(item for item in statements if item["id"] == RULE)["standings"]
    return found["standing"], found["why"], found["evidence"]

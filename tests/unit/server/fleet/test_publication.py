from __future__ import annotations

import json

from holofleet.resources import Deployment, Document, Format, Headset, Origin, Setting, State, Undelivered
from holofleet.server.fleet.publication import common_document, prepare

CAMERA = Setting("./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera", Format.INT, "1")
CARD = Setting("./Device/Vendor/MSFT/Policy/Config/System/AllowStorageCard", Format.INT, "0")
LOCK = Setting("./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE", Format.BOOL, "true")
SECRET = Setting("./Device/Vendor/MSFT/WiFi/Profile/A/WlanXml", Format.CHR, "{{secret:env:HOLOFLEET_SECRET_A}}")
OTHER_CAMERA = Setting(CAMERA.oma_uri, Format.INT, "0")


def test_a_stranger_gets_what_all_headsets_share_without_secrets_and_without_the_lock() -> None:
    found = common_document([Document((CAMERA, CARD, LOCK, SECRET)), Document((OTHER_CAMERA, CARD, LOCK))])
    assert found.settings == (CARD,)


def test_a_deployment_without_headsets_shares_nothing() -> None:
    assert common_document([]).settings == ()


def test_a_near_offline_deployment_is_read_back_at_each_visit() -> None:
    document = Document((CARD,))
    fleet = prepare(
        State(
            [
                Deployment(name="mine", scenarios=("cloud-connected", "near-offline"), verify_every_h=24),
                Deployment(name="yard", scenarios=("cloud-connected",), verify_every_h=12),
                Headset(serial="1", deployment="mine", document=document.hash),
                Headset(serial="2", deployment="yard", document=document.hash),
            ],
            [document],
        )
    )
    assert {row.serial: row.verify_every_h for row in fleet.headsets} == {"1": 0, "2": 12}


def test_origins_go_from_weakest_to_strongest() -> None:
    document = Document((CARD,))
    layers = ("deployment", "baseline", "scenario")
    fleet = prepare(
        State(
            [Deployment(name="d", scenarios=("cloud-connected",))],
            [document],
            origins=[Origin(deployment="d", oma_uri=CARD.oma_uri, layer=layer, key="k") for layer in layers],
        )
    )
    ((_client, _deployment, _uri, chain),) = fleet.origins
    assert [origin["layer"] for origin in json.loads(chain)] == ["baseline", "scenario", "deployment"]


def test_what_only_another_target_cannot_deliver_is_not_undelivered_here() -> None:
    items = [
        Undelivered(deployment="d", key="app_control", reason="not built"),
        Undelivered(deployment="d", key="autopilot", reason="no", target="files"),
    ]
    fleet = prepare(State([Deployment(name="d", scenarios=("cloud-connected",))], undelivered=items))
    assert [item["key"] for item in json.loads(fleet.deployments[0].undelivered)] == ["app_control"]

"""Rules of calls and their sides on both databases."""

from __future__ import annotations

import pytest
from tests.custody_world import CustodyWorld

from holofleet import desired, spec
from holofleet.server.assist.policy import SideKind
from holofleet.storage.assist.policy import StoredCallPolicy
from holofleet.storage.database import Database

FLEET = """
holofleet: "1"
organization: {name: Contoso, country: US, timezone: Europe/Berlin}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
licenses: [{sku: AAD_PREMIUM, seats: 1}]
people:
  - {upn: megan@contoso.com, display_name: Megan Bowen, roles: [expert]}
  - {upn: adele@contoso.com, display_name: Adele Vance, roles: [expert]}
  - {upn: admin@contoso.com, roles: [administrator]}
groups:
  - {name: pump-experts, members: [megan@contoso.com, admin@contoso.com]}
  - {name: line-headsets, members: {accounts_of: [lent]}, licenses: [AAD_PREMIUM]}
clients: [{name: fabrikam, display_name: Fabrikam, experts: [pump-experts]}]
headsets: [{serial: "100"}, {serial: "200"}]
calls:
  rotas: [{name: pumps, experts: [pump-experts], hours: mon-fri 07:00-17:00}]
  barriers: [{between: [own, line-headsets]}]
deployments:
  - name: lent
    scenario: external-clients
    client: fabrikam
    headsets: ["100"]
    accounts: {kind: shared-certificate, users: per-headset}
    assist: {license: AAD_PREMIUM, hours: [mon-fri 06:00-22:00], forbid: [files], keep: {records_days: 30}}
  - {name: field, scenario: cloud-connected, headsets: ["200"]}
"""


@pytest.fixture
def stored(database: Database) -> StoredCallPolicy:
    CustodyWorld(database).publish(desired.compile(spec.parse({"fleet.yaml": FLEET})))
    return StoredCallPolicy(database)


def test_what_is_published_is_what_is_read(stored: StoredCallPolicy) -> None:
    calls = stored.published()
    lent, field = calls.rules["lent"], calls.rules["field"]
    assert (lent.client, lent.experts, lent.forbid, lent.records_days) == (
        "fabrikam",
        ("pump-experts",),
        ("files",),
        30,
    )
    assert (lent.hours.timezone, lent.hours.spans[0]) == ("Europe/Berlin", (360, 1320))
    assert (field.client, field.experts, field.barrier) == ("own", (), "client")
    assert [(rota.name, rota.experts) for rota in calls.rotas] == [("pumps", ("pump-experts",))]
    assert calls.barriers == (("line-headsets", "own"),)


def test_experts_are_found_by_group_and_name_and_nobody_without_the_role(stored: StoredCallPolicy) -> None:
    assert [side.name for side in stored.experts(["pump-experts"])] == ["Megan Bowen"]
    assert [side.name for side in stored.experts(["adele@contoso.com", "pump-experts"])] == [
        "Adele Vance",
        "Megan Bowen",
    ]
    assert [side.name for side in stored.experts([])] == ["Adele Vance", "Megan Bowen"]
    assert stored.experts(["nobody"]) == []


def test_a_headset_comes_with_the_groups_and_licenses_of_its_account(stored: StoredCallPolicy) -> None:
    side = stored.headset("100")
    assert side is not None
    assert (side.kind, side.client, side.deployment, side.here, side.held) == (
        SideKind.HEADSET,
        "fabrikam",
        "lent",
        True,
        False,
    )
    assert side.groups == {"line-headsets"}
    assert side.licenses == {"AAD_PREMIUM"}
    assert stored.headset("999") is None

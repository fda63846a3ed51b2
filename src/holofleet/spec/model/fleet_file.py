"""The root of the fleet file."""

from __future__ import annotations

from typing import Literal

from holofleet.spec.model.base import Model, key
from holofleet.spec.model.calls import Calls
from holofleet.spec.model.deployment import Deployment, DeploymentSettings
from holofleet.spec.model.governance import Attestation, Waiver
from holofleet.spec.model.headset import Headset, Loan
from holofleet.spec.model.organization import Client, Group, License, Organization, Person, Tenant
from holofleet.spec.model.site import Site


class FleetFile(Model):
    """A fleet: who owns it, who uses it, which headsets there are, and how each group of them is used."""

    holofleet: Literal["1"] = key("Version of the format.", example="1", default=...)
    organization: Organization = key(
        "Who owns the headsets.", example="{name: Contoso, country: US, timezone: America/Chicago}", default=...
    )
    tenant: Tenant = key(
        "The Entra tenant of the accounts.",
        example="{id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}",
        default=...,
        rule="PREP-05",
    )
    licenses: tuple[License, ...] = key(
        "Products that were bought.", example="[{sku: AAD_PREMIUM, seats: 30}]", default=(), rule="EXT-08"
    )
    people: tuple[Person, ...] = key(
        "Who administers, helps and wears.",
        example="[{upn: admin@contoso.com, roles: [administrator]}]",
        default=(),
        rule="EXT-07",
    )
    groups: tuple[Group, ...] = key(
        "Security groups.",
        example="[{name: headset-accounts, members: {accounts_of: [field-service]}}]",
        default=(),
        rule="EXT-15",
    )
    clients: tuple[Client, ...] = key(
        "External organizations.", example="[{name: fabrikam, experts: [pump-experts]}]", default=(), rule="EXT-03"
    )
    sites: tuple[Site, ...] = key(
        "Places with their network.",
        example="[{name: contoso-desk, connectivity: online}]",
        default=(),
        rule="PREP-17",
    )
    headsets: tuple[Headset, ...] = key(
        "The headsets: a list, {csv: FILE} or {hardware_hashes: FILE}.",
        example="[{serial: 003421800101}]",
        default=(),
        rule="EXT-03",
    )
    loans: tuple[Loan, ...] = key(
        "Headsets at clients.",
        example="[{client: fabrikam, headsets: [003421800201], ships: 2026-12-07}]",
        default=(),
        rule="EXT-03",
    )
    calls: Calls = key(
        "Who answers calls, and who never meets in one.",
        example="{rotas: [{name: pumps, experts: [pump-experts]}]}",
        default=Calls(),
        rule="EXT-57",
    )
    defaults: DeploymentSettings = key(
        "What holds for every deployment of the file.",
        example="{verify_every_h: 24}",
        default=DeploymentSettings(),
    )
    deployments: tuple[Deployment, ...] = key(
        "Headsets by the way they are used.",
        example="[{name: field-service, scenario: cloud-connected, headsets: all}]",
        default=(),
    )
    attestations: tuple[Attestation, ...] = key(
        "What somebody looked at where no interface tells.",
        example="[{rule: EXT-37, by: admin1@contoso.com, on: 2026-11-16, until: 2027-05-16, seen: none bought}]",
        default=(),
        rule="EXT-37",
    )
    waivers: tuple[Waiver, ...] = key(
        "Findings that are accepted for a time.",
        example="[{rule: EXT-30, by: admin1@contoso.com, until: 2027-01-29, reason: no power}]",
        default=(),
    )


LISTS = frozenset(name for name, field in FleetFile.model_fields.items() if field.default == ())
"""Keys whose lists join when a fleet is written in several files."""

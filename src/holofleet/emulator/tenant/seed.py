"""What a tenant holds at its beginning: its domain, licenses, policies and defaults, all of example names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from holofleet.clock import Clock, SystemClock
from holofleet.emulator.edm import Version
from holofleet.emulator.tenant.settings import Delays, Settings
from holofleet.emulator.tenant.tenant import Tenant
from holofleet.errors import InputError

INTUNE_APP = "0000000a-0000-0000-c000-000000000000"


@dataclass(frozen=True)
class Sku:
    """A product that the tenant has bought.

    Args:
        part: Its name (skuPartNumber).
        id: Its skuId.
        plans: Ids of its service plans by name.
        seats: How many.
    """

    part: str
    id: str
    plans: Mapping[str, str] = field(default_factory=dict)
    seats: int = 100


_REMOTE_ASSIST = {
    "MICROSOFT_REMOTE_ASSIST": "4f4c7800-298a-4e22-8867-96b17850d4dd",
    "TEAMS1": "57ff2da0-773e-42df-b2af-ffb7a2317929",
    "CDS_REMOTE_ASSIST": "0850ebb5-64ee-4d3a-a3e1-5a97213653b5",
}
_INTUNE = {"INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5"}
_TEAMS = {"TEAMS1": _REMOTE_ASSIST["TEAMS1"]}
_PREMIUM = {"AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d"}
_SUITE = {**_PREMIUM, **_INTUNE, **_TEAMS}

KNOWN_SKUS = {
    sku.part: sku
    for sku in (
        Sku("MICROSOFT_REMOTE_ASSIST", "7a551360-26c4-4f61-84e6-ef715673e083", _REMOTE_ASSIST),
        Sku("MICROSOFT_REMOTE_ASSIST_HOLOLENS", "e48328a2-8e98-4484-a70f-a99f8ac9ec89", _REMOTE_ASSIST),
        Sku("INTUNE_A", "061f9ace-7d42-4136-88ac-31dc755f143f", _INTUNE),
        Sku("INTUNE_A_D", "2b317a4a-77a6-4188-9437-b68a77b4e2c6", _INTUNE),
        Sku("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", _PREMIUM),
        Sku("EMS", "efccb6f7-5641-4e0e-bd10-b4976e1bf68e", {**_PREMIUM, **_INTUNE}),
        Sku(
            "SPE_F1",
            "66b55226-6b4f-492c-910c-a3b7a3c9d993",
            {**_PREMIUM, **_INTUNE, "TEAMS1": _REMOTE_ASSIST["TEAMS1"]},
        ),
        Sku(
            "SPE_E3",
            "05e9a617-0261-4cee-bb44-138d3ef5d965",
            {**_PREMIUM, **_INTUNE, "TEAMS1": _REMOTE_ASSIST["TEAMS1"]},
        ),
        Sku(
            "GUIDES_USER",
            "0a389a77-9850-4dc4-b600-bc66fdfefc60",
            {"GUIDES": "0b2c029c-dca0-454a-a336-887285d6ef07"},
        ),
        Sku("TEAMS_ESSENTIALS_AAD", "3ab6abff-666f-4424-bfb7-f0bc274ec7bc", _TEAMS),
    )
}
"""Products of the customary guides, with published ids (licensing service plan reference)."""

DEFAULT_SKUS = tuple(KNOWN_SKUS.values())
_NEEDS = {_REMOTE_ASSIST["MICROSOFT_REMOTE_ASSIST"]: (_REMOTE_ASSIST["CDS_REMOTE_ASSIST"],)}
"""Assumed: the plan of the app needs the plan of its data, so disabling the second disables the first."""


def new_tenant(
    clock: Clock | None = None,
    settings: Settings | None = None,
    *,
    domains: Sequence[str] = ("contoso.com",),
    skus: Iterable[Sku] = DEFAULT_SKUS,
) -> Tenant:
    """Return a tenant as it is when it was just bought."""
    tenant = Tenant(clock or SystemClock(), settings or Settings())
    tenant.actor = "the service"
    _organization(tenant, domains)
    tenant.plan_needs.update(_NEEDS)
    for sku in skus:
        _sku(tenant, sku)
    _policies(tenant)
    _intune(tenant)
    tenant.changes.clear()
    tenant.actor = "holofleet"
    return tenant


def load_tenant(path: Path, clock: Clock | None = None, *, delays: Delays | None = None) -> Tenant:
    """Return a tenant as a JSON file describes it: ``domains``, ``skus``, ``managed_devices`` and more.

    Raises:
        InputError: the file cannot be read as such.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        unknown = set(given) - {"domains", "skus", "managed_devices", "registered_elsewhere", "page_sizes", "seed"}
        if unknown:
            raise InputError(f"{path}: unknown keys {', '.join(sorted(unknown))}")
        settings = Settings(
            delays=delays or Delays(), seed=given.get("seed", 0), page_sizes=given.get("page_sizes", {})
        )
        skus = [
            Sku(part, KNOWN_SKUS[part].id, KNOWN_SKUS[part].plans, seats)
            for part, seats in given.get("skus", {sku.part: sku.seats for sku in DEFAULT_SKUS}).items()
        ]
        tenant = new_tenant(clock, settings, domains=given.get("domains", ["contoso.com"]), skus=skus)
        tenant.registered_elsewhere.update(given.get("registered_elsewhere", ()))
        for device in given.get("managed_devices", ()):
            add_managed_device(tenant, **device)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{path}: this is no description of a tenant ({error})", mend="See docs/graph-emulator.md."
        ) from error
    return tenant


def add_managed_device(tenant: Tenant, serial: str, **properties: Any) -> str:
    """Add a headset that Intune manages, as if it had enrolled, and return its id."""
    defaults: dict[str, Any] = {
        "deviceName": f"HL-{serial}",
        "serialNumber": serial,
        "model": "HoloLens 2",
        "manufacturer": "Microsoft Corporation",
        "operatingSystem": "Windows",
        "osVersion": "10.0.22621.1266",
        "complianceState": "compliant",
        "managementState": "managed",
        "autopilotEnrolled": True,
        "deviceEnrollmentType": "windowsAzureADJoinUsingDeviceAuth",
        "azureADDeviceId": _entra_device(tenant, serial),
        "enrolledDateTime": tenant.stamp(),
        "lastSyncDateTime": tenant.stamp(),
        "managedDeviceOwnerType": "company",
        "userPrincipalName": "",
        "isEncrypted": True,
        "deviceActionResults": [],
    }
    known = tenant.schema.properties("managedDevice", Version.BETA)
    unknown = set(properties) - set(known)
    if unknown:
        raise ValueError(f"a managed device has no {', '.join(sorted(unknown))}")
    return tenant.create("managedDevices", "managedDevice", {**defaults, **properties}).id


def _entra_device(tenant: Tenant, serial: str) -> str:
    entra = tenant.collection("devices").get(tenant.registered.get(serial, ""))
    return str(entra.properties["deviceId"]) if entra is not None else tenant.new_id()


def _organization(tenant: Tenant, domains: Sequence[str]) -> None:
    verified = [
        {"name": name, "isDefault": at == 0, "isInitial": False, "type": "Managed", "capabilities": "Email"}
        for at, name in enumerate(domains)
    ]
    tenant.create(
        "organization",
        "organization",
        {
            "displayName": "Contoso",
            "countryLetterCode": "US",
            "tenantType": "AAD",
            "mobileDeviceManagementAuthority": "intune",
            "verifiedDomains": verified,
            "technicalNotificationMails": [],
        },
        id_=tenant.id,
    )
    for at, name in enumerate(domains):
        tenant.create(
            "domains",
            "domain",
            {
                "authenticationType": "Managed",
                "isDefault": at == 0,
                "isInitial": False,
                "isRoot": True,
                "isVerified": True,
                "isAdminManaged": True,
                "supportedServices": ["Email"],
                "passwordValidityPeriodInDays": 90,
                "passwordNotificationWindowInDays": 14,
            },
            id_=name,
        )


def _sku(tenant: Tenant, sku: Sku) -> None:
    plans = [
        {"servicePlanId": id_, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"}
        for name, id_ in sku.plans.items()
    ]
    tenant.create(
        "subscribedSkus",
        "subscribedSku",
        {
            "skuId": sku.id,
            "skuPartNumber": sku.part,
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": 0,
            "prepaidUnits": {"enabled": sku.seats, "suspended": 0, "warning": 0, "lockedOut": 0},
            "servicePlans": plans,
        },
        id_=f"{tenant.id}_{sku.id}",
    )
    tenant.consumers[sku.id] = set()


def _policies(tenant: Tenant) -> None:
    everybody = {"@odata.type": "#microsoft.graph.allDeviceRegistrationMembership"}
    tenant.singletons["deviceRegistrationPolicy"] = {
        "id": "deviceRegistrationPolicy",
        "displayName": "Device Registration Policy",
        "description": "Who may register and join devices.",
        "userDeviceQuota": 50,
        "multiFactorAuthConfiguration": "notRequired",
        "azureADRegistration": {"isAdminConfigurable": False, "allowedToRegister": everybody},
        "azureADJoin": {"isAdminConfigurable": True, "allowedToJoin": everybody},
        "localAdminPassword": {"isEnabled": False},
    }
    tenant.singletons["authorizationPolicy"] = {
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "description": "What users may do.",
        "allowInvitesFrom": "everyone",
        "allowedToSignUpEmailBasedSubscriptions": True,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "blockMsolPowerShell": False,
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "defaultUserRolePermissions": {
            "allowedToCreateApps": True,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": True,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
        },
    }
    tenant.singletons["x509Certificate"] = {
        "@odata.type": "#microsoft.graph.x509CertificateAuthenticationMethodConfiguration",
        "id": "X509Certificate",
        "state": "disabled",
        "excludeTargets": [],
        "certificateUserBindings": [
            {
                "x509CertificateField": "PrincipalName",
                "userProperty": "onPremisesUserPrincipalName",
                "priority": 1,
            },
            {"x509CertificateField": "RFC822Name", "userProperty": "userPrincipalName", "priority": 2},
        ],
        "authenticationModeConfiguration": {
            "x509CertificateAuthenticationDefaultMode": "x509CertificateSingleFactor",
            "rules": [],
        },
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": False}],
    }
    tenant.singletons["mobileDeviceManagementPolicy"] = {
        "id": INTUNE_APP,
        "displayName": "Microsoft Intune",
        "appliesTo": "none",
        "isValid": True,
        "discoveryUrl": "https://enrollment.manage.example.com/enrollmentserver/discovery.svc",
    }


def _intune(tenant: Tenant) -> None:
    tenant.singletons["deviceManagement"] = {
        "id": tenant.id,
        "intuneAccountId": tenant.id,
        "subscriptionState": "active",
        "settings": {
            "deviceComplianceCheckinThresholdDays": 30,
            "isScheduledActionEnabled": True,
            "secureByDefault": False,
        },
    }
    tenant.singletons["windowsAutopilotSettings"] = {
        "id": tenant.id,
        "syncStatus": "completed",
        "lastSyncDateTime": "2001-01-01T00:00:00Z",
        "lastManualSyncTriggerDateTime": "2001-01-01T00:00:00Z",
    }
    tenant.create(
        "roleScopeTags", "roleScopeTag", {"displayName": "Default", "description": "", "isBuiltIn": True}, id_="0"
    )
    open_ = {
        "platformBlocked": False,
        "personalDeviceEnrollmentBlocked": False,
        "osMinimumVersion": None,
        "osMaximumVersion": None,
    }
    platforms = ("ios", "windows", "windowsMobile", "android", "macOS")
    for type_, name, more in (
        ("deviceEnrollmentLimitConfiguration", "DefaultLimit", {"limit": 5}),
        (
            "deviceEnrollmentPlatformRestrictionsConfiguration",
            "DefaultPlatformRestrictions",
            {f"{platform}Restriction": dict(open_) for platform in platforms},
        ),
        (
            "windows10EnrollmentCompletionPageConfiguration",
            "DefaultWindows10EnrollmentCompletionPageConfiguration",
            {"showInstallationProgress": False, "allowNonBlockingAppInstallation": False},
        ),
    ):
        tenant.create(
            "deviceEnrollmentConfigurations",
            type_,
            {
                "displayName": "All users and all devices",
                "description": "The default of the tenant.",
                "priority": 0,
                "version": 1,
                "createdDateTime": tenant.stamp(),
                "lastModifiedDateTime": tenant.stamp(),
                "deviceEnrollmentConfigurationType": f"default{name.removeprefix('Default')}",
                **more,
            },
            id_=f"{tenant.id}_{name}",
        )

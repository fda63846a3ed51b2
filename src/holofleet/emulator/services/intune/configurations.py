"""Device configurations: custom OMA-URI values, kiosk, update rings, certificates, Wi-Fi.

Texts, XML and binaries are stored encrypted: they read back as asterisks, and on beta with a reference by which
the plain text can be asked for, one request for each. A change replaces collections whole and gives new
references.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from holofleet.emulator.call import Call
from holofleet.emulator.collection import Listing
from holofleet.emulator.edm import Body, Version
from holofleet.emulator.message import Response, bad, missing
from holofleet.emulator.routing import Route, ok
from holofleet.emulator.services.intune.areas import CONFIGURATION
from holofleet.emulator.services.intune.policy import Policies, targeted
from holofleet.emulator.tenant import Item, Tenant

_BETA = frozenset({Version.BETA})
MASK = "****"
MAX_VALUE = 350_000
"""Bytes of one value (vendor documentation on app control through custom profiles)."""
_ENCRYPTED = frozenset(f"#microsoft.graph.omaSetting{kind}" for kind in ("String", "StringXml", "Base64"))
_ROOT = re.compile(
    r"(?P<home>https?://[^/]+)/(?P<version>v1\.0|beta)/deviceManagement/deviceConfigurations(\('|/)(?P<id>[^'/]+)('\))?"
)
_SCEP = "windows81SCEPCertificateProfile"
_SCEP_NEEDS = (
    "certificateStore",
    "keySize",
    "keyUsage",
    "hashAlgorithm",
    "scepServerUrls",
    "subjectNameFormat",
    "extendedKeyUsages",
    "certificateValidityPeriodScale",
    "certificateValidityPeriodValue",
)
_TRUSTED = "windows81TrustedRootCertificate"
_BINDS = {_SCEP: {"rootCertificate"}, "windowsWifiEnterpriseEAPConfiguration": {
    "rootCertificatesForServerValidation", "rootCertificateForClientValidation",
    "identityCertificateForClientAuthentication"}}  # fmt: skip


def routes() -> Iterator[Route]:
    """Return the routes of device configurations."""
    yield from POLICIES.routes()
    one = f"{POLICIES.path}/{{id}}"
    read = CONFIGURATION.read
    yield Route("GET", f"{one}/getOmaSettingPlainTextValue", _plain_text, CONFIGURATION, read)
    yield Route("GET", f"{one}/deviceStatuses", _statuses, CONFIGURATION, read)
    yield Route("GET", f"{one}/deviceStatusOverview", _overview, CONFIGURATION, read)
    for path in (f"{one}/rootCertificate", f"{one}/microsoft.graph.{_SCEP}/rootCertificate"):
        yield Route("GET", path, _root, CONFIGURATION, read, _BETA)


def _shape(call: Call, item: Item, properties: dict[str, Any]) -> dict[str, Any]:
    settings = properties.get("omaSettings")
    if settings:
        properties = {**properties, "omaSettings": [_masked(call, setting) for setting in settings]}
    if properties.get("preSharedKey") is not None:
        properties = {**properties, "preSharedKey": None}
    return properties


def _masked(call: Call, setting: dict[str, Any]) -> dict[str, Any]:
    kind = setting["@odata.type"]
    shown = {name: value for name, value in setting.items() if name not in ("secretReferenceValueId",)}
    shown.setdefault("description", None)
    if kind in _ENCRYPTED:
        shown["value"] = MASK
    if call.version is Version.BETA:
        shown["isEncrypted"] = kind in _ENCRYPTED
        shown["secretReferenceValueId"] = setting.get("secretReferenceValueId")
    return shown


def _check(call: Call, body: Body, item: Item | None) -> None:
    _check_binds(call, body, item)
    properties = body.properties
    if "displayName" in properties and not 1 <= len(properties["displayName"]) <= 200:
        raise bad("'displayName' has 1 to 200 characters.")
    if body.type == "windows10CustomConfiguration":
        if item is None or "omaSettings" in properties:
            _check_settings(call, properties)
    elif body.type == "windowsUpdateForBusinessConfiguration":
        for name, most in (
            ("qualityUpdatesDeferralPeriodInDays", 30),
            ("featureUpdatesDeferralPeriodInDays", 365),
        ):
            if not 0 <= properties.get(name, 0) <= most:
                raise bad(f"'{name}' has to be between 0 and {most}.")
    elif body.type == "windowsKioskConfiguration" and item is None and not properties.get("kioskProfiles"):
        raise bad("'kioskProfiles' has at least one profile.")
    elif body.type == _SCEP:
        _check_scep(properties, new=item is None)


def _check_settings(call: Call, properties: dict[str, Any]) -> None:
    settings = properties.get("omaSettings")
    if not settings:
        raise bad("'omaSettings' has at least one setting.")
    repeated = [uri for uri, count in Counter(setting["omaUri"] for setting in settings).items() if count > 1]
    if repeated:
        raise bad(f"The OMA-URI '{repeated[0]}' occurs more than once in the profile.")
    for setting in settings:
        uri = setting["omaUri"]
        if not re.fullmatch(r"\./\S+", uri):
            raise bad(f"The OMA-URI '{uri}' is not valid.")
        if setting["@odata.type"] in _ENCRYPTED:
            if len(str(setting["value"]).encode()) > MAX_VALUE:
                raise bad(f"The value of '{uri}' is larger than {MAX_VALUE} bytes.")
            _check_content(setting)
            setting["secretReferenceValueId"] = f"{call.tenant.id}_{call.tenant.new_id()}_{call.tenant.new_id()}"


def _check_content(setting: dict[str, Any]) -> None:
    kind, value = setting["@odata.type"], setting["value"]
    if kind.endswith(("Base64", "StringXml")):
        try:
            content = base64.b64decode(value, validate=True)
            if kind.endswith("StringXml"):
                content.decode("utf-8")
        except ValueError as error:
            raise bad(f"The value of '{setting['omaUri']}' is not base64 of what its type holds.") from error
        if not setting.get("fileName"):
            raise bad(f"The setting '{setting['omaUri']}' needs a 'fileName'.")


def _check_scep(properties: dict[str, Any], *, new: bool) -> None:
    for name in _SCEP_NEEDS:
        if new and not properties.get(name):
            raise bad(f"A value is required for property '{name}' of resource '{_SCEP}'.")
    if properties.get("subjectNameFormat") == "custom" and not properties.get("subjectNameFormatString"):
        raise bad("'subjectNameFormat' is custom, therefore 'subjectNameFormatString' is needed.")
    if not 1 <= properties.get("renewalThresholdPercentage", 20) <= 99:
        raise bad("'renewalThresholdPercentage' has to be between 1 and 99.")


def _check_binds(call: Call, body: Body, item: Item | None) -> None:
    """Keep what a certificate or network profile refers to; a trusted root has to exist first."""
    if set(body.binds) - _BINDS.get(body.type, set()):
        raise bad("These references cannot be set here.")
    if body.type == _SCEP:
        if item is not None and body.binds:
            raise bad("The root certificate of a profile can only be set when the profile is created.")
        if item is None and not body.binds.get("rootCertificate"):
            raise bad("'rootCertificate@odata.bind' is needed.")
    for name, addresses in body.binds.items():
        for address in addresses:
            _referred(call, address, certificate=not name.startswith("identity"))


def _referred(call: Call, address: str, *, certificate: bool) -> Item:
    match = _ROOT.fullmatch(address)
    if match is None or match["home"] not in ("https://graph.microsoft.com", call.origin):
        raise bad(f"Invalid URL format specified in 'odata.bind': '{address}'.")
    item = call.tenant.collection("deviceConfigurations").get(match["id"])
    if item is None or (certificate and item.type != _TRUSTED):
        raise bad(f"There is no trusted root certificate profile '{match['id']}'.")
    return item


class _Configurations(Policies):
    """Policies whose references are kept as links."""

    def _create(self, call: Call) -> Response:
        response = super()._create(call)
        item = call.tenant.collection("deviceConfigurations")[response.body["id"]]
        for key, value in call.given.items():
            name, _, term = key.partition("@")
            if term == "odata.bind":
                addresses = value if isinstance(value, list) else [value]
                targets = [_ROOT.fullmatch(address) for address in addresses]
                item.links[name] = {match["id"]: call.now for match in targets if match is not None}
        return response


POLICIES = _Configurations(
    "/deviceManagement/deviceConfigurations",
    Listing(
        "deviceConfigurations", "deviceConfiguration", expands=("assignments",), page=1000, most=1000, shape=_shape
    ),
    CONFIGURATION,
    assignment="deviceConfigurationAssignment",
    check=_check,
)


def _plain_text(call: Call) -> Response:
    item = POLICIES.find(call)
    wanted = call.match.arguments.get("secretReferenceValueId")
    if wanted is None:
        raise bad("The parameter 'secretReferenceValueId' is missing.")
    for setting in item.properties.get("omaSettings", ()):
        if setting.get("secretReferenceValueId") == wanted:
            return ok({"@odata.context": call.context("Edm.String"), "value": setting["value"]})
    raise missing(wanted)


def _root(call: Call) -> Response:
    item = POLICIES.find(call)
    for identity in item.links.get("rootCertificate", {}):
        root = call.tenant.find("deviceConfigurations", identity)
        return POLICIES.listing.one(call, root)
    raise missing("rootCertificate")


def statuses(tenant: Tenant, item: Item) -> list[tuple[Item, str]]:
    """Return what managed devices say of a configuration: those that it is assigned to, and what they reported."""
    included, excluded = targeted(tenant, item)
    entra = {d.properties.get("deviceId"): d.id for d in tenant.collection("devices").values()}
    found = []
    for device in tenant.collection("managedDevices").values():
        identity = entra.get(device.properties.get("azureADDeviceId"))
        if identity in included and identity not in excluded:
            found.append((device, tenant.reported_states.get((item.id, device.id), "compliant")))
    return found


def _statuses(call: Call) -> Response:
    item = POLICIES.find(call)
    values = [
        {
            "id": f"{item.id}_{device.id}",
            "deviceDisplayName": device.properties["deviceName"],
            "deviceModel": device.properties["model"],
            "userName": "",
            "userPrincipalName": device.properties.get("userPrincipalName", ""),
            "status": status,
            "lastReportedDateTime": device.properties["lastSyncDateTime"],
        }
        for device, status in statuses(call.tenant, item)
    ]
    return ok({"@odata.context": call.context("deviceStatuses"), "value": values})


def _overview(call: Call) -> Response:
    item = POLICIES.find(call)
    counted = Counter(status for _, status in statuses(call.tenant, item))
    return ok(
        {
            "id": item.id,
            "pendingCount": counted["notAssigned"],
            "notApplicableCount": counted["notApplicable"],
            "successCount": counted["compliant"] + counted["remediated"],
            "errorCount": counted["error"] + counted["conflict"],
            "failedCount": counted["nonCompliant"],
            "lastUpdateDateTime": call.tenant.stamp(),
            "configurationVersion": item.properties["version"],
        }
    )

"""Device configurations: what headsets get, a few profiles for each group of headsets.

Custom settings are compared one by one under their OMA-URI, so that a plan and a drift report name the node; what
describes a setting (its type, names) is compared beside it. Native profiles (update ring, trusted root, SCEP) are
compared by property. On top of what we send, whatever an administrator switched on in one of our profiles is a
difference (``rest.py``).

Texts, XML and binaries are stored encrypted. Their plain texts are asked for in batches, of our own profiles and
of those that would be adopted only, so that a changed kiosk or app control policy is found like any other.

Source: resource types ``deviceConfiguration``, ``omaSetting``, ``windowsUpdateForBusinessConfiguration``,
``windows81TrustedRootCertificate``, ``windows81SCEPCertificateProfile`` of the Microsoft Graph reference (beta).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.resources import Address, DeviceGroup
from holofleet.targets.graph.kinds import oma_values
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, Assigned
from holofleet.targets.graph.kinds.device_groups import headsets_of
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.lowering import Profile, lower, scep
from holofleet.targets.graph.lowering.profiles import CUSTOM
from holofleet.targets.graph.operations import Operation, Request, intune
from holofleet.targets.graph.reconcile import Ids, Scope, Seen, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, words
from holofleet.targets.graph.work import Work, ask

KIND: Final = "profile"
ROOT: Final = "root certificate"
_ABOUT: Final = "about "
_SETTINGS: Final = "omaSettings"
_BIND: Final = "rootCertificate@odata.bind"
_DESCRIBED: Final = ("@odata.type", "displayName", "description", "fileName", "isReadOnly")
_REST: Final = AtRest(
    rests={
        "automaticUpdateMode": "userDefined",
        "businessReadyUpdatesOnly": "userDefined",
        "deliveryOptimizationMode": "userDefined",
        "prereleaseFeatures": "userDefined",
        "updateWeeks": "userDefined",
        "userPauseAccess": "notConfigured",
        "userWindowsUpdateScanAccess": "notConfigured",
        "updateNotificationLevel": "notConfigured",
        "autoRestartNotificationDismissal": "notConfigured",
        "featureUpdatesRollbackWindowInDays": 10,  # the service's own choice (assumed)
    },
    service=frozenset(
        {
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "version",
            "supportsScopeTags",
            "roleScopeTagIds",
            "deviceManagementApplicabilityRuleOsEdition",
            "deviceManagementApplicabilityRuleOsVersion",
            "deviceManagementApplicabilityRuleDeviceMode",
            "assignments",
            _SETTINGS,
            "rootCertificate",
            "featureUpdatesRollbackStartDateTime",
            "qualityUpdatesRollbackStartDateTime",
            "featureUpdatesPauseExpiryDateTime",
            "qualityUpdatesPauseExpiryDateTime",
            "featureUpdatesPauseStartDate",
            "qualityUpdatesPauseStartDate",
        }
    ),
    named={"keyUsage": words},
    exact=("./", _ABOUT),
)


class Profiles(Assigned):
    """The device configurations of the groups of headsets.

    Args:
        root: Address of the Graph, which the reference to a root certificate names.
    """

    name = KIND
    after: Sequence[str] = (DeviceGroup.kind,)
    comparers: Mapping[str, Comparer] = _REST
    closed: Sequence[str] = ("",)
    listing = intune.LIST_PROFILES
    reads: Sequence[Operation] = (intune.LIST_PROFILES, intune.GET_PLAIN_TEXT, intune.GET_SCEP_ROOT)
    making = intune.CREATE_PROFILE
    changing = intune.UPDATE_PROFILE
    deleting = intune.DELETE_PROFILE
    assigning = intune.ASSIGN_PROFILE

    def __init__(self, root: str) -> None:
        self._root = root

    def wanted(self, scope: Scope) -> Sequence[Wanted]:
        """Return the profiles of every group.

        Raises:
            UnloweredError: a value that Intune cannot carry.
        """
        return [
            _wanted(group, profile, scope)
            for group in scope.state.of_kind(DeviceGroup).values()
            for profile in _profiles(group, scope)
        ]

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read all profiles, and the plain texts of those that matter."""
        response = yield from ask(self.list_request())
        wanted = {one.address: one for one in self.wanted(scope)}
        by_key = {one.key.casefold(): one for one in wanted.values()}
        meant = []
        for item in response.value:
            address = self.address(item, scope)
            if address is not None or _key(item).casefold() in by_key:
                meant.append((item, wanted.get(address) if address else by_key.get(_key(item).casefold())))
        items = [item for item, _ in meant]
        texts, roots = yield from _beside(items)
        return [self._seen(item, one, texts, roots, scope) for item, one in meant]

    def _seen(
        self,
        item: Mapping[str, Any],
        wanted: Wanted | None,
        texts: Mapping[str, Any],
        roots: Mapping[str, str],
        scope: Scope,
    ) -> Seen:
        seen = self.seen(item, scope)
        properties = {**seen.properties, **_settings(item, wanted, texts, scope)}
        bound = roots.get(seen.id, "")
        references = {**seen.references, **({ROOT: (bound,)} if bound else {})}
        return Seen(seen.id, _key(item), properties, references, seen.address, seen.version, item)

    def list_request(self) -> Request:
        """Return the request that lists them with assignments."""
        return self.listing.request(query={"$expand": "assignments"})

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return names, and what is set of a native profile."""
        kept = {name: item.get(name) for name in ("@odata.type", "displayName", "description")}
        if item.get("@odata.type") == CUSTOM:
            return kept
        return kept | _REST.set_by_somebody(item)

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the body, with secrets in place."""
        body = dict(wanted.properties)
        body.pop(OTHERS, None)
        settings = [
            {**body.pop(_ABOUT + uri), "omaUri": uri, "value": body.pop(uri)}
            for uri in [name for name in body if name.startswith("./")]
        ]
        if body["@odata.type"] == CUSTOM:
            coded = [oma_values.coded(setting) for setting in settings]
            body[_SETTINGS] = [oma_values.filled(setting, scope.resolve) for setting in coded]
        for address in wanted.references.get(ROOT, ()):
            body[_BIND] = f"{self._root}/beta/deviceManagement/deviceConfigurations('{ids[address]}')"
        return body

    def changed(self, wanted: Wanted, fields: frozenset[str], scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the whole body, and what was switched on by somebody else at rest again."""
        surplus = fields - wanted.properties.keys() - {GROUPS, OTHERS, ROOT, "adopt"}
        nodes = {name for name in surplus if name.startswith(("./", _ABOUT))}
        return self.body(wanted, scope, ids) | _REST.resting(surplus - nodes)

    def secrets(self, wanted: Wanted) -> tuple[str, ...]:
        """Return where the body holds secrets, for the recorder."""
        uris = [name for name in wanted.properties if name.startswith("./")]
        return tuple(
            f"{_SETTINGS}[{index}].value"
            for index, uri in enumerate(uris)
            if oma_values.holds_secret(wanted.properties[uri])
        )


def _profiles(group: DeviceGroup, scope: Scope) -> tuple[Profile, ...]:
    return lower(scope.state.documents[group.document], headsets_of(group, scope))


def _address(group: DeviceGroup, name: str) -> Address:
    return Address(KIND, f"{group.name}/{name}")


def _wanted(group: DeviceGroup, profile: Profile, scope: Scope) -> Wanted:
    address = _address(group, profile.name)
    title = f"{group.display_name} - {profile.name}"[:200]
    properties: dict[str, Any] = {
        **{name: value for name, value in profile.properties.items() if name != _SETTINGS},
        "displayName": title,
        "description": scope.marker.described("From the fleet file; changes here are undone.", address),
        OTHERS: [],
    }
    for setting in profile.properties.get(_SETTINGS, ()):
        uri = setting["omaUri"]
        properties[uri] = oma_values.shown(setting, setting["value"])
        properties[_ABOUT + uri] = {name: setting[name] for name in _DESCRIBED if name in setting}
    references = {GROUPS: (group.address,)}
    if profile.root:
        references[ROOT] = (_address(group, f"certificate {profile.root}"),)
    kind = str(profile.properties["@odata.type"])
    return Wanted(address, _titled(title, kind), properties, references, serials=group.serials)


def _settings(
    item: Mapping[str, Any], wanted: Wanted | None, texts: Mapping[str, Any], scope: Scope
) -> dict[str, Any]:
    """Return the custom settings of a profile as they are compared."""
    found: dict[str, Any] = {}
    for setting in item.get(_SETTINGS) or ():
        uri = str(setting.get("omaUri"))
        plain = texts.get(str(setting.get("secretReferenceValueId")), setting.get("value"))
        meant = wanted.properties.get(uri) if wanted is not None else None
        if oma_values.holds_secret(meant):
            found[uri] = oma_values.compared(setting, plain, str(meant), scope.resolve)
        else:
            found[uri] = oma_values.shown(setting, plain)
        about = {name: setting.get(name) for name in _DESCRIBED if setting.get(name) not in (None, False, "")}
        found[_ABOUT + uri] = about
    return found


def _beside(items: Sequence[Mapping[str, Any]]) -> Work[tuple[dict[str, Any], dict[str, str]]]:
    """Ask for what a list does not hold: encrypted values by their references, and roots of SCEP profiles."""
    encrypted = [
        (str(setting["secretReferenceValueId"]), str(item["id"]))
        for item in items
        for setting in item.get(_SETTINGS) or ()
        if setting.get("isEncrypted") and setting.get("secretReferenceValueId")
    ]
    bound = [str(item["id"]) for item in items if item.get("@odata.type") == scep.TYPE]
    texts = [intune.GET_PLAIN_TEXT.request(id=id_, reference=reference) for reference, id_ in encrypted]
    roots = [intune.GET_SCEP_ROOT.request(id=id_, query={"$select": "id"}, accept={404}) for id_ in bound]
    if not texts and not roots:
        return {}, {}
    responses = yield [*texts, *roots]
    values = [(response.body or {}).get("value") for response in responses[: len(texts)]]
    ids = [str((response.body or {}).get("id") or "") for response in responses[len(texts) :]]
    return (
        {reference: value for (reference, _), value in zip(encrypted, values, strict=True)},
        dict(zip(bound, ids, strict=True)),
    )


def _key(item: Mapping[str, Any]) -> str:
    return _titled(str(item.get("displayName") or ""), str(item.get("@odata.type") or ""))


def _titled(name: str, kind: str) -> str:
    return f"{name} ({kind.removeprefix('#microsoft.graph.')})"

"""Device configurations: what headsets get, a few profiles for each group of headsets.

Custom settings are compared one by one under their OMA-URI, so that a plan and a drift report name the node; what
describes a setting (its type, names) is compared beside it. Native profiles (update ring, trusted root, SCEP) are
compared by property. On top of what we send, whatever an administrator switched on in one of our profiles is a
difference (``rest.py``).

Texts, XML and binaries are stored encrypted. Their plain texts are asked for in batches, and only where a note in
the profile does not prove them unchanged (``plain_texts.py``), so that a changed kiosk or app control policy is
found like any other.

The root of a SCEP profile can be named only when it is made: a profile with another root is made anew. Profiles of
others are read too where they set what one of ours sets: on the same headsets neither would apply
(``conflicts.py``).

Source: resource types ``deviceConfiguration``, ``omaSetting``, ``windowsUpdateForBusinessConfiguration``,
``windows81TrustedRootCertificate``, ``windows81SCEPCertificateProfile`` of the Microsoft Graph reference (beta).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from holofleet.plans import ADOPT, Act
from holofleet.resources import Address, DeviceGroup
from holofleet.targets.graph.kinds import conflicts, oma_values, plain_texts
from holofleet.targets.graph.kinds.assigned import GROUPS, OTHERS, Assigned
from holofleet.targets.graph.kinds.device_groups import headsets_of
from holofleet.targets.graph.kinds.rest import AtRest
from holofleet.targets.graph.lowering import Profile, lower, scep
from holofleet.targets.graph.lowering.profiles import CUSTOM
from holofleet.targets.graph.operations import Operation, Request, intune
from holofleet.targets.graph.reconcile import Ids, Problem, Scope, Seen, Side, Wanted
from holofleet.targets.graph.reconcile.meaning import Comparer, words
from holofleet.targets.graph.work import Work, ask, together

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
        "featureUpdatesDeferralPeriodInDays": 0,
        "qualityUpdatesDeferralPeriodInDays": 0,
    },
    service=frozenset(
        {
            "id",
            "createdDateTime",
            "lastModifiedDateTime",
            "version",
            "supportsScopeTags",
            "roleScopeTagIds",
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
    counted=frozenset(
        {
            "deadlineForFeatureUpdatesInDays",
            "deadlineForQualityUpdatesInDays",
            "deadlineGracePeriodInDays",
            "engagedRestartDeadlineInDays",
            "engagedRestartSnoozeScheduleInDays",
            "engagedRestartTransitionScheduleInDays",
            "featureUpdatesRollbackWindowInDays",
            "scheduleImminentRestartWarningInMinutes",
            "scheduleRestartWarningInHours",
        }
    ),
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

    def writes(self, act: Act, fields: frozenset[str]) -> Sequence[Operation]:
        """Return the operations of an act; another root means to make a profile anew."""
        anew = (self.deleting, self.making) if act is Act.UPDATE and ROOT in fields else ()
        return (*super().writes(act, fields), *anew)

    def read(self, scope: Scope) -> Work[Sequence[Seen]]:
        """Read all profiles, and the plain texts of those that matter."""
        response = yield from ask(self.list_request())
        wanted = {one.address: one for one in self.wanted(scope)}
        by_key = {one.key.casefold(): one for one in wanted.values()}
        rivals = conflicts.Rivals(wanted.values())
        meant: list[tuple[Mapping[str, Any], Wanted | None]] = []
        strangers: list[Mapping[str, Any]] = []
        for item in response.value:
            address = self.address(item, scope)
            if address is not None or _key(item).casefold() in by_key:
                meant.append((item, wanted.get(address) if address else by_key.get(_key(item).casefold())))
            elif rivals.sets_the_same(item):
                strangers.append(item)
        unproved = [item for item, one in meant if one is None or not _proved(item, one)]
        texts, roots = yield from _beside(unproved + [rivals.narrowed(item) for item in strangers])
        ours = [self._seen(item, one, texts, roots, scope) for item, one in meant]
        return ours + [self._stranger(rivals.narrowed(item), texts, scope) for item in strangers]

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

    def _stranger(self, item: Mapping[str, Any], texts: Mapping[str, Any], scope: Scope) -> Seen:
        """Return a profile of somebody else that is compared for conflicts only: it cannot be adopted."""
        seen = self.seen(item, scope)
        properties = {**seen.properties, **_settings(item, None, texts, scope)}
        return Seen(seen.id, "", properties, seen.references, None, seen.version, item)

    def problems(self, sides: Mapping[str, Side], scope: Scope) -> Sequence[Problem]:
        """Return which profiles would fight with those of others."""
        return conflicts.found(sides[self.name], sides.get(DeviceGroup.kind), _REST)

    def list_request(self) -> Request:
        """Return the request that lists them with assignments."""
        return self.listing.request(query={"$expand": "assignments"})

    def properties(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return names, and what is set of a native profile."""
        kept = {name: item.get(name) for name in ("@odata.type", "displayName")}
        kept["description"] = plain_texts.plain(item.get("description"))
        return _REST.set_by_somebody(item) | kept

    def body(self, wanted: Wanted, scope: Scope, ids: Ids) -> dict[str, Any]:
        """Return the body that makes a profile, with secrets in place."""
        body = self._plain(wanted, scope, plain_texts.FIRST_VERSION)
        for address in wanted.references.get(ROOT, ()):
            body[_BIND] = f"{self._root}/beta/deviceManagement/deviceConfigurations('{ids[address]}')"
        return body

    def update(self, seen: Seen, wanted: Wanted, fields: frozenset[str], ids: Ids, scope: Scope) -> Work[None]:
        """Change what differs; one with another root is made anew, once it is ours."""
        if ROOT in fields and seen.ours:
            yield from self.delete(seen, scope)
            ids.note(wanted.address, (yield from self.create(wanted, ids, scope)))
            return
        works: list[Work[None]] = []
        if fields - {GROUPS, OTHERS, ROOT} or seen.address != wanted.address:
            works.append(self._change(seen.id, wanted, self._changed(seen, wanted, fields, scope)))
        if fields & {GROUPS, OTHERS}:
            works.append(self.assign(seen.id, wanted, ids))
        yield from together(works)

    def _changed(self, seen: Seen, wanted: Wanted, fields: frozenset[str], scope: Scope) -> dict[str, Any]:
        """Return the whole body, and what was switched on by somebody else at rest again."""
        surplus = fields - wanted.properties.keys() - {GROUPS, OTHERS, ROOT, ADOPT}
        native = {name for name in surplus if not name.startswith(("./", _ABOUT))}
        version = int(seen.version) + 1 if seen.version.isdigit() else 0
        return self._plain(wanted, scope, version) | _REST.resting(native, seen.properties)

    def _plain(self, wanted: Wanted, scope: Scope, version: int) -> dict[str, Any]:
        """Return the body without references, as the change that makes a version."""
        body = dict(wanted.properties)
        body.pop(OTHERS, None)
        body["description"] = plain_texts.noted(body["description"], version, plain_texts.digest(_texts(wanted)))
        settings = [
            {**body.pop(_ABOUT + uri), "omaUri": uri, "value": body.pop(uri)}
            for uri in [name for name in body if name.startswith("./")]
        ]
        if body["@odata.type"] == CUSTOM:
            coded = [oma_values.coded(setting) for setting in settings]
            body[_SETTINGS] = [oma_values.filled(setting, scope.resolve) for setting in coded]
        return body

    def secrets(self, wanted: Wanted) -> tuple[str, ...]:
        """Return where the body holds secrets, for the recorder."""
        uris = [name for name in wanted.properties if name.startswith("./")]
        return tuple(
            f"{_SETTINGS}[{index}].value"
            for index, uri in enumerate(uris)
            if oma_values.holds_secret(wanted.properties[uri])
        )


def _texts(wanted: Wanted) -> dict[str, Any]:
    """Return the values of a profile that the service encrypts, by OMA-URI."""
    return {
        name: value
        for name, value in wanted.properties.items()
        if name.startswith("./") and wanted.properties[_ABOUT + name]["@odata.type"] in oma_values.ENCRYPTED
    }


def _proved(item: Mapping[str, Any], wanted: Wanted) -> bool:
    return plain_texts.proved(item, plain_texts.digest(_texts(wanted)))


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
    unchanged = _texts(wanted) if wanted is not None and _proved(item, wanted) else {}
    for setting in item.get(_SETTINGS) or ():
        uri = str(setting.get("omaUri"))
        plain = texts.get(str(setting.get("secretReferenceValueId")), setting.get("value"))
        meant = wanted.properties.get(uri) if wanted is not None else None
        if uri in unchanged:
            found[uri] = unchanged[uri]
        elif oma_values.holds_secret(meant):
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

"""Each public kiosk sample of the vendor for HoloLens, said in a fleet file of ours.

What a headset then gets is compared with what the sample asks for, written down here by hand: who sees which
apps, and which one starts by itself. Ids, names and start layouts are not part of that. Of samples that are
templates, the apps of their comments are taken. The accounts and groups are ours.
"""

from __future__ import annotations

import pytest
from tests.unit.desired.fleets import told

from holofleet.formats import assigned_access as kiosk

ASSIST = "Microsoft.MicrosoftRemoteAssist_8wekyb3d8bbwe!Microsoft.RemoteAssist"
HUB = "Microsoft.WindowsFeedbackHub_8wekyb3d8bbwe!App"
SETTINGS = "BAEAEF15-9BAB-47FC-800B-ACECAD2AE94B_cw5n1h2txyewy!App"
OLD_SETTINGS = "HolographicSystemSettings_cw5n1h2txyewy!App"
OLD_EDGE = "Microsoft.MicrosoftEdge_8wekyb3d8bbwe!MicrosoftEdge"
GUIDES = "Microsoft.Dynamics365.Guides_8wekyb3d8bbwe!MicrosoftGuides"
NO_APP = "Microsoft.settingn_8wekyb3d8bbwe!MicrosoftEdge"
TECHS, LEADS = "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333"
GROUPS = f"groups: [{{name: techs, object_id: {TECHS}}}, {{name: leads, object_id: {LEADS}}}]"

Seen = tuple[str | None, frozenset[str]]
"""The app that starts by itself, and all apps; of a single app, ``single`` stands before it."""


def several(*apps: str, launch: str | None = None) -> Seen:
    return launch, frozenset(apps)


def single(app: str) -> Seen:
    return "single", frozenset({app})


MODERN = several(ASSIST, HUB, SETTINGS, launch=ASSIST)
DATED = several(OLD_EDGE, HUB, NO_APP, launch=OLD_EDGE)
TEMPLATE = several(GUIDES, HUB, launch=GUIDES)
MODERN_KEYS = "apps: [remote-assist, feedback-hub, settings], auto_launch: remote-assist"
DATED_KEYS = f"apps: [edge-old, feedback-hub, '{NO_APP}'], auto_launch: edge-old"
TEMPLATE_KEYS = "apps: [guides, feedback-hub], auto_launch: guides"
ONE, TWO = "account AzureAD\\technician1@contoso.com", "account AzureAD\\admin@contoso.com"

SAMPLES: dict[str, tuple[str, dict[str, Seen]]] = {
    "global-assigned-access": (f"for: everyone, except: [], {MODERN_KEYS}", {"everyone": MODERN}),
    "kiosk-sample-global-multiapp-for-everyone": (
        f"for: everyone, except: [], {MODERN_KEYS}",
        {"everyone": MODERN},
    ),
    "exclude-device-owners-from-global": (
        f"for: everyone, except: [device-owners], {MODERN_KEYS}",
        {"everyone but owners": MODERN},
    ),
    "kiosk-sample-global-multiapp-for-everyone-excluding-device-owners": (
        f"for: everyone, except: [device-owners], {MODERN_KEYS}",
        {"everyone but owners": MODERN},
    ),
    "exclude-one-aad-user-or-group": (
        f"for: everyone, except: [], {MODERN_KEYS}, profiles: [{{group: techs, {TEMPLATE_KEYS}}}]",
        {"everyone": MODERN, f"entra-group {TECHS}": TEMPLATE},
    ),
    "kiosk-sample-global-assigned-access": (f"for: everyone, except: [], {DATED_KEYS}", {"everyone": DATED}),
    "kiosk-sample-global-assigned-access-visitor-exclude": (
        f"for: everyone, except: [device-owners], {DATED_KEYS}, "
        "profiles: [{visitors: true, apps: [feedback-hub]}]",
        {"everyone but owners": DATED, "visitor": several(HUB)},
    ),
    "kiosk-sample-multi-aad-account": (
        "for: listed, profiles: "
        "[{user: technician1@contoso.com, apps: [feedback-hub, settings-old, remote-assist]}]",
        {ONE: several(HUB, OLD_SETTINGS, ASSIST)},
    ),
    "kiosk-sample-multi-aad-group": (
        f"for: listed, profiles: [{{group: techs, {MODERN_KEYS}}}]",
        {f"entra-group {TECHS}": MODERN},
    ),
    "kiosk-sample-multi-app-local-or-aad-user, a local account": (
        f"for: listed, profiles: [{{local_account: visor, {TEMPLATE_KEYS}}}]",
        {"account visor": TEMPLATE},
    ),
    "kiosk-sample-multi-app-local-or-aad-user, an Entra account": (
        f"for: listed, profiles: [{{user: technician1@contoso.com, {TEMPLATE_KEYS}}}]",
        {ONE: TEMPLATE},
    ),
    "kiosk-sample-multi-app-one-aad-group": (
        f"for: listed, profiles: [{{group: techs, {TEMPLATE_KEYS}}}]",
        {f"entra-group {TECHS}": TEMPLATE},
    ),
    "kiosk-sample-multi-app-two-aad-groups-or-more": (
        f"for: listed, profiles: [{{group: techs, {TEMPLATE_KEYS}}}, {{group: leads, {TEMPLATE_KEYS}}}]",
        {f"entra-group {TECHS}": TEMPLATE, f"entra-group {LEADS}": TEMPLATE},
    ),
    "kiosk-sample-multi-app-two-aad-users-or-more": (
        f"for: listed, profiles: [{{user: technician1@contoso.com, {TEMPLATE_KEYS}}}, "
        f"{{user: admin@contoso.com, {TEMPLATE_KEYS}}}]",
        {ONE: TEMPLATE, TWO: TEMPLATE},
    ),
    "kiosk-sample-multi-app-for-aad-user-and-aad-group": (
        f"for: listed, profiles: [{{user: technician1@contoso.com, {TEMPLATE_KEYS}}}, "
        f"{{group: techs, {TEMPLATE_KEYS}}}]",
        {ONE: TEMPLATE, f"entra-group {TECHS}": TEMPLATE},
    ),
    "kiosk-sample-multi-app-single-aad-auto": (
        "for: listed, profiles: [{user: technician1@contoso.com, single_app: true, apps: [remote-assist]}]",
        {ONE: single(ASSIST)},
    ),
    "kiosk-sample-multi-app-visitor-user": (
        f"for: listed, profiles: [{{visitors: true, {TEMPLATE_KEYS}}}]",
        {"visitor": TEMPLATE},
    ),
}


def seen(profile: kiosk.Profile) -> Seen:
    if isinstance(profile, kiosk.SingleApp):
        return single(profile.aumid)
    launched = [app.aumid for app in profile.apps if app.auto_launch]
    return several(*(app.aumid for app in profile.apps), launch=launched[0] if launched else None)


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_published_sample_is_said_in_a_fleet_file_and_means_the_same(sample: str) -> None:
    keys, expected = SAMPLES[sample]
    found = kiosk.parse(told(f"kiosk: {{{keys}}}", more=GROUPS)["AssignedAccess/Configuration"])
    meant = {str(assignment.principal): seen(assignment.profile) for assignment in found.assignments}
    if found.everyone is not None:
        meant["everyone but owners" if found.except_device_owners else "everyone"] = seen(found.everyone)
    assert meant == expected


def test_all_sixteen_samples_are_here() -> None:
    assert len({name.partition(",")[0] for name in SAMPLES}) == 16

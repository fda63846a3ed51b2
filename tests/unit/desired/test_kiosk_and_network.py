"""Kiosks and site networks: what the file says in a few words becomes whole documents of the headset."""

import pytest
from tests.unit.desired.fleets import SERIAL, VENDOR, document, fleet, line_of, told

from holofleet import catalog, desired
from holofleet.formats import assigned_access, wlan_profile
from holofleet.formats.assigned_access import PrincipalKind, SingleApp

APPS = catalog.apps()
GROUP_ID = "22222222-2222-4222-8222-222222222222"
GROUPS = f"groups:\n  - {{name: maintainers, object_id: {GROUP_ID}, members: [admin@contoso.com]}}"


def kiosk(text: str, **places: str) -> assigned_access.Configuration:
    return assigned_access.parse(told(text, **places)["AssignedAccess/Configuration"])


def test_a_kiosk_for_everyone_lists_its_apps_in_order_and_starts_one():
    found = kiosk("kiosk: {for: everyone, except: [device-owners], apps: [settings, camera], auto_launch: camera}")
    assert [(app.aumid, app.auto_launch) for app in found.everyone.apps] == [
        (APPS["settings"].aumids[0], False),
        (APPS["camera"].aumids[0], True),
    ]
    assert found.except_device_owners


def test_groups_people_and_visitors_get_their_own_profiles():
    found = kiosk(
        """
        kiosk:
          for: listed
          profiles:
            - {group: maintainers, apps: [settings, camera]}
            - {user: technician1@contoso.com, apps: [camera], single_app: true}
            - {visitors: true, apps: [camera]}
        """,
        more=GROUPS,
    )
    assert found.everyone is None
    assert [(a.principal.kind, a.principal.name) for a in found.assignments] == [
        (PrincipalKind.ENTRA_GROUP, GROUP_ID),
        (PrincipalKind.ACCOUNT, "AzureAD\\technician1@contoso.com"),
        (PrincipalKind.VISITOR, ""),
    ]
    assert isinstance(found.assignments[1].profile, SingleApp)


def test_an_app_with_several_tiles_is_listed_with_all_of_them():
    several = next(name for name, app in APPS.items() if len(app.aumids) > 1)
    found = kiosk(f"kiosk: {{for: everyone, apps: [{several}], auto_launch: {several}}}")
    assert [app.aumid for app in found.everyone.apps] == list(APPS[several].aumids)
    assert [app.auto_launch for app in found.everyone.apps] == [True] + [False] * (len(APPS[several].aumids) - 1)


@pytest.mark.parametrize(
    ("assist", "aumid"),
    [
        (
            "{runs_in: app, app: {package_family_name: Contoso.AssistShell_1qaz2wsx3edc4, application_id: Call}}",
            "Contoso.AssistShell_1qaz2wsx3edc4!Call",
        ),
        ("{runs_in: browser}", APPS["edge"].aumids[0]),
        ("{product: remote-assist}", APPS["remote-assist"].aumids[0]),
    ],
)
def test_assist_in_a_kiosk_is_what_opens_a_call(assist, aumid):
    found = kiosk(f"kiosk: {{for: everyone, apps: [assist]}}\nassist: {assist}")
    assert [app.aumid for app in found.everyone.apps] == [aumid]


def test_an_app_is_named_by_its_aumid_too():
    found = kiosk("kiosk: {for: everyone, apps: ['Contoso.Parts_1qaz2wsx3edc4!App']}")
    assert found.everyone.apps[0].aumid == "Contoso.Parts_1qaz2wsx3edc4!App"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("kiosk: {for: everyone, apps: ['Contoso.Parts_1qaz2wsx3edc4']}", "PackageFamilyName!ApplicationId"),
        ("kiosk: {for: everyone, apps: [assist]}\nassist: {runs_in: app}", "does not name it"),
    ],
)
def test_an_app_that_cannot_be_named_to_a_headset_is_a_finding_at_the_kiosk(text, word):
    with pytest.raises(desired.CompileError) as caught:
        desired.compile(fleet(text))
    (finding,) = caught.value.findings
    assert word in finding.summary
    assert finding.position.line == line_of(fleet(text), "kiosk:")


def test_no_kiosk_writes_no_kiosk():
    assert "AssignedAccess/Configuration" not in told("kiosk: none")
    assert "AssignedAccess/Configuration" not in told()


WIFI = "wifi: [{ssid: Plant 2, security: wpa2-psk, psk: env:HOLOFLEET_SECRET_WIFI}, {ssid: Guest, security: open}]"


def at_site(network: str, **kinds: str) -> dict[str, str]:
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", site: plant}}\n'
    return told(headsets=headsets, more=f"sites:\n  - {{name: plant, network: {{{network}}}}}", **kinds)


def test_the_wifi_of_a_site_comes_as_profiles_with_references_for_keys():
    data = at_site(WIFI)
    profile = wlan_profile.parse(data["WiFi/Profile/Plant%202/WlanXml"])
    assert profile.ssid == "Plant 2"
    assert profile.security is wlan_profile.Security.WPA2_PERSONAL
    assert profile.passphrase == "{{secret:env:HOLOFLEET_SECRET_WIFI}}"
    assert wlan_profile.parse(data["WiFi/Profile/Guest/WlanXml"]).security is wlan_profile.Security.OPEN


@pytest.mark.parametrize(
    ("proxy", "node", "value"),
    [
        ("{mode: static, address: 'proxy.contoso.com:8080'}", "Proxy", "proxy.contoso.com:8080"),
        ("{mode: pac, pac_url: 'https://contoso.com/p.pac'}", "ProxyPacUrl", "https://contoso.com/p.pac"),
        ("{mode: wpad}", "ProxyWPAD", "true"),
    ],
)
def test_a_proxy_goes_into_every_wifi_profile_of_the_site(proxy, node, value):
    data = at_site(f"{WIFI}, proxy: {proxy}")
    assert data[f"WiFi/Profile/Plant%202/{node}"] == data[f"WiFi/Profile/Guest/{node}"] == value
    assert not any(name.startswith("NetworkProxy") for name in data)


@pytest.mark.parametrize(
    ("proxy", "nodes"),
    [
        (
            "{mode: static, address: 'proxy.contoso.com:8080'}",
            {"AutoDetect": "0", "ProxyServer/ProxyAddress": "proxy.contoso.com:8080"},
        ),
        (
            "{mode: pac, pac_url: 'https://contoso.com/p.pac'}",
            {"AutoDetect": "0", "SetupScriptUrl": "https://contoso.com/p.pac"},
        ),
        ("{mode: wpad}", {"AutoDetect": "1"}),
        ("none", {}),
        ("{mode: transparent}", {}),
    ],
)
def test_a_site_without_wifi_profiles_sets_its_proxy_for_the_whole_device(proxy, nodes):
    data = at_site(f"proxy: {proxy}")
    expected = nodes | ({"ProxySettingsPerUser": "0"} if nodes else {})
    found = {
        name.removeprefix("NetworkProxy/"): value
        for name, value in data.items()
        if name.startswith("NetworkProxy")
    }
    assert found == expected


def test_the_update_cache_of_a_site_is_set():
    assert at_site("update_cache: cache.contoso.com")["DeliveryOptimization/DOCacheHost"] == "cache.contoso.com"


def test_what_a_site_brings_has_the_line_of_the_site():
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", site: plant}}\n'
    loaded = fleet(
        headsets=headsets, more="sites:\n  - name: plant\n    network:\n      update_cache: cache.contoso.com"
    )
    origin = next(o for o in desired.compile(loaded).origins if o.oma_uri.endswith("DOCacheHost"))
    assert (origin.layer, origin.key) == ("deployment", "sites.network.update_cache")
    assert origin.line == line_of(loaded, "update_cache")


def test_a_lent_headset_has_the_network_of_where_it_is_lent_to():
    more = f"""
    clients:
      - {{name: fabrikam}}
    sites:
      - {{name: fabrikam-plant, client: fabrikam, network: {{wifi: [{{ssid: Fabrikam, security: open}}]}}}}
    loans:
      - {{client: fabrikam, site: fabrikam-plant, headsets: ["{SERIAL}"], ships: 2026-12-07}}
    """
    state = desired.compile(fleet("client: fabrikam", more=more))
    assert VENDOR + "WiFi/Profile/Fabrikam/WlanXml" in document(state).by_uri
    assert state.headsets[SERIAL].site == "fabrikam-plant"


def test_a_wifi_profile_is_made_before_its_proxy_is_set():
    headsets = f'headsets:\n  - {{serial: "{SERIAL}", site: plant}}\n'
    proxy = "proxy: {mode: pac, pac_url: 'https://contoso.com/p.pac'}"
    state = desired.compile(
        fleet(headsets=headsets, more=f"sites:\n  - {{name: plant, network: {{{WIFI}, {proxy}}}}}")
    )
    uris = [s.oma_uri for s in document(state).settings]
    for network in ("Plant%202", "Guest"):
        profile = f"{VENDOR}WiFi/Profile/{network}/"
        assert uris.index(profile + "WlanXml") < uris.index(profile + "ProxyPacUrl")

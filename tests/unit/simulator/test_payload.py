"""What a headset makes of kiosk configurations, page lists, ADMX payloads and other documents."""

from __future__ import annotations

import pytest

from holofleet.simulator.headset.payload.admx import read_admx
from holofleet.simulator.headset.payload.documents import read_shared_account, read_wlan_profile
from holofleet.simulator.headset.payload.error import PayloadError
from holofleet.simulator.headset.payload.kiosk import read_kiosk
from holofleet.simulator.headset.payload.pages import read_pages

ASSIST = "Microsoft.MicrosoftRemoteAssist_8wekyb3d8bbwe!Microsoft.RemoteAssist"
SETTINGS = "BAEAEF15-9BAB-47FC-800B-ACECAD2AE94B_cw5n1h2txyewy!App"
ONE, TWO = "{11111111-2222-3333-4444-555555555555}", "{AAAAAAAA-2222-3333-4444-555555555555}"
GROUP = "99999999-2222-3333-4444-555555555555"
KIOSK = f"""<?xml version="1.0" encoding="utf-8"?>
<AssignedAccessConfiguration xmlns="http://schemas.microsoft.com/AssignedAccess/2017/config"
 xmlns:rs5="http://schemas.microsoft.com/AssignedAccess/201810/config"
 xmlns:v3="http://schemas.microsoft.com/AssignedAccess/2020/config"
 xmlns:v5="http://schemas.microsoft.com/AssignedAccess/202010/config">
 <Profiles>
  <Profile Id="{ONE}"><AllAppsList><AllowedApps>
   <App AppUserModelId="{ASSIST}" rs5:AutoLaunch="true"/><App AppUserModelId="{SETTINGS}"/>
  </AllowedApps></AllAppsList>
  <StartLayout><![CDATA[<LayoutModificationTemplate/>]]></StartLayout><Taskbar ShowTaskbar="true"/></Profile>
  <Profile Id="{TWO}"><KioskModeApp AppUserModelId="{SETTINGS}"/></Profile>
 </Profiles>
 <Configs>
  <v3:GlobalProfile Id="{ONE}">
   <v5:Exclusions><v5:SpecialGroup Name="DeviceOwner"/></v5:Exclusions></v3:GlobalProfile>
  <Config><UserGroup Type="AzureActiveDirectoryGroup" Name="{GROUP}"/><DefaultProfile Id="{TWO}"/></Config>
  <Config><SpecialGroup Name="Visitor"/><DefaultProfile Id="{TWO}"/></Config>
 </Configs>
</AssignedAccessConfiguration>"""


def test_a_kiosk_decides_what_each_person_sees() -> None:
    kiosk = read_kiosk(KIOSK)
    wearer = kiosk.profile_for(account="AzureAD\\wearer@contoso.com")
    assert wearer is not None
    assert (wearer.apps, wearer.auto_launch, wearer.single) == ((ASSIST, SETTINGS), ASSIST, False)
    assert kiosk.profile_for(owner=True) is None
    in_group = kiosk.profile_for(groups=(GROUP,))
    assert in_group is not None
    assert in_group.single
    assert kiosk.profile_for(visitor=True) == in_group


BAD_KIOSKS = {
    "no-break space in a tag": ("<KioskModeApp ", "<KioskModeApp\u202f"),
    "prefix not declared": ('xmlns:v5="http://schemas.microsoft.com/AssignedAccess/202010/config"', ""),
    "desktop-only namespace": ("AssignedAccess/202010/config", "AssignedAccess/2022/config"),
    "unclosed": ("</Profiles>", ""),
    "two lists of profiles": ("<Configs>", "<Profiles/><Configs>"),
    "no braces": (f'<Profile Id="{TWO}"', f'<Profile Id="{TWO[1:-1]}"'),
    "one id for two profiles": (f'<Profile Id="{TWO}"', f'<Profile Id="{ONE}"'),
    "reference to no profile": (f'<DefaultProfile Id="{TWO}"', f'<DefaultProfile Id="{{{GROUP}}}"'),
    "AutoLaunch on a single app": ("<KioskModeApp ", '<KioskModeApp rs5:AutoLaunch="true" '),
    "two apps that start": (f'Id="{SETTINGS}"/><', f'Id="{SETTINGS}" rs5:AutoLaunch="true"/><'),
    "an app twice": (f'AppUserModelId="{SETTINGS}"/>\n', f'AppUserModelId="{ASSIST}"/>\n'),
    "an app by path": (f'<App AppUserModelId="{SETTINGS}"', '<App DesktopAppPath="C:\\x.exe"'),
    "no AUMID": (f'<App AppUserModelId="{SETTINGS}"', '<App AppUserModelId="Settings"'),
    "no taskbar": ('<Taskbar ShowTaskbar="true"/>', ""),
    "taskbar before the layout": ("<StartLayout>", '<Taskbar ShowTaskbar="true"/><StartLayout>'),
    "broken layout": ("<LayoutModificationTemplate/>", "<LayoutModificationTemplate>"),
    "global profile last": (
        "<Configs>",
        f'<Configs><Config><Account>a</Account><DefaultProfile Id="{ONE}"/></Config>',
    ),
    "another exclusion": ('SpecialGroup Name="DeviceOwner"', 'SpecialGroup Name="Visitor"'),
    "group with braces": (f'Name="{GROUP}"', f'Name="{{{GROUP}}}"'),
    "local group": ("AzureActiveDirectoryGroup", "LocalGroup"),
    "two entries for one principal": (
        f'<UserGroup Type="AzureActiveDirectoryGroup" Name="{GROUP}"/>',
        '<SpecialGroup Name="Visitor"/>',
    ),
    "no principal": ('<SpecialGroup Name="Visitor"/>', ""),
    "an unknown element": ("<Configs>", "<Extra/><Configs>"),
}


@pytest.mark.parametrize("case", BAD_KIOSKS)
def test_a_kiosk_that_a_headset_could_not_apply_is_refused(case: str) -> None:
    old, new = BAD_KIOSKS[case]
    assert old in KIOSK
    with pytest.raises(PayloadError):
        read_kiosk(KIOSK.replace(old, new))


def test_a_page_list_shows_only_or_hides() -> None:
    only, hide = read_pages("showonly:network-wifi;bluetooth"), read_pages("hide:reset")
    assert [only.shows("bluetooth"), only.shows("reset")] == [True, False]
    assert [hide.shows("bluetooth"), hide.shows("reset")] == [True, False]
    assert only.unknown({"network-wifi"}) == ("bluetooth",)


@pytest.mark.parametrize(
    "data", ["", "network-wifi", "show:usb", "showonly:", "hide:usb;", "hide: usb", "hide:ms-settings:usb"]
)
def test_a_malformed_page_list_is_refused(data: str) -> None:
    with pytest.raises(PayloadError):
        read_pages(data)


def test_an_admx_payload_enables_with_data_or_disables() -> None:
    assert read_admx('<enabled/><data id="A" value="1"/>', known={"A"}) == {"A": "1"}
    assert read_admx("<disabled/>", known={"A"}) is None


@pytest.mark.parametrize(
    "data",
    ["", "1", "<on/>", "<enabled>", '<data id="A" value="1"/>', '<enabled/><data id="B" value="1"/>',
     '<enabled/><data id="A"/>', '<enabled/><data id="A" value="1"/><data id="A" value="2"/>',
     '<disabled/><data id="A" value="1"/>'],
)  # fmt: skip
def test_a_malformed_admx_payload_is_refused(data: str) -> None:
    with pytest.raises(PayloadError):
        read_admx(data, known={"A"})


WLAN = """<WLANProfile xmlns="http://www.microsoft.com/networking/WLAN/profile/v1"><name>Guest</name>
<SSIDConfig><SSID><name>Guest</name></SSID></SSIDConfig><connectionType>ESS</connectionType>
<MSM><security><authEncryption><authentication>WPA2PSK</authentication><encryption>AES</encryption></authEncryption>
<sharedKey><keyType>passPhrase</keyType><protected>false</protected>
<keyMaterial>correct horse</keyMaterial></sharedKey>
</security></MSM></WLANProfile>"""


def test_a_wireless_profile_needs_a_name_and_its_key() -> None:
    assert read_wlan_profile(WLAN) == "Guest"
    for part in ("correct horse", "<connectionType>ESS</connectionType>", "<SSID><name>Guest</name></SSID>"):
        with pytest.raises(PayloadError):
            read_wlan_profile(WLAN.replace(part, ""))


def test_a_shared_account_is_found_by_one_issuer() -> None:
    read_shared_account(
        "<SharedAccountConfiguration><SharedAccount><IssuerName>CN=Contoso</IssuerName></SharedAccount>"
        "</SharedAccountConfiguration>"
    )
    with pytest.raises(PayloadError):
        read_shared_account("<SharedAccountConfiguration><SharedAccount/></SharedAccountConfiguration>")

import pytest
from lxml import etree

from holofleet.formats import wlan_profile as wlan

W = "{http://www.microsoft.com/networking/WLAN/profile/v1}"
SECRET = "{{secret:env:HOLOFLEET_SECRET_WIFI}}"
PROFILES = [
    wlan.WlanProfile("Guest"),
    wlan.WlanProfile("Plant 2 & yard", wlan.Security.WPA2_PERSONAL, SECRET),
    wlan.WlanProfile("Café", wlan.Security.WPA3_PERSONAL, SECRET, hidden=True, automatic=False),
]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.ssid)
def test_elements_stand_in_the_order_of_the_schema(profile):
    root = etree.fromstring(wlan.render(profile))
    assert [c.tag.removeprefix(W) for c in root] == [
        "name",
        "SSIDConfig",
        "connectionType",
        "connectionMode",
        "MSM",
    ]
    assert root.findtext(f"{W}connectionType") == "ESS"
    assert bytes.fromhex(root.findtext(f"{W}SSIDConfig/{W}SSID/{W}hex")) == profile.ssid.encode()
    method = root.find(f"{W}MSM/{W}security/{W}authEncryption")
    assert [c.text for c in method] == [
        profile.security.value,
        "none" if profile.security is wlan.Security.OPEN else "AES",
        "false",
    ]
    key = root.find(f"{W}MSM/{W}security/{W}sharedKey")
    shape = None if key is None else [c.text for c in key]
    assert shape == (None if profile.security is wlan.Security.OPEN else ["passPhrase", "false", SECRET])


@pytest.mark.parametrize("profile", PROFILES, ids=lambda p: p.ssid)
def test_a_profile_is_read_as_it_was_written(profile):
    assert wlan.parse(wlan.render(profile)) == profile


@pytest.mark.parametrize(
    "profile",
    [
        wlan.WlanProfile(""),
        wlan.WlanProfile("é" * 17),
        wlan.WlanProfile("a\x00b"),
        wlan.WlanProfile("Guest", wlan.Security.OPEN, SECRET),
        wlan.WlanProfile("Plant", wlan.Security.WPA2_PERSONAL),
    ],
)
def test_a_profile_that_no_headset_could_use_is_refused(profile):
    with pytest.raises(wlan.WlanProfileError):
        wlan.render(profile)


@pytest.mark.parametrize(
    "text",
    [
        "<WLANProfile/>",
        "<a",
        wlan.render(PROFILES[1]).replace("WPA2PSK", "WPA2"),
    ],
)
def test_what_is_no_profile_of_ours_is_refused(text):
    with pytest.raises(wlan.WlanProfileError):
        wlan.parse(text)


def test_an_ssid_is_one_segment_of_a_loc_uri():
    assert wlan.uri_segment("Plant 2/yard") == "Plant%202%2Fyard"

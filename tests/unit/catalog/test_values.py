"""Values: what a node takes, what it refuses and in which words, and when two values say the same."""

from __future__ import annotations

import pytest

from holofleet import catalog
from holofleet.catalog import ValueRefusedError
from holofleet.catalog.values.numbers import FloatAllowed
from holofleet.errors import InputError

NODES = catalog.nodes()
AUTO_UPDATE = NODES.by_name("Update", "AllowAutoUpdate")
DEFER = NODES.by_name("Update", "DeferQualityUpdatesPeriodInDays")
TENANT_LOCK = NODES.by_name("TenantLockdown", "RequireNetworkInOOBE")
DISPLAY_OFF = NODES.by_name("Power", "DisplayOffTimeoutPluggedIn")
NTP = NODES.by_name("MixedReality", "NtpClientEnabled")
NTP_SERVER = NODES.by_name("MixedReality", "ConfigureNtpClient")
DO_HOURS = NODES.by_name("DeliveryOptimization", "DOSetHoursToLimitBackgroundDownloadBandwidth")
KIOSK = NODES.by_name("AssignedAccess", "Configuration")
WLAN = NODES.by_name("WiFi", "WlanXml")
CERTIFICATE = NODES.by_name("RootCATrustedCertificates", "Root/{CertHash}/EncodedCertificate")
APPS = NODES.by_name("Privacy", "LetAppsAccessCamera_ForceAllowTheseApps")
PAGES = NODES.by_name("Settings", "PageVisibilityList")
RESTART = NODES.by_name("ApplicationManagement", "ScheduleForceRestartForUpdateFailures")
BUTTONS = NODES.by_name("DMClient", "BlockInStatusPage")
ALTITUDE = NODES.by_name("RemoteFind", "Altitude")
ACCOUNT = NODES.by_name("MixedReality", "AutoLogonUser")

DEVELOPER_MODE = NODES.by_name("ApplicationManagement", "AllowDeveloperUnlock")

ADMX_60 = '<enabled/><data id="EnterVideoACPowerDownTimeOut" value="60"/>'


@pytest.mark.parametrize(
    ("node", "value", "data"),
    [
        (AUTO_UPDATE, 2, "2"),
        (AUTO_UPDATE, "2", "2"),
        (DEFER, 30, "30"),
        (TENANT_LOCK, True, "true"),
        (TENANT_LOCK, "false", "false"),
        (DISPLAY_OFF, 60, ADMX_60),
        (DISPLAY_OFF, False, "<disabled/>"),
        (NTP, True, "<enabled/>"),
        (NTP, False, "<disabled/>"),
        (APPS, ["Contoso.App_1qaz2wsx3edc4", "Fabrikam.App_1qaz2wsx3edc4"],
         "Contoso.App_1qaz2wsx3edc4;Fabrikam.App_1qaz2wsx3edc4"),
        (APPS, "", ""),
        (CERTIFICATE, b"\x30\x00", "MAA="),
        (PAGES, "showonly:network-wifi;network-status", "showonly:network-wifi;network-status"),
        (ACCOUNT, "user@contoso.com", "user@contoso.com"),
        (ACCOUNT, "{{account}}", "{{account}}"),
        (BUTTONS, 5, "5"),
        (ALTITUDE, 12.5, "12.5"),
        (NODES.by_name("Reboot", "RebootNow"), "", ""),
    ],
)  # fmt: skip
def test_a_typed_value_becomes_its_text_on_the_wire(node, value, data):
    assert node.data(value) == data


@pytest.mark.parametrize(
    ("node", "value"),
    [
        (AUTO_UPDATE, 6),
        (AUTO_UPDATE, -1),
        (AUTO_UPDATE, True),
        (AUTO_UPDATE, "02"),
        (AUTO_UPDATE, " 2"),
        (AUTO_UPDATE, "２"),
        (AUTO_UPDATE, "2\n"),
        (AUTO_UPDATE, "{{account}}"),
        (AUTO_UPDATE, 2.0),
        (DEFER, 31),
        (DEFER, "9" * 5000),
        (TENANT_LOCK, 1),
        (TENANT_LOCK, "True"),
        (TENANT_LOCK, "yes"),
        (BUTTONS, 8),
        (BUTTONS, -1),
        (ALTITUDE, float("nan")),
        (ALTITUDE, True),
        (DISPLAY_OFF, "60"),
        (DISPLAY_OFF, True),
        (DISPLAY_OFF, "<enabled/><data id='Other' value='60'/>"),
        (DISPLAY_OFF, "<enabled/><data id='EnterVideoACPowerDownTimeOut' value='soon'/>"),
        (DISPLAY_OFF, "<enabled/><data id='EnterVideoACPowerDownTimeOut' value='-1'/>"),
        (DISPLAY_OFF, ADMX_60 + '<data id="EnterVideoACPowerDownTimeOut" value="61"/>'),
        (DISPLAY_OFF, "<disabled/><data id='EnterVideoACPowerDownTimeOut' value='60'/>"),
        (DISPLAY_OFF, "<enabled/>text"),
        (DISPLAY_OFF, "<enabled><data id='EnterVideoACPowerDownTimeOut' value='60'/></enabled>"),
        (DISPLAY_OFF, "<enabled/></admx><admx>"),
        (DISPLAY_OFF, "<enabled x='1'/>"),
        (DISPLAY_OFF, ""),
        (NTP, "<enabled/><data id='Any' value='1'/>"),
        (NTP_SERVER, 5),
        (KIOSK, "<Other/>"),
        (KIOSK, "<AssignedAccessConfiguration>"),
        (KIOSK, ""),
        (KIOSK, "<!DOCTYPE AssignedAccessConfiguration><AssignedAccessConfiguration/>"),
        (CERTIFICATE, ""),
        (CERTIFICATE, "MAA"),
        (CERTIFICATE, "MAA=\n"),
        (CERTIFICATE, "MAB="),
        (CERTIFICATE, "-----BEGIN CERTIFICATE-----"),
        (CERTIFICATE, "TUFB-_=="),
        (APPS, "Contoso.App"),
        (APPS, "Contoso.App_1qaz2wsx3edc4;"),
        (APPS, ["Contoso.App_1qaz2wsx3edc4;Fabrikam.App_1qaz2wsx3edc4"]),
        (APPS, [""]),
        (APPS, [1]),
        (PAGES, "network-wifi"),
        (PAGES, "showonly:"),
        (PAGES, "showonly:a;;b"),
        (PAGES, "show:a"),
        (ACCOUNT, "user"),
        (ACCOUNT, "user @contoso.com"),
        (ACCOUNT, 5),
        (ACCOUNT, "user@contoso.com\x00"),
        (NODES.by_name("Accounts", "ComputerName"), "A" * 16),
        (NODES.by_name("TimeLanguageSettings", "ConfigureTimeZone"), "America/Chicago"),
        (NODES.by_name("Reboot", "WeeklyRecurrent"), "2024-13-01T03:00:00"),
        (NODES.by_name("WiFi", "Proxy"), "proxy.contoso.com"),
        (NODES.by_name("Authentication", "PreferredAadTenantDomainName"), "https://contoso.com"),
        (NODES.by_name("VPNv2", "NativeProtocolType"), "ikev2"),
        (NODES.by_name("Reboot", "RebootNow"), "now"),
        (NODES.by_name("Update", "ApprovedUpdates/{UpdateGUID}"), "x"),
    ],
)  # fmt: skip
def test_a_value_outside_of_what_the_node_takes_is_refused_with_what_it_takes(node, value):
    with pytest.raises(ValueRefusedError) as caught:
        node.data(value)
    error = caught.value
    assert isinstance(error, InputError)
    assert error.oma_uri == node.oma_uri
    assert node.oma_uri in error.summary
    assert error.reason
    assert error.allowed in error.detail
    assert error.allowed == node.allowed.describe()
    assert len(str(error)) < 1500


def test_the_refusal_names_the_values_with_their_meaning():
    with pytest.raises(ValueRefusedError, match=r"does not take '7'.*Allowed: 0 \(ask before download\), 1 "):
        AUTO_UPDATE.check("7")
    with pytest.raises(ValueRefusedError, match="from 0 to 30"):
        DEFER.check("31")


def test_the_refusal_never_shows_a_secret():
    with pytest.raises(ValueRefusedError) as caught:
        WLAN.check("<keyMaterial>correct horse</keyMaterial>")
    assert "correct horse" not in str(caught.value)
    assert "(hidden)" in str(caught.value)
    with pytest.raises(ValueRefusedError) as caught:
        NODES.by_name("VPNv2", "L2tpPsk").data(b"correct horse")
    assert "correct horse" not in str(caught.value)


def test_a_reference_to_a_secret_is_accepted_where_a_secret_goes():
    WLAN.check("<WLANProfile><keyMaterial>{{secret:env:HOLOFLEET_SECRET_WIFI}}</keyMaterial></WLANProfile>")
    NODES.by_name("ClientCertificateInstall", "PFXCertBlob").check("{{secret:file:site.pfx}}")


def test_an_entity_bomb_is_refused_before_it_grows():
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<AssignedAccessConfiguration>&b;</AssignedAccessConfiguration>"
    )
    with pytest.raises(ValueRefusedError, match="document type"):
        KIOSK.check(bomb)
    assert not KIOSK.equal(bomb, "<AssignedAccessConfiguration/>")
    assert KIOSK.equal(bomb, bomb)


def test_the_attributes_of_the_restart_schedule_are_judged():
    good = (
        '<ForceRestart StartDateTime="2024-03-27T22:00:00" Recurrence="Weekly" RunIfTaskIsMissed="false" '
        'DaysOfWeek="8"/>'
    )
    RESTART.check(good)
    for bad, reason in [
        (good.replace(' Recurrence="Weekly"', ""), "Recurrence is missing"),
        (good.replace("Weekly", "Hourly"), "Recurrence does not take 'Hourly'"),
        (good.replace('"8"', '"128"'), "DaysOfWeek does not take '128'"),
        (good.replace("DaysOfWeek", "Weekdays"), "Weekdays is unknown"),
    ]:
        with pytest.raises(ValueRefusedError, match=reason):
            RESTART.check(bad)


def test_admx_text_is_rendered_and_judged():
    assert NTP_SERVER.admx({"W32TIME_NtpServer": "time.contoso.com,0x9"}) == (
        '<enabled/><data id="W32TIME_NtpServer" value="time.contoso.com,0x9"/>'
    )
    assert DISPLAY_OFF.admx(None) == "<disabled/>"
    assert NTP_SERVER.admx({"W32TIME_NtpServer": '<&">'}).count("&") == 3
    with pytest.raises(ValueRefusedError, match="unknown"):
        NTP_SERVER.admx({"NtpServer": "time.contoso.com"})
    with pytest.raises(ValueRefusedError, match="no ADMX-backed policy"):
        AUTO_UPDATE.admx({})


def test_an_admx_policy_whose_ids_no_source_names_takes_any_id():
    DO_HOURS.check('<enabled/><data id="Whatever" value="8"/>')
    with pytest.raises(ValueRefusedError):
        DO_HOURS.check("<enable/>")


@pytest.mark.parametrize(
    ("node", "a", "b"),
    [
        (AUTO_UPDATE, "1", "01"),
        (AUTO_UPDATE, "1", " +1 "),
        (BUTTONS, "4", "04"),
        (TENANT_LOCK, "true", "True"),
        (TENANT_LOCK, "false", "0"),
        (ALTITUDE, "1.50", "1.5"),
        (CERTIFICATE, "MAAw", "MA\r\nAw\n"),
        (KIOSK, "<a/>", "\n<a>\n</a>\n"),
        (KIOSK, '<a xmlns="urn:x"><b i="1" j="2"/></a>', "<p:a xmlns:p='urn:x'><p:b j='2' i='1'></p:b></p:a>"),
        (KIOSK, "<a><![CDATA[<x>]]></a>", "<a>&lt;x&gt;</a>"),
        (KIOSK, "<a><!-- one --><b/></a>", "<a><b/></a>"),
        (DISPLAY_OFF, ADMX_60, "<enabled />\n<data value='60' id='EnterVideoACPowerDownTimeOut'></data>"),
        (NTP_SERVER, "<enabled/><data id='A' value='1'/><data id='B' value='2'/>",
         "<enabled/><data id='B' value='2'/><data id='A' value='1'/>"),
        (APPS, "Contoso.App_1qaz2wsx3edc4", "contoso.app_1QAZ2WSX3EDC4;"),
        (ACCOUNT, "User@Contoso.com", "user@contoso.com"),
    ],
)  # fmt: skip
def test_values_that_say_the_same_are_equal(node, a, b):
    assert node.equal(a, b)
    assert node.equal(b, a)


@pytest.mark.parametrize(
    ("node", "a", "b"),
    [
        (AUTO_UPDATE, "1", "2"),
        (AUTO_UPDATE, "1", ""),
        (AUTO_UPDATE, "1", "true"),
        (TENANT_LOCK, "true", "false"),
        (TENANT_LOCK, "true", "2"),
        (CERTIFICATE, "MAAw", "MAAx"),
        (KIOSK, "<a><b/></a>", "<a><c/></a>"),
        (KIOSK, "<a xmlns='urn:x'/>", "<a xmlns='urn:y'/>"),
        (KIOSK, "<a><b/><c/></a>", "<a><c/><b/></a>"),
        (KIOSK, "<a i='1'/>", "<a i='2'/>"),
        (KIOSK, "<a>x</a>", "<a/>"),
        (DISPLAY_OFF, ADMX_60, "<disabled/>"),
        (DISPLAY_OFF, ADMX_60, ADMX_60.replace("60", "61")),
        (
            APPS,
            "Contoso.A_1qaz2wsx3edc4;Contoso.B_1qaz2wsx3edc4",
            "Contoso.B_1qaz2wsx3edc4;Contoso.A_1qaz2wsx3edc4",
        ),
        (NODES.by_name("Bluetooth", "LocalDeviceName"), "Line 1", "line 1"),
    ],
)
def test_values_that_say_something_else_are_not_equal(node, a, b):
    assert not node.equal(a, b)
    assert not node.equal(b, a)


def test_the_meaning_of_a_value_is_told():
    assert AUTO_UPDATE.meaning("05") == "off"
    assert AUTO_UPDATE.meaning("77") == ""
    assert BUTTONS.meaning("3") == "block + reset button, block + try again button"
    assert DEFER.meaning("7") == ""


@pytest.mark.parametrize("node", [n for n in NODES.all() if n.baseline], ids=lambda node: node.oma_uri)
def test_the_values_of_the_security_baselines_pass_their_own_node(node):
    for level in ("standard", "advanced"):
        value = node.baseline.value(level)
        if value is not None:
            assert level not in node.baseline.site_choice
            node.data(value)


def test_the_baselines_leave_to_the_site_what_they_say_they_do():
    chosen = {node.name: set(node.baseline.site_choice) for node in NODES.all() if node.baseline}
    assert {name: levels for name, levels in chosen.items() if levels} == {
        "PageVisibilityList": {"standard", "advanced"},
        "Policy": {"advanced"},
    }
    with pytest.raises(KeyError):
        DEVELOPER_MODE.baseline.value("extreme")


PLATFORM_DECIDES = {
    "DOMaxCacheSize",
    "DOMinBackgroundQos",
    "DOMinDiskSizeAllowedToPeer",
    "DOMinFileSizeToCache",
    "DOMinRAMAllowedToPeer",
}
"""A DDF default of 0 below the range means that the platform decides."""


def test_a_headset_may_report_anything_in_place_of_a_decimal_number():
    allowed = FloatAllowed()
    assert allowed.equal(" 0.50", "0.5\x1f")
    assert not allowed.equal("0.5", "0\x005")
    assert not allowed.equal("0.5", "")


def test_defaults_pass_their_own_node_but_where_the_platform_decides():
    refused = set()
    for node in NODES.all():
        if node.default is not None:
            try:
                node.data(node.default)
            except ValueRefusedError:
                assert node.default == 0
                refused.add(node.name)
    assert refused == PLATFORM_DECIDES


@pytest.mark.parametrize("node", NODES.all(), ids=lambda node: node.oma_uri)
def test_every_node_says_in_words_what_it_takes(node):
    words = node.allowed.describe()
    assert words
    assert not words.endswith(".")

"""What a headset takes from a package on a stick, and what stops its set-up."""

from __future__ import annotations

import pytest

from holofleet.simulator import Credential, Stick, StickRefusedError, read_stick

PACKAGE = """\
<?xml version="1.0" encoding="utf-8"?>
<WindowsCustomizations>
  <PackageConfig xmlns="urn:schemas-Microsoft-com:Windows-ICD-Package-Config.v1.0"><ID>{1}</ID></PackageConfig>
  <Settings xmlns="urn:schemas-microsoft-com:windows-provisioning"><Customizations><Common>
    <ConnectivityProfiles><WLAN><WLANSetting><WLANConfig SSID="A &amp; B" Name="A &amp; B"/></WLANSetting></WLAN>
    </ConnectivityProfiles>
    <FirstExperience><SkipWifi>True</SkipWifi></FirstExperience>
    <Workplace><Enrollments><UPN UPN="e@contoso.com" Name="e@contoso.com">
      <AuthPolicy>OnPremise</AuthPolicy>
      <DiscoveryServiceFullUrl>https://fleet.contoso.com/EnrollmentServer/Discovery.svc</DiscoveryServiceFullUrl>
      <Secret>p&lt;</Secret>
    </UPN></Enrollments></Workplace>
  </Common></Customizations></Settings>
</WindowsCustomizations>
"""


def test_a_headset_learns_its_network_and_its_server() -> None:
    stick = read_stick(PACKAGE.encode())
    assert stick == Stick("https://fleet.contoso.com", Credential("e@contoso.com", "p<"), ("A & B",))
    assert "p<" not in repr(stick)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("</WindowsCustomizations>", "", "not well-formed"),
        ("schemas-Microsoft-com", "schemas-microsoft-com", "no package"),
        ("<Secret>p&lt;</Secret>", "", "lacks"),
        ('Name="e@contoso.com"', 'Name="f@contoso.com"', "lacks"),
        ("p&lt;", "{{secret:env:X}}", "a reference"),
        ("OnPremise", "Federated", "no enrollment with the policy"),
        ("https://fleet", "http://fleet", "no address"),
        ('<WLANConfig SSID="A &amp; B" Name="A &amp; B"/>', "", "brings none"),
        ("<Common>", "<Common><Targets/></Common><Common>", ""),
    ],
)
def test_what_would_stop_a_set_up_is_refused(old: str, new: str, words: str) -> None:
    assert old in PACKAGE
    body = PACKAGE.replace(old, new).encode()
    if words:
        with pytest.raises(StickRefusedError, match=words):
            read_stick(body)
    else:
        assert read_stick(body).credential is None

"""Settings documents in Intune's words: types, encryption, variables, and what has a native profile."""

from __future__ import annotations

import base64
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet import desired, samples, spec
from holofleet.resources import Document, Format, Headset, Setting
from holofleet.targets.graph.lowering import Theme, UnloweredError, lower, ring
from holofleet.targets.graph.lowering.oma import VALUE_LIMIT, oma_setting

POLICY = "./Device/Vendor/MSFT/Policy/Config/"
ROOT = "./Device/Vendor/MSFT/RootCATrustedCertificates/Root/" + "AB" * 20 + "/EncodedCertificate"


def headset(serial: str, account: str = "") -> Headset:
    account = account or f"hl-{serial}@contoso.com"
    return Headset(
        serial=serial, deployment="line", document="d", variables={"serial": serial, "account": account}
    )


HEADSETS = (headset("003421800101"), headset("003421800102"))


def one(oma_uri: str, form: Format, data: str) -> dict[str, object]:
    (profile,) = lower(Document((Setting(oma_uri, form, data),)), HEADSETS)
    (setting,) = profile.properties["omaSettings"]
    assert isinstance(setting, dict)
    return setting


@pytest.mark.parametrize(
    ("form", "data", "kind", "value"),
    [
        (Format.INT, "0", "Integer", 0),
        (Format.BOOL, "true", "Boolean", True),
        (Format.BOOL, "false", "Boolean", False),
        (Format.CHR, "showonly:network", "String", "showonly:network"),
        (Format.CHR, "<enabled/>", "StringXml", base64.b64encode(b"<enabled/>").decode()),
        (Format.XML, "<a>ä</a>", "StringXml", base64.b64encode("<a>ä</a>".encode()).decode()),
        (Format.B64, "AAEC", "Base64", "AAEC"),
        (Format.FLOAT, "1.5", "FloatingPoint", 1.5),
    ],
)
def test_a_node_becomes_the_custom_setting_of_its_format(
    form: Format, data: str, kind: str, value: object
) -> None:
    made = one(POLICY + "Area/Name", form, data)
    assert made["@odata.type"] == f"#microsoft.graph.omaSetting{kind}"
    assert (made["omaUri"], made["displayName"], made["value"]) == (POLICY + "Area/Name", "Area/Name", value)
    assert type(made["value"]) is type(value)


def test_only_what_intune_encrypts_stands_beside_a_readable_profile() -> None:
    document = Document(
        (
            Setting(POLICY + "A/Number", Format.INT, "1"),
            Setting(POLICY + "A/Text", Format.CHR, "x"),
            Setting("./Device/Vendor/MSFT/AssignedAccess/Configuration", Format.CHR, "<a/>"),
            Setting("./Device/Vendor/MSFT/ApplicationControl/Policies/1-2/Policy", Format.B64, "AAEC"),
        )
    )
    assert [p.name for p in lower(document, HEADSETS)] == ["app control 1-2", "kiosk", "settings", "texts"]


def test_a_serial_number_becomes_intunes_variable_and_an_account_named_after_it_too() -> None:
    made = one(POLICY + "A/B", Format.CHR, "{{serial}} {{account}} {{secret:env:HOLOFLEET_SECRET_X}}")
    assert made["value"] == "{{SerialNumber}} hl-{{SerialNumber}}@contoso.com {{secret:env:HOLOFLEET_SECRET_X}}"


def test_accounts_that_serial_numbers_do_not_explain_are_refused_by_node() -> None:
    document = Document((Setting(POLICY + "A/B", Format.CHR, "{{account}}"),))
    with pytest.raises(UnloweredError, match=r"A/B: \{\{account\}\} has no common form"):
        lower(document, (headset("1", "a@contoso.com"), headset("2", "b@contoso.com")))


def test_an_account_in_lower_case_does_not_match_a_serial_number_with_capitals() -> None:
    document = Document((Setting(POLICY + "A/B", Format.CHR, "{{account}}"),))
    with pytest.raises(UnloweredError):
        lower(document, (headset("AB1", "hl-ab1@contoso.com"), headset("AB2", "hl-ab2@contoso.com")))


def test_a_value_larger_than_intune_takes_is_refused() -> None:
    oma_setting(Setting(POLICY + "A/B", Format.CHR, "x" * VALUE_LIMIT))
    with pytest.raises(UnloweredError, match="350001 bytes"):
        oma_setting(Setting(POLICY + "A/B", Format.CHR, "x" * (VALUE_LIMIT + 1)))


@pytest.mark.parametrize("data", ["2147483648", "-2147483649"])
def test_an_integer_over_32_bits_is_refused(data: str) -> None:
    with pytest.raises(UnloweredError, match="32 bits"):
        oma_setting(Setting(POLICY + "A/B", Format.INT, data))


def test_a_root_certificate_has_a_native_profile_of_its_own() -> None:
    (profile,) = lower(Document((Setting(ROOT, Format.B64, "AAEC"),)), HEADSETS)
    assert profile.theme is Theme.CERTIFICATE
    assert profile.properties == {
        "@odata.type": "#microsoft.graph.windows81TrustedRootCertificate",
        "certFileName": "ab" * 20 + ".cer",
        "destinationStore": "computerCertStoreRoot",
        "trustedRootCertificate": "AAEC",
    }


SCEP = "./Device/Vendor/MSFT/ClientCertificateInstall/SCEP/shared-account/Install/"
REQUEST = {
    "ServerURL": "https://scep.contoso.com/s",
    "SubjectName": "CN={{serial}}",
    "SubjectAlternativeNames": "11+{{account}}",
    "EKUMapping": "1.3.6.1.4.1.311.20.2.2+1.3.6.1.5.5.7.3.2",
    "KeyUsage": "160",
    "KeyLength": "2048",
    "KeyProtection": "1",
    "HashAlgorithm": "SHA-2",
    "ValidPeriod": "Years",
    "ValidPeriodUnits": "1",
}


def asking(*roots: str, **more: str) -> Document:
    trusted = [Setting(ROOT.replace("AB" * 20, root), Format.B64, "AAEC") for root in roots]
    return Document(
        (*trusted, *(Setting(SCEP + name, Format.CHR, data) for name, data in (REQUEST | more).items()))
    )


def test_the_certificate_of_an_account_is_asked_for_natively_and_names_its_root() -> None:
    profiles = {profile.theme: profile for profile in lower(asking("AB" * 20), HEADSETS)}
    made = profiles[Theme.ACCOUNT]
    assert made.root == profiles[Theme.CERTIFICATE].part == "ab" * 20
    assert made.properties["customSubjectAlternativeNames"] == [
        {"sanType": "userPrincipalName", "name": "hl-{{SerialNumber}}@contoso.com"}
    ]
    assert made.properties["keyUsage"] == "digitalSignature,keyEncipherment"
    assert made.properties["keyStorageProvider"] == "useTpmKspOtherwiseFail"
    assert [usage["objectIdentifier"] for usage in made.properties["extendedKeyUsages"]] == REQUEST[
        "EKUMapping"
    ].split("+")
    assert set(profiles) == {Theme.ACCOUNT, Theme.CERTIFICATE}


def test_among_several_roots_the_thumbprint_decides() -> None:
    roots = ("AB" * 20, "CD" * 20)
    made = [p for p in lower(asking(*roots, CAThumbprint="CD" * 20), HEADSETS) if p.theme is Theme.ACCOUNT]
    assert [profile.root for profile in made] == ["cd" * 20]


@pytest.mark.parametrize("roots", [(), ("AB" * 20, "CD" * 20)])
def test_without_one_plain_root_the_request_is_refused(roots: tuple[str, ...]) -> None:
    with pytest.raises(UnloweredError, match=f"{len(roots)} roots are trusted"):
        lower(asking(*roots), HEADSETS)


def updates(**nodes: str) -> tuple[Setting, ...]:
    return tuple(Setting(POLICY + "Update/" + name, Format.INT, data) for name, data in nodes.items())


def test_update_policies_become_a_ring() -> None:
    lifted, rest = ring.lift(
        updates(
            AllowAutoUpdate="2",
            ActiveHoursStart="7",
            ActiveHoursEnd="18",
            DeferQualityUpdatesPeriodInDays="7",
            SetDisablePauseUXAccess="1",
            ManagePreviewBuilds="0",
        )
    )
    assert lifted == {
        "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
        "automaticUpdateMode": "autoInstallAndRebootAtMaintenanceTime",
        "installationSchedule": {
            "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
            "activeHoursStart": "07:00:00.0000000",
            "activeHoursEnd": "18:00:00.0000000",
        },
        "qualityUpdatesDeferralPeriodInDays": 7,
        "userPauseAccess": "disabled",
    }
    assert [s.oma_uri for s in rest] == [POLICY + "Update/ManagePreviewBuilds"]


def test_a_fixed_time_is_the_schedule_of_the_ring() -> None:
    lifted, rest = ring.lift(updates(AllowAutoUpdate="3", ScheduledInstallDay="4", ScheduledInstallTime="3"))
    assert lifted is not None
    assert lifted["installationSchedule"]["scheduledInstallDay"] == "wednesday"
    assert lifted["installationSchedule"]["scheduledInstallTime"] == "03:00:00.0000000"
    assert rest == ()


def test_a_mode_that_a_ring_cannot_say_keeps_all_update_policies_together() -> None:
    said = updates(AllowAutoUpdate="5", DeferQualityUpdatesPeriodInDays="7")
    assert ring.lift(said) == (None, said)


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_the_samples_say_every_node_once_in_intunes_words(scenario: str) -> None:
    beside = {name: text.encode() for name, text in samples.enclosures(scenario).items()}
    loaded = spec.parse(samples.text(scenario, today=date(2026, 11, 25)), enclosures=beside)
    state = desired.compile(loaded, target="graph")
    for key, document in state.documents.items():
        headsets = [h for h in state.headsets.values() if h.document == key]
        profiles = lower(document, headsets)
        custom = [s["omaUri"] for p in profiles for s in p.properties.get("omaSettings", ())]
        assert len(custom) == len(set(custom))
        assert set(custom) <= {s.oma_uri for s in document.settings}
        lifted = {s.oma_uri for s in document.settings} - set(custom)
        assert all(
            re.search("/Policy/Config/Update/|/RootCATrusted|/ClientCertificateInstall/SCEP/", u) for u in lifted
        )
        assert len({p.name for p in profiles}) == len(profiles)


NODES = st.sampled_from(
    [
        *(("Update/" + n, Format.INT) for n in ("AllowAutoUpdate", "ActiveHoursStart", "ActiveHoursEnd", "Other")),
        *(("Update/" + n, Format.INT) for n in ("ScheduledInstallDay", "ScheduledInstallTime", "DeferX")),
        ("A/Int", Format.INT),
        ("A/Text", Format.CHR),
    ]
)


@given(st.dictionaries(NODES, st.integers(0, 7).map(str), min_size=1))
def test_no_node_is_lost_and_none_is_said_twice(nodes: dict[tuple[str, Format], str]) -> None:
    settings = tuple(Setting(POLICY + name, form, data) for (name, form), data in nodes.items())
    lifted, rest = ring.lift(settings)
    gone = {s.oma_uri for s in settings} - {s.oma_uri for s in rest}
    assert (lifted is None) == (not gone)
    assert all("/Update/" in uri for uri in gone)
    again, left = ring.lift(rest) if lifted is not None else (None, rest)
    assert left == rest or again is not None

"""Kiosk documents of others as fleet-file YAML: nothing is lost silently, and nothing hostile gets through."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.formats.test_documents_round_trip import HASH, WORD, configurations

from holofleet import catalog, desired, spec
from holofleet.formats import assigned_access as formats
from holofleet.imports import kiosk

NODE = "./Device/Vendor/MSFT/AssignedAccess/Configuration"
APP = "Contoso.App_1qaz2wsx3edc4!App"
ID = "{11111111-1111-1111-1111-111111111111}"
AUMIDS = st.builds(
    "Contoso.{}_{}!{}".format, WORD.map(lambda w: w.replace(".", "a")), HASH, WORD
) | st.sampled_from([aumid for app in catalog.apps().values() for aumid in app.aumids])
"""Such as the fleet file takes: of anybody, and those that have short names."""
FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
headsets: [{serial: "003421800101"}]
deployments:
  - {name: line, scenario: cloud-connected, headsets: all}
"""


def compiled(yaml: str) -> formats.Configuration:
    """Put an import beside a fleet, as its comment says, and read what headsets then get."""
    state = desired.compile(spec.parse({"fleet.yaml": FLEET, "kiosk.yaml": yaml}))
    (found,) = state.documents.values()
    return formats.parse(found.by_uri[NODE].data)


def meaning(profile: formats.Profile | None) -> object:
    if profile is None or isinstance(profile, formats.SingleApp):
        return profile and profile.aumid.lower()
    return sorted((app.aumid.lower(), app.auto_launch) for app in profile.apps)


def same(one: formats.Configuration, other: formats.Configuration) -> bool:
    def people(configuration: formats.Configuration) -> dict[str, object]:
        return {str(a.principal).lower(): meaning(a.profile) for a in configuration.assignments}

    return (meaning(one.everyone), one.except_device_owners, people(one)) == (
        meaning(other.everyone),
        other.except_device_owners,
        people(other),
    )


def document(configs: str, *profiles: str, head: str = "") -> bytes:
    return (
        f'<AssignedAccessConfiguration xmlns="http://schemas.microsoft.com/AssignedAccess/2017/config" {head}>\n'
        f"<Profiles>\n{chr(10).join(profiles)}\n</Profiles>\n<Configs>\n{configs}\n</Configs>\n"
        "</AssignedAccessConfiguration>"
    ).encode()


def several(*apps: str, more: str = "", number: int = 1) -> str:
    listed = "".join(f'<App AppUserModelId="{app}"/>' for app in apps)
    return (
        f'<Profile Id="{ID.replace("1", str(number))}"><AllAppsList><AllowedApps>{listed}{more}</AllowedApps>'
        '</AllAppsList><Taskbar ShowTaskbar="true"/></Profile>'
    )


def config(principal: str, number: int = 1) -> str:
    return f'<Config>{principal}<DefaultProfile Id="{ID.replace("1", str(number))}"/></Config>'


VISITOR = '<SpecialGroup Name="Visitor"/>'


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(configurations(AUMIDS))
def test_what_we_write_is_imported_and_means_the_same(configuration: formats.Configuration) -> None:
    draft = kiosk.read(formats.render(configuration).encode())
    again = compiled(kiosk.as_yaml(draft, "kiosk.xml"))
    assert same(again, configuration) or draft.lost


@given(configurations(AUMIDS))
def test_nothing_that_we_write_is_lost(configuration: formats.Configuration) -> None:
    principals = {str(a.principal).lower() for a in configuration.assignments}
    draft = kiosk.read(formats.render(configuration).encode())
    assert len(draft.profiles) == len(principals)
    assert not draft.lost, draft.remarks


@pytest.mark.parametrize(
    ("configs", "profiles", "line", "said"),
    [
        (config(VISITOR), several(APP, more='<App DesktopAppPath="C:\\a.exe"/>'), 3, "desktop program"),
        (config(VISITOR), several(APP, "not an aumid"), 3, "is no PackageFamilyName!ApplicationId"),
        (
            config('<UserGroup Type="LocalGroup" Name="x"/>') + config(VISITOR),
            several(APP),
            6,
            "groups of Entra ID only",
        ),
        (
            config('<UserGroup Type="AzureActiveDirectoryGroup" Name="Techs"/>') + config(VISITOR),
            several(APP),
            6,
            "is not the object id of a group",
        ),
        (config('<SpecialGroup Name="DeviceOwner"/>') + config(VISITOR), several(APP), 6, "device owners"),
        (config("<Account>CONTOSO\\a</Account>") + config(VISITOR), several(APP), 6, "neither AzureAD"),
        (config(VISITOR) + config(VISITOR, 2), several(APP), 6, "refers to a profile that is not there"),
        (config(VISITOR) * 2, several(APP), 6, "has a profile already"),
        (config(VISITOR) + "<Other/>", several(APP), 6, "is not known for HoloLens"),
    ],
)
def test_what_cannot_be_carried_is_said_with_its_line(configs: str, profiles: str, line: int, said: str) -> None:
    draft = kiosk.read(document(configs, profiles))
    assert draft.lost
    assert [(r.line, r.lost) for r in draft.remarks if said in r.text] == [(line, True)]


W = 'xmlns:w="http://schemas.microsoft.com/AssignedAccess/2022/config"'
RS5 = 'xmlns:r="http://schemas.microsoft.com/AssignedAccess/201810/config"'
OTHER = "Contoso.Other_1qaz2wsx3edc4!App"


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (several(APP, more=f'<w:Other AppUserModelId="{OTHER}"/>'), "'Other' of"),
        (
            several(APP).replace(
                "<AllowedApps>", f'<w:Denied><App AppUserModelId="{OTHER}"/></w:Denied><AllowedApps>'
            ),
            "'Denied' of",
        ),
        (several(APP) + "<w:More/>", "'More' of"),
        (several(APP, more=f'<App AppUserModelId="{OTHER}" r:AutoLaunch="yes"/>'), "neither true nor false"),
        (several(APP).replace("<Profile ", '<Profile w:Mode="x" '), "'Mode' of Profile"),
        (several(APP).replace("<AllAppsList>", f'<KioskModeApp AppUserModelId="{OTHER}"/><AllAppsList>'), "list"),
    ],
)
def test_what_stands_where_no_schema_has_it_is_neither_taken_nor_passed_over(profile: str, said: str) -> None:
    draft = kiosk.read(document(config(VISITOR), profile, head=f"{W} {RS5}"))
    assert [(r.line, r.lost) for r in draft.remarks if said in r.text] == [(3, True)]
    assert draft.profiles[0][1].auto_launch is None


@pytest.mark.parametrize("mark", ["\x9b", "\u202e", "\u2066", "\ufeff"])
def test_IMP_1_a_name_that_could_drive_a_terminal_is_not_taken(mark: str) -> None:
    hostile = config(f"<Account>AzureAD\\a{mark}b@contoso.com</Account>")
    draft = kiosk.read(document(hostile + config(VISITOR), several(APP)))
    assert [target.kind for target, _ in draft.profiles] == [kiosk.TargetKind.VISITORS]
    assert kiosk.as_yaml(draft, f"k{mark}.xml").replace("\n", "").isprintable()


def test_a_start_layout_with_sizes_is_left_out_and_only_told() -> None:
    layout = '<StartLayout><![CDATA[<L><Tile Size="2x2"/><Tile Size="4x2"/></L>]]></StartLayout>'
    draft = kiosk.read(document(config(VISITOR), several(APP).replace("<Taskbar", layout + "<Taskbar")))
    assert not draft.lost
    assert ["2 of sizes 2x2, 4x2" in remark.text for remark in draft.remarks] == [True]


FORMS = {
    "one app for everyone but device owners, which starts by itself": (
        "kiosk: {for: everyone, except: [device-owners], apps: [remote-assist, settings], "
        "auto_launch: remote-assist}"
    ),
    "the same for everyone": "kiosk: {for: everyone, except: [], apps: [remote-assist, feedback-hub, settings]}",
    "one Entra account": (
        "kiosk: {for: listed, profiles: [{user: technician1@contoso.com, apps: [feedback-hub, settings-old]}]}"
    ),
    "two Entra accounts with a profile each": (
        "kiosk: {for: listed, profiles: [{user: technician1@contoso.com, apps: [guides]}, "
        "{user: technician2@contoso.com, apps: [remote-assist]}]}"
    ),
    "one Entra group": "kiosk: {for: listed, profiles: [{group: techs, apps: [remote-assist, settings]}]}",
    "two Entra groups": (
        "kiosk: {for: listed, profiles: [{group: techs, apps: [guides]}, {group: leads, apps: [settings]}]}"
    ),
    "everyone, and one group sees something else": (
        "kiosk: {for: everyone, except: [], apps: [guides], profiles: [{group: techs, apps: [settings, guides]}]}"
    ),
    "everyone but device owners, and visitors see something else": (
        "kiosk: {for: everyone, except: [device-owners], apps: [guides], "
        "profiles: [{visitors: true, apps: [camera]}]}"
    ),
    "visitors get a single app": (
        "kiosk: {for: listed, profiles: [{visitors: true, single_app: true, apps: [remote-assist]}]}"
    ),
    "a local account gets a single app": (
        "kiosk: {for: listed, profiles: [{local_account: visor, single_app: true, apps: [guides]}]}"
    ),
    "a local account gets several apps": (
        "kiosk: {for: listed, profiles: [{local_account: visor, apps: [guides, settings]}]}"
    ),
}
PEOPLE = """
people: [{upn: technician1@contoso.com}, {upn: technician2@contoso.com}]
groups:
  - {name: techs, object_id: 22222222-2222-4222-8222-222222222222}
  - {name: leads, object_id: 33333333-3333-4333-8333-333333333333}
"""


@pytest.mark.parametrize("form", FORMS)
def test_each_published_form_is_said_in_a_fleet_file_and_comes_back_from_its_document(form: str) -> None:
    said = compiled(f"defaults:\n  {FORMS[form]}\n{PEOPLE}")
    draft = kiosk.read(formats.render(said).encode())
    assert not draft.lost
    assert same(compiled(kiosk.as_yaml(draft, "kiosk.xml")), said)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<Other/>",
        b"<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'>]><a>&b;&b;</a>",
        ("<a>" * 200 + "</a>" * 200).encode(),
        document(config(VISITOR, 2), several(APP)),
        b"\xff\xfe<\x00a\x00/\x00>\x00",
    ],
)
def test_IMP_1_what_is_no_kiosk_or_means_harm_is_refused(content: bytes) -> None:
    with pytest.raises(kiosk.KioskImportError):
        kiosk.read(content)


@given(st.text(max_size=60), st.text(max_size=30))
def test_IMP_1_a_document_cannot_write_yaml_of_its_own(name: str, source: str) -> None:
    escaped = "".join(f"&#{ord(c)};" for c in name if c.isprintable())
    principals = (
        f"<Account>AzureAD\\{escaped}@contoso.com</Account>",
        f"<Account>{escaped}</Account>",
        f'<UserGroup Type="AzureActiveDirectoryGroup" Name="{escaped}"/>',
    )
    draft = kiosk.read(document("".join(map(config, (*principals, VISITOR))), several(APP, escaped)))
    text = kiosk.as_yaml(draft, source)
    loaded = spec.parse({"fleet.yaml": FLEET, "kiosk.yaml": text})
    assert loaded.model.organization.name == "Contoso"
    assert loaded.model.defaults.kiosk is not None
    assert {"holofleet", "organization", "headsets"}.isdisjoint(
        line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()
    )

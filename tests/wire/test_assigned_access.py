"""Kiosk documents against the published schemas, which a validator of its own applies.

The schemas stand in ``assigned_access/*.xsd``, in our words; what they cannot say is the matter of
``holofleet.formats.assigned_access.rules``.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from lxml import etree
from tests.properties.formats.test_documents_round_trip import configurations

from holofleet import desired, samples, spec
from holofleet.formats import assigned_access as kiosk

NODE = "./Device/Vendor/MSFT/AssignedAccess/Configuration"
FOLDER = Path(__file__).parent / "assigned_access"
APP = "Contoso.App_1qaz2wsx3edc4!App"


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / "2017.xsd"))


def problems(text: str) -> list[str]:
    valid = schema().validate(etree.fromstring(text.encode()))
    return [] if valid else str(schema().error_log).splitlines()


@pytest.mark.parametrize("scenario", samples.SAMPLES)
def test_the_kiosks_of_the_samples_are_valid(scenario: str) -> None:
    state = desired.compile(spec.parse(samples.text(scenario, today=date(2026, 11, 25))))
    found = [d.by_uri[NODE].data for d in state.documents.values() if NODE in d.by_uri]
    assert found
    for text in found:
        assert problems(text) == []
        assert kiosk.faults(kiosk.parse(text)) == ()


@given(configurations())
def test_whatever_is_rendered_is_valid(configuration: kiosk.Configuration) -> None:
    assert problems(kiosk.render(configuration)) == []


def document(profile: str = "", configs: str = "", *, head: str = "") -> str:
    single = f'<KioskModeApp AppUserModelId="{APP}"/>'
    profile = profile or f'<Profile Id="{{11111111-1111-1111-1111-111111111111}}">{single}</Profile>'
    configs = configs or (
        '<Config><SpecialGroup Name="Visitor"/>'
        '<DefaultProfile Id="{11111111-1111-1111-1111-111111111111}"/></Config>'
    )
    return (
        f'<AssignedAccessConfiguration xmlns="http://schemas.microsoft.com/AssignedAccess/2017/config" {head}>'
        f"<Profiles>{profile}</Profiles><Configs>{configs}</Configs></AssignedAccessConfiguration>"
    )


ID = "{11111111-1111-1111-1111-111111111111}"
GUID = "22222222-2222-4222-8222-222222222222"
HEAD = (
    'xmlns:r="http://schemas.microsoft.com/AssignedAccess/201810/config" '
    'xmlns:g="http://schemas.microsoft.com/AssignedAccess/2020/config" '
    'xmlns:x="http://schemas.microsoft.com/AssignedAccess/202010/config" '
    'xmlns:w="http://schemas.microsoft.com/AssignedAccess/2022/config"'
)
TASKBAR = '<Taskbar ShowTaskbar="true"/>'
VISITORS = f'<Config><SpecialGroup Name="Visitor"/><DefaultProfile Id="{ID}"/></Config>'
GROUP = VISITORS.replace(
    '<SpecialGroup Name="Visitor"/>', f'<UserGroup Type="AzureActiveDirectoryGroup" Name="{GUID}"/>'
)
LISTED = "<AllAppsList><AllowedApps>{}</AllowedApps></AllAppsList>"
OWNERS = '<x:Exclusions><x:SpecialGroup Name="DeviceOwner"/></x:Exclusions>'


def app(aumid: str = APP, marks: str = "") -> str:
    return f'<App AppUserModelId="{aumid}" {marks}/>'


def profile(content: str) -> str:
    return f'<Profile Id="{ID}">{content}</Profile>'


def several(*apps: str) -> str:
    return profile(LISTED.format("".join(apps)) + TASKBAR)


def everyone(content: str = "") -> str:
    return f'<g:GlobalProfile Id="{ID}">{content}</g:GlobalProfile>'


@pytest.mark.parametrize(
    "text",
    [
        document(configs=everyone(), head=HEAD),
        document(configs=everyone(OWNERS) + VISITORS + GROUP, head=HEAD),
        document(several(app(marks='r:AutoLaunch="true" r:AutoLaunchArguments="a"'), app("B")), head=HEAD),
    ],
)
def test_the_schema_takes_each_form_of_its_versions(text: str) -> None:
    assert problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        document(several(app()) * 2),
        document(several(app(), app())),
        document(several(app(marks='r:AutoLaunch="true"'), app("B", 'r:AutoLaunch="true"')), head=HEAD),
        document(several(app(marks='DesktopAppPath="C:\\a.exe"'))),
        document(several("<App/>")),
        document(several()),
        document(profile(TASKBAR + LISTED.format(app()))),
        document(profile(LISTED.format(app()) + "<w:StartPins>x</w:StartPins>" + TASKBAR), head=HEAD),
        document(several(app()).replace('"true"', '"yes"')),
        document(profile(f'<KioskModeApp AppUserModelId="{APP}" r:AutoLaunch="true"/>'), head=HEAD),
        document(configs=VISITORS + everyone(), head=HEAD),
        document(configs=everyone(OWNERS.replace("DeviceOwner", "Visitor")), head=HEAD),
        document(configs=everyone(OWNERS.replace("x:SpecialGroup", "SpecialGroup")), head=HEAD),
        document(configs=everyone("<x:Exclusions/>"), head=HEAD),
        document(configs=VISITORS.replace("<DefaultProfile", "<Account>a</Account><DefaultProfile")),
        document(configs=GROUP.replace("AzureActiveDirectoryGroup", "Group")),
    ],
)
def test_the_schema_refuses_each_form_that_a_version_does_not_have(text: str) -> None:
    assert problems(text)


def test_the_schema_takes_a_document_written_by_hand() -> None:
    assert problems(document()) == []


@pytest.mark.parametrize(
    "text",
    [
        document().replace("{1111", "1111"),
        document().replace("Visitor", "Everybody"),
        document().replace("<KioskModeApp", "<KioskApp"),
        document().replace("<Configs>", "<Configs><Other/>"),
        document(configs="<Config/>"),
        document().replace("2017/config", "2016/config"),
        document(
            '<Profile Id="{11111111-1111-1111-1111-111111111111}"><AllAppsList><AllowedApps>'
            f'<App AppUserModelId="{APP}"/></AllowedApps></AllAppsList><StartLayout>x</StartLayout></Profile>'
        ),
    ],
)
def test_the_schema_refuses_what_a_headset_would_refuse(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1"),
        ("<a", "line 1, column"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type at line 1"),
        (document().replace("<Configs>", "<Configs><Other/>"), "Line 1: Other is not allowed"),
        (document().replace("</Profiles>", "</Profile>"), "line 1, column"),
        (document().replace("2017/config", "2016/config"), "not AssignedAccessConfiguration"),
        (document().replace('"{11111111-1111-1111-1111-111111111111}"/></Config', '"{2}"/></Config'), "not there"),
        (document().replace(APP, "App"), "'App' is not an AUMID"),
        (document().replace("<Configs>", "\n<Configs>").replace("Visitor", "Guests"), "Line 2: SpecialGroup"),
        (document(configs=VISITORS + "\n" + VISITORS), "Line 2: a profile is given to visitor already"),
        (document(configs=VISITORS + "\n" + GROUP.replace(GUID, "Techs")), "Line 2: 'Techs' is not the object id"),
        (document(several(app(), "\n", app())), "is listed twice"),
        (
            document(several(app(), "\n", '<App DesktopAppPath="C:\\a.exe"/>')),
            "Line 2: HoloLens knows no attribute",
        ),
        (document(several(app(), "\n", app("x"))), "Line 2: 'x' is not an AUMID"),
    ],
)
def test_the_strict_reader_refuses_broken_documents_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(kiosk.AssignedAccessError) as caught:
        kiosk.parse(text)
    assert said in str(caught.value)

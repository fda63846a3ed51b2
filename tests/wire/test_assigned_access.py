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
        ("", ""),
        ("<a", ""),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ""),
        (document().replace("<Configs>", "<Configs><Other/>"), "Other"),
        (document().replace("</Profiles>", "</Profile>"), ""),
        (document().replace("2017/config", "2016/config"), ""),
        (document().replace('"{11111111-1111-1111-1111-111111111111}"/></Config', '"{2}"/></Config'), ""),
    ],
)
def test_the_strict_reader_refuses_broken_documents_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(kiosk.AssignedAccessError) as caught:
        kiosk.parse(text)
    assert said in str(caught.value)

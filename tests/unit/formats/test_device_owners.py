import pytest

from holofleet.formats.device_owners import DeviceOwners, DeviceOwnersError, parse, render

ADMIN, SID = "AzureAD\\admin1@contoso.com", "S-1-12-1-11-22-33-44"


def test_the_document_has_the_published_shape():
    assert render(DeviceOwners((ADMIN,), (SID,))) == (
        '<GroupConfiguration><accessgroup desc="Device Owners"><group action="U"/>'
        f'<add member="{ADMIN}"/><remove member="{SID}"/></accessgroup></GroupConfiguration>'
    )


@pytest.mark.parametrize(
    "owners", [DeviceOwners((ADMIN, SID)), DeviceOwners((), (SID,)), DeviceOwners((ADMIN,), exactly=True)]
)
def test_owners_are_read_as_they_were_written(owners):
    assert parse(render(owners)) == owners


@pytest.mark.parametrize(
    "owners",
    [
        DeviceOwners(("admin1@contoso.com",)),
        DeviceOwners((ADMIN,), (SID,), exactly=True),
        DeviceOwners((), exactly=True),
    ],
)
def test_what_a_headset_would_refuse_is_not_written(owners):
    with pytest.raises(DeviceOwnersError):
        render(owners)


@pytest.mark.parametrize(
    "text",
    [
        "<GroupConfiguration/>",
        "<",
        render(DeviceOwners((ADMIN,))).replace("Device Owners", "Administrators"),
        render(DeviceOwners((ADMIN,))).replace('action="U"', 'action="X"'),
        render(DeviceOwners((ADMIN,))).replace("<add", "<plus"),
    ],
)
def test_another_group_or_shape_is_not_read(text):
    with pytest.raises(DeviceOwnersError):
        parse(text)

"""Media types: the type and the charset count, other parameters do not."""

from __future__ import annotations

import pytest

from holofleet.protocols import media
from holofleet.protocols.errors import MalformedMessageError


@pytest.mark.parametrize(
    "header",
    [
        "application/vnd.syncml.dm+xml",
        "Application/vnd.SyncML.dm+xml; charset=UTF-8",
        'application/vnd.syncml.dm+xml;x=1 ; charset="utf-8"',
        "application/vnd.syncml+xml",
    ],
)
def test_an_accepted_type_passes(header: str) -> None:
    media.check_content_type(header, media.SYNCML, media.SYNCML_PLAIN)


@pytest.mark.parametrize(
    "header",
    [None, "", "text/xml", "application/vnd.syncml.dm+wbxml", "application/vnd.syncml.dm+xml; charset=utf-16"],
)
def test_another_type_or_charset_is_415(header: str | None) -> None:
    with pytest.raises(MalformedMessageError) as caught:
        media.check_content_type(header, media.SYNCML, media.SYNCML_PLAIN)
    assert caught.value.http_status == 415

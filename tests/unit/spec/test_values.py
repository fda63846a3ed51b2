"""What each kind of text accepts, and what its error says."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from holofleet.spec import values


def read(kind: Any, text: object) -> Any:
    return TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (values.Flag, "true", True),
        (values.Flag, "false", False),
        (values.Whole, "14", 14),
        (values.Whole, "-3", -3),
        (values.Number, "1.5", 1.5),
        (values.Text, "1e3", "1e3"),
        (values.Duration, "30d", timedelta(days=30)),
        (values.Duration, "12h", timedelta(hours=12)),
        (values.Duration, "2w", timedelta(days=14)),
        (values.Day, "2026-12-07", date(2026, 12, 7)),
        (values.TimeOfDay, "17:00", time(17, 0)),
        (values.Hour, "07:00", 7),
        (values.Hour, "17", 17),
        (values.Serial, "003421700101", "003421700101"),
        (values.UPN, "Expert1@Contoso.com", "expert1@contoso.com"),
        (values.Guid, "ABCDEF01-1111-4111-8111-111111111111", "abcdef01-1111-4111-8111-111111111111"),
        (values.BuildText, "22621.1250", "22621.1250"),
        (values.BuildText, "10.0.22621.1250", "10.0.22621.1250"),
        (values.BuildOrNewest, "newest-known", "newest-known"),
        (values.UPNOrNone, "none", "none"),
        (values.AppName, "Contoso.AssistShell_1qaz2wsx3edc4!App", "Contoso.AssistShell_1qaz2wsx3edc4!App"),
        (values.SecretReference, "env:HOLOFLEET_SECRET_WIFI", "env:HOLOFLEET_SECRET_WIFI"),
        (values.SecretReference, "file:wifi.key", "file:wifi.key"),
    ],
)
def test_a_kind_reads_its_text(kind: Any, text: str, value: object) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (values.Flag, "yes"),
        (values.Flag, "on"),
        (values.Flag, "1"),
        (values.Flag, ""),
        (values.Whole, "1e3"),
        (values.Whole, "1_000"),
        (values.Whole, "0x10"),
        (values.Whole, " 5"),
        (values.Whole, "1.0"),
        (values.Whole, "٣"),
        (values.Whole, "9" * 40),
        (values.Number, "nan"),
        (values.Number, ".inf"),
        (values.Text, "   "),
        (values.Text, "a\x1b[31mb"),
        (values.Text, "x" * 5000),
        (values.Duration, "30"),
        (values.Duration, "0d"),
        (values.Day, "2026-02-30"),
        (values.Day, "07.12.2026"),
        (values.Day, "1764547200"),
        (values.TimeOfDay, "24:00"),
        (values.TimeOfDay, "1020"),
        (values.Hour, "07:30"),
        (values.Name, "Field Service"),
        (values.Name, "-field"),
        (values.Name, "a" * 64),
        (values.Serial, "0034 2170"),
        (values.Serial, "../etc"),
        (values.UPN, "expert1"),
        (values.UPN, "a b@contoso.com"),
        (values.Guid, "{11111111-1111-4111-8111-111111111111}"),
        (values.FileName, "../other.csv"),
        (values.FileName, "/etc/passwd"),
        (values.FileName, ".hidden"),
        (values.FileName, "a/../b"),
        (values.BuildText, "22621"),
        (values.SecretReference, "env:PATH"),
        (values.SecretReference, "env:HOLOFLEET_TOKEN"),
        (values.SecretReference, "file:../keys/ca.pem"),
        (values.SecretReference, "file:/etc/shadow"),
        (values.SecretReference, "hunter2"),
    ],
)
def test_a_kind_refuses_what_is_not_its_own(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError):
        read(kind, text)


def test_a_secret_reference_knows_its_variable() -> None:
    reference = values.SecretReference.read("env:HOLOFLEET_SECRET_WIFI")
    assert reference.variable == "{{secret:env:HOLOFLEET_SECRET_WIFI}}"

"""``holofleet webhooks`` on a data folder, and where the flags and the environment of the server let them go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.cli.test_audit import run

from holofleet.cli.services import wire
from holofleet.cli.telling import WebhookFlags, proxy_of
from holofleet.errors import InputError


def test_a_webhook_is_made_shown_tested_switched_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with wire(tmp_path / "data"):
        pass

    def said(*words: str) -> str:
        capsys.readouterr()
        assert run("webhooks", *words, "--data", tmp_path / "data") == 0
        return capsys.readouterr().out

    made = json.loads(said("add", "desk", "https://hooks.contoso.com/fleet", "--event", "call.missed"))
    assert made["secret"].startswith("whsec_")
    key = made["id"]
    delivery = said("test", key).split()[1]
    assert key in said("list")
    text = said("show", key)
    assert "takes call.missed of every client" in text
    assert delivery in text
    assert made["secret"] not in text
    assert json.loads(said("secret", key))["secret"] != made["secret"]
    assert "is off" in said("switch", key, "--off")
    assert "off: Switched off" in said("list")
    found = json.loads(said("show", key, "--format", "json"))
    assert (found["deliveries"][0]["state"], found["events"]) == ("given-up", ["call.missed"])
    said("remove", key)
    assert json.loads(said("list", "--format", "json")) == {"webhooks": []}
    assert run("webhooks", "show", key, "--data", tmp_path / "data") == 2


def test_a_proxy_is_the_one_of_the_environment_and_says_no_password() -> None:
    assert proxy_of({}) is None
    found = proxy_of({"https": "http://proxy.contoso.com:3128"})
    assert found is not None
    assert (found.host, found.port) == ("proxy.contoso.com", 3128)
    for named in (
        "http://lee:secret@proxy.contoso.com",
        "https://proxy.contoso.com",
        "socks5://proxy.contoso.com",
    ):
        with pytest.raises(InputError, match="HTTPS_PROXY"):
            proxy_of({"https": named})


def test_a_network_that_is_none_is_said_before_anything_is_opened() -> None:
    with pytest.raises(InputError, match="no network"):
        WebhookFlags(webhooks_to=("inner",)).networks()

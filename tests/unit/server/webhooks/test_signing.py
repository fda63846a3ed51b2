"""Secrets and signatures, held against the example that Standard Webhooks publishes."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from holofleet.server.sealing import DamagedError, SealingKey
from holofleet.server.webhooks import sign
from holofleet.server.webhooks.signing import make_secret, open_secret, seal_secret

KEY = bytes(range(32))


def test_the_published_example_of_standard_webhooks_is_signed_alike() -> None:
    found = sign(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_changed_both_sign_the_newer_first() -> None:
    new, old = make_secret(), make_secret()
    found = sign([new, old], "msg_1", 7, b"{}").split(" ")
    by_hand = [
        hmac.new(base64.b64decode(one.removeprefix("whsec_")), b"msg_1.7.{}", hashlib.sha256) for one in (new, old)
    ]
    assert found == ["v1," + base64.b64encode(one.digest()).decode() for one in by_hand]


def test_a_sealed_secret_is_opened_for_its_own_webhook_with_its_own_key_only() -> None:
    key, secret = SealingKey(KEY), make_secret()
    sealed = seal_secret(key, "a", secret)
    assert secret not in sealed
    assert open_secret(key, "a", sealed) == secret
    for other, webhook, text in (
        (key, "b", sealed),
        (SealingKey(bytes(32)), "a", sealed),
        (key, "a", sealed[:-4] + "AAA="),
        (key, "a", "not base64"),
        (key, "a", ""),
    ):
        with pytest.raises(DamagedError, match="cannot be opened"):
            open_secret(other, webhook, text)

"""Ids, keys, certificate requests and poll schedules."""

from __future__ import annotations

import pytest
from asn1crypto import csr as pkcs10
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from holofleet import catalog
from holofleet.errors import InputError
from holofleet.simulator import Credential, HeadsetPlan
from holofleet.simulator.headset.csr import render_request
from holofleet.simulator.headset.identity import DeviceName, Dialect, Hardware
from holofleet.simulator.headset.keys import KeyPool
from holofleet.simulator.headset.polling import next_interval_min

NAME = DeviceName.of_enrollment("0034", seed=7, number=1)


def test_keys_are_distinct_and_of_full_length() -> None:
    pool = KeyPool()
    keys = [pool.take() for _ in range(30)]
    assert len({key.public_key().public_numbers().n for key in keys}) == 30
    assert {key.key_size for key in keys} == {2048}
    signature = keys[-1].sign(b"x", padding.PKCS1v15(), hashes.SHA256())
    keys[-1].public_key().verify(signature, b"x", padding.PKCS1v15(), hashes.SHA256())


def test_hardware_survives_and_device_ids_do_not() -> None:
    assert Hardware.of_serial("1") == Hardware.of_serial("1") != Hardware.of_serial("2")
    ids = {DeviceName.of_enrollment("1", seed=s, number=n).device_id for s in (0, 1) for n in (1, 2)}
    assert len(ids) == 4
    assert DeviceName.of_enrollment("1", seed=0, number=1) == DeviceName.of_enrollment("1", seed=0, number=1)


@pytest.mark.parametrize(
    ("build", "dialect"),
    [("10.0.20348.1528", Dialect.WINDOWS_10), ("10.0.22621.1244", Dialect.WINDOWS_11)],
)
def test_the_build_decides_the_dialect(build: str, dialect: Dialect) -> None:
    assert Dialect.of_build(build) is dialect


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("sha256", [True, False])
def test_a_certificate_request_is_signed_and_has_the_recorded_common_name(dialect: Dialect, sha256: bool) -> None:
    key = KeyPool().take()
    request = pkcs10.CertificationRequest.load(render_request(NAME, key, dialect=dialect, sha256=sha256))
    info = request["certification_request_info"]
    public = serialization.load_der_public_key(info["subject_pk_info"].dump())
    assert isinstance(public, rsa.RSAPublicKey)
    algorithm = hashes.SHA256() if sha256 else hashes.SHA1()
    public.verify(request["signature"].native, info.dump(), padding.PKCS1v15(), algorithm)
    value = info["subject"].chosen[0][0]["value"].chosen
    if dialect is Dialect.WINDOWS_10:
        assert value.tag == 19  # PrintableString
        assert value.contents == NAME.common_name.encode() + b"\0"
        assert len(value.contents) == 64
    else:
        assert value.tag == 12  # UTF8String
        assert value.contents == NAME.common_name.encode()
    assert isinstance(info["subject_pk_info"], asn1_keys.PublicKeyInfo)
    usages = [e["extn_id"].native for e in info["attributes"][0]["values"][0]]
    assert ("extended_key_usage" in usages) is (dialect is Dialect.WINDOWS_11)


def test_a_poll_schedule_goes_through_its_three_sets() -> None:
    values = {
        "Poll/NumberOfFirstRetries": "2",
        "Poll/IntervalForFirstSetOfRetries": "5",
        "Poll/NumberOfSecondRetries": "1",
        "Poll/IntervalForSecondSetOfRetries": "15",
        "Poll/NumberOfRemainingScheduledRetries": "0",
        "Poll/IntervalForRemainingScheduledRetries": "480",
    }
    assert [next_interval_min(values.get, polls=n) for n in range(6)] == [5, 5, 15, 480, 480, 480]
    values["Poll/NumberOfFirstRetries"] = "0"
    assert [next_interval_min(values.get, polls=n) for n in (0, 99)] == [5, 5]
    assert next_interval_min({}.get, polls=0) is None


def test_a_plan_with_a_build_of_another_form_is_refused() -> None:
    with pytest.raises(InputError):
        HeadsetPlan("1", Credential("a", "b"), build="22H2")


def test_a_headset_has_the_newest_known_build_unless_told() -> None:
    assert HeadsetPlan("1", Credential("a", "b")).build == str(catalog.builds().newest())

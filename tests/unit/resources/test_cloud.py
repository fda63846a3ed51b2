"""The nouns of a cloud tenant stand in a State like the others, and old States still read."""

from __future__ import annotations

import hashlib
import json

import pytest
from pydantic import ValidationError

from holofleet import resources
from holofleet.plans import compare
from holofleet.resources import KINDS, Address, State
from holofleet.resources.cloud import CLOUD

DIGEST = hashlib.sha256(b"hash").hexdigest()
ONE_OF_EACH: tuple[resources.Resource, ...] = (
    resources.Registration(serial="003421800101", group_tag="field", hash_sha256=DIGEST),
    resources.DeviceGroup(
        name="field", display_name="HoloLens field", deployment="field", document=DIGEST, serials=("003421800101",)
    ),
    resources.AutopilotProfile(name="hololens-field", display_name="hololens field", groups=("field",)),
    resources.StatusPage(name="hololens-field", display_name="hololens field", groups=("field",)),
    resources.App(name="remote-assist", display_name="Remote Assist", store_id="9P0000000001", groups=("field",)),
    resources.CompliancePolicy(name="field", display_name="HoloLens field", os_minimum="10.0.22621.1266"),
    resources.EnrollmentRestriction(name="headsets", display_name="HoloLens", accounts=("accounts",)),
    resources.CertificateSignIn(
        name="contoso-devices",
        display_name="HoloLens shared accounts",
        issuer="CN=Contoso Devices",
        accounts=("accounts",),
        authorities=(resources.Authority(name="contoso-devices", sha256=DIGEST, root=True),),
    ),
    resources.TenantSetting(name="device-join", display_name="Joining", value={"users": "all", "quota": 50}),
    resources.ConditionalAccess(name="headsets", display_name="x", accounts=("accounts",), excluded=("keys",)),
    resources.ManualStep(name="barriers", title="Information barriers", reason="Graph has no such thing."),
)


def test_every_noun_of_a_tenant_has_a_kind_and_an_address_that_can_be_read_back() -> None:
    assert {type(one) for one in ONE_OF_EACH} == set(CLOUD)
    for one in ONE_OF_EACH:
        assert KINDS[one.kind] is type(one)
        assert Address.parse(str(one.address)) == one.address


def test_a_state_with_every_noun_reads_back_as_it_was_written() -> None:
    state = State(ONE_OF_EACH)
    assert State.from_json(json.loads(state.render())) == state
    assert [address.kind for address in state.resources] == [noun.kind for noun in CLOUD]


def test_a_condition_for_signing_in_cannot_be_without_people_and_exceptions() -> None:
    for accounts, excluded in (((), ("keys",)), (("accounts",), ())):
        with pytest.raises(ValidationError):
            resources.ConditionalAccess(name="x", display_name="x", accounts=accounts, excluded=excluded)


def test_a_state_that_uses_no_later_key_keeps_its_form() -> None:
    user = resources.User(upn="hl-1@contoso.com", account="headset")
    group = resources.Group(name="accounts", members=(user.upn,))
    written = State([user, group]).to_json()["resources"]
    assert set(written["user"][0]) == {
        "upn",
        "display_name",
        "client",
        "account",
        "roles",
        "directory_roles",
        "usage_location",
    }
    assert set(written["group"][0]) == {"name", "formerly", "members", "licenses"}


def test_a_state_that_was_written_before_there_were_later_keys_still_reads() -> None:
    written = State([resources.User(upn="hl-1@contoso.com"), resources.Group(name="accounts")]).to_json()
    user = State.from_json(written).of_kind(resources.User)["hl-1@contoso.com"]
    assert user.licenses == ()
    assert not user.password_never_expires


def test_later_keys_that_are_used_travel_and_show_in_a_plan() -> None:
    plain = resources.Group(name="accounts", licenses=("AAD_PREMIUM",))
    told = resources.Group(
        name="accounts", licenses=("AAD_PREMIUM",), rule="(x)", disabled_plans={"AAD_PREMIUM": ("EXCHANGE",)}
    )
    state = State([told])
    assert State.from_json(state.to_json()).of_kind(resources.Group)["accounts"] == told
    (change,) = compare(state, State([plain]), target="graph").changes
    assert {field.field for field in change.fields} == {"rule", "disabled_plans"}
    (back,) = compare(State([plain]), state, target="graph").changes
    assert {field.field for field in back.fields} == {"rule", "disabled_plans"}

"""Certificate sign-in of accounts, against the emulator: merged into what others use too."""

from __future__ import annotations

import base64
import hashlib
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.unit.targets.graph.kinds.directory_world import ROOT, World, sample

from holofleet.emulator import Delays, Quotas
from holofleet.emulator.tenant import Item
from holofleet.errors import RefusedError
from holofleet.resources import Authority, CertificateSignIn, ConditionalAccess, Group, State
from holofleet.targets.graph.kinds.conditional_access import ConditionalAccessPolicies, bare
from holofleet.targets.graph.kinds.groups import Groups
from holofleet.targets.graph.kinds.sign_in import Authorities, CertificateMethod

STORE = "certificateBasedAuthConfigurations"
ISSUER, ROOT_NAME = "CN=Contoso Issuing CA", "CN=Contoso Root CA"
THEIR_RULE = {
    "x509CertificateRuleType": "issuerSubject",
    "identifier": "CN=Fabrikam CA",
    "x509CertificateAuthenticationMode": "x509CertificateSingleFactor",
}
METHOD = "certificate-method:certificate"


@cache
def chain() -> tuple[bytes, bytes]:
    """Return an issuing authority and the root above it, as DER."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))

    def made(subject: str, issuer: str, public: Any) -> bytes:
        begins = datetime(2026, 1, 1, tzinfo=UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name.from_rfc4514_string(subject))
            .issuer_name(x509.Name.from_rfc4514_string(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        )
        return builder.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    return made(ISSUER, ROOT_NAME, key.public_key()), made(ROOT_NAME, ROOT_NAME, root_key.public_key())


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


GROUP, EMERGENCY = Group(name="line-4"), Group(name="emergency")
CONDITION = ConditionalAccess(name="c", display_name="C", accounts=("line-4",), excluded=("emergency",))


def sign_in(**more: Any) -> CertificateSignIn:
    issuer, root = chain()
    return CertificateSignIn(
        name="contoso-issuing-ca",
        display_name="HoloLens accounts by Contoso Issuing CA",
        issuer=ISSUER,
        accounts=("line-4",),
        authorities=(
            Authority(name="issuing", sha256=digest(issuer), root=False, crl_url="http://crl.contoso.com/i.crl"),
            Authority(name="root", sha256=digest(root), root=True),
        ),
    ).model_copy(update=more)


def state(*nouns: Any) -> State:
    return State(nouns, contents={digest(content): content for content in chain()})


def kinds() -> list[Any]:
    return [Groups(ROOT), Authorities(), CertificateMethod(), ConditionalAccessPolicies()]


def world(**more: Any) -> World:
    return World(kinds, state(GROUP, sign_in()), **more)


def applied(**more: Any) -> World:
    tried = world(**more)
    tried.apply()
    return tried


def method(tried: World) -> dict[str, Any]:
    return tried.tenant.singletons["x509Certificate"]


def container(tried: World) -> Item:
    (item,) = tried.tenant.collection(STORE).values()
    return item


def held(tried: World) -> dict[str, Item]:
    """Return the authorities of the container by name."""
    parts = container(tried).contained("certificateAuthorities").values()
    return {part.properties["displayName"]: part for part in parts}


@pytest.mark.parametrize("delays", [Delays(), Delays.like_the_service()])
def test_accounts_sign_in_by_certificate_and_the_plan_is_empty_afterwards(delays: Delays) -> None:
    tried = applied(delays=delays, quotas=Quotas())
    assert {name: part.properties["certificateAuthorityType"] for name, part in held(tried).items()} == {
        "issuing": "intermediate",
        "root": "root",
    }
    assert base64.b64decode(held(tried)["issuing"].properties["certificate"]) == chain()[0]
    now = method(tried)
    (rule,) = now["authenticationModeConfiguration"]["rules"]
    assert (rule["identifier"], rule["x509CertificateAuthenticationMode"]) == (
        ISSUER,
        "x509CertificateMultiFactor",
    )
    mode = now["authenticationModeConfiguration"]["x509CertificateAuthenticationDefaultMode"]
    assert mode == "x509CertificateSingleFactor"
    assert [target["id"] for target in now["includeTargets"]] == [tried.one("groups", displayName="line-4").id]
    assert now["state"] == "enabled"
    assert tried.shown() == []


def test_a_sample_arrives_and_its_plan_is_empty_afterwards() -> None:
    whole = sample("shared-identity")
    nouns = [*whole.of_kind(Group).values(), *whole.of_kind(CertificateSignIn).values()]
    bare = [noun.model_copy(update={"members": ()}) if isinstance(noun, Group) else noun for noun in nouns]
    tried = World(kinds, State(bare, contents=whole.contents))
    for noun in bare:
        if isinstance(noun, Group) and noun.object_id:
            tried.group("Emergency access", id=noun.object_id)
    tried.apply()
    assert held(tried)
    assert tried.shown() == []


def rules(tried: World, *listed: dict[str, Any]) -> None:
    method(tried)["authenticationModeConfiguration"]["rules"] = list(listed)


def ours(tried: World, **changed: Any) -> dict[str, Any]:
    mine = method(tried)["authenticationModeConfiguration"]["rules"][0]
    return {**mine, **changed}


def policy(tried: World) -> dict[str, Any]:
    """Return a rule for certificates of our issuer under a policy: one factor where ours says two."""
    return ours(
        tried,
        x509CertificateRuleType="issuerSubjectAndPolicyOID",
        identifier=ISSUER,
        issuerSubjectIdentifier=ISSUER,
        policyOidIdentifier="1.2.3.4",
        x509CertificateAuthenticationMode="x509CertificateSingleFactor",
    )


def test_GRA_2_groups_of_others_stay_excluded() -> None:
    tried = applied()
    _exclude(tried)
    tried.apply()
    (left,) = method(tried)["excludeTargets"]
    assert left["id"] == tried.one("groups", displayName="Guests").id


def _target(tried: World, **changed: Any) -> None:
    method(tried)["includeTargets"] = [{**method(tried)["includeTargets"][0], **changed}]


def _exclude(tried: World) -> None:
    """Shut our accounts out, and somebody else's group with them."""
    groups = [tried.one("groups", displayName="line-4").id, tried.group("Guests").id]
    method(tried)["excludeTargets"] = [{"targetType": "group", "id": id_} for id_ in groups]


IN_THE_METHOD: dict[str, Any] = {
    "off": (lambda w: method(w).update(state="disabled"), "state"),
    "no rule": (lambda w: rules(w), f"rule {ISSUER}"),
    "a weaker rule": (
        lambda w: rules(w, ours(w, x509CertificateAuthenticationMode="x509CertificateSingleFactor")),
        f"rule {ISSUER}",
    ),
    "another issuer": (lambda w: rules(w, ours(w, identifier="CN=Fabrikam CA")), f"rule {ISSUER}"),
    "another type": (
        lambda w: rules(w, ours(w, x509CertificateRuleType="policyOID")),
        f"rule {ISSUER},rule {ISSUER} as {ISSUER} (policyOID)",
    ),
    "a policy beside the issuer": (
        lambda w: rules(w, ours(w), policy(w)),
        f"rule {ISSUER} as 1.2.3.4 and {ISSUER} (issuerSubjectAndPolicyOID)",
    ),
    "twice, and weaker": (
        lambda w: rules(w, ours(w), ours(w, x509CertificateAuthenticationMode="x509CertificateSingleFactor")),
        f"rule {ISSUER}",
    ),
    "no target": (lambda w: method(w).update(includeTargets=[]), "accounts"),
    "excluded": (_exclude, "excluded accounts"),
    "registration": (lambda w: _target(w, isRegistrationRequired=True), "registration required"),
    "no binding": (
        lambda w: method(w).update(certificateUserBindings=[]),
        "PrincipalName signs in as userPrincipalName",
    ),
    "another property": (
        lambda w: method(w)["certificateUserBindings"][-1].update(userProperty="onPremisesUserPrincipalName"),
        "PrincipalName signs in as userPrincipalName",
    ),
}


@pytest.mark.parametrize("seed", IN_THE_METHOD)
def test_drift_in_our_part_of_the_method_is_found_and_mended(seed: str) -> None:
    tried = applied()
    change, field = IN_THE_METHOD[seed]
    change(tried)
    assert tried.shown() == [f"update {METHOD} {field}"]
    tried.apply()
    assert tried.shown() == []
    assert [one for one in now_rules(tried) if ISSUER in str(one)] == [
        {
            "x509CertificateRuleType": "issuerSubject",
            "identifier": ISSUER,
            "x509CertificateAuthenticationMode": "x509CertificateMultiFactor",
        }
    ]


def now_rules(tried: World) -> list[Any]:
    return bare(method(tried)["authenticationModeConfiguration"]["rules"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", "Another"),
        ("certificateAuthorityType", "root"),
        ("certificateRevocationListUrl", "http://crl.fabrikam.com/x.crl"),
        ("isIssuerHintEnabled", True),
    ],
)
def test_drift_in_any_property_of_an_authority_is_found_and_mended(name: str, value: Any) -> None:
    tried = applied()
    part = held(tried)["issuing"]
    was = part.properties.get(name)
    part.properties[name] = value
    assert tried.shown() == [f"update {sign_in().address} authority {digest(chain()[0])}"]
    tried.apply()
    assert tried.shown() == []
    assert held(tried)["issuing"].properties[name] == was


def test_an_authority_that_is_gone_is_trusted_again_and_a_foreign_one_in_our_container_no_longer() -> None:
    tried = applied()
    parts = container(tried).contained("certificateAuthorities")
    part = held(tried)["issuing"]
    der = chain()[0][:-1] + bytes([chain()[0][-1] ^ 1])
    foreign = {**part.properties, "certificate": base64.b64encode(der).decode(), "thumbprint": "0" * 40}
    part.properties = foreign
    fields = ",".join(sorted(f"authority {digest(content)}" for content in (chain()[0], der)))
    assert tried.shown() == [f"update {sign_in().address} {fields}"]
    tried.apply()
    assert tried.shown() == []
    assert part.id not in parts


def test_a_container_that_somebody_renamed_gets_its_name_back() -> None:
    tried = applied()
    name = container(tried).properties["displayName"]
    tried.edit(STORE, container(tried), displayName="Old " + name)
    assert tried.shown() == [f"update {sign_in().address} displayName"]
    tried.apply()
    assert container(tried).properties["displayName"] == name


def theirs(tried: World) -> dict[str, Any]:
    """Have another team use the method, and return what it says then."""
    group = tried.group("Fabrikam staff")
    now = method(tried)
    now["state"] = "enabled"
    now["certificateUserBindings"] = [
        {"x509CertificateField": "RFC822Name", "userProperty": "userPrincipalName", "priority": 1},
        {"x509CertificateField": "PrincipalName", "userProperty": "userPrincipalName", "priority": 2},
    ]
    now["authenticationModeConfiguration"]["rules"] = [dict(THEIR_RULE)]
    now["includeTargets"] = [{"targetType": "group", "id": group.id, "isRegistrationRequired": True}]
    return deepcopy(now)


def test_GRA_2_what_other_teams_have_in_the_method_stays_and_goes_back_as_it_came() -> None:
    tried = world()
    before = theirs(tried)
    tried.apply()
    now = method(tried)
    assert bare(now["certificateUserBindings"]) == bare(before["certificateUserBindings"])
    assert THEIR_RULE in bare(now["authenticationModeConfiguration"]["rules"])
    assert len(now["authenticationModeConfiguration"]["rules"]) == 2
    assert before["includeTargets"][0] in now["includeTargets"]
    assert tried.shown() == []
    tried.state = State()
    tried.apply()
    assert bare(method(tried)) == bare(before)
    assert tried.tenant.collection(STORE) == {}
    assert tried.shown() == []


def test_a_change_in_the_part_of_others_is_no_difference() -> None:
    tried = applied()
    rules(tried, ours(tried), {**THEIR_RULE, "identifier": "CN=Northwind CA"})
    method(tried)["includeTargets"].append(
        {"targetType": "group", "id": tried.group("Northwind").id, "isRegistrationRequired": True}
    )
    method(tried)["issuerHintsConfiguration"] = {"state": "enabled"}
    assert tried.shown() == []


def drift(tried: World) -> dict[str, str]:
    with tried.target(desired=tried.state) as graph:
        return {one.oma_uri: f"{one.reported}: {one.reason}" for one in graph.drift()}


def test_GRA_2_a_method_that_somebody_opened_to_all_users_is_drift_and_nothing_is_written_into_it() -> None:
    tried = applied()
    _target(tried, id="all_users")
    before = deepcopy(method(tried))
    assert drift(tried)[METHOD].startswith("open to all users: Weaker than the file says")
    assert ISSUER in tried.problems()[METHOD]
    assert METHOD in tried.plan().headline
    tried.apply()
    assert method(tried) == before
    rules(tried, ours(tried, x509CertificateAuthenticationMode="x509CertificateSingleFactor"))
    assert drift(tried).keys() >= {METHOD, f"{METHOD} rule {ISSUER}", f"{METHOD} open to all users"}
    assert tried.shown() == []
    method(tried)["includeTargets"] = []
    tried.apply()
    assert drift(tried) == {}


def test_GRA_2_a_new_tenant_has_the_method_off_and_for_all_users_and_it_is_narrowed_as_it_is_switched_on() -> None:
    tried = world()
    assert method(tried)["state"] == "disabled"
    assert [one["id"] for one in method(tried)["includeTargets"]] == ["all_users"]
    tried.apply()
    assert [one["id"] for one in method(tried)["includeTargets"]] == [tried.one("groups", displayName="line-4").id]
    assert tried.shown() == []


@pytest.mark.parametrize("target", ["all_users", "All_Users"])
def test_GRA_2_no_authority_is_trusted_while_certificates_sign_in_everybody(target: str) -> None:
    tried = world()
    everybody = {"targetType": "group", "id": target, "isRegistrationRequired": False}
    method(tried).update(state="enabled", includeTargets=[everybody])
    notes = tried.apply()
    assert any("open to all users" in note for note in notes)
    assert tried.tenant.collection(STORE) == {}
    assert now_rules(tried) == []
    assert tried.one("groups", displayName="line-4")
    method(tried)["includeTargets"] = []
    tried.apply()
    assert tried.shown() == []
    assert len(now_rules(tried)) == 1


def test_a_tenant_without_certificates_of_ours_may_be_open_to_all_users() -> None:
    tried = applied()
    _target(tried, id="all_users")
    tried.state = state(GROUP)
    tried.apply()
    assert tried.problems() == {}
    assert now_rules(tried) == []
    assert tried.tenant.collection(STORE) == {}
    assert tried.shown() == []


BINDINGS = ("onPremisesUserPrincipalName", "userPrincipalName", "certificateUserIds")


def test_what_somebody_made_of_our_binding_does_not_stay_beside_ours() -> None:
    tried = applied()
    fields = [
        (one["x509CertificateField"], one["userProperty"]) for one in method(tried)["certificateUserBindings"]
    ]
    assert sorted(fields) == [("PrincipalName", "userPrincipalName"), ("RFC822Name", "userPrincipalName")]
    twice = [
        {"x509CertificateField": "RFC822Name", "userProperty": "userPrincipalName", "priority": priority}
        for priority in (1, 2)
    ]
    method(tried)["certificateUserBindings"] = twice
    tried.apply()
    assert tried.shown() == []
    assert len(method(tried)["certificateUserBindings"]) == 2


def test_a_method_whose_bindings_are_all_of_others_is_said_and_left_as_it_is() -> None:
    tried = applied()
    full = [
        {"x509CertificateField": "RFC822Name", "userProperty": name, "priority": priority}
        for priority, name in enumerate(BINDINGS, 1)
    ]
    method(tried)["certificateUserBindings"] = list(full)
    assert "3 bindings of others" in tried.problems()[METHOD]
    assert tried.shown() == []
    assert METHOD in drift(tried)
    method(tried)["certificateUserBindings"].pop()
    tried.apply()
    assert drift(tried) == {}


def test_GRA_2_emergency_accounts_are_never_taken_out_of_the_method() -> None:
    tried = World(kinds, state(GROUP, EMERGENCY, CONDITION, sign_in()))
    tried.apply()
    emergency = tried.one("groups", displayName="emergency").id
    target = {"targetType": "group", "id": emergency, "isRegistrationRequired": False}
    method(tried)["includeTargets"].append(target)
    assert tried.shown() == []
    tried.state = state(GROUP, EMERGENCY, CONDITION)
    tried.apply()
    assert method(tried)["includeTargets"] == [target]


def test_another_issuer_takes_the_place_of_the_old_one() -> None:
    tried = applied()
    root = Authority(name="root", sha256=digest(chain()[1]), root=True, crl_url="http://crl.contoso.com/r.crl")
    tried.state = state(
        GROUP, sign_in(name="root-only", display_name="By the root", issuer=ROOT_NAME, authorities=(root,))
    )
    tried.apply()
    assert tried.shown() == []
    identifiers = [rule["identifier"] for rule in method(tried)["authenticationModeConfiguration"]["rules"]]
    assert identifiers == [ROOT_NAME]
    assert list(held(tried)) == ["root"]


def test_GRA_2_a_container_of_the_same_name_is_taken_over_with_consent_only() -> None:
    tried = world()
    other = tried.tenant.create(STORE, "certificateBasedAuthPki", {"displayName": sign_in().display_name})
    with pytest.raises(RefusedError):
        tried.apply()
    tried.apply(adopt=True)
    assert container(tried) is other
    assert tried.shown() == []


def test_GRA_2_containers_of_others_are_left_alone() -> None:
    tried = world()
    other = tried.tenant.create(STORE, "certificateBasedAuthPki", {"displayName": "Fabrikam"})
    tried.apply()
    tried.state = State()
    tried.apply()
    assert tried.tenant.collection(STORE) == {other.id: other}
    assert other.properties["displayName"] == "Fabrikam"


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_kill_at_any_request_ends_in_the_same_state(carried_out: bool) -> None:
    for after in range(60):
        tried = world(delays=Delays.like_the_service())
        if not tried.killed(after, carried_out=carried_out):
            break
        tried.apply()
        assert tried.shown() == []
        assert sorted(held(tried)) == ["issuing", "root"]
        assert not tried.doubled()
    else:
        pytest.fail("it never ended")


def test_a_kill_while_all_of_it_is_taken_away_is_completed_by_the_next_run() -> None:
    for after in range(60):
        tried = world()
        before = theirs(tried)
        tried.apply()
        tried.state = State()
        if not tried.killed(after, carried_out=True):
            break
        tried.apply()
        assert bare(method(tried)) == bare(before)
        assert tried.tenant.collection(STORE) == {}
    else:
        pytest.fail("it never ended")

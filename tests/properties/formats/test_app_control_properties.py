"""Any policy survives XML and binary; any bytes are read or refused, never worse."""

import contextlib
import string
import uuid

from hypothesis import given
from hypothesis import strategies as st

from holofleet.formats import app_control as wdac
from holofleet.formats.app_control import options

U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF)
VERSIONS = st.builds(wdac.Version, U16, U16, U16, U16)
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from('ßẞſıİ&<"'),
    max_size=6,
)
APP_IDS = st.sampled_from([(), ("x",), ("x", "y z"), ("$(no)",)])
MINIMUM_HASHES = st.integers(1, 0xFFFF)
WORD = st.text(string.ascii_letters, min_size=1, max_size=4)


@st.composite
def rules(draw):
    kind = draw(st.sampled_from(wdac.RuleKind))
    minimum, maximum = sorted((draw(VERSIONS), draw(VERSIONS)))
    if draw(st.booleans()):
        minimum, maximum = draw(VERSIONS), wdac.Version()
    versions = {
        "minimum": minimum,
        "maximum": maximum,
        "app_ids": draw(APP_IDS),
    }
    if draw(st.integers(0, 3)) == 0:
        length = draw(st.sampled_from([20, 32, 48, 64]))
        return wdac.FileRule(kind, hash=draw(st.binary(min_size=length, max_size=length)), **versions)
    name, family = draw(WORD), draw(TEXT)
    version = draw(VERSIONS) if family else wdac.Version()
    return wdac.FileRule(
        kind,
        file_name=name,
        internal_name=draw(TEXT),
        file_description=draw(TEXT),
        product_name=draw(TEXT),
        package_family=family,
        file_path=draw(TEXT),
        package_version=version,
        **versions,
    )


def places(count, allowed=None):
    pool = list(range(count)) if allowed is None else allowed
    return st.lists(st.sampled_from(pool), max_size=3).map(tuple) if pool else st.just(())


@st.composite
def policies(draw):
    file_rules = tuple(draw(st.lists(rules(), max_size=6)))
    kinds = {kind: [p for p, rule in enumerate(file_rules) if rule.kind is kind] for kind in wdac.RuleKind}
    ekus = tuple(draw(st.lists(st.binary(max_size=9), max_size=3)))
    signers = tuple(
        wdac.Signer(
            root,
            tbs=draw(st.binary(min_size=16, max_size=64)) if root is wdac.RootKind.TBS else b"",
            well_known=draw(st.integers(0, 255)) if root is wdac.RootKind.WELL_KNOWN else 0,
            ekus=draw(places(len(ekus))),
            issuer=draw(TEXT),
            publisher=draw(TEXT),
            oem_id=draw(TEXT),
            attributes=draw(places(0, kinds[wdac.RuleKind.ATTRIBUTES])),
            sign_time_after=draw(st.just(0) | st.integers(10**7, 10**18)),
        )
        for root in draw(st.lists(st.sampled_from(wdac.RootKind), max_size=3))
    )

    def refs(kind):
        if not signers:
            return ()
        ref = st.builds(wdac.SignerRef, st.integers(0, len(signers) - 1), places(0, kinds[kind]))
        return tuple(draw(st.lists(ref, max_size=2)))

    def group():
        return wdac.Signers(refs(wdac.RuleKind.DENY), refs(wdac.RuleKind.ALLOW), draw(places(len(file_rules))))

    values = draw(st.lists(st.integers(1, 255), unique=True, max_size=3))
    scenarios = tuple(
        wdac.Scenario(value, group(), group(), group(), draw(places(len(values))), draw(st.integers(1, 0xFFFF)))
        for value in values
    )
    keys = draw(st.lists(st.tuples(WORD, WORD, WORD), max_size=3, unique_by=lambda k: tuple(p.upper() for p in k)))
    value = st.booleans() | U32 | st.binary(max_size=5) | TEXT
    supplemental = draw(st.booleans())
    own, other = uuid.UUID(int=draw(st.integers(0, 9))), uuid.UUID(int=draw(st.integers(10, 19)))
    chosen = draw(st.sets(st.sampled_from(list(options.BITS)))) | {options.UNSIGNED}
    return wdac.Policy(
        policy_id=own,
        base_id=other if supplemental else own,
        version=draw(VERSIONS),
        supplemental=supplemental,
        options=frozenset(chosen - ({options.ALLOW_SUPPLEMENTAL} if supplemental else set())),
        ekus=ekus,
        file_rules=file_rules,
        signers=signers,
        update_signers=draw(places(len(signers))),
        ci_signers=draw(places(len(signers))),
        supplemental_signers=() if supplemental else draw(places(len(signers))),
        scenarios=scenarios,
        hvci=draw(U32),
        settings=tuple(wdac.Setting(*key, draw(value)) for key in keys),
    )


@given(policies())
def test_any_policy_is_the_same_after_xml(policy):
    assert wdac.faults(policy) == ()
    assert wdac.parse(wdac.render(policy)) == policy


@given(policies(), st.sampled_from(wdac.FORMATS))
def test_any_policy_is_the_same_after_binary_and_xml(policy, form):
    data = wdac.compile_policy(policy, form)
    read = wdac.read_binary(data)
    assert read == wdac.Binary(policy.canonical(), form)
    assert wdac.compile_policy(wdac.parse(wdac.render(read.policy)), form) == data


@given(policies(), st.sampled_from(wdac.Ties))
def test_a_binary_of_either_order_comes_back_to_the_same_bytes_by_way_of_xml(policy, ties):
    data = wdac.compile_policy(policy, ties=ties)
    xml = wdac.render(wdac.before(wdac.read_binary(data).policy, ties))
    assert wdac.compile_policy(wdac.parse(xml), ties=ties) == data


@given(policies(), st.data())
def test_damaged_binaries_are_read_or_refused(policy, data):
    raw = bytearray(wdac.compile_policy(policy))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(wdac.AppControlError):
        wdac.read_binary(bytes(raw))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(wdac.AppControlError):
        wdac.read_binary(data)

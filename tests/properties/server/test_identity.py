"""Properties of what the identity rooms compute: chain, secrets, claims, decisions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from holofleet.protocols.mde2.enrollment import Context, RequestKind, SecurityTokenRequest
from holofleet.server.access import digest_of, is_well_formed
from holofleet.server.access.secret import SecretKind, make_secret
from holofleet.server.audit import GENESIS, Anchor, Cut, Link, link_hash, verify_chain
from holofleet.server.audit.chain import CUT_ACTION
from holofleet.server.credentials.password import digest, make_password
from holofleet.server.enrollment import EnrollmentFaultError
from holofleet.server.enrollment.claim import LONGEST_CLAIM, read_claim
from holofleet.server.enrollment.service import _version

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=6,
)
words = st.text(st.characters(codec="utf-8"), max_size=20)


@st.composite
def chains(draw: st.DrawFn) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for number in range(1, draw(st.integers(2, 6)) + 1):
        data: dict[str, Any] = draw(st.dictionaries(words, json_values, max_size=3))
        bare = Link(
            number,
            draw(st.integers(1, 3)),
            draw(st.integers(0, 2**60)),
            *(draw(words) for _ in range(4)),
            data=data,
        )
        links.append(replace(bare, hash=link_hash(previous, bare)))
        previous = links[-1].hash
    return links


@given(chains())
def test_AUD_2_a_chain_as_it_was_written_is_intact(links: list[Link]) -> None:
    found = verify_chain(links)
    assert found.intact
    assert (found.records, found.head) == (len(links), links[-1].hash)


@given(chains(), st.data())
def test_AUD_2_no_single_change_goes_unseen(links: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(links) - 1))
    link = links[index]
    changed = data.draw(
        st.sampled_from(
            [
                replace(link, actor=link.actor + "x"),
                replace(link, subject=link.subject + "x"),
                replace(link, action=link.action + "x"),
                replace(link, client=link.client + "x"),
                replace(link, actor=link.actor + link.action, action=""),
                replace(link, at=link.at + 1),
                replace(link, epoch=link.epoch + 1),
                replace(link, data={**link.data, "added": 1}),
                replace(link, sequence=link.sequence + 1),
                replace(link, hash="0" * 64),
            ]
        )
    )
    if changed == link:
        return
    found = verify_chain([*links[:index], changed, *links[index + 1 :]])
    assert found.broken_at == index + 1


@given(chains(), st.data())
def test_AUD_2_no_deletion_or_swap_inside_goes_unseen(links: list[Link], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(links) - 2))
    assert verify_chain(links[:index] + links[index + 1 :]).broken_at == index + 1
    swapped = [*links]
    swapped[index], swapped[index + 1] = swapped[index + 1], swapped[index]
    assert verify_chain(swapped).broken_at == index + 1


@st.composite
def cut_chains(draw: st.DrawFn) -> tuple[Cut, list[Link]]:
    """A chain whose beginning was cut, with the record that says so."""
    links = draw(chains())
    at = draw(st.integers(1, len(links)))
    anchor = Anchor(at, links[at - 1].hash)
    data = {"sequence": anchor.sequence, "hash": anchor.hash}
    bare = Link(len(links) + 1, 1, 0, "token:ci", CUT_ACTION, "audit:", "", data)
    links.append(replace(bare, hash=link_hash(links[-1].hash, bare)))
    return Cut(anchor, "", "token:ci", 0), links[at:]


@given(cut_chains())
def test_AUD_2_what_a_cut_left_is_intact_and_says_from_where_on(made: tuple[Cut, list[Link]]) -> None:
    cut, links = made
    found = verify_chain(links, cut=cut)
    assert found.intact
    assert (found.records, found.cut, found.head) == (len(links), cut, links[-1].hash)
    assert not verify_chain(links).intact


@given(cut_chains(), st.data())
def test_AUD_2_no_single_change_behind_a_cut_goes_unseen(
    made: tuple[Cut, list[Link]], data: st.DataObject
) -> None:
    cut, links = made
    index = data.draw(st.integers(0, len(links) - 1))
    link = links[index]
    changed = data.draw(
        st.sampled_from(
            [
                [replace(link, actor=link.actor + "x")],
                [replace(link, data={**link.data, "added": 1})],
                [replace(link, at=link.at + 1)],
                [replace(link, hash="0" * 64)],
                [],
                [link, link],
            ]
        )
    )
    head = Anchor(links[-1].sequence, links[-1].hash)
    assert not verify_chain([*links[:index], *changed, *links[index + 1 :]], cut=cut, head=head).intact
    moved = replace(cut, anchor=Anchor(cut.anchor.sequence, "0" * 64))
    assert not verify_chain(links, cut=moved, head=head).intact


@given(st.sampled_from(list(SecretKind)), st.integers(0, 60), st.characters(codec="ascii"))
def test_CON_1_a_secret_with_one_letter_wrong_is_no_secret(kind: SecretKind, position: int, letter: str) -> None:
    secret = make_secret(kind)
    assert is_well_formed(secret, kind)
    for other in set(SecretKind) - {kind}:
        assert not is_well_formed(secret, other)
    if position < len(secret) and secret[position] != letter:
        assert not is_well_formed(secret[:position] + letter + secret[position + 1 :], kind)


@given(st.text())
def test_any_text_has_a_digest_and_is_no_secret_of_ours(text: str) -> None:
    assert len(digest_of(text)) == 64
    assert not is_well_formed(text)


@given(st.text(), st.text())
def test_any_name_and_password_have_a_digest_and_none_opens_a_made_one(name: str, password: str) -> None:
    made = digest(b"k" * 32, "enroll-x@a.holofleet.internal", make_password())
    assert digest(b"k" * 32, name, password) != made


@given(
    st.text(),
    st.text(),
    st.lists(st.tuples(st.sampled_from(["DeviceName", "SerialNumber", "OSVersion"]), st.text())),
)
def test_TXT_1_claims_are_short_plain_text_or_refused(
    device_id: str, hardware_id: str, items: list[tuple[str, str]]
) -> None:
    context = Context((("DeviceID", device_id), ("HWDevID", hardware_id), *items))
    request = SecurityTokenRequest("urn:uuid:1", RequestKind.ISSUE, b"", context)
    try:
        claim = read_claim(request, credential_id="c", key_sha256="k", peer="")
    except EnrollmentFaultError:
        return
    assert claim.device_id
    for text in (claim.device_id, claim.hardware_id, claim.device_name, *claim.items.values()):
        assert len(text) <= LONGEST_CLAIM
        assert not any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in text)
        text.encode()


@settings(max_examples=200)
@given(
    st.text()
    | st.decimals().map(str)
    | st.sampled_from(["", "4.0", "5.0", "9.0", "NaN", "1e9999", "-1", "Infinity"])
)
def test_discovery_always_answers_with_a_version_that_is_known(asked: str) -> None:
    assert _version(asked) in {f"{major}.{minor}" for major in (3, 4) for minor in range(10)} | {"5.0"}

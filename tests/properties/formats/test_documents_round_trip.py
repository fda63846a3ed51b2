"""Whatever can be written can be read back as the same value, and no input makes a reader fail otherwise."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from holofleet import catalog
from holofleet.formats import assigned_access as kiosk
from holofleet.formats import device_owners, markup, page_visibility, shared_account, wlan_profile

HASH = st.text("abcdefghjkmnpqrstvwxyz0123456789", min_size=13, max_size=13)
WORD = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.", min_size=1, max_size=20)
AUMID = st.builds("{}_{}!{}".format, WORD, HASH, WORD)
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)


@st.composite
def multi_apps(draw: st.DrawFn, aumid: st.SearchStrategy[str] = AUMID) -> kiosk.MultiApp:
    aumids = draw(st.lists(aumid, min_size=1, max_size=6, unique_by=str.lower))
    launch = draw(st.integers(-1, len(aumids) - 1))
    apps = tuple(kiosk.App(aumid, index == launch) for index, aumid in enumerate(aumids))
    return kiosk.MultiApp(apps, draw(NAME), draw(st.booleans()))


PRINCIPAL = (
    st.uuids().map(lambda u: kiosk.Principal.entra_group(str(u)))
    | WORD.map(lambda word: kiosk.Principal.entra_user(f"{word}@contoso.com"))
    | st.just(kiosk.Principal.visitor())
)


@st.composite
def configurations(draw: st.DrawFn, aumid: st.SearchStrategy[str] = AUMID) -> kiosk.Configuration:
    everyone = draw(st.none() | multi_apps(aumid))
    profile = multi_apps(aumid) | st.builds(kiosk.SingleApp, aumid, NAME)
    principals = draw(
        st.lists(PRINCIPAL, min_size=0 if everyone else 1, max_size=4, unique_by=lambda p: str(p).lower())
    )
    return kiosk.Configuration(
        everyone,
        everyone is not None and draw(st.booleans()),
        tuple(kiosk.Assignment(principal, draw(profile)) for principal in principals),
    )


@given(configurations())
def test_a_kiosk_keeps_its_meaning_and_renders_to_the_same_bytes_again(configuration):
    text = kiosk.render(configuration)
    read = kiosk.parse(text)
    assert read.except_device_owners == configuration.except_device_owners
    assert [a.principal for a in read.assignments] == [a.principal for a in configuration.assignments]
    assert [getattr(p, "apps", p) for p in read.profiles] == [
        getattr(p, "apps", p) for p in configuration.profiles
    ]
    again = kiosk.render(read)
    assert kiosk.render(kiosk.parse(again)) == again


READERS = (
    (kiosk.parse, kiosk.AssignedAccessError),
    (wlan_profile.parse, wlan_profile.WlanProfileError),
    (shared_account.parse, shared_account.SharedAccountError),
    (device_owners.parse, device_owners.DeviceOwnersError),
    (markup.parse, markup.MarkupError),
)
FRAGMENT = st.sampled_from(
    [
        "<",
        ">",
        "/>",
        "</",
        "<a>",
        "</a>",
        "&",
        "&#0;",
        "<!DOCTYPE x>",
        "<?xml version='1.0' encoding='UTF-16'?>",
        "\x00",
    ]
)


@given(st.binary(max_size=200) | st.lists(FRAGMENT | st.text(max_size=5), max_size=20).map("".join))
def test_no_input_makes_a_reader_fail_in_another_way_than_its_own(text):
    for read, error in READERS:
        with contextlib.suppress(error):
            read(text)


@given(st.text(max_size=50))
def test_escaped_text_is_read_as_it_was_or_refused_before_it_is_written(text):
    try:
        written = markup.element("a", {"b": text}, markup.escape(text))
    except ValueError:
        return
    read = markup.parse(written)
    assert (read.attributes["b"], read.text) == (text, text)


@given(
    st.text(min_size=1, max_size=32),
    st.sampled_from(list(wlan_profile.Security)),
    st.booleans(),
    st.booleans(),
)
def test_a_wifi_profile_is_read_as_it_was_written_or_refused_before(ssid, security, hidden, automatic):
    passphrase = "" if security is wlan_profile.Security.OPEN else "{{secret:env:HOLOFLEET_SECRET_WIFI}}"
    profile = wlan_profile.WlanProfile(ssid, security, passphrase, hidden, automatic)
    try:
        text = wlan_profile.render(profile)
    except wlan_profile.WlanProfileError:
        return
    assert wlan_profile.parse(text) == profile
    assert "/" not in wlan_profile.uri_segment(ssid)


PAGES = st.lists(st.sampled_from(sorted(catalog.settings_pages())), min_size=1, unique=True)


@given(st.sampled_from(list(page_visibility.Mode)), PAGES)
def test_a_page_list_is_read_as_it_was_written_and_its_node_takes_it(mode, pages):
    text = page_visibility.render(page_visibility.PageVisibility(mode, tuple(pages)))
    assert page_visibility.parse(text) == page_visibility.PageVisibility(mode, tuple(pages))
    catalog.nodes().by_name("Settings", "PageVisibilityList").check(text)

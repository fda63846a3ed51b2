import pytest

from holofleet import catalog
from holofleet.formats.page_visibility import (
    Mode,
    PageVisibility,
    PageVisibilityError,
    group_names,
    parse,
    render,
    select,
)

BUILD_20H2 = catalog.Build.parse("10.0.19041.1128")
BUILD_23H2 = catalog.Build.parse("10.0.22621.1244")


def test_the_network_group_shows_wifi_and_not_the_proxy_page_that_is_gone():
    value = render(select(Mode.SHOW_ONLY, ["network"], build=BUILD_23H2))
    pages = value.removeprefix("showonly:").split(";")
    assert value.startswith("showonly:")
    assert {"network-wifi", "network-wifisettings", "network-status", "wifi-provisioning"} <= set(pages)
    assert "network-proxy" not in pages


def test_an_old_build_has_the_old_pages():
    pages = select(Mode.SHOW_ONLY, ["network"], build=BUILD_20H2).pages
    assert "network-proxy" in pages
    assert "network-airplanemode" not in pages


def test_pages_and_groups_mix_without_doubles_in_the_order_given():
    chosen = select(Mode.HIDE, ["bluetooth", "devices"], build=BUILD_23H2).pages
    assert chosen[0] == "bluetooth"
    assert len(chosen) == len(set(chosen)) > 2


def test_an_unknown_name_is_refused_and_the_nearest_is_suggested():
    with pytest.raises(PageVisibilityError, match=r"Did you mean.*network-wifi"):
        select(Mode.SHOW_ONLY, ["network-wify"])


def test_a_list_of_pages_that_the_build_does_not_have_is_refused():
    with pytest.raises(PageVisibilityError, match="none of the pages"):
        select(Mode.SHOW_ONLY, ["appupdate"], build=BUILD_20H2)


def test_every_group_has_a_page_on_the_newest_build():
    for group in group_names():
        assert select(Mode.HIDE, [group]).pages


@pytest.mark.parametrize("text", ["showonly:network-wifi;bluetooth", "hide:reset"])
def test_a_value_is_read_as_it_was_written(text):
    assert render(parse(text)) == text


def test_small_slips_of_people_are_forgiven():
    assert parse(" ShowOnly: ms-settings:network-wifi ; bluetooth;") == PageVisibility(
        Mode.SHOW_ONLY, ("network-wifi", "bluetooth")
    )


@pytest.mark.parametrize("text", ["", "network-wifi", "show:network-wifi", "hide:", "hide:nothing-like-it"])
def test_what_is_no_page_list_is_refused(text):
    with pytest.raises(PageVisibilityError):
        parse(text)

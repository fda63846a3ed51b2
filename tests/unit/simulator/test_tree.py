"""The management tree answers as the catalog and the documentation of OMA DM say."""

from __future__ import annotations

import pytest

from holofleet.simulator.headset.knowledge import comparable, find, is_interior
from holofleet.simulator.headset.syncml import Item
from holofleet.simulator.headset.tree import Effect, Tree

POLICY = "./Device/Vendor/MSFT/Policy/Config/"
USB = f"{POLICY}Connectivity/AllowUSBConnection"
WIFI = "./Vendor/MSFT/WiFi/Profile/Guest"
PROXY = f"{WIFI}/ProxyPacUrl"
PASSPORT = "./Device/Vendor/MSFT/PassportForWork/11111111-1111-4111-8111-111111111111/Policies"


@pytest.fixture
def tree() -> Tree:
    made = Tree(
        find,
        is_interior,
        build=comparable("10.0.22621.1244"),
        inventory={"./DevInfo/Man": "Microsoft Corporation", "./DevDetail/Ext/Microsoft/DNSComputerName": "HL-1"},
    )
    made.adopt("contoso", {"EntDMID": "1", "Poll/NumberOfFirstRetries": "3"})
    return made


def run(tree: Tree, verb: str, uri: str, data: str | None = None, form: str = "") -> int:
    return tree.run(verb, Item(target=uri, format=form, data=data)).code


def value(tree: Tree, uri: str) -> tuple[int, str | None, str | None]:
    answer = tree.run("Get", Item(target=uri))
    return answer.code, answer.item.format if answer.item else None, answer.item.data if answer.item else None


def test_a_policy_that_is_not_set_is_not_found_but_has_an_effective_value(tree: Tree) -> None:
    assert value(tree, USB)[0] == 404
    assert value(tree, USB.replace("Config", "Result")) == (200, "int", "1")


def test_replace_adds_a_policy_and_every_spelling_finds_it(tree: Tree) -> None:
    assert run(tree, "Replace", USB.replace("./Device/", "./"), "0", "int") == 200
    assert value(tree, USB) == (200, "int", "0")
    assert value(tree, USB.removeprefix("./Device/")) == (200, "int", "0")
    assert value(tree, USB.replace("Config", "Result")) == (200, "int", "0")


def test_delete_brings_the_default_back_and_a_second_delete_finds_nothing(tree: Tree) -> None:
    run(tree, "Replace", USB, "0", "int")
    assert run(tree, "Delete", USB) == 200
    assert run(tree, "Delete", USB) == 404
    assert value(tree, USB.replace("Config", "Result")) == (200, "int", "1")


def test_add_of_what_is_there_answers_418(tree: Tree) -> None:
    assert run(tree, "Add", USB, "0", "int") == 200
    assert run(tree, "Add", USB, "1", "int") == 418
    assert value(tree, USB)[2] == "0"


@pytest.mark.parametrize(
    ("uri", "form", "data", "code"),
    [
        (USB, "chr", "0", 415),
        (USB, "", "0", 415),
        (USB, "int", "2", 500),
        (USB, "int", "on", 500),
        (USB, "int", None, 500),
        ("./Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE", "bool", "1", 500),
        ("./Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE", "bool", "true", 200),
        (f"{POLICY}Update/ActiveHoursEnd", "int", "24", 500),
        (f"{POLICY}Update/ActiveHoursEnd", "int", "23", 200),
        (f"{POLICY}Settings/PageVisibilityList", "chr", "network-wifi", 500),
        (f"{POLICY}Settings/PageVisibilityList", "chr", "showonly:network-wifi", 200),
        (f"{POLICY}MixedReality/NtpClientEnabled", "chr", "<enabled/>", 200),
        (f"{POLICY}MixedReality/NtpClientEnabled", "chr", "true", 500),
        (f"{POLICY}NoSuchArea/NoSuchPolicy", "int", "1", 404),
        ("/Device/Vendor/MSFT/Policy", "int", "1", 400),
        ("./Device/Vendor/MSFT/DeclaredConfiguration/Host", "chr", "1", 406),
        ("./DevDetail/SwV", "chr", "1", 405),
    ],
)
def test_a_write_is_judged_by_format_and_value(tree: Tree, uri: str, form: str, data: str, code: int) -> None:
    assert run(tree, "Replace", uri, data, form) == code
    if code == 200:
        assert value(tree, uri) == (200, form, data)


def test_a_node_that_is_newer_than_the_build_does_not_exist() -> None:
    uri = f"{POLICY}MixedReality/EnableStartMenuSingleHandGesture"
    old = Tree(find, is_interior, build=comparable("10.0.20348.1528"), inventory={})
    new = Tree(find, is_interior, build=comparable("10.0.22621.1244"), inventory={})
    assert run(old, "Replace", uri, "1", "int") == 404
    assert value(old, uri.replace("Config", "Result"))[0] == 404
    assert run(new, "Replace", uri, "1", "int") == 200


def test_a_dynamic_instance_needs_add_first(tree: Tree) -> None:
    assert run(tree, "Replace", PROXY, "http://proxy.contoso.com/pac", "chr") == 404
    assert run(tree, "Add", PROXY, "http://proxy.contoso.com/pac", "chr") == 200
    assert run(tree, "Replace", PROXY, "http://proxy.contoso.com/other", "chr") == 200
    assert run(tree, "Replace", f"{WIFI}/ProxyWPAD", "true", "bool") == 200
    assert value(tree, "./Vendor/MSFT/WiFi/Profile") == (200, "node", "Guest")
    assert run(tree, "Add", f"{PASSPORT}/PINComplexity/MinimumPINLength", "6", "int") == 200


def test_an_instance_can_be_added_as_an_interior_node_once(tree: Tree) -> None:
    assert run(tree, "Add", WIFI, None, "node") == 200
    assert run(tree, "Add", WIFI, None, "node") == 418
    assert run(tree, "Replace", PROXY, "http://proxy.contoso.com/pac", "chr") == 200


def test_delete_of_an_instance_removes_what_is_below(tree: Tree) -> None:
    run(tree, "Add", PROXY, "http://proxy.contoso.com/pac", "chr")
    run(tree, "Add", f"{WIFI}/ProxyWPAD", "true", "bool")
    assert run(tree, "Delete", WIFI) == 200
    assert value(tree, PROXY)[0] == 404
    assert value(tree, WIFI)[0] == 404


def test_the_own_server_cannot_remove_itself(tree: Tree) -> None:
    assert run(tree, "Delete", "./Vendor/MSFT/DMClient/Provider/contoso") == 425
    assert value(tree, "./Vendor/MSFT/DMClient/Provider/contoso/EntDMID") == (200, "chr", "1")
    assert value(tree, "./Vendor/MSFT/DMClient/Provider/other/EntDMID")[0] == 404


def test_defaults_of_nodes_that_are_no_policies_can_be_read(tree: Tree) -> None:
    node = "./Device/Vendor/MSFT/AccountManagement/UserProfileManagement/ProfileInactivityThreshold"
    assert value(tree, node) == (200, "int", "30")
    assert value(tree, "./Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE") == (200, "bool", "false")


def test_inventory_can_be_read_and_written_only_where_the_node_allows_it(tree: Tree) -> None:
    assert value(tree, "./DevInfo/Man") == (200, "chr", "Microsoft Corporation")
    assert run(tree, "Replace", "./DevInfo/Man", "Contoso", "chr") == 405
    name = "./DevDetail/Ext/Microsoft/DNSComputerName"
    assert run(tree, "Replace", name, "HL-2", "chr") == 200
    assert value(tree, name)[2] == "HL-2"


def test_the_user_tree_is_closed_while_nobody_is_signed_in(tree: Tree) -> None:
    uri = "./User/Vendor/MSFT/Policy/Config/ApplicationManagement/RequirePrivateStoreOnly"
    tree.user_signed_in = False
    assert run(tree, "Replace", uri, "1", "int") == 405
    tree.user_signed_in = True
    assert run(tree, "Replace", uri, "1", "int") == 200
    assert value(tree, uri.replace("./User", "./Device"))[0] == 404


def test_a_refused_node_takes_no_write_and_can_still_be_read(tree: Tree) -> None:
    tree.set_locally(USB, "1")
    tree.refusals[USB] = 425
    assert run(tree, "Replace", USB, "0", "int") == 425
    assert value(tree, USB)[2] == "1"


@pytest.mark.parametrize(
    ("uri", "data", "code", "effect"),
    [
        ("./Vendor/MSFT/Reboot/RebootNow", None, 200, Effect.RESTART),
        ("./Vendor/MSFT/RemoteWipe/doWipe", None, 202, Effect.WIPE),
        ("./Vendor/MSFT/RemoteLock/Lock", None, 200, Effect.LOCK),
        ("./Vendor/MSFT/DMClient/Provider/contoso/Unenroll", None, 200, Effect.UNENROLL),
        ("./Vendor/MSFT/DMClient/Unenroll", "contoso", 200, Effect.UNENROLL),
        ("./Vendor/MSFT/DMClient/Unenroll", "fabrikam", 404, Effect.NONE),
        ("./Vendor/MSFT/DMClient/Provider/fabrikam/Unenroll", None, 200, Effect.NONE),
        (USB, None, 405, Effect.NONE),
        ("./Vendor/MSFT/RemoteWipe/doSomething", None, 404, Effect.NONE),
    ],
)
def test_exec_runs_what_can_be_run(tree: Tree, uri: str, data: str | None, code: int, effect: Effect) -> None:
    answer = tree.run("Exec", Item(target=uri, data=data))
    assert (answer.code, answer.effect) == (code, effect)


def test_settings_are_what_a_server_set_after_the_enrollment(tree: Tree) -> None:
    run(tree, "Replace", USB, "0", "int")
    assert tree.settings() == {USB: "0"}

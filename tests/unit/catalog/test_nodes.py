"""Nodes: all of them load, each is found by any spelling of its address, and each says what may be done."""

from __future__ import annotations

import pytest

from holofleet import catalog
from holofleet.catalog import Build, Evidence, UnknownNodeError, Verb
from holofleet.resources import Format, normal_uri

NODES = catalog.nodes()


def test_the_catalog_holds_every_node_that_the_documentation_does_not_exclude():
    assert len(NODES.all()) == 526
    assert len({node.oma_uri for node in NODES.all()}) == 526


@pytest.mark.parametrize("node", NODES.all(), ids=lambda node: node.oma_uri)
def test_a_node_is_in_normal_form_and_finds_itself(node):
    assert normal_uri(node.oma_uri) == node.oma_uri
    assert NODES.find(node.oma_uri) is node
    assert node.name
    assert node.note
    assert node.access
    assert node.scopes in (("device",), ("device", "user"))
    assert set(node.sources) <= set(catalog.sources())
    assert node.sources


def test_what_a_node_depends_on_is_known():
    for node in NODES.all():
        for uri in node.depends_on:
            assert NODES.find(uri) is not None, (node.oma_uri, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "./Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
        "./Device/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
        "Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
        "Device/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
    ],
)
def test_every_spelling_of_the_device_tree_finds_the_same_node(uri):
    assert NODES.find(uri) is NODES.by_name("Update", "AllowAutoUpdate")


@pytest.mark.parametrize(
    ("uri", "template"),
    [
        ("./Vendor/MSFT/DMClient/Provider/HoloFleet/Unenroll", "DMClient/Provider/{ProviderID}/Unenroll"),
        ("./Vendor/MSFT/WiFi/Profile/Plant%20One/WlanXml", "WiFi/Profile/{SSID}/WlanXml"),
        (
            "./Vendor/MSFT/PassportForWork/11111111-1111-4111-8111-111111111111/Policies/UsePassportForWork",
            "PassportForWork/{TenantId}/Policies/UsePassportForWork",
        ),
        ("./Vendor/MSFT/PassportForWork/Biometrics/UseBiometrics", "PassportForWork/Biometrics/UseBiometrics"),
        (
            "./Vendor/MSFT/EnterpriseModernAppManagement/AppManagement/AppStore/Contoso.App_1qaz2wsx3edc4/DoNotUpdate",
            "EnterpriseModernAppManagement/AppManagement/AppStore/{PackageFamilyName}/DoNotUpdate",
        ),
    ],
)
def test_a_segment_in_braces_stands_for_exactly_one_segment(uri, template):
    node = NODES.find(uri)
    assert node is not None
    assert node.oma_uri == f"./Device/Vendor/MSFT/{template}"
    assert NODES.find(uri.replace("/Unenroll", "/x/Unenroll").replace("/WlanXml", "/x/WlanXml")) in (None, node)


@pytest.mark.parametrize(
    "uri",
    [
        "./Vendor/MSFT/WiFi/Profile/a/b/WlanXml",
        "./Vendor/MSFT/WiFi/Profile/WlanXml",
        "./Vendor/MSFT/WiFi/Profile//WlanXml",
        "./Vendor/MSFT/PassportForWork/Biometrics/Policies/UsePassportForWork",
        "./Vendor/MSFT/Policy/Config/Update/allowautoupdate",
        "./Vendor/MSFT/Policy/Config/Update",
        "./Vendor/MSFT/Policy/Result/Update/Nonesuch",
        "./User/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate",
        "./Vendor/MSFT/WiFi/Profile/a b/WlanXml",
        "",
        ".",
        "./User",
        "x" * 5000,
    ],
)
def test_an_address_that_is_no_node_finds_nothing(uri):
    assert NODES.find(uri) is None


def test_the_user_variant_is_found_below_the_user_tree():
    node = NODES.find("./User/Vendor/MSFT/Policy/Config/Browser/AllowCookies")
    assert node is not None
    assert node.oma_uri == "./User/Vendor/MSFT/Policy/Config/Browser/AllowCookies"
    assert node.scopes == ("user",)
    assert NODES.find("./User/Vendor/MSFT/Policy/Config/Browser/AllowCookies") is node


def test_the_user_variant_may_allow_less_than_the_device_node():
    path = "Vendor/MSFT/DMClient/Provider/HoloFleet/FirstSyncStatus/CustomErrorText"
    device, user = NODES.find(f"./Device/{path}"), NODES.find(f"./User/{path}")
    assert device is not None
    assert user is not None
    assert device.deletable
    assert not user.deletable
    assert user.access == {Verb.GET, Verb.REPLACE}


def test_the_effective_value_of_a_policy_can_only_be_read():
    node = NODES.find("./Vendor/MSFT/Policy/Result/Update/AllowAutoUpdate")
    assert node is not None
    assert node.oma_uri == "./Device/Vendor/MSFT/Policy/Result/Update/AllowAutoUpdate"
    assert node.effective
    assert node.readable
    assert not node.writable
    assert not node.deletable
    assert node.format is Format.INT
    assert node.equal("1", "01")
    with pytest.raises(ValueError, match="cannot be set"):
        _ = node.verb


def test_the_effective_value_of_a_user_policy_is_found_too():
    node = NODES.find("./User/Vendor/MSFT/Policy/Result/Browser/AllowCookies")
    assert node is not None
    assert node.effective
    assert node.oma_uri == "./User/Vendor/MSFT/Policy/Result/Browser/AllowCookies"


@pytest.mark.parametrize(
    "uri",
    [
        "./DevInfo/DevId",
        "./DevInfo/Man",
        "./DevInfo/Mod",
        "./DevInfo/DmV",
        "./DevInfo/Lang",
        "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber",
        "./DevDetail/Ext/Microsoft/DeviceName",
        "./DevDetail/SwV",
        "./Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE",
        "./Vendor/MSFT/AssignedAccess/Configuration",
    ],
)
def test_what_the_inventory_and_the_documents_need_can_be_read(uri):
    node = NODES.find(uri)
    assert node is not None
    assert node.readable


@pytest.mark.parametrize(
    "uri",
    [
        "./Vendor/MSFT/Reboot/RebootNow",
        "./Vendor/MSFT/RemoteWipe/doWipe",
        "./Vendor/MSFT/RemoteWipe/doWipePersistProvisionedData",
        "./Vendor/MSFT/RemoteLock/Lock",
        "./Vendor/MSFT/DMClient/Provider/HoloFleet/Unenroll",
    ],
)
def test_what_orders_need_can_be_executed(uri):
    node = NODES.find(uri)
    assert node is not None
    assert node.executable
    assert not node.writable


def test_a_policy_is_replaced_and_an_instance_is_added_first():
    assert NODES.by_name("Update", "AllowAutoUpdate").verbs == ("Replace",)
    assert NODES.by_name("WiFi", "WlanXml").verbs == ("Add", "Replace")
    assert NODES.by_name("RootCATrustedCertificates", "Root/{CertHash}/EncodedCertificate").verb == "Add"
    assert NODES.by_name("AssignedAccess", "Configuration").verb == "Replace"
    assert NODES.by_name("Accounts", "Password").verb == "Add"
    assert NODES.by_name("DevDetail", "SwV").verbs == ()


def test_a_name_that_fits_several_nodes_asks_for_the_path():
    with pytest.raises(KeyError, match=r"SCEP/\{UniqueID\}/Status"):
        NODES.by_name("ClientCertificateInstall", "Status")
    node = NODES.by_name("ClientCertificateInstall", "SCEP/{UniqueID}/Status")
    assert node.oma_uri.endswith("/SCEP/{UniqueID}/Status")


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(KeyError, match="did you mean Update/AllowAutoUpdate"):
        NODES.by_name("Update", "AllowAutUpdate")


def test_an_unknown_address_is_answered_with_the_nearest():
    with pytest.raises(UnknownNodeError) as caught:
        NODES.require("./Vendor/MSFT/Policy/Config/Update/AlowAutoUpdate")
    assert caught.value.nearest == "./Device/Vendor/MSFT/Policy/Config/Update/AllowAutoUpdate"
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("uri", "evidence"),
    [
        ("./Vendor/MSFT/AppLocker/ApplicationLaunchRestrictions/x/EXE/Policy", "use ApplicationControl"),
        ("./Vendor/MSFT/Firewall/MdmStore/Global/PolicyVersion", "until tried on a device"),
        ("./Vendor/MSFT/Policy/Config/ADMX_Printing/AllowWebPrinting", "ADMX_DeviceInstallation"),
        ("./Vendor/MSFT/RemoteWipe/doWipeProtected", "doWipePersistProvisionedData"),
        ("./Vendor/MSFT/RemoteLock/LockAndResetPIN", "only Lock"),
        ("./Vendor/MSFT/AssignedAccess/ShellLauncher", "lacks Holographic"),
    ],
)
def test_an_excluded_node_is_refused_with_its_evidence(uri, evidence):
    assert NODES.find(uri) is None
    with pytest.raises(UnknownNodeError, match=evidence):
        NODES.require(uri)


def test_no_node_of_the_catalog_is_excluded_but_the_one_that_the_exclusion_names():
    excluded = [node.oma_uri for node in NODES.all() if NODES.excluded(node.oma_uri)]
    assert excluded == [
        "./Device/Vendor/MSFT/Policy/Config/ADMX_DeviceInstallation/DeviceInstall_Removable_Deny",
    ]


def test_interior_nodes_are_told_from_nodes_and_from_nothing():
    assert NODES.has_below("./Vendor/MSFT/Policy/Config/Update")
    assert NODES.has_below("./Vendor/MSFT/WiFi/Profile/AnySSID")
    assert not NODES.has_below("./Vendor/MSFT/Reboot/RebootNow")
    assert not NODES.has_below("./Vendor/MSFT/Nonesuch")
    assert NODES.children("./Vendor/MSFT/RemoteWipe") == ("doWipe", "doWipePersistProvisionedData")


def test_an_address_is_filled_in_with_encoded_names():
    node = NODES.by_name("WiFi", "WlanXml")
    uri = node.uri(SSID="Plant One/50%")
    assert uri == "./Device/Vendor/MSFT/WiFi/Profile/Plant%20One%2F50%25/WlanXml"
    assert NODES.find(uri) is node
    for names in ({}, {"SSID": ""}, {"SSID": "a", "TenantId": "b"}):
        with pytest.raises(ValueError, match="needs these names"):
            node.uri(**names)


def test_what_only_a_provisioning_package_sets_is_not_settable_over_mdm():
    packaged = [node for node in NODES.all() if node.evidence is Evidence.PPKG_ONLY]
    assert {node.csp for node in packaged} == {"DeveloperSetup"}
    assert not any(node.settable_over_mdm or node.writable or node.readable for node in packaged)


def test_weak_evidence_is_visible_and_the_evidence_has_an_order_and_words():
    assert NODES.by_name("MixedReality", "AutoUnlock").evidence.weak
    assert not NODES.by_name("Update", "AllowAutoUpdate").evidence.weak
    assert {evidence for evidence in Evidence if evidence.weak} == {Evidence.INSIDER, Evidence.DDF_ONLY}
    assert [evidence.rank for evidence in Evidence] == list(range(len(Evidence)))
    assert Evidence.DOCUMENTED.rank < Evidence.DDF_ONLY.rank
    assert len({evidence.meaning for evidence in Evidence}) == len(Evidence)


def test_a_build_gate_compares_builds_as_numbers():
    node = NODES.by_name("MixedReality", "AutoLogonUser")
    assert node.min_build == Build.parse("20348.1432")
    assert node.available_on(Build.parse("22621.1"))
    assert not node.available_on(Build.parse("20348.1431"))
    assert NODES.by_name("Update", "AllowAutoUpdate").available_on(Build(1, 1))


def test_nodes_that_hold_secrets_are_marked():
    marked = {node.name for node in NODES.all() if node.secret}
    assert {"Password", "PFXCertPassword", "L2tpPsk", "WlanXml", "Challenge", "PFXCertBlob"} <= marked

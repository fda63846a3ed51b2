"""App control policies: XML, binary, and what must not reach a headset."""

import base64
import contextlib
import hashlib
import struct
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from holofleet.formats import app_control as wdac
from holofleet.formats.app_control import options

EXAMPLE_XML = """<?xml version="1.0" encoding="utf-8"?>
<SiPolicy xmlns="urn:schemas-microsoft-com:sipolicy" PolicyType="Base Policy">
  <VersionEx>1.2.3.4</VersionEx>
  <PlatformID>{2E07F7E4-194C-4D20-B7C9-6F44A6C5A234}</PlatformID>
  <Rules>
    <Rule><Option>Enabled:Unsigned System Integrity Policy</Option></Rule>
    <Rule><Option>Enabled:UMCI</Option></Rule>
  </Rules>
  <EKUs/>
  <FileRules>
    <Allow ID="ID_ALLOW_A_1" FileName="*"/>
    <Deny ID="ID_DENY_D_1" PackageFamilyName="A_8wekyb3d8bbwe" PackageVersion="65535.65535.65535.65535"/>
  </FileRules>
  <Signers/>
  <SigningScenarios>
    <SigningScenario Value="12" ID="ID_SIGNINGSCENARIO_WINDOWS">
      <ProductSigners>
        <FileRulesRef><FileRuleRef RuleID="ID_ALLOW_A_1"/><FileRuleRef RuleID="ID_DENY_D_1"/></FileRulesRef>
      </ProductSigners>
    </SigningScenario>
  </SigningScenarios>
  <UpdatePolicySigners/>
  <CiSigners/>
  <HvciOptions>0</HvciOptions>
  <Settings>
    <Setting Provider="PolicyInfo" Key="Information" ValueName="Name"><Value><String>T1</String></Value></Setting>
  </Settings>
  <BasePolicyID>{11111111-2222-3333-4444-555555555555}</BasePolicyID>
  <PolicyID>{11111111-2222-3333-4444-555555555555}</PolicyID>
</SiPolicy>
"""
EXAMPLE_SHA256 = "a4004c9e1e7a11660e4877d937dee1d263eb04e16d61475981a567728e796da7"

RICH_XML = """<SiPolicy xmlns="urn:schemas-microsoft-com:sipolicy">
  <VersionEx>10.0.1.0</VersionEx>
  <PolicyTypeID>{A244370E-44C9-4C06-B551-F6016E563076}</PolicyTypeID>
  <PlatformID>{2E07F7E4-194C-4D20-B7C9-6F44A6C5A234}</PlatformID>
  <Rules>
    <Rule><Option>Enabled:Unsigned System Integrity Policy</Option></Rule>
    <Rule><Option>Disabled:Default Windows Certificate Remapping</Option></Rule>
  </Rules>
  <EKUs><EKU ID="ID_EKU_STORE" FriendlyName="Store" Value="010A2B0601040182374C0301"/></EKUs>
  <FileRules>
    <FileAttrib ID="ID_FILEATTRIB_F_1" FileName="tool.exe" MinimumFileVersion="1.0.0.0"
      MaximumFileVersion="2.0.0.0"/>
    <Deny ID="ID_DENY_D_1" FriendlyName="by hash" Hash="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"/>
    <Deny ID="ID_DENY_D_2" FileName="b.exe" MaximumFileVersion="3.0.0.0"/>
    <Deny ID="ID_DENY_D_3" FileName="A.exe" MinimumFileVersion="0.0.0.0"/>
    <FileRule ID="ID_RULE_1" Type="Match" FilePath="%OSDRIVE%\\apps\\*" AppIDs="one"/>
  </FileRules>
  <Signers>
    <Signer ID="ID_SIGNER_STORE" Name="Store">
      <CertRoot Type="TBS" Value="FC9EDE3DCCA09186B2D3BF9B738A2050CB1A554DA2DCADB55F3F72EE17721378"/>
      <CertEKU ID="ID_EKU_STORE"/>
    </Signer>
    <Signer ID="ID_SIGNER_W" Name="Windows" SignTimeAfter="2024-01-02T03:04:05.6Z">
      <CertRoot Type="Wellknown" Value="06"/>
      <CertIssuer Value="I"/><CertPublisher Value="P"/><CertOemID Value="O"/>
      <FileAttribRef RuleID="ID_FILEATTRIB_F_1"/>
    </Signer>
  </Signers>
  <SigningScenarios>
    <SigningScenario Value="131" ID="ID_S_1" FriendlyName="Drivers">
      <ProductSigners><AllowedSigners><AllowedSigner SignerId="ID_SIGNER_W">
        <ExceptDenyRule DenyRuleID="ID_DENY_D_2"/></AllowedSigner></AllowedSigners></ProductSigners>
      <TestSigners/>
    </SigningScenario>
    <SigningScenario Value="12" ID="ID_S_2" InheritedScenarios="ID_S_1" MinimumHashAlgorithm="32772">
      <ProductSigners>
        <AllowedSigners><AllowedSigner SignerId="ID_SIGNER_STORE"/></AllowedSigners>
        <DeniedSigners><DeniedSigner SignerId="ID_SIGNER_W">
          <ExceptAllowRule AllowRuleID="ID_RULE_1"/></DeniedSigner>
        </DeniedSigners>
        <FileRulesRef><FileRuleRef RuleID="ID_DENY_D_3"/><FileRuleRef RuleID="ID_DENY_D_1"/></FileRulesRef>
      </ProductSigners>
    </SigningScenario>
  </SigningScenarios>
  <UpdatePolicySigners/>
  <CiSigners><CiSigner SignerId="ID_SIGNER_STORE"/></CiSigners>
  <HvciOptions>1</HvciOptions>
  <Settings>
    <Setting Provider="P" Key="b" ValueName="d"><Value><DWord>7</DWord></Value></Setting>
    <Setting Provider="P" Key="A" ValueName="x"><Value><Binary>0102</Binary></Value></Setting>
    <Setting Provider="P" Key="A" ValueName="B"><Value><Boolean>false</Boolean></Value></Setting>
  </Settings>
</SiPolicy>
"""


def test_the_published_shape_of_a_policy_compiles_to_the_reference_bytes():
    data = wdac.compile_policy(wdac.parse(EXAMPLE_XML))
    assert len(data) == 496
    assert hashlib.sha256(data).hexdigest() == EXAMPLE_SHA256


@pytest.mark.parametrize("form", wdac.FORMATS)
@pytest.mark.parametrize("xml", [EXAMPLE_XML, RICH_XML], ids=["example", "rich"])
def test_xml_to_binary_to_xml_keeps_the_policy_and_the_bytes(xml, form):
    policy = wdac.parse(xml)
    data = wdac.compile_policy(policy, form)
    read = wdac.read_binary(data)
    assert read == wdac.Binary(policy.canonical(), form)
    again = wdac.parse(wdac.render(read.policy))
    assert again == policy.canonical()
    assert wdac.compile_policy(again, form) == data


def test_everything_of_a_rich_policy_is_read():
    policy = wdac.parse(RICH_XML)
    assert policy.policy_id == policy.base_id == uuid.UUID("A244370E-44C9-4C06-B551-F6016E563076")
    assert [str(rule.minimum) for rule in policy.file_rules] == [
        "1.0.0.0",
        "65535.65535.65535.65535",
        "0.0.0.0",
        "0.0.0.0",
        "0.0.0.0",
    ]
    assert policy.signers[1].sign_time_after == 133_486_382_456_000_000
    assert policy.scenarios[1].inherited == (0,)
    assert policy.scenarios[1].minimum_hash == 0x8004
    assert [setting.value for setting in policy.settings] == [7, b"\1\2", False, True]


def test_rules_are_sorted_without_regard_to_case_and_references_follow():
    policy = wdac.parse(RICH_XML).canonical()
    assert [rule.id for rule in policy.file_rules] == [
        "ID_DENY_D_1",
        "ID_DENY_D_3",
        "ID_DENY_D_2",
        "ID_RULE_1",
        "ID_FILEATTRIB_F_1",
    ]
    assert policy.scenarios[1].product.file_rules == (0, 1)
    assert policy.scenarios[0].product.allowed[0].exceptions == (2,)
    assert policy.signers[1].attributes == (4,)
    assert [setting.name for setting in policy.settings][-3:] == ["B", "x", "d"]


@pytest.mark.parametrize("xml", [EXAMPLE_XML, RICH_XML], ids=["example", "rich"])
def test_a_binary_that_ends_anywhere_too_early_is_refused(xml):
    data = wdac.compile_policy(wdac.parse(xml), 8)
    for length in range(len(data)):
        with pytest.raises(wdac.AppControlError):
            wdac.read_binary(data[:length])


def test_a_binary_with_any_byte_changed_is_refused_or_reads_as_another_policy():
    policy = wdac.parse(RICH_XML)
    data = wdac.compile_policy(policy)
    for place in range(len(data)):
        for change in (0x01, 0x80, 0xFF):
            broken = bytearray(data)
            broken[place] ^= change
            try:
                read = wdac.read_binary(bytes(broken))
            except wdac.AppControlError:
                continue
            assert read.policy != policy.canonical(), place


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "bytes should follow"),
        (lambda data: b"\x30\x82" + data, "bytes should follow"),
        (lambda data: data + b"\0", "behind the end"),
        (lambda data: struct.pack("<I", 9) + data[4:], "format 9"),
        (lambda data: data[:0x24] + struct.pack("<I", 0x88000000 | 2) + data[0x28:], "option bits"),
        (lambda data: data[:0x28] + b"\xff\xff\xff\xff" + data[0x2C:], "cannot hold"),
        (lambda data: data[:0x40] + struct.pack("<I", 0x44) + data[0x44:], "length of the header"),
        (lambda data: data[:0x44] + struct.pack("<I", 3) + data[0x48:], "no kind of file rule"),
        (lambda data: data[:4] + bytes(16) + data[20:], "in the header"),
        (lambda data: data + bytes(350_000), "350,000 are possible"),
    ],
)
def test_a_hostile_binary_is_refused_with_its_reason(change, reason):
    with pytest.raises(wdac.AppControlError) as caught:
        wdac.read_binary(change(wdac.compile_policy(wdac.parse(EXAMPLE_XML))))
    assert reason in caught.value.detail


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("SiPolicy", "Policy", "not SiPolicy"),
        ("Enabled:UMCI", "Enabled:Umci", "its spelling counts"),
        ('RuleID="ID_DENY_D_1"', 'RuleID="ID_DENY_D_9"', "Line 18: FileRuleRef refers to ID_DENY_D_9"),
        ('ID="ID_DENY_D_1" ', 'ID="ID_ALLOW_A_1" ', "there twice"),
        ("65535.65535.65535.65535", "65536.0.0.0", "above 65535"),
        ("<EKUs/>", "<AppSettings/>", "AppSettings in SiPolicy is not read"),
        ("<EKUs/>", "<EKUs>stray</EKUs>", "EKUs holds text"),
        ("<EKUs/>", '<EKUs/><Macros><Macro Id="a b" Value="x"/></Macros>', "no name that can be used"),
        ("<Option>Enabled:UMCI</Option>", "<Option>Enabled:UMCI</Option><Option>x</Option>", "there twice"),
        ("<Rule><Option>Enabled:UMCI", '<Rule Off="1"><Option>Enabled:UMCI', "Rule has attributes"),
        ('RuleID="ID_DENY_D_1"', 'RuleID="ID_DENY_D_1" Note="x"', "FileRuleRef has attributes"),
        ('FileName="*"', 'Hash="00 00"', "not hexadecimal"),
        ('PackageFamilyName="A_8wekyb3d8bbwe"', 'Colour="red"', "Colour"),
        ('FileName="*"', "", "neither a file"),
        ('FileName="*"', 'FileName="*" Hash="00"', "cannot name anything else"),
        ('FileName="*"', 'Hash="xyz"', "not hexadecimal"),
        ('FileName="*"', 'Hash="00"', "a hash of 1 bytes"),
        (
            'FileName="*"',
            'FileName="*" MinimumFileVersion="2.0.0.0" MaximumFileVersion="1.0.0.0"',
            "above the maximum",
        ),
        ('FileName="*"', 'FileName="*" AppIDs="$(apps)"', "no macro apps"),
        ('FileName="*"', 'FileName="*" AppIDs="$(apps) x"', "cannot be mixed"),
        ("Base Policy", "Supplemental Policy", "another policy as its base"),
        ("Base Policy", "AppID Tagging Policy", "not compiled here"),
        ('Value="12"', 'Value="0"', "the value 0"),
        ("{2E07F7E4-194C-4D20-B7C9-6F44A6C5A234}", "windows", "no GUID"),
        ("<VersionEx>1.2.3.4</VersionEx>", "", "no VersionEx"),
        (options.UNSIGNED, "Enabled:Boot Menu Protection", "needs an UpdatePolicySigner"),
        ("<String>T1</String>", "<Float>1</Float>", "one Value"),
        ("<SiPolicy", "<!DOCTYPE x><SiPolicy", "document type"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_reason(old, new, reason):
    assert old in EXAMPLE_XML
    with pytest.raises(wdac.AppControlError) as caught:
        wdac.parse(EXAMPLE_XML.replace(old, new))
    assert reason in caught.value.detail


def test_a_reference_to_a_rule_of_another_kind_is_refused():
    with pytest.raises(wdac.AppControlError) as caught:
        wdac.parse(RICH_XML.replace('DenyRuleID="ID_DENY_D_2"', 'DenyRuleID="ID_RULE_1"'))
    assert "ExceptDenyRule refers to ID_RULE_1" in caught.value.detail


def test_a_policy_that_breaks_a_rule_is_not_compiled():
    policy = wdac.block(["A_8wekyb3d8bbwe"])
    with pytest.raises(wdac.AppControlError):
        wdac.compile_policy(replace(policy, ci_signers=(0,)))
    with pytest.raises(ValueError, match="format 11"):
        wdac.compile_policy(policy, 11)


def test_blocked_apps_are_denied_to_people_and_everything_else_runs():
    policy = wdac.block(["B_8wekyb3d8bbwe", "a_8wekyb3d8bbwe"], ["msedge.exe"])
    kernel, user = policy.scenarios
    rules = [policy.file_rules[place] for place in user.product.file_rules]
    denied = [(rule.package_family, rule.file_name) for rule in rules if rule.kind is wdac.RuleKind.DENY]
    assert denied == [("a_8wekyb3d8bbwe", ""), ("B_8wekyb3d8bbwe", ""), ("", "msedge.exe")]
    assert [rule.file_name for rule in rules if rule.kind is wdac.RuleKind.ALLOW] == ["*"]
    assert [policy.file_rules[place].kind for place in kernel.product.file_rules] == [wdac.RuleKind.ALLOW]
    every = wdac.Version.parse("65535.65535.65535.65535")
    assert all(rule.package_version == every for rule in rules if rule.package_family)
    assert all(rule.minimum == every for rule in rules if rule.kind is wdac.RuleKind.DENY)
    assert options.AUDIT not in policy.options
    assert policy.options >= {options.UMCI, options.UNSIGNED, options.INVALIDATE_EAS}
    assert wdac.faults(policy) == ()
    assert wdac.dangers(policy) == ()


def test_the_bytes_of_a_blocking_policy_do_not_depend_on_the_order_of_the_apps():
    first = wdac.compile_policy(wdac.block(["A_8wekyb3d8bbwe", "B_8wekyb3d8bbwe"], ["x.exe"]))
    second = wdac.compile_policy(wdac.block(["B_8wekyb3d8bbwe", "A_8wekyb3d8bbwe", "A_8wekyb3d8bbwe"], ["x.exe"]))
    assert first == second
    assert wdac.read_binary(first).policy.policy_id == wdac.POLICY_ID


SETTINGS = "BAEAEF15-9BAB-47FC-800B-ACECAD2AE94B_cw5n1h2txyewy"
BLOCKED = wdac.block(["A_8wekyb3d8bbwe"])


@pytest.mark.parametrize(
    ("policy", "danger"),
    [
        (wdac.block([SETTINGS]), "it denies Settings"),
        (wdac.block(["Unheard.Of_cw5n1h2txyewy"]), "Unheard.Of"),
        (wdac.block([], ["*"]), "every file"),
        (replace(BLOCKED, scenarios=BLOCKED.scenarios[1:]), "allows no drivers"),
        (
            replace(
                BLOCKED, scenarios=(BLOCKED.scenarios[0], replace(BLOCKED.scenarios[1], product=wdac.Signers()))
            ),
            "allows no apps",
        ),
        (replace(BLOCKED, options=BLOCKED.options | {options.AUDIT}), "only audits"),
        (replace(BLOCKED, options=BLOCKED.options - {options.UMCI}), "do not fall under it"),
        (
            replace(
                BLOCKED,
                options=BLOCKED.options - {options.UNSIGNED},
                signers=(wdac.Signer(wdac.RootKind.TBS, bytes(32)),),
                update_signers=(0,),
            ),
            "cannot simply be taken away",
        ),
        (
            replace(
                BLOCKED,
                signers=(wdac.Signer(wdac.RootKind.WELL_KNOWN, well_known=6),),
                scenarios=(
                    replace(
                        BLOCKED.scenarios[0],
                        product=replace(BLOCKED.scenarios[0].product, denied=(wdac.SignerRef(0),)),
                    ),
                    BLOCKED.scenarios[1],
                ),
            ),
            "root 06",
        ),
    ],
)
def test_a_policy_that_could_leave_a_headset_unusable_is_named_with_a_mend(policy, danger):
    assert wdac.faults(policy) == ()
    found = wdac.dangers(policy)
    assert [one for one in found if danger in one.summary]
    assert all(one.mend for one in found)


def test_system_apps_of_the_vendors_list_can_be_denied():
    assert wdac.dangers(wdac.block(["HoloCamera_cw5n1h2txyewy"])) == ()


def test_the_binary_is_plain_base64_for_the_node():
    data = wdac.compile_policy(BLOCKED)
    assert wdac.read_binary(base64.b64decode(base64.b64encode(data))).policy == BLOCKED


TIED_XML = EXAMPLE_XML.replace(
    '<Allow ID="ID_ALLOW_A_1" FileName="*"/>',
    '<Allow ID="ID_ALLOW_A_1" FileName="*"/><Allow ID="ID_ALLOW_A_2" FileName="*" MinimumFileVersion="1.0.0.0"/>',
).replace('Deny ID="ID_DENY_D_1" Package', 'FileAttrib ID="ID_DENY_D_1" Package')


def minimums(data: bytes) -> list[str]:
    rules = wdac.read_binary(data).policy.file_rules
    return [str(rule.minimum) for rule in rules if rule.file_name == "*"]


def test_rules_that_the_sort_cannot_tell_apart_stay_or_stand_as_the_vendors_tool_leaves_them():
    policy = wdac.parse(TIED_XML)
    stable = wdac.compile_policy(policy)
    other = wdac.compile_policy(policy, ties=wdac.Ties.POWERSHELL)
    assert minimums(stable) == ["0.0.0.0", "1.0.0.0"]
    assert minimums(other) == ["1.0.0.0", "0.0.0.0"]
    first, second = (wdac.read_binary(data).policy.scenarios[0].product.file_rules for data in (stable, other))
    assert (first, second) == ((0, 2), (1, 2))


@pytest.mark.parametrize("ties", wdac.Ties)
def test_a_binary_can_be_put_into_an_order_that_compiles_to_the_same_bytes(ties):
    data = wdac.compile_policy(wdac.parse(TIED_XML), ties=wdac.Ties.POWERSHELL)
    policy = wdac.before(wdac.read_binary(data).policy, ties)
    assert wdac.compile_policy(wdac.parse(wdac.render(policy)), ties=ties) == data


def test_macros_become_the_texts_they_stand_for_and_come_back_as_macros():
    text = EXAMPLE_XML.replace('FileName="*"', 'FileName="*" AppIDs="$(one)$(two.b)"').replace(
        "<EKUs/>", '<Macros><Macro Id="one" Value="a"/><Macro Id="two.b" Value="b"/></Macros>'
    )
    policy = wdac.parse(text)
    assert policy.file_rules[0].app_ids == ("a", "b")
    assert wdac.parse(wdac.render(policy)) == policy
    assert wdac.read_binary(wdac.compile_policy(policy)).policy == policy.canonical()


@pytest.mark.parametrize(
    "time", ["2024-01-02T05:04:05.6+02:00", "2024-01-02T03:04:05.6", "2024-01-01T22:34:05.6-04:30"]
)
def test_times_of_any_zone_are_the_same_time(time):
    policy = wdac.parse(RICH_XML.replace("2024-01-02T03:04:05.6Z", time))
    assert policy == wdac.parse(RICH_XML)


def test_what_people_write_into_xml_and_no_policy_holds_changes_no_byte():
    text = "\ufeff" + EXAMPLE_XML.replace(
        'Deny ID="ID_DENY_D_1"', 'Deny FriendlyName="x" ID="ID_DENY_D_1"'
    ).replace("<EKUs/>", "<!-- none --><EKUs></EKUs>").replace("<CiSigners/>", "").replace(
        "<HvciOptions>0</HvciOptions>", ""
    ).replace('Value="12" ID', 'FriendlyName="y" MinimumHashAlgorithm="0" Value="12" ID').replace(
        'PolicyType="Base Policy"', 'FriendlyName="z"'
    )
    assert hashlib.sha256(wdac.compile_policy(wdac.parse(text))).hexdigest() == EXAMPLE_SHA256


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes([tag, 0x82]) + struct.pack(">H", len(body)) + body


def envelope(policy: bytes, kind: str = "2b0601040182374f01") -> bytes:
    inner = der(0x30, der(0x06, bytes.fromhex(kind)), der(0xA0, der(0x04, policy)))
    signed = der(0x30, der(0x02, b"\1"), der(0x31), inner, der(0x31))
    return der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")), der(0xA0, signed))


def test_a_signed_policy_is_read_and_says_that_it_is_signed():
    data = wdac.compile_policy(wdac.parse(RICH_XML))
    read = wdac.read_binary(envelope(data))
    assert read.signed
    assert read.policy == wdac.read_binary(data).policy
    assert not wdac.read_binary(data).signed


def test_a_signed_envelope_that_is_cut_off_or_holds_something_else_is_refused_with_its_place():
    data = envelope(wdac.compile_policy(wdac.parse(EXAMPLE_XML)))
    for length in range(1, len(data)):
        with pytest.raises(wdac.AppControlError) as caught:
            wdac.read_binary(data[:length])
        assert "At byte" in caught.value.detail
    with pytest.raises(wdac.AppControlError) as caught:
        wdac.read_binary(envelope(b"", "2a864886f70d010701"))
    assert "not an app control policy" in caught.value.detail


@pytest.mark.parametrize("xml", [EXAMPLE_XML, RICH_XML], ids=["example", "rich"])
def test_any_four_bytes_read_as_an_enormous_number_are_refused_at_once_or_are_no_length(xml):
    data = wdac.compile_policy(wdac.parse(xml), 8)
    for place in range(0, len(data) - 3, 4):
        broken = data[:place] + b"\xf0\xff\xff\x7f" + data[place + 4 :]
        with contextlib.suppress(wdac.AppControlError):
            assert wdac.read_binary(broken).policy != wdac.parse(xml).canonical()


def test_the_windows_base_trusts_whom_the_vendors_example_trusts_and_your_own_signer():
    own = wdac.Trusted("CN=Contoso Apps", bytes(32))
    policy = wdac.block(["A_8wekyb3d8bbwe"], ["msedge.exe"], base=wdac.Base.WINDOWS, trust=[own, own])
    assert wdac.faults(policy) == ()
    assert wdac.dangers(policy) == ()
    kernel, user = policy.scenarios
    roots = [
        {(policy.signers[ref.signer].well_known) for ref in scenario.product.allowed}
        for scenario in (kernel, user)
    ]
    assert roots == [{4, 5, 6, 10, 14}, {0, 4, 5, 6, 7, 10, 12, 14}]
    assert (len(kernel.product.allowed), len(user.product.allowed)) == (11, 19)
    assert not [rule for rule in policy.file_rules if rule.kind is wdac.RuleKind.ALLOW]
    assert [policy.signers[place].name for place in policy.ci_signers] == ["Store", "CN=Contoso Apps"]
    assert wdac.parse(wdac.render(policy)) == policy
    assert wdac.read_binary(wdac.compile_policy(policy)).policy == policy


def certificate(algorithm: hashes.HashAlgorithm) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Contoso Apps")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + timedelta(days=1))
    return builder.sign(key, algorithm)


@pytest.mark.parametrize(("algorithm", "name"), [(hashes.SHA256(), "sha256"), (hashes.SHA384(), "sha384")])
def test_a_certificate_is_known_by_the_hash_of_its_signed_part(algorithm, name):
    cert = certificate(algorithm)
    expected = hashlib.new(name, cert.tbs_certificate_bytes).digest()
    der_form, pem = (cert.public_bytes(form) for form in (Encoding.DER, Encoding.PEM))
    assert [one.tbs for one in wdac.trusted(der_form)] == [expected]
    assert [(one.tbs, one.name) for one in wdac.trusted(pem + pem)] == [(expected, "CN=Contoso Apps")] * 2


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_what_is_no_certificate_is_refused(data):
    with pytest.raises(wdac.AppControlError):
        wdac.trusted(data)

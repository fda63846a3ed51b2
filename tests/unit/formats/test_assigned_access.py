"""Kiosk documents, judged by a checker that is written from the published rules and shares no code with us."""

import re

import pytest
from lxml import etree

from holofleet.formats import assigned_access as kiosk

BASE, RS5, V3, V5 = (
    f"{{http://schemas.microsoft.com/AssignedAccess/{part}/config}}"
    for part in ("2017", "201810", "2020", "202010")
)
ASSIST = "Contoso.AssistShell_1qaz2wsx3edc4!App"
SETTINGS = "BAEAEF15-9BAB-47FC-800B-ACECAD2AE94B_cw5n1h2txyewy!App"
CAMERA = "HoloCamera_cw5n1h2txyewy!HoloCamera"
GROUP = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
GUID = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")

MULTI = kiosk.MultiApp((kiosk.App(ASSIST, auto_launch=True), kiosk.App(SETTINGS), kiosk.App(CAMERA)), "Line 1")
EXPERTS = kiosk.MultiApp((kiosk.App(ASSIST), kiosk.App(CAMERA)))


def violations(text: str) -> list[str]:
    """Check a document against the rules of the published schema and the rules that it leaves out."""
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    wrong: list[str] = []
    if root.tag != f"{BASE}AssignedAccessConfiguration":
        wrong.append("root")
    if sorted(c.tag for c in root) != [f"{BASE}Configs", f"{BASE}Profiles"]:
        wrong.append("one Profiles and one Configs")
    ids = []
    for profile in root.iterfind(f"{BASE}Profiles/{BASE}Profile"):
        ids.append(profile.get("Id", "").lower())
        if not GUID.fullmatch(profile.get("Id", "")):
            wrong.append("profile id")
        shape = [c.tag.removeprefix(BASE) for c in profile]
        if shape not in (["KioskModeApp"], ["AllAppsList", "StartLayout", "Taskbar"]):
            wrong.append(f"profile content {shape}")
        if shape == ["KioskModeApp"]:
            if list(profile[0].attrib) != ["AppUserModelId"]:
                wrong.append("KioskModeApp attributes")
            continue
        apps = profile.findall(f"{BASE}AllAppsList/{BASE}AllowedApps/{BASE}App")
        if not apps:
            wrong.append("no app")
        if any(set(a.attrib) - {"AppUserModelId", f"{RS5}AutoLaunch", f"{RS5}AutoLaunchArguments"} for a in apps):
            wrong.append("App attributes")
        names = [a.get("AppUserModelId") for a in apps]
        if len(set(names)) != len(names) or any(name.count("!") != 1 for name in names):
            wrong.append("AUMIDs")
        launches = [a.get(f"{RS5}AutoLaunch") for a in apps if a.get(f"{RS5}AutoLaunch")]
        if len(launches) > 1 or "false" in launches:
            wrong.append("AutoLaunch")
        etree.fromstring(profile.find(f"{BASE}StartLayout").text.encode())
        if profile.find(f"{BASE}Taskbar").get("ShowTaskbar") not in ("true", "false"):
            wrong.append("Taskbar")
    if len(set(ids)) != len(ids) or not ids:
        wrong.append("profile ids unique, at least one")
    configs = root.find(f"{BASE}Configs")
    for place, config in enumerate(configs):
        if config.tag == f"{V3}GlobalProfile":
            if place:
                wrong.append("GlobalProfile first")
            if config.get("Id").lower() not in ids:
                wrong.append("GlobalProfile refers to nothing")
            inner = [(c.tag, [(g.tag, dict(g.attrib)) for g in c]) for c in config]
            if inner not in ([], [(f"{V5}Exclusions", [(f"{V5}SpecialGroup", {"Name": "DeviceOwner"})])]):
                wrong.append("Exclusions")
            continue
        if config.tag != f"{BASE}Config" or len(config) != 2 or config[1].tag != f"{BASE}DefaultProfile":
            wrong.append("Config")
        if config[1].get("Id").lower() not in ids:
            wrong.append("DefaultProfile refers to nothing")
        principal = config[0].tag.removeprefix(BASE)
        if principal not in ("Account", "UserGroup", "SpecialGroup"):
            wrong.append("principal")
        if principal == "UserGroup" and (
            config[0].get("Type") != "AzureActiveDirectoryGroup" or "{" in config[0].get("Name")
        ):
            wrong.append("UserGroup")
    return wrong


DOCUMENTS = {
    "everyone": kiosk.Configuration(MULTI),
    "everyone but owners": kiosk.Configuration(MULTI, except_device_owners=True),
    "everyone and a group": kiosk.Configuration(
        MULTI, assignments=(kiosk.Assignment(kiosk.Principal.entra_group(GROUP), EXPERTS),)
    ),
    "one user in a single app": kiosk.Configuration(
        assignments=(kiosk.Assignment(kiosk.Principal.entra_user("a@contoso.com"), kiosk.SingleApp(ASSIST)),)
    ),
    "visitors and owners": kiosk.Configuration(
        assignments=(
            kiosk.Assignment(kiosk.Principal.visitor(), EXPERTS),
            kiosk.Assignment(kiosk.Principal(kiosk.PrincipalKind.DEVICE_OWNER), EXPERTS),
        )
    ),
    "a name with every mark": kiosk.Configuration(kiosk.MultiApp((kiosk.App(ASSIST),), 'R&D <"5">\n')),
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_is_rendered_obeys_the_published_rules(document):
    assert violations(kiosk.render(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_what_is_rendered_is_read_as_the_same_rules_for_the_same_people(document):
    read = kiosk.parse(kiosk.render(document))
    assert [a.principal for a in read.assignments] == [a.principal for a in document.assignments]
    assert read.except_device_owners == document.except_device_owners
    assert [getattr(p, "apps", p) for p in read.profiles] == [getattr(p, "apps", p) for p in document.profiles]


def test_the_bytes_of_a_kiosk_never_change():
    text = kiosk.render(kiosk.Configuration(kiosk.MultiApp((kiosk.App(ASSIST, auto_launch=True),)), True))
    key = "{d90f89bc-3ba3-594d-a90e-33ed586b70bd}"
    assert text.startswith(
        '<AssignedAccessConfiguration xmlns="http://schemas.microsoft.com/AssignedAccess/2017/config"'
        ' xmlns:rs5="http://schemas.microsoft.com/AssignedAccess/201810/config"'
        ' xmlns:v3="http://schemas.microsoft.com/AssignedAccess/2020/config"'
        ' xmlns:v5="http://schemas.microsoft.com/AssignedAccess/202010/config">'
        f'<Profiles><Profile Id="{key}"><AllAppsList><AllowedApps>'
        f'<App AppUserModelId="{ASSIST}" rs5:AutoLaunch="true"/></AllowedApps></AllAppsList><StartLayout>&lt;'
    )
    assert text.endswith(
        f'</StartLayout><Taskbar ShowTaskbar="true"/></Profile></Profiles><Configs><v3:GlobalProfile Id="{key}">'
        '<v5:Exclusions><v5:SpecialGroup Name="DeviceOwner"/></v5:Exclusions>'
        "</v3:GlobalProfile></Configs></AssignedAccessConfiguration>"
    )
    assert "\n" not in text


def test_two_principals_with_equal_apps_share_one_profile():
    twice = kiosk.Configuration(MULTI, assignments=(kiosk.Assignment(kiosk.Principal.visitor(), MULTI),))
    assert kiosk.render(twice).count("<Profile ") == 1


def test_profile_ids_come_from_the_content():
    assert MULTI.id == kiosk.MultiApp(MULTI.apps, "Line 1").id
    assert len({MULTI.id, EXPERTS.id, kiosk.SingleApp(ASSIST).id, kiosk.SingleApp(ASSIST, "x").id}) == 4


@pytest.mark.parametrize(
    ("document", "word"),
    [
        (kiosk.Configuration(), "at least one profile"),
        (kiosk.Configuration(kiosk.SingleApp(ASSIST)), "several apps"),
        (kiosk.Configuration(kiosk.MultiApp(())), "at least one app"),
        (kiosk.Configuration(kiosk.MultiApp((kiosk.App("C:\\Windows\\explorer.exe"),))), "AUMID"),
        (kiosk.Configuration(kiosk.MultiApp((kiosk.App(ASSIST), kiosk.App(ASSIST.upper())))), "twice"),
        (
            kiosk.Configuration(kiosk.MultiApp((kiosk.App(ASSIST, True), kiosk.App(CAMERA, True)))),
            "start by itself",
        ),
        (kiosk.Configuration(kiosk.MultiApp((kiosk.App(ASSIST, False, "x"),))), "arguments"),
        (
            kiosk.Configuration(
                MULTI, assignments=(kiosk.Assignment(kiosk.Principal.entra_group("experts"), EXPERTS),)
            ),
            "object id",
        ),
        (
            kiosk.Configuration(
                MULTI,
                assignments=(kiosk.Assignment(kiosk.Principal(kiosk.PrincipalKind.ACCOUNT, "a@b.c"), EXPERTS),),
            ),
            "AzureAD",
        ),
        (
            kiosk.Configuration(
                MULTI,
                assignments=(
                    kiosk.Assignment(kiosk.Principal.entra_user("a@b.c"), EXPERTS),
                    kiosk.Assignment(kiosk.Principal.entra_user("A@b.c"), MULTI),
                ),
            ),
            "Two profiles are given",
        ),
        (
            kiosk.Configuration(None, True, (kiosk.Assignment(kiosk.Principal.visitor(), EXPERTS),)),
            "Device owners can be excluded",
        ),
    ],
)
def test_a_kiosk_that_no_headset_could_use_is_refused(document, word):
    assert any(word in fault for fault in kiosk.faults(document))
    with pytest.raises(ValueError, match=word):
        kiosk.render(document)


def edited(old: str, new: str) -> str:
    text = kiosk.render(DOCUMENTS["everyone and a group"])
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (edited("<Profile ", "<Profile\u202f"), "not well-formed"),
        (edited("<v3:GlobalProfile", '<v3:GlobalProfile xmlns:v3="urn:other"'), "not allowed in Configs"),
        (edited(f'Id="{EXPERTS.id}"/>', 'Id="{00000000-0000-4000-8000-000000000000}"/>'), "not there"),
        (edited(f'<Profile Id="{EXPERTS.id}"', f'<Profile Id="{MULTI.id}"'), "there twice"),
        (edited(f'<Profile Id="{EXPERTS.id}"', '<Profile Id="1"'), "GUID in braces"),
        (edited('Taskbar ShowTaskbar="true"', 'Taskbar ShowTaskbar="yes"'), "not true or false"),
        (edited("AzureActiveDirectoryGroup", "LocalGroup"), "groups of Entra ID only"),
        (edited(f'AppUserModelId="{CAMERA}"', 'DesktopAppPath="C:\\x.exe"'), "no attribute DesktopAppPath"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "document type"),
        ("<a>" * 100 + "</a>" * 100, "nested deeper"),
        ("<AssignedAccessConfiguration/>", "2017 schema"),
        (
            '<AssignedAccessConfiguration xmlns="http://schemas.microsoft.com/AssignedAccess/2017/config"/>',
            "exactly one Profiles",
        ),
        (b"\xff\xfe<\x00a\x00/\x00>\x00", "not UTF-8"),
        (b"<a>" + b" " * (1 << 20) + b"</a>", "bytes"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_with_its_reason(text, word):
    with pytest.raises(kiosk.AssignedAccessError) as caught:
        kiosk.parse(text)
    assert any(word in fault for fault in caught.value.faults), caught.value.faults


def test_auto_launch_on_a_single_app_is_refused_although_a_published_sample_has_it():
    marks = 'xmlns:rs5="http://schemas.microsoft.com/AssignedAccess/201810/config" rs5:AutoLaunch="true"'
    text = kiosk.render(DOCUMENTS["one user in a single app"]).replace("<KioskModeApp ", f"<KioskModeApp {marks} ")
    with pytest.raises(kiosk.AssignedAccessError, match="nothing else"):
        kiosk.parse(text)


def test_prefixes_are_free_and_a_byte_order_mark_and_comments_are_fine():
    text = kiosk.render(DOCUMENTS["everyone but owners"])
    other = text.replace("rs5:", "v2:").replace("rs5=", "v2=").replace("v5:", "x:").replace("v5=", "x=")
    other = other.replace("<Configs>", "<!-- all --><Configs>")
    assert kiosk.parse(b"\xef\xbb\xbf" + other.encode()) == kiosk.parse(text)


def test_all_faults_are_told_at_once():
    text = edited("AzureActiveDirectoryGroup", "LocalGroup").replace('ShowTaskbar="true"', 'ShowTaskbar="yes"')
    with pytest.raises(kiosk.AssignedAccessError) as caught:
        kiosk.parse(text)
    assert len(caught.value.faults) == 3

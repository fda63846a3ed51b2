"""Requirements on the house itself: supply chain, disclosure, plans, and that no due requirement lacks a test."""

from __future__ import annotations

import ast
import hashlib
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from holofleet.plans import compare
from holofleet.protocols import xml
from holofleet.protocols.errors import MalformedMessageError
from holofleet.protocols.syncml import parse
from holofleet.resources import Document, Format, Headset, Setting, State
from holofleet.server.authorization import Action, Principal, PrincipalKind, Scope, Target, permit
from holofleet.web.assist.assets import PDFJS_SHA256
from holofleet.web.console.assets import HTMX_SHA256

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
FLOORS = {"lxml": (6, 1), "starlette": (1, 3, 1), "cryptography": (50,), "uvicorn": (0, 54)}


def due_requirements() -> set[str]:
    """Ids of the requirements that are due with the first working server: marked with a star."""
    text = (ROOT / "docs/security/requirements.md").read_text(encoding="utf-8")
    return set(re.findall(r"\b([A-Z]{1,6}-\d+)\\\*", text)) | set(re.findall(r"\*\*(D\d+)\\\*", text))


def ids_in_tests() -> set[str]:
    """Ids in the names of test functions, written as ``test_MGT_1_...`` or ``test_D1_...``."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for match in re.finditer(r"(?<=_)([A-Z]{1,6})_?(\d+)(?=_)", node.name):
                    found |= {f"{match[1]}-{match[2]}", f"{match[1]}{match[2]}"}
    return found


def test_every_requirement_that_is_due_has_a_test_with_its_id() -> None:
    due = due_requirements()
    assert len(due) >= 30
    assert due - ids_in_tests() == set()


def test_every_requirement_has_a_test_with_its_id_or_is_said_not_to_be_built() -> None:
    text = (ROOT / "docs/security/requirements.md").read_text(encoding="utf-8")
    required, _, missing = text.partition("\n## 9. What is not built\n")
    rows = set(re.findall(r"^\| ([A-Z]{3}-\d+)", required, re.M)) | set(re.findall(r"\*\*(D\d+)\b", required))
    rules = "AUTHZ|ISO|TXT|PAR|DOS|LEAK|LOG|WIPE|AUD|WEB|DEF|SUP"
    named = rows | set(re.findall(rf"\b((?:{rules})-\d+)", required))
    said = {name for line in re.findall(r"^- \*\*(.+?)\*\*", missing, re.M) for name in line.split(", ")}
    assert len(named) > 70
    assert said <= named
    assert named - ids_in_tests() - said == set()


def test_SUP_1_every_locked_release_has_hashes_and_no_index_address() -> None:
    assert [path.name for path in LOCKS] == ["runtime.txt", "test.txt"]
    for path in LOCKS:
        text = path.read_text(encoding="utf-8")
        pins = re.findall(
            r"^([a-z0-9._-]+)==\S+.*?\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.M
        )
        assert len(pins) == len(re.findall(r"^[a-z0-9._-]+==", text, re.M)) > 30
        assert "://" not in text
        assert "index-url" not in text


def test_SUP_1_no_dependency_is_older_than_the_release_that_closed_a_known_hole() -> None:
    for name, floor in FLOORS.items():
        installed = tuple(int(part) for part in re.findall(r"\d+", version(name))[:3])
        assert installed >= floor, name


def test_SUP_1_vendored_scripts_are_the_published_bytes() -> None:
    vendored = {path for path in (ROOT / "src").rglob("vendor/**/*") if path.suffix in (".js", ".mjs")}
    published = HTMX_SHA256 | PDFJS_SHA256
    assert {path.name for path in vendored} == set(published)
    for path in vendored:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == published[path.name]
        assert path.with_name("LICENSE").is_file()


def test_SUP_2_the_policy_says_how_to_report_and_what_happens_then() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for promise in ("3 working days", "90 days", "Safe harbour", "CVE", "Supported versions", "privately"):
        assert promise in text


def test_D7_a_principal_without_roles_may_do_nothing_that_needs_one() -> None:
    nobody = Principal(PrincipalKind.TOKEN, "nobody", frozenset(), Scope.of("fabrikam"))
    needing = [action for action in Action if not permit(nobody, action, Target.of_client("fabrikam")).allowed]
    assert {Action.ORDER_WIPE, Action.READ_HEADSETS, Action.PUBLISH_STATE} <= set(needing)


def weak_plan(value: str) -> str:
    uri = "./Device/Vendor/MSFT/TenantLockdown/RequireNetworkInOOBE"

    def state(data: str) -> State:
        document = Document((Setting(uri, Format.BOOL, data),))
        return State([Headset(serial="1", deployment="line", document=document.hash)], [document])

    return " ".join(compare(state(value), state("true"), target="server").weakening)


def test_D8_releasing_the_tenant_lock_is_marked_as_weaker() -> None:
    assert "tenant lock" in weak_plan("false")
    assert weak_plan("true") == ""


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" + b"<b/>" * 4_000 + b"</a>",
        b"<a>" * 33 + b"</a>" * 33,
        b"<a " + b" ".join(b'x%d="1"' % n for n in range(70)) + b"/>",
    ],
    ids=["too many elements", "too deep", "too many attributes"],
)
def test_PAR_3_work_is_bounded_before_it_is_done(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        xml.parse(body, xml.SOAP_LIMITS)


def test_PAR_3_a_message_with_more_than_a_thousand_commands_is_refused() -> None:
    command = b"<Get><CmdID>%d</CmdID><Item><Target><LocURI>./DevInfo/Man</LocURI></Target></Item></Get>"
    body = (
        b'<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>'
        b"<SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>https://x</LocURI></Target>"
        b"<Source><LocURI>d</LocURI></Source></SyncHdr><SyncBody>%s<Final/></SyncBody></SyncML>"
    )
    assert len(parse(body % b"".join(command % n for n in range(2, 900))).commands) == 898
    with pytest.raises(MalformedMessageError):
        parse(body % b"".join(command % n for n in range(2, 1100)))

"""What reads documents in a call: workers that reach nothing, and no page but the expert's."""

from __future__ import annotations

import re
from importlib.resources import files

from starlette.applications import Starlette
from starlette.testclient import TestClient

from holofleet.web.assist.assets import PDFJS_SHA256, WORKER_POLICY, pdf_base, pdf_route

STATIC = files("holofleet.web.assist").joinpath("static")


def test_AST_3_what_reads_documents_may_load_its_own_files_and_reach_nothing_else() -> None:
    client = TestClient(Starlette(routes=[pdf_route()]))
    for name in PDFJS_SHA256:
        answer = client.get(f"{pdf_base()}{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert (
            answer.headers["content-security-policy"] == WORKER_POLICY == "default-src 'none'; script-src 'self'"
        )


def test_AST_3_no_page_of_a_headset_or_guest_loads_what_reads_documents() -> None:
    for page in ("h.js", "check.js", "guest.js"):
        assert "documents.js" not in modules_of(page)
    assert "documents.js" in modules_of("expert.js")


def modules_of(page: str) -> set[str]:
    """Return every module that a page imports, at once or later, directly or not."""
    found, waiting = set[str](), [page]
    while waiting:
        name = waiting.pop()
        if name in found or not STATIC.joinpath(name).is_file():
            continue
        found.add(name)
        waiting += re.findall(r'(?:from|import)\s*\(?\s*"\./([\w.]+)"', STATIC.joinpath(name).read_text("utf-8"))
    return found

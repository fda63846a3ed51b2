"""Modules, style sheets and icons of the call pages, and what reads PDF files there.

PDF files are read by pdf.js as it was published, in workers of their own. Their policy lets them load these files
and reach nothing else, and nothing is evaluated (AST-3).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from holofleet.web.static_folder import StaticFolder

PDFJS: Final = "vendor/pdfjs-6.5.438"
PDFJS_SHA256: Final[Mapping[str, str]] = MappingProxyType(
    {
        "pdf.min.mjs": "3a88402882cfa3e7e72c2c9b5149f52f0f88baf1c5b62aa11a41abdbc2072440",
        "pdf.renderer.min.mjs": "51a99dd41ad3edb55716c13f03a8d8827990bbf00688431e70e303a1dbb9ed0d",
        "pdf.worker.min.mjs": "1e64c8240e54735ec5913b37acd5134747799cb8c6bb3777c70adbc01232d2aa",
        "jbig2_nowasm_fallback.js": "70150223396487e1ccfef7eac61fc780074ad7fcc9e843b702a8a3bc23107494",
        "openjpeg_nowasm_fallback.js": "2855f1590e7fd7abbbf204cd13a5c09d30c92fe2c9313fb72b64aa763fe8b4f3",
    }
)
"""SHA-256 of the files of pdfjs-dist 6.5.438 as its package has them (Apache License 2.0)."""
WORKER_POLICY: Final = "default-src 'none'; script-src 'self'"

_FILES: Final = StaticFolder("holofleet.web.assist", "/assist-static")
_PDF: Final = StaticFolder(
    "holofleet.web.assist", "/assist-pdf", folder=PDFJS, headers={"content-security-policy": WORKER_POLICY}
)
assist_asset_url = _FILES.url
asset_route = _FILES.route
pdf_route = _PDF.route


def pdf_base() -> str:
    """Return the address below which the files of pdf.js are."""
    return _PDF.base

"""Small PDF files made by hand: good ones, and such as a page of a call has to refuse in words."""

from __future__ import annotations

LOCKED = f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{'a5' * 32}>/U<{'5a' * 32}>>>/ID[<00><00>]"
"""Of the trailer: a password that is not the empty one."""


def pdf(*pages: str, trailer: str = "") -> bytes:
    """Make a PDF with a line of words on each page."""
    first = 4
    kids = " ".join(f"{first + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for at, words in enumerate(pages):
        rest = f"/Resources<</Font<</F1 3 0 R>>>>/Contents {first + 2 * at + 1} 0 R"
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{rest}>>")
        objects.append(_stream("", f"BT /F1 40 Tf 60 700 Td ({words}) Tj ET"))
    return _file(objects, trailer)


def tangled_pdf(levels: int = 7) -> bytes:
    """Make a PDF of some KB whose one page takes very long to draw: forms of forms, ten of each in the next."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</F {3 + levels} 0 R>>>>"
        f"/Contents {4 + levels} 0 R>>",
        _stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]", "0 0 m 500 500 l S " * 20),
    ]
    for level in range(1, levels):
        inner = f"/Resources<</XObject<</F {3 + level} 0 R>>>>"
        objects.append(_stream(f"/Type/XObject/Subtype/Form/BBox[0 0 595 842]{inner}", "/F Do " * 10))
    objects.append(_stream("", "/F Do"))
    return _file(objects)


def _stream(about: str, content: str) -> str:
    return f"<<{about}/Length {len(content)}>>stream\n{content}\nendstream"


def _file(objects: list[str], trailer: str = "") -> bytes:
    out, places = "%PDF-1.7\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    head = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer<</Size {size}/Root 1 0 R{trailer}>>"
    return f"{out}{head}\nstartxref\n{len(out)}\n%%EOF\n".encode()

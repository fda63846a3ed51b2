"""Tables of headsets: rows become headsets, bad rows are named by their number."""

from __future__ import annotations

import base64

import pytest
from fleets import HEAD

from holofleet import spec
from holofleet.diagnostics import Position
from holofleet.formats.autopilot_csv import HEADER, padded

HASH = base64.b64encode(b"OA" + bytes(range(200))).decode()
FULL_HEADER = ",".join(HEADER)


def findings(kind: str, content: bytes) -> list[tuple[int, str]]:
    with pytest.raises(spec.SpecError) as caught:
        spec.parse({"f.yaml": f"{HEAD}headsets: {{{kind}: t.csv}}\n"}, {"t.csv": content})
    return [
        (finding.position.line if finding.position else 0, finding.summary) for finding in caught.value.findings
    ]


def test_rows_of_a_table_are_headsets_and_empty_cells_are_left_out() -> None:
    text = HEAD + "sites: [{name: dock}]\nheadsets:\n  - {serial: A1}\n  - {csv: t.csv}\n  - {serial: A4}\n"
    table = b'serial,site,note\r\n002,dock,"a, ""b"""\r\n\r\n003,,\r\n'
    found = spec.parse({"f.yaml": text}, {"t.csv": table})
    assert [headset.serial for headset in found.model.headsets] == ["A1", "002", "003", "A4"]
    assert found.model.headsets[1].note == 'a, "b"'
    assert found.model.headsets[2].site is None
    assert found.positions.of(("headsets", 1)) == Position("t.csv", 2, 1)
    assert found.positions.of(("headsets", 2)) == Position("t.csv", 4, 1)
    assert found.positions.of(("headsets", 3, "serial")) == Position("f.yaml", 8, 6)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(1, "the header has no column `serial`")]),
        (b"serail\nX\n", [(1, "the header has no column `serial`"), (1, "unknown column `serail`")]),
        (b"serial,serial\nX,Y\n", [(1, "column `serial` stands twice")] * 2),
        (b"serial,hardware_hash\nX,Y\n", [(1, "unknown column `hardware_hash`")]),
        (b"serial,asset\nA,1\nB,2,3\nC,3\n", [(3, "row 3 has 3 cells, the header 2")]),
        (b"serial\ncaf\xe9\n", [(2, "the table is not UTF-8")]),
        (b'"', [(1, "this is no CSV: unexpected end of data")]),
        (b'serial\n"X', [(2, "this is no CSV: unexpected end of data")]),
    ],
)
def test_a_wrong_table_is_refused_by_row(content: bytes, expected: list[tuple[int, str]]) -> None:
    assert findings("csv", content) == expected


def test_a_wrong_value_in_a_table_has_its_row_and_column() -> None:
    with pytest.raises(spec.SpecError) as caught:
        spec.parse(
            {"f.yaml": f"{HEAD}headsets: {{csv: t.csv}}\n"}, {"t.csv": b"serial,autopilot\nA1,true\nA 2,maybe\n"}
        )
    serial, autopilot = caught.value.findings
    assert (str(serial.position), str(autopilot.position)) == ("t.csv:3:1", "t.csv:3:5")
    assert serial.summary.startswith("headsets[1].serial: `A 2` where a serial number")
    assert autopilot.summary == "headsets[1].autopilot: `maybe` where true or false is expected"


def test_hardware_hashes_are_read_and_say_whether_they_are_registered() -> None:
    text = f"{HEAD}headsets: {{hardware_hashes: [t.csv], registered: true}}\n"
    table = f"{FULL_HEADER}\n003421700101,,{HASH},field,\n".encode()
    (headset,) = spec.parse({"f.yaml": text}, {"t.csv": table}).model.headsets
    assert headset.serial == "003421700101"
    assert headset.hardware_hash == HASH
    assert headset.group_tag == "field"
    assert headset.autopilot is True


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [(1, "the header is not that of a file of hardware hashes")]),
        (
            b"Device Serial Number,Windows Product ID,hardware hash\n",
            [(1, "the header is not that of a file of hardware hashes")],
        ),
        (
            b"\xef\xbb\xbfDevice Serial Number,Windows Product ID,Hardware Hash\n",
            [(1, "a file of hashes must be plain ASCII text")],
        ),
        (f'{FULL_HEADER}\n"A1",,{HASH},,\n'.encode(), [(2, "row 2: quotation marks are not allowed")]),
        (f"{FULL_HEADER}\nA1,,{HASH}\n".encode(), [(2, "row 2: 3 cells where the header has 5")]),
        (
            f"{FULL_HEADER}\nA1,,{HASH},,\nA2,,###,,\n".encode(),
            [(3, "row 3: the hardware hash is not base64, also not when it is padded")],
        ),
    ],
)
def test_a_file_of_hashes_that_the_service_would_refuse_is_refused(
    content: bytes, expected: list[tuple[int, str]]
) -> None:
    assert findings("hardware_hashes", content) == expected


def test_a_file_of_hashes_holds_at_most_500_rows() -> None:
    rows = "".join(f"A{i},,{HASH},,\n" for i in range(501))
    assert findings("hardware_hashes", f"{FULL_HEADER}\n{rows}".encode()) == [(502, "more than 500 rows")]


@pytest.mark.parametrize("size", [3, 4, 5, 200])
def test_missing_padding_is_repaired_so_that_the_bytes_stay(size: int) -> None:
    content = bytes(range(size))
    whole = base64.b64encode(content).decode()
    repaired = padded(whole.rstrip("="))
    assert repaired is not None
    assert base64.b64decode(repaired, validate=True) == content
    assert padded("====") is None


def test_a_hash_never_stands_in_a_message() -> None:
    with pytest.raises(spec.SpecError) as caught:
        spec.parse({"f.yaml": f"{HEAD}headsets:\n  - {{serial: A1, hardware_hash: [{HASH}]}}\n"})
    assert HASH not in repr(caught.value.findings)


def test_a_table_with_very_many_columns_is_refused_as_a_whole() -> None:
    ((line, summary),) = findings("csv", b"serial" + b",x" * 50_000 + b"\n")
    assert (line, summary) == (1, "more than 100 columns")

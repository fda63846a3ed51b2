"""Files of hardware hashes: what is read, mended, joined, split, and refused by row."""

from __future__ import annotations

import base64
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holofleet.formats import autopilot_csv
from holofleet.formats.autopilot_csv import HEADER, MAX_ROWS, Row, merge, padded, read, render, split

HEAD = ",".join(HEADER)
HASH = base64.b64encode(b"OA" + bytes(range(200))).decode()
OTHER = base64.b64encode(b"OA" + bytes(200)).decode()


def problems(text: str | bytes) -> list[tuple[int, str]]:
    content = text.encode() if isinstance(text, str) else text
    return [(problem.line, problem.summary) for problem in read(content).problems]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("columns", [3, 4, 5])
def test_a_file_as_a_headset_writes_it_is_read(ending: str, columns: int) -> None:
    cells = ["003421800101", "", HASH, "field", "a@contoso.com"][:columns]
    reading = read((",".join(HEADER[:columns]) + ending + ",".join(cells) + ending).encode())
    (row,) = reading.rows
    assert reading.problems == ()
    assert (row.serial, row.hardware_hash, row.line, row.repaired) == ("003421800101", HASH, 2, False)
    assert [row.group_tag, row.assigned_user] == [*cells[3:], "", ""][:2]


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (("\ufeff" + HEAD).encode("utf-8"), 1, "plain ASCII"),
        (HEAD.encode("utf-16"), 1, "plain ASCII"),
        (HEAD.encode("utf-16-be"), 1, "the header is not"),
        (f"{HEAD}\nA1,,{HASH},größe,\n".encode(), 2, "plain ASCII"),
        (b"", 1, "the header is not"),
        (HEAD.lower().encode(), 1, "the header is not"),
        (f"{HEAD},Order\n".encode(), 1, "the header is not"),
        (HEAD.replace(",", ";").encode(), 1, "the header is not"),
        (f'{HEAD}\n"A1",,{HASH},,\n'.encode(), 2, "row 2: quotation marks are not allowed"),
        (f"{HEAD}\nA1,,{HASH},,,\n".encode(), 2, "row 2: 6 cells where the header has 5"),
        (f"{HEAD}\n,,{HASH},,\n".encode(), 2, "row 2: the serial number is empty"),
        (f"{HEAD}\nA1,,###,,\n".encode(), 2, "row 2: the hardware hash is not base64"),
        (f"{HEAD}\nA1,,,,\n".encode(), 2, "row 2: the hardware hash is not base64"),
        (f"{HEAD}\nA1,,{HASH},a\tb,\n".encode(), 2, "row 2: a cell holds a character"),
        (f"{HEAD}\nA1,,{HASH},,\nB1,,{HASH},,\na1,,{HASH},,\n".encode(), 4, "row 4: headset a1 stands in row 2"),
    ],
)
def test_what_the_import_would_refuse_is_named_by_row(content: bytes, line: int, said: str) -> None:
    ((where, summary),) = problems(content)
    assert where == line
    assert said in summary


def test_every_bad_row_is_named_and_the_good_ones_are_kept() -> None:
    reading = read(f"{HEAD}\nA1,,#,,\nA2,,{HASH},,\nA3,,{HASH}\n".encode())
    assert [problem.line for problem in reading.problems] == [2, 4]
    assert [row.serial for row in reading.rows] == ["A2"]


def test_a_file_takes_500_rows_and_not_501() -> None:
    rows = [f"A{n},,{HASH},," for n in range(MAX_ROWS + 1)]
    assert read("\n".join([HEAD, *rows[:-1], "", ""]).encode()).problems == ()
    assert problems("\n".join([HEAD, *rows])) == [(502, "more than 500 rows")]


@pytest.mark.parametrize("missing", [0, 1, 2, 3])
def test_a_hash_that_lost_its_end_is_mended_with_empty_data(missing: int) -> None:
    whole = base64.b64encode(b"OA" + bytes(40)).decode().rstrip("=")
    mended = padded(whole[: len(whole) - missing])
    assert mended is not None
    assert b"OA".ljust(30, b"\x00") == base64.b64decode(mended, validate=True)[:30]


@given(st.binary(min_size=1, max_size=60), st.integers(0, 3))
def test_padding_never_changes_the_bytes_of_a_hash(content: bytes, surplus: int) -> None:
    whole = base64.b64encode(content).decode()
    for spoilt in (whole, whole.rstrip("="), whole.rstrip("=") + "=" * surplus):
        mended = padded(spoilt)
        assert mended is not None
        assert base64.b64decode(mended, validate=True) == content


def test_a_hash_stands_in_no_message_and_no_repr() -> None:
    reading = read(f"{HEAD}\nA1,,{HASH}!,,\nA2,,{HASH},,\n".encode())
    _, differences = merge({"a": reading.rows, "b": (Row("A2", OTHER, line=2),)})
    assert HASH not in repr(reading) + repr(differences)
    assert OTHER not in repr(differences)


def test_the_same_headset_in_two_files_is_one_row_and_keeps_what_either_says() -> None:
    rows, differences = merge({"a": (Row("B", HASH), Row("A", HASH)), "b": (Row("b", HASH, group_tag="field"),)})
    assert differences == {}
    assert [(row.serial, row.group_tag) for row in rows] == [("A", ""), ("B", "field")]


@pytest.mark.parametrize(
    ("later", "what"),
    [(Row("A", OTHER, line=9), "hardware hash"), (Row("A", HASH, group_tag="y", line=9), "group tag")],
)
def test_two_files_that_disagree_about_a_headset_are_named(later: Row, what: str) -> None:
    _, differences = merge({"a.csv": (Row("A", HASH, group_tag="x", line=4),), "b.csv": (later,)})
    ((name, (problem,)),) = differences.items()
    assert (name, problem.line) == ("b.csv", 9)
    assert problem.summary == f"headset A has another {what} in a.csv, row 4"


SERIALS = st.text("ABC0123456789.-", min_size=1, max_size=20)
CELLS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters='",'), max_size=20)
ROWS = st.lists(
    st.builds(
        Row,
        SERIALS,
        st.binary(min_size=1, max_size=40).map(lambda b: base64.b64encode(b).decode()),
        group_tag=CELLS,
        assigned_user=CELLS,
    ),
    unique_by=lambda row: row.serial.casefold(),
    max_size=8,
)


@given(ROWS)
def test_what_is_written_is_read_again_and_a_csv_parser_agrees(rows: list[Row]) -> None:
    content = render(rows)
    again = read(content)
    assert again.problems == ()
    assert [(r.serial, r.hardware_hash, r.group_tag, r.assigned_user) for r in again.rows] == [
        (r.serial, r.hardware_hash, r.group_tag, r.assigned_user) for r in rows
    ]
    listed = list(csv.reader(io.StringIO(content.decode("ascii"))))
    assert listed[0] == list(HEADER)
    assert [cells[0] for cells in listed[1:]] == [row.serial for row in rows]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_a_fault_of_ours(content: bytes) -> None:
    assert read(content).problems
    read((HEAD + "\n").encode() + content)


def test_pieces_hold_500_rows_and_nothing_is_lost() -> None:
    rows = [Row(f"A{n:05d}", HASH) for n in range(1201)]
    pieces = list(split(rows))
    assert [len(piece) for piece in pieces] == [500, 500, 201]
    assert [row for piece in pieces for row in piece] == rows


@pytest.mark.parametrize("tag", ['a"b', "a,b", "a\nb", "ä"])
def test_a_cell_that_such_a_file_cannot_hold_is_never_written(tag: str) -> None:
    assert not autopilot_csv.usable(tag)
    with pytest.raises(ValueError, match="cannot be written"):
        render([Row("A", HASH, group_tag=tag)])

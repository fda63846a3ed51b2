"""Hardware hashes among the rendered files."""

from __future__ import annotations

import base64

from holofleet import desired, spec
from holofleet.formats import autopilot_csv

HASH = base64.b64encode(b"OA" + bytes(range(90))).decode()
FLEET = """\
holofleet: 1
organization: {name: Contoso, country: US}
tenant: {id: 11111111-1111-4111-8111-111111111111, domain: contoso.com, edition: P1}
headsets: {hardware_hashes: [h.csv], registered: true}
deployments:
  - name: line
    scenario: cloud-connected
    headsets: all
    enrollment: {first_account: none, autopilot: {profile: field, group_tag: line 1}}
"""


def test_hashes_are_written_by_group_tag_and_a_headsets_own_tag_counts() -> None:
    table = f"{','.join(autopilot_csv.HEADER)}\nB,,{HASH.rstrip('=')},,\nA,,{HASH},own,\nC,,{HASH},,\n".encode()
    state = desired.compile(spec.parse({"f.yaml": FLEET}, {"h.csv": table}), target="files")
    found = {
        path: [(row.serial, row.group_tag) for row in autopilot_csv.read(state.contents[file.sha256]).rows]
        for path, file in state.files.items()
        if path.startswith("autopilot/")
    }
    assert found == {
        "autopilot/line_1-1.csv": [("B", "line 1"), ("C", "line 1")],
        "autopilot/own-1.csv": [("A", "own")],
    }


def test_only_the_files_target_gets_files() -> None:
    table = f"{','.join(autopilot_csv.HEADER)}\nB,,{HASH},,\n".encode()
    parsed = spec.parse({"f.yaml": FLEET}, {"h.csv": table})
    assert not desired.compile(parsed, target="server").files
    assert HASH not in desired.compile(parsed, target="files").render()

"""The data files: in their canonical form, speaking of published sources only, and loaded only when needed."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from holofleet import catalog
from holofleet.catalog import reading

NAMES = reading.names()


@pytest.mark.parametrize("name", NAMES)
def test_a_data_file_stands_in_its_canonical_form(name):
    assert reading.text(name) == reading.render(reading.read(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_data_file_names_published_sources_and_no_files(name):
    text = reading.text(name)
    assert not re.search(r"[a-z0-9-]\.(?:md|yaml)\b(?!\.mp\.)", text)
    assert not re.search(r"\[[MPTNR]\]|enrol(?!l)|licen[c]e", text)


def test_nodes_stand_in_the_file_of_their_csp_or_area_in_order():
    for name in reading.names("nodes"):
        uris = [row["uri"] for row in reading.read(name)]
        assert uris == sorted(uris)
        group = name.rpartition("/")[2]
        assert all(catalog.nodes().find(uri).area == group for uri in uris)


def test_every_source_is_cited_and_every_citation_is_a_source():
    cited: set[str] = set()
    for name in NAMES:
        if name != "sources":
            text = reading.text(name)
            cited |= set(re.findall(r'"(?:source|teams_bitrates_source)": "([^"]+)"', text))
            for found in re.findall(r'"sources": (\[[^\]]*\])', text):
                cited |= set(json.loads(found))
    assert cited == set(catalog.sources())
    assert str(catalog.sources()["release-notes"]) == "'HoloLens 2 release notes' (Microsoft, 2024-03-27)"


def test_looking_up_a_node_reads_no_statement():
    code = (
        "from holofleet import catalog\n"
        "from holofleet.catalog import reading\n"
        "opened = []\n"
        "genuine = reading.read\n"
        "reading.read = lambda name: opened.append(name) or genuine(name)\n"
        "assert catalog.nodes().find('./DevDetail/SwV')\n"
        "assert opened\n"
        "assert all(name.startswith(('nodes/', 'unsupported')) for name in opened), opened\n"
        "count = len(opened)\n"
        "catalog.nodes().find('./DevInfo/DevId')\n"
        "assert len(opened) == count\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)

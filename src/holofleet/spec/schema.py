"""JSON Schema (draft 2020-12) of the fleet file, for editors: descriptions, examples, rules."""

from __future__ import annotations

from typing import Any

from holofleet.spec.model.fleet_file import FleetFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema; the same version gives the same bytes once rendered."""
    found = FleetFile.model_json_schema(by_alias=True, mode="validation")
    found["properties"]["holofleet"] = {
        "description": found["properties"]["holofleet"]["description"],
        "enum": [1, "1"],
    }
    table = {"type": "object", "additionalProperties": False}
    listed = found["properties"]["headsets"]
    file = {"type": "string"}
    tables = [
        {**table, "properties": {"csv": file}, "required": ["csv"]},
        {
            **table,
            "properties": {
                "hardware_hashes": {"anyOf": [file, {"type": "array", "items": file}]},
                "registered": {"type": "boolean"},
            },
            "required": ["hardware_hashes"],
        },
    ]
    items = {"type": "array", "items": {"anyOf": [listed["items"], *tables]}}
    shown = {key: value for key, value in listed.items() if key not in ("type", "items", "default")}
    found["properties"]["headsets"] = {**shown, "anyOf": [items, *tables]}
    choice = found["$defs"]["HeadsetChoice"]
    found["$defs"]["HeadsetChoice"] = {
        "description": choice.pop("description"),
        "anyOf": [{"const": "all"}, {"type": "array", "items": {"type": ["string", "number"]}}, choice],
    }
    for name, short in (
        ("AssignedLicense", {"type": "string"}),
        ("Members", {"type": "array", "items": {"type": "string"}}),
    ):
        whole = found["$defs"][name]
        found["$defs"][name] = {"description": whole.pop("description"), "anyOf": [short, whole]}
    return {"$schema": DIALECT, "$id": "urn:holofleet:fleet-file:1", **found}

"""The model itself: every key explains itself, its example fits, and the JSON Schema and the page know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from fleets import HEAD, SMALL
from pydantic import TypeAdapter, ValidationError

from holofleet import catalog, spec
from holofleet.spec import reference
from holofleet.spec.model.deployment import Deployment, DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.yaml_text import read_yaml

PAGE = Path(__file__).parents[3] / "docs" / "fleet-file.md"
MODELS = dict(reference._models())
KEYS = [(model, name) for model in MODELS for name in model.model_fields]


@pytest.mark.parametrize(("model", "name"), KEYS, ids=[f"{MODELS[model]}.{name}" for model, name in KEYS])
def test_a_key_has_a_sentence_an_example_that_fits_and_a_rule_that_exists(model: Any, name: str) -> None:
    field = model.model_fields[name]
    assert field.description.endswith(".")
    extra = field.json_schema_extra
    raw, faults = read_yaml(f"{field.alias or name}: {extra['x-example']}\n")
    assert faults == ()
    assert isinstance(raw, dict)
    hint = get_type_hints(model, include_extras=True)[name]
    adapter: TypeAdapter[Any] = TypeAdapter(hint)
    adapter.validate_python(raw[field.alias or name])
    rule = extra.get("x-rule", "")
    assert rule in ("", "holofleet") or rule in catalog.statements()


def test_the_page_holds_every_key_of_the_model() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert reference.written_into(page) == page
    sections = {part.split("`")[1]: part for part in page.split("\n### ")[1:] if part.startswith("`")}
    for path, key in reference.all_keys():
        assert f"| `{key}` |" in (sections[path] if path else page), f"{path}.{key}"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        reference.written_into("# nothing")


def test_everything_is_frozen_and_refuses_unknown_keys() -> None:
    for model in MODELS:
        assert model.model_config.get("frozen") is True
        assert model.model_config.get("extra") == "forbid"
    model = spec.parse({"f": SMALL}).model
    with pytest.raises(ValidationError):
        model.holofleet = "2"  # type: ignore[assignment]


def test_no_key_of_deployment_settings_has_a_hidden_default() -> None:
    for name, field in DeploymentSettings.model_fields.items():
        assert field.default is None, name


def test_the_schema_is_json_schema_2020_12_and_always_the_same() -> None:
    first, second = json.dumps(spec.schema()), json.dumps(spec.schema())
    assert first == second
    schema = json.loads(first)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(FleetFile.model_fields)
    deployment = schema["$defs"]["Deployment"]
    assert set(deployment["properties"]) == {f.alias or n for n, f in Deployment.model_fields.items()}
    assert set(schema["$defs"]["Kiosk"]["properties"]) >= {"for", "except"}


def test_every_property_of_the_schema_says_what_it_means() -> None:
    schema = spec.schema()
    for name, definition in [("root", schema), *schema["$defs"].items()]:
        shapes = [definition, *definition.get("anyOf", [])]
        for shape in shapes:
            for key, value in shape.get("properties", {}).items():
                assert value.get("description"), f"{name}.{key}"


def test_every_reference_inside_the_schema_resolves() -> None:
    schema = spec.schema()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].removeprefix("#/$defs/") in schema["$defs"]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(schema)


@pytest.mark.parametrize(
    "line",
    [
        "    kiosk: {apps: [camera, camera]}",
        "    kiosk: {apps: [camera], auto_launch: edge}",
        "    kiosk: {profiles: [{apps: [camera]}]}",
        "    kiosk: {profiles: [{visitors: true, user: admin@contoso.com, apps: [camera]}]}",
        "    kiosk: {profiles: [{visitors: true, single_app: true, apps: [camera, edge]}]}",
        "    app_control: {deny: [edge], allow: [edge]}",
        "    app_control: {deny: [edge], policy_file: p.xml}",
        "    settings_pages: {show: [network], hide: [reset]}",
        "    settings_pages: {show: []}",
        "    updates: {active_hours: {start: 7, end: 7}}",
        "    updates: {install: {time: '03:30'}}",
        "    updates: {build: '23H2'}",
        "    accounts: {certificate: {issuer_name: CN=A, issuer_thumbprint: ab}}",
        "    accounts: {name: plain-name-without-end}}",
        "    accounts: {name: 'hl-{{asset}'}",
        "    reconnect: {every: 12h}",
        "    reconnect: {window: 15d}",
        "    headsets: {prefix: A, site: b}",
        "    settings: [{oma_uri: ./Vendor/MSFT/A, value: [1]}]",
        "    settings: [{oma_uri: ./Vendor/MSFT/A}]",
        "    settings: [{oma_uri: ./Vendor/MSFT/A, value: 1, secret: env:HOLOFLEET_SECRET_A}]",
        "    settings: [{oma_uri: ./Vendor/MSFT/../A, value: 1}]",
        "    settings: [{oma_uri: /etc/passwd, value: 1}]",
        "    enrollment: {autopilot: {profile: x, device_name: a-name-that-is-too-long}}",
    ],
)
def test_keys_that_do_not_go_together_are_refused(line: str) -> None:
    with pytest.raises(spec.SpecError):
        spec.parse({"f": f"{SMALL}{line}\n"})


def test_a_raw_setting_keeps_its_value_as_it_was_written_and_its_uri_in_normal_form() -> None:
    raw = "{oma_uri: ./Vendor/MSFT/A/B, value: 007}, {oma_uri: ./User/Vendor/MSFT/C, value: ''}"
    found = spec.parse({"f": f"{SMALL}    settings: [{raw}]\n"})
    first, second = found.deployments()[0].settings.settings or ()
    assert (first.oma_uri, first.value) == ("./Device/Vendor/MSFT/A/B", "007")
    assert (second.oma_uri, second.value) == ("./User/Vendor/MSFT/C", "")


def test_loans_go_forward_in_time() -> None:
    loan = "clients: [{name: fabrikam}]\nheadsets: [{serial: A1}]\n"
    loan += "loans: [{client: fabrikam, headsets: [A1], ships: 2026-12-07, returns: 2026-12-06}]\n"
    with pytest.raises(spec.SpecError, match="not before the shipping day"):
        spec.parse({"f": HEAD + loan})


def test_a_group_licence_may_be_a_word_or_a_mapping() -> None:
    text = (
        SMALL
        + "groups: [{name: g, licenses: [AAD_PREMIUM, {sku: SPE_E3, disabled_plans: [EXCHANGE_S_STANDARD]}]}]\n"
    )
    licenses = spec.parse({"f": text}).model.groups[0].licenses
    assert [item.sku for item in licenses] == ["AAD_PREMIUM", "SPE_E3"]
    assert licenses[1].disabled_plans == ("EXCHANGE_S_STANDARD",)


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(spec.SpecError, match="a time zone by its IANA name"):
        spec.parse({"f": SMALL.replace("America/Chicago", "America/Chicagoo")})

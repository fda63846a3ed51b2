"""The reference of the fleet file, written from the model: every key with type, default, unit, example, rule.

``docs/fleet-file.md`` holds it between two marks; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from holofleet.spec import values
from holofleet.spec.model import deployment, identity, organization
from holofleet.spec.model.base import OneOrMany
from holofleet.spec.model.deployment import Deployment, DeploymentSettings
from holofleet.spec.model.fleet_file import FleetFile
from holofleet.spec.scenarios import SCENARIOS
from holofleet.spec.translation import models_in

BEGIN, END = "<!-- keys: written from the model -->", "<!-- end of keys -->"

_KINDS: tuple[tuple[Any, str], ...] = (
    (values.Name, "name"),
    (values.Serial, "serial number"),
    (values.UPN, "UPN"),
    (values.UPNOrNone, "UPN or `none`"),
    (values.Domain, "domain"),
    (values.Guid, "GUID"),
    (values.Country, "country"),
    (values.FileName, "file"),
    (values.Host, "host"),
    (values.HostPort, "host:port"),
    (values.Url, "URL"),
    (values.AppName, "app"),
    (values.PageName, "page"),
    (values.Version, "version"),
    (values.BuildText, "build"),
    (values.BuildOrNewest, "build or `newest-known`"),
    (values.RuleId, "rule"),
    (values.SKU, "SKU"),
    (values.Hour, "hour"),
    (values.Text, "text"),
    (values.SecretReference, "secret reference"),
    (identity.DaysOrNever, "days or `never`"),
    (identity.Users, "`per-headset` or list of UPN"),
    (identity.Template, "template"),
    (organization.TimeZone, "time zone"),
    (deployment.OmaUri, "OMA-URI"),
    (OneOrMany[deployment.Scenario], "scenario or list of scenarios"),
)
_PLAIN = {bool: "true or false", int: "whole number", float: "number", str: "text", date: "day"} | {
    time: "time of day",
    timedelta: "duration",
}


def render() -> str:
    """Return the reference in Markdown; the same model gives the same text."""
    parts = [_section(model, path) for model, path in _models()]
    parts.extend(_scenario(name) for name in SCENARIOS)
    return "\n".join(parts)


def written_into(page: str) -> str:
    """Return a page with the reference between its two marks.

    Raises:
        ValueError: the page has no such marks.
    """
    before, mark, rest = page.partition(BEGIN)
    _, end_mark, after = rest.partition(END)
    if not (mark and end_mark):
        raise ValueError(f"the page has no marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{render()}\n{END}{after}"


def all_keys() -> Iterator[tuple[str, str]]:
    """Yield every key of the model once: the heading of its section, and the key."""
    for model, path in _models():
        for name, field in _own_fields(model):
            yield path, field.alias or name


def _own_fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        if model is not Deployment or name not in DeploymentSettings.model_fields:
            yield name, field


def _models() -> list[tuple[type[BaseModel], str]]:
    """Return every model with the path where it stands first, the root first."""
    found: dict[type[BaseModel], str] = {}

    def visit(model: type[BaseModel], path: str) -> None:
        if model in found:
            return
        found[model] = path
        for name, field in _own_fields(model):
            below = f"{path}.{field.alias or name}".lstrip(".")
            for inner in models_in(field.annotation):
                visit(inner, below + ("[]" if tuple in _origins(field.annotation) else ""))

    visit(FleetFile, "")
    return list(found.items())


def _origins(annotation: Any) -> set[Any]:
    return {get_origin(annotation), *(get_origin(part) for part in get_args(annotation))}


def _section(model: type[BaseModel], path: str) -> str:
    first = (model.__doc__ or "").strip().splitlines()[0]
    lines = [f"### {f'`{path}`' if path else 'Top level'}", "", first, ""]
    if model is Deployment:
        lines[2:3] = [f"{first} Also every key of `defaults`."]
    lines += ["| key | type | default | example | rule | meaning |", "|---|---|---|---|---|---|"]
    hints = get_type_hints(model, include_extras=True)
    for name, field in _own_fields(model):
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        unit = f", {extra['x-unit']}" if "x-unit" in extra else ""
        cells = (
            f"`{field.alias or name}`",
            type_name(hints[name]) + _limits(field.metadata) + unit,
            "required" if field.is_required() else _default(field.default),
            f"`{extra.get('x-example', '')}`",
            str(extra.get("x-rule", "")),
            str(field.description),
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _default(value: Any) -> str:
    if value is None or value == () or isinstance(value, BaseModel):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _limits(metadata: list[Any]) -> str:
    words = {"ge": "from {}", "gt": "above {}", "le": "to {}", "max_length": "at most {} long"}
    found = [
        text.format(getattr(item, name))
        for item in metadata
        for name, text in words.items()
        if hasattr(item, name)
    ]
    shown = [text for text in found if str(values.MAX_TEXT) not in text]
    return f" {' '.join(shown)}" if shown else ""


def type_name(hint: Any) -> str:
    """Say a type in the words of the page."""
    for kind, name in _KINDS:
        if hint == kind:
            return name
    if get_origin(hint) is Literal:
        return " | ".join(f"`{word}`" for word in get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " | ".join(f"`{word}`" for word in hint)
    if isinstance(hint, type):
        return "mapping" if issubclass(hint, BaseModel) else _PLAIN[hint]
    arguments = [part for part in get_args(hint) if part not in (NoneType, Ellipsis)]
    if get_origin(hint) is tuple:
        return f"list of {type_name(arguments[0])}"
    return type_name(arguments[0])


def _scenario(name: str) -> str:
    preset = SCENARIOS[name]
    base = f" Builds on `{preset.base}`." if preset.base else ""
    lines = [f"### Scenario `{name}`", "", f"'{preset.title}' (Microsoft, 2024-06-27).{base}", ""]
    lines += ["| key | value | rule |", "|---|---|---|"]
    for key, default in preset.values.items():
        value = default.value if isinstance(default.value, str) else f"[{', '.join(default.value)}]"
        lines.append(f"| `{key}` | `{value}` | {default.rule} |")
    return "\n".join([*lines, ""])

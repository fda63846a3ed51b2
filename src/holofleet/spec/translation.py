"""Turns what the model refuses into faults: what was read, what is expected, an example, the nearest known key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from holofleet.spec.faults import MAX_FINDINGS, Faults, shown_path
from holofleet.spec.yaml_text import Path

_ABSENT = object()
_SECRET_WORDS = ("password", "psk", "secret", "token", "hash", "private")
_LIMITS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "less than {lt}",
    "string_too_long": "a text of at most {max_length} characters",
    "string_too_short": "a text of at least {min_length} characters",
    "too_short": "at least {min_length} entries",
    "too_long": "at most {max_length} entries",
}
_SHAPES = {
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "dict_type": "a mapping of keys",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text",
}


def report(error: ValidationError, raw: Any, model: type[BaseModel], faults: Faults, *, base: Path = ()) -> None:
    """Add one fault per thing that ``model`` refused in ``raw``.

    Args:
        error: What pydantic found, all at once.
        raw: The value that was validated, texts as they were read.
        model: Model at the root of ``raw``.
        faults: Where to put them.
        base: Path of ``raw`` in the fleet file.
    """
    items = error.errors(include_url=False, include_input=False)[: 2 * MAX_FINDINGS]
    located = [(*_locate(raw, item["loc"]), item) for item in items]
    above = {path[:length] for path, _, _ in located for length in range(len(path))}
    seen: set[tuple[Path, str]] = set()
    for path, leftover, item in located:
        union_branch = bool(leftover) and item["type"] not in ("missing", "kind", "secret")
        if union_branch and path in above:
            continue
        mark = (path, leftover[-1] if item["type"] == "missing" and leftover else "")
        if mark in seen:
            continue
        seen.add(mark)
        _report_one(item, path, leftover, raw, model, faults, base)
    if not seen:  # what the model refuses never passes in silence, however it said so
        faults.add("file/wrong-value", base, f"{shown_path(base)} does not fit", detail=items[0]["msg"])


def _locate(raw: Any, loc: Sequence[str | int]) -> tuple[Path, tuple[str, ...]]:
    """Return the part of a location that exists in the value, and the names that do not."""
    path: list[str | int] = []
    leftover: list[str] = []
    for part in loc:
        inner = raw.get(part, _ABSENT) if isinstance(raw, dict) else _ABSENT
        if isinstance(raw, (list, tuple)) and isinstance(part, int) and part < len(raw):
            inner = raw[part]
        if inner is _ABSENT:
            leftover.append(str(part))
        else:
            raw = inner
            path.append(part)
    return tuple(path), tuple(leftover)


def _report_one(
    item: Any, path: Path, leftover: tuple[str, ...], raw: Any, model: type[BaseModel], faults: Faults, base: Path
) -> None:
    kind, context = item["type"], item.get("ctx", {})
    full = (*base, *path)
    if kind == "extra_forbidden":
        _report_unknown(path, model, faults, full)
        return
    if kind == "missing":
        name = leftover[-1] if leftover else ""
        field = field_at(model, (*path, name))
        example = _example(field)
        faults.add(
            "file/missing-key",
            full,
            f"{shown_path((*full, name))} is missing",
            detail=(field.description or "") if field else "",
            mend=f"Write `{name}: {example}`." if example else f"Write `{name}`.",
        )
        return
    field = field_at(model, path)
    expected, example, hint = _expected(kind, context, item["msg"])
    value = value_at(raw, path)
    last = path[-1] if path else ""
    if not example or not (isinstance(last, int) or isinstance(value, dict)):
        example = _example(field) or example
    mend = hint
    if kind in ("literal_error", "enum") and isinstance(value, str):
        close = faults.suggest(value, _choices(context))
        mend = f"Did you mean `{close}`?" if close else ""
    if example and not mend.startswith("Write "):
        shown = f"{last}: {example}" if isinstance(last, str) and last else example
        mend = f"{mend} For example `{shown}`.".strip()
    faults.add(
        "file/secret" if kind == "secret" else "file/wrong-value",
        full,
        f"{shown_path(full)}: {described(value, full, secret=kind == 'secret')} where {expected} is expected",
        detail=(field.description or "") if field else "",
        mend=mend,
    )


def _report_unknown(path: Path, model: type[BaseModel], faults: Faults, full: Path) -> None:
    name = str(path[-1])
    owner = model_at(model, path[:-1])
    known = keys_of(owner) if owner else []
    close = faults.suggest(name, known)
    faults.add(
        "file/unknown-key",
        full,
        f"unknown key `{name[:80]}`" + (f" in {shown_path(full[:-1])}" if full[:-1] else ""),
        detail=f"Known here: {', '.join(known)}." if known else "",
        mend=f"Did you mean `{close}`?" if close else "Remove it, or correct its spelling.",
    )


def _expected(kind: str, context: dict[str, Any], message: str) -> tuple[str, str, str]:
    if kind in ("kind", "secret"):
        return str(context["expected"]), str(context.get("example", "")), str(context.get("hint", ""))
    if kind in ("literal_error", "enum"):
        return f"one of {context.get('expected', '')}", "", ""
    if kind in _LIMITS:
        return _LIMITS[kind].format_map({**context}), "", ""
    if kind in _SHAPES:
        return _SHAPES[kind], "", ""
    return message[:1].lower() + message[1:], "", ""


def _choices(context: dict[str, Any]) -> list[str]:
    return [part.strip(" '") for part in str(context.get("expected", "")).replace(" or ", ",").split(",")]


def described(value: Any, path: Path, *, secret: bool = False) -> str:
    """Say what was read, without repeating anything that may be a secret."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if value == "":
        return "nothing"
    if secret or any(word in str(part).lower() for part in path for word in _SECRET_WORDS):
        return "a text"
    text = str(value)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def value_at(raw: Any, path: Path) -> Any:
    """Return what stands at a path that exists."""
    for part in path:
        raw = raw[part]
    return raw


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys of a model as the file spells them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation holds, through optional, list and annotated types."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model whose keys stand at a path."""
    for part in path:
        if isinstance(part, int):
            continue
        field = _field(model, part)
        inner = models_in(field.annotation) if field else []
        if not inner:
            return None
        model = inner[0]
    return model


def field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """Return the declaration of the key at a path, or of the list that an item stands in."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return None
    owner = model_at(model, tuple(names[:-1]))
    return _field(owner, names[-1]) if owner else None


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    for own, field in model.model_fields.items():
        if name == (field.alias or own):
            return field
    return None


def _example(field: FieldInfo | None) -> str:
    extra = field.json_schema_extra if field else None
    return str(extra.get("x-example", "")) if isinstance(extra, dict) else ""

"""How the model declares its keys: frozen, no unknown keys, every key with a sentence, an example and its rule.

A key that a deployment may leave out is ``None`` when nobody said anything: no preset hides in the model itself;
presets live in :mod:`holofleet.spec.scenarios`, each with the rule that it comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler, JsonValue
from pydantic_core import CoreSchema

from holofleet.spec.values import refuse


class Model(BaseModel):
    """Base of everything in a fleet file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False)


def key(
    description: str,
    *,
    example: str,
    default: Any = None,
    rule: str = "",
    unit: str = "",
    alias: str | None = None,
    **limits: Any,
) -> Any:
    """Declare a key.

    Args:
        description: What it means, in a sentence.
        example: How it is written in YAML, without the key.
        default: What holds when it is left out; ``...`` makes the key required.
        rule: Guide statement or source behind it.
        unit: Unit of a number.
        alias: Name in the file where it cannot be a Python name.
        limits: Limits as pydantic knows them (``ge``, ``le``, ``min_length``, ``max_length``).
    """
    extra: dict[str, JsonValue] = {"x-example": example}
    extra |= ({"x-rule": rule} if rule else {}) | ({"x-unit": unit} if unit else {})
    return Field(default, description=description, alias=alias, json_schema_extra=extra, **limits)


_M = TypeVar("_M", bound=BaseModel)


class _Words:
    """Lets a key hold a word instead of a mapping or list: the schema then shows both."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"enum": list(self.words)}, handler(schema)]}


def or_word(word: str, becomes: Callable[[], Any]) -> tuple[BeforeValidator, _Words]:
    """Return annotations that read ``word`` as what ``becomes`` returns."""

    def read(value: object) -> object:
        if value == word:
            return becomes()
        if isinstance(value, str):
            raise refuse(f"{word}, or the keys below it", word)
        return value

    return BeforeValidator(read), _Words(word)


class _OneOrMany:
    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [many["items"], many]}


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) and value else value


_T = TypeVar("_T")
OneOrMany = Annotated[tuple[_T, ...], BeforeValidator(_listed), _OneOrMany()]
"""One thing, or a list of them."""

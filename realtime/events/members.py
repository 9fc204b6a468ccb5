"""Reads the fields of a closed type: what each is called on the wire, and which JSON fits it.

An annotation says more than a type: `Annotated[int, "What it means.", Bounds(0, 9)]`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from hucares.serializers import camelize

Schema = dict[str, Any]

SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest that a whole number may be."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """The only texts that there are. Asked for when they are needed: some are known once every app is loaded."""

    texts: Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Member:
    """One field. `kind` is its type without None, which `nullable` stands for."""

    field: str
    name: str
    kind: Any
    nullable: bool
    required: bool
    remarks: tuple[Any, ...]

    def remark(self, kind: type[Any]) -> Any:
        """What its annotation says of this kind: its description if that is `str`. None if it says nothing."""
        return next((remark for remark in self.remarks if isinstance(remark, kind)), None)

    @property
    def schema(self) -> Schema:
        """The JSON Schema of its values."""
        schema = dict(schema_of(self.kind))
        if bounds := self.remark(Bounds):
            schema.update(minimum=bounds.least, maximum=bounds.most)
        if one_of := self.remark(OneOf):
            schema["enum"] = sorted(one_of.texts())
        if self.nullable:
            schema["type"] = [schema["type"], "null"]
        if description := self.remark(str):
            schema["description"] = description
        return schema


def schema_of(kind: Any) -> Schema:
    """The JSON Schema of a type. Raises `TypeError` for one that no event may have."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if origin is Literal and len(arguments) == 1:
        return {**SIMPLE[type(arguments[0])], "const": arguments[0]}
    raise TypeError(f"{kind} has no JSON Schema here")


def object_schema(members: Iterable[Member]) -> Schema:
    """The JSON Schema of an object with these members."""
    members = list(members)
    schema: Schema = {"type": "object", "properties": {member.name: member.schema for member in members}}
    required = [member.name for member in members if member.required]
    return {**schema, "required": required} if required else schema


MEMBERS: dict[type[Any], tuple[Member, ...]] = {}


def members_of(kind: type[Any]) -> tuple[Member, ...]:
    """The fields of a dataclass, in order. Annotations are read once: frames are written by the thousand."""
    if kind not in MEMBERS:
        hints = typing.get_type_hints(kind, include_extras=True)
        required = {field.name: field.default is MISSING for field in fields(kind)}
        MEMBERS[kind] = tuple(member_of(name, hints[name], required[name]) for name in required)
    return MEMBERS[kind]


def member_of(field: str, hint: Any, required: bool) -> Member:
    """One field by its annotation."""
    remarks: tuple[Any, ...] = ()
    if typing.get_origin(hint) is Annotated:
        hint, *rest = typing.get_args(hint)
        remarks = tuple(rest)
    choices = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    (kind,) = (choice for choice in choices if choice is not type(None))
    return Member(field, camelize(field), kind, len(choices) > 1, required, remarks)

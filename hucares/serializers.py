"""Serializers that speak the contract's JSON: camelCase keys, strict types, and a fast way out."""

from __future__ import annotations

import functools
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from rest_framework import serializers


def camelize(name: str) -> str:
    """`hu_cares_score` → `huCaresScore`."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


class CamelCaseMixin:
    """Fields are declared in snake_case and travel in camelCase; `validated_data` is snake_case again."""

    def get_fields(self) -> dict[str, Any]:
        """The declared fields under their names on the wire."""
        fields: dict[str, Any] = super().get_fields()  # type: ignore[misc]
        renamed = {}
        for name, field in fields.items():
            wire_name = camelize(name)
            if isinstance(field, serializers.SerializerMethodField):
                field.method_name = field.method_name or f"get_{name}"
            elif wire_name != name and field.source is None:
                field.source = name
            renamed[wire_name] = field
        return renamed


class InputSerializer(CamelCaseMixin, serializers.Serializer[Any]):
    """What a client sends. Unknown keys are ignored; read-only ones do not exist here."""


class ClosedInputSerializer(InputSerializer):
    """What a client sends where a key that nobody knows is a mistake, not something to ignore."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated values. Raises `ValidationError`, for unknown keys too."""
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            raise serializers.ValidationError({name: ["There is no such setting."] for name in sorted(unknown)})
        return super().to_internal_value(data)


Getter = Callable[[Any, Any], Any]


class OutputSerializer(CamelCaseMixin, serializers.Serializer[Any]):
    """What a client gets.

    The fields describe the OpenAPI schema; values are handed to the JSON encoder as they are, which knows
    UUIDs, dates and instants, instead of going through every field's `to_representation`.
    A field reads the attribute of its name, or of its `source`; a `SerializerMethodField` calls `get_<name>`.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """A plain dict with camelCase keys."""
        return {name: getter(self, instance) for name, getter in getters_of(type(self))}


@functools.cache
def getters_of(serializer: type[OutputSerializer]) -> tuple[tuple[str, Getter], ...]:
    """(wire name, getter) of each field of a serializer class, worked out once."""
    return tuple((camelize(name), getter_of(name, field)) for name, field in serializer._declared_fields.items())


def getter_of(name: str, field: serializers.Field[Any, Any, Any, Any]) -> Getter:
    """How one declared field reads its value from (serializer, instance)."""
    if isinstance(field, serializers.SerializerMethodField):
        method = field.method_name or f"get_{name}"
        return lambda serializer, instance: getattr(serializer, method)(instance)
    read = attrgetter(field.source or name)
    if isinstance(field, serializers.BaseSerializer):
        return lambda serializer, instance: field.to_representation(read(instance))
    return lambda serializer, instance: read(instance)


class IntegerField(serializers.IntegerField):
    """A JSON integer: no text, no fraction, no boolean."""

    def to_internal_value(self, data: Any) -> int:
        """The number itself. Raises `ValidationError`."""
        if type(data) is not int:
            self.fail("invalid")
        return super().to_internal_value(data)


class BooleanField(serializers.BooleanField):
    """A JSON boolean: `true` or `false`, nothing that looks like one."""

    def to_internal_value(self, data: Any) -> bool:
        """The boolean itself. Raises `ValidationError`."""
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data


class CharField(serializers.CharField):
    """A JSON string, trimmed."""

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises `ValidationError`."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class LineField(CharField):
    """One line of text, such as a name: it stands in subjects of mails, and in the midst of sentences."""

    default_error_messages = {"lines": "Must be one line, without control characters."}

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises `ValidationError`."""
        line = super().to_internal_value(data)
        if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in line):
            self.fail("lines")
        return line


class UUIDField(serializers.UUIDField):
    """A UUID as a JSON string."""

    def to_internal_value(self, data: Any) -> Any:
        """The UUID. Raises `ValidationError`."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)


class DayField(serializers.DateField):
    """A day from 2000 to 2999, so that no arithmetic with it runs off the calendar."""

    default_error_messages = {"range": "Must be a day from 2000-01-01 to 2999-12-31."}

    def to_internal_value(self, data: Any) -> date:
        """The day. Raises `ValidationError`."""
        day = super().to_internal_value(data)
        if not 2000 <= day.year <= 2999:
            self.fail("range")
        return day


class TimezoneField(CharField):
    """The name of an IANA time zone, such as `Europe/Berlin`, at most 50 characters."""

    default_error_messages = {"unknown": "Must be the name of a time zone, such as Europe/Berlin."}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=50, **options)

    def to_internal_value(self, data: Any) -> str:
        """The zone's name. Raises `ValidationError`."""
        name = super().to_internal_value(data)
        if name not in zone_names():
            self.fail("unknown")
        return name


@functools.cache
def zone_names() -> frozenset[str]:
    """Every IANA zone that this machine knows, without the oddities (`localtime`, `Factory`)."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory", "posixrules"})

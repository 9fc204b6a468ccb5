"""The JSON of the import of the old app's check-ins."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from checkins.import_plan import Outcome
from checkins.importing import Report
from hucares.json_members import size_of_member
from hucares.serializers import BooleanField, InputSerializer, OutputSerializer, UUIDField


@extend_schema_field({"oneOf": [{"type": "object", "additionalProperties": True}, {"type": "string"}]})
class DocumentField(serializers.Field[Any, Any, Any, Any]):
    """Whatever JSON there is; its reader judges it."""

    def to_internal_value(self, data: Any) -> Any:
        """The value itself."""
        return data


class ImportInput(InputSerializer):
    """The old app's document, and where it is to go."""

    data = DocumentField(  # type: ignore[assignment]  # a name that serializers have a property of, too
        help_text=(
            "The old app's export, or its keys in localStorage with values as objects or JSON text; or either as text."
        )
    )
    group_id = UUIDField(required=False, help_text="A group of the caller's; without it a private group of one.")
    dry_run = BooleanField(required=False, help_text="Report the same and write nothing.")


def size_of_data(body: bytes, data: Any) -> int:
    """How many bytes `data` has: a text in UTF-8, anything else as it is written in the body."""
    return len(data.encode(errors="surrogatepass")) if isinstance(data, str) else size_of_member(body, "data")


class ImportRowOutput(OutputSerializer):
    """One record of the file, and what has become of it."""

    legacy_id = serializers.CharField(help_text="The old id; one made of the content where there is none to keep.")
    week_start_date = serializers.DateField(
        allow_null=True, help_text="The first day of its period; null where it has no date that can be read."
    )
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    reason = serializers.CharField(allow_null=True, help_text="A sentence; null for what is imported.")


class ImportReportOutput(OutputSerializer):
    """What an import has done, or would do: a row for each record, in the order of the file."""

    dry_run = serializers.BooleanField()
    imported = serializers.SerializerMethodField()
    already_imported = serializers.SerializerMethodField()
    superseded = serializers.SerializerMethodField()
    skipped = serializers.SerializerMethodField()
    group_id = serializers.UUIDField(
        allow_null=True, help_text="Null where there is no such group: it is only made when something is imported."
    )
    rows = ImportRowOutput(many=True)

    def get_imported(self, report: Report) -> int:
        """How many records are check-ins now."""
        return report.count(Outcome.IMPORTED)

    def get_already_imported(self, report: Report) -> int:
        """How many were imported before."""
        return report.count(Outcome.ALREADY_IMPORTED)

    def get_superseded(self, report: Report) -> int:
        """How many gave way to another record of their period."""
        return report.count(Outcome.SUPERSEDED)

    def get_skipped(self, report: Report) -> int:
        """How many cannot be imported."""
        return report.count(Outcome.SKIPPED)

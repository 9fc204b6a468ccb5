"""What migrations do beside a server that serves on."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex


class AddIndexOnline(AddIndex):
    """Adds an index while others write: with PostgreSQL concurrently, so its migration must be `atomic = False`.

    If it is cut off, PostgreSQL keeps an invalid index of the name: drop it, and migrate again.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Add it."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, **concurrently(schema_editor))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Remove it."""
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, **concurrently(schema_editor))


def concurrently(schema_editor: BaseDatabaseSchemaEditor) -> dict[str, Any]:
    """How to say it to PostgreSQL; others have no such way."""
    return {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}

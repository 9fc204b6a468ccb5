from django.db import migrations, models


def make_prefix_index(apps, schema_editor):
    """Serves `lower(username) LIKE 'prefix%'` in any collation. SQLite has no operator classes."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX users_username_prefix ON users (lower(username) text_pattern_ops)")


def drop_prefix_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX users_username_prefix")


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_mail"),
    ]

    operations = [
        # The column stays as it is; the model calls it what it holds.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("user", "avatar_url", "avatar_name"),
                migrations.AlterField(
                    "user",
                    "avatar_name",
                    models.TextField(blank=True, db_column="avatar_url", editable=False, null=True),
                ),
            ],
        ),
        migrations.RunPython(make_prefix_index, drop_prefix_index),
    ]

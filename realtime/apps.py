"""The realtime app."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """The event log and the sockets."""

    name = "realtime"

    def ready(self) -> None:
        """Connect the receivers, and register what recurs, what is stored about people, and for how long."""
        from hucares.backups.afterwards import register_afterwards
        from hucares.worker import register_job
        from realtime import personal_data, presence, pruning, receivers  # noqa: F401

        register_job("sweep sockets", seconds=2, run=presence.sweep)
        register_afterwards("new lives of the logs", lambda: "UPDATE group_logs SET epoch = gen_random_uuid()")

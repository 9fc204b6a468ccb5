"""Uploads in a bucket. Only imported where `MEDIA_STORAGE` names one: the packages are an extra."""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from storages.backends.s3 import S3Storage


class PublicS3Storage(S3Storage):  # type: ignore[misc]
    """Files that everybody may read who knows their address, which is made without asking the service.

    Names are never used twice, so nothing is asked before writing either. A service that is away keeps a request
    waiting for seconds, not minutes; and other makes than Amazon's get no checksums that they may not know.
    """

    def get_default_settings(self) -> dict[str, Any]:
        """Source: django-storages, which has settings of Django for these."""
        patience = Config(
            connect_timeout=3,
            read_timeout=10,
            retries={"total_max_attempts": 2},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        ours = {"querystring_auth": False, "file_overwrite": True, "client_config": patience}
        return {**super().get_default_settings(), **ours}

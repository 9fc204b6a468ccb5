"""What error pages and error mails keep to themselves."""

from __future__ import annotations

import re

from django.views.debug import SafeExceptionReporterFilter


class SecretsFilter(SafeExceptionReporterFilter):
    """Hides the pepper too, and every URL that may hold a password."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|PEPPER|_URL$|DATABASES|CACHES|CHANNEL_LAYERS|EMAIL_HOST|STORAGE",
        flags=re.IGNORECASE,
    )

"""The pages that show the API: Swagger UI and Redoc, with no request to another host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http.response import HttpResponseBase
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView

View = Callable[..., HttpResponseBase]

# Both draw their icons from data: URLs; Redoc styles itself with <style> elements and searches in a worker.
swagger: View = csp_update({"img-src": [SELF, "data:"], "style-src": [SELF, UNSAFE_INLINE]})(
    SpectacularSwaggerView.as_view(url_name="schema")
)
redoc: View = csp_update({"img-src": [SELF, "data:"], "style-src": [SELF, UNSAFE_INLINE], "worker-src": ["blob:"]})(
    SpectacularRedocView.as_view(url_name="schema")
)
schema: Any = SpectacularJSONAPIView.as_view()

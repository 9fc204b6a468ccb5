"""The addresses of the API, and some that fail in every way that a view can fail in."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hucares.errors import ServiceUnavailable
from hucares.urls import urlpatterns as real_urlpatterns

SECRET = "the password is swordfish"
FAULTS: dict[str, type[Exception]] = {
    "fault": RuntimeError,
    "missing": Http404,
    "denied": PermissionDenied,
    "suspicious": SuspiciousOperation,
    "busy": ServiceUnavailable,
}


class FailingView(APIView):
    """A view of REST framework."""

    permission_classes = (AllowAny,)

    def get(self, request: Request, fault: str) -> Response:
        raise FAULTS[fault](SECRET)

    def post(self, request: Request, fault: str) -> Response:
        raise FAULTS[fault](f"{len(request.data)} members were read")


def failing_page(request: HttpRequest, fault: str) -> HttpResponse:
    """A view of Django."""
    raise FAULTS[fault](SECRET)


urlpatterns = [
    path("api/v1/failing-view/<fault>", FailingView.as_view()),
    path("api/v1/failing-page/<fault>", failing_page),
    *real_urlpatterns,
]

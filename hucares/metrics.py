"""What this server counts, for Prometheus: `/metrics`, and what the figures of all rooms share.

A room declares its figures in a `metrics.py` of its own, in `REGISTRY`, and counts where things happen. Labels are few
fixed words: never a person, a group, an address or anything that somebody wrote.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare
from prometheus_client import CollectorRegistry, Metric, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from hucares.encoding import encode
from hucares.envelope import error_envelope
from hucares.errors import code_of_status
from hucares.metrics_folder import VARIABLE
from hucares.states import States

PATH = "/metrics"

# The default registry describes the process that happens to answer, which of several says nothing.
REGISTRY = CollectorRegistry()
STANDING = CollectorRegistry()
STANDING.register(States())
# When each counter began: several processes have no answer to that, so one does not give it either.
disable_created_metrics()  # type: ignore[no-untyped-call]


class MetricsMiddleware:
    """Answers `/metrics`, whatever name it is asked by: Prometheus asks by an address of its own.

    Without `METRICS_TOKEN` there is no such address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The figures, or the rest of the site."""
        if request.path != PATH or not settings.METRICS_TOKEN:
            return self.get_response(request)
        return answer(request)


def answer(request: HttpRequest) -> HttpResponse:
    """The figures for whoever has the token; 401 for everybody else."""
    if not may_read(request.headers.get("Authorization", "")):
        message = "The figures are for holders of the metrics token."
        return refusal(request, 401, message, {"WWW-Authenticate": 'Bearer realm="metrics"'})
    if request.method not in {"GET", "HEAD"}:
        return refusal(request, 405, "The figures can only be read.", {"Allow": "GET, HEAD"})
    return HttpResponse(figures(), content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


def may_read(authorization: str) -> bool:
    """Whether a header holds the token."""
    scheme, _, token = authorization.partition(" ")
    return scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)


def refusal(request: HttpRequest, status: int, message: str, headers: dict[str, str]) -> HttpResponse:
    """The API's failure envelope."""
    envelope = error_envelope(code_of_status(status), message, request.request_id)  # type: ignore[attr-defined]
    return HttpResponse(encode(envelope), status=status, content_type="application/json", headers=headers)


def figures() -> bytes:
    """Every figure in Prometheus's text format: what the processes of this server have counted, and how it stands."""
    counted = REGISTRY
    if VARIABLE in os.environ:
        counted = CollectorRegistry()
        counted.register(EveryProcess(Path(os.environ[VARIABLE])))
    return generate_latest(counted) + generate_latest(STANDING)


class EveryProcess(Collector):
    """The figures in a folder, summed over the processes that keep theirs there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterable[Metric]:
        """The sums. prometheus_client's own way to them fails while a process starts, whose file is still empty."""
        files = [file for file in self.folder.glob("*.db") if has_content(file)]
        summed: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return summed


def has_content(file: Path) -> bool:
    """Whether the file is there and not empty; that of a process that has ended may go at any moment."""
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False

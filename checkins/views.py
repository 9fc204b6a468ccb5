"""`/checkins`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller
from checkins import services
from checkins.access import own_check_in
from checkins.current import current_check_ins
from checkins.filters import CheckInFilter
from checkins.history import history_of
from checkins.import_serializers import ImportInput, ImportReportOutput, size_of_data
from checkins.importing import import_local_storage, refuse_too_large
from checkins.models import CheckIn
from checkins.serializers import (
    CheckInChange,
    CheckInInput,
    CheckInOutput,
    CurrentOutput,
    CurrentQuery,
    GroupListQuery,
    HistoryOutput,
    HistoryQuery,
)
from groups.access import visit
from groups.periods import period_of_day
from hucares.requests import validated


class CheckInViewSet(GenericViewSet[CheckIn]):
    """The caller's own check-ins, and those of the caller's groups."""

    queryset = CheckIn.objects.none()
    serializer_class = CheckInOutput
    filterset_class = CheckInFilter
    lookup_value_converter = "uuid"

    def shown(self, check_in: CheckIn, **options: Any) -> Response:
        """One check-in as the caller sees it."""
        return Response(CheckInOutput(check_in, context={"viewer": self.request.user}).data, **options)

    def shown_page(self, check_ins: Any) -> Response:
        """A page of check-ins as the caller sees them."""
        page = self.paginate_queryset(check_ins)
        return self.get_paginated_response(CheckInOutput(page, many=True, context={"viewer": self.request.user}).data)

    @extend_schema(request=CheckInInput, responses={201: CheckInOutput})
    def create(self, request: Request) -> Response:
        """Check in for the group's open period."""
        check_in = services.submit_check_in(user=caller(request), **validated(CheckInInput, request.data))
        return self.shown(check_in, status=status.HTTP_201_CREATED)

    def list(self, request: Request) -> Response:
        """The caller's own check-ins, the newest first."""
        mine = CheckIn.objects.with_author().filter(user=caller(request))
        return self.shown_page(self.filter_queryset(mine.order_by("-check_in_date", "-pk")))

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One of the caller's own check-ins."""
        return self.shown(own_check_in(caller(request), pk))

    @extend_schema(request=CheckInChange)
    def update(self, request: Request, pk: UUID) -> Response:
        """Change one of the caller's own check-ins while its period is open; what is left out stays."""
        changes = validated(CheckInChange, request.data)
        return self.shown(services.change_check_in(user=caller(request), check_in_id=pk, **changes))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Delete one of the caller's own check-ins, whether its period is open or not."""
        services.delete_check_in(user=caller(request), check_in_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(parameters=[CurrentQuery], responses=CurrentOutput(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def current(self, request: Request) -> Response:
        """Each of the caller's groups: its open period, and the caller's check-in in it."""
        rows = current_check_ins(caller(request), **validated(CurrentQuery, request.query_params))
        return Response(CurrentOutput(rows, many=True, context={"viewer": request.user}).data)

    @extend_schema(parameters=[HistoryQuery], responses=HistoryOutput(many=True), filters=False)
    @action(detail=False)
    def history(self, request: Request) -> Response:
        """How the caller's closed periods went on average, the newest first; those without a check-in are left out.

        With `groupId` the periods are the group's, as they were when the check-ins were made. Without it they are ISO
        weeks in the caller's timezone, over all groups, and a check-in belongs to the week in which it was made.
        """
        past: Any = history_of(caller(request), **validated(HistoryQuery, request.query_params))
        return self.get_paginated_response(HistoryOutput(self.paginate_queryset(past), many=True).data)

    @extend_schema(
        parameters=[GroupListQuery, OpenApiParameter("group_id", UUID, OpenApiParameter.PATH)],
        responses=CheckInOutput(many=True),
        filters=False,
    )
    @action(detail=False, url_path="group/<uuid:group_id>")
    def group(self, request: Request, group_id: UUID) -> Response:
        """What the members of a group checked in with, for one period, the newest first."""
        group = visit(caller(request), group_id).group
        query = validated(GroupListQuery, request.query_params)
        if "period" in query:
            period = period_of_day(query["period"], group.check_in_frequency, group.timezone)
        else:
            period = group.current_period
        check_ins = CheckIn.objects.with_author().of_group(group, period)
        if "user_id" in query:
            check_ins = check_ins.filter(user=query["user_id"])
        return self.shown_page(check_ins.order_by("-submitted_at", "-pk"))

    @extend_schema(request=ImportInput, responses=ImportReportOutput)
    @action(detail=False, methods=["post"], url_path="import")
    def import_history(self, request: Request) -> Response:
        """Import what the old app kept in the browser's localStorage.

        `data` may have at most 2 MiB: an object as it is written in the body, a text as it is without the quotes and
        escapes around it. All of it is imported or nothing, and nobody is told. The same file again changes
        nothing. Without `groupId` it goes to a private group of one: that of an earlier import, if nobody has
        joined it, else a new one.
        """
        body = request.body  # taken first: what has been read as JSON cannot be read again
        wanted = validated(ImportInput, request.data)
        refuse_too_large(size_of_data(body, wanted["data"]))
        report = import_local_storage(user=caller(request), **wanted)
        return Response(ImportReportOutput(report).data)

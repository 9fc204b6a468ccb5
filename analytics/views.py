"""`/analytics`."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller
from analytics import services
from analytics.serializers import (
    ComparisonOutput,
    GroupFiguresOutput,
    InsightOutput,
    OwnQuery,
    PersonalOutput,
    WeeksQuery,
)
from checkins.models import CheckIn
from hucares.requests import validated


class AnalyticsViewSet(GenericViewSet[CheckIn]):
    """Figures about the caller, and about the caller's groups. Each says what it is built on."""

    queryset = CheckIn.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(parameters=[OwnQuery], responses=PersonalOutput)
    @action(detail=False)
    def personal(self, request: Request) -> Response:
        """How the caller has been: every week of the range, averages, trends, streak and participation.

        Weeks are those of the caller's timezone, and a check-in belongs to the week in which it was made. With
        `groupId` all of it is about that group, and the streak counts its periods; without it the streak counts weeks.
        """
        return Response(services.personal_answer(user=caller(request), **validated(OwnQuery, request.query_params)))

    @extend_schema(
        parameters=[WeeksQuery, OpenApiParameter("group_id", UUID, OpenApiParameter.PATH)],
        responses=GroupFiguresOutput,
    )
    @action(detail=False, url_path="group/<uuid:group_id>")
    def group(self, request: Request, group_id: UUID) -> Response:
        """How a group has been, for its members: the same for each of them.

        Weeks are those of the group's timezone, and a check-in belongs to the week in which its period begins.
        Private check-ins count for participation alone; no figure is built on fewer than two people.
        """
        query = validated(WeeksQuery, request.query_params)
        return Response(services.group_answer(user=caller(request), group_id=group_id, **query))

    @extend_schema(parameters=[OwnQuery], responses=ComparisonOutput)
    @action(detail=False)
    def comparison(self, request: Request) -> Response:
        """The caller beside the other members of one group or of all, as far as these share their numbers."""
        return Response(services.comparison_answer(user=caller(request), **validated(OwnQuery, request.query_params)))

    @extend_schema(parameters=[OwnQuery], responses=InsightOutput(many=True))
    @action(detail=False)
    def insights(self, request: Request) -> Response:
        """What the caller's history shows beyond chance, the strongest first; an empty list where it shows nothing.

        Each insight comes from one rule and says what it rests on. With `groupId` it is about that group alone, and
        how the caller's weeks differ from those of the others may be among them.
        """
        return Response(services.insights_answer(user=caller(request), **validated(OwnQuery, request.query_params)))

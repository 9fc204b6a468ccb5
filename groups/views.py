"""`/groups`, and the search for people."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller
from accounts.models import User
from accounts.serializers import UserBriefOutput
from groups import services
from groups.access import visit
from groups.models import Membership, Status
from groups.people import PersonQuerySet, search_people
from groups.serializers import GroupInput, GroupOutput, JoinInput, MemberOutput, SearchQuery
from hucares.requests import validated


class GroupViewSet(GenericViewSet[Membership]):
    """Groups that the caller is in. Any other group is answered as one that does not exist."""

    queryset = Membership.objects.none()
    serializer_class = GroupOutput
    lookup_field = "pk"
    lookup_value_converter = "uuid"

    @extend_schema(request=GroupInput, responses={201: GroupOutput})
    def create(self, request: Request) -> Response:
        """Found a group; the caller is its admin."""
        membership = services.create_group(user=caller(request), **validated(GroupInput, request.data))
        return Response(GroupOutput(membership).data, status=status.HTTP_201_CREATED)

    def list(self, request: Request) -> Response:
        """The groups that the caller is active in, the newest membership first."""
        mine = Membership.objects.active().filter(user=caller(request)).select_related("group")
        page = self.paginate_queryset(mine.order_by("-joined_at", "pk"))
        return self.get_paginated_response(GroupOutput(page, many=True).data)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One group."""
        return Response(GroupOutput(visit(caller(request), pk)).data)

    @extend_schema(request=JoinInput)
    @action(detail=False, methods=["post"])
    def join(self, request: Request) -> Response:
        """Join with an access code, or a public group by its id."""
        return Response(
            GroupOutput(services.join_group(user=caller(request), **validated(JoinInput, request.data))).data
        )

    @extend_schema(responses=MemberOutput(many=True))
    @action(detail=True)
    def members(self, request: Request, pk: UUID) -> Response:
        """Who is in the group, the longest-standing first."""
        group = visit(caller(request), pk).group
        members = group.memberships.filter(status=Status.ACTIVE).select_related("user")
        page = self.paginate_queryset(members.order_by("joined_at", "pk"))
        return self.get_paginated_response(MemberOutput(page, many=True).data)


class PersonViewSet(GenericViewSet[User]):
    """Other people, as far as they let themselves be found."""

    queryset = PersonQuerySet(User).none()
    serializer_class = UserBriefOutput

    @extend_schema(operation_id="users_search", parameters=[SearchQuery])
    def list(self, request: Request) -> Response:
        """People whose username begins with `q`, without regard to case; an exact match first.

        Whoever shows their profile to friends is found by people in the same group, and by anybody who sends the
        whole username.
        """
        found = search_people(searcher=caller(request), **validated(SearchQuery, request.query_params))
        return self.get_paginated_response(UserBriefOutput(self.paginate_queryset(found), many=True).data)

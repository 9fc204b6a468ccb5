"""`/groups`, and the search for people."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.authentication import caller
from accounts.models import User
from accounts.serializers import MessageOutput, UserBriefOutput
from groups import members, services
from groups.access import visit
from groups.discovery import as_seen_by, public_groups
from groups.invitations import invite
from groups.models import Group, Membership, Status
from groups.people import PersonQuerySet, search_people
from groups.serializers import (
    AccessCodeOutput,
    DiscoverQuery,
    GroupInput,
    GroupOutput,
    InviteInput,
    JoinInput,
    MemberInput,
    MemberOutput,
    OwnMembershipInput,
    OwnMembershipOutput,
    SearchQuery,
)
from hucares.requests import address_of, validated


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

    @extend_schema(parameters=[DiscoverQuery], responses=GroupOutput(many=True))
    @action(detail=False)
    def discover(self, request: Request) -> Response:
        """Public groups by name, or those with `q` in their name or description."""
        found = public_groups(user=caller(request), **validated(DiscoverQuery, request.query_params))
        page = as_seen_by(caller(request), cast(list[Group], self.paginate_queryset(found)))  # type: ignore[arg-type]
        return self.get_paginated_response(GroupOutput(page, many=True).data)

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One group."""
        return Response(GroupOutput(visit(caller(request), pk)).data)

    @extend_schema(request=GroupInput(partial=True))
    def update(self, request: Request, pk: UUID) -> Response:
        """Change what is sent; everything left out stays as it is. For admins."""
        changes = validated(GroupInput, request.data, partial=True)
        return Response(GroupOutput(services.update_group(user=caller(request), group_id=pk, **changes)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """End the group: nobody sees it any more. For admins."""
        services.archive_group(user=caller(request), group_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=JoinInput)
    @action(detail=False, methods=["post"])
    def join(self, request: Request) -> Response:
        """Join with an access code, or a public group by its id."""
        wanted = validated(JoinInput, request.data)
        membership = members.join_group(user=caller(request), address=address_of(request), **wanted)
        return Response(GroupOutput(membership).data)

    @extend_schema(request=None, responses=MessageOutput)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: UUID) -> Response:
        """Leave the group; check-ins stay. If its last admin goes, the longest-standing member follows."""
        members.leave_group(user=caller(request), group_id=pk)
        return Response({"message": "You have left the group"})

    @extend_schema(request=InviteInput, responses=MessageOutput)
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: UUID) -> Response:
        """Ask somebody in. By e-mail address the answer is the same whoever has it."""
        invite(user=caller(request), group_id=pk, **validated(InviteInput, request.data))
        return Response({"message": "Invitation sent"})

    @extend_schema(request=None, responses=AccessCodeOutput)
    @action(detail=True, methods=["post"], url_path="access-code")
    def access_code(self, request: Request, pk: UUID) -> Response:
        """Make a new access code; the old one opens nothing any more. For admins."""
        return Response({"accessCode": services.renew_access_code(user=caller(request), group_id=pk)})


class MemberViewSet(GenericViewSet[Membership]):
    """Who is in a group."""

    queryset = Membership.objects.none()
    serializer_class = MemberOutput

    def list(self, request: Request, pk: UUID) -> Response:
        """Who is in the group, the longest-standing first."""
        group = visit(caller(request), pk).group
        present = group.memberships.filter(status=Status.ACTIVE).select_related("user")
        page = self.paginate_queryset(present.order_by("joined_at", "pk"))
        return self.get_paginated_response(MemberOutput(page, many=True).data)

    @extend_schema(request=MemberInput)
    def update(self, request: Request, pk: UUID, member_id: UUID) -> Response:
        """Give a member another role or other permissions, ban somebody, or lift a ban. For admins."""
        changes = validated(MemberInput, request.data)
        member = members.change_member(user=caller(request), group_id=pk, member_id=member_id, **changes)
        return Response(MemberOutput(member).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID, member_id: UUID) -> Response:
        """Take a member out, who may come back. For admins; plain members, also for moderators and whoever may kick."""
        members.remove_member(user=caller(request), group_id=pk, member_id=member_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=OwnMembershipInput, responses=OwnMembershipOutput)
    def update_own(self, request: Request, pk: UUID) -> Response:
        """Hear of this group, or do not."""
        wanted = validated(OwnMembershipInput, request.data)
        return Response(
            OwnMembershipOutput(members.set_notifications(user=caller(request), group_id=pk, **wanted)).data
        )


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

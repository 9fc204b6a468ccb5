"""`/auth` and `/users`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import SuspiciousOperation
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from accounts import pin_sign_in, recovery, services
from accounts.authentication import caller, session_of
from accounts.avatars import remove_avatar, set_avatar
from accounts.erasure import erase_account
from accounts.models import Session
from accounts.personal_data import export_person
from accounts.pictures import BadPicture
from accounts.serializers import (
    AvatarInput,
    AvatarOutput,
    ChangeEmailInput,
    ChangePasswordInput,
    DeviceTokenOutput,
    EnrolInput,
    ErasureInput,
    ForgotPasswordInput,
    LoginInput,
    LogoutInput,
    MailedTokenInput,
    MessageOutput,
    PinLoginInput,
    ProfileInput,
    ProfileOutput,
    RefreshInput,
    RegisterInput,
    ResetPasswordInput,
    SessionOutput,
    SignedInOutput,
    TokensOutput,
)
from accounts.sessions import Device, end_enrolments, live_sessions_of, rotate_session
from accounts.tokens import access_token, refresh_token
from hucares.requests import address_of, validated

OPEN: dict[str, Any] = {"permission_classes": [AllowAny], "authentication_classes": []}


def device_of(request: Request) -> Device:
    """The device that a request comes from."""
    return Device(request.headers.get("User-Agent", ""), address_of(request))


def tokens_of(session: Session) -> dict[str, str]:
    """The session's current pair of tokens."""
    return {"accessToken": access_token(session), "refreshToken": refresh_token(session)}


def signed_in(session: Session, **options: Any) -> Response:
    """Who has signed in, and with what tokens."""
    return Response({"user": ProfileOutput(session.user).data, **tokens_of(session)}, **options)


class AuthViewSet(ViewSet):
    """Signing up, in and out."""

    @extend_schema(request=RegisterInput, responses={201: SignedInOutput})
    @action(detail=False, methods=["post"], **OPEN)
    def register(self, request: Request) -> Response:
        """Open an account and sign in."""
        session = services.register(**validated(RegisterInput, request.data), device=device_of(request))
        return signed_in(session, status=status.HTTP_201_CREATED)

    @extend_schema(request=LoginInput, responses=SignedInOutput)
    @action(detail=False, methods=["post"], **OPEN)
    def login(self, request: Request) -> Response:
        """Sign in with e-mail address and password."""
        return signed_in(services.log_in(**validated(LoginInput, request.data), device=device_of(request)))

    @extend_schema(request=RefreshInput, responses=TokensOutput)
    @action(detail=False, methods=["post"], **OPEN)
    def refresh(self, request: Request) -> Response:
        """Spend a refresh token for a new pair."""
        return Response(tokens_of(rotate_session(**validated(RefreshInput, request.data))))

    @extend_schema(request=LogoutInput, responses=MessageOutput)
    @action(detail=False, methods=["post"])
    def logout(self, request: Request) -> Response:
        """End this session, or all of them; its tokens stop working and its sockets close at once."""
        services.log_out(session=session_of(request), **validated(LogoutInput, request.data))
        return Response({"message": "Logged out successfully"})

    @extend_schema(request=ChangePasswordInput, responses=MessageOutput)
    @action(detail=False, methods=["post"], url_path="change-password")
    def change_password(self, request: Request) -> Response:
        """Choose another password. Every other session ends."""
        passwords = validated(ChangePasswordInput, request.data, user=caller(request))
        services.change_password(session=session_of(request), **passwords)
        return Response({"message": "Password changed"})


class RecoveryViewSet(ViewSet):
    """Proving an address, and getting back in. Only these calls use the token of a mailed link."""

    @extend_schema(request=MailedTokenInput, responses=MessageOutput)
    @action(detail=False, methods=["post"], url_path="verify-email", **OPEN)
    def verify_email(self, request: Request) -> Response:
        """Prove that an address is one's own, with the token mailed to it."""
        recovery.verify_email(**validated(MailedTokenInput, request.data))
        return Response({"message": "Email verified"})

    @extend_schema(request=None, responses=MessageOutput)
    @action(detail=False, methods=["post"], url_path="resend-verification")
    def resend_verification(self, request: Request) -> Response:
        """Have the verification mail sent again. The link in the one before stops working."""
        recovery.resend_verification(user=caller(request), address=address_of(request))
        return Response({"message": "Verification email sent"})

    @extend_schema(request=ForgotPasswordInput, responses=MessageOutput)
    @action(detail=False, methods=["post"], url_path="forgot-password", **OPEN)
    def forgot_password(self, request: Request) -> Response:
        """Have a link mailed that sets another password. The answer is the same for an unknown address."""
        recovery.forgot_password(**validated(ForgotPasswordInput, request.data), address=address_of(request))
        return Response({"message": "Reset link sent"})

    @extend_schema(request=ResetPasswordInput, responses=MessageOutput)
    @action(detail=False, methods=["post"], url_path="reset-password", **OPEN)
    def reset_password(self, request: Request) -> Response:
        """Choose another password, with the token of a mailed link. Every session ends.

        Since the link was mailed to it, the account's address counts as verified from then on.
        """
        recovery.reset_password(**validated(ResetPasswordInput, request.data))
        return Response({"message": "Password reset successful"})

    @extend_schema(request=ChangeEmailInput, responses=MessageOutput)
    @action(detail=False, methods=["post"], url_path="change-email")
    def change_email(self, request: Request) -> Response:
        """Use another address, once the link mailed to it is used. The old address is told."""
        recovery.change_email(user=caller(request), **validated(ChangeEmailInput, request.data))
        return Response({"message": "Verification email sent"})


class PinViewSet(ViewSet):
    """Signing in by PIN, on devices that were enrolled with the password."""

    @extend_schema(operation_id="auth_pin_create", request=EnrolInput, responses=DeviceTokenOutput)
    @action(detail=False, methods=["post"])
    def pin(self, request: Request) -> Response:
        """Let this device sign in by PIN from now on. The token is for this device to keep; it is shown once."""
        chosen = validated(EnrolInput, request.data)
        token = pin_sign_in.enrol(user=caller(request), **chosen, device=device_of(request))
        return Response({"deviceToken": token})

    @extend_schema(operation_id="auth_pin_destroy", responses={204: None})
    @pin.mapping.delete
    def end_pins(self, request: Request) -> Response:
        """Let no device sign in by PIN any more."""
        end_enrolments(caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=PinLoginInput, responses=SignedInOutput)
    @action(detail=False, methods=["post"], url_path="pin/login", **OPEN)
    def login(self, request: Request) -> Response:
        """Sign in on an enrolled device. The fifth wrong PIN in a row ends its enrolment."""
        given = validated(PinLoginInput, request.data)
        return signed_in(pin_sign_in.log_in_by_pin(**given, device=device_of(request)))


class SessionViewSet(ViewSet):
    """The places where the caller is signed in."""

    @extend_schema(operation_id="auth_sessions_list", responses=SessionOutput(many=True))
    def list(self, request: Request) -> Response:
        """Where the caller is signed in, the place used last first."""
        sessions = live_sessions_of(caller(request))
        return Response(SessionOutput(sessions, many=True, context={"current": session_of(request)}).data)

    @extend_schema(parameters=[OpenApiParameter("id", UUID, OpenApiParameter.PATH)], responses={204: None})
    def destroy(self, request: Request, id: UUID) -> Response:
        """Sign out there: its tokens stop working and its sockets close at once."""
        services.log_out(session=get_object_or_404(live_sessions_of(caller(request)), pk=id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ProfileViewSet(ViewSet):
    """One's own profile."""

    @extend_schema(responses=ProfileOutput)
    def retrieve(self, request: Request) -> Response:
        """The caller's profile."""
        return Response(ProfileOutput(caller(request)).data)

    @extend_schema(request=ProfileInput, responses=ProfileOutput)
    def update(self, request: Request) -> Response:
        """Change what is sent; everything left out stays as it is."""
        user = services.update_profile(user=caller(request), **validated(ProfileInput, request.data))
        return Response(ProfileOutput(user).data)


class AccountViewSet(ViewSet):
    """Everything about the caller at once: to take it along, and to have it removed."""

    delete_takes_body = True  # for the schema

    @extend_schema(operation_id="users_export", responses=OpenApiTypes.OBJECT)
    def export(self, request: Request) -> Response:
        """Everything that is stored about the caller, as one JSON document.

        It has a list of rows for each kind of thing; secrets and what is other people's are left out.
        """
        return Response(export_person(caller(request)))

    @extend_schema(operation_id="users_account_destroy", request=ErasureInput, responses={204: None})
    def destroy(self, request: Request) -> Response:
        """Erase the caller's account with everything in it; it cannot be brought back. Their groups live on."""
        erase_account(user=caller(request), **validated(ErasureInput, request.data))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AvatarViewSet(ViewSet):
    """One's own picture."""

    parser_classes = [MultiPartParser]

    @extend_schema(request=AvatarInput, responses={200: AvatarOutput})
    def create(self, request: Request) -> Response:
        """Send a picture, instead of the one before it if there is one.

        JPEG, PNG, WebP or GIF, at most 5 MiB and 16 megapixels (WebP and GIF 8). It becomes a square of at most 512
        pixels, without metadata.
        """
        try:
            form = request.data
        except (ParseError, SuspiciousOperation) as error:
            raise BadPicture("The form could not be read.") from error
        with validated(AvatarInput, form)["avatar"] as upload:  # closed: its bytes take no memory meanwhile
            content = upload.read()
        return Response(AvatarOutput(set_avatar(user=caller(request), content=content)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request) -> Response:
        """Remove the picture. Without one this changes nothing."""
        remove_avatar(user=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

"""Addresses of pages that invitations link to. A web app in front of the server may answer them itself."""

from django.urls import path, register_converter

from groups.pages import join


class AccessCodeConverter:
    """What may be an access code."""

    regex = "[A-Za-z0-9]{1,10}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(AccessCodeConverter, "code")

urlpatterns = [path("join/<code:code>", join, name="join")]

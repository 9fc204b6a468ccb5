"""People's pictures: where they are kept, and that none is left behind."""

from __future__ import annotations

import functools
import logging
import secrets

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import User
from accounts.pictures import square_webp
from hucares.errors import ServiceUnavailable

logger = logging.getLogger(__name__)

FOLDER = "avatars"


def set_avatar(*, user: User, content: bytes) -> User:
    """Make a file that somebody sent their picture; the one before it is removed.

    Raises `PayloadTooLarge`, `BadPicture` or `ServiceUnavailable`. Durable: the new file is removed if this
    transaction fails, so it must not be part of another that may.
    """
    name = keep(square_webp(content))
    try:
        with transaction.atomic(durable=True):
            return rename(user, name)
    except BaseException:
        discard(name)
        raise


def keep(picture: bytes) -> str:
    """Put a picture into the storage, under a name that nobody can guess. Raises `ServiceUnavailable`."""
    name = f"{FOLDER}/{secrets.token_urlsafe(24)}.webp"
    try:
        return default_storage.save(name, SimpleUploadedFile(name, picture, "image/webp"))
    except Exception as error:  # whatever a storage raises
        logger.exception("The file %s could not be kept.", name)
        discard(name)  # of a full disk some of it is there
        raise ServiceUnavailable from error


@transaction.atomic
def remove_avatar(*, user: User) -> None:
    """Leave somebody without a picture; its file is removed when the transaction commits."""
    rename(user, None)


def rename(user: User, name: str | None) -> User:
    """Put another file in place of the person's picture, inside a transaction; the old file goes when it commits."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if user.avatar_name:
        transaction.on_commit(functools.partial(discard, user.avatar_name))
    user.avatar_name = name
    user.save(update_fields=["avatar_name", "updated_at"])
    return user


def discard(name: str) -> None:
    """Remove a file that nobody's row names. A storage that fails leaves it there, which is logged."""
    try:
        default_storage.delete(name)
    except Exception:  # whatever a storage raises: the person's request has done its work
        logger.exception("The file %s could not be removed.", name)

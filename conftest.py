"""The cast of every test: Alice, who founds groups; Bob, who is in them; Charlie, who is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import override_settings
from rest_framework.test import APIClient

from accounts import hashers
from accounts.models import User
from accounts.tests.builders import make_user, signed_in
from groups.models import Group
from groups.tests.builders import make_group
from hucares.slots import Slots
from hucares.tests.forgetting import forget_figures
from realtime.tests.live import LiveServer


@pytest.fixture(autouse=True, scope="session")
def plenty_of_hash_slots() -> None:
    """Tests sign in from many threads at once; those of the slots themselves make their own."""
    hashers.SLOTS = Slots(64, waiting=64)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What a test has worked out is nothing to the next one, whose rows may have the same ids and counters."""
    forget_figures()


@pytest.fixture
def alice(db: None) -> User:
    """The admin of `porch`."""
    return make_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """A member of `porch`."""
    return make_user("bob")


@pytest.fixture
def charlie(db: None) -> User:
    """An outsider, who has confirmed their address."""
    return make_user("charlie", email_verified=True)


@pytest.fixture
def porch(alice: User, bob: User) -> Group:
    """A private weekly group of Alice and Bob."""
    return make_group(alice, bob, name="The Porch")


@pytest.fixture(scope="session")
def running_server() -> Iterator[LiveServer]:
    """The server behind `server`; started once."""
    live = LiveServer()
    with override_settings(WORKER_IN_SERVER=False):  # it would do its jobs on the database of whichever test runs
        live.start()
    yield live
    live.stop()


@pytest.fixture
def server(transactional_db: None, running_server: LiveServer) -> Iterator[LiveServer]:
    """A running server on the test's database; what it does for sockets is over before that is emptied."""
    yield running_server
    running_server.settle()


@pytest.fixture
def anonymous() -> APIClient:
    """A REST client without credentials."""
    return APIClient()


@pytest.fixture
def sign_in() -> Callable[..., APIClient]:
    """Gives a person's REST client; for tests of rooms that may not import accounts."""
    return signed_in

"""The token that a socket is opened with is neither written down nor logged."""

from __future__ import annotations

import json
import logging

import pytest

from accounts.models import User
from accounts.tests.builders import make_session
from accounts.tokens import access_token
from hucares.tests.secrets_search import found_in, hearing_everything, texts_in_counters, texts_in_database
from realtime.tests.live import LiveServer


def test_it_is_in_no_row_no_counter_and_no_log(
    server: LiveServer, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    token = access_token(make_session(alice))
    frame = json.dumps({"event": "authenticate", "data": {"accessToken": token}})

    # As it is served: at the level DEBUG the library of the sockets writes down every frame that it reads.
    with hearing_everything(caplog, logging.INFO):
        with server.open(user_agent_header="a phone") as client:
            client.authenticate(token)
            client.connection.send(frame[:-1])  # not to be read as JSON
            client.expect("error")
            database, counters = " ".join(texts_in_database()), " ".join(texts_in_counters())
        for words in (f"{token}x", token[:-40]):
            with server.open() as client:
                client.send("authenticate", {"accessToken": words})
                assert client.close_code() == 4401
        logging.getLogger("uvicorn.error").info("a line of the server")

    secrets = {token: "token", token.rpartition(".")[2]: "signature"}
    assert [found_in(text, secrets) for text in (database, counters, caplog.text)] == [set()] * 3
    assert ("a phone" in database, "a line of the server" in caplog.text) == (True, True)

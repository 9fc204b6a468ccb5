"""The client's address is counted from the right, and nothing a client writes moves it outwards."""

from __future__ import annotations

import pytest

from hucares.http.client_address import client_address

PROXY = "10.0.0.1"


def test_one_proxy_vouches_for_the_last_entry() -> None:
    assert client_address(PROXY, ["203.0.113.7"], 1) == "203.0.113.7"


def test_two_proxies_vouch_for_the_entry_before_the_last() -> None:
    assert client_address(PROXY, ["203.0.113.7, 10.0.0.2"], 2) == "203.0.113.7"


def test_repeated_headers_are_one_list() -> None:
    assert client_address(PROXY, ["1.1.1.1, 203.0.113.7", "10.0.0.2"], 2) == "203.0.113.7"


def test_what_the_client_claims_further_left_is_ignored() -> None:
    assert client_address(PROXY, ["6.6.6.6, 7.7.7.7, 203.0.113.7"], 1) == "203.0.113.7"


def test_without_trusted_proxies_the_header_is_ignored() -> None:
    assert client_address("203.0.113.7", ["6.6.6.6"], 0) == "203.0.113.7"


def test_without_the_header_the_peer_is_the_client() -> None:
    assert client_address(PROXY, [], 2) == PROXY


def test_a_list_that_is_too_short_gives_its_leftmost_address() -> None:
    assert client_address(PROXY, ["203.0.113.7"], 3) == "203.0.113.7"


def test_an_entry_that_is_no_address_gives_the_next_nearer_one() -> None:
    assert client_address(PROXY, ["6.6.6.6, unknown, 10.0.0.2"], 2) == "10.0.0.2"


@pytest.mark.parametrize("entry", ["unknown", "", "203.0.113", "example.org", "::g", "[", "1.2.3.4:x", "[]:1"])
def test_without_any_address_among_the_trusted_entries_the_peer_is_the_client(entry: str) -> None:
    assert client_address(PROXY, ["6.6.6.6, " + entry], 1) == PROXY


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:4711", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("\t203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_the_usual_ways_to_write_an_address_are_understood(entry: str, address: str) -> None:
    assert client_address(PROXY, [entry], 1) == address


def test_the_peer_is_written_the_same_way() -> None:
    assert client_address("::ffff:203.0.113.7", [], 0) == "203.0.113.7"


def test_a_peer_that_is_no_address_is_left_alone() -> None:
    assert client_address("", ["6.6.6.6"], 0) == ""

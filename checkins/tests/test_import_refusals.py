"""POST /checkins/import: what is refused."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.tests.legacy import (
    URL,
    export_of,
    nothing_changes,
    old_record,
    old_weeks,
    send,
)
from groups.models import Group, Membership, Status
from hucares.tests.answers import data_of, refusal_of, refused_fields

pytestmark = pytest.mark.usefixtures("wednesday")

MIB = 1024 * 1024


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        True,
        [],
        {},
        "",
        "nonsense",
        {"a": 1},
        {"checkIns": 7},
        {"checkIns": '[{"id": "a"}, {"id'},
        "[" * 9999,
    ],
)
def test_what_is_no_such_document_is_refused(alice: User, porch: Group, data: Any) -> None:
    with nothing_changes():
        response = signed_in(alice).post(URL, {"data": data, "groupId": str(porch.pk)})

    assert refused_fields(response) == {"data"}


def test_one_that_is_nested_too_deeply_is_refused(alice: User) -> None:
    body = b'{"data": {"checkIns": ' + b"[" * 3000 + b"]" * 3000 + b"}}"
    with nothing_changes():
        refusal_of(signed_in(alice).post(URL, body, content_type="application/json"), 400, "MALFORMED_JSON")


def test_a_record_that_is_a_deep_nest_is_skipped(alice: User) -> None:
    body = b'{"data": {"checkIns": ' + b"[" * 300 + b"]" * 300 + b"}}"
    with nothing_changes():
        report = data_of(signed_in(alice).post(URL, body, content_type="application/json"))
    assert [row["outcome"] for row in report["rows"]] == ["skipped"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"data"}),
        ({"data": export_of(old_record()), "groupId": "porch"}, {"groupId"}),
        ({"data": export_of(old_record()), "groupId": 7}, {"groupId"}),
        ({"data": export_of(old_record()), "dryRun": "yes"}, {"dryRun"}),
        ({"data": export_of(old_record()), "dryRun": None}, {"dryRun"}),
        ([], {"nonFieldErrors"}),
    ],
)
def test_what_does_not_fit_is_refused(alice: User, body: Any, fields: set[str]) -> None:
    with nothing_changes():
        assert refused_fields(signed_in(alice).post(URL, body)) == fields


@pytest.mark.parametrize("end", [-1, -2, -100, 10])
def test_a_truncated_body_is_refused(alice: User, end: int) -> None:
    body = json.dumps({"data": export_of(*old_weeks(3))}).encode()[:end]
    with nothing_changes():
        response = signed_in(alice).post(URL, body, content_type="application/json")

    refusal_of(response, 400, "MALFORMED_JSON")


def test_a_group_that_one_is_not_in_is_refused_like_one_that_does_not_exist(charlie: User, porch: Group) -> None:
    client, data = signed_in(charlie), export_of(old_record())
    with nothing_changes():
        outside = refusal_of(client.post(URL, {"data": data, "groupId": str(porch.pk)}), 404, "NOT_FOUND")
        nowhere = refusal_of(client.post(URL, {"data": data, "groupId": str(uuid4())}), 404, "NOT_FOUND")

    assert outside == nowhere


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("status", [Status.INACTIVE, Status.BANNED])
def test_who_has_left_is_refused(bob: User, porch: Group, status: Status, dry_run: bool) -> None:
    Membership.objects.filter(user=bob).update(status=status)
    body = {"data": export_of(old_record()), "groupId": str(porch.pk), "dryRun": dry_run}
    with nothing_changes():
        refusal_of(signed_in(bob).post(URL, body), 404, "NOT_FOUND")


def test_an_archived_group_is_refused(alice: User, porch: Group) -> None:
    Group.objects.update(is_active=False)
    with nothing_changes():
        body = {"data": export_of(old_record()), "groupId": str(porch.pk)}
        refusal_of(signed_in(alice).post(URL, body), 404, "NOT_FOUND")


def test_a_caller_without_credentials_is_refused(anonymous: APIClient, porch: Group) -> None:
    with nothing_changes():
        refusal_of(anonymous.post(URL, {"data": export_of(old_record())}), 401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(("size", "fits"), [(2 * MIB, True), (2 * MIB + 1, False)])
def test_more_than_two_mebibytes_are_refused(alice: User, size: int, fits: bool, as_text: bool) -> None:
    data = export_of(old_record(), friends="ü")
    compact = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    data["friends"] += "x" * (size - len(compact.encode()))
    sent = json.dumps(data, ensure_ascii=False, separators=(",", ":")) if as_text else data
    if fits:
        assert send(alice, sent)["imported"] == 1
        return
    with nothing_changes():
        refusal_of(signed_in(alice).post(URL, {"data": sent}), 413, "PAYLOAD_TOO_LARGE")

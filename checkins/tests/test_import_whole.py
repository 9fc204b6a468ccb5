"""POST /checkins/import: all or nothing, however much it is and whoever does it at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.builders import signed_in
from checkins.importing import import_local_storage
from checkins.models import CheckIn, ImportedRecord
from checkins.tests.legacy import (
    URL,
    export_of,
    nothing_changes,
    old_record,
    old_weeks,
    own_group,
    send,
)
from groups.models import Group
from hucares.tests.answers import data_of, refusal_of
from hucares.tests.racing import at_once

pytestmark = pytest.mark.usefixtures("wednesday")


def test_ten_thousand_records_take_no_more_statements_than_ten(alice: User, bob: User, porch: Group) -> None:
    statements = []
    for user, count in ((alice, 10), (bob, 10_000)):
        weeks = old_weeks(1300, huCaresScore=...)
        records = [{**weeks[number % 1300], "id": f"r{number}"} for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            report = import_local_storage(user=user, data=export_of(*records), group_id=porch.pk)
        assert len(report.rows) == count
        statements.append(len(captured))

    assert CheckIn.objects.filter(user=bob).count() == ImportedRecord.objects.filter(user=bob).count() == 1300
    assert statements[0] == statements[1] < 60


@pytest.mark.django_db(transaction=True)
def test_a_fault_in_the_last_row_takes_everything_back(alice: User, porch: Group) -> None:
    client = signed_in(alice, raise_request_exception=False)
    client.get("/api/v1/users/profile")
    data = export_of(*old_weeks(5), old_record("2026-02-23T00:00:00.000Z", id="the last"))
    with connection.schema_editor() as editor:  # a fault that only the database knows of
        editor.execute(FAILING[connection.vendor])
    try:
        with nothing_changes():
            refusal_of(client.post(URL, {"data": data}), 500, "INTERNAL_ERROR")
            refusal_of(client.post(URL, {"data": data, "groupId": str(porch.pk)}), 500, "INTERNAL_ERROR")
    finally:
        with connection.schema_editor() as editor:
            editor.execute(MENDED[connection.vendor])

    assert send(alice, data)["imported"] == 6


FAILING = {
    "postgresql": "ALTER TABLE imported_records ADD CONSTRAINT failing CHECK (legacy_id <> 'the last')",
    "sqlite": "CREATE TRIGGER failing BEFORE INSERT ON imported_records WHEN NEW.legacy_id = 'the last'"
    " BEGIN SELECT RAISE(ABORT, 'failing'); END",
}
MENDED = {
    "postgresql": "ALTER TABLE imported_records DROP CONSTRAINT failing",
    "sqlite": "DROP TRIGGER failing",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("into_porch", [False, True])
def test_of_the_same_file_sent_many_times_at_once_one_is_imported(alice: User, porch: Group, into_porch: bool) -> None:
    client, target = signed_in(alice), {"groupId": str(porch.pk)} if into_porch else {}
    client.get("/api/v1/users/profile")
    groups = Group.objects.count()

    answers = at_once(6, lambda number: data_of(client.post(URL, {"data": export_of(*old_weeks(50)), **target})))

    assert sorted((answer["imported"], answer["alreadyImported"]) for answer in answers) == [*[(0, 50)] * 5, (50, 0)]
    assert len({answer["groupId"] for answer in answers}) == 1
    assert Group.objects.count() == groups + (not into_porch)
    assert CheckIn.objects.count() == own_group(answers[0]).total_check_ins == 50


@pytest.mark.django_db(transaction=True)
def test_different_files_at_once_go_to_one_group(alice: User) -> None:
    client = signed_in(alice)
    client.get("/api/v1/users/profile")
    files = [export_of(*old_weeks(10, date(2026 - number, 2, 2))) for number in range(4)]

    answers = at_once(4, lambda number: data_of(client.post(URL, {"data": files[number]})))

    assert [answer["imported"] for answer in answers] == [10] * 4
    assert Group.objects.get().total_check_ins == CheckIn.objects.count() == 40

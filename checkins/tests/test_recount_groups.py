"""`manage.py recount_groups`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.builders import make_user
from checkins import recount as recounting
from checkins.recount import batches, counted_figures, wrong_figures
from checkins.tests.builders import make_check_in
from groups.models import Group, Membership, Status
from groups.tests.builders import make_group

RIGHT = {"member_count": 2, "total_check_ins": 1, "average_participation_rate": 0}
WRONG = {"member_count": 7, "total_check_ins": 40, "average_participation_rate": Decimal("0.99")}


@pytest.fixture
def drifted(alice: User, porch: Group) -> Group:
    """The porch with figures that nothing stands for, beside a group whose figures are right."""
    make_check_in(alice, make_group(alice, name="The Garden"))
    make_check_in(alice, porch)
    Group.objects.filter(pk=porch.pk).update(**WRONG)
    return porch


def figures(group: Group) -> dict[str, Any]:
    return Group.objects.values(*RIGHT).get(pk=group.pk)


def report(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    call_command("recount_groups", *options)
    return capsys.readouterr().out


def counted(group: Group) -> tuple[Any, Any]:
    figures = counted_figures([group])[group.pk]
    return figures["member_count"], figures["total_check_ins"]


def test_a_recount_counts_active_members_and_all_check_ins(alice: User, bob: User, porch: Group) -> None:
    make_check_in(alice, porch)
    make_check_in(bob, porch)
    assert counted(porch) == (2, 2)

    Membership.objects.filter(user=bob).update(status=Status.INACTIVE)
    assert counted(porch) == (1, 2)
    assert counted(make_group(bob)) == (1, 0)


def test_what_is_wrong_is_reported_and_mended(drifted: Group, capsys: pytest.CaptureFixture[str]) -> None:
    version = Group.objects.get(pk=drifted.pk).version
    lines = report(capsys).splitlines()

    assert lines[0].split() == ["group", "figure", "stored", "counted", "name"]
    assert [line.split(maxsplit=4) for line in lines[1:-1]] == [
        [str(drifted.pk), "member_count", "7", "2", "The Porch"],
        [str(drifted.pk), "total_check_ins", "40", "1", "The Porch"],
        [str(drifted.pk), "average_participation_rate", "0.99", "0.00", "The Porch"],
    ]
    assert lines[-1] == "Groups: 2. Figures that differ: 3; they have been mended."
    assert figures(drifted) == RIGHT
    assert Group.objects.get(pk=drifted.pk).version == version + 1
    assert report(capsys) == "Groups: 2. Figures that differ: 0; nothing was changed.\n"


def test_a_dry_run_reports_the_same_changes_nothing_and_fails(
    drifted: Group, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        report(capsys, "--dry-run")

    assert end.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert lines[-1] == "Groups: 2. Figures that differ: 3; nothing was changed."
    assert figures(drifted) == WRONG


def test_a_dry_run_of_what_is_right_succeeds(porch: Group, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, "--dry-run") == "Groups: 1. Figures that differ: 0; nothing was changed.\n"


def test_it_can_be_read_by_machines(drifted: Group, capsys: pytest.CaptureFixture[str]) -> None:
    Group.objects.filter(pk=drifted.pk).update(member_count=2)
    row = {"groupId": str(drifted.pk), "name": "The Porch"}

    assert json.loads(report(capsys, "--json")) == {
        "groups": 2,
        "dryRun": False,
        "differences": [
            {**row, "figure": "totalCheckIns", "stored": 40, "counted": 1},
            {**row, "figure": "averageParticipationRate", "stored": 0.99, "counted": 0},
        ],
    }
    assert json.loads(report(capsys, "--json", "--dry-run")) == {"groups": 2, "dryRun": True, "differences": []}


def test_of_an_ended_group_only_the_counts_are_mended(drifted: Group, capsys: pytest.CaptureFixture[str]) -> None:
    Group.objects.filter(pk=drifted.pk).update(is_active=False)
    report(capsys)

    assert figures(drifted) == {**RIGHT, "average_participation_rate": Decimal("0.99")}


def test_a_difference_that_is_gone_under_the_lock_is_none(drifted: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever changes the group's rows holds its lock, and has brought the figures up to date when it is free."""
    locked_group = recounting.locked_group

    def mended_meanwhile(*args: Any) -> Group:
        Group.objects.filter(pk=drifted.pk).update(**RIGHT)
        return locked_group(*args)

    monkeypatch.setattr(recounting, "locked_group", mended_meanwhile)

    assert wrong_figures(list(Group.objects.all()), mend=False) == []


def test_every_group_is_in_one_batch(alice: User) -> None:
    groups = {make_group(alice, name=f"Group {number}").pk for number in range(5)}

    assert [len(batch) for batch in batches(2)] == [2, 2, 1]
    assert {group.pk for batch in batches(2) for group in batch} == groups


def test_a_batch_takes_four_statements_however_many_rows_there_are(alice: User, porch: Group) -> None:
    for number in range(4):
        guest = make_user(f"guest_{number}")
        make_check_in(guest, make_group(guest, alice, name=f"Group {number}"))
    groups = list(Group.objects.all())

    with CaptureQueriesContext(connection) as captured:
        assert wrong_figures(groups, mend=True) == []
    assert len(captured) == 4


def test_without_groups_all_is_right(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, "--dry-run").startswith("Groups: 0.")


def test_its_help_says_what_it_exits_with(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        report(capsys, "--help")

    text = " ".join(capsys.readouterr().out.split())
    assert "exit code is 0 when all was right or was mended, and 1 when --dry-run has found a difference" in text

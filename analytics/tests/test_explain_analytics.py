"""`manage.py explain_analytics`."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from accounts.models import User
from analytics.tests.builders import NOW, ask, make_week, make_weeks, stayed
from groups.models import Group
from groups.tests.builders import make_member

NOTE = "A kingfisher over the weir."


@pytest.fixture
def scene(alice: User, bob: User, porch: Group) -> Group:
    """Alice and Bob with six weeks each on the porch, all shared."""
    for person in (alice, bob):
        stayed(person, porch, "2026-02-09")
    make_weeks(alice, porch, [5, 6, 7, 8, 9, 10], reflection_note=NOTE)
    make_weeks(bob, porch, [3, 3, 3, 3, 3, 3], reflection_note=NOTE)
    return porch


def printed(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with time_machine.travel(NOW, tick=False):
        call_command("explain_analytics", *options)
    return capsys.readouterr().out


def figures(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, Any]]:
    """Figure → what is said of it, with the address before its name."""
    document = json.loads(printed(capsys, *options, "--json"))
    return {
        f"{section['title'].partition(':')[0].removeprefix('/analytics/')} {one['figure']}": one
        for section in document["sections"]
        for one in section["figures"]
    }


def test_each_figure_is_printed_with_what_it_is_built_on_and_its_rows(
    scene: Group, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, "alice", "--weeks", "7")

    assert "/analytics/personal: alice, 7 weeks from 2026-02-09 to 2026-03-29 (UTC)" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert {
        "averages.productive kept check-ins: 6; rows 1-6",
        "series 2026-03-23 kept check-ins: 1; rows 6",
        "trends.productive up weeks: 6; rows 1-6",
        "streak.current 6 check-ins ever: 6",
        "participationRate 0.83 closed periods: 5 of 6; rows 1-6",
    } <= set(lines)
    assert any(
        line.startswith("6 ") and line.endswith("2026-03-23 to 2026-03-29 shared alice The Porch") for line in lines
    )


def test_what_is_printed_is_what_is_shown(scene: Group, alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    told = figures(capsys, "alice")
    personal, group = ask(alice, "personal"), ask(alice, f"group/{scene.pk}")

    for name, trend in personal["trends"].items():
        assert told[f"personal trends.{name}"]["value"] == trend["direction"]
        assert told[f"group trends.{name}"]["value"] == group["trends"][name]["direction"]
    assert told["personal streak.longest"]["value"] == str(personal["streak"]["longest"])
    assert told["group participationRate"]["value"] == f"{group['participationRate']:.2f}"
    assert len(told["personal averages.care"]["checkIns"]) == personal["averages"]["n"]
    assert len(told["group averages.care"]["checkIns"]) == group["averages"]["n"]


def test_no_answer_and_no_note_is_printed(scene: Group, capsys: pytest.CaptureFixture[str]) -> None:
    for options in (["alice"], ["alice", "--json"]):
        text = printed(capsys, *options)
        assert NOTE not in text
        assert "example.com" not in text
    told = figures(capsys, "alice")
    assert {one["value"] for name, one in told.items() if name.startswith("personal series")} == {"kept", "none"}


def test_no_number_that_is_made_of_answers_is_printed_however_many_are_behind_it(
    scene: Group, capsys: pytest.CaptureFixture[str]
) -> None:
    counted = {"personal streak.current", "personal streak.longest", "personal participationRate", "insights streak"}
    for weeks in ("12", "6", "5"):
        for name, one in figures(capsys, "alice", "--weeks", weeks).items():
            if name not in counted and "participation" not in name:
                assert one["value"] in ("kept", "none", "up", "down", "steady")


def test_what_private_check_ins_say_is_kept_in_every_figure(
    scene: Group, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    make_week(alice, scene, 6, productive_score=1, is_private=True)
    told = figures(capsys, "alice")

    assert told["personal averages.productive"]["value"] == "kept"
    assert told["personal trends.productive"]["value"] == "kept"
    assert told["personal best"]["value"] == "kept"
    assert told["comparison productive.you"]["value"] == "kept"
    assert {one["value"] for name, one in told.items() if name.startswith("insights") and "streak" not in name} <= {
        "kept"
    }
    assert told["personal streak.current"]["value"] == "7"
    assert told["group trends.productive"]["value"] == "up"  # built on what is shared alone


def test_whoever_keeps_scores_private_keeps_them_from_operators_too(
    scene: Group, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    User.objects.filter(pk=alice.pk).update(privacy_settings={"scores": "private"})
    told = figures(capsys, "alice")

    assert told["personal averages.care"]["value"] == "kept"
    assert told["group averages.care"]["value"] == "none"


def test_a_comparison_is_told_with_the_check_ins_of_both_sides(
    scene: Group, alice: User, capsys: pytest.CaptureFixture[str]
) -> None:
    make_week(make_member("carol", scene), scene, 0, productive_score=9)
    told = figures(capsys, "alice")

    assert [len(told[f"comparison productive.{side}"]["checkIns"]) for side in ("you", "group", "difference")] == [
        6,
        7,
        13,
    ]
    assert told["comparison productive.percentile"]["value"] == "kept"


def test_it_finds_people_by_address_and_narrows_to_a_group(scene: Group, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "alice@example.com", "--group", str(scene.pk)).count("/analytics/group") == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["nobody"], "There is nobody with the username, e-mail address or id nobody."),
        (["alice", "--weeks", "0"], "--weeks must be from 1 to 104."),
        (["alice", "--weeks", "105"], "--weeks must be from 1 to 104."),
        (["alice", "--group", "porch"], "porch is no group's id: that is a UUID."),
        (["charlie", "--group", "{group}"], "There is no such group, or you are not in it."),
    ],
)
@pytest.mark.usefixtures("charlie")
def test_what_cannot_be_explained_is_said_in_a_sentence(
    scene: Group, options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("explain_analytics", *(one.format(group=scene.pk) for one in options))

    assert str(refusal.value) == sentence
    assert capsys.readouterr().out == ""

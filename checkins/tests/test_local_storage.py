"""What is read out of the old app's documents. Nothing here needs a database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkins.errors import NotLocalStorage
from checkins.legacy_records import LegacyCheckIn, UnusableRecord
from checkins.local_storage import LocalStorage, read_local_storage
from checkins.tests.legacy import OWNER, dump_of, export_of, old_record

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


def read(data: Any) -> LocalStorage:
    return read_local_storage(data, now=NOW)


def verdict_on(record: Any, **parts: Any) -> LegacyCheckIn | UnusableRecord:
    """What becomes of the only record of an export."""
    (verdict,) = read(export_of(record, **parts)).records
    return verdict


def usable(record: Any, **parts: Any) -> LegacyCheckIn:
    verdict = verdict_on(record, **parts)
    assert isinstance(verdict, LegacyCheckIn), verdict
    return verdict


def reason_for(record: Any, **parts: Any) -> str:
    verdict = verdict_on(record, **parts)
    assert isinstance(verdict, UnusableRecord), verdict
    return verdict.reason


def refusal_of(data: Any) -> str:
    with pytest.raises(NotLocalStorage) as refused:
        read(data)
    assert refused.value.details == {"data": [refused.value.message]}
    return refused.value.message


EXPECTED = LegacyCheckIn(
    legacy_id="mc20260216",
    monday=date(2026, 2, 16),
    submitted_at=datetime(2026, 2, 16, 18, 30, tzinfo=UTC),
    old_group="default-group",
    answers=(8, 7, 6, 9),
)


def wrapped(value: Any, layers: int) -> Any:
    for _ in range(layers):
        value = json.dumps(value)
    return value


@pytest.mark.parametrize(
    "data",
    [
        export_of(old_record()),
        dump_of(old_record()),
        json.dumps(export_of(old_record())),
        json.dumps(dump_of(old_record()), indent=2),
        "\ufeff" + json.dumps(export_of(old_record())),
        wrapped(dump_of(old_record()), 5),
        export_of(checkIns=wrapped([old_record()], 3)),
        export_of(wrapped(old_record(), 2)),
        {"hucares_check_ins": [old_record()]},
        {"checkIns": [old_record()]},
        {**export_of(), "hucares_check_ins": json.dumps([old_record()])},
    ],
)
def test_every_shape_of_a_document_says_the_same(data: Any) -> None:
    assert read(data).records == [EXPECTED]


@pytest.mark.parametrize(
    "data",
    [
        export_of(),
        export_of(checkIns=None),
        {"hucares_user_profile": "{}"},
        {"hucares_check_ins": "null"},
        dump_of(checkIns=...),
    ],
)
def test_a_browser_in_which_nobody_checked_in_has_nothing(data: Any) -> None:
    assert read(data).records == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        True,
        [],
        [old_record()],
        {},
        {"surprise": 1},
        {"userProfile": {"id": OWNER}},
        {"hucares_token": "a.secret.token"},
        "",
        "nonsense",
        "null",
        "[]",
        json.dumps(export_of(old_record()))[:-5],
        '{"checkIns": [NaN]}',
        wrapped(export_of(), 6),
        "[" * 100_000,
        '{"checkIns":' * 50_000,
    ],
)
def test_what_is_no_such_document_is_refused(data: Any) -> None:
    assert refusal_of(data).endswith(".")


@pytest.mark.parametrize("key", ["checkIns", "hucares_check_ins"])
@pytest.mark.parametrize("part", [7, "7", {}, "{}", True, "", "[", '[{"id": "a"}, {"id"', wrapped([], 6), "[" * 10_000])
def test_check_ins_that_are_no_list_are_refused_by_their_key(key: str, part: Any) -> None:
    assert f"“{key}”" in refusal_of({key: part})


def test_more_records_than_any_browser_holds_are_refused() -> None:
    assert len(read({"checkIns": [0] * 30_000}).records) == 30_000
    assert "30,000" in refusal_of({"checkIns": [0] * 30_001})


@pytest.mark.parametrize(
    "part", ["[", '{"id": "somebody', "nonsense", 7, None, [], [7], [None], [{}], "[" * 10_000, {}]
)
def test_other_parts_that_cannot_be_read_cost_nothing(part: Any) -> None:
    data = export_of(old_record(), userProfile=part, groups=part, friends=part, exportedAt=part)

    assert read(data) == LocalStorage([EXPECTED], {})


def test_half_an_emoji_costs_nothing() -> None:
    assert read(dump_of(old_record(), groups=[{"id": "g", "name": "Caf\ud83d"}])) == LocalStorage(
        [EXPECTED], {"g": "Caf"}
    )


class TestWhose:
    @pytest.mark.parametrize("user_id", [..., None, "", OWNER])
    def test_a_record_is_own_unless_it_names_somebody_else(self, user_id: Any) -> None:
        assert usable(old_record(userId=user_id)) == EXPECTED

    @pytest.mark.parametrize("user_id", ["friend-1", OWNER.upper(), 7, True, [OWNER], {"id": OWNER}])
    def test_somebody_elses_is_left_out(self, user_id: Any) -> None:
        assert reason_for(old_record(userId=user_id)) == "It is somebody else's check-in."

    def test_an_id_may_be_a_number(self) -> None:
        assert usable(old_record(userId=7), userProfile={"id": 7})
        assert usable(old_record(userId="7"), userProfile={"id": 7})

    @pytest.mark.parametrize("profile", [..., None, {}, {"id": None}, {"id": ""}, {"id": []}, '{"id": "lx0', 7, []])
    def test_without_a_profile_the_only_person_is_the_owner(self, profile: Any) -> None:
        demo = old_record(userId="maya", groupId="group-friends")
        own, unnamed, demo_record = read(
            export_of(old_record(), old_record(userId=...), demo, userProfile=profile)
        ).records

        assert own == unnamed == EXPECTED
        assert isinstance(demo_record, UnusableRecord)

    @pytest.mark.parametrize("profile", [..., None, {}, '{"id": "lx0'])
    def test_without_a_profile_nobody_among_several_is_the_owner(self, profile: Any) -> None:
        records = [old_record(), old_record(userId="friend-1"), old_record(userId=...)]
        mine, friends, unnamed = read(export_of(*records, userProfile=profile)).records

        assert isinstance(mine, UnusableRecord)
        assert isinstance(friends, UnusableRecord)
        assert "several people" in mine.reason
        assert unnamed == EXPECTED

    @pytest.mark.parametrize("group", ["group-family", "group-friends", "group-work", "group-fitness"])
    @pytest.mark.parametrize("user_id", [OWNER, ..., "friend-1"])
    def test_the_demo_groups_are_left_out(self, group: str, user_id: Any) -> None:
        record = old_record(groupId=group, userId=user_id)

        assert reason_for(record) == "It belongs to one of the old app's demo groups."

    @pytest.mark.parametrize("group", ["default-group", "group-family-2", None, ..., 7, []])
    def test_other_groups_are_not(self, group: Any) -> None:
        assert usable(old_record(groupId=group))

    @pytest.mark.parametrize("record", [None, 7, True, "text", "[", [], [old_record()], float("nan")])
    def test_what_is_no_record_is_left_out(self, record: Any) -> None:
        assert reason_for(record) == "This is not a check-in."


class TestGroupNames:
    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("Sunday Circle", "Sunday Circle"),
            ("  Sunday\n\tCircle ", "Sunday Circle"),
            ("Sun\x00day", "Sun day"),
            ("x" * 101, "x" * 100),
            ("x" * 99 + " y", "x" * 99),
            ("x" * 2_000_000, "x" * 100),
        ],
    )
    def test_they_are_made_fit(self, name: str, kept: str) -> None:
        assert read(export_of(groups=[{"id": "g", "name": name}])).group_names == {"g": kept}

    @pytest.mark.parametrize("name", [None, "", "  ", "\x00", 7, [], {}])
    def test_what_is_no_name_is_left_out(self, name: Any) -> None:
        assert read(export_of(groups=[{"id": "g", "name": name}, {"id": "h", "name": "H"}])).group_names == {"h": "H"}


JSON_TEXT = st.text(max_size=20) | st.sampled_from(["[", "{}", "[]", "null", '"x"', "2026-02-16", OWNER, "7"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | JSON_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(JSON_TEXT, inner, max_size=4),
    max_leaves=8,
)
RECORD = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(old_record(), JSON) | {"weekStartDate": JSON | st.just("2026-02-16")}
)
NAMES = [*export_of(), "hucares_user_profile", "hucares_check_ins", "hucares_groups", "hucares_token"]
DOCUMENT = st.fixed_dictionaries(
    {"checkIns": st.lists(RECORD | JSON, max_size=5)},
    optional={name: JSON | JSON.map(json.dumps) for name in NAMES if name != "checkIns"},
)


class TestAnything:
    @given(data=JSON | DOCUMENT | DOCUMENT.map(json.dumps))
    def test_whatever_json_it_is_it_is_read_or_refused(self, data: Any) -> None:
        try:
            storage = read(data)
        except NotLocalStorage:
            return
        for record in storage.records:
            assert 1 <= len(record.legacy_id) <= 200
            assert record.legacy_id.isprintable()
            if isinstance(record, LegacyCheckIn):
                assert record.monday.weekday() == 0
                assert all(type(answer) is int and 1 <= answer <= 10 for answer in record.answers)
            else:
                assert record.reason.endswith(".")

    @given(text=st.text() | st.binary().map(lambda data: data.decode(errors="surrogateescape")))
    def test_whatever_text_it_is_it_is_read_or_refused(self, text: str) -> None:
        for data in (text, {"checkIns": text}, {"checkIns": [text]}, export_of(old_record(), userProfile=text)):
            try:
                read(data)
            except NotLocalStorage:
                continue

"""Exports that are JSON: Coral, Remark42, and what moderation parse wrote."""

import io
import json
import time
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError
from moderation.json_records import page_record
from moderation.parsing.decoding import decoded_lines
from moderation.parsing.exports.coral import read_coral, read_coral_stories, sniff_coral
from moderation.parsing.exports.fields import display_name, moment
from moderation.parsing.exports.gathering import Posted, Thread, gather
from moderation.parsing.exports.parsed import read_parsed, sniff_parsed
from moderation.parsing.exports.remark42 import read_remark42, sniff_remark42
from moderation.parsing.json_lines import json_objects
from moderation.records import (
    Article,
    Category,
    Comment,
    CommentPolicy,
    Evidence,
    HouseRule,
    Page,
    ReleaseHours,
)

NASTY = ROOT / "tests" / "nasty"
SECONDS = 3  # generous: two cores, others at work


def silent(remark: str) -> None:
    """Ignore a remark."""


def coral(*records: Any, stories: dict[str, Thread] | None = None) -> list[Page]:
    lines = [json.dumps(record) + "\n" for record in records]
    return list(read_coral(lines, "c.jsonl", silent, stories or {}))


def objects(text: str) -> tuple[list[Any], list[str]]:
    remarks: list[str] = []
    found = list(json_objects(text.splitlines(keepends=True), "x", remarks.append))
    return found, remarks


# Objects one by one


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}\n{"a": [2]}\n',
        '[{"a": 1},\n{"a": [2]}]\n',
        '[\n  {"a": 1},\n  {"a": [2]}\n]\n',
        '[{"a": 1}, {"a": [2]}]',
        '{"a": 1}{"a": [2]}',
        '[\n{\n  "a": 1\n},\n{\n  "a": [\n    2\n  ]\n}]',
        '[{\n  "a": 1\n},{\n  "a": [\n    2\n  ]\n}]',
        '\ufeff[{"a": 1}]\n[{"a": [2]}]',
    ],
)
def test_objects_are_found_in_lines_arrays_and_indented_json(text: str) -> None:
    found, remarks = objects(text)
    assert [value for _, value in found] == [{"a": 1}, {"a": [2]}]
    assert remarks == []


def test_a_cut_object_costs_no_other() -> None:
    found, remarks = objects('{"a": 1}\n{"a": "{[\n{"a": 3}\n{"a": [4')
    assert found == [(1, {"a": 1}), (3, {"a": 3})]
    assert remarks[0].startswith("x, line 2: not JSON (")
    assert remarks[1].startswith("x, line 4: not JSON (")


def test_everything_in_front_of_a_cut_within_a_line_is_read() -> None:
    found, remarks = objects('[{"a": 1},{"a": 2},{"a": "')
    assert [value for _, value in found] == [{"a": 1}, {"a": 2}]
    assert len(remarks) == 1
    found, remarks = objects('{"a": 1},{"a": 2},{"a": "\n{"a": 4}')
    assert [value for _, value in found] == [{"a": 1}, {"a": 2}, {"a": 4}]
    assert len(remarks) == 1


def test_what_is_no_object_is_told_with_its_line() -> None:
    found, remarks = objects('17\n"x"\nnull\n{"a": NaN, "b": 1e999}\nDas ist kein JSON\n')
    assert found == [(4, {"a": None, "b": None})]
    assert [remark.split(":")[0] for remark in remarks] == [f"x, line {n}" for n in (1, 2, 3, 5)]


@pytest.mark.parametrize("size", [200, 200_000])
@pytest.mark.parametrize("shape", ['{"a":' * 2, "[" * 2 + "7", '{"a":[', '"', "\\", "{\n", "}\n"])
def test_hostile_json_takes_no_time(shape: str, size: int) -> None:
    start = time.perf_counter()
    found, _ = objects(shape * size + '\n{"a": 1}\n')
    assert time.perf_counter() - start < SECONDS
    assert found[-1:] == [(found[-1][0], {"a": 1})]


# Fields


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$date": "2024-05-03T12:05:00.123Z"}, "2024-05-03T12:05:00+00:00"),
        ({"$date": {"$numberLong": "1714737900000"}}, "2024-05-03T12:05:00+00:00"),
        ({"$date": 1714737900000}, "2024-05-03T12:05:00+00:00"),
        ({"$date": "2024-05-03T12:05:00.000+0200"}, "2024-05-03T12:05:00+02:00"),
        ("2024-05-03T14:05:00.123456789+02:00", "2024-05-03T14:05:00+02:00"),
        ("2024-05-03T14:05:00", "2024-05-03T14:05:00"),
        ("gestern", "gestern"),
        ("2024-13-03T14:05:00", "2024-13-03T14:05:00"),
        ("0001-01-01T00:00:00Z", None),
        ({"$date": {"$numberLong": "9" * 18}}, None),
        ({"$date": {"$numberLong": "9" * 5000}}, "9" * 60),
        (True, None),
        ({}, None),
        (None, None),
        ("", None),
    ],
)
def test_moments(value: Any, expected: str | None) -> None:
    assert moment(value) == expected


def test_addresses_are_no_names() -> None:
    assert display_name("anna@example.org", "192.0.2.1", "2001:db8::1", "192.0.2.x", "u1") == "u1"
    assert display_name("Anna: die Zweite") == "Anna: die Zweite"
    assert display_name("12:30") == "12:30"


# Coral


def test_coral_states_and_the_last_revision() -> None:
    def of(status: str, **more: Any) -> dict[str, Any]:
        revisions = [{"id": "1", "body": "alt"}, {"id": "2", "body": f"<div>{status}</div>"}]
        return {"id": status, "storyID": "s", "status": status, "revisions": revisions, **more}

    states = ("APPROVED", "REJECTED", "NONE", "PREMOD", "SYSTEM_WITHHELD", "?")
    (page,) = coral(*map(of, states), of("DEL", deletedAt={"$date": "2024-05-03T12:05:00Z"}))
    assert [(one.text, one.status) for one in page.comments] == [
        ("APPROVED", "approved"),
        ("REJECTED", "rejected"),
        ("NONE", None),
        ("PREMOD", "pending"),
        ("SYSTEM_WITHHELD", "pending"),
        ("?", None),
        ("DEL", "deleted"),
    ]


def test_coral_as_mongoexport_writes_it_in_both_versions() -> None:
    base = {"storyID": "s", "authorID": "u", "revisions": [{"body": "<p>Ja.</p>"}]}
    (page,) = coral(
        {"_id": {"$oid": "65a0"}, "createdAt": {"$date": {"$numberLong": "1714737900000"}}, **base},
        {"id": "c2", "parentID": {"$oid": "65a0"}, "createdAt": {"$date": 1714737900000}, **base},
    )
    assert [(one.id, one.parent_id) for one in page.comments] == [("65a0", None), ("c2", "65a0")]
    assert {one.published for one in page.comments} == {"2024-05-03T12:05:00+00:00"}
    assert {one.author for one in page.comments} == {"u"}


def test_talk_4() -> None:
    record = {
        "id": "c1",
        "asset_id": "a1",
        "parent_id": "c0",
        "author_id": "u1",
        "body": "Wir, nicht die da.",
        "status": "ACCEPTED",
        "created_at": {"$date": "2018-05-03T12:05:00.000Z"},
    }
    assert sniff_coral(record) == "coral"
    (page,) = coral(record)
    expected = Comment(
        "c1", "Wir, nicht die da.", "c0", "u1", "2018-05-03T12:05:00+00:00", "approved"
    )
    assert page.comments == (expected,)


def test_stories_give_headlines_and_a_deleted_comment_is_counted() -> None:
    story = {
        "id": "s1",
        "tenantID": "t",
        "url": "https://example.org/a",
        "metadata": {"title": "Radwege", "publishedAt": {"$date": "2024-05-02T08:00:00Z"}},
    }
    assert sniff_coral(story) == "coral-stories"
    stories = {one.id: one for one in read_coral_stories([json.dumps(story)], "s", silent)}
    comment = {"id": "c", "storyID": "s1", "revisions": [{"body": "Ja."}]}
    gone = {"id": "d", "storyID": "s1", "revisions": [], "deletedAt": {"$date": 1}}
    (page,) = coral(comment, gone, stories=stories)
    assert page.article.headline == "Radwege"
    assert page.article.published == "2024-05-02T08:00:00+00:00"
    assert page.url == "https://example.org/a"
    assert page.warnings == ("1 comment(s) without text left out",)
    # The stories may stand in the same file.
    assert coral(story, comment)[0].article.headline == "Radwege"


def test_a_table_is_no_export() -> None:
    for record in (
        {"id": 1, "text": "Ja"},
        {"url": "https://example.org", "metadata": {"title": "A"}, "text": "Ja"},
        {"url": "https://example.org", "score": 1},
        {"body": "Ja", "status": "APPROVED"},
        {"version": 1, "text": "Ja"},
        {"comments": [], "id": 1},
    ):
        assert sniff_coral(record) is None
        assert sniff_remark42(record) is None
        assert not sniff_parsed(record)


def test_an_export_without_comments_is_told() -> None:
    with pytest.raises(UnreadableInputError, match="no comments in this export"):
        coral({"a": 1})
    with pytest.raises(UnreadableInputError, match="no comments in this backup"):
        list(read_remark42(['{"version": 1, "users": [], "posts": []}'], "r", silent))


# Remark42


def test_remark42_without_metadata_with_broken_lines_and_deleted_comments() -> None:
    def line(name: str, **more: Any) -> str:
        record = {
            "id": name,
            "pid": "",
            "text": f"<p>{name}</p>\n",
            "user": {"name": "anna@example.org", "id": "email_1", "ip": "192.0.2.1"},
            "locator": {"site": "z", "url": "https://example.org/a"},
            "time": "2024-05-03T14:05:00.5+02:00",
            **more,
        }
        return json.dumps(record) + "\n"

    remarks: list[str] = []
    lines = [
        line("a", title="Radwege"),
        line("b", pid="a", delete=True, text=""),
        line("c", text="", orig="> a\n\nNein", delete=True)[:50] + "\n",
        line("d", text="", orig="> a\n\nNein"),
        line("e", locator={"site": "z", "url": "https://example.org/b"}),
    ]
    first, second = read_remark42(lines, "r", remarks.append)
    assert [one.id for one in first.comments] == ["a", "d"]
    assert (first.article.headline, first.url) == ("Radwege", "https://example.org/a")
    assert first.warnings == ("1 comment(s) without text left out",)
    assert first.comments[0].author == "email_1"
    assert first.comments[0].published == "2024-05-03T14:05:00+02:00"
    assert [one.text for one in first.comments[1].quotations] == ["a"]
    assert [one.id for one in second.comments] == ["e"]
    (remark,) = remarks
    assert remark.startswith("r, line 3: not JSON (")


# Gathering


def test_damage_costs_nothing_that_stood_in_front_of_it() -> None:
    def found() -> Any:
        yield Posted("t", Comment("1", "Ja"), "line 1")
        raise UnreadableInputError("x: cut")

    pages = gather("x", found(), silent)
    assert [one.id for one in next(pages).comments] == ["1"]
    with pytest.raises(UnreadableInputError, match="cut"):
        next(pages)


def test_one_id_for_all_comments_takes_no_time() -> None:
    start = time.perf_counter()
    found = (Posted("t", Comment("1", str(number)), "line") for number in range(20_000))
    (page,) = gather("x", found, silent)
    assert time.perf_counter() - start < SECONDS
    assert len({one.id for one in page.comments}) == 20_000


# What moderation parse wrote

PAGE = Page(
    "seite.html",
    Article("Radwege", "Lokales", "2024-05-02", None, "dpa", "Text.", ("Rad",), ("Mehr",)),
    (
        Comment("1", "Ja\n\nNein", None, "Anna", "2024-05-03", "approved", (Evidence(0, 2, "Ja"),)),
        Comment("2", "", "1"),
    ),
    (HouseRule("insult", Category.INSULT, "Keine", "seite.html", 3, 8, "Keine Beleidigungen."),),
    CommentPolicy(
        "closed",
        Evidence(1, 4, "zu!"),
        17,
        ("Disqus",),
        "quoted",
        Evidence(5, 9, "hier"),
        (ReleaseHours("hours", released=False, start="17:00", end="09:00", days=(1, 7)),),
        3,
    ),
    ("w",),
    "https://example.org/a",
)


@pytest.mark.parametrize("page", [PAGE, Page("leer")])
@pytest.mark.parametrize("indent", [None, 2])
def test_pages_are_read_as_they_were_written(page: Page, indent: int | None) -> None:
    written = json.dumps(page_record(page), indent=indent, ensure_ascii=False)
    assert sniff_parsed(json.loads(written))
    assert list(read_parsed(written.splitlines(keepends=True), "x", pytest.fail)) == [page]


def test_damaged_parts_of_a_page_cost_no_others() -> None:
    record = page_record(PAGE)
    record["comments"] += [7, {"text": None}, {"id": "4", "text": "Da", "quotations": [{"a": 1}]}]
    record["comments"].append({"id": "5", "text": "Da", "quotations": [{"start": 1, "end": 9}]})
    record["house_rules"].append({"id": "x"})
    record["comment_policy"]["status"] = "?"
    remarks: list[str] = []
    (page,) = read_parsed([json.dumps(record)], "x", remarks.append)
    assert page.comments == (*PAGE.comments, Comment("5", "Da"))
    assert page.house_rules == PAGE.house_rules
    assert page.comment_policy == CommentPolicy()
    assert len(remarks) == 5
    with pytest.raises(UnreadableInputError, match="no page as moderation parse writes it"):
        list(read_parsed(['{"a": 1}'], "x", silent))


# Anything at all

READERS = {
    "coral": lambda lines: read_coral(lines, "x", silent, {}),
    "remark42": lambda lines: read_remark42(lines, "x", silent),
    "parsed": lambda lines: read_parsed(lines, "x", silent),
}
SEEDS = [path for kind in READERS for path in sorted(NASTY.glob(f"{kind}.*"))]


def read(kind: str, data: bytes) -> list[Page]:
    pages = []
    try:
        for page in READERS[kind](decoded_lines(io.BytesIO(data), "x", silent)):
            pages.append(page)  # noqa: PERF402 -- what came before the error is kept
    except UnreadableInputError as error:
        assert "\n" not in str(error)
    return pages


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_nasty_files_give_pages_or_one_line(path: Any) -> None:
    pages = read(path.name.split(".")[0], path.read_bytes())
    for page in pages:
        json.dumps(page_record(page))
        assert len({one.id for one in page.comments}) == len(page.comments)
    assert pages or ".empty." in path.name


@given(st.sampled_from(SEEDS), st.data())
def test_cut_and_changed_files_give_pages_or_one_line(path: Any, data: st.DataObject) -> None:
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[place:]
    else:
        whole[place] ^= 1 << data.draw(st.integers(0, 7))
    read(path.name.split(".")[0], bytes(whole))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "$date",
                    "$oid",
                    "$numberLong",
                    "body",
                    "id",
                    "name",
                    "url",
                    "start",
                    "end",
                    "text",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
KEYS = [
    "id",
    "_id",
    "storyID",
    "asset_id",
    "parentID",
    "revisions",
    "body",
    "status",
    "deletedAt",
    "authorID",
    "createdAt",
    "url",
    "metadata",
    "version",
    "users",
    "posts",
    "pid",
    "text",
    "orig",
    "user",
    "locator",
    "time",
    "delete",
    "title",
    "comments",
    "house_rules",
    "comment_policy",
    "source",
    "tags",
]


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=9), max_size=4))
def test_any_values_in_known_fields_give_pages_or_one_line(records: list[dict[str, Any]]) -> None:
    data = "\n".join(map(json.dumps, records)).encode()
    for kind in READERS:
        for page in read(kind, data):
            json.dumps(page_record(page))
    for record in records:
        sniff_coral(record)
        sniff_remark42(record)
        sniff_parsed(record)

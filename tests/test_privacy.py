"""Privacy on entry: pseudonyms, and columns that are dropped."""

import json
import pickle
import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import ModerationError
from moderation.parsing.inputs import Input
from moderation.parsing.privacy import private_page, private_table
from moderation.parsing.reader import Intake, open_input
from moderation.parsing.tables import Table, read_csv, read_jsonl
from moderation.pseudonyms import Pseudonyms, open_pseudonyms
from moderation.records import Comment, Page

NAMES = Pseudonyms(b"sixteen bytes...")


def silent(remark: str) -> None:
    """Ignore a remark."""


def test_an_author_has_the_same_pseudonym_every_time() -> None:
    assert NAMES.of("Anna Beispiel") == Pseudonyms(b"sixteen bytes...").of(" Anna Beispiel ")
    assert NAMES.of("Anna Beispiel") != NAMES.of("Anna Beispie")


def test_another_key_gives_other_pseudonyms() -> None:
    assert NAMES.of("Anna") != Pseudonyms(b"another key, too").of("Anna")


@given(st.text(min_size=1))
def test_a_pseudonym_stays_as_it_is_and_has_nothing_of_the_name(name: str) -> None:
    once = NAMES.of(name)
    assert NAMES.of(once) == once
    assert once == "" or once.startswith("author-")


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    first = open_pseudonyms(silent, path)
    assert open_pseudonyms(silent, path) == first
    assert len(first.key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["key"]


def test_a_key_that_is_too_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"short")
    with pytest.raises(ModerationError, match="too short"):
        open_pseudonyms(silent, path)


def test_a_key_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModerationError, match="--keep-authors"):
        open_pseudonyms(silent, tmp_path / "file" / "key")


def test_without_a_place_for_the_key_pseudonyms_last_for_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.delenv("MODERATION_KEY")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    remarks: list[str] = []
    assert open_pseudonyms(remarks.append).of("Anna") != open_pseudonyms(silent).of("Anna")
    assert "for this run only" in remarks[0]


def rows(table: Table) -> list[dict[str, object]]:
    return [dict(row.columns) for row in table.rows(silent)]


def test_addresses_are_dropped_from_a_table_and_authors_disguised() -> None:
    lines = [
        "id,comment_author,comment_author_email,comment_author_IP,text,ship\n",
        "1,Anna,anna@example.org,192.0.2.1,Guter Artikel,MS Erika\n",
    ]
    table = private_table(read_csv(lines, "x", silent), NAMES)
    assert table.columns == ("id", "comment_author", "text", "ship")
    assert table.dropped == ("comment_author_email", "comment_author_IP")
    assert table.disguised == ("comment_author",)
    assert rows(table) == [
        {"id": "1", "comment_author": NAMES.of("Anna"), "text": "Guter Artikel", "ship": "MS Erika"}
    ]


@pytest.mark.parametrize(
    "name",
    ["email", "E-Mail", "e_mail", "user_email", "authorEmail", "ip", "IP-Adresse", "ip_address",
     "remote_addr", "comment_author_ip", "ipAddress", "user_ip", "comment_author_url"],
)  # fmt: skip
def test_columns_with_addresses_are_known_by_name(name: str) -> None:
    table = private_table(
        read_csv([f"id,{name},text\n", "1,x,Guter Artikel\n"], "x", silent), NAMES
    )
    assert table.columns == ("id", "text")


@pytest.mark.parametrize(
    "name",
    ["E-Mail (Autor)", "e-mail des Autors", "email2", "email_hash", "E-Mail-Absender", "last_ip",
     "registration_ip", "IP (Autor)", "x_forwarded_for", "userEmail", "remoteAddr", "userip",
     "IPaddr", "ipv4", "IPv6", "mailto"],
)  # fmt: skip
def test_parts_of_names_tell_addresses(name: str) -> None:
    table = private_table(read_jsonl([json.dumps({name: "x", "text": "Gut so"})], "x"), NAMES)
    assert rows(table) == [{"text": "Gut so"}]


@pytest.mark.parametrize(
    "name",
    ["Vorname", "Nachname", "full_name", "first_name", "Klarname", "Absender", "sender",
     "Verfasser/in", "commenter_name", "authorDisplayName", "user_login", "created_by", "posted_by",
     "Kommentator", "Name des Nutzers", "Benutzer-ID", "nutzer_id", "userNickname", "account",
     "from", "parent_author", "reply_to_user", "user_id", "Nutzer*in", "commenter",
     "username", "from_name", "displayName", "screen_name", "userid", "authorname", "createdby"],
)  # fmt: skip
def test_parts_of_names_tell_authors(name: str) -> None:
    for value in ("Anna", 17, 17.0):
        table = private_table(read_jsonl([json.dumps({name: value, "text": "Gut so"})], "x"), NAMES)
        (row,) = rows(table)
        assert row[name] == NAMES.of(str(value).removesuffix(".0"))


def test_a_row_that_cannot_be_read_shows_nothing() -> None:
    lines = ['{"text": "Gut so"}', '{"user": "Anna", "email": "anna@example.org", "text": ']
    table = private_table(read_jsonl(lines, "x"), NAMES)
    assert rows(table)[1] == {"unreadable": "(54 characters, see --keep-authors)"}


def test_addresses_in_any_column_and_objects_in_cells_are_disguised() -> None:
    inner = json.dumps({"email": "anna@example.org", "author": "Anna", "likes": 3})
    record = {
        "kontakt": "anna@example.org",
        "von": "192.0.2.1",
        "v6": "2001:db8::1",
        "raw": inner,
        "pairs": [["email", "anna@example.org"], ["author", "Anna"]],
        "uhrzeit": "12:30",
        "version": "1.2.3",
        "text": "Schreib an anna@example.org",
    }
    (row,) = rows(private_table(read_jsonl([json.dumps(record)], "x"), NAMES))
    assert row == {
        "kontakt": "",
        "von": "",
        "v6": "",
        "raw": json.dumps({"author": NAMES.of("Anna"), "likes": 3}),
        "pairs": [["email", None], ["author", NAMES.of("Anna")]],
        "uhrzeit": "12:30",
        "version": "1.2.3",
        "text": "Schreib an anna@example.org",
    }


@pytest.mark.parametrize(
    "value",
    ["anna@example.org", " anna.b+c@mail.example.org ", "mailto:anna@example.org",
     "Anna B. <anna@example.org>", "a@example.org; b@example.org", "192.0.2.1", "192.0.2.1:8080",
     "192.0.2.1, 198.51.100.2", "192.0.2.0/24", "::1", "2001:db8::1", "[2001:db8::1]:80",
     "fe80::1%eth0", "::ffff:192.0.2.1", "2001:db8:0:0:0:0:0:1"],
)  # fmt: skip
def test_a_value_that_is_an_address_is_masked(value: str) -> None:
    (row,) = rows(private_table(read_jsonl([json.dumps({"k": value, "text": "Ja"})], "x"), NAMES))
    assert row == {"k": "", "text": "Ja"}


@pytest.mark.parametrize(
    "value",
    ["12:30:45", "1:2:3", "123.456.789.012", "3.5.2024", "@anna", "a@b", "::", "10.04.2024 12:30",
     "https://example.org/a@b", "Fragen an anna@example.org", "{kein JSON", "std::map", "aa:bb"],
)  # fmt: skip
def test_a_value_that_is_no_address_stays(value: str) -> None:
    (row,) = rows(private_table(read_jsonl([json.dumps({"k": value, "text": "Ja"})], "x"), NAMES))
    assert row == {"k": value, "text": "Ja"}


@pytest.mark.parametrize(
    "start", ["@", "a.", ":", "a@b.", "a@b.c     <", "x <", "1.1.1.1 ", "1::1, ", ",", "{", "e_"]
)
def test_hostile_values_and_names_take_no_time(start: str) -> None:
    hostile = start * (1_000_000 // len(start)) + "<"
    table = read_jsonl([json.dumps({hostile: hostile, "text": "Ja"})], "x", "text")
    begun = time.perf_counter()
    assert len(rows(private_table(table, NAMES))) == 1
    assert time.perf_counter() - begun < 1


def test_a_whole_float_is_the_author_with_that_number() -> None:
    lines = [json.dumps({"user": {"id": one}, "text": "Ja"}) for one in (17, 17.0, "17.0", 17.5)]
    found = [row["user"] for row in rows(private_table(read_jsonl(lines, "x", "text"), NAMES))]
    assert found[:3] == [{"id": NAMES.of("17")}] * 3
    assert found[3] == {"id": NAMES.of("17.5")}
    table = private_table(read_csv(["user,text\n", "17.0,Ja\n"], "x", silent), NAMES)
    assert [row.comment.author for row in table.rows(silent)] == [NAMES.of("17")]


def test_a_column_called_by_an_address_is_called_by_its_number() -> None:
    lines = ["column_2,a@example.org,Guter Artikel und mehr\n", "1,b@example.org,Noch einer\n"]
    table = private_table(read_csv(lines, "x", silent, "Guter Artikel und mehr"), NAMES)
    assert table.columns == ("column_2", "column_2_2", "Guter Artikel und mehr")
    assert rows(table) == [
        {"column_2": "1", "column_2_2": "", "Guter Artikel und mehr": "Noch einer"}
    ]


def test_the_column_of_the_comments_may_be_called_by_an_address_too() -> None:
    lines = ["a@example.org\n", "Guter Artikel\n"]
    table = private_table(read_csv(lines, "x", silent, "a@example.org"), NAMES)
    assert (table.columns, table.text_column) == (("column_1",), "column_1")
    assert [(row.columns, row.comment.text) for row in table.rows(silent)] == [
        ({"column_1": "Guter Artikel"}, "Guter Artikel")
    ]


def test_names_within_objects_that_are_addresses_are_disguised() -> None:
    record = {"votes": {"a@example.org": 1}, "text": "Ja"}
    (row,) = rows(private_table(read_jsonl([json.dumps(record)], "x"), NAMES))
    assert row == {"votes": {NAMES.of("a@example.org"): 1}, "text": "Ja"}


def test_answers_still_find_a_comment_whose_id_was_an_address() -> None:
    lines = ["id,parent_id,text\n", "a@example.org,,Ja\n", "2,a@example.org,Nein\n"]
    first, second = private_table(read_csv(lines, "x", silent), NAMES).rows(silent)
    pseudonym = NAMES.of("a@example.org")
    assert first.comment.id == second.comment.parent_id == pseudonym
    assert first.columns["id"] == second.columns["parent_id"] == pseudonym


def test_maps_of_parquet_are_looked_through(tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    pairs = [("email", "a@example.org"), ("author", "Anna"), ("likes", "3")]
    table = pa.table(
        {"text": ["Guter Artikel"], "meta": pa.array([pairs], pa.map_(pa.string(), pa.string()))}
    )
    pq.write_table(table, tmp_path / "x.parquet")
    source = Input("x", tmp_path / "x.parquet")
    with open_input(source, silent, Intake(pseudonyms=NAMES)) as opened:
        assert isinstance(opened, Table)
        (row,) = rows(opened)
    assert row["meta"] == [["email", None], ["author", NAMES.of("Anna")], ["likes", "3"]]


def test_what_is_too_deep_to_be_looked_through_is_left_out() -> None:
    # An object in a cell begins at a level of its own.
    cell = '{"a":' * 60 + '{"email": "a@example.org"}' + "}" * 60
    record: object = {"raw": cell}
    for _ in range(50):
        record = {"a": record}
    line = json.dumps({"deep": record, "text": "Ja"})
    assert "a@example.org" not in str(rows(private_table(read_jsonl([line], "x"), NAMES)))


def test_kinds_of_columns_are_found_once_for_tables_of_any_width(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = ["text", *(f"spalte_{number}" for number in range(10_000))]
    cells = ",".join(["Ja"] * len(names))
    table = private_table(
        read_csv([",".join(names) + "\n", *[f"{cells}\n"] * 3], "x", silent), NAMES
    )
    monkeypatch.setattr("moderation.parsing.privacy._kind", None)
    assert [len(row) for row in rows(table)] == [10_001] * 3


def test_names_of_json_that_no_header_has_are_not_all_remembered() -> None:
    lines = ['{"text": "Ja"}'] * 50
    lines += [json.dumps({"text": "Ja", **{f"k{i}_{n}": n for n in range(5_000)}}) for i in (1, 2)]
    table = private_table(read_jsonl(lines, "x"), NAMES)
    assert [len(row) for row in rows(table)[50:]] == [5_001, 5_001]
    assert len(pickle.dumps(table.parse)) < 200_000


def test_a_comment_that_is_an_address_alone_stays_to_be_judged() -> None:
    (row,) = rows(private_table(read_jsonl(['{"text": "anna@example.org"}'], "x"), NAMES))
    assert row == {"text": "anna@example.org"}


def test_an_identifier_that_is_an_address_is_none_any_more() -> None:
    comments = (Comment("a@example.org", "Ja"), Comment("2", "Nein", "a@example.org"))
    first, second = private_page(Page("x", comments=comments), NAMES).comments
    assert first.id == second.parent_id == NAMES.of("a@example.org")


@pytest.mark.parametrize(
    "name",
    ["filename", "hostname", "section_name", "article_author", "headline", "gender", "user_score",
     "label", "ship", "source", "title", "from_date", "useragent", "page_name", "zip", "tip",
     "equip", "chip", "membership", "url", "trip", "kip"],
)  # fmt: skip
def test_other_columns_stay(name: str) -> None:
    table = private_table(
        read_csv([f"id,{name},text\n", "1,x,Guter Artikel\n"], "x", silent), NAMES
    )
    assert name in table.columns


def test_nested_values_are_disguised_too() -> None:
    line = (
        '{"text": "Guter Artikel", "user": {"name": "Anna", "id": 7, "email": "a@example.org", '
        '"score": 3}, "meta": {"ip": "192.0.2.1", "likes": [1, {"author": "Bert"}]}}'
    )
    (row,) = rows(private_table(read_jsonl([line], "x"), NAMES))
    assert row == {
        "text": "Guter Artikel",
        "user": {"name": NAMES.of("Anna"), "id": NAMES.of("7"), "score": 3},
        "meta": {"likes": [1, {"author": NAMES.of("Bert")}]},
    }


def test_the_column_of_the_comments_stays_whatever_its_name() -> None:
    lines = ["id,mail,email\n", "1,Guter Artikel und mehr davon,x\n"]
    table = private_table(read_csv(lines, "x", silent, "email"), NAMES)
    assert "email" in table.columns


def test_the_parser_of_private_rows_can_go_to_another_process() -> None:
    table = private_table(read_csv(["author,text\n", "Anna,Guter Artikel\n"], "x", silent), NAMES)
    (raw,) = table.raw_rows
    assert pickle.loads(pickle.dumps(table.parse))(raw).comment.author == NAMES.of("Anna")  # noqa: S301 -- our own


def test_a_page_has_pseudonyms_and_its_article_keeps_its_author() -> None:
    page = Page("x", comments=(Comment("1", "Ja", author="Anna"), Comment("2", "Nein")))
    assert [one.author for one in private_page(page, NAMES).comments] == [NAMES.of("Anna"), None]


def test_without_pseudonyms_everything_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("author,email,text\nAnna,a@example.org,Guter Artikel\n")
    with open_input(Input("x", path), silent, Intake()) as table:
        assert isinstance(table, Table)
        assert rows(table) == [
            {"author": "Anna", "email": "a@example.org", "text": "Guter Artikel"}
        ]

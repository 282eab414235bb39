"""Privacy on entry: pseudonyms, and columns that are dropped."""

import json
import pickle
import stat
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
     "registration_ip", "IP (Autor)", "x_forwarded_for", "userEmail", "remoteAddr"],
)  # fmt: skip
def test_parts_of_names_tell_addresses(name: str) -> None:
    table = private_table(read_jsonl([json.dumps({name: "x", "text": "Gut so"})], "x"), NAMES)
    assert rows(table) == [{"text": "Gut so"}]


@pytest.mark.parametrize(
    "name",
    ["Vorname", "Nachname", "full_name", "first_name", "Klarname", "Absender", "sender",
     "Verfasser/in", "commenter_name", "authorDisplayName", "user_login", "created_by", "posted_by",
     "Kommentator", "Name des Nutzers", "Benutzer-ID", "nutzer_id", "userNickname", "account",
     "from", "parent_author", "reply_to_user", "user_id"],
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
     "label", "ship", "zip", "tip", "equip", "chip", "membership", "url", "trip", "kip"],
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

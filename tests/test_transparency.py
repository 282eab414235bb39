"""Statements of reasons: what a commenter reads, and the record for the EU's database."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from test_cli import run

from moderation.reasons import CATEGORY_NAMES
from moderation.records import PROCEDURAL, Category
from moderation.transparency.database import ORDER, database_record, puid, schema
from moderation.transparency.letter import german_date, statement
from moderation.transparency.restriction import (
    Decision,
    Ground,
    House,
    ReasonsError,
    Restriction,
    load_house,
    restriction_of,
)

HOUSE = House(
    "Musterblatt", "an leser@muster.example, binnen sechs Monaten", "", "https://m.example"
)
GROUND = Ground(
    Category.INSULT, "keine Beleidigungen", "Bitte keine Beleidigungen.", "x", ("Depp",), "insults"
)
RESTRICTION = Restriction(
    "7", "Herr Mustermann ist ein Depp.", "page.txt", (GROUND,), "not_published", "2026-11-25",
    published="2026-11-24T10:00", headline="Der Rat tagt", language="de",
)  # fmt: skip


def record(**changed: Any) -> dict[str, Any]:
    label = {
        "rule_id": "insult", "category": "insult", "quote": "Bitte keine Beleidigungen.",
        "clause": "keine Beleidigungen", "rule_source": "x", "strength": 2, "function": "insults",
        "evidence": [{"start": 0, "end": 4, "text": "Depp"}],
    }  # fmt: skip
    return {
        "source": "page.txt",
        "page": {"headline": "Der Rat tagt", "url": None},
        "comment": {"id": "7", "text": "Depp!", "published": "2026-11-24T10:00"},
        "language": {"code": "de", "confidence": 1.0},
        "labels": [label],
        "decision": "reject",
        **changed,
    }


def test_the_commenter_reads_what_why_by_whom_and_how_to_object() -> None:
    text = statement(RESTRICTION, HOUSE, confirmed=True)
    for words in (
        "vom 24.11.2026", "„Der Rat tagt“", "nicht veröffentlicht", "„Depp“ (Beleidigung)",
        "„keine Beleidigungen“", "„Bitte keine Beleidigungen.“", "https://m.example",
        "haben wir damit nicht beurteilt", "Ein Programm", "Entschieden hat ein Mensch",
        "an leser@muster.example, binnen sechs Monaten.", "Artikel 21", "Gerichten",
    ):  # fmt: skip
        assert words in text
    assert "ENTWURF" not in text


def test_without_a_person_it_is_a_draft() -> None:
    text = statement(RESTRICTION, House(), confirmed=False)
    assert text.startswith("ENTWURF")
    assert "[hier ergänzen" in text


def test_the_law_is_named_only_by_a_person() -> None:
    assert "rechtswidrig" not in statement(RESTRICTION, HOUSE, confirmed=True)
    text = statement(replace(RESTRICTION, law="§ 185 StGB"), HOUSE, confirmed=True)
    assert "rechtswidrig: § 185 StGB" in text


def test_a_person_who_names_the_rule_has_found_it_without_a_program() -> None:
    decision = Decision("removed", "2026-11-25", rule="Kein Spott über Tote")
    named = restriction_of(record(labels=[]), decision)
    text = statement(named, HOUSE, confirmed=True)
    assert "gegen unsere Hausregel „Kein Spott über Tote“" in text
    assert "Ein Programm" not in text
    assert "entfernt" in text
    assert database_record(named, HOUSE)["automated_detection"] == "No"


def test_no_rule_no_statement() -> None:
    with pytest.raises(ReasonsError, match="name the one it breaches with --rule"):
        restriction_of(record(labels=[]), Decision("removed", "2026-11-25"))


@pytest.mark.parametrize(
    "broken",
    [{"comment": 1}, {"labels": {}}, {"labels": [{}]}, {"labels": [1]},
     {"labels": [{"category": "procedure"}]}],
)  # fmt: skip
def test_damaged_records_are_refused_in_one_line(broken: dict[str, Any]) -> None:
    with pytest.raises(ReasonsError) as caught:
        restriction_of(record(**broken), Decision("removed", "2026-11-25"))
    assert "\n" not in str(caught.value)


def test_the_record_fits_the_schema_and_holds_nothing_of_the_comment() -> None:
    found = database_record(RESTRICTION, HOUSE)
    assert not list(Draft202012Validator(schema()).iter_errors(found))
    assert "Depp" not in json.dumps(found, ensure_ascii=False)
    assert "Mustermann" not in json.dumps(found, ensure_ascii=False)
    assert found["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert found["content_date"] == "2026-11-24"
    assert found["automated_decision"] == "AUTOMATED_DECISION_NOT_AUTOMATED"


@pytest.mark.parametrize("category", [one for one in Category if one not in PROCEDURAL])
def test_every_category_a_comment_can_breach_fits_the_database(category: Category) -> None:
    ground = replace(GROUND, category=category)
    for law in (None, "§ 130 StGB"):
        found = database_record(replace(RESTRICTION, grounds=(ground,), law=law), HOUSE)
        assert found["category"].startswith("STATEMENT_CATEGORY_")
    assert category in ORDER
    assert category in CATEGORY_NAMES


def test_the_gravest_ground_gives_the_category() -> None:
    grounds = (replace(GROUND, category=Category.ADVERTISING), GROUND)
    found = database_record(replace(RESTRICTION, grounds=grounds), HOUSE)
    assert found["category"] == "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
    assert found["category_addition"] == ["STATEMENT_CATEGORY_OTHER_VIOLATION_TC"]


def test_the_schema_refuses_what_the_database_would() -> None:
    good = database_record(RESTRICTION, HOUSE)
    for change in (
        {"category": "STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"},
        {"incompatible_content_ground": "x" * 501},
        {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"},
        {"puid": "a b"},
        {"territorial_scope": ["US"]},
        {"content_date": "24.11.2026"},
        {"category_specification_other": "x"},
    ):
        assert list(Draft202012Validator(schema()).iter_errors({**good, **change})), change


def test_a_comment_without_a_date_is_not_reported() -> None:
    with pytest.raises(ReasonsError, match="date is not known"):
        database_record(replace(RESTRICTION, published="gestern"), HOUSE)


def test_a_statement_has_one_name_and_another_has_another() -> None:
    assert puid(RESTRICTION) == puid(replace(RESTRICTION, headline="x"))
    assert puid(RESTRICTION) != puid(replace(RESTRICTION, comment_id="8"))


@pytest.mark.parametrize(
    ("text", "words"),
    [("name = 1", "name is no text"), ("nmae = 'x'", "unknown key"), ("x", "no valid TOML"),
     ("territory = ['US']", "territory"), ("territory = []", "territory")],
)  # fmt: skip
def test_a_file_about_the_house_is_checked(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "house.toml").write_text(text)
    with pytest.raises(ReasonsError, match=words):
        load_house(tmp_path / "house.toml")
    with pytest.raises(ReasonsError, match="readable"):
        load_house(tmp_path / "missing.toml")


def test_german_dates() -> None:
    assert german_date("2026-11-24T10:00+01:00") == "24.11.2026"
    assert german_date("gestern") is None


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    path = tmp_path / "scored.jsonl"
    other = record(decision="publish", labels=[])
    other["comment"] = {**other["comment"], "id": "8"}
    path.write_text("\n".join(map(json.dumps, (record(), other))), encoding="utf-8")
    return path


def test_drafts_are_written_for_what_is_recommended_for_rejection(scored: Path) -> None:
    done = run("reasons", str(scored))
    assert done.returncode == 0
    assert done.out.count("ENTWURF") == 1
    assert "1 statements, drafts" in done.err


def test_a_person_confirms_each_one(scored: Path, tmp_path: Path) -> None:
    house = tmp_path / "house.toml"
    house.write_text('objection = "an leser@muster.example"', encoding="utf-8")
    found = tmp_path / "db.jsonl"
    done = run(
        "reasons", str(scored), "--id", "7", "--confirm", "--house", str(house), "--database",
        str(found), "--on", "2026-11-25",
    )  # fmt: skip
    assert (done.returncode, "ENTWURF" in done.out) == (0, False)
    (batch,) = map(json.loads, found.read_text(encoding="utf-8").splitlines())
    assert len(batch["statements"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--confirm"], 2, "--confirm needs --house"),
        (["--database", "x"], 2, "--database needs --confirm"),
        (["--on", "2026-13-01"], 2, "no date"),
        (["--id", "9"], 2, "no comment has this id"),
        (["--id", "8"], 3, "no house rule was found"),
    ],
)
def test_what_is_missing_is_said(scored: Path, arguments: list[str], code: int, words: str) -> None:
    done = run("reasons", str(scored), *arguments)
    assert done.returncode == code
    assert words in done.err


def test_an_id_that_stands_in_two_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scored.jsonl"
    path.write_text("\n".join(map(json.dumps, (record(), record(source="y")))), encoding="utf-8")
    done = run("reasons", str(path), "--id", "7")
    assert done.returncode == 2
    assert "stands in several pages" in done.err

"""Netiquettes: clauses in the right category, none invented, none dropped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from netiquettes import count, figures, gold_of, ours

from moderation.parsing.house_rules import read_netiquette
from moderation.parsing.lines import read_lines
from moderation.parsing.page_text import parse_page_text
from moderation.text import sentences

FOLDER = Path(__file__).parents[1] / "benchmarks" / "netiquettes"
RESULTS = json.loads((FOLDER.parent / "results" / "netiquettes.json").read_text("utf-8"))
SETS = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("name", SETS)
def test_the_stored_figures_are_those_of_the_reader(name: str) -> None:
    paths = sorted((FOLDER / name).glob("*.toml"))
    assert figures(count(paths, ours)) == RESULTS[name]["ours"]


@pytest.mark.parametrize("name", [name for name in SETS if name.startswith("development")])
def test_netiquettes_of_development_are_understood(name: str) -> None:
    found = RESULTS[name]["ours"]
    assert found["share"] >= 0.9
    assert found["precision"] >= 0.9


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("development*/*.toml")), ids=lambda path: path.stem
)
def test_quotes_are_verbatim_and_nothing_is_lost_where_all_is_rules(path: Path) -> None:
    text, _ = gold_of(path)
    netiquette = read_netiquette(text, "x", parse_page_text(text, "x").house_rules, whole=True)
    for rule in netiquette.rules:
        assert text[rule.start : rule.end] == rule.quote
        assert rule.quote in rule.sentence
        assert rule.sentence in text
    for part in netiquette.not_understood:
        assert text[part.start : part.end] == part.text
    # A sentence of prose is understood or listed. Headings, questions and what introduces a list
    # are neither, and the same words twice are one rule.
    told = [(rule.start, rule.end) for rule in netiquette.rules]
    told += [(part.start, part.end) for part in netiquette.not_understood]
    quotes = {" ".join(rule.quote.casefold().split()) for rule in netiquette.rules}
    for line in read_lines(text):
        if not line.text.endswith("."):
            continue
        for left, right in sentences(line.text):
            start, end = line.start + left, line.start + right
            said = " ".join(text[start:end].casefold().split())
            assert (
                any(one < end and start < two for one, two in told)
                or any(quote in said for quote in quotes)
                or text[end - 1] in "?:"
            ), text[start:end]


def read(text: str) -> tuple[list[str], list[str]]:
    netiquette = read_netiquette(text, "x", ())
    return (
        [f"{rule.category}: {rule.quote}" for rule in netiquette.rules],
        [part.text for part in netiquette.not_understood],
    )


def test_short_lines_among_short_lines_are_items() -> None:
    rules, unread = read("Netiquette\nWer pöbelt, fliegt\nZehn Zeilen genügen\nHallo Welt\n")
    assert rules == ["insult: Wer pöbelt, fliegt", "length_limit: Zehn Zeilen genügen"]
    assert unread == ["Hallo Welt"]


def test_a_topic_with_a_question_mark_goes_with_its_answer() -> None:
    rules, _ = read("Netiquette\n\nSexistische Sprüche? Ohne uns. Darf ich Links setzen? Ja.\n")
    assert rules == ["group_abuse: Sexistische Sprüche? Ohne uns."]


@pytest.mark.parametrize(
    "text",
    [
        (
            "Was gegen Hass hilft\n\nBeleidigungen und Volksverhetzung sind strafbar. Betroffene "
            "sollten Anzeige erstatten. Plattformen müssen rechtswidrige Kommentare löschen."
            " Meldestellen helfen weiter. Diskussionen mit Trollen führen selten weiter."
        ),
        (
            "Interview\n\nWas löschen Sie? Beleidigungen veröffentlichen wir nicht. Werbung hat "
            "bei uns nichts verloren. Wer gegen die Regeln verstößt, wird gesperrt."
        ),
        (
            "Kartoffelsalat\n\nKochen Sie die Kartoffeln. Bitte keine Mayonnaise! Der Salat muss "
            "zwei Stunden ziehen. Schreiben Sie uns Ihr Rezept in die Kommentare."
        ),
    ],
)
def test_texts_about_something_else_are_no_netiquettes(text: str) -> None:
    assert read(text) == ([], [])


def test_where_only_passages_are_read_it_is_told() -> None:
    page = "Der Rat tagt\n\n12. Mai 2024\n\nDer Rat hat am Montag getagt.\n\nNetiquette\n"
    page += "- Beleidigungen werden gelöscht.\n- Keine Werbung.\n"
    known = parse_page_text(page, "x").house_rules
    assert read_netiquette(page, "x", known).whole is False
    assert read_netiquette(page, "x", known, whole=True).whole is True

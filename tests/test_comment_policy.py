"""How commenting works on a page."""

from __future__ import annotations

import pytest
from test_comment_threads import ARTICLE
from test_page_text import parse

from moderation.parsing.page_text import parse_page_text
from moderation.records import CommentPolicy, ReleaseHours


def policy(text: str) -> CommentPolicy:
    return parse_page_text(ARTICLE + text, "x").comment_policy


def test_closed_page_quotes_the_sentence_that_says_so() -> None:
    seed = parse("002").comment_policy
    assert seed.status == "closed"
    assert seed.statement is not None
    assert seed.statement.text.startswith("wir bitten um Verständnis, dass")
    assert seed.statement.text.endswith("unter diesem Artikel keine Kommentarfunktion gibt.")
    assert seed.systems == ("DISQUS", "HNA-Login")
    assert seed.guidelines == "quoted"
    assert seed.guidelines_link is not None
    assert seed.guidelines_link.text == "unsere kompletten Nutzungsbedingungen"
    assert seed.release_hours == (ReleaseHours("opening_hours", False, "17:00", "09:00"),)
    assert seed.closes_after_days == 3


@pytest.mark.parametrize("seed", ["000", "001"])
def test_linked_standards_are_said_not_to_be_quoted(seed: str) -> None:
    page = parse(seed)
    found = page.comment_policy
    assert found.status == "elsewhere"
    assert found.systems == ("Facebook", "Sputnik")
    assert found.guidelines == "linked"
    assert found.guidelines_link is not None
    assert found.guidelines_link.text == "Gemeinschaftsstandards"
    assert any("linked" in warning and "not quoted" in warning for warning in page.warnings)


def test_section_without_comments_is_empty() -> None:
    found = parse("003").comment_policy
    assert found.status == "empty"
    assert found.statement is not None
    assert found.statement.text == "Kommentare"


def test_section_with_comments_is_open_and_declares_a_number() -> None:
    found = parse("004").comment_policy
    assert (found.status, found.declared) == ("open", 7)


@pytest.mark.parametrize(
    "notice",
    [
        "Die Kommentarfunktion für diesen Artikel ist geschlossen.",
        "Die Kommentarfunktion ist deaktiviert.",
        "Kommentare sind geschlossen",
        "Kommentarbereich geschlossen",
        "Für diesen Beitrag sind keine Kommentare zugelassen.",
        "Dieser Artikel kann nicht mehr kommentiert werden.",
        "Sie können diesen Artikel nicht mehr kommentieren.",
        "Die Diskussion ist beendet.",
        "Die Diskussion zu diesem Artikel wurde geschlossen.",
        "Wir haben die Kommentarfunktion unter diesem Text geschlossen.",
        "Kommentieren ist leider nicht mehr möglich.",
        "Die Kommentarfunktion steht für diesen Artikel nicht zur Verfügung.",
        "Comments are closed.",
    ],
)
@pytest.mark.parametrize("heading", ["", "Kommentare\n\n"])
def test_wordings_of_a_closed_section(notice: str, heading: str) -> None:
    found = policy(heading + notice + "\n")
    assert found.status == "closed"
    assert found.statement is not None
    assert found.statement.text == notice


def test_closed_section_keeps_its_comments() -> None:
    page = parse("closed_with_comments")
    assert page.comment_policy.status == "closed"
    assert len(page.comments) == 2
    assert page.warnings == ()


@pytest.mark.parametrize(
    "notice",
    [
        "Kommentare (0)",
        "0 Kommentare",
        "Keine Kommentare",
        "Kommentare\n\nNoch keine Kommentare vorhanden.",
        "Kommentare\n\nSeien Sie der Erste!",
        "Kommentare\n\nDieser Artikel wurde noch nicht kommentiert.",
    ],
)
def test_wordings_of_an_empty_section(notice: str) -> None:
    assert policy(notice + "\n").status == "empty"


def test_form_alone_means_open() -> None:
    assert policy("Schreiben Sie einen Kommentar\n\nName\n").status == "open"


@pytest.mark.parametrize(
    ("notice", "systems"),
    [
        ("Please enable JavaScript to view the comments powered by Disqus.", ("Disqus",)),
        ("Diskutieren Sie mit uns auf Facebook.", ("Facebook",)),
        ("12 Kommentare\n\nKommentare werden geladen …", ()),
    ],
)
def test_comments_kept_elsewhere(notice: str, systems: tuple[str, ...]) -> None:
    found = policy(notice + "\n")
    assert (found.status, found.systems) == ("elsewhere", systems)


@pytest.mark.parametrize(
    ("sentence", "released", "hours"),
    [
        (
            "Zwischen 22 und 6 Uhr werden keine Kommentare freigeschaltet.",
            False,
            ("22:00", "06:00"),
        ),
        (
            "Kommentare werden nur von 8 bis 18.30 Uhr freigeschaltet.",
            True,
            ("08:00", "18:30"),
        ),
        (
            "Von 20:15 bis 7:00 Uhr ist der Kommentarbereich geschlossen.",
            False,
            ("20:15", "07:00"),
        ),
        (
            "Am Wochenende ist die Kommentarfunktion geschlossen.",
            False,
            ("00:00", "24:00", (6, 7)),
        ),
        ("Wir moderieren nur werktags.", True, ("00:00", "24:00", (1, 2, 3, 4, 5, 6), False)),
    ],
)
def test_hours_of_release(sentence: str, released: bool, hours: tuple[str, str]) -> None:
    found = policy(f"Kommentare\n\nNetiquette:\n{sentence}\n")
    assert found.release_hours == (ReleaseHours("opening_hours", released, *hours),)
    assert found.status != "closed"


@pytest.mark.parametrize(
    ("sentence", "days"),
    [
        ("Die Kommentarfunktion wird nach 48 Stunden geschlossen.", 2),
        ("Nach einer Woche schließen wir die Kommentarfunktion.", 7),
        ("Nach vierzehn Tagen wird die Diskussion geschlossen.", 14),
        ("Die Kommentarfunktion wird nach 36 Stunden geschlossen.", 2),
        ("Die Diskussion wird 14 Tage nach Erscheinen des Artikels beendet.", 14),
    ],
)
def test_days_until_closing(sentence: str, days: int) -> None:
    assert policy(f"Kommentare\n\nNetiquette:\n{sentence}\n").closes_after_days == days


def test_page_without_a_word_on_comments_is_unknown() -> None:
    found = policy("")
    assert (found.status, found.guidelines) == ("unknown", "none")


@pytest.mark.parametrize(
    ("notice", "status"),
    [
        ("Das Kommentieren dieses Artikels ist nicht mehr möglich.", "closed"),
        ("Für diesen Artikel ist die Kommentarfunktion nicht freigeschaltet.", "closed"),
        (
            "Aus Rücksicht haben wir die Kommentarfunktion für diesen Beitrag abgeschaltet.",
            "closed",
        ),
        ("Kommentare sind nur für Abonnenten möglich.", "open"),
        ("Diskutieren Sie mit! Jetzt anmelden und kommentieren.", "open"),
        ("Posten Sie als Erster!", "empty"),
        ("Kommentare lesen (312 Beiträge)", "elsewhere"),
    ],
)
def test_notice_below_the_article_says_how_commenting_works(notice: str, status: str) -> None:
    assert policy(notice + "\n").status == status


def test_notice_below_the_comments_closes_them() -> None:
    assert parse("dates_in_comment").comment_policy.status == "closed"

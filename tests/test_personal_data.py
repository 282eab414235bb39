"""Personal data in comments: what is found, to the letter, and what is left alone."""

from __future__ import annotations

import pytest
from growth import growth
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.labelling.functions import label_reading, label_text
from moderation.labelling.personal_data import find_personal_data
from moderation.labelling.reading import read
from moderation.labelling.waking import wakes
from moderation.records import Category, HouseRule

RULES = (HouseRule("privacy", Category.PRIVACY, "…", "test", 0, 1, "…"),)


def found(text: str) -> list[tuple[str, int]]:
    """Return what is found, joined, with the strength of the label."""
    return [
        (evidence.text, label.strength)
        for label in label_text(text, RULES)
        for evidence in label.evidence
    ]


# The personal data stand between ⟦ and ⟧.
UNMISTAKABLE = [
    "⟦Hauptstraße 12, 12345 Musterstadt⟧",
    "Zu finden ist er in der ⟦Hauptstr. 12a, D-12345 Musterstadt⟧.",
    "⟦Am Alten Markt 3, 12345 Musterstadt⟧",
    "⟦An der Alster 5–7, 12345 Musterstadt⟧",
    "⟦Lindenweg 4\n12345 Musterstadt⟧",
    "⟦Kurfürstendamm 101, 12345 Berlin⟧",
    "⟦Platz der Republik 1, 12345 Musterstadt⟧",
    "⟦Straße des 17. Juni 135, 12345 Berlin⟧",
    "⟦Straße der Einheit 4, 12345 Musterstadt⟧",
    "⟦Willy-Brandt-Str. 4, Hinterhaus, 12345 Musterstadt⟧",
    "⟦Gartenstraße Nr. 9, 01234 Musterstadt⟧",
    "⟦Berliner Str. 17 b, 12345 Musterstadt⟧",
    "⟦Lange Gasse 3, 12345 Musterstadt⟧",
    "⟦Unter den Linden 77, 12345 Berlin⟧",
    "⟦Auf der Heide 3 12345 Musterstadt⟧",
    "⟦Hohe Bleichen 8, 12345 Hamburg⟧",
    "⟦Mariahilfer Straße 45/2/11, 1060 Wien⟧",
    "⟦Stephansplatz 3, A-1010 Wien⟧",
    "⟦Landstraße 8, 4020 Linz⟧",
    "⟦Bahnhofstrasse 7, CH-8001 Zürich⟧",
    "⟦Seeuferweg 2, 3012 Bern⟧",
    "⟦12345 Musterstadt, Hauptstraße 12⟧",
    "⟦1010 Wien, Stubenring 3⟧",
    "⟦hauptstr. 12, 12345 musterstadt⟧",
    "⟦Hauptstr.12 in 12345 Musterstadt⟧",
    "Er wohnt beim Rathaus, ⟦Ringstraße 5, 12345 Musterstadt⟧",
    "Ruf an: ⟦+43 664 1234567⟧",
    "⟦0043 1 234 56 78⟧",
    "⟦+41 79 123 45 67⟧",
    "Meldet euch unter ⟦079 123 45 67⟧",
    "⟦0664 1234567⟧ ist seine Nummer",
    "⟦+49 30 1234567⟧",
    "⟦(030) 123 45 67⟧",
    "Unter ⟦030/1234567⟧ geht er ran",
    "⟦04131 / 123456⟧",
    "⟦(0171) 1234567⟧",
    "⟦max (at) example (punkt) org⟧",
    "⟦max [at] example.org⟧",
    "Schreibt an ⟦max.muster(at)example.org⟧!",
    "⟦max {at} example {dot} org⟧",
    "⟦m.muster (ät) example.com⟧",
]
POSSIBLE = [
    "Der wohnt in der ⟦Hauptstraße 12⟧.",
    "Adresse: ⟦Lindenweg 4⟧",
    "Seine Adresse ist übrigens ⟦Berliner Str. 5⟧",
    "⟦Hauptstraße 12⟧, da wohnt er",
    "In der ⟦Gartenstr. 3a⟧ wohnt sie mit den Kindern",
    "Sein Haus in der ⟦Hauptstr. 5⟧ kennt jeder",
    "Die wohnt ⟦Am Markt 3⟧",
    "Sie lebt am ⟦Potsdamer Platz 1⟧, ganz oben",
    "Klingelt doch mal in der ⟦Lindenallee 8⟧",
    "⟦max at example dot org⟧",
]


@pytest.mark.parametrize(
    ("marked", "strength"), [(text, 2) for text in UNMISTAKABLE] + [(text, 1) for text in POSSIBLE]
)
def test_personal_data_is_found_to_the_letter(marked: str, strength: int) -> None:
    expected = marked.partition("⟦")[2].partition("⟧")[0]
    text = marked.replace("⟦", "").replace("⟧", "")
    assert found(text) == [(expected, strength)]
    # In the middle of a comment, too, and whatever follows.
    assert found(f"Hört mal. {text}\nMehr sage ich nicht.") == [(expected, strength)]


@pytest.mark.parametrize(
    "text",
    [
        # Streets, but nobody's address.
        "Die Demo auf der Straße des 17. Juni war groß",
        "Die Straße des 17. Juni 1953 zu Ehren",
        "Der Unfall in der Bergmannstraße 2015",
        "In der Hauptstraße 12 Häuser, und alle leer",
        "Er wohnt in der Hauptstraße 12 Jahre lang",
        "In der Bahnhofstraße 5 gibt es gutes Eis",
        "Treffpunkt Hauptstraße 12, 12345 Musterstadt",
        "Bundestag, Platz der Republik 1, 11011 Berlin",
        "Platz der Republik 1, 11011 Berlin",
        "Redaktion, Hauptstraße 12, 12345 Musterstadt",
        "Das Rathaus, Am Markt 1, 12345 Musterstadt",
        "Muster GmbH, Ringstraße 5, 12345 Musterstadt",
        "Stau auf der A 7 und der B 27",
        "Die Bundesstraße 27 bei Stuttgart",
        "Er wohnt an der Bundesstraße 27",
        "Er wohnt an der Landstraße 12 Kilometer weiter",
        "Sie wohnt seit 12 Jahren in der Hauptstraße",
        "Auf dem Parkplatz 3 wohnt keiner mehr",
        "Wohnt dort: Stellplatz 12",
        "Wir leben auf Platz 3 der Tabelle",
        "Am Montag 3 Stunden gewartet",
        "Sie wohnt Am Sonntag 2000 nicht",
        "Im Juni 12 Grad, wer lebt da gern",
        "Die müssen weg 12345 mal gesagt",
        "Straße 12345 Meter lang",
        # Numbers that are counted.
        "2000 Hamburger standen an",
        "10000 Euro sind viel Geld",
        "12345 Menschen kamen",
        "Hauptstraße 12, 50000 Euro Schaden",
        "Lindenweg 4, 10000 Besucher",
        "Am Markt 3, 1848 Revolution",
        "Kapitel 4, 12345 Wörter",
        "Seite 12, 12345 Treffer",
        "Bild 3, 20354 Klicks",
        "Platz 3, 12345 Stimmen",
        "Juni 12, 12345 Fälle",
        "Paragraph 12 und Artikel 5",
        "Kapitel 4 auf Seite 12",
        "Um 12:30 Uhr in der Hauptstraße",
        "Er kam um 20.15 Uhr nach Hause",
        "Er lebt von 12,50 am Tag",
        "Zuhause 3 Kinder und 2 Hunde",
        "12345 Musterstadt",
        "Die Postleitzahl 12345 kenne ich nicht",
        "1010 Wien ist der erste Bezirk",
        "Am Ende 3 Punkte, 1410 Zuschauer",
        # Numbers that nobody is called by.
        "Am 01.02.2016 waren es 1 500 000 Euro",
        "Die Nummer 0815 kennt jeder",
        "0815/4711",
        "Am 03/2016 begann es",
        "2016/03/12 war ein Samstag",
        "Drucksache 18/12345",
        "Az. 07/123456 beim Landgericht",
        "ISBN 978-3-16-148410-0",
        "ISBN 0-306-40615-2",
        "Konto 0123456789",
        "0800/1234567 ist kostenlos",
        "(0180) 1234567",
        "0900/1234567 ist teuer",
        "Das kostet 0,05/1234 Euro",
        "110 und 112 sind Notrufe",
        "-079 123 45",
        "Die 4316641234567 Sterne",
        "https://example.org/artikel/030/1234567",
        "https://example.org/0017988/ 04",
        # Addresses of nobody, or none.
        "redaktion (at) example (punkt) org",
        "info [at] example.org",
        "Look at the dot on the map",
        "wir at home punkt",
        "Das (at) nervt",
        "Er ist der beste Mann at work dot",
        "Der Punkt ist: at all",
    ],
)  # fmt: skip
def test_what_is_nobody_s_is_left_alone(text: str) -> None:
    assert found(text) == []


PIECES = st.sampled_from(
    [
        "Hauptstraße", "Hauptstr.", "Haupt", "straße", "STRASSE", "Lindenweg", "Berliner", "Straße",
        "Alter", "Weg", "Platz", "der", "Republik", "des", "17.", "Juni", "Am", "An der", "Alten",
        "Markt", "Unter den", "Linden", "12", "12a", "5–7", "3", "Nr.", "/2/11", ",", "-", "in",
        "12345", "1010", "8001", "D-12345", "A-1010", "CH-8001", "Berlin", "Bad", "St.", "Wien",
        "berlin", "wohnt", "er", "da", "Adresse:", "sein Haus", "zu Hause", "Hinterhaus", "3. OG",
        "(030)", "030/", "123 45 67", "1234567", "+43", "0043", "+41 79", "079", "0664", "(0)",
        "max", "(at)", "[at]", "at", "ät", "( at )", "example", "dot", "(punkt)", ".org", "org",
    ]
)  # fmt: skip
GLUE = st.sampled_from(
    [" ", " ", " ", " ", ", ", "\n", "", ".", "-", "–", "/", "|", ";", "  ", "\u00a0", "\u3000",
     "\u00ad", "\u0301", "\u200b", "\x1c", "(", ")", '"', "\x00"]
)  # fmt: skip


@settings(max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(PIECES, GLUE), max_size=16))
def test_a_comment_with_personal_data_is_never_left_asleep(pairs: list[tuple[str, str]]) -> None:
    text = "".join(piece + glue for piece, glue in pairs)
    hits = list(find_personal_data(read(text)))
    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
    assert wakes(text) or not hits
    assert label_text(text, RULES) == label_reading(read(text), RULES)


def test_few_comments_wake_for_an_address() -> None:
    # A word of each kind, but no house number where one would have to stand.
    for text in (
        "Der Weg ist weit, und der Platz ist klein.",
        "Auf der Straße standen 2015 viele Leute.",
        "Nach 12 Jahren ist der Weg frei.",
        "Er kam 1989 und ging 2020 nach 3 Jahren.",
        "Das kostet 5000 Euro.",
    ):
        assert not wakes(text), text


@pytest.mark.parametrize(
    "unit",
    [
        "Hauptstraße ", "Hauptstraße 12 ", "Am Markt Markt Markt 3 ", "12345 Berlin ", "A-1010 W",
        "Hauptstr.12,", "1-2/3 ", "Aaaa", "A Aa ", "wohnt ", "Adresse 1 ", "(at) ", "a(at)a.",
        "at dot ", "0664 1 ", "(030) ", "030/12 ", "+43 1 ", "Platz der ", "straße des 1. ",
        "Lindenweg 1, Aa Bb Cc ", "sein Haus 12 ", "12345 Aa Bb ", "Straßestraße",
    ],
)  # fmt: skip
def test_time_grows_with_length_not_with_its_square(unit: str) -> None:
    assert growth(lambda size: label_text(unit * (size // len(unit)), RULES), 10_000, 100_000) < 30

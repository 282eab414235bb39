"""What sentences of house rules say about hours of release and closing time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.hours import closing_after, release_hours
from moderation.records import Category, HouseRule, ReleaseHours


def rule(sentence: str, category: Category = Category.OPENING_HOURS) -> HouseRule:
    return HouseRule("r", category, sentence, "test", 0, len(sentence), sentence)


ALL, WORKDAYS, WORKING, WEEKEND = None, (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6), (6, 7)
DAY = ("00:00", "24:00")

# What is said: + released, - not released, then start, end, days, holidays.
UNDERSTOOD = [
    (
        "In der Zeit zwischen 17 und 9 Uhr werden keine neuen Beiträge freigeschaltet.",
        [("-", "17:00", "09:00", ALL, None)],
    ),
    (
        "Kommentare werden Montag bis Freitag von 8 bis 18 Uhr moderiert.",
        [("+", "08:00", "18:00", WORKDAYS, None)],
    ),
    ("Am Wochenende werden keine Kommentare freigeschaltet.", [("-", *DAY, WEEKEND, None)]),
    (
        "An Sonn- und Feiertagen werden keine Kommentare freigeschaltet.",
        [("-", *DAY, (7,), True)],
    ),
    ("Sonn- und feiertags ruht die Moderation.", [("-", *DAY, (7,), True)]),
    (
        "Kommentare werden werktags zwischen 9 und 17 Uhr freigeschaltet.",
        [("+", "09:00", "17:00", WORKING, False)],
    ),
    (
        "Werktags (Mo–Fr) von 8 bis 18 Uhr werden Beiträge geprüft.",
        [("+", "08:00", "18:00", WORKDAYS, False)],
    ),
    ("Nachts (22-6 Uhr) wird nicht moderiert.", [("-", "22:00", "06:00", ALL, None)]),
    (
        "Mo–Fr 8–18 Uhr, Sa 10–14 Uhr werden Kommentare moderiert.",
        [("+", "08:00", "18:00", WORKDAYS, None), ("+", "10:00", "14:00", (6,), None)],
    ),
    (
        "Wir moderieren werktags von 8 bis 12 und von 14 bis 18.30 Uhr.",
        [("+", "08:00", "12:00", WORKING, False), ("+", "14:00", "18:30", WORKING, False)],
    ),
    (
        "Von Freitag, 18 Uhr, bis Montag, 8 Uhr, werden keine Kommentare freigeschaltet.",
        [
            ("-", "18:00", "24:00", (5,), None),
            ("-", *DAY, (6,), None),
            ("-", *DAY, (7,), None),
            ("-", "00:00", "08:00", (1,), None),
        ],
    ),
    (
        "Von Freitag 24 Uhr bis Montag 0 Uhr werden keine Kommentare freigeschaltet.",
        [("-", *DAY, (6,), None), ("-", *DAY, (7,), None)],
    ),
    (
        "Zwischen 17 und 9 Uhr sowie am Wochenende werden keine Beiträge freigeschaltet.",
        [("-", "17:00", "09:00", ALL, None), ("-", *DAY, WEEKEND, None)],
    ),
    (
        "Kommentare, die am Wochenende eingehen, werden erst am nächsten Werktag freigeschaltet.",
        [("-", *DAY, WEEKEND, None)],
    ),
    (
        "Kommentare, die zwischen 17 und 9 Uhr eingehen, werden ab 9 Uhr freigeschaltet.",
        [("-", "17:00", "09:00", ALL, None)],
    ),
    (
        "Außerhalb der Zeit von 8 bis 18 Uhr werden keine Beiträge freigeschaltet.",
        [("+", "08:00", "18:00", ALL, None)],
    ),
    (
        "Wir moderieren von 8 bis 18 Uhr; außerhalb dieser Zeiten wird nichts freigeschaltet.",
        [("+", "08:00", "18:00", ALL, None)],
    ),
    (
        (
            "Kommentare werden montags bis freitags von 8 bis 18 Uhr freigeschaltet, "
            "am Wochenende nicht."
        ),
        [("+", "08:00", "18:00", WORKDAYS, None), ("-", *DAY, WEEKEND, None)],
    ),
    (
        (
            "Montags bis samstags (außer an Feiertagen) werden Kommentare von 9 bis 17 Uhr "
            "freigeschaltet."
        ),
        [("+", "09:00", "17:00", WORKING, False)],
    ),
    (
        "Täglich außer sonntags von 8 bis 18 Uhr moderieren wir Ihre Beiträge.",
        [("+", "08:00", "18:00", WORKING, None)],
    ),
    (
        (
            "Kommentare werden täglich von 8 bis 22 Uhr freigeschaltet, am Wochenende von 10 bis "
            "18 Uhr."
        ),
        [("+", "08:00", "22:00", WORKDAYS, None), ("+", "10:00", "18:00", WEEKEND, None)],
    ),
    (
        (
            "Die Kommentarfunktion ist wochentags von 9 bis 18 Uhr geöffnet, samstags von 10 bis "
            "14 Uhr, sonn- und feiertags geschlossen."
        ),
        [
            ("+", "09:00", "18:00", WORKDAYS, False),
            ("+", "10:00", "14:00", (6,), None),
            ("-", *DAY, (7,), True),
        ],
    ),
    (
        (
            "Neue Kommentare schalten wir Montag bis Donnerstag von 9 bis 17 Uhr und Freitag von 9 "
            "bis 14 Uhr frei."
        ),
        [("+", "09:00", "17:00", (1, 2, 3, 4), None), ("+", "09:00", "14:00", (5,), None)],
    ),
    (
        "Beiträge werden von 8 bis 18 Uhr (Montag bis Freitag) freigegeben.",
        [("+", "08:00", "18:00", WORKDAYS, None)],
    ),
    (
        "Kommentare sind von Samstag bis Montag geschlossen.",
        [("-", *DAY, (1, 6, 7), None)],
    ),
    (
        "Die Kommentarfunktion ist zwischen 22 Uhr abends und 6 Uhr morgens geschlossen.",
        [("-", "22:00", "06:00", ALL, None)],
    ),
    (
        "Die Kommentarfunktion ist von siebzehn bis neun Uhr geschlossen.",
        [("-", "17:00", "09:00", ALL, None)],
    ),
    (
        "Die Kommentarfunktion ist von 22 Uhr bis Mitternacht geschlossen.",
        [("-", "22:00", "24:00", ALL, None)],
    ),
    (
        "Nachts und am Wochenende werden keine Kommentare freigeschaltet.",
        [("-", *DAY, WEEKEND, None)],
    ),
    (
        "So werden Kommentare zwischen 22 und 6 Uhr nicht freigeschaltet.",
        [("-", "22:00", "06:00", ALL, None)],
    ),
    (
        "Neue Beiträge werden an Werktagen nicht zwischen 17 und 9 Uhr freigeschaltet.",
        [("-", "17:00", "09:00", WORKING, False)],
    ),
    (
        "An Sonn- und Feiertagen sowie nachts zwischen 22 und 7 Uhr wird nichts freigeschaltet.",
        [("-", *DAY, (7,), True), ("-", "22:00", "07:00", ALL, None)],
    ),
    (
        "Außerhalb der Zeiten (Mo–Fr, 9–18 Uhr) eingehende Kommentare werden später moderiert.",
        [("+", "09:00", "18:00", WORKDAYS, None)],
    ),
    (
        "Samstags, sonntags und an Feiertagen findet keine Moderation statt.",
        [("-", *DAY, WEEKEND, True)],
    ),
    (
        "Freischaltung der Kommentare: Mo bis Fr 8 bis 18 Uhr, Sa/So 10 bis 17 Uhr.",
        [("+", "08:00", "18:00", WORKDAYS, None), ("+", "10:00", "17:00", WEEKEND, None)],
    ),
    (
        "Die Moderation erfolgt von 8 bis 20 Uhr, außer an Sonn- und Feiertagen.",
        [("+", "08:00", "20:00", WORKING, False)],
    ),
    (
        (
            "Die Kommentarfunktion ist werktags von 18 bis 8 Uhr und am Wochenende ganztägig "
            "geschlossen."
        ),
        [("-", "18:00", "08:00", WORKING, False), ("-", *DAY, WEEKEND, None)],
    ),
    (
        "Wir moderieren von 8 bis 18 Uhr. Am Wochenende nicht.",
        [("+", "08:00", "18:00", ALL, None), ("-", *DAY, WEEKEND, None)],
    ),
]


@pytest.mark.parametrize(("sentence", "said"), UNDERSTOOD, ids=lambda one: str(one)[:40])
def test_hours_of_a_sentence(
    sentence: str, said: list[tuple[str, str, str, object, object]]
) -> None:
    wanted = tuple(ReleaseHours("r", sign == "+", *rest) for sign, *rest in said)  # type: ignore[arg-type]
    assert release_hours(rule(sentence)) == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        # No hours, or only one end of them.
        "Nachts werden keine Kommentare freigeschaltet.",
        "Am Wochenende nachts werden keine Kommentare freigeschaltet.",
        "Freitags ab 16 Uhr werden keine Kommentare freigeschaltet.",
        "Am Wochenende wird nur bis 16 Uhr moderiert.",
        "Kommentare werden werktags und nachts freigeschaltet.",
        "Die Kommentarfunktion ist zwischen 10 Uhr abends und 6 Uhr morgens geschlossen.",
        "Wir prüfen Kommentare an Werktagen von 25 bis 30 Uhr.",
        # Nothing is said of release, or of something else.
        "Unsere Redaktion erreichen Sie Montag bis Freitag von 8 bis 18 Uhr.",
        "Das Büro ist von 8 bis 18 Uhr geöffnet, Kommentare sind willkommen.",
        "Von 8 bis 18 Uhr freuen wir uns über Kommentare.",
        "Kommentare sind nicht von 22 bis 6 Uhr geschlossen.",
        # Not always, not everywhere.
        "Am Wochenende kann die Freischaltung von Kommentaren länger dauern.",
        "Im August werden Kommentare nur von 8 bis 18 Uhr freigeschaltet.",
        "Bei einzelnen Artikeln sind Kommentare von 22 bis 6 Uhr gesperrt.",
        "Kommentare werden nicht nur von 8 bis 18 Uhr freigeschaltet.",
        "Auch am Wochenende werden Kommentare zwischen 10 und 16 Uhr freigeschaltet.",
        "Montags werden Kommentare geprüft.",
        "Kommentare sind in der Nacht auf Sonntag von 22 bis 6 Uhr gesperrt.",
        "Kommentare mit Links werden zwischen 17 und 9 Uhr nicht freigeschaltet.",
        "Zwischen 17 und 9 Uhr werden Kommentare nur in Ausnahmefällen freigeschaltet.",
        "Zwischen 22 und 6 Uhr werden Kommentare nicht sofort freigeschaltet.",
        "Beiträge von 1 bis 5 Sternen werden werktags freigeschaltet.",
        # No hours at all.
        "Wir moderieren die Kommentare rund um die Uhr.",
    ],
)
def test_what_may_mean_something_else_says_nothing(sentence: str) -> None:
    assert release_hours(rule(sentence)) == ()


def test_rules_about_other_things_have_no_hours() -> None:
    sentence = UNDERSTOOD[0][0]
    assert release_hours(rule(sentence, Category.PROCEDURE)) == ()
    assert closing_after(rule("Nach drei Tagen wird geschlossen.")) is None


@pytest.mark.parametrize(
    ("sentence", "after"),
    [
        (
            (
                "Die Kommentarfunktion unter einem Artikel wird automatisch nach drei Tagen "
                "geschlossen."
            ),
            timedelta(days=3),
        ),
        ("Nach 36 Stunden schließen wir die Kommentarfunktion.", timedelta(hours=36)),
        ("Nach dreißig Tagen wird die Diskussion geschlossen.", timedelta(days=30)),
        ("Nach vierzehn Tagen wird die Diskussion geschlossen.", timedelta(days=14)),
        ("Artikel können zwei Wochen lang kommentiert werden.", timedelta(days=14)),
        ("Nach 7 Tagen schließen wir, auf der Titelseite nach 3 Tagen.", None),
        ("Die Kommentare werden 3 Tage nach dem letzten Beitrag geschlossen.", None),
        ("Kommentare sind erst nach drei Tagen möglich.", None),
        ("Nach 0 Tagen wird die Diskussion geschlossen.", None),
        ("Irgendwann wird die Diskussion geschlossen.", None),
    ],
)
def test_closing_time_of_a_sentence(sentence: str, after: timedelta | None) -> None:
    assert closing_after(rule(sentence, Category.CLOSING_TIME)) == after


WORDS = (
    *("montags", "bis", "freitags", "Mo", "Sa", "So", "am", "Wochenende", "feiertags", "werktags"),
    *("(außer", ")", "von", "zwischen", "8", "18", "25", "17.30", "und", "–", "-", "Uhr", ",", ";"),
    *("nicht", "keine", "Kommentare", "werden", "freigeschaltet", "geschlossen", "moderiert"),
    *(
        "nachts",
        "außerhalb",
        "sonst",
        "eingehen",
        "erst",
        "am nächsten Werktag",
        "Freitag, 18 Uhr,",
    ),
    *("täglich", "rund um die Uhr", "Freitag 24 Uhr bis Montag 0 Uhr", "Mitternacht", "DREIẞIG"),
    *("Freitag 8 Uhr bis Freitag 6 Uhr", "Wochenende bis"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
def test_no_row_of_words_is_misread_into_impossible_hours(sentence: str) -> None:
    for one in release_hours(rule(sentence)):
        assert one.start != one.end
        assert one.rule_id == "r"
        assert "00:00" <= one.start <= "23:59"
        assert "00:01" <= one.end <= "24:00"
        assert one.days is None or one.days == tuple(sorted(set(one.days)))
        assert one.days != () or one.holidays


def test_a_long_sentence_takes_no_time() -> None:
    assert release_hours(rule("Mo–Fr 8–18 Uhr und " * 50_000 + "moderiert")) == ()

"""What sentences of house rules say about hours of release and closing time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.hours import closes_with_the_day, closing_after, is_certain, release_hours
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
    # The days that have not been named.
    (
        (
            "Samstags und sonntags wird von 10.00 bis 16.00 Uhr, sonst von 7.00 bis 22.00 Uhr "
            "freigeschaltet."
        ),
        [("+", "10:00", "16:00", WEEKEND, None), ("+", "07:00", "22:00", WORKDAYS, None)],
    ),
    (
        (
            "An Sonn- und Feiertagen werden Kommentare von 10 bis 14 Uhr, an den übrigen Tagen von "
            "8 bis 20 Uhr freigeschaltet."
        ),
        [("+", "10:00", "14:00", (7,), True), ("+", "08:00", "20:00", WORKING, False)],
    ),
    # Short names of days.
    (
        "Die Moderation ist Mo.–Fr. 7–23 Uhr und Sa., So. 9–22 Uhr besetzt.",
        [("+", "07:00", "23:00", WORKDAYS, None), ("+", "09:00", "22:00", WEEKEND, None)],
    ),
    (
        "Von Mo. bis Fr. werden Kommentare von 8 bis 18 Uhr freigeschaltet.",
        [("+", "08:00", "18:00", WORKDAYS, None)],
    ),
    (
        "Kommentare werden werktags (Mo.–Fr.) von 8 bis 18 Uhr freigeschaltet.",
        [("+", "08:00", "18:00", WORKDAYS, False)],
    ),
    ("Kommentare werden tgl. von 8-22 Uhr moderiert.", [("+", "08:00", "22:00", ALL, None)]),
    # Verbs in two parts.
    (
        "Werktags zwischen 8 und 20 Uhr schalten wir frei, am Wochenende von 10 bis 18 Uhr.",
        [("+", "08:00", "20:00", WORKDAYS, False), ("+", "10:00", "18:00", WEEKEND, None)],
    ),
    ("Wir schalten täglich von 6 bis 24 Uhr frei.", [("+", "06:00", "24:00", ALL, None)]),
    (
        "Von 22 Uhr bis 7 Uhr am nächsten Morgen bleibt die Kommentarspalte zu.",
        [("-", "22:00", "07:00", ALL, None)],
    ),
    # Two ends of a night.
    (
        "Nach 22 und vor 6 Uhr werden keine Kommentare freigeschaltet.",
        [("-", "22:00", "06:00", ALL, None)],
    ),
    (
        "Vor 7 Uhr und nach 22 Uhr ist die Kommentarspalte zu.",
        [("-", "22:00", "07:00", ALL, None)],
    ),
    (
        "Kommentare werden nicht vor 8 und nicht nach 20 Uhr freigeschaltet.",
        [("-", "20:00", "08:00", ALL, None)],
    ),
    (
        "Die Kommentarspalte wird um 20 Uhr geschlossen und um 7 Uhr geöffnet.",
        [("-", "20:00", "07:00", ALL, None)],
    ),
    (
        (
            "Die Kommentarspalte wird jeden Tag um 20 Uhr geschlossen und am nächsten Morgen um "
            "7 Uhr wieder geöffnet."
        ),
        [("-", "20:00", "07:00", ALL, None)],
    ),
    (
        "Unser Forum öffnet um 7 Uhr und schließt um 24 Uhr.",
        [("-", "00:00", "07:00", ALL, None)],
    ),
    (
        (
            "Moderationszeiten: Mo bis Fr von 8 bis 20 Uhr, Sa von 9 bis 18 Uhr, sonn- und "
            "feiertags ruht die Moderation."
        ),
        [
            ("+", "08:00", "20:00", WORKDAYS, None),
            ("+", "09:00", "18:00", (6,), None),
            ("-", *DAY, (7,), True),
        ],
    ),
    (
        "Keine Moderation am Sonntag und zwischen 22 und 6 Uhr.",
        [("-", *DAY, (7,), None), ("-", "22:00", "06:00", ALL, None)],
    ),
    # What is said of the time behind takes nothing back.
    (
        (
            "Zwischen 22 und 6 Uhr werden keine Kommentare freigeschaltet, ab 6 Uhr werden sie "
            "wieder freigeschaltet."
        ),
        [("-", "22:00", "06:00", ALL, None)],
    ),
    (
        "Bitte beachten Sie, dass Kommentare nur von 8 bis 18 Uhr freigeschaltet werden.",
        [("+", "08:00", "18:00", ALL, None)],
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
        # A word that turns the others.
        "Die Moderation ist zwischen 20 und 8 Uhr reduziert besetzt.",
        "Anders als früher werden Kommentare nicht mehr nur von 9 bis 17 Uhr freigeschaltet.",
        "Kommentare werden nicht mehr nur von 9 bis 17 Uhr freigeschaltet.",
        "Kommentare werden zwischen 1 und 5 Uhr nicht moderiert, erscheinen aber sofort.",
        "Zwischen 22 und 6 Uhr werden Kommentare ausschließlich automatisch freigeschaltet.",
        "Kommentare werden in der Regel zwischen 9 und 17 Uhr freigeschaltet.",
        "Kommentare werden zwischen 8 und 20 Uhr besonders schnell freigeschaltet.",
        "Beiträge neuer Nutzer werden nur zwischen 9 und 17 Uhr freigeschaltet.",
        "Kommentare sind zwischen 1 und 5 Uhr unmoderiert.",
        (
            "Montags werden keine Kommentare von 9 bis 17 Uhr freigeschaltet, sondern von 12 bis "
            "20 Uhr."
        ),
        # Words that are known, and turn each other.
        "Kommentare werden sonst zwischen 9 und 17 Uhr freigeschaltet.",
        "Kommentare werden zwischen 9 und 17 Uhr freigeschaltet, außerhalb dieser Zeiten auch.",
        "Keine Kommentare werden zwischen 9 und 17 Uhr nicht freigeschaltet.",
        "Kommentare, die nicht zwischen 9 und 17 Uhr eingehen, werden erst danach freigeschaltet.",
        "Kommentare werden zwischen 22 und 6 Uhr erst veröffentlicht und dann geprüft.",
        "Von 22 bis 6 Uhr wird nicht moderiert, die Kommentarfunktion ist offen.",
        "Kommentare werden veröffentlicht, die Moderation ist von 8 bis 20 Uhr besetzt.",
        "Kommentare sind frei, die Moderation ist von 8 bis 20 Uhr besetzt.",
        # Whose hours are denied?
        "Sonntags keine Moderation; Mo–Sa 8–20 Uhr.",
        (
            "Mo bis Fr von 8 bis 20 Uhr, Sa von 9 bis 18 Uhr, sonn- und feiertags ruht die "
            "Moderation."
        ),
        "Die Kommentarfunktion ist Mo–Fr von 8 bis 20 Uhr und am Wochenende nicht geöffnet.",
        "Am Sonntag ist das Forum geschlossen, am Samstag von 12 bis 18 Uhr.",
        # Not all of a house.
        "Zwischen 22 und 6 Uhr sind nur Leserbriefe möglich.",
        "Zwischen 22 und 6 Uhr werden nur neue Kommentare freigeschaltet.",
        "Diese Diskussion wird am Freitag geschlossen.",
        # Conditions, questions, and what may be done.
        "Ist die Moderation zwischen 22 und 6 Uhr nicht besetzt, werden Kommentare freigeschaltet.",
        "Werden Kommentare nur von 9 bis 17 Uhr freigeschaltet?",
        "Kommentare werden nur von 9 bis 17 Uhr freigeschaltet?",
        "Zwischen 22 und 6 Uhr kann die Kommentarfunktion geschlossen werden.",
        # Days of the calendar.
        "Ab Montag werden Kommentare von 9 bis 17 Uhr freigeschaltet.",
        "Bis Freitag werden Kommentare nur von 9 bis 17 Uhr freigeschaltet.",
        "Am nächsten Montag werden Kommentare nur von 9 bis 17 Uhr freigeschaltet.",
        # Not at one hour each day.
        "Werktags wird die Kommentarspalte um 20 Uhr geschlossen und um 7 Uhr geöffnet.",
        "Die Kommentarspalte wird um 20 Uhr nicht geschlossen und um 7 Uhr nicht geöffnet.",
        "Die Kommentarspalte wird um 7 Uhr geschlossen und am nächsten Tag um 9 Uhr geöffnet.",
        "Die Kommentarspalte wird um 20 Uhr geschlossen und um 22 Uhr geschlossen.",
        "Nach 6 und vor 22 Uhr Ortszeit werden keine Kommentare freigeschaltet.",
        "Vor 22 und nach 6 Uhr werden keine Kommentare freigeschaltet.",
        # No hours at all.
        "Wir moderieren die Kommentare rund um die Uhr.",
    ],
)
def test_what_may_mean_something_else_says_nothing(sentence: str) -> None:
    assert release_hours(rule(sentence)) == ()


def test_a_rule_is_certain_where_it_is_understood_even_without_hours() -> None:
    assert is_certain(rule("Wir moderieren die Kommentare rund um die Uhr."))
    assert is_certain(rule(UNDERSTOOD[0][0]))
    assert not is_certain(rule("Nachts werden keine Kommentare freigeschaltet."))
    assert is_certain(rule("Nachts sind wir müde.", Category.INSULT))
    assert not is_certain(rule("Bald wird geschlossen.", Category.CLOSING_TIME))
    assert is_certain(
        rule("Die Diskussion wird nach drei Tagen geschlossen.", Category.CLOSING_TIME)
    )


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
        (
            "Die Kommentarfunktion schließt drei Tage nach Veröffentlichung des Artikels.",
            timedelta(days=3),
        ),
        ("Nach drei Tagen sind keine Kommentare mehr möglich.", timedelta(days=3)),
        ("Nach einer Woche können Artikel nicht mehr kommentiert werden.", timedelta(days=7)),
        ("Kommentare sind bis zu fünf Tage nach Erscheinen möglich.", timedelta(days=5)),
        (
            "Posts, die älter als 14 Tage sind, können nicht mehr kommentiert werden.",
            timedelta(days=14),
        ),
        ("Nach 30 Tagen machen wir die Kommentare unter einem Artikel dicht.", timedelta(days=30)),
        (
            "Die Diskussion unter einem Artikel endet am dritten Tag nach Erscheinen um 24:00 Uhr.",
            timedelta(days=3),
        ),
        # Denied, left open, conditional.
        ("Die Kommentarfunktion wird nach drei Tagen nicht geschlossen.", None),
        ("Die Kommentarfunktion kann nach drei Tagen geschlossen werden.", None),
        ("Frühestens nach drei Tagen wird die Kommentarfunktion geschlossen.", None),
        ("Die Diskussion wird in der Regel drei Tage nach Erscheinen geschlossen.", None),
        ("Wird drei Tage lang kein Kommentar geschrieben, wird die Diskussion geschlossen.", None),
        ("Wird die Diskussion nach drei Tagen geschlossen?", None),
        # Of something else.
        ("Ihr Konto wird nach 30 Tagen Inaktivität geschlossen.", None),
        ("Nach drei Verwarnungen wird das Konto für drei Tage geschlossen.", None),
        ("Die Kommentarspalte unter Kolumnen schließen wir nach zwei Tagen.", None),
        ("Themen ohne neue Antwort werden nach 90 Tagen archiviert.", None),
        ("Der Artikel wird nach drei Tagen gesperrt.", None),
        (
            "Zwei Wochen nach der Ausstrahlung können keine Beiträge mehr verfasst werden.",
            timedelta(days=14),
        ),
        # For so long, or only then.
        ("Die Diskussion wird für drei Tage geschlossen.", None),
        ("Die Diskussion wird drei Tage geschlossen.", None),
        ("Nach drei Tagen ist die Diskussion wieder offen.", None),
        ("Nach zwei bis drei Tagen wird die Diskussion geschlossen.", None),
        ("Nach drei Werktagen wird die Diskussion geschlossen.", None),
    ],
)
def test_closing_time_of_a_sentence(sentence: str, after: timedelta | None) -> None:
    assert closing_after(rule(sentence, Category.CLOSING_TIME)) == after


@pytest.mark.parametrize(
    ("sentence", "with_the_day"),
    [
        ("Die Diskussion endet am dritten Tag nach Erscheinen um 24:00 Uhr.", True),
        ("Die Diskussion endet am Ende des dritten Tages nach Veröffentlichung.", True),
        ("Die Diskussion wird nach drei Tagen um Mitternacht geschlossen.", True),
        ("Die Diskussion wird nach drei Tagen geschlossen.", False),
    ],
)
def test_a_closing_at_the_end_of_a_day(sentence: str, with_the_day: bool) -> None:
    one = rule(sentence, Category.CLOSING_TIME)
    assert closing_after(one) == timedelta(days=3)
    assert closes_with_the_day(one) is with_the_day


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

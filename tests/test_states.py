"""Open, held, closed: states of a comment by the house's hours, which touch nothing else."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_hours import WORDS

from moderation.errors import ModerationError, UnreadableInputError, UsageError
from moderation.holiday_dates import read_holidays
from moderation.json_records import labelled_record, state_record, verdict_record
from moderation.labelling.rules_file import default_rules
from moderation.model.classifier import Classifier
from moderation.parsing.exports.parsed import read_parsed
from moderation.parsing.page_text import parse_page_text
from moderation.records import (
    Article,
    Category,
    Comment,
    CommentPolicy,
    Evidence,
    HouseRule,
    Page,
    ReleaseHours,
    State,
)
from moderation.scoring import Desk
from moderation.states import Clock, read_clock, read_moment, state_of

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = "In der Zeit zwischen 17 und 9 Uhr werden keine neuen Beiträge freigeschaltet."
CLOSING = "Die Kommentarfunktion unter einem Artikel wird automatisch nach drei Tagen geschlossen."
WEEKEND = "Am Wochenende werden keine Kommentare freigeschaltet."
OFFICE = "Kommentare werden Montag bis Freitag von 8 bis 18 Uhr moderiert."
SUNDAYS = "An Sonn- und Feiertagen werden keine Kommentare freigeschaltet."
WORKING = "Kommentare werden werktags zwischen 9 und 17 Uhr freigeschaltet."
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 26)})


def rules(*sentences: str) -> tuple[HouseRule, ...]:
    return tuple(
        HouseRule(
            f"rule-{number}",
            Category.CLOSING_TIME if "nach" in sentence else Category.OPENING_HOURS,
            sentence,
            "test",
            0,
            len(sentence),
            sentence,
        )
        for number, sentence in enumerate(sentences)
    )


def state(
    now: str,
    *sentences: str,
    sent: str | None = None,
    article: str | None = None,
    holidays: frozenset[date] = frozenset(),
    page: Page | None = None,
) -> State:
    page = page or Page("test", Article(published=article))
    clock = Clock(read_moment(now), holidays)
    return state_of(Comment("1", "Ja", published=sent), page, rules(*sentences), clock)


def until(*arguments: Any, **settings: Any) -> str | None:
    """Return until when something is held; None if it is open."""
    found = state(*arguments, **settings)
    assert (found.kind == "held") == (found.until is not None)
    assert found.kind != "closed"
    return found.until


# Held


@pytest.mark.parametrize(
    ("now", "held"),
    [
        ("2026-11-25T20:14", "2026-11-26T09:00:00+01:00"),
        ("2026-11-26T03:00", "2026-11-26T09:00:00+01:00"),
        ("2026-11-25T17:00", "2026-11-26T09:00:00+01:00"),
        ("2026-11-25T16:59:59", None),
        ("2026-11-26T08:59:59", "2026-11-26T09:00:00+01:00"),
        ("2026-11-26T09:00", None),
        ("2026-11-25T12:00", None),
        # The same moments, asked for from elsewhere.
        ("2026-11-25T19:14Z", "2026-11-26T09:00:00+01:00"),
        ("2026-11-25T10:59-05:00", None),
        ("2026-12-31T23:59", "2027-01-01T09:00:00+01:00"),
    ],
)
def test_hours_over_midnight(now: str, held: str | None) -> None:
    assert until(now, NIGHTLY) == held


def test_the_reason_says_until_when_and_quotes_the_rule() -> None:
    found = state("2026-11-25T20:14", NIGHTLY)
    assert found.reason == f"Wartet bis 26.11.2026, 09:00 Uhr: {NIGHTLY}"
    assert found.rule is not None
    assert found.rule.sentence == NIGHTLY
    assert state("2026-11-25T12:00", NIGHTLY) == State("open")


SPRING, AUTUMN = "2026-03-29", "2026-10-25"


@pytest.mark.parametrize(
    ("now", "hours", "held"),
    [
        # 29.03.2026: 02:00 CET is followed by 03:00 CEST.
        ("2026-03-28T23:00", "22 und 6", f"{SPRING}T06:00:00+02:00"),
        (f"{SPRING}T01:59:59", "22 und 6", f"{SPRING}T06:00:00+02:00"),
        (f"{SPRING}T03:00", "22 und 6", f"{SPRING}T06:00:00+02:00"),
        (f"{SPRING}T05:59:59", "22 und 6", f"{SPRING}T06:00:00+02:00"),
        (f"{SPRING}T06:00", "22 und 6", None),
        # 02:30 does not exist: it is over when the clocks are put forward.
        (f"{SPRING}T01:59", "22 und 2.30", f"{SPRING}T03:00:00+02:00"),
        (f"{SPRING}T03:00", "22 und 2.30", None),
        (f"{SPRING}T03:00", "2.30 und 6", f"{SPRING}T06:00:00+02:00"),
        (f"{SPRING}T01:59", "2.30 und 6", None),
        (f"{SPRING}T03:00", "2.15 und 2.45", None),
        (f"{SPRING}T01:00:00+00:00", "2.15 und 2.45", None),
        # The next night has its 02:30 again.
        ("2026-03-30T02:29", "22 und 2.30", "2026-03-30T02:30:00+02:00"),
        # 25.10.2026: 03:00 CEST is followed by 02:00 CET.
        ("2026-10-24T23:00", "22 und 6", f"{AUTUMN}T06:00:00+01:00"),
        (f"{AUTUMN}T02:30+02:00", "22 und 6", f"{AUTUMN}T06:00:00+01:00"),
        (f"{AUTUMN}T02:30+01:00", "22 und 6", f"{AUTUMN}T06:00:00+01:00"),
        (f"{AUTUMN}T06:00", "22 und 6", None),
        # 02:30 exists twice: the first one counts.
        (f"{AUTUMN}T02:29+02:00", "22 und 2.30", f"{AUTUMN}T02:30:00+02:00"),
        (f"{AUTUMN}T02:30+02:00", "22 und 2.30", None),
        (f"{AUTUMN}T02:15+01:00", "22 und 2.30", None),
        (f"{AUTUMN}T02:29+02:00", "2.30 und 6", None),
        (f"{AUTUMN}T02:30+02:00", "2.30 und 6", f"{AUTUMN}T06:00:00+01:00"),
        (f"{AUTUMN}T02:15+01:00", "2.30 und 6", f"{AUTUMN}T06:00:00+01:00"),
        # Hours within the one that comes twice.
        (f"{AUTUMN}T02:20+02:00", "2.15 und 2.45", f"{AUTUMN}T02:45:00+02:00"),
        (f"{AUTUMN}T02:20+01:00", "2.15 und 2.45", None),
    ],
)
def test_nights_on_which_the_clocks_change(now: str, hours: str, held: str | None) -> None:
    sentence = f"Zwischen {hours} Uhr werden keine Kommentare freigeschaltet."
    assert until(now, sentence) == held


def test_a_wait_over_a_change_of_clocks_is_told_in_the_clocks_of_its_end() -> None:
    spring = state("2026-03-28T17:00", NIGHTLY)
    assert spring.until == "2026-03-29T09:00:00+02:00"
    assert datetime.fromisoformat(spring.until) - read_moment("2026-03-28T17:00") == timedelta(
        hours=15
    )
    autumn = state("2026-10-24T17:00", NIGHTLY)
    assert autumn.until == "2026-10-25T09:00:00+01:00"
    assert datetime.fromisoformat(autumn.until) - read_moment("2026-10-24T17:00") == timedelta(
        hours=17
    )


@pytest.mark.parametrize(
    ("now", "sentences", "held"),
    [
        # 27.11.2026 is a Friday.
        ("2026-11-27T17:59", (OFFICE,), None),
        ("2026-11-27T18:00", (OFFICE,), "2026-11-30T08:00:00+01:00"),
        ("2026-11-29T12:00", (OFFICE,), "2026-11-30T08:00:00+01:00"),
        ("2026-11-30T07:59", (OFFICE,), "2026-11-30T08:00:00+01:00"),
        ("2026-11-30T08:00", (OFFICE,), None),
        ("2026-11-27T23:59", (WEEKEND,), None),
        ("2026-11-28T00:00", (WEEKEND,), "2026-11-30T00:00:00+01:00"),
        ("2026-11-29T23:59", (WEEKEND,), "2026-11-30T00:00:00+01:00"),
        # Friday evening to Monday morning, by two rules together.
        ("2026-11-27T20:14", (NIGHTLY, WEEKEND), "2026-11-30T09:00:00+01:00"),
        ("2026-11-28T12:00", (NIGHTLY, WEEKEND), "2026-11-30T09:00:00+01:00"),
        ("2026-11-26T20:14", (NIGHTLY, WEEKEND), "2026-11-27T09:00:00+01:00"),
        # A working day may be a Saturday.
        ("2026-11-28T10:00", (WORKING,), None),
        ("2026-11-28T17:00", (WORKING,), "2026-11-30T09:00:00+01:00"),
        (
            "2026-11-28T12:00",
            ("Von Freitag, 18 Uhr, bis Montag, 8 Uhr, werden keine Kommentare freigeschaltet.",),
            "2026-11-30T08:00:00+01:00",
        ),
        # Several hours a day.
        (
            "2026-11-27T12:30",
            ("Wir moderieren Kommentare von 8 bis 12 und von 14 bis 18 Uhr.",),
            "2026-11-27T14:00:00+01:00",
        ),
        # Hours for weekends say nothing of other days, and end with them.
        (
            "2026-11-27T20:00",
            ("Am Wochenende werden Kommentare von 10 bis 16 Uhr freigeschaltet.",),
            None,
        ),
        (
            "2026-11-29T20:00",
            ("Am Wochenende werden Kommentare von 10 bis 16 Uhr freigeschaltet.",),
            "2026-11-30T00:00:00+01:00",
        ),
    ],
)
def test_days_of_the_week(now: str, sentences: tuple[str, ...], held: str | None) -> None:
    assert until(now, *sentences) == held


def test_all_rules_that_make_it_wait_are_quoted_once_and_in_order() -> None:
    found = state("2026-11-27T20:14", NIGHTLY, WEEKEND)
    assert found.reason.endswith(f"Uhr: {NIGHTLY} {WEEKEND}")
    assert found.rule is not None
    assert found.rule.sentence == NIGHTLY


@pytest.mark.parametrize(
    ("now", "sentence", "without", "held"),
    [
        # 25.12.2026 is a Friday, the 27th a Sunday.
        (
            "2026-12-25T10:00",
            SUNDAYS,
            None,
            "2026-12-28T00:00:00+01:00",
        ),
        ("2026-12-27T10:00", SUNDAYS, "2026-12-28T00:00:00+01:00", "2026-12-28T00:00:00+01:00"),
        ("2026-12-24T18:00", WORKING, "2026-12-25T09:00:00+01:00", "2026-12-28T09:00:00+01:00"),
        # Monday to Friday is Monday to Friday: nothing is said of holidays.
        ("2026-12-25T10:00", OFFICE, None, None),
    ],
)
def test_holidays(now: str, sentence: str, without: str | None, held: str | None) -> None:
    assert until(now, sentence) == without
    assert until(now, sentence, holidays=CHRISTMAS) == held


@pytest.mark.parametrize(
    ("sent", "now", "held"),
    [
        # It was sent at 20:14 and waits until 09:00, at whatever time somebody asks.
        ("2026-11-25T20:14", "2026-11-25T20:30", "2026-11-26T09:00:00+01:00"),
        ("2026-11-25T20:14", "2026-11-26T08:59", "2026-11-26T09:00:00+01:00"),
        ("2026-11-25T20:14", "2026-11-26T09:00", None),
        # It has been released since, and the next pause is none of its business.
        ("2026-11-24T20:14", "2026-11-25T20:14", None),
        # It was released when it came.
        ("2026-11-25T16:59", "2026-11-25T20:14", None),
        ("2026-11-25T19:14:30Z", "2026-11-25T20:30", "2026-11-26T09:00:00+01:00"),
        # As tables write it.
        ("25.11.2026, 16:59 Uhr", "2026-11-25T20:14", None),
        ("2026-11-25 20:14:07.5", "2026-11-25T20:30", "2026-11-26T09:00:00+01:00"),
        # No hour: the time asked about counts, unless it must have been released by then.
        ("2026-11-25", "2026-11-25T20:14", "2026-11-26T09:00:00+01:00"),
        ("2026-11-25", "2026-11-25T12:00", None),
        ("2026-11-24", "2026-11-25T08:00", "2026-11-25T09:00:00+01:00"),
        ("2026-11-24", "2026-11-25T20:14", None),
        # However it is written.
        *(
            (words, "2026-11-25T03:20", "2026-11-25T09:00:00+01:00")
            for words in (
                *("25.11.26 03:14", "2026/11/25 03:14", "25. November 2026 03:14"),
                *("Wed, 25 Nov 2026 03:14:00 +0100", "Mi., 25. Nov. 2026 um 03:14 Uhr"),
                *("1795572840", "1795572840000", "Wed Nov 25 02:14:00 +0000 2026"),
            )
        ),
        *(
            (words, "2026-11-25T20:14", None)
            for words in (
                *("25.11.26 12:14", "2026/11/25 12:14", "25. November 2026 12:14"),
                *("Wed, 25 Nov 2026 12:14:00 +0100", "1795605240", "1795605240000"),
                "November 25, 2026 12:14 PM",
            )
        ),
        ("24.11.2026 24:00", "2026-11-25T00:01", "2026-11-25T09:00:00+01:00"),
        # Nobody can tell, so nothing is said.
        ("vor 3 Stunden", "2026-11-25T20:14", None),
        ("31.11.2026 12:00", "2026-11-25T20:14", None),
        ("0001-01-01T00:00", "2026-11-25T20:14", None),
        ("9999-12-31T23:59", "2026-11-25T20:14", None),
        ("11/25/2026 20:14", "2026-11-25T20:14", None),
        ("11/10/2026 8:14 PM", "2026-11-25T20:14", None),
        # No time at all.
        ("", "2026-11-25T20:14", "2026-11-26T09:00:00+01:00"),
        (" ", "2026-11-25T20:14", "2026-11-26T09:00:00+01:00"),
    ],
)
def test_the_comment_s_own_time_decides(sent: str, now: str, held: str | None) -> None:
    assert until(now, NIGHTLY, sent=sent) == held


@pytest.mark.parametrize(
    "sentence",
    [
        "Nachts werden keine Kommentare freigeschaltet.",
        "Freitags ab 16 Uhr werden keine Kommentare freigeschaltet.",
        "Am Wochenende kann die Freischaltung von Kommentaren länger dauern.",
    ],
)
def test_hours_that_are_not_understood_hold_nothing(sentence: str) -> None:
    for hour in range(24):
        assert state(f"2026-11-28T{hour:02d}:00", sentence) == State("open")


def test_rules_that_never_release_anything_hold_nothing() -> None:
    never = (
        "Von Montag bis Freitag werden keine Kommentare freigeschaltet.",
        WEEKEND,
    )
    assert state("2026-11-28T12:00", *never) == State("open")


# Closed


@pytest.mark.parametrize(
    ("article", "now", "closed"),
    [
        # Three days are 72 hours where the hour is known …
        ("2026-11-20T10:00", "2026-11-23T09:59", False),
        ("2026-11-20T10:00", "2026-11-23T10:00", True),
        ("2026-11-20T10:00+00:00", "2026-11-23T10:30", False),
        # … of which one comes twice on 25.10.2026, and one is missing on 29.03.2026 …
        ("2026-10-24T10:00", "2026-10-27T08:59", False),
        ("2026-10-24T10:00", "2026-10-27T09:00", True),
        ("2026-03-28T10:00", "2026-03-31T10:59", False),
        ("2026-03-28T10:00", "2026-03-31T11:00", True),
        # … and else last until the third day is over.
        ("2026-11-20", "2026-11-23T23:59", False),
        ("2026-11-20", "2026-11-24T00:00", True),
        # Unknown dates close nothing.
        (None, "2026-11-24T00:00", False),
        ("gestern", "2026-11-24T00:00", False),
        ("2026-02-30", "2026-11-24T00:00", False),
    ],
)
def test_sections_close_by_time(article: str | None, now: str, closed: bool) -> None:
    found = state(now, CLOSING, article=article)
    assert found.kind == ("closed" if closed else "open")
    assert found.until is None
    if closed:
        assert found.reason == f"Geschlossen: {CLOSING}"
        assert found.rule is not None
        assert found.rule.sentence == CLOSING


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("2026-11-23T09:59", "open"),
        ("2026-11-23T10:00", "closed"),
        # Of a day without an hour only so much is known as to when it began.
        ("2026-11-23", "open"),
        ("2026-11-24", "closed"),
    ],
)
def test_a_comment_sent_in_time_stays_open(sent: str, kind: str) -> None:
    assert state("2026-12-24T12:00", CLOSING, article="2026-11-20T10:00", sent=sent).kind == kind


def test_a_comment_whose_time_nobody_can_tell_did_not_come_too_late() -> None:
    found = state("2026-12-24T12:00", CLOSING, article="2026-11-20", sent="vor 3 Stunden")
    assert found.kind == "open"


@pytest.mark.parametrize(
    ("article", "now", "kind"),
    [
        ("2026-11-20T10:00", "2026-11-23T23:59", "open"),
        ("2026-11-20T10:00", "2026-11-24T00:00", "closed"),
        ("2026-11-20", "2026-11-23T23:59", "open"),
        ("2026-11-20", "2026-11-24T00:00", "closed"),
    ],
)
def test_a_section_that_closes_at_midnight(article: str, now: str, kind: str) -> None:
    sentence = "Die Diskussion endet am dritten Tag nach Erscheinen um 24:00 Uhr."
    assert state(now, sentence, article=article).kind == kind


def test_hours_until_closing_are_not_rounded_to_days() -> None:
    sentence = "Die Diskussion wird nach 36 Stunden geschlossen."
    body = "Ein Satz des Artikels. " * 20
    text = f"Überschrift\n\n{body}\n\nKommentare\n\nNetiquette:\n{sentence}\n"
    page = parse_page_text(text, "x")
    assert page.comment_policy.closes_after_days == 2
    page = replace(page, article=Article(published="2026-11-20T10:00"))
    assert state("2026-11-21T21:59", page=page).kind == "open"
    assert state("2026-11-21T22:00", page=page).kind == "closed"


def test_a_closed_page_is_closed_at_any_time_and_quotes_itself() -> None:
    words = "Die Kommentarfunktion ist\n geschlossen."
    policy = CommentPolicy("closed", Evidence(0, len(words), words))
    page = Page("test", comment_policy=policy)
    for sent in (None, "2001-01-01T00:00", "2026-11-25T20:14"):
        found = state("2026-11-25T20:14", NIGHTLY, sent=sent, page=page)
        assert found.kind == "closed"
        assert found.rule is None
        assert found.reason == "Geschlossen: Die Kommentarfunktion ist geschlossen."


def test_what_is_closed_is_not_held() -> None:
    assert state("2026-11-25T20:14", NIGHTLY, CLOSING, article="2026-11-01").kind == "closed"


def test_what_was_sent_in_time_may_be_held_beyond_the_closing() -> None:
    found = state(
        "2026-11-23T20:00", NIGHTLY, CLOSING, article="2026-11-20T18:00", sent="2026-11-23T17:59"
    )
    assert (found.kind, found.until) == ("held", "2026-11-24T09:00:00+01:00")


# Whose rules count


def test_hours_of_the_page_go_before_those_of_other_rules() -> None:
    (quoted,) = rules(OFFICE)
    own = ReleaseHours(quoted.id, True, "08:00", "18:00", (1, 2, 3, 4, 5))
    page = Page("x", house_rules=(quoted,), comment_policy=CommentPolicy(release_hours=(own,)))
    assert until("2026-11-25T17:30", NIGHTLY) == "2026-11-26T09:00:00+01:00"
    assert until("2026-11-25T17:30", NIGHTLY, page=page) is None
    found = state("2026-11-25T18:00", NIGHTLY, page=page)
    assert found.until == "2026-11-26T08:00:00+01:00"
    assert found.rule == quoted


def test_closing_time_of_the_page_goes_before_that_of_other_rules() -> None:
    page = Page(
        "x", Article(published="2026-11-20"), comment_policy=CommentPolicy(closes_after_days=7)
    )
    assert state("2026-11-25T12:00", CLOSING, page=page).kind == "open"
    found = state("2026-11-28T12:00", CLOSING, page=page)
    assert (found.kind, found.rule) == ("closed", None)


def test_hours_whose_rule_is_gone_hold_all_the_same() -> None:
    hours = ReleaseHours("gone", False, "17:00", "09:00")
    page = Page("x", comment_policy=CommentPolicy(release_hours=(hours,)))
    found = state("2026-11-25T20:14", page=page)
    assert (found.kind, found.rule) == ("held", None)
    assert "26.11.2026, 09:00 Uhr" in found.reason


def test_a_page_of_days_without_end_closes_nothing() -> None:
    page = Page(
        "x", Article(published="2026-11-20"), comment_policy=CommentPolicy(closes_after_days=10**8)
    )
    assert state("2026-11-25T12:00", page=page).kind == "open"


def test_damaged_hours_in_a_parsed_page_are_left_out() -> None:
    policy: dict[str, Any] = {"status": "open", "guidelines": "none"}
    record = {"source": "x", "comments": [], "house_rules": [], "comment_policy": policy}
    for damage in (
        {"start": "99:00"},
        {"start": "24:00"},
        {"days": [8]},
        {"end": None},
        {"days": "mo"},
    ):
        hours = {"rule_id": "a", "released": True, "start": "08:00", "end": "18:00"} | damage
        policy["release_hours"] = [hours]
        warnings: list[str] = []
        (page,) = read_parsed([json.dumps(record)], "x", warnings.append)
        assert page.comment_policy == CommentPolicy()
        assert len(warnings) == 1


# Whatever is asked


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
SENTENCES = st.lists(st.sampled_from([NIGHTLY, WEEKEND, OFFICE, SUNDAYS, WORKING, CLOSING]))


@given(MOMENTS, SENTENCES, st.none() | MOMENTS, st.none() | MOMENTS, st.booleans())
def test_a_wait_ends_after_the_time_asked_and_something_is_released_then(
    now: datetime,
    sentences: list[str],
    sent: datetime | None,
    article: datetime | None,
    holidays: bool,
) -> None:
    page = Page("x", Article(published=article.isoformat() if article else None))
    clock = Clock(now, CHRISTMAS if holidays else frozenset())
    comment = Comment("1", "Ja", published=sent.isoformat() if sent else None)
    found = state_of(comment, page, rules(*sentences), clock)
    assert (found.until is not None) == (found.kind == "held")
    if found.until is not None:
        end = datetime.fromisoformat(found.until)
        assert end > now
        assert end.utcoffset() == end.astimezone(BERLIN).utcoffset()
        assert sent is None or end > sent
        hours = [one for one in rules(*sentences) if one.category is Category.OPENING_HOURS]
        assert state_of(Comment("1", "Ja"), page, hours, replace(clock, now=end)).kind == "open"
        assert found.rule in rules(*sentences)


@given(MOMENTS, st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_wording_of_hours_can_break_the_reckoning(now: datetime, sentence: str) -> None:
    sentence = f"Kommentare {sentence} freigeschaltet."
    found = state_of(Comment("1", "Ja"), Page("x"), rules(sentence), Clock(now, CHRISTMAS))
    assert found.kind in {"open", "held"}
    assert found.until is None or datetime.fromisoformat(found.until) > now


TEXTS = ("Sie Idiot!", "Vielen Dank für den Artikel.", "", "Was für ein Unsinn, ihr Lügner!")


@given(MOMENTS, st.sampled_from(TEXTS))
def test_no_state_changes_score_labels_or_decision(
    news: Classifier, now: datetime, text: str
) -> None:
    comments = [Comment("1", text), Comment("2", text, published="2026-11-25T20:14")]
    page = Page("x", Article(published="2026-11-20"))
    plain = Desk(news).judge(comments, default_rules(), page)
    timed = Desk(news, clock=Clock(now)).judge(comments, default_rules(), page)
    assert all(one.state is not None for one in timed)
    assert [replace(one, state=None) for one in timed] == plain


# Records, clocks and holidays


def test_records_have_the_state_and_null_without_a_clock() -> None:
    (plain,) = Desk().judge([Comment("1", "Ja")], default_rules(), Page("x"))
    clock = read_clock("25.11.2026 20:14")
    (timed,) = Desk(clock=clock).judge([Comment("1", "Ja")], default_rules(), Page("x"))
    for record in (labelled_record, verdict_record):
        assert record(plain)["state"] is None
        assert record(timed)["state"] == {
            "kind": "held",
            "until": "2026-11-26T09:00:00+01:00",
            "rule_id": "opening_hours",
            "quote": NIGHTLY,
            "reason": f"Wartet bis 26.11.2026, 09:00 Uhr: {NIGHTLY}",
        }
    opened = state_record(State("open"))
    assert opened == {"kind": "open", "until": None, "rule_id": None, "quote": None, "reason": ""}


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("25.11.2026 20:14", "2026-11-25T20:14:00+01:00"),
        ("25.11.2026, 20:14 Uhr", "2026-11-25T20:14:00+01:00"),
        ("1.7.2026 8.05", "2026-07-01T08:05:00+02:00"),
        ("2026-11-25T20:14", "2026-11-25T20:14:00+01:00"),
        ("2026-11-25 20:14:59", "2026-11-25T20:14:59+01:00"),
        ("2026-11-25T20:14Z", "2026-11-25T20:14:00+00:00"),
        ("25.11.26 20:14", "2026-11-25T20:14:00+01:00"),
        ("2026-11-25T20:14-05:00", "2026-11-25T20:14:00-05:00"),
        # An hour that clocks skip.
        ("29.03.2026 02:30", "2026-03-29T03:30:00+02:00"),
    ],
)
def test_wordings_of_a_moment(words: str, moment: str) -> None:
    assert read_moment(words).isoformat() == moment


def test_now_is_now_and_german() -> None:
    found = read_moment("now")
    assert abs(found - datetime.now(UTC)) < timedelta(minutes=1)
    assert found.utcoffset() == datetime.now(BERLIN).utcoffset()


@pytest.mark.parametrize(
    "words",
    ["", "gestern", "2026-11-25", "25.11.2026", "20:14", "31.11.2026 20:14", "2026-W48-3T20",
     "0001-01-01T00:00", "25.11.26", "2026-11-25T25:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_the_remedy(words: str) -> None:
    with pytest.raises(UsageError, match="no moment; write now, ") as caught:
        read_moment(words)
    assert "\n" not in str(caught.value)


def test_a_clock_without_time_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="no time zone"):
        Clock(datetime(2026, 11, 25, 20, 14))


def test_holidays_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "feiertage.txt"
    path.write_text(
        "\ufeff# Bayern\n2026-12-25\n26.12.2026 # zweiter\n\n  1.1.2027\n", encoding="utf-8"
    )
    assert read_holidays(str(path), 2026) == CHRISTMAS | {date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"2026-12-25\nWeihnachten\n", "line 2: no date"),
        (b"2026-02-30\n", "line 1: no date"),
        (b"25.12.26\n", "line 1: no date"),
        (b"\xff\xfe2", "no UTF-8"),
        (b"#" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_damaged_holiday_files_end_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "feiertage.txt"
    path.write_bytes(content)
    with pytest.raises(UnreadableInputError, match=words) as caught:
        read_holidays(str(path), 2026)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("words", ["nirgends.txt", "by", "", "XX"])
def test_what_is_neither_state_nor_file_is_told_the_states(words: str) -> None:
    with pytest.raises(ModerationError, match="BY") as caught:
        read_holidays(words, 2026)
    assert "\n" not in str(caught.value)


def test_without_the_package_holidays_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(UsageError, match=r"pip install 'moderation\[holidays\]', or give a file"):
        read_holidays("BY", 2026)


def test_states_have_their_own_holidays() -> None:
    pytest.importorskip("holidays")
    epiphany = date(2026, 1, 6)
    assert epiphany in read_holidays("BY", 2026)
    assert epiphany not in read_holidays("HH", 2026)
    assert epiphany in read_holidays("AT", 2026)
    assert date(2026, 8, 1) in read_holidays("CH", 2026)
    assert date(2026, 1, 2) in read_holidays("CH-ZH", 2026) | read_holidays("CH-BE", 2026)
    assert read_holidays("DE", 2026) > CHRISTMAS
    assert date(2027, 1, 1) in read_holidays("DE", 2026)
    with pytest.raises(UsageError, match="no part of DE"):
        read_holidays("DE-XX", 2026)


# The command line


def run(*arguments: str | Path, stdin: str = "Ja\n") -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "moderation", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert "Traceback" not in done.stderr
    return done


EVENING = ("--now", "25.11.2026 20:14")


@pytest.mark.parametrize("verb", ["score", "label"])
def test_verbs_take_a_time(verb: str) -> None:
    (record,) = map(json.loads, run(verb, "-", *EVENING).stdout.splitlines())
    assert record["state"]["kind"] == "held"
    assert record["state"]["until"] == "2026-11-26T09:00:00+01:00"
    (record,) = map(json.loads, run(verb, "-").stdout.splitlines())
    assert record["state"] is None


def test_holidays_of_a_file_count(tmp_path: Path) -> None:
    house_rules = tmp_path / "rules.toml"
    house_rules.write_text(
        f'[[rule]]\nid = "zeiten"\ncategory = "opening_hours"\nquote = "{SUNDAYS}"\n',
        encoding="utf-8",
    )
    days = tmp_path / "days.txt"
    days.write_text("25.11.2026\n")
    options = ("score", "-", *EVENING, "--rules", house_rules)
    (free,) = map(json.loads, run(*options).stdout.splitlines())
    (held,) = map(json.loads, run(*options, "--holidays", days).stdout.splitlines())
    assert free["state"]["kind"] == "open"
    assert held["state"]["rule_id"] == "zeiten"
    assert held["state"]["until"] == "2026-11-26T00:00:00+01:00"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--now", "bald"), 2, "no moment"),
        (("--holidays", "BY"), 2, "give both"),
        ((*EVENING, "--holidays", "nirgends"), 3, "cannot be read"),
        (("--now", "now", "--resume", "-o", "x.jsonl"), 2, "time of the interrupted run"),
    ],
)
def test_mistakes_with_times_end_in_one_line(
    options: tuple[str, ...], code: int, words: str
) -> None:
    done = run("score", "-", *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("verb", ["score", "label"])
def test_what_says_nothing_certain_of_time_is_told_once(verb: str, tmp_path: Path) -> None:
    house_rules = tmp_path / "rules.toml"
    house_rules.write_text(
        '[[rule]]\nid = "a"\ncategory = "opening_hours"\nquote = "Nachts ruht die Moderation."\n'
        '[[rule]]\nid = "b"\ncategory = "closing_time"\nquote = "Bald wird geschlossen."\n'
        f'[[rule]]\nid = "c"\ncategory = "opening_hours"\nquote = "{NIGHTLY}"\n'
        '[[rule]]\nid = "d"\ncategory = "insult"\nquote = "Keine Beleidigungen, nachts nicht."\n',
        encoding="utf-8",
    )
    lines = "".join(f'{{"text": "Ja {n}", "date": "vor {n} Stunden"}}\n' for n in range(3000))
    options = (verb, "-", "--rules", house_rules)
    told = run(*options, *EVENING, stdin=lines)
    assert [line for line in told.stderr.splitlines() if "certain" in line] == [
        f"moderation: {one}"
        for one in (
            "rules.toml: no certain hours in „Nachts ruht die Moderation.“; it holds no comment",
            "rules.toml: no certain time in „Bald wird geschlossen.“; it closes nothing",
            "stdin: no certain time in „vor 0 Stunden“; such comments count as open",
        )
    ]
    assert '"held"' not in told.stdout
    assert "certain" not in run(*options, stdin=lines).stderr


def test_csv_has_columns_for_states_only_if_a_time_is_given() -> None:
    table = "Nr,Kommentar,datum\n7,Ja,25.11.2026 20:14\n8,Nein,25.11.2026 12:00\n"
    options = ("score", "-", "--text-column", "Kommentar", "--format", "csv")
    plain = list(csv.reader(io.StringIO(run(*options, stdin=table).stdout)))
    timed = list(csv.reader(io.StringIO(run(*options, *EVENING, stdin=table).stdout)))
    assert timed[0] == [*plain[0], "state", "held_until"]
    assert [row[-2:] for row in timed[1:]] == [
        ["held", "2026-11-26T09:00:00+01:00"],
        ["open", ""],
    ]
    assert [row[:-2] for row in timed] == plain
    lines = list(csv.reader(io.StringIO(run(*options[:2], "--format", "csv", *EVENING).stdout)))
    assert lines[0][-2:] == ["state", "held_until"]


def test_the_picture_tells_what_waits_and_nothing_of_what_does_not(seeds: Path) -> None:
    page = seeds / "004_591c02d9ae745be7.txt"
    waiting = run("score", page, "--format", "table", *EVENING).stdout
    assert waiting.count("Wartet bis 26.11.2026, 09:00 Uhr:") == 6
    plain = run("score", page, "--format", "table").stdout
    assert run("score", page, "--format", "table", "--now", "2026-11-25T12:00").stdout == plain


def test_a_closed_page_closes_its_comments() -> None:
    page = Path(__file__).parent / "pages" / "closed_with_comments.txt"
    records = list(map(json.loads, run("score", page, *EVENING).stdout.splitlines()))
    assert len(records) == 2
    assert {record["state"]["kind"] for record in records} == {"closed"}
    assert all(record["state"]["reason"].startswith("Geschlossen: ") for record in records)


def test_states_are_the_same_bytes_in_several_processes(tmp_path: Path) -> None:
    days = tmp_path / "days.txt"
    days.write_text("25.11.2026\n")
    lines = "".join(
        json.dumps({"id": n, "text": f"Beitrag {n}", "date": f"2026-11-25T{n % 24:02d}:00"}) + "\n"
        for n in range(3000)
    )
    options = ("score", "-", *EVENING, "--holidays", days)
    one = run(*options, stdin=lines)
    two = run(*options, "--jobs", "2", stdin=lines)
    assert one.stdout == two.stdout
    kinds = [json.loads(line)["state"]["kind"] for line in one.stdout.splitlines()]
    assert kinds == ["held" if n % 24 >= 17 else "open" for n in range(3000)]


def test_a_run_is_gone_on_with_at_its_own_time_only(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "Ja"}\n{"text": "Nein"}\n', encoding="utf-8")
    assert run("score", source, *EVENING, "-o", output).returncode == 0
    whole = output.read_bytes()
    part = output.with_name("out.jsonl.part")
    for options, code in ((("--now", "2026-11-25T12:00"), 2), ((), 2), (EVENING, 0)):
        part.write_bytes(whole.splitlines(keepends=True)[0])
        assert run("score", source, *options, "-o", output, "--resume").returncode == code
    assert output.read_bytes() == whole


def test_the_time_of_a_run_now_is_told_for_going_on(tmp_path: Path) -> None:
    done = run("score", "-", "--now", "now", "-o", tmp_path / "out.jsonl")
    assert "--resume would need --now 20" in done.stderr

"""Dates and times as German pages write them, turned into ISO 8601."""

from __future__ import annotations

import re
from datetime import date, datetime

#: Numbers of months by the first three letters of their names.
MONTHS = {
    "jan": 1,
    "jän": 1,
    "feb": 2,
    "mär": 3,
    "mrz": 3,
    "mae": 3,
    "mar": 3,
    "apr": 4,
    "mai": 5,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "okt": 10,
    "oct": 10,
    "nov": 11,
    "dez": 12,
    "dec": 12,
}
#: Month names and their usual short forms, as a pattern without groups; English ones too, because
#: many a German page has an English template.
MONTH = (
    r"(?:Jan(?:uar)?|Jänner|Feb(?:ruar|er)?|März|Maerz|Mär|Mrz|Apr(?:il)?|Mai|Juni?|Juli?"
    r"|Aug(?:ust)?|Sept?(?:ember)?|Okt(?:ober)?|Nov(?:ember)?|Dez(?:ember)?"
    r"|January|February|March|May|June|July|October|Oct|December|Dec)"
)
_WEEKDAY = (
    r"(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag"
    r"|(?:Mo|Di|Mi|Do|Fr|Sa|So)\.?)"
)
_DAY = (
    rf"(?:\d{{1,2}}\.\s?\d{{1,2}}\.\s?(?:\d{{4}}|\d{{2}})(?!\d)|\d{{1,2}}\.?\s{MONTH}\.?\s\d{{4}}"
    rf"|{MONTH}\.?\s\d{{1,2}},\s\d{{4}}"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})"
)
_TIME = (
    r"(?:\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?(?:Uhr|h|[ap]m)\b|Z\b|[+-]\d{2}:?\d{2}\b)?"
    r"|\d{1,2}\s?Uhr\b)"
)
_JOIN = r"(?:[\s,|/•·@T–-]|um|at|ab){1,6}"
_RELATIVE = (
    r"(?:vor\s(?:etwa\s|über\s|ca\.\s)?(?:\d{1,3}|ein(?:er|em|igen)?|wenigen)\s"
    r"(?:Sekunde|Minute|Min\.?|Stunde|Std\.?|Tag|Woche|Monat|Jahr)(?:e|n|en)?"
    r"|(?:\d{1,3}|ein(?:e[mnr]?)?)\s(?:Sekunde|Minute|Stunde|Tag|Woche|Monat|Jahr)(?:e|n|en)?\s"
    r"(?:zuvor|her)"
    rf"|(?:heute|gestern|vorgestern)(?:{_JOIN}{_TIME})?|gerade\seben)"
)
#: A date with or without time, a time with its date, or words like "vor 3 Jahren"; no groups.
WHEN = (
    rf"(?:(?:{_WEEKDAY},?\s)?(?:(?:am|den|vom)\s)?{_DAY}(?:{_JOIN}{_TIME})?"
    rf"|{_TIME}{_JOIN}{_DAY}|{_RELATIVE})"
)

_NUMERIC = re.compile(
    r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?!\d)|(\d{1,2})/(\d{1,2})/(\d{4})"
)
_WORDED = re.compile(
    rf"(?P<day>\d{{1,2}})\.?\s(?P<month>{MONTH})\.?\s(?P<year>\d{{4}})"
    rf"|(?P<month2>{MONTH})\.?\s(?P<day2>\d{{1,2}}),\s(?P<year2>\d{{4}})",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T\s](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:?\d{2})?)?")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?::(\d{2}))?(?!\d)|(?<!\d)(\d{1,2})\s?Uhr")
_AFTERNOON = re.compile(r"\s?pm\b", re.IGNORECASE)
_NOON = 12  # hours


def iso_moment(words: str) -> str | None:
    """Return the date in `words` as ISO 8601, with the time if there is one.

    Returns
    -------
    str or None
        ``"2016-05-12T14:03"``, ``"2016-05-12"``, or ``None`` where `words` hold no full date
        ("vor 3 Jahren") or an impossible one. Two-digit years are of this century.
    """
    try:
        iso = _ISO.search(words)
        if iso:
            return _from_iso(iso)
        day, rest = _day(words)
        if day is None:
            return None
        clock = _CLOCK.search(rest)
        if not clock:
            return day.isoformat()
        hour, minute, second = int(clock[1] or clock[4]), int(clock[2] or 0), int(clock[3] or 0)
        if clock[4] is None and _AFTERNOON.match(rest, clock.end()) and hour < _NOON:
            hour += _NOON
        moment = datetime(day.year, day.month, day.day, hour, minute, second)
        return moment.isoformat(timespec="seconds" if clock[3] else "minutes")
    except (ValueError, KeyError):  # no such day, or a look-alike letter in the month's name
        return None


def _from_iso(match: re.Match[str]) -> str:
    day = date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    if not match[4]:
        return day
    moment = f"{day}T{match[4]}"
    datetime.fromisoformat(moment)
    return moment + (match[5] or "")


def _day(words: str) -> tuple[date | None, str]:
    match = _NUMERIC.search(words)
    if match:
        day, month, year = (int(part) for part in match.groups() if part)
        day_found = date(year if year > 99 else 2000 + year, month, day)
    else:
        match = _WORDED.search(words)
        if not match:
            return None, words
        month_name = match["month"] or match["month2"]
        day_found = date(
            int(match["year"] or match["year2"]),
            MONTHS[month_name[:3].casefold()],
            int(match["day"] or match["day2"]),
        )
    return day_found, words[: match.start()] + " " + words[match.end() :]

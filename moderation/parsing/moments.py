"""When something was sent, as tables and exports write it: a moment, or a day.

ISO 8601, German and English words, the heads of e-mails (RFC 2822) and seconds since 1970. What
nobody can tell for certain is not read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from moderation.parsing.dates import MONTH, MONTHS

#: Years outside of these are no dates of comments, and some no dates at all.
_YEARS = range(1900, 3000)
#: Characters: nothing longer is a date.
_LONGEST = 80
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds since 1970 have ten digits from 2001 to 2286; milliseconds 13, microseconds 16.
_SECONDS = re.compile(
    r"(?P<seconds>[1-9]\d{9})(?:\.\d{1,9})?|(?P<fine>[1-9]\d{12}(?:\d{3})?)", re.ASCII
)
_SECONDS_DIGITS = 10
_NOON = 12  # hours

_ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0, "cet": 1, "mez": 1, "cest": 2, "mesz": 2}
_WEEKDAY = (
    r"(?:(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag|Monday|Tuesday"
    r"|Wednesday|Thursday|Friday|Saturday|Sunday|Mo|Di|Mi|Do|Fr|Sa|So|Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
    r"\.?,?\s+)?"
)
_DAY = (
    r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    r"|(?P<day2>\d{1,2})\.\s?(?P<month2>\d{1,2})\.\s?(?P<year2>\d{4}|\d{2})"
    rf"|(?P<day3>\d{{1,2}})(?:\.?\s|-)(?P<name3>{MONTH})(?:\.?,?\s|-)(?P<year3>\d{{4}}|\d{{2}})"
    rf"|(?P<name4>{MONTH})\.?\s(?P<day4>\d{{1,2}}),\s(?P<year4>\d{{4}})"
    r"|(?P<day5>\d{1,2})/(?P<month5>\d{1,2})/(?P<year5>\d{4})"
)
_TIME = (
    r"(?:(?:T|,?\s+(?:um\s|at\s|[-–|/]\s)?|,)"
    r"(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})(?:[:.]?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?P<half>[ap])\.?m\.?|\s?(?:Uhr|h))?"
    r"(?:\s?\(?(?P<zone>[+-]\d{2}:?(?:\d{2})?|Z|UTC|UT|GMT|CET|MEZ|CEST|MESZ)\)?(?:\s\([A-Z]{2,5}\))?)?)?"
)
_WRITTEN = re.compile(
    rf"{_WEEKDAY}(?:am\s|den\s|vom\s)?(?:{_DAY}){_TIME}", re.IGNORECASE | re.ASCII
)
# Unix and Twitter: "Wed Nov 25 03:14:00 +0100 2026".
_UNIX = re.compile(
    rf"[A-Z][a-z]{{2}}\s+(?P<name>{MONTH})\s+(?P<day>\d{{1,2}})\s+(?P<clock>\d{{2}}:\d{{2}}:\d{{2}})"
    r"(?:\s(?P<zone>[+-]\d{4}|UTC|GMT|CET|CEST))?\s(?P<year>\d{4})",
    re.ASCII,
)


def read_moment(words: str) -> datetime | date | None:
    """Return when something was sent; a date where no hour is said, None where it is not certain.

    Parameters
    ----------
    words
        What stands in the column of a table or a field of an export. Years of two digits are of
        this century; 24:00 is the end of its day; "05/06/2026" has the day first, unless "am" or
        "pm" behind it makes that doubtful.
    """
    text = " ".join(words[: _LONGEST + 1].split())
    if not text or len(text) > _LONGEST:
        return None
    try:
        found = _read(text)
    except (ValueError, OverflowError, KeyError):
        return None
    return found if found is not None and found.year in _YEARS else None


def _read(text: str) -> datetime | date | None:
    if seconds := _SECONDS.fullmatch(text):
        digits = seconds["seconds"] or seconds["fine"]
        return _EPOCH + timedelta(seconds=int(digits) / 10 ** (len(digits) - _SECONDS_DIGITS))
    if unix := _UNIX.fullmatch(text):
        text = f"{unix['day']} {unix['name']} {unix['year']} {unix['clock']} {unix['zone'] or ''}"
        text = text.strip()
    found = _WRITTEN.fullmatch(text)
    if found is None or (found["day5"] and found["half"]):
        return None
    said = {
        key: next((found[name] for name in (key, *(f"{key}{n}" for n in range(2, 6)))
                   if name in found.re.groupindex and found[name]), None)
        for key in ("year", "month", "name", "day")
    }  # fmt: skip
    day = _day(said)
    return day if found["hour"] is None else _with_clock(day, found)


def _day(said: dict[str, str | None]) -> date:
    name = said["name"]
    month = MONTHS[name[:3].casefold()] if name else int(said["month"] or 0)
    year = said["year"] or ""
    return date(int(year) + (2000 if len(year) < 4 else 0), month, int(said["day"] or 0))


def _with_clock(day: date, found: re.Match[str]) -> datetime:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    if found["half"]:
        if not 1 <= hour <= _NOON:
            raise ValueError
        hour = hour % _NOON + (_NOON if found["half"].casefold() == "p" else 0)
    if hour == 24 and not minute and not second:
        day, hour = day + timedelta(days=1), 0
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_zone(found["zone"]))


def _zone(words: str | None) -> timezone | None:
    if not words:
        return None
    if words.casefold() in _ZONES:
        return timezone(timedelta(hours=_ZONES[words.casefold()]))
    hours, minutes = int(words[1:3]), int(words[3:].removeprefix(":") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if words[0] == "-" else offset)

"""Days and hours as a sentence names them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from moderation.hours.wording import data, number, number_words, words

EVERY_DAY = frozenset(range(1, 8))
MIDNIGHT, NEXT_MIDNIGHT = "00:00", "24:00"
_NOON = 12  # hours


@dataclass(frozen=True, slots=True)
class Days:
    """Days named together; see :class:`ReleaseHours` for `holidays`."""

    days: frozenset[int]
    holidays: bool | None = None


DAILY = Days(EVERY_DAY)


@dataclass(frozen=True, slots=True)
class Token:
    """A part of a sentence that names days or hours.

    ``kind`` is ``days``, ``rest`` (the days not named before), ``except`` (days left out),
    ``hours``, ``span`` (from one day's hour to another day's hour) or ``unsure``.
    """

    kind: str
    start: int
    end: int
    days: Days = DAILY
    hours: tuple[str, str] = (MIDNIGHT, NEXT_MIDNIGHT)
    span: tuple[int, int] = (1, 1)

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the sentence."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The compiled patterns of days and hours."""

    tokens: re.Pattern[str]
    item: re.Pattern[str]
    clock: re.Pattern[str]
    days: tuple[tuple[re.Pattern[str], Days], ...]


@cache
def grammar() -> _Grammar:
    """Return the patterns of days and hours."""
    known = data()
    longs = [entry["pattern"].replace(" ", r"\s") for entry in known["day"]]
    shorts = [entry["short"] for entry in known["day"] if "short" in entry]
    short = rf"(?-i:{'|'.join(shorts)})\b\.?"
    joint = r"(?:\s?(?:[-–/&+,]|bis(?:\seinschließlich)?|und|u\.|sowie|oder)\s?)"
    article = r"(?:auch\s)?(?:(?:an|am|den|von|vom|der)\s)?(?:(?:den|allen)\s)?"
    long = rf"\b(?:{'|'.join(longs)})"
    # A short name may begin where another day or an hour follows: "So" is also "thus".
    follows = rf"(?={joint}(?:{long}|{short})|,?\s(?:von\s|zwischen\s|jeweils\s)?\d)"
    more = rf"(?:{long}(?!\w)|{long}(?<=-)|\b{short}(?!\w))"
    days = rf"(?:{long}(?!\w)|{long}(?<=-)|\b{short}{follows})(?:{joint}{article}{more})*"
    clock = rf"(?:\b(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?(?!\d)|\b(?:{number_words()})\b)"
    time_of_day = (
        r"(?:\s(?:abends|nachts|morgens|früh|mittags|nachmittags|vormittags|in\sder\sfrüh"
        r"|des\s(?:folgetag\w{0,2}|(?:nächsten|folgenden)\s(?:tag\w{0,2}|morgens))"
        r"|am\s(?:nächsten|folgenden|darauffolgenden)\s(?:tag|morgen|vormittag)))?"
    )
    oclock = r"\s?(?:uhr|h)\b"
    # Without "Uhr", which may stand behind the last hours alone, no word follows to be counted.
    counted = r"(?:(?<=mitternacht)|(?=\s?(?:[,;)/&]|(?:und|sowie)\b|$)))"
    hours = (
        rf"{clock}(?:{oclock})?{time_of_day}\s?(?:und|bis|–|-)\s?"
        rf"{clock}(?:{oclock}{time_of_day}|{counted})"
    )
    # "Nach 22 und vor 6 Uhr", "vor 6 und nach 22 Uhr": the night between.
    late = rf"(?:nach|ab)\s(?P<late%s>{clock})(?:{oclock})?{time_of_day}"
    early = rf"(?:vor|bis)\s(?P<early%s>{clock})(?:{oclock})?{time_of_day}"
    both = r"\s?(?:und|oder|sowie|bzw\.)\s(?:nicht\s)?"
    outer = rf"{late % 1}{both}{early % 1}|{early % 2}{both}{late % 2}"
    around = r"rund\sum\sdie\suhr|ganztägig|ganztags|den\sganzen\stag"
    rest = words("rest", whole=False).pattern
    excepted = words("except", whole=False).pattern
    span = (
        rf"(?P<span>(?P<first>{long}|\b{short})\w{{0,7}},?\s(?:ab\s|um\s)?(?P<since>{clock})"
        rf"(?:{oclock})?{time_of_day},?\s?(?:bis|–|-)\s?(?:zum\s)?(?P<last>{long}|\b{short})"
        rf"\w{{0,7}},?\s(?:um\s)?(?P<until>{clock}){oclock})"
    )
    tokens = re.compile(
        rf"{span}|\b(?:{excepted})\s{article}(?P<except>{days})|(?P<days>{days})"
        rf"|\b(?P<outer>{outer})|\b(?P<hours>{hours})|\b(?P<around>{around})\b"
        rf"|\b(?P<rest>{rest})(?=[,:]?\s(?:nur\s)?(?:(?:von|zwischen|jeweils)\s)*"
        rf"(?:{hours}|{around}))",
        re.IGNORECASE,
    )
    return _Grammar(
        tokens,
        re.compile(rf"(?P<joint>{joint})?{article}(?P<day>{long}|\b{short})", re.IGNORECASE),
        re.compile(rf"(?P<clock>{clock})(?P<oclock>{oclock})?(?P<part>{time_of_day})", re.I),
        tuple(_day_pattern(entry) for entry in known["day"]),
    )


def _day_pattern(entry: dict[str, Any]) -> tuple[re.Pattern[str], Days]:
    source = entry["pattern"].replace(" ", r"\s").replace(r"(?=\s?(?:und|u\.|&)\s)", "")
    short = rf"|(?-i:{entry['short']})\.?" if "short" in entry else ""
    found = Days(frozenset(entry["days"]), entry.get("holidays"))
    return re.compile(f"(?:{source}){short}", re.IGNORECASE), found


def tokens_of(text: str) -> Iterator[Token]:
    """Yield what a sentence names, in order."""
    named: list[Days] = []
    for hit in grammar().tokens.finditer(text):
        start, end = hit.span()
        if hit["span"]:
            since, until = clock_of(hit["since"]), clock_of(hit["until"])
            first, last = named_days(hit["first"]), named_days(hit["last"])
            span = (min(first.days, default=0), min(last.days, default=0))
            week = len(first.days) == len(last.days) == 1 and span[0] != span[1]
            if since and until and week:
                yield Token("span", start, end, hours=(since, until), span=span)
        elif hit["hours"] or hit["outer"]:
            hours = _hours(hit["hours"]) if hit["hours"] else _outer_hours(hit)
            if hours is not None:
                yield Token("hours", start, end, hours=hours)
        elif hit["around"]:
            yield Token("hours", start, end)
        elif hit["rest"]:
            # "Sonst" without days before is "usually".
            yield Token("rest" if named else "unsure", start, end, days=_rest(named))
        else:
            kind = "days" if hit["days"] else "except"
            named.append(named_days(hit[kind]))
            yield Token(kind, start, end, days=named[-1])


def _rest(named: Sequence[Days]) -> Days:
    """Return the days that have not been named."""
    days = EVERY_DAY.difference(*(one.days for one in named))
    return Days(days, False if any(one.holidays for one in named) else None)


def _outer_hours(hit: re.Match[str]) -> tuple[str, str] | None:
    """Return the night that "nach 22 und vor 6 Uhr" leaves; None where it is none."""
    late = clock_of(hit["late1"] or hit["late2"])
    early = clock_of(hit["early1"] or hit["early2"])
    if late is None or early is None or not early < late < NEXT_MIDNIGHT:
        return None
    return from_to(late, early)


def named_days(words: str) -> Days:
    """Return the days of "Montag bis Freitag sowie an Feiertagen"."""
    days: list[int] = []
    holidays: set[bool | None] = set()
    for hit in grammar().item.finditer(words):
        found = next(one for pattern, one in grammar().days if pattern.fullmatch(hit["day"]))
        joint = (hit["joint"] or "").strip().casefold()
        if days and len(found.days) == 1 and (joint in {"-", "–"} or joint.startswith("bis")):
            (last,) = found.days
            # From Friday to Monday goes over the end of the week.
            while days[-1] != last:
                days.append(days[-1] % 7 + 1)
        else:
            days += sorted(found.days)
        holidays.add(found.holidays)
    return Days(frozenset(days), any_of(holidays))


def any_of(holidays: set[bool | None]) -> bool | None:
    """Return whether holidays are meant by any of several names of days."""
    return True if True in holidays else False if False in holidays else None


def _hours(words: str) -> tuple[str, str] | None:
    found = [
        clock_of(hit["clock"], hit["part"])
        for hit in grammar().clock.finditer(words)
        if hit.group()
    ]
    if len(found) != 2 or None in found or found[0] == found[1]:
        return None
    start, end = found
    assert start is not None  # noqa: S101 -- looked for above
    assert end is not None  # noqa: S101
    return from_to(start, end)


def from_to(start: str, end: str) -> tuple[str, str]:
    """Return hours that begin at 0 and end at 24 o'clock, where midnight is meant."""
    return MIDNIGHT if start == NEXT_MIDNIGHT else start, NEXT_MIDNIGHT if end == MIDNIGHT else end


def clock_of(words: str, part: str = "") -> str | None:
    """Return "17:00" for "17", "17.00" or "siebzehn"; None for an hour that the day has not."""
    hour, _, minute = words.replace(".", ":").partition(":")
    hours, minutes = number(hour), int(minute or 0)
    afternoon = part.strip().casefold() in {"abends", "nachmittags"}
    if hours * 60 + minutes > 24 * 60 or (afternoon and hours < _NOON):
        return None
    return f"{hours:02d}:{minutes:02d}"

"""How long after publication a section closes, as a sentence of house rules says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache

from moderation.hours.wording import (
    BOUNDARY,
    LONGEST,
    blanked,
    data,
    is_understood,
    number,
    number_words,
    words,
)
from moderation.records import Category, HouseRule

_UNITS = {
    "stunde": timedelta(hours=1),
    "tag": timedelta(days=1),
    "woche": timedelta(days=7),
    "monat": timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class _Closing:
    """When a section closes; ``with_the_day``: only when that day ends."""

    after: timedelta
    with_the_day: bool


def closing_after(rule: HouseRule) -> timedelta | None:
    """Return how long after publication a section closes, as a house rule says.

    Parameters
    ----------
    rule
        A rule of any category; only those on closing time say something.

    Returns
    -------
    timedelta or None
        A month counts 30 days; None where the rule names no single time from publication, or says
        anything beside it that is not understood.
    """
    found = _read(rule)
    return found.after if found is not None else None


def closes_with_the_day(rule: HouseRule) -> bool:
    """Return whether a section stays open until the end of the last day ("um 24 Uhr")."""
    found = _read(rule)
    return found is not None and found.with_the_day


@lru_cache(maxsize=1024)
def _read(rule: HouseRule) -> _Closing | None:
    if rule.category is not Category.CLOSING_TIME or len(rule.sentence) > LONGEST:
        return None
    text = " ".join(rule.sentence.split())
    if not words("section").search(text) or words("conditional").match(text):
        return None
    hits = [*_amount().finditer(text), *_day_named().finditer(text)]
    if len(hits) != 1:
        return None
    (hit,) = hits
    rest = blanked(text, hit.span())
    midnight = words("midnight").search(rest)
    if midnight:
        rest = blanked(rest, midnight.span())
    if not is_understood(rest, "section", "closes", "no_more", "opens", "modal", "closing_known"):
        return None
    lasts = _lasts(hit)
    if lasts is None or _says_closed(rest) is not (not lasts):
        return None
    if "ordinal" in hit.groupdict():
        return _Closing(data()["ordinals"][hit["ordinal"].casefold()] * _UNITS["tag"], True)
    after = number(hit["amount"]) * _UNITS[hit["unit"].casefold()]
    return _Closing(after, midnight is not None) if after else None


def _lasts(hit: re.Match[str]) -> bool | None:
    """Return whether a time is one that something lasts, or after which it ends; None: neither."""
    found = hit.groupdict()
    if found.get("until") or found.get("long"):
        return None if found["after"] else True
    return False if "ordinal" in found or found["after"] or found["since"] else None


def _says_closed(rest: str) -> bool | None:
    """Return whether it is said that a section closes, or how long it is open; None: neither."""
    no_more = words("no_more").search(rest) is not None
    closes = words("closes").search(rest) is not None
    if no_more or closes:
        # What can be closed need not be, and what is no more closed is open.
        return None if no_more == closes or (closes and words("modal").search(rest)) else True
    return False if words("opens").search(rest) else None


@cache
def _since() -> str:
    return rf"\s(?:nach|ab|seit)\s{words('publication').pattern.removeprefix(BOUNDARY)}"


@cache
def _amount() -> re.Pattern[str]:
    """Return the pattern of a time: "nach drei Tagen", "drei Tage lang", "bis drei Tage nach …"."""
    return re.compile(
        r"\b(?:(?P<until>für|binnen|innerhalb\svon|bis(?:\szu)?)\s)?"
        r"(?:(?P<after>nach(?:\sablauf\svon)?|älter\sals)\s)?"
        rf"\b(?P<amount>\d{{1,3}}|{number_words()})\s(?P<unit>stunde|tag|woche|monat)(?:e|en|n)?\b"
        rf"(?P<long>\slang\b)?(?P<since>{_since()})?",
        re.IGNORECASE,
    )


@cache
def _day_named() -> re.Pattern[str]:
    """Return the pattern of a day: "am dritten Tag nach Erscheinen"."""
    ordinals = "|".join(data()["ordinals"])
    return re.compile(
        rf"\b(?:am|(?:am|mit\sdem)\sende\sdes)\s(?P<ordinal>{ordinals})\stag(?:e?s)?{_since()}",
        re.IGNORECASE,
    )

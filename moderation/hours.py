"""What a sentence of house rules says about time: hours of release, and when sections close.

Both readers and rules files bring such sentences, so they are understood here, below both. A
sentence is read as a row of days, hours and excepted days; what it says of them (released, or not)
stands in the clause they end in, or in a neighbouring one ("Mo–Fr 8–18 Uhr, Sa 10–14 Uhr
moderiert"). A sentence with anything that may turn its meaning, or with a time that found no place,
says nothing: a comment that does not wait must never be told that it does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, lru_cache
from importlib import resources
from itertools import zip_longest
from typing import Any

from moderation.records import Category, HouseRule, ReleaseHours

_EVERY_DAY = frozenset(range(1, 8))
_WORKDAYS = frozenset(range(1, 6))
_RELEASED = ("released", "work")
_NOON = 12  # hours
#: Characters: a longer sentence is no rule about hours.
_LONGEST = 600
_UNITS = {
    "stunde": timedelta(hours=1),
    "tag": timedelta(days=1),
    "woche": timedelta(days=7),
    "monat": timedelta(days=30),
}
_MIDNIGHT, _NEXT_MIDNIGHT = "00:00", "24:00"


@dataclass(frozen=True, slots=True)
class _Days:
    """Days named together; see :class:`ReleaseHours` for `holidays`."""

    days: frozenset[int]
    holidays: bool | None = None


_DAILY = _Days(_EVERY_DAY)


@dataclass(frozen=True, slots=True)
class _Token:
    """A part of a sentence that names days or hours.

    ``kind`` is ``days``, ``except`` (days left out), ``hours`` or ``span`` (from one day's hour to
    another day's hour).
    """

    kind: str
    start: int
    end: int
    days: _Days = _DAILY
    hours: tuple[str, str] = (_MIDNIGHT, _NEXT_MIDNIGHT)
    span: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True)
class _Unit:
    """Hours on days, and where in the sentence they end."""

    days: _Days
    hours: tuple[str, str]
    place: int


@cache
def _data() -> dict[str, Any]:
    path = resources.files("moderation") / "hours.toml"
    data = tomllib.loads(path.read_text("utf-8"))
    # As they are looked up: folded, "dreißig" is "dreissig".
    data["values"] = {word.casefold(): number for word, number in data["numbers"].items()}
    return data


@cache
def _words(*roles: str, whole: bool = True) -> re.Pattern[str]:
    """Return a pattern for the words of some roles; as parts of words if not `whole`."""
    words = "|".join(word for role in roles for word in _data()["words"][role])
    pattern = rf"\b(?:{words})\b" if whole else f"(?:{words})"
    return re.compile(pattern.replace(" ", r"\s"), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The compiled patterns of days and hours."""

    tokens: re.Pattern[str]
    item: re.Pattern[str]
    clock: re.Pattern[str]
    closing: re.Pattern[str]
    days: tuple[tuple[re.Pattern[str], _Days], ...]


@cache
def _grammar() -> _Grammar:
    data = _data()
    longs = [entry["pattern"].replace(" ", r"\s") for entry in data["day"]]
    shorts = [entry["short"] for entry in data["day"] if "short" in entry]
    number = "|".join(sorted(data["numbers"], key=len, reverse=True))
    short = rf"(?-i:{'|'.join(shorts)})\b\.?"
    joint = r"(?:\s?(?:[-–/&+,]|bis(?:\seinschließlich)?|und|u\.|sowie|oder)\s?)"
    article = r"(?:auch\s)?(?:(?:an|am|den|von|vom|der)\s)?(?:(?:den|allen)\s)?"
    long = rf"\b(?:{'|'.join(longs)})"
    # A short name may begin where another day or an hour follows: "So" is also "thus".
    follows = rf"(?={joint}(?:{long}|{short})|,?\s(?:von\s|zwischen\s|jeweils\s)?\d)"
    more = rf"(?:{long}(?!\w)|{long}(?<=-)|\b{short}(?!\w))"
    days = rf"(?:{long}(?!\w)|{long}(?<=-)|\b{short}{follows})(?:{joint}{article}{more})*"
    clock = rf"(?:\b(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?(?!\d)|\b(?:{number})\b)"
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
    around = r"rund\sum\sdie\suhr|ganztägig|ganztags|den\sganzen\stag"
    excepted = "|".join(word.replace(" ", r"\s") for word in data["words"]["except"])
    span = (
        rf"(?P<span>(?P<first>{long}|\b{short})\w{{0,7}},?\s(?:ab\s|um\s)?(?P<since>{clock})"
        rf"(?:{oclock})?{time_of_day},?\s?(?:bis|–|-)\s?(?:zum\s)?(?P<last>{long}|\b{short})"
        rf"\w{{0,7}},?\s(?:um\s)?(?P<until>{clock}){oclock})"
    )
    tokens = re.compile(
        rf"{span}|\b(?:{excepted})\s{article}(?P<except>{days})|(?P<days>{days})"
        rf"|\b(?P<hours>{hours})|\b(?P<around>{around})\b",
        re.IGNORECASE,
    )
    return _Grammar(
        tokens,
        re.compile(rf"(?P<joint>{joint})?{article}(?P<day>{long}|\b{short})", re.IGNORECASE),
        re.compile(rf"(?P<clock>{clock})(?P<oclock>{oclock})?(?P<part>{time_of_day})", re.I),
        re.compile(
            rf"\b(?P<amount>\d{{1,3}}|{number})\s(?P<unit>stunde|tag|woche|monat)(?:e|en|n)?\b",
            re.IGNORECASE,
        ),
        tuple(_day_pattern(entry) for entry in data["day"]),
    )


def _day_pattern(entry: dict[str, Any]) -> tuple[re.Pattern[str], _Days]:
    source = entry["pattern"].replace(" ", r"\s").replace(r"(?=\s?(?:und|u\.|&)\s)", "")
    short = rf"|(?-i:{entry['short']})\.?" if "short" in entry else ""
    found = _Days(frozenset(entry["days"]), entry.get("holidays"))
    return re.compile(f"(?:{source}){short}", re.IGNORECASE), found


@lru_cache(maxsize=1024)
def release_hours(rule: HouseRule) -> tuple[ReleaseHours, ...]:
    """Return in which hours a house rule says that comments are released, or are not.

    Parameters
    ----------
    rule
        A rule of any category; only those on opening hours say something.

    Returns
    -------
    tuple of ReleaseHours
        In the order of the sentence; empty where it could not be understood for certain.
    """
    if rule.category is not Category.OPENING_HOURS or len(rule.sentence) > _LONGEST:
        return ()
    text = " ".join(rule.sentence.split())
    if _words("unreliable").search(text) or not _words("subject", whole=False).search(text):
        return ()
    if not _words(*_RELEASED, "closed").search(text):
        return ()
    tokens = list(_tokens(text))
    sent = _words("sent").search(text)
    if sent:
        # Behind stands when they are released, "am nächsten Werktag".
        tokens = [token for token in tokens if token.end <= sent.start()]
    units = _units(text, tokens)
    if units is None or _has_other_times(text, tokens):
        return ()
    if not _OCLOCK.search(text) and any(token.kind == "hours" for token in tokens):
        return ()
    found = []
    for unit in units:
        released = _is_released(text, unit.place, tokens)
        if released is None or _is_vague(text, unit.place, tokens, released=released):
            return ()
        whole = unit.hours == (_MIDNIGHT, _NEXT_MIDNIGHT)
        if whole and unit.days == _DAILY:
            # "Jeden Tag", "rund um die Uhr": no hours at all.
            continue
        if released and not _is_exclusive(text, unit, tokens, whole=whole):
            return ()
        days = unit.days
        found.append(
            ReleaseHours(rule.id, released, *unit.hours, _record(days.days), days.holidays)
        )
    return tuple(dict.fromkeys(_narrowed(found)))


def _tokens(text: str) -> Iterator[_Token]:
    for hit in _grammar().tokens.finditer(text):
        start, end = hit.span()
        if hit["span"]:
            since, until = _clock(hit["since"]), _clock(hit["until"])
            first, last = _named_days(hit["first"]), _named_days(hit["last"])
            span = (min(first.days, default=0), min(last.days, default=0))
            week = len(first.days) == len(last.days) == 1 and span[0] != span[1]
            if since and until and week:
                yield _Token("span", start, end, hours=(since, until), span=span)
        elif hit["hours"]:
            hours = _hours(hit["hours"])
            if hours is not None:
                yield _Token("hours", start, end, hours=hours)
        elif hit["around"]:
            yield _Token("hours", start, end)
        else:
            kind = "days" if hit["days"] else "except"
            yield _Token(kind, start, end, days=_named_days(hit[kind]))


def _named_days(words: str) -> _Days:
    """Return the days of "Montag bis Freitag sowie an Feiertagen"."""
    days: list[int] = []
    holidays: set[bool | None] = set()
    for hit in _grammar().item.finditer(words):
        found = next(one for pattern, one in _grammar().days if pattern.fullmatch(hit["day"]))
        joint = (hit["joint"] or "").strip().casefold()
        if days and len(found.days) == 1 and (joint in {"-", "–"} or joint.startswith("bis")):
            (last,) = found.days
            # From Friday to Monday goes over the end of the week.
            while days[-1] != last:
                days.append(days[-1] % 7 + 1)
        else:
            days += sorted(found.days)
        holidays.add(found.holidays)
    return _Days(frozenset(days), _any(holidays))


def _any(holidays: set[bool | None]) -> bool | None:
    return True if True in holidays else False if False in holidays else None


def _hours(words: str) -> tuple[str, str] | None:
    found = [
        _clock(hit["clock"], hit["part"]) for hit in _grammar().clock.finditer(words) if hit.group()
    ]
    if len(found) != 2 or None in found or found[0] == found[1]:
        return None
    start, end = found
    assert start is not None  # noqa: S101 -- looked for above
    assert end is not None  # noqa: S101
    return _MIDNIGHT if start == _NEXT_MIDNIGHT else start, (
        _NEXT_MIDNIGHT if end == _MIDNIGHT else end
    )


def _clock(words: str, part: str = "") -> str | None:
    """Return "17:00" for "17", "17.00" or "siebzehn"; None for an hour that the day has not."""
    hour, _, minute = words.replace(".", ":").partition(":")
    number = int(hour) if hour.isdecimal() else _data()["values"][hour.casefold()]
    minutes = int(minute or 0)
    afternoon = part.strip().casefold() in {"abends", "nachmittags"}
    if number * 60 + minutes > 24 * 60 or (afternoon and number < _NOON):
        return None
    return f"{number:02d}:{minutes:02d}"


_CONNECTED = re.compile(r"\b(?:und(?!\szwar)|sowie|oder|aber|u\.)|[.!?/;&+]", re.IGNORECASE)


def _units(text: str, tokens: Sequence[_Token]) -> list[_Unit] | None:
    """Return which hours go with which days; None where that is anybody's guess."""
    units: list[_Unit] = []
    pending: _Days | None = None
    place = 0
    before: _Token | None = None
    for token, following in zip_longest(tokens, tokens[1:]):
        gap = text[before.end : token.start] if before else ""
        said = _says(gap)
        if pending is not None and said:
            units.append(_Unit(pending, (_MIDNIGHT, _NEXT_MIDNIGHT), place))
            pending = None
        match token.kind:
            case "days":
                if pending is not None:
                    pending = _both(pending, token.days, gap)
                elif (
                    before is not None
                    and before.kind == "hours"
                    and units[-1].days == _DAILY
                    and not said
                    and not _CONNECTED.search(gap)
                ):
                    # "Von 8 bis 18 Uhr (Montag bis Freitag)"; behind a comma new days may begin.
                    if "," in gap:
                        if following is None or following.kind != "hours":
                            return None
                        pending = token.days
                    else:
                        units[-1] = replace(units[-1], days=token.days, place=token.end - 1)
                else:
                    pending = token.days
            case "except":
                if pending is None and not units:
                    return None
                if pending is not None:
                    pending = _without(pending, token.days)
                else:
                    units[-1] = replace(units[-1], days=_without(units[-1].days, token.days))
            case "hours":
                if pending is not None and _CONNECTED.search(gap):
                    # "An Feiertagen sowie zwischen 22 und 7 Uhr"
                    units.append(_Unit(pending, (_MIDNIGHT, _NEXT_MIDNIGHT), place))
                    pending = None
                again = before is not None and before.kind == "hours" and not said
                days = pending or (units[-1].days if again and units else _DAILY)
                units.append(_Unit(days, token.hours, token.end - 1))
                pending = None
            case _:
                units += _span_units(token)
        place, before = token.end - 1, token
    if pending is not None:
        units.append(_Unit(pending, (_MIDNIGHT, _NEXT_MIDNIGHT), place))
    return units or None


def _says(text: str) -> bool:
    """Return whether these words say all of something released, or not, before more is named."""
    if _words(*_RELEASED, "closed").search(text):
        return True
    return _words("not").search(text) is not None and _CLAUSE_END.search(text) is not None


def _both(first: _Days, second: _Days, gap: str) -> _Days:
    """Return days named one after the other: added, or more exactly ("werktags (Mo–Fr)")."""
    if gap.strip(" ,(") in {"", "von", "also", "d. h.", "jeweils"} and "," not in gap:
        holidays = first.holidays if second.holidays is None else second.holidays
        return _Days(second.days, holidays)
    return _Days(first.days | second.days, _any({first.holidays, second.holidays}))


def _without(days: _Days, left_out: _Days) -> _Days:
    return _Days(days.days - left_out.days, False if left_out.holidays else days.holidays)


def _span_units(token: _Token) -> Iterator[_Unit]:
    """Yield "Freitag, 18 Uhr, bis Montag, 8 Uhr" day by day."""
    day, last = token.span
    start, end = token.hours
    while day != last:
        if start != _NEXT_MIDNIGHT:
            yield _Unit(_Days(frozenset({day})), (start, _NEXT_MIDNIGHT), token.end - 1)
        day, start = day % 7 + 1, _MIDNIGHT
    if end != _MIDNIGHT:
        yield _Unit(_Days(frozenset({day})), (start, end), token.end - 1)


_OTHER_TIME = re.compile(
    r"\buhr(?!zeit)|\b\d{1,2}[:.]\d{2}\b|\b\d{1,2}\s?h\b|\b\d{1,2}\s?(?:[-–]|bis|und)\s?\d",
    re.IGNORECASE,
)
_OCLOCK = re.compile(r"uhr\b|\dh\b|\d h\b|\d[:.]\d\d\b", re.IGNORECASE)


def _has_other_times(text: str, tokens: Sequence[_Token]) -> bool:
    """Return whether a time is named that is not part of any hours, nor one of their ends."""
    rest = text
    for token in tokens:
        rest = rest[: token.start] + " " * (token.end - token.start) + rest[token.end :]
    known = {clock for token in tokens for clock in token.hours}
    for hit in _grammar().clock.finditer(rest):
        if hit["oclock"] and _clock(hit["clock"], hit["part"]) in known:
            rest = rest[: hit.start()] + " " * (hit.end() - hit.start()) + rest[hit.end() :]
    return _OTHER_TIME.search(rest) is not None


_CLAUSE_END = re.compile(
    r"[,;:()]|[.!?](?=\s)|\s[-–]\s|\b(?:und|sowie|aber|sondern|jedoch)\b", re.IGNORECASE
)


def _clauses(text: str, tokens: Sequence[_Token]) -> list[tuple[int, int]]:
    """Return the clauses of a sentence; no days or hours are cut."""
    cuts = [
        hit.start()
        for hit in _CLAUSE_END.finditer(text)
        if not any(token.start <= hit.start() < token.end for token in tokens)
    ]
    return list(zip([0, *cuts], [*cuts, len(text)], strict=True))


def _is_released(text: str, place: int, tokens: Sequence[_Token]) -> bool | None:
    """Return what a sentence says of the hours at `place`; None where it does not say."""
    clauses = _clauses(text, tokens)
    said = [_polarity(text[start:end], text) for start, end in clauses]
    index = next(n for n, (start, end) in enumerate(clauses) if start <= place < end)
    if said[index] is not None:
        return said[index]
    # The verb stands at the end ("Mo–Fr 8–18 Uhr, Sa 10–14 Uhr moderiert"), or was said before.
    before = next((one for one in reversed(said[:index]) if one is not None), None)
    behind = next((n for n in range(index + 1, len(said)) if said[n] is not None), None)
    if behind is None or before is None or before == said[behind]:
        return before if behind is None else said[behind]
    start, end = clauses[behind]
    # "…, samstags von 10 bis 14 Uhr, sonntags geschlossen": the last verb is for its own days.
    return before if any(start <= token.start < end for token in tokens) else None


def _polarity(clause: str, sentence: str) -> bool | None:
    closed = _words("closed").search(clause) is not None
    released = _words(*(("released",) if closed else _RELEASED)).search(clause) is not None
    denied = _words("not").search(clause) is not None
    if not (released or closed or denied) or (closed and (released or denied)):
        return None
    if _words("sent").search(sentence):
        # The hours are those in which comments come in; what becomes of them is said behind.
        waiting = denied or closed or _words("later", "not_before").search(sentence)
        return _words("otherwise").search(sentence) is not None if waiting else None
    if _words("later").search(clause):
        return False
    return (released and not denied) != (_words("otherwise").search(clause) is not None)


def _is_exclusive(text: str, unit: _Unit, tokens: Sequence[_Token], *, whole: bool) -> bool:
    """Return whether hours of release are meant to be the only ones on the days they speak of.

    "Auch am Wochenende von 10 bis 16 Uhr" says nothing of the rest, and "montags" no more than
    that something is done on Mondays; "werktags" and "von 8 bis 18 Uhr" leave the others out.
    """
    start, end = next(one for one in _clauses(text, tokens) if one[0] <= unit.place < one[1])
    if _words("also").search(text, start, end):
        return False
    return not whole or unit.days.days >= _WORKDAYS or _words("only").search(text) is not None


def _is_vague(text: str, place: int, tokens: Sequence[_Token], *, released: bool) -> bool:
    """Return whether hours without numbers stand beside, and matter.

    Where nights are released, too, more is released than is understood; where nights are not,
    either, nothing is said that is wrong, unless they are the nights of these very days.
    """
    clauses = _clauses(text, tokens)
    start, end = next(one for one in clauses if one[0] <= place < one[1])
    if any(token.kind != "days" and start <= token.end - 1 < end for token in tokens):
        return False
    vague = list(_words("vague_time").finditer(text))
    if released:
        return bool(vague)
    named = next(token for token in tokens if token.end - 1 == place)
    return any(
        not text[named.end : hit.start()].strip(" ,")
        if hit.start() >= named.end
        else not text[hit.end() : named.start].strip()
        for hit in vague
    )


def _narrowed(found: Sequence[ReleaseHours]) -> Iterator[ReleaseHours]:
    """Yield hours of release without the days for which other hours replace them.

    "Täglich von 8 bis 22 Uhr, am Wochenende von 10 bis 18 Uhr": hours for fewer days replace those
    they overlap with; hours that do not overlap are added ("8 bis 12 und 14 bis 18 Uhr").
    """
    for one in found:
        days = set(_EVERY_DAY if one.days is None else one.days)
        holidays = one.holidays
        for other in found:
            fewer = _EVERY_DAY if other.days is None else frozenset(other.days)
            if one.released and other.released and len(fewer) < len(days) and _overlap(one, other):
                days -= fewer
                holidays = False if other.holidays else holidays
        if days or holidays:
            yield replace(one, days=_record(days), holidays=holidays)


def _record(days: Iterable[int]) -> tuple[int, ...] | None:
    found = tuple(sorted(days))
    return None if len(found) == len(_EVERY_DAY) else found


def _overlap(one: ReleaseHours, other: ReleaseHours) -> bool:
    # Hours over midnight overlap with everything that is asked here.
    return (
        (one.start < other.end and other.start < one.end)
        or one.end < one.start
        or other.end < other.start
    )


@lru_cache(maxsize=1024)
def closing_after(rule: HouseRule) -> timedelta | None:
    """Return how long after publication a section closes, as a house rule says.

    Parameters
    ----------
    rule
        A rule of any category; only those on closing time say something.

    Returns
    -------
    timedelta or None
        A month counts 30 days; None where the rule names no single time from publication.
    """
    if rule.category is not Category.CLOSING_TIME or len(rule.sentence) > _LONGEST:
        return None
    text = " ".join(rule.sentence.split())
    if _NOT_FROM_PUBLICATION.search(text):
        return None
    found = {
        (_number(hit["amount"]) * _UNITS[hit["unit"].casefold()])
        for hit in _grammar().closing.finditer(text)
    }
    return found.pop() if len(found) == 1 and timedelta() not in found else None


_NOT_FROM_PUBLICATION = re.compile(
    r"\bnach (?:de[mr]|ihre[mr]) (?:letzten|jüngsten|neuesten)\b|\bnicht (?:mehr )?nach\b"
    r"|\bnicht automatisch\b|\berst nach\b.*\b(?:möglich|offen|geöffnet)\b",
    re.IGNORECASE,
)


def _number(words: str) -> int:
    if words.isdecimal():
        return int(words)
    number: int = _data()["values"][words.casefold()]
    return number

"""In which hours comments are released, as a sentence of house rules says.

A sentence is read as a row of days, hours and excepted days; what it says of them (released, or
not) stands in the clause they end in, or in a neighbouring one ("Mo–Fr 8–18 Uhr, Sa 10–14 Uhr
moderiert"). A sentence with any word whose part in it is not known, or with a time that found no
place, says nothing: a comment that does not wait must never be told that it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest

from moderation.hours.clauses import (
    CLAUSE_END,
    RELEASED,
    clause_at,
    clauses_of,
    is_released,
    names_time,
    polarity,
)
from moderation.hours.tokens import (
    DAILY,
    EVERY_DAY,
    MIDNIGHT,
    NEXT_MIDNIGHT,
    Days,
    Token,
    any_of,
    clock_of,
    from_to,
    grammar,
    tokens_of,
)
from moderation.hours.wording import LONGEST, blanked, is_understood, words
from moderation.records import Category, HouseRule, ReleaseHours

_WORKDAYS = frozenset(range(1, 6))


@dataclass(frozen=True, slots=True)
class _Unit:
    """Hours on days, and where in the sentence they end."""

    days: Days
    hours: tuple[str, str]
    place: int


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
    return _read(rule) or ()


def is_certain_of_hours(rule: HouseRule) -> bool:
    """Return whether a rule on opening hours was understood ("round the clock" gives none)."""
    return _read(rule) is not None


@lru_cache(maxsize=1024)
def _read(rule: HouseRule) -> tuple[ReleaseHours, ...] | None:
    """Return what a rule says of hours; None where that is not certain."""
    if rule.category is not Category.OPENING_HOURS or len(rule.sentence) > LONGEST:
        return None
    text = " ".join(rule.sentence.split())
    if not words("subject", whole=False).search(text) or _is_conditional(text):
        return None
    tokens = list(tokens_of(text))
    pause = _daily_pause(text, tokens)
    if pause is not None:
        return (ReleaseHours(rule.id, False, *pause),)
    if not is_understood(_rest(text, tokens), *_KNOWN) or _is_doubtful(text, tokens):
        return None
    text = blanked(text, *(token.place for token in tokens if token.kind == "rest"))
    if not words(*RELEASED, "closed").search(text):
        return None
    sent = words("sent").search(text)
    if sent:
        # Behind stands when they are released, "am nächsten Werktag".
        tokens = [token for token in tokens if token.end <= sent.start()]
        if words("not").search(text, 0, sent.end()):
            return None
    elif _is_of_one_day(text, tokens):
        return None
    units = _units(text, tokens)
    if units is None or (not _OCLOCK.search(text) and any(one.kind == "hours" for one in tokens)):
        return None
    found = []
    for unit in units:
        released = is_released(text, unit.place, tokens)
        if released is None or _is_vague(text, unit.place, tokens, released=released):
            return None
        if _is_taken_back(text, unit, tokens, released=released):
            return None
        whole = unit.hours == (MIDNIGHT, NEXT_MIDNIGHT)
        if whole and unit.days == DAILY:
            # "Jeden Tag", "rund um die Uhr": no hours at all.
            continue
        if released and not _is_exclusive(text, unit, tokens, whole=whole):
            return None
        days = unit.days
        found.append(
            ReleaseHours(rule.id, released, *unit.hours, _record(days.days), days.holidays)
        )
    return tuple(dict.fromkeys(_narrowed(found)))


#: Every role a word may have in a sentence that is understood.
_KNOWN = (
    *("subjects", "released", "work", "closed", "not", "modal", "only", "also", "later"),
    *("sent", "otherwise", "again", "vague_time", "known"),
)
# "Ab Montag", "bis Montag": since when, or how much longer, not on which days.
_LIMIT = re.compile(r"(?:\bab|^bis)\s$", re.IGNORECASE)


def _is_of_one_day(text: str, tokens: Sequence[Token]) -> bool:
    """Return whether a day is that of a change ("ab Montag"), or one of the calendar's."""
    if any(_LIMIT.search(text, 0, token.start) for token in tokens if token.kind == "days"):
        return True
    return any(
        not _ONLY_THEN.search(text, 0, hit.start())
        and not any(one.kind == "hours" and one.start < hit.start() < one.end for one in tokens)
        for hit in words("later").finditer(text)
    )


_ONLY_THEN = re.compile(r"\berst\s$", re.IGNORECASE)


def _is_conditional(text: str) -> bool:
    """Return whether a sentence, or one in it, begins with its verb ("Ist niemand da, …")."""
    return any(
        words("conditional").match(text, hit.end()) for hit in _SENTENCE_START.finditer(text)
    )


_SENTENCE_START = re.compile(r"^|[.!;:]\s(?=[A-ZÄÖÜ])")


def _rest(text: str, tokens: Sequence[Token]) -> str:
    """Return a sentence without days and hours, and without hours named again ("ab 9 Uhr")."""
    later = [hit.span() for hit in words("later").finditer(text)]
    text = blanked(text, *later, *(token.place for token in tokens))
    known = {clock for token in tokens for clock in token.hours}
    for hit in grammar().clock.finditer(text):
        if hit["oclock"] and clock_of(hit["clock"], hit["part"]) in known:
            text = blanked(text, hit.span())
    return text


def _daily_pause(text: str, tokens: Sequence[Token]) -> tuple[str, str] | None:
    """Return from when to when something is closed that "closes at 20 and opens at 7"."""
    if any(token.kind != "days" or token.days != DAILY for token in tokens):
        return None
    if words("not", "only", "modal", "sent", "otherwise").search(text):
        return None
    points = [hit for hit in grammar().clock.finditer(text) if hit["oclock"]]
    if len(points) != 2 or not all(_AT.search(text, 0, hit.start()) for hit in points):
        return None
    cut = CLAUSE_END.search(text, points[0].end(), points[1].start())
    rest = blanked(text, *(hit.span() for hit in points), *(token.place for token in tokens))
    if cut is None or not is_understood(rest, *_KNOWN, "begins", "ends"):
        return None
    parts = [rest[: cut.start()], rest[cut.start() :]]
    opens = [words("begins").search(part) is not None for part in parts]
    closes = [words("ends").search(part) is not None for part in parts]
    hours = [clock_of(hit["clock"], hit["part"]) for hit in points]
    if opens[0] == opens[1] or opens == closes or closes[0] == closes[1]:
        return None
    since, until = hours if closes[0] else reversed(hours)
    if since is None or until is None or since == until:
        return None
    if since < until and words("later").search(text):
        return None
    return from_to(since, until)


_AT = re.compile(r"\b(?:um|ab)\s$", re.IGNORECASE)


_CONNECTED = re.compile(r"\b(?:und(?!\szwar)|sowie|oder|aber|u\.)|[.!?/;&+]", re.IGNORECASE)


def _units(text: str, tokens: Sequence[Token]) -> list[_Unit] | None:
    """Return which hours go with which days; None where that is anybody's guess."""
    units: list[_Unit] = []
    pending: Days | None = None
    place = 0
    before: Token | None = None
    for token, following in zip_longest(tokens, tokens[1:]):
        gap = text[before.end : token.start] if before else ""
        said = _says(gap)
        if pending is not None and said:
            units.append(_Unit(pending, (MIDNIGHT, NEXT_MIDNIGHT), place))
            pending = None
        match token.kind:
            case "days" | "rest":
                if pending is not None:
                    pending = _both(pending, token.days, gap)
                elif (
                    before is not None
                    and before.kind == "hours"
                    and units[-1].days == DAILY
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
                    units.append(_Unit(pending, (MIDNIGHT, NEXT_MIDNIGHT), place))
                    pending = None
                again = before is not None and before.kind == "hours" and not said
                days = pending or (units[-1].days if again and units else DAILY)
                units.append(_Unit(days, token.hours, token.end - 1))
                pending = None
            case _:
                units += _span_units(token)
        place, before = token.end - 1, token
    if pending is not None:
        units.append(_Unit(pending, (MIDNIGHT, NEXT_MIDNIGHT), place))
    return units or None


def _says(text: str) -> bool:
    """Return whether these words say all of something released, or not, before more is named."""
    if words(*RELEASED, "closed").search(text):
        return True
    return words("not").search(text) is not None and CLAUSE_END.search(text) is not None


def _both(first: Days, second: Days, gap: str) -> Days:
    """Return days named one after the other: added, or more exactly ("werktags (Mo–Fr)")."""
    if gap.strip(" ,(") in {"", "von", "also", "d. h.", "jeweils"} and "," not in gap:
        holidays = first.holidays if second.holidays is None else second.holidays
        return Days(second.days, holidays)
    return Days(first.days | second.days, any_of({first.holidays, second.holidays}))


def _without(days: Days, left_out: Days) -> Days:
    return Days(days.days - left_out.days, False if left_out.holidays else days.holidays)


def _span_units(token: Token) -> Iterator[_Unit]:
    """Yield "Freitag, 18 Uhr, bis Montag, 8 Uhr" day by day."""
    day, last = token.span
    start, end = token.hours
    while day != last:
        if start != NEXT_MIDNIGHT:
            yield _Unit(Days(frozenset({day})), (start, NEXT_MIDNIGHT), token.end - 1)
        day, start = day % 7 + 1, MIDNIGHT
    if end != MIDNIGHT:
        yield _Unit(Days(frozenset({day})), (start, end), token.end - 1)


_OCLOCK = re.compile(r"uhr\b|\dh\b|\d h\b|\d[:.]\d\d\b", re.IGNORECASE)


def _is_doubtful(text: str, tokens: Sequence[Token]) -> bool:
    """Return whether words that are all known may mean something else together."""
    if any(token.kind == "unsure" for token in tokens) or words("doubtful").search(text):
        return True
    if words("free").search(text) and not words("sets_free").search(text):
        return True
    appears = words("appears").search(text)
    if appears and words("checked").search(text, appears.end()):
        # "Veröffentlicht und danach geprüft"
        return True
    bare = blanked(text, *(token.place for token in tokens))
    for start, end in clauses_of(text, tokens):
        clause = bare[start:end]
        behind = any(one.end <= start for one in tokens)
        timed = names_time((start, end), tokens)
        otherwise = behind and not timed and words("otherwise").search(clause)
        # "Sonst auch"
        if otherwise and polarity(clause, text) is None:
            return True
        if _may_mean_the_contrary(clause):
            return True
    return False


def _may_mean_the_contrary(clause: str) -> bool:
    denied = len(words("not").findall(clause))
    closed = words("closed").search(clause) is not None
    if denied > 1 or (denied and words("only").search(clause)):
        return True
    if words("modal").search(clause) is None or (denied and not closed):
        return False
    # What the house may do it need not do.
    released = words("released").search(clause) is not None
    return closed or (released and words("by_readers").search(clause) is None)


def _is_taken_back(text: str, unit: _Unit, tokens: Sequence[Token], *, released: bool) -> bool:
    """Return whether a clause that names no time of its own says the contrary of one that does.

    "Von 22 bis 6 Uhr wird nicht moderiert, die Kommentarfunktion ist offen."
    """
    own = True
    for start, end in reversed(clauses_of(text, tokens)):
        timed = names_time((start, end), tokens)
        clause = text[start:end]
        said = None if timed or words("again").search(clause) else polarity(clause, text)
        if start <= unit.place < end:
            own = polarity(clause, text) is not None
        elif start > unit.place:
            nearer = any(unit.place < token.start < start for token in tokens)
            if said is not None and said != released and not nearer:
                return True
        elif said and own and released and words("appears").search(clause):
            # "Kommentare werden veröffentlicht, die Moderation ist von 8 bis 20 Uhr besetzt."
            return True
    return False


def _is_exclusive(text: str, unit: _Unit, tokens: Sequence[Token], *, whole: bool) -> bool:
    """Return whether hours of release are meant to be the only ones on the days they speak of.

    "Auch am Wochenende von 10 bis 16 Uhr" says nothing of the rest, and "montags" no more than
    that something is done on Mondays; "werktags" and "von 8 bis 18 Uhr" leave the others out.
    """
    start, end = clause_at(unit.place, clauses_of(text, tokens))
    if words("also").search(text, start, end):
        return False
    return not whole or unit.days.days >= _WORKDAYS or words("only").search(text) is not None


def _is_vague(text: str, place: int, tokens: Sequence[Token], *, released: bool) -> bool:
    """Return whether hours without numbers stand beside, and matter.

    Where nights are released, too, more is released than is understood; where nights are not,
    either, nothing is said that is wrong, unless they are the nights of these very days.
    """
    start, end = clause_at(place, clauses_of(text, tokens))
    if any(token.kind != "days" and start <= token.end - 1 < end for token in tokens):
        return False
    vague = list(words("vague_time").finditer(text))
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
        days = set(EVERY_DAY if one.days is None else one.days)
        holidays = one.holidays
        for other in found:
            fewer = EVERY_DAY if other.days is None else frozenset(other.days)
            if one.released and other.released and len(fewer) < len(days) and _overlap(one, other):
                days -= fewer
                holidays = False if other.holidays else holidays
        if days or holidays:
            yield replace(one, days=_record(days), holidays=holidays)


def _record(days: Iterable[int]) -> tuple[int, ...] | None:
    found = tuple(sorted(days))
    return None if len(found) == len(EVERY_DAY) else found


def _overlap(one: ReleaseHours, other: ReleaseHours) -> bool:
    # Hours over midnight overlap with everything that is asked here.
    return (
        (one.start < other.end and other.start < one.end)
        or one.end < one.start
        or other.end < other.start
    )

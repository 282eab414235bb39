"""What the clauses of a sentence on hours say of the time they name: released, or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from moderation.hours.tokens import Token
from moderation.hours.wording import words

#: Words by which something is released.
RELEASED = ("released", "work")

#: Where clauses end.
CLAUSE_END = re.compile(
    r"[,;:()]|[.!?](?=\s)|\s[-–]\s|\b(?:und|sowie|aber|sondern|jedoch)\b", re.IGNORECASE
)


def clauses_of(text: str, tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the clauses of a sentence; no days or hours are cut."""
    cuts = [
        hit.start()
        for hit in CLAUSE_END.finditer(text)
        if not any(token.start <= hit.start() < token.end for token in tokens)
    ]
    return list(zip([0, *cuts], [*cuts, len(text)], strict=True))


def clause_at(place: int, clauses: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the clause in which a place of the sentence is."""
    return next(one for one in clauses if one[0] <= place < one[1])


def is_released(text: str, place: int, tokens: Sequence[Token]) -> bool | None:
    """Return what a sentence says of the hours at `place`; None where it does not say."""
    clauses = clauses_of(text, tokens)
    said = [polarity(text[start:end], text) for start, end in clauses]
    index = clauses.index(clause_at(place, clauses))
    if said[index] is not None:
        return said[index]
    # The verb stands at the end ("Mo–Fr 8–18 Uhr, Sa 10–14 Uhr moderiert"), or was said before.
    before = next((n for n in reversed(range(index)) if said[n] is not None), None)
    behind = next((n for n in range(index + 1, len(said)) if said[n] is not None), None)
    if before is None and behind is None:
        return None
    if before is None or (behind is not None and said[before] == said[behind]):
        source = behind
    else:
        source = before
        # "…, samstags von 10 bis 14 Uhr, sonntags geschlossen": the last verb is for its own days.
        if behind is not None and not names_time(clauses[behind], tokens):
            return None
    assert source is not None  # noqa: S101 -- one of them is
    if said[source] is False and not _is_shared(text, clauses, index, source, tokens):
        return None
    return said[source]


def names_time(clause: tuple[int, int], tokens: Sequence[Token]) -> bool:
    """Return whether days or hours begin in a clause."""
    start, end = clause
    return any(start <= token.start < end for token in tokens)


def _is_shared(
    text: str,
    clauses: Sequence[tuple[int, int]],
    index: int,
    source: int,
    tokens: Sequence[Token],
) -> bool:
    """Return whether what one clause denies for its own time is denied for that of another.

    It is in "zwischen 17 und 9 Uhr sowie am Wochenende werden keine …", and may not be in "Mo–Fr
    8–20 Uhr, sonntags keine Moderation".
    """
    start, end = clauses[source]
    if not names_time(clauses[source], tokens):
        return True
    first, last = sorted((index, source))
    if any(not _AND.match(text, clauses[n][0]) for n in range(first + 1, last + 1)):
        return False
    own = [token for token in tokens if start <= token.start < end]
    denied = words("not", "closed").search(text, start, end)
    if source < index:
        # "Keine Moderation am Sonntag und zwischen 22 und 6 Uhr"
        return denied is not None and denied.end() <= own[0].start
    if words("closed").search(text, start, end):
        return True
    finite = words("finite").search(text, own[-1].end, end)
    return finite is not None and denied is not None and finite.end() <= denied.start()


_AND = re.compile(r"(?:und|sowie|oder)\b", re.IGNORECASE)


def polarity(clause: str, sentence: str) -> bool | None:
    """Return whether a clause says that comments are released; None where it says nothing."""
    closed = words("closed").search(clause) is not None
    released = words(*(("released",) if closed else RELEASED)).search(clause) is not None
    denied = words("not").search(clause) is not None
    if not (released or closed or denied) or (closed and (released or denied)):
        return None
    if words("sent").search(sentence):
        # The hours are those in which comments come in; what becomes of them is said behind.
        waiting = denied or closed or words("later", "not_before").search(sentence)
        return words("otherwise").search(sentence) is not None if waiting else None
    if words("later").search(clause):
        return False
    return (released and not denied) != (words("otherwise").search(clause) is not None)

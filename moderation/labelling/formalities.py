"""Formalities: house rules on links and on length, which a comment keeps or breaches countably."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from moderation.records import Category, Evidence, HouseRule, Label

#: Categories that are found by counting, not by reading.
FORMAL: frozenset[Category] = frozenset({Category.LINKS, Category.LENGTH_LIMIT})

_LINK = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"]{3,2000}", re.IGNORECASE)
# "Links auf Angebote von Händlern": nobody can tell from an address what stands behind it.
_SOME_LINKS = re.compile(
    r"\b(?:ver)?links?\w{0,5} (?:zu|zur|zum|auf|mit|von|in|ohne|die|deren|und quellen)\b"
    r"|\b(?:kommerziell|werb|rechtswidrig|strafbar|illegal|unseriös|nicht nachvollziehbar"
    r"|zu viele)\w{0,6} (?:\w{1,20} )?(?:hyper|web)?links?\b",
    re.IGNORECASE,
)
_NAMES_LINKS = re.compile(
    r"links?\b|\bverlink|\burls?\b|\w(?:netz|web|net)?seiten\b", re.IGNORECASE
)
_ANY_LINKS = re.compile(r"\b(?:fremde|externe|andere)\w{0,2} \w", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?P<number>\d{1,3}[.  ]\d{3}|\d{2,6})\s{1,3}(?P<unit>zeichen|anschläge|buchstaben|wört|wort)",
    re.IGNORECASE,
)
_MINIMUM = re.compile(r"\b(?:mindestens|wenigstens|minimal)\s", re.IGNORECASE)
_WORD = re.compile(r"\S+")
#: Characters quoted of what is beyond a limit.
_QUOTED = 60


def formal_labels(text: str, rules: Iterable[HouseRule]) -> Iterator[Label]:
    """Yield what a comment breaches of rules on links and length, one label a rule.

    Parameters
    ----------
    text
        The comment, any text.
    rules
        The newsroom's rules, in their order; the first of a category that forbids or asks counts.
        Rules about some links only ("Links zu Shops") and rules without a number never apply.
    """
    done: set[Category] = set()
    for rule in rules:
        if rule.category not in FORMAL or rule.modality == "permits" or rule.category in done:
            continue
        if rule.category is Category.LINKS:
            hits, function = _links(text, rule), "links"
        else:
            hits, function = _beyond(text, rule), "length"
        if hits:
            done.add(rule.category)
            yield Label(rule, rule.category, tuple(hits), function)


def _links(text: str, rule: HouseRule) -> Sequence[Evidence]:
    if not _about_all_links(rule.quote):
        return ()
    hits = (match.span() for match in _LINK.finditer(text))
    return [Evidence(start, end, text[start:end]) for start, end in hits]


@cache
def _about_all_links(quote: str) -> bool:
    quote = " ".join(quote.split())
    if _NAMES_LINKS.search(quote) is None:
        return False
    return _SOME_LINKS.search(quote) is None or _ANY_LINKS.search(quote) is not None


def _beyond(text: str, rule: HouseRule) -> Sequence[Evidence]:
    limit = length_limit(rule.quote)
    if limit is None:
        return ()
    number, unit = limit
    if unit == "characters":
        start = number if len(text) > number else None
    else:
        words = [match.start() for match in _WORD.finditer(text)]
        start = words[number] if len(words) > number else None
    if start is None or not text[start:].strip():
        return ()
    end = min(len(text), start + _QUOTED)
    return [Evidence(start, end, text[start:end])]


@cache
def length_limit(quote: str) -> tuple[int, str] | None:
    """Return the most characters or words that a clause allows, with their unit, if it says so.

    Examples
    --------
    >>> length_limit("Bitte höchstens 1.000 Zeichen.")
    (1000, 'characters')
    """
    found = _LIMIT.search(quote)
    if found is None or _MINIMUM.search(quote, 0, found.start()):
        return None
    number = int(re.sub(r"\D", "", found["number"]))
    return number, "words" if found["unit"].casefold().startswith("w") else "characters"

"""Patterns: wordings that no single word gives away ("gehört aufgehängt"), as data.

Each pattern names the words that wake it; where none of them stands in a comment the expression is
not tried at all. Every repetition in an expression is bounded, so that matching stays linear.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from moderation.labelling.context import in_quotation, names_a_person
from moderation.labelling.reading import Hit, Reading, word_set
from moderation.labelling.sweeping import spoken_about
from moderation.labelling.wordings import Pattern, patterns
from moderation.records import Category

# Characters around a match in which `unless` is looked for.
_AROUND_BEFORE, _AROUND_AFTER = 80, 40
_ARTICLES = word_set(
    "der die das den ein eine einen dieser diese dieses diesen mein meine meinen "
    "dein deine deinen sein seine seinen ihr ihre ihren unser unsere unseren euer eure euren jeder "
    "jede jedes jeden"
)
_PREPOSITIONS = word_set("in an auf nach mit vor bei unter ueber fuer gegen durch ohne um von zu")
_THING_PRONOUNS = frozenset({"das", "es", "dies"})
_DENIAL = re.compile(r"\b(?:nicht|kein\w{0,2}|niemand\w{0,2}|nie|niemals)\b")


@cache
def _of_category(category: Category) -> tuple[Pattern, ...]:
    return tuple(pattern for pattern in patterns() if pattern.category == category)


def find_patterns(reading: Reading, category: Category) -> Iterator[Hit]:
    """Yield the wordings of `category` in the comment, pattern by pattern."""
    for pattern in _of_category(category):
        if pattern.words.isdisjoint(reading.vocabulary) or not _may_match(reading, pattern):
            continue
        for match in pattern.expression.finditer(reading.without_times):
            start, end = match.span()
            denied = pattern.deniable and _DENIAL.search(reading.folded, max(0, start - 20), end)
            if not (denied or in_quotation(reading, start) or _excused(reading, pattern, match)):
                yield reading.hit_on_span(start, end, pattern.strength, pattern.id)


def _may_match(reading: Reading, pattern: Pattern) -> bool:
    # Anywhere in the text: an expression looks into links and names of accounts, too.
    return not pattern.also or any(word in reading.folded for word in pattern.also)


def _excused(reading: Reading, pattern: Pattern, match: re.Match[str]) -> bool:
    start, end = match.span()
    if pattern.unless is not None and pattern.unless.search(
        reading.folded, max(0, start - _AROUND_BEFORE), end + _AROUND_AFTER
    ):
        return True
    if not (pattern.of_people or pattern.claim):
        return False
    first = bisect_left(reading.starts, start)
    last = bisect_left(reading.starts, end) - 1
    if pattern.claim and spoken_about(reading, first, last):
        return True
    return pattern.of_people and _of_a_thing(reading, first, last)


def _of_a_thing(reading: Reading, first: int, last: int) -> bool:
    """Whether "der Schrank" stands right before the words `first` to `last`, or within them."""
    words = reading.words
    if first and reading.joined(first - 1, first):
        if words[first - 1] in _THING_PRONOUNS:
            return True
        if _thing(reading, first - 1):
            return True
    # The wording itself ends in "an die Wand gestellt".
    return any(
        words[place] not in {"wand", "haufen"} and _thing(reading, place)
        for place in range(first + 1, last + 1)
    )


def _thing(reading: Reading, index: int) -> bool:
    """Whether the word is a noun behind an article that names no person."""
    words = reading.words
    if words[index] in _ARTICLES or names_a_person(words[index]):
        return False
    for place in (index - 1, index - 2):
        if place >= 0 and words[place] in _ARTICLES and reading.joined(place, index):
            # "nach dem Dreh" is not what is to be hung.
            behind_preposition = place > 0 and words[place - 1] in _PREPOSITIONS
            return not behind_preposition and reading.original(index)[:1].isupper()
    return False

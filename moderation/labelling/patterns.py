"""Patterns: wordings that no single word gives away ("gehört aufgehängt"), as data.

Each pattern names the words that wake it; where none of them stands in a comment the expression is
not tried at all. Every repetition in an expression is bounded, so that matching stays linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from moderation.labelling.context import in_quotation
from moderation.labelling.lexicon import load_table
from moderation.labelling.reading import Hit, Reading
from moderation.records import Category

_DENIAL = re.compile(r"\b(?:nicht|kein\w{0,2}|niemand\w{0,2}|nie|niemals)\b")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A wording, as a regular expression over folded text.

    Attributes
    ----------
    id
        Unique; stands in messages of tests.
    category
        What it breaches.
    words
        Folded words of which one must stand in the comment.
    expression
        The regular expression.
    strength
        1 or 2.
    deniable
        Whether a negation before or inside the match takes it back.
    examples, counter_examples
        Sentences it must and must not match, written for this project.
    """

    id: str
    category: Category
    words: frozenset[str]
    expression: re.Pattern[str]
    strength: int
    deniable: bool
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the packaged patterns, read on first use."""
    return tuple(
        Pattern(
            id=table["id"],
            category=Category(table["category"]),
            words=frozenset(table["words"]),
            expression=re.compile(table["expression"]),
            strength=table["strength"],
            deniable=table.get("deniable", True),
            examples=tuple(table["examples"]),
            counter_examples=tuple(table.get("counter_examples", ())),
        )
        for table in load_table("patterns")["pattern"]
    )


@cache
def _of_category(category: Category) -> tuple[Pattern, ...]:
    return tuple(pattern for pattern in patterns() if pattern.category == category)


def find_patterns(reading: Reading, category: Category) -> Iterator[Hit]:
    """Yield the wordings of `category` in the comment, pattern by pattern."""
    for pattern in _of_category(category):
        if pattern.words.isdisjoint(reading.vocabulary):
            continue
        for match in pattern.expression.finditer(reading.folded):
            start, end = match.span()
            denied = pattern.deniable and _DENIAL.search(reading.folded, max(0, start - 20), end)
            if not denied and not in_quotation(reading, start):
                yield reading.hit_on_span(start, end, pattern.strength)

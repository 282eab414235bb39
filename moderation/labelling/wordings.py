"""The patterns as data: what they match, and which words wake them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from moderation.labelling.lexicon import compiled, load_table
from moderation.records import Category


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
    also
        Where ``words`` are common: other folded words, one of which stands in all that the
        expression matches. Empty means: not known.
    source
        The regular expression.
    strength
        1 or 2.
    deniable
        Whether a negation before or inside the match takes it back.
    of_people
        Whether the wording is harmless when it is said of a thing: "Der Schrank gehört an die
        Wand gestellt".
    claim
        Whether it is harmless when the sentence only speaks about it: "Wer sagt, …".
    unless_source
        A regular expression, or nothing: what takes the match back where it stands near it.
    examples, counter_examples
        Sentences it must and must not match, written for this project.
    """

    id: str
    category: Category
    words: frozenset[str]
    source: str
    strength: int
    deniable: bool
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    of_people: bool = False
    claim: bool = False
    unless_source: str = ""
    also: frozenset[str] = frozenset()

    @property
    def expression(self) -> re.Pattern[str]:
        """The compiled ``source``."""
        return compiled(self.source)

    @property
    def unless(self) -> re.Pattern[str] | None:
        """The compiled ``unless_source``."""
        return compiled(self.unless_source) if self.unless_source else None


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the packaged patterns, read on first use."""
    return tuple(
        Pattern(
            id=table["id"],
            category=Category(table["category"]),
            words=frozenset(table["words"]),
            source=table["expression"],
            strength=table["strength"],
            deniable=table.get("deniable", True),
            examples=tuple(table["examples"]),
            counter_examples=tuple(table.get("counter_examples", ())),
            of_people=table.get("of_people", False),
            claim=table.get("claim", False),
            unless_source=table.get("unless", ""),
            also=frozenset(table.get("also", ())),
        )
        for table in load_table("patterns")["pattern"]
    )

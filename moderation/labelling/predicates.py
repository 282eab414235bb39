"""What condemns a group when it is said of all of it: data of the sweeping statements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from moderation.labelling.inflection import inflect
from moderation.labelling.lexicon import compiled, load_table
from moderation.text import fold_text


@dataclass(frozen=True, slots=True)
class Claim:
    """What needs no sweeping word to condemn a group: "… klauen Autos", "… gehören ausgewiesen".

    ``source`` is a regular expression that is matched against folded text right behind a group; its
    verb is a plural. One of the folded ``words`` stands in all it matches. ``kinds`` are the groups
    it counts for.
    """

    source: str
    words: frozenset[str]
    kinds: frozenset[str]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]

    @property
    def expression(self) -> re.Pattern[str]:
        """The compiled ``source``."""
        return compiled(self.source)


@dataclass(frozen=True, slots=True)
class Predicates:
    """Folded predicates that condemn a group, and words that show the claim is being rejected.

    ``rejections`` stand before the claim, ``afterwards`` behind it.
    """

    verbs: frozenset[str]
    qualities: frozenset[str]
    rejections: frozenset[str]
    afterwards: frozenset[str]
    claims: tuple[Claim, ...]


@cache
def predicates() -> Predicates:
    """Return the packaged predicates, read on first use."""
    table = load_table("predicates")
    qualities = {
        form
        for adjective in table["adjectives"]
        for form in inflect(adjective, "adjective", "regular").singular
    }
    for noun in table["nouns"]:
        lemma, _, inflection = noun.partition(" ")
        forms = inflect(lemma, "noun", inflection)
        qualities |= forms.plural
    return Predicates(
        frozenset(map(fold_text, table["verbs"])),
        frozenset(qualities),
        frozenset(map(fold_text, table["rejections"])),
        frozenset(map(fold_text, table["afterwards"])),
        tuple(
            Claim(
                claim["expression"],
                frozenset(claim["words"]),
                frozenset(claim["kinds"]),
                tuple(claim["examples"]),
                tuple(claim["counter_examples"]),
            )
            for claim in table["claim"]
        ),
    )

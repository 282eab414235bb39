"""What is wrong with lexicons: entries that hit innocent words, are dead, or stand twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from moderation.labelling.functions import findings
from moderation.labelling.lexicon import (
    LEXICON_CATEGORIES,
    Lexicon,
    lexicon,
    load_table,
)
from moderation.labelling.reading import read
from moderation.labelling.wordings import patterns
from moderation.labelling.words import find_words
from moderation.records import Category

Kind = Literal["collateral word", "collateral text", "dead entry", "duplicate"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at.

    Attributes
    ----------
    kind
        ``collateral word``: a word of the list is read as a compound of an entry. ``collateral
        text``: something is found in a harmless text. ``dead entry``: an entry that no longer finds
        its own examples. ``duplicate``: a form that two entries of a lexicon share.
    category
        Of the lexicon or the labelling function.
    entry
        Lemma or pattern.
    found
        The word, the words of the text, the example or the other entry.
    """

    kind: Kind
    category: Category
    entry: str
    found: str

    @property
    def name(self) -> str:
        """What it is known by in the list of what has been reviewed."""
        return f"{self.category}: {self.entry}: {self.found}"


def lint_lexicons(words: Iterable[str], texts: Iterable[str]) -> Iterator[Finding]:
    """Run every entry over words and harmless texts, and compare the entries with each other.

    Parameters
    ----------
    words
        German words, nouns or not, in any spelling; hundreds of thousands take seconds.
    texts
        Texts in which nothing should be found.

    Yields
    ------
    Finding
        First duplicates and dead entries, then words in their order, then texts.
    """
    for category in LEXICON_CATEGORIES:
        yield from _duplicates(lexicon(category))
        yield from _dead_entries(lexicon(category))
    for word in words:
        yield from _collateral_words(word)
    for text in texts:
        for function, hits in findings(text):
            for hit in hits:
                found = " ".join(text[hit.start : hit.end].split())
                yield Finding(
                    "collateral text", function.category, hit.source or function.name, found
                )


def unreviewed(found: Iterable[Finding]) -> Iterator[Finding]:
    """Leave out what people have looked at and accepted, and what has been told before."""
    told = set(reviewed())
    for one in found:
        if one.name not in told:
            told.add(one.name)
            yield one


@cache
def reviewed() -> frozenset[str]:
    """Return the names of the findings that are right as they are."""
    return frozenset(load_table("reviewed")["accepted"])


def harmless_texts() -> Iterator[str]:
    """Yield the counter-examples of all entries and patterns: nothing must be found in them."""
    for category in LEXICON_CATEGORIES:
        for entry in lexicon(category).entries:
            yield from entry.counter_examples
    for pattern in patterns():
        yield from pattern.counter_examples


def _duplicates(known: Lexicon) -> Iterator[Finding]:
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for form, senses in known.forms.items():
        lemmas = list(dict.fromkeys(sense.entry.lemma for sense in senses))
        for other in lemmas[1:]:
            shared[lemmas[0], other].append(form)
    for (lemma, other), forms in shared.items():
        yield Finding("duplicate", known.category, other, f"{lemma} ({', '.join(sorted(forms))})")
    seen: set[tuple[str, str]] = set()
    for entry in known.entries:
        key = (entry.lemma.casefold(), entry.part_of_speech)
        if key in seen:
            yield Finding("duplicate", known.category, entry.lemma, f"{entry.lemma} (twice)")
        seen.add(key)


def _dead_entries(known: Lexicon) -> Iterator[Finding]:
    for entry in known.entries:
        for example in entry.examples:
            hits = find_words(read(example), known)
            if all(hit.source != entry.lemma for hit in hits):
                yield Finding("dead entry", known.category, entry.lemma, example)


def _collateral_words(word: str) -> Iterator[Finding]:
    reading = read(word[:1].upper() + word[1:])
    for category in LEXICON_CATEGORIES:
        known = lexicon(category)
        if reading.words and reading.words[0] not in known.forms:
            for hit in find_words(reading, known):
                yield Finding("collateral word", category, hit.source, word)

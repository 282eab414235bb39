"""The index of words: for each word, in one look-up, what it may be evidence of.

Most words of a comment are no evidence of anything. The few that are, in any lexicon, group or
pattern, are found by one pass over the comment; the labelling functions look at those alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import count

from moderation.labelling.groups import contempt, group_behind_contempt, groups
from moderation.labelling.lexicon import KEY, LEXICON_CATEGORIES, Context, Sense, lexicon
from moderation.labelling.memo import Memo
from moderation.labelling.predicates import predicates
from moderation.labelling.wordings import patterns
from moderation.records import Category


class Clue:
    """Bits that are added up; plain integers, because a comment has hundreds."""

    #: The word names a group of birth, faith, body or fate.
    PROTECTED = 1
    #: It names a group of opinion or work.
    CHOSEN = 2
    #: Either of them.
    GROUP = PROTECTED | CHOSEN
    #: It names a group behind contempt: "drecksauslaender".
    DESPISED = 4
    #: It condemns any group it is said of.
    PREDICATE = 8
    #: A word of a claim or an adjective of contempt: both count for protected groups alone.
    CONTEMPT = 16
    #: It counts where the comment carries a link.
    SALES = 32
    #: It counts where it is said of people or to them.
    MEANT = 64
    #: It counts where a named person is said to be it.
    ACCUSED = 128
    #: It may be evidence all alone.
    ALONE = 256


#: The word has senses in the lexicon of this category, or a phrase is found by it.
LEXICON: Mapping[Category, int] = {
    category: 1 << place for place, category in enumerate(LEXICON_CATEGORIES, 16)
}
#: The word wakes a pattern of this category.
PATTERNS: Mapping[Category, int] = {
    category: 1 << place for place, category in enumerate(Category, 32)
}

# Two words that are evidence together, such as two of a phrase, have bits of their own: the one
# from here, the other so far above it. (More pairs than that would wake comments in vain.)
_FIRST_PAIR = 128
_APART = 512
#: The bits of the rarer words of pairs.
FIRST_OF_PAIR = ((1 << _APART) - 1) << _FIRST_PAIR


def paired(clues: int) -> bool:
    """Whether `clues`, of several words together, hold both halves of a pair."""
    halves = clues >> _FIRST_PAIR
    return halves & (halves >> _APART) != 0


# What a word in this context is a clue of.
_CONTEXTS: Mapping[Context, int] = {
    "any": Clue.ALONE,
    "person": Clue.MEANT,
    "animal": Clue.MEANT,
    "contempt": Clue.MEANT,
    "address": Clue.MEANT,
    "named": Clue.ACCUSED,
    "link": Clue.SALES,
}


def _of_senses(senses: Iterable[Sense]) -> int:
    clues = 0
    for sense in senses:
        # The first part of a compound may be all the context it needs.
        clues |= Clue.ALONE if sense.modifier else _CONTEXTS[sense.entry.context]
    return clues


@cache
def _listed() -> Mapping[str, int]:
    """Return the clues of all words that stand in a list as they are."""
    listed: dict[str, int] = {}
    pairs = count(_FIRST_PAIR)

    def add(words: Iterable[str], clue: int) -> None:
        for word in words:
            listed[word] = listed.get(word, 0) | clue

    def pair(words: Iterable[str], others: Iterable[str]) -> None:
        half = 1 << next(pairs)
        add(words, half)
        add(others, half << _APART)

    for category in LEXICON_CATEGORIES:
        known = lexicon(category)
        clue = LEXICON[category]
        for form, senses in known.forms.items():
            add([form], clue | _of_senses(senses))
        for word, anchors in known.anchors.items():
            add([word], clue)
            for anchor in anchors:
                # A phrase needs a link or nothing, whatever else its entry says.
                if anchor.entry.context == "link":
                    add([word], Clue.SALES)
                elif anchor.beside:
                    pair([word], [anchor.beside])
                else:
                    add([word], Clue.ALONE)
    for pattern in patterns():
        add(pattern.words, PATTERNS[pattern.category])
        if pattern.category == Category.ADVERTISING:
            add(pattern.words, Clue.SALES)
        elif pattern.also:
            pair(pattern.words, pattern.also)
        else:
            add(pattern.words, Clue.ALONE)
    for noun, group in groups().nouns.items():
        add([noun], Clue.PROTECTED if group.protected else Clue.CHOSEN)
    known_predicates = predicates()
    add(contempt().adjectives, Clue.CONTEMPT)
    add(known_predicates.verbs | known_predicates.qualities, Clue.PREDICATE)
    for claim in known_predicates.claims:
        add(claim.words, Clue.CONTEMPT)
    return listed


@cache
def _ends() -> tuple[frozenset[str], frozenset[str]]:
    """Return the first and last letters by which compounds are found, of all lexicons."""
    known = [lexicon(category) for category in LEXICON_CATEGORIES]
    return (
        frozenset().union(*(each.starts for each in known)),
        frozenset().union(*(each.tails for each in known)),
    )


def _clues_of(word: str) -> int:
    clues = _listed().get(word, 0)
    starts, tails = _ends()
    if word[:KEY] in starts or word[-KEY:] in tails:
        for category, clue in LEXICON.items():
            if senses := lexicon(category).senses(word):
                clues |= clue | _of_senses(senses)
    if not clues & Clue.GROUP and group_behind_contempt(word) is not None:
        clues |= Clue.DESPISED | Clue.ALONE
    return clues


#: Folded word → its clues.
WORD_CLUES = Memo(_clues_of)

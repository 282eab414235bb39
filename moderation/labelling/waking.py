"""Whether a comment can have a label at all: the cheap question asked of every comment.

Nine comments out of ten get no label, and eight show it by their words alone. The question is
answered for each part between spaces, as written, and the answers are remembered: a look-up a word
is all that most comments cost. It may be yes in vain; it is never no in vain, which a test holds
against all functions.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, reduce
from operator import or_

from moderation.labelling.clues import FIRST_OF_PAIR, WORD_CLUES, Clue, paired
from moderation.labelling.context import COPULA, SPOKEN_TO, TITLES, WRONGS
from moderation.labelling.groups import contempt, groups
from moderation.labelling.memo import Memo
from moderation.labelling.personal_data import may_be_personal
from moderation.labelling.postal_addresses import (
    begins_like_house_number,
    ends_like_street,
    has_postcode,
)
from moderation.labelling.reading import may_be_disguised, plain_words, read
from moderation.labelling.shouting import LONG_WORD, LONG_WORDS
from moderation.labelling.sweeping import SWEEPERS, WHOLE
from moderation.labelling.words import MESSENGERS, has_link
from moderation.text import fold_text

# Further clues, of a part of a text; the bits lie between those of words.
_LINK = 1 << 64
# A letter that stands alone may belong to a word that is spelled out.
_LETTER = 1 << 65
_SHOUTED = 1 << 66
# Words by which another is said of people or to them, or of a named person.
_CALL = 1 << 67
_COPULA = 1 << 68
_TITLE = 1 << 69
# Words that make a statement about a group one about all of it.
_SWEEPER = 1 << 70
# Parts of a postal address.
_STREET = 1 << 71
_HOUSE_NUMBER = 1 << 72
_POSTCODE = 1 << 73

#: Letters that make a spelled word at least, as in :func:`moderation.labelling.reading.read`.
_MIN_SPELLED = 4
_MAX_PART = 512
# Parts of a text from a street or a postcode to the house number, at most: "Straße des 1. Mai 135";
# "12345 Bad Neustadt an der Saale am Fluss - Auf der Hohen Alten Heide 3".
_STREET_REACH, _POSTCODE_REACH = 6, 20
# Signs that are no part of a word, a link, a number or a disguise where a part begins or ends.
_PUNCTUATION = '.,:;!?()"„“”…'


def wakes(text: str) -> bool:
    """Return whether any labelling function may find anything in `text`.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    bool
        ``False`` only if all functions abstain.
    """
    parts = text.split()
    clues = reduce(or_, set(map(_PART_CLUES.__getitem__, parts)), 0)
    return bool(clues & _PROMPTS) and (
        bool(clues & Clue.ALONE)
        or any(clues & together == together for together in _TOGETHER)
        or paired(clues)
        or (
            bool(clues & _HOUSE_NUMBER)
            and bool(clues & (_STREET | _POSTCODE))
            and _has_address(parts)
        )
        or (bool(clues & _LETTER) and _count(parts, _LETTER) >= _MIN_SPELLED)
        or (bool(clues & _SHOUTED) and _count(parts, _SHOUTED) >= LONG_WORDS)
    )


# Clues that are evidence together.
_TOGETHER = (
    Clue.PROTECTED | Clue.CONTEMPT,
    Clue.PROTECTED | Clue.PREDICATE | _SWEEPER,
    Clue.CHOSEN | Clue.PREDICATE | _SWEEPER,
    Clue.SALES | _LINK,
    Clue.MEANT | _CALL,
    Clue.MEANT | Clue.PROTECTED | _COPULA,
    Clue.MEANT | Clue.CHOSEN | _COPULA,
    Clue.ACCUSED | _TITLE,
)
# One of these stands in all that is evidence; most comments have none of them.
_PROMPTS = (
    Clue.ALONE
    | Clue.CONTEMPT
    | Clue.PREDICATE
    | Clue.SALES
    | Clue.MEANT
    | Clue.ACCUSED
    | FIRST_OF_PAIR
    | _LETTER
    | _SHOUTED
    | _STREET
    | _POSTCODE
)


def _has_address(parts: list[str]) -> bool:
    """Whether a house number stands shortly behind a street, or near a postcode."""
    found = [_PART_CLUES[part] for part in parts]
    for place, clues in enumerate(found):
        if clues & _HOUSE_NUMBER:
            before = found[max(0, place - _STREET_REACH) : place]
            if any(near & _STREET for near in before):
                return True
            around = found[max(0, place - _POSTCODE_REACH) : place + _POSTCODE_REACH + 1]
            if any(near & _POSTCODE for near in around):
                return True
    return False


def _count(parts: list[str], clue: int) -> int:
    return sum(1 for part in parts if _PART_CLUES[part] & clue)


def _clues_of(part: str) -> int:
    """Return what `part`, a stretch of a text without whitespace, is evidence of."""
    # Longer than any link: not worth being understood here, as it will be read again. Marks at the
    # beginning belong to the space before them.
    if len(part) > _MAX_PART or unicodedata.combining(part[0]):
        return Clue.ALONE
    bare = part.strip(_PUNCTUATION)
    if len(bare) < len(part):
        # "Haus," is known where "Haus" is.
        return (_PART_CLUES[bare] if bare else 0) | (_LINK if has_link(part) else 0)
    folded = fold_text(part)
    clues = 0
    if not part[1:].islower():
        shouted = len(LONG_WORD.findall(part))
        clues = 0 if not shouted else _SHOUTED if shouted == 1 else Clue.ALONE
    if may_be_personal(part):
        clues |= Clue.ALONE
    if ends_like_street(part):
        clues |= _STREET
    if part.isalpha() and folded.isalpha():
        # A plain word, as most are.
        if len(folded) == 1:
            clues |= _LETTER
        if folded in MESSENGERS:
            clues |= _LINK
        return clues | WORD_CLUES[folded] | _context_words().get(folded, 0)
    words = plain_words(folded)
    if may_be_disguised(folded):
        words += read(part).words
    letters = sum(1 for word in words if len(word) == 1 and word.isalpha())
    if letters:
        # Folding can write spaces ("gibt´s"), so that one part holds several letters of a word.
        clues |= Clue.ALONE if letters > 1 and " " in folded else _LETTER
    if begins_like_house_number(part):
        clues |= _HOUSE_NUMBER
    if has_postcode(part):
        clues |= _POSTCODE
    if has_link(part):
        clues |= _LINK
    return clues | _clues_of_words(words)


def _clues_of_words(words: Iterable[str]) -> int:
    context = _context_words()
    clues = 0
    for word in words:
        clues |= WORD_CLUES[word] | context.get(word, 0)
    return clues


@cache
def _context_words() -> Mapping[str, int]:
    """Return the clues of words that are evidence of nothing themselves, but others need them."""
    calls = SPOKEN_TO | WRONGS | contempt().adjectives.keys() | groups().adjectives.keys()
    context: dict[str, int] = {}
    for words, clue in (
        (calls, _CALL),
        (COPULA, _COPULA),
        (TITLES, _TITLE),
        (SWEEPERS | WHOLE, _SWEEPER),
    ):
        for word in words:
            context[word] = context.get(word, 0) | clue
    return context


# Part of a text → its clues.
_PART_CLUES = Memo(_clues_of)

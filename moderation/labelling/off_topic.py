"""Off topic: a comment speaks of one narrow subject, and its article does not touch it.

That a comment shares no word with its article says nothing: most comments under an article do not
("Typisch." "Gute Besserung!"). So this function looks for the opposite kind of evidence, several
words of a subject the article is far from (`off_topic.toml`), and uses what comment and article
share only to keep silent. It speaks seldom, and a person looks at what it says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import chain
from typing import Any

from moderation.labelling.memo import MAX_LENGTH, Memo
from moderation.labelling.reading import Hit, Reading, read, word_set
from moderation.text import fold_text

# Chosen on the development half of `benchmarks/off_topic.toml`.
#: Words the body of an article must have for its subjects to be known; what stands before a paywall
#: is shorter.
MIN_BODY_WORDS = 100
#: Characters of an article that are looked at; the longest newspaper articles have 30,000.
MAX_BODY = 40_000
#: Characters of a comment: a shorter one has too few words, in a longer one some word is sure to
#: come back to the article.
MIN_COMMENT, MAX_COMMENT = 60, 5_000
#: Different words of the other subject.
MIN_EVIDENCE = 3
#: So many of them tell of one subject, the others of subjects near to it.
MIN_OWN = 2
#: Different words with content.
MIN_CONTENT = 8
#: Words with content that may stand in the article by chance; each further one asks for one more
#: word of evidence.
MAX_SHARED = 1
#: Comments of a thread that are looked at, and characters of each.
MAX_THREAD, MAX_THREAD_COMMENT = 8, 5_000
#: Words of an article or a thread that are looked at.
_MAX_CONTEXT_WORDS = 3_000
#: Characters of headline, section and tags, and of all teasers.
_MAX_TITLE = 5_000
#: Letters by which a word is known again inside a compound, and by which two compounds are akin.
_PART, _LONG_PART = 4, 6
#: Letters of a stem that are looked at for parts; the longest German compounds in use have 40.
_MAX_STEM = 40
#: The subject that every comment could be on: the newspaper and its moderation.
_HOUSE = "Redaktion"
#: A word's bits: subjects it tells of, and, this far above, subjects it only touches.
_TOUCH = 32
_STRONG = (1 << _TOUCH) - 1
_ENDINGS = ("en", "es", "em", "e", "n", "s")
_MORE_ENDINGS = ("ern", "er", *_ENDINGS)
#: Letters a stem keeps.
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What an article is about, as far as words tell.

    Attributes
    ----------
    stems
        Its words with content, cut to their stems.
    parts
        Beginnings and ends of ``stems``, by which compounds are akin.
    main, touched, doubtful
        Bits of the subjects it is about, of those it touches (the former included), and of those
        it may lead to.
    """

    stems: frozenset[str]
    parts: frozenset[str]
    main: int
    touched: int
    doubtful: int


@dataclass(frozen=True, slots=True)
class _Knowledge:
    """`off_topic.toml`, read.

    Attributes
    ----------
    names
        The subjects; one's place is its bit.
    near
        Per subject the bits of those near to it, its own included.
    stems, forms, beginnings, ends
        The bits of words.
    generic, article, pointing, opening, addressing
        The lists of that name.
    """

    names: tuple[str, ...]
    near: tuple[int, ...]
    stems: dict[str, int]
    forms: dict[str, int]
    beginnings: dict[str, int]
    ends: dict[str, int]
    generic: frozenset[str]
    article: frozenset[str]
    pointing: frozenset[str]
    opening: frozenset[str]
    addressing: frozenset[str]


@cache
def _knowledge() -> _Knowledge:
    path = resources.files("moderation.labelling").joinpath("off_topic.toml")
    data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    subjects = data["subject"]
    names = tuple(subject["name"] for subject in subjects)
    near = [1 << index for index in range(len(names))]
    for index, subject in enumerate(subjects):
        for other in map(names.index, subject["near"]):
            near[index] |= 1 << other
            near[other] |= 1 << index
    lists = ("generic", "article", "pointing", "opening", "addressing")
    known = _Knowledge(
        names, tuple(near), {}, {}, {}, {}, **{name: word_set(data[name]) for name in lists}
    )
    for index, subject in enumerate(subjects):
        _add(known, subject["words"], 1 << index)
        _add(known, subject["touch"], 1 << (index + _TOUCH))
    return known


def _add(known: _Knowledge, entries: str, bit: int) -> None:
    for entry in entries.split():
        word = fold_text(entry.strip("=*"))
        if entry.startswith("="):
            place, key = known.forms, word
        elif entry.endswith("*"):
            place, key = known.beginnings, word
        elif entry.startswith("*"):
            place, key = known.ends, _stem(word, _ENDINGS)
        else:
            place, key = known.stems, _stem(word, _ENDINGS)
        place[key] = place.get(key, 0) | bit


def _stem(word: str, endings: Sequence[str]) -> str:
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


def _subjects(word: str) -> int:
    """Return the bits of a folded word."""
    known = _knowledge()
    if len(word) > MAX_LENGTH or word in known.generic:
        return 0
    stem = _stem(word, _ENDINGS)
    found = known.stems.get(stem, 0) | known.forms.get(word, 0)
    for cut in range(2, len(word) + 1):
        found |= known.beginnings.get(word[:cut], 0)
    for cut in range(len(stem) - 1):
        found |= known.ends.get(stem[cut:], 0)
    return found


_BITS = Memo(_subjects)


def subject_of(
    *,
    headline: str | None = None,
    body: str = "",
    tags: Sequence[str] = (),
    section: str | None = None,
    teasers: Sequence[str] = (),
    least: int = MIN_BODY_WORDS,
) -> Subject | None:
    """Find out what an article is about, once for all its comments.

    Parameters
    ----------
    headline, body, tags, section
        The article.
    teasers
        Headlines of other articles on its page: readers comment on them, too.
    least
        Words the body must have.

    Returns
    -------
    Subject or None
        None where the body has fewer words: nothing can be said.
    """
    # A word and the space behind it have two characters at least.
    if len(body) < 2 * least - 1:
        return None
    title = "\n".join((headline or "", section or "", *tags))[:_MAX_TITLE]
    return _subject_of(title, body[:MAX_BODY], "\n".join(teasers)[:_MAX_TITLE], least)


# A page's comments come in several batches, a service's one by one.
@lru_cache(maxsize=8)
def _subject_of(title: str, body: str, teasers: str, least: int) -> Subject | None:
    words = read(body).words
    if len(words) < least:
        return None
    return _about(words, read(title).words, read(teasers).words)


def _about(body: Sequence[str], title: Sequence[str], others: Sequence[str]) -> Subject:
    known = _knowledge()
    words = dict.fromkeys(chain(title, others, body[:_MAX_CONTEXT_WORDS]))
    once = twice = 0
    for bits in map(_BITS.__getitem__, words):
        twice |= once & bits
        once |= bits
    main = twice & _STRONG
    for bits in map(_BITS.__getitem__, title):
        main |= bits & _STRONG | bits >> _TOUCH
    touched = main | once & _STRONG | twice >> _TOUCH
    doubtful = once >> _TOUCH
    for index, near in enumerate(known.near):
        if main >> index & 1:
            doubtful |= near
    stems = frozenset(_content(words))
    parts = frozenset(chain.from_iterable(_parts(stem, _PART) for stem in stems))
    return Subject(stems, parts, main, touched, doubtful & ~touched)


def _content(words: Iterable[str]) -> Iterator[str]:
    """Yield the stems of the words that say something."""
    generic = _knowledge().generic
    for word in words:
        if _SHORTEST <= len(word) <= MAX_LENGTH and word not in generic and not word.isdigit():
            plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
            yield _stem(plain, _MORE_ENDINGS)[:_MAX_STEM]


def _parts(stem: str, shortest: int) -> Iterator[str]:
    """Yield the beginnings and ends of `stem`, itself included."""
    for cut in range(shortest, len(stem) + 1):
        yield stem[:cut]
        yield stem[-cut:]


def _shares(stem: str, subject: Subject) -> bool:
    """Whether `stem` is one of the article's, is part of one, contains one, or is akin to one."""
    if stem in subject.stems or stem in subject.parts:
        return True
    return any(
        part in subject.stems or (len(part) >= _LONG_PART and part in subject.parts)
        for part in _parts(stem, _PART)
    )


def find_off_topic(
    text: str, subject: Subject | None, thread: Sequence[str] = ()
) -> tuple[Hit, ...] | None:
    """Find the words by which a comment is about something else than its article.

    Parameters
    ----------
    text
        The comment.
    subject
        What the article is about; None: nobody knows.
    thread
        The comments it answers, nearest first; what they speak of is no other subject.

    Returns
    -------
    tuple of Hit or None
        The words of the other subject, in order, with offsets into `text`; None to abstain.
    """
    if subject is None or not MIN_COMMENT <= len(text) <= MAX_COMMENT:
        return None
    if "@" in text and not thread:
        return None
    reading = read(text)
    found = [_BITS[word] for word in reading.words]
    together = 0
    for bits in found:
        together |= bits
    together &= _STRONG
    other = together & ~subject.touched
    # A word of what the article is about brings the comment back to it.
    if not other or together & subject.main:
        return None
    best, group, words = _strongest(reading.words, found, other)
    if words < MIN_EVIDENCE:
        return None
    doubts = _doubts(reading, best, thread)
    if doubts is None:
        return None
    stems = set(_content(reading.words))
    if len(stems) < MIN_CONTENT:
        return None
    shared = sum(_shares(stem, subject) for stem in stems)
    doubts += (
        bool(best & subject.doubtful)
        + bool(together & subject.touched)
        + max(0, shared - MAX_SHARED)
    )
    if words < MIN_EVIDENCE + doubts:
        return None
    if thread:
        answered = "\n".join(one[:MAX_THREAD_COMMENT] for one in thread[:MAX_THREAD])
        said = _about(read(answered).words, (), ())
        if together & said.touched or any(_shares(one, said) for one in stems):
            return None
    return tuple(reading.hit(place, place, 1) for place, bits in enumerate(found) if bits & group)


def _strongest(words: Sequence[str], found: Sequence[int], other: int) -> tuple[int, int, int]:
    """Return the subject that is spoken of most, with those near to it, and by how many words."""
    stems: dict[str, int] = {}
    for word, bits in zip(words, found, strict=True):
        if bits & other:
            stems[_stem(word, _ENDINGS)] = bits & other
    best = group = 0
    most = (0, 0)
    for index, near in enumerate(_knowledge().near):
        own = sum(bits >> index & 1 for bits in stems.values())
        if own >= MIN_OWN:
            together = sum(bits & near != 0 for bits in stems.values())
            if (together, own) > most:
                best, group, most = 1 << index, near & other, (together, own)
    return best, group, most[0]


def _doubts(reading: Reading, best: int, thread: Sequence[str]) -> int | None:
    """Count the ways in which words may point at the article; None where they surely do."""
    known = _knowledge()
    vocabulary = reading.vocabulary
    if not known.article.isdisjoint(vocabulary):
        return None
    if not thread and not known.addressing.isdisjoint(vocabulary):
        return None
    if best == 1 << known.names.index(_HOUSE):
        return 0
    first = reading.words[0]
    # "Das Spiel" names what is meant, "das stimmt" does not.
    opens = first in known.opening or (first == "das" and not reading.original(1)[0].isupper())
    return opens + (not known.pointing.isdisjoint(vocabulary))

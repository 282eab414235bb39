"""How good each labelling function is, against gold labels.

A labelling function never says that a comment is harmless: where it abstains it says nothing. So it
has a coverage and a precision, and what it misses is no error of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from moderation.labelling.functions import FUNCTIONS, findings
from moderation.records import Category
from moderation.training.evaluation import wilson_interval
from moderation.training.frames import text_key

#: The categories whose functions are judged together: those that gold labels speak of.
JUDGED: frozenset[Category] = frozenset({Category.INSULT, Category.GROUP_ABUSE, Category.INDECENCY})
#: An entry is dropped where so little of what it hits is abusive, counted with one hit of each kind
#: added: one wrong hit alone drops nothing, two do.
LEAST_PRECISION = 0.5
FOLDS = 5
_FOLD_SEED = 13


@dataclass(frozen=True, slots=True)
class Vote:
    """What a labelling function found in a comment.

    Attributes
    ----------
    function, category
        The function's.
    sources
        Lemmas and patterns that were hit.
    spans
        Where, as (start, end) in code points.
    """

    function: str
    category: Category
    sources: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """How something that flags comments did.

    Attributes
    ----------
    name
        Of the function, or what it is that flags.
    hits, right
        Comments it flags, and how many of them are abusive by the gold label.
    comments, abusive
        All comments, and the abusive ones.
    overlaps
        Comments it flags that another function flags, too.
    conflicts
        Comments in which it and a function of another category flag the same words.
    """

    name: str
    hits: int
    right: int
    comments: int
    abusive: int
    overlaps: int = 0
    conflicts: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the flagged comments that are abusive; None where none is flagged."""
        return self.right / self.hits if self.hits else None

    @property
    def recall(self) -> float | None:
        """Share of the abusive comments that are flagged: the coverage of abuse."""
        return self.right / self.abusive if self.abusive else None

    @property
    def coverage(self) -> float | None:
        """Share of all comments that are flagged."""
        return self.hits / self.comments if self.comments else None

    def record(self) -> dict[str, object]:
        """Return it ready for JSON, with 95 % intervals (Wilson, 1927)."""
        return {
            "name": self.name,
            "hits": self.hits,
            "right": self.right,
            "comments": self.comments,
            "abusive": self.abusive,
            "precision": _rounded(self.precision),
            "precision_interval": _interval(self.precision, self.hits),
            "recall": _rounded(self.recall),
            "recall_interval": _interval(self.recall, self.abusive),
            "coverage": _rounded(self.coverage),
            "overlaps": self.overlaps,
            "conflicts": self.conflicts,
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _interval(share: float | None, size: int) -> list[float] | None:
    return None if share is None else [round(one, 4) for one in wilson_interval(share, size)]


def vote(text: str) -> tuple[Vote, ...]:
    """Return what the labelling functions find in a comment, those that abstain left out."""
    return tuple(
        Vote(
            function.name,
            function.category,
            tuple(sorted({hit.source for hit in hits})),
            tuple((hit.start, hit.end) for hit in hits),
        )
        for function, hits in findings(text)
    )


def by_function(votes: Sequence[Sequence[Vote]], gold: Sequence[bool]) -> list[Measured]:
    """Measure each labelling function, in the order of the functions.

    Parameters
    ----------
    votes
        What was found in each comment.
    gold
        Whether it is abusive, in the same order.
    """
    abusive = sum(gold)
    counts: dict[str, Counter[str]] = {function.name: Counter() for function in FUNCTIONS}
    for found, is_abusive in zip(votes, gold, strict=True):
        for one in found:
            others = [other for other in found if other.function != one.function]
            counted = counts[one.function]
            counted["hits"] += 1
            counted["right"] += is_abusive
            counted["overlaps"] += bool(others)
            counted["conflicts"] += any(
                other.category != one.category and _share_words(one, other) for other in others
            )
    return [
        Measured(name, comments=len(gold), abusive=abusive, **_counted(found))
        for name, found in counts.items()
    ]


def _counted(found: Counter[str]) -> dict[str, int]:
    return {name: found[name] for name in ("hits", "right", "overlaps", "conflicts")}


def _share_words(one: Vote, other: Vote) -> bool:
    return any(a < d and c < b for a, b in one.spans for c, d in other.spans)


def together(
    votes: Iterable[Sequence[Vote]], gold: Sequence[bool], without: frozenset[str] = frozenset()
) -> Measured:
    """Measure the functions of :data:`JUDGED` together.

    Parameters
    ----------
    votes, gold
        As for :func:`by_function`.
    without
        Lemmas and patterns that are left out.
    """
    hits = right = 0
    for found, is_abusive in zip(votes, gold, strict=True):
        if _flags(found, without):
            hits += 1
            right += is_abusive
    return Measured("together", hits, right, len(gold), sum(gold))


def _flags(found: Iterable[Vote], without: frozenset[str]) -> bool:
    return any(one.category in JUDGED and not without.issuperset(one.sources) for one in found)


def by_entry(votes: Iterable[Sequence[Vote]], gold: Iterable[bool]) -> dict[str, tuple[int, int]]:
    """Return for each lemma and pattern of :data:`JUDGED` its hits, and how many are abusive."""
    hits: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for found, is_abusive in zip(votes, gold, strict=True):
        sources = {name for one in found if one.category in JUDGED for name in one.sources if name}
        hits.update(sources)
        if is_abusive:
            right.update(sources)
    return {name: (count, right[name]) for name, count in hits.items()}


def doubtful(entries: Mapping[str, tuple[int, int]]) -> frozenset[str]:
    """Return the entries that a lexicon built on these counts would leave out."""
    return frozenset(
        name
        for name, (hits, right) in entries.items()
        if (right + 1) / (hits + 2) < LEAST_PRECISION
    )


def folds_of(texts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return a fold for each text, 0 to :data:`FOLDS` - 1; the same text is in the same fold."""
    keys = [text_key(text) for text in texts]
    names = sorted(set(keys))
    drawn = np.random.default_rng(_FOLD_SEED).permutation(len(names)) % FOLDS
    fold = dict(zip(names, drawn, strict=True))
    return np.array([fold[key] for key in keys], dtype=np.intp)


def cross_validated(
    votes: Sequence[Sequence[Vote]], gold: Sequence[bool], folds: Sequence[int]
) -> Measured:
    """Measure the functions of :data:`JUDGED` with lexicons built without the fold they judge.

    In each fold the entries are left out that are :func:`doubtful` in the other folds, and none
    other: what an entry does in a fold never speaks for or against it there.
    """
    hits = right = 0
    for fold in range(FOLDS):
        here = [index for index, one in enumerate(folds) if one == fold]
        there = [index for index, one in enumerate(folds) if one != fold]
        without = doubtful(
            by_entry([votes[index] for index in there], [gold[index] for index in there])
        )
        judged = together(
            [votes[index] for index in here], [gold[index] for index in here], without
        )
        hits, right = hits + judged.hits, right + judged.right
    return Measured("together, cross-validated", hits, right, len(gold), sum(gold))


def errors_of(
    function: str,
    texts: Sequence[str],
    votes: Sequence[Sequence[Vote]],
    gold: Sequence[bool],
    at_most: int,
) -> list[tuple[str, str]]:
    """Return flagged comments that are not abusive by the gold label: the words, and the comment.

    The first `at_most` of them, shortest first, because those are read at a glance.
    """
    found = [
        (", ".join(text[start:end] for start, end in one.spans), " ".join(text.split()))
        for text, votes_, is_abusive in zip(texts, votes, gold, strict=True)
        if not is_abusive
        for one in votes_
        if one.function == function
    ]
    return sorted(found, key=lambda one: (len(one[1]), one[1]))[:at_most]

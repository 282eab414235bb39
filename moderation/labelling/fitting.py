"""Which rule of a category speaks of what was found: the clause that is quoted to a commenter.

A category is wide. "Indecency" holds threats and obscene words, "privacy" telephone numbers and
other people's photographs, and a house often writes a rule for each. What a clause names is told by
stems (``fitting.toml``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from moderation.records import Category, HouseRule
from moderation.text import fold_text

#: How badly clauses fit: below the first they name what was found; they name nothing in particular;
#: they name other things; they name other things and are never quoted for this.
_GENERAL, _ELSEWHERE, _NEVER = 4, 5, 6
#: Clauses whose fit is remembered, a newsroom has some twenty; and characters that are looked at.
_REMEMBERED, _LONGEST = 8192, 2_000
#: Stands in ``kinds`` for all that a function finds.
_ANY_KIND = "*"
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Fitting:
    """What clauses of one kind of breach name, and what else they may name."""

    names: re.Pattern[str]
    others: re.Pattern[str]
    strict: bool
    kinds: Mapping[str, re.Pattern[str]]


@cache
def _fittings() -> Mapping[str, _Fitting]:
    path = resources.files(__package__).joinpath("fitting.toml")
    fittings: dict[str, _Fitting] = {}
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["fitting"]:
        fitting = _Fitting(
            _stems(table["names"]),
            _stems(table["others"]),
            table.get("strict", False),
            {kind: _stems(stems) for kind, stems in table.get("kinds", {}).items()},
        )
        fittings |= dict.fromkeys(table["for"], fitting)
    return fittings


def _stems(stems: Iterable[str]) -> re.Pattern[str]:
    """Return an expression for stems; a clause is folded, its words are parted by one space."""
    written = (
        (r"\b\w{0,30}" if stem.startswith("*") else r"\b")
        + r"\w{0,30} ".join(stem.removeprefix("*").split())
        + r"\w{0,30}"
        for stem in stems
    )
    return re.compile("|".join(written))


def misfit(name: str, kind: str, quote: str) -> int:
    """Return how badly a clause fits what was found; the less, the better.

    Parameters
    ----------
    name
        The labelling function that found it, or a category.
    kind
        What it found, where it knows kinds; else empty.
    quote
        The clause.
    """
    return _misfit(name, kind, quote[:_LONGEST])


@lru_cache(_REMEMBERED)
def _misfit(name: str, kind: str, quote: str) -> int:
    fitting = _fittings().get(name)
    if fitting is None:
        return 0
    clause = _NO_WORD.sub(" ", fold_text(quote)).strip()
    rest = fitting.others.sub(" ", clause)
    others = rest != clause
    this_kind = fitting.kinds.get(kind) or fitting.kinds.get(_ANY_KIND)
    if this_kind is not None and this_kind.search(rest):
        return 0 + others
    if fitting.names.search(rest):
        return 2 + others
    if any(stems.search(rest) for stems in fitting.kinds.values()) or not others:
        return _GENERAL
    return _NEVER if fitting.strict else _ELSEWHERE


def says_something(rule: HouseRule) -> bool:
    """Whether a rule may be quoted for its category at all: one on copyright protects no data."""
    return misfit(str(rule.category), "", rule.quote) < _NEVER


class Fitting:
    """The rules that may be held against a comment, by category; each breach finds its own.

    Parameters
    ----------
    rules
        The newsroom's rules.
    fallbacks
        Where a house has no rule of a category: those that cover it all the same, in order.
    """

    def __init__(
        self, rules: Iterable[HouseRule], fallbacks: Mapping[Category, Sequence[Category]]
    ) -> None:
        self._fallbacks = fallbacks
        self._by_category: dict[Category, list[HouseRule]] = {}
        for rule in rules:
            if rule.modality != "permits":
                self._by_category.setdefault(rule.category, []).append(rule)
        self._known: dict[tuple[str, str], HouseRule | None] = {}

    def rule_for(self, function: str, category: Category, source: str) -> HouseRule | None:
        """Return the rule to quote for what a labelling function found, or None.

        Parameters
        ----------
        function, category
            The function, and what its findings breach.
        source
            What it found (:attr:`moderation.labelling.reading.Hit.source`).
        """
        fitting = _fittings().get(function)
        kind = source if fitting is not None and source in fitting.kinds else ""
        key = (function, kind)
        if key not in self._known:
            self._known[key] = self._choose(function, category, kind)
        return self._known[key]

    def _choose(self, function: str, category: Category, kind: str) -> HouseRule | None:
        last_resort: HouseRule | None = None
        for candidate in (category, *self._fallbacks.get(category, ())):
            best, least = None, _NEVER
            for rule in self._by_category.get(candidate, ()):
                fits = misfit(function, kind, rule.quote)
                if candidate is not category and fits >= _GENERAL:
                    # What stands in need only be fit for what it is about itself.
                    fits = max(_GENERAL, misfit(str(candidate), "", rule.quote))
                if fits < least:
                    best, least = rule, fits
            if least < _ELSEWHERE:
                return best
            last_resort = last_resort or best
        return last_resort

"""Whether quoted house rules stand in their source, word for word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from moderation.records import HouseRule

Found = Literal["verbatim", "moved", "torn", "altered", "unread", "unsourced"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a rule's quote.

    Attributes
    ----------
    rule
        The rule.
    found
        ``verbatim``: it stands where the rule says, or anywhere if the rule says nothing of that.
        ``moved``: it stands elsewhere, at `start`. ``torn``: it stands at `start`, but the
        sentence around it is another. ``altered``: it stands nowhere. ``unread``: the source could
        not be read. ``unsourced``: the rule names no source.
    start
        Where it stands, in code points; None where it does not.
    """

    rule: HouseRule
    found: Found
    start: int | None = None

    def told(self) -> str:
        """Return what to say about it, in one line."""
        rule = self.rule
        match self.found:
            case "verbatim":
                return f"{rule.id}: stands in {rule.source} at {self.start}"
            case "moved":
                return f"{rule.id}: moved to {self.start} in {rule.source}, from {rule.start}"
            case "torn":
                return (
                    f"{rule.id}: stands in {rule.source} at {self.start}, but its sentence does "
                    "not word for word"
                )
            case "altered":
                return f"{rule.id}: does not stand in {rule.source} word for word"
            case "unsourced":
                return f"{rule.id}: no source named, nothing is checked"
            case _:
                return f"{rule.id}: {rule.source} cannot be read, nothing is checked"


def check_quotes(
    rules: Sequence[HouseRule],
    text_of: Callable[[str], str | None],
    *,
    unsourced: Collection[str] = (),
    unplaced: Collection[str] = (),
) -> Iterator[Checked]:
    """Look every rule's quote and sentence up in its source.

    Parameters
    ----------
    rules
        The rules, in any order.
    text_of
        Returns the text of a source as it was read for the rules, or None; asked once a source.
    unsourced, unplaced
        Ids of rules that do not say where they come from, or at which place they stand there.
    """
    texts: dict[str, str | None] = {}
    for rule in rules:
        if rule.id in unsourced:
            yield Checked(rule, "unsourced")
            continue
        if rule.source not in texts:
            texts[rule.source] = text_of(rule.source)
        text = texts[rule.source]
        yield (
            Checked(rule, "unread")
            if text is None
            else _checked(rule, text, placed=rule.id not in unplaced)
        )


def _checked(rule: HouseRule, text: str, *, placed: bool) -> Checked:
    if rule.quote not in text:
        return Checked(rule, "altered")
    if placed and text[rule.start : rule.end] == rule.quote and rule.sentence in text:
        return Checked(rule, "verbatim", rule.start)
    begin = _nearest(text, rule.sentence, rule.start)
    if begin is None:
        return Checked(rule, "torn", _nearest(text, rule.quote, rule.start))
    # The quote as it stands in that sentence, not elsewhere.
    start = begin + rule.sentence.index(rule.quote)
    return Checked(rule, "moved" if placed else "verbatim", start)


def _nearest(text: str, part: str, place: int) -> int | None:
    """Return where `part` stands in `text`, nearest to `place`; None if it does not."""
    before = text.rfind(part, 0, max(0, place) + len(part))
    behind = text.find(part, max(0, place))
    found = [one for one in (before, behind) if one >= 0]
    return min(found, key=lambda one: abs(one - place), default=None)

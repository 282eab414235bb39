"""Whether quoted house rules stand in their source, word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from moderation.records import HouseRule

Found = Literal["verbatim", "moved", "altered", "unread"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a rule's quote.

    Attributes
    ----------
    rule
        The rule.
    found
        ``verbatim``: it stands where the rule says. ``moved``: it stands elsewhere, at `start`.
        ``altered``: it stands nowhere. ``unread``: the source could not be read.
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
                return f"{rule.id}: stands in {rule.source} at {rule.start}"
            case "moved":
                return f"{rule.id}: stands in {rule.source} at {self.start}, not at {rule.start}"
            case "altered":
                return f"{rule.id}: does not stand in {rule.source} word for word"
            case _:
                return f"{rule.id}: {rule.source} cannot be read, nothing is checked"


def check_quotes(
    rules: Sequence[HouseRule], text_of: Callable[[str], str | None]
) -> Iterator[Checked]:
    """Look every rule's quote and sentence up in its source.

    Parameters
    ----------
    rules
        The rules, in any order.
    text_of
        Returns the text of a source as it was read for the rules, or None; asked once a source.
    """
    texts: dict[str, str | None] = {}
    for rule in rules:
        if rule.source not in texts:
            texts[rule.source] = text_of(rule.source)
        text = texts[rule.source]
        if text is None:
            yield Checked(rule, "unread")
        elif rule.sentence not in text:
            yield Checked(rule, "altered")
        elif text[rule.start : rule.end] == rule.quote:
            yield Checked(rule, "verbatim", rule.start)
        else:
            yield Checked(rule, "moved", text.index(rule.quote))

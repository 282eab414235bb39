"""Labels, scores and the severity of rules to a recommendation, by a table the newsroom can change.

The table stands in ``default_policy.toml`` with its meaning. What it amounts to:

=====================  =================================================================
recommendation         when
=====================  =================================================================
``reject``             the score reaches the model's reject threshold, or a rule found
                       unmistakable words (strength 2) and the score reaches review
``review``             a rule found something, or the score reaches the review threshold
``publish``            neither; nothing was found, which is no approval
=====================  =================================================================

A label of a mild category alone (tone, off topic, advertising, privacy) never leads past
``review``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn, get_args

from moderation.errors import ModerationError
from moderation.model.classifier import Thresholds
from moderation.records import PROCEDURAL, Category, Decision, Label
from moderation.toml_files import load_bytes, parse_toml

#: Bytes; the packaged table has two thousand.
MAX_BYTES = 100_000
#: The severest breach; 0 counts for nothing.
_MOST_SEVERE = 3
_CUTS = ("review", "reject")
_ROW_KEYS = (
    "decision", "score", "scores", "severity", "strength", "categories", "rules",
)  # fmt: skip


class PolicyError(ModerationError):
    """A policy file cannot be used (exit code 3); the message names the row and the remedy."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """A row of the table: when it holds, its decision is the recommendation.

    Attributes
    ----------
    decision
        What is recommended.
    score
        Least main score: the name of a cut of the model, or a probability; None: any.
    scores
        Least scores of single heads; a model without such a head never reaches them
        (:meth:`Policy.check_heads`).
    severity, strength
        Least severity and strength of a label; 0: no label is asked for.
    categories, rules
        Categories and ids of rules one of which the label has; empty: any.
    """

    decision: Decision
    score: str | float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    severity: int = 0
    strength: int = 0
    categories: frozenset[Category] = frozenset()
    rules: frozenset[str] = frozenset()

    @property
    def asks_for_label(self) -> bool:
        """Whether a label must be there."""
        return bool(self.severity or self.strength or self.categories or self.rules)

    @property
    def unconditional(self) -> bool:
        """Whether it holds for every comment."""
        return self.score is None and not self.scores and not self.asks_for_label


@dataclass(frozen=True, slots=True)
class Policy:
    """A table of recommendations.

    Attributes
    ----------
    rows
        In order; the last has no conditions.
    severity
        By category or id of a rule, 0 to 3; an id outweighs its category.
    """

    rows: tuple[Condition, ...]
    severity: Mapping[str, int]

    def severity_of(self, label: Label) -> int:
        """Return how severe the breach is that `label` claims."""
        return self.severity.get(label.rule.id, self.severity.get(str(label.category), 1))

    def rule_ids(self) -> tuple[str, ...]:
        """Return the ids of rules that the table names, each once."""
        named = [one for row in self.rows for one in sorted(row.rules)]
        categories = {str(category) for category in Category}
        named += [key for key in self.severity if key not in categories]
        return tuple(dict.fromkeys(named))

    def check_heads(self, heads: Sequence[str], name: str) -> None:
        """Refuse rows that ask for scores which a model does not have.

        Parameters
        ----------
        heads
            What the model scores.
        name
            The policy file, for messages.

        Raises
        ------
        PolicyError
            If a row names another head.
        """
        for number, row in enumerate(self.rows, 1):
            for head in row.scores:
                if head not in heads:
                    _refuse(
                        f"{name}: row {number}: scores",
                        f"names {head!r}, which the model does not score",
                        f"it has {', '.join(heads)}",
                    )


def decide(
    score: float,
    labels: Sequence[Label],
    thresholds: Thresholds,
    policy: Policy | None = None,
    scores: Mapping[str, float] | None = None,
) -> Decision:
    """Return the recommendation for a comment.

    Parameters
    ----------
    score
        The main head's probability.
    labels
        What the rules found.
    thresholds
        The model's cuts.
    policy
        The table; None: the packaged one.
    scores
        Probabilities of all heads, for rows that ask for them.
    """
    policy = policy or default_policy()
    graded = [(policy.severity_of(label), label) for label in labels]
    for row in policy.rows:
        if _reached(row, score, scores or {}, thresholds) and (
            not row.asks_for_label or any(_meets(row, *one) for one in graded)
        ):
            return row.decision
    raise AssertionError("the last row of a policy has no conditions")


def _reached(
    row: Condition, score: float, scores: Mapping[str, float], thresholds: Thresholds
) -> bool:
    if row.score is not None:
        least = row.score
        if isinstance(least, str):
            least = thresholds.review if least == "review" else thresholds.reject
        if score < least:
            return False
    return all(scores.get(head, -1.0) >= least for head, least in row.scores.items())


def _meets(row: Condition, severity: int, label: Label) -> bool:
    return (
        severity > 0
        and severity >= row.severity
        and label.strength >= row.strength
        and (not row.categories or label.category in row.categories)
        and (not row.rules or label.rule.id in row.rules)
    )


@cache
def default_policy() -> Policy:
    """Return the packaged table."""
    name = "default_policy.toml"
    return parse_policy(resources.files(__package__).joinpath(name).read_bytes(), name)


def load_policy(path: Path) -> Policy:
    """Read a newsroom's own table.

    Raises
    ------
    PolicyError
        If the file cannot be read, is no TOML, or a row is not valid.
    """
    data = load_bytes(
        path,
        PolicyError,
        most=MAX_BYTES,
        too_large="larger than 100 kB; a policy is a table of a few rows",
        remedy="name a readable policy file (TOML)",
    )
    return parse_policy(data, str(path))


def parse_policy(data: bytes, name: str) -> Policy:
    """Parse the bytes of a policy file; `name` stands in messages.

    Raises
    ------
    PolicyError
        As :func:`load_policy`.
    """
    document = parse_toml(data, name, PolicyError)
    _only(document, ("severity", "row"), name)
    tables = document.get("row")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise PolicyError(f"{name}: no rows; write one [[row]] table per recommendation")
    rows = tuple(_row(table, f"{name}: row {number}") for number, table in enumerate(tables, 1))
    # A row without conditions decides; whatever stands behind it is never asked.
    for number, row in enumerate(rows[:-1], 1):
        if row.unconditional:
            _refuse(
                f"{name}: row {number}",
                "holds for every comment",
                f"move it behind the others, or remove row {number + 1} and what follows",
            )
    last = rows[-1] if rows else None
    if last is None or not last.unconditional:
        raise PolicyError(
            f"{name}: the last row must hold for every comment; add one with a decision alone"
        )
    return Policy(rows, _severity(document.get("severity", {}), name))


def _severity(given: object, name: str) -> Mapping[str, int]:
    if not isinstance(given, dict):
        _refuse(f"{name}: severity", "is no table", "write [severity] and one category a line")
    for key, value in given.items():
        if type(value) is not int or not 0 <= value <= _MOST_SEVERE:
            _refuse(f"{name}: severity of {key!r}", f"is {value!r}", "write 0, 1, 2 or 3")
    return {**_USUAL_SEVERITY, **given}


# What a policy that says nothing about a category means.
_USUAL_SEVERITY: Mapping[str, int] = {
    str(category): 3
    if category in {Category.INSULT, Category.GROUP_ABUSE, Category.INDECENCY}
    else 1
    for category in Category
    if category not in PROCEDURAL
}


def _row(table: Mapping[str, Any], where: str) -> Condition:
    _only(table, _ROW_KEYS, where)
    decision: Any = table.get("decision")
    if decision not in get_args(Decision):
        _refuse(f"{where}: decision", f"is {decision!r}", "write publish, review or reject")
    score = table.get("score")
    if score is not None and score not in _CUTS and not _is_probability(score):
        _refuse(f"{where}: score", f"is {score!r}", 'write "review", "reject" or 0 to 1')
    scores = table.get("scores", {})
    if not isinstance(scores, dict) or not all(map(_is_probability, scores.values())):
        _refuse(f"{where}: scores", f"is {scores!r}", "write { head = 0.8 }")
    if not scores and "scores" in table:
        _refuse(f"{where}: scores", "is empty", "name a score, or leave it out")
    for key, most in (("severity", _MOST_SEVERE), ("strength", 2)):
        value = table.get(key, 1)
        if type(value) is not int or not 1 <= value <= most:
            _refuse(f"{where}: {key}", f"is {value!r}", f"write 1 to {most}, or leave it out")
    names = {key: table.get(key, []) for key in ("categories", "rules")}
    for key, value in names.items():
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            _refuse(f"{where}: {key}", f"is {value!r}", "write a list of names")
        if key in table and not value:
            _refuse(f"{where}: {key}", "is empty", "name one, or leave it out")
    known = [str(one) for one in Category if one not in PROCEDURAL]
    for name in names["categories"]:
        if name not in known:
            _refuse(f"{where}: category", f"is {name!r}", f"known are {', '.join(known)}")
    return Condition(
        decision=decision,
        score=score if isinstance(score, str) or score is None else float(score),
        scores={head: float(least) for head, least in scores.items()},
        severity=table.get("severity", 0),
        strength=table.get("strength", 0),
        categories=frozenset(map(Category, names["categories"])),
        rules=frozenset(names["rules"]),
    )


def _is_probability(value: object) -> bool:
    return type(value) in {int, float} and 0 <= value <= 1  # type: ignore[operator]


def _only(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in sorted(set(table) - set(known)):
        _refuse(where, f"has an unknown key {key!r}", f"known are {', '.join(known)}")


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    raise PolicyError(f"{where} {what}; {remedy}")

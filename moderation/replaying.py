"""What other house rules would have changed: every comment of an archive judged twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from moderation.json_records import labelled_record
from moderation.parsing.reader import PLAIN, Intake
from moderation.records import Label, Verdict
from moderation.scoring import Desk, judge
from moderation.tasks import Problem, Report, tasks


@dataclass(frozen=True, slots=True)
class Replayed:
    """One comment, judged as it would have been before and as it would be now.

    ``share`` is how much of all inputs has been read, 0 to 1; None: not known.
    """

    before: Verdict
    after: Verdict
    share: float | None = None

    @property
    def changed(self) -> bool:
        """Whether another decision is recommended, or other rules are held against it."""
        return self.before.decision != self.after.decision or _rules(self.before) != _rules(
            self.after
        )


def replay(
    paths: Sequence[str],
    before: Desk,
    after: Desk,
    *,
    report: Report,
    warn: Report,
    problem: Problem,
    intake: Intake = PLAIN,
) -> Iterator[Replayed]:
    """Judge everything that `paths` name with two desks, in order.

    Parameters
    ----------
    paths, report, warn, problem, intake
        As :func:`moderation.tasks.tasks` takes them.
    before, after
        What was used, and what is to be tried; `after` has rules or a policy of its own. A desk
        without rules uses those that the pages quote, else the packaged ones.
    """
    for task in tasks(
        paths, before.rules, report=report, warn=warn, problem=problem, intake=intake
    ):
        judged = judge(before, task)
        judged.tell(warn, problem)
        other = task if after.rules is None else replace(task, rules=after.rules)
        for one, two in zip(judged.results, judge(after, other).results, strict=True):
            for verdict, now in zip(one.verdicts, two.verdicts, strict=True):
                yield Replayed(verdict, now, task.share)


@dataclass(slots=True)
class RuleChange:
    """What a rule adds and takes away.

    Attributes
    ----------
    name
        Its id and its quote.
    new, gone
        Comments it is held against now and was not before, and the other way round.
    decisions
        Of these, how many have another recommendation.
    examples
        Some of them, with the words.
    """

    name: str
    new: int = 0
    gone: int = 0
    decisions: int = 0
    examples: list[Replayed] = field(default_factory=list)


@dataclass(slots=True)
class Summary:
    """What a replay comes to."""

    comments: int = 0
    changed: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: dict[str, RuleChange] = field(default_factory=dict)

    def add(self, one: Replayed, examples: int) -> None:
        """Count a comment; keep it as an example where there are fewer than `examples`."""
        self.comments += 1
        if not one.changed:
            return
        self.changed += 1
        before, after = one.before.decision or "–", one.after.decision or "–"
        moved = before != after
        if moved:
            self.moves[before, after] += 1
        old, new = _rules(one.before), _rules(one.after)
        for name in sorted(old ^ new):
            change = self.rules.setdefault(name, RuleChange(name))
            change.new += name in new
            change.gone += name in old
            change.decisions += moved
            if len(change.examples) < examples:
                change.examples.append(one)

    def ordered(self) -> list[RuleChange]:
        """Return the rules, those that change most first."""
        return sorted(self.rules.values(), key=lambda one: (-one.new - one.gone, one.name))

    def record(self) -> dict[str, Any]:
        """Return it ready for JSON; examples are given by their place."""
        return {
            "comments": self.comments,
            "changed": self.changed,
            "moves": [
                {"from": before, "to": after, "comments": count}
                for (before, after), count in sorted(self.moves.items())
            ],
            "rules": [
                {
                    "rule": one.name,
                    "new": one.new,
                    "gone": one.gone,
                    "decisions": one.decisions,
                    "examples": [change_record(example) for example in one.examples],
                }
                for one in self.ordered()
            ],
        }


def change_record(one: Replayed) -> dict[str, Any]:
    """Return a comment with what was and what would be held against it."""
    before, after = labelled_record(one.before), labelled_record(one.after)
    return {
        "source": after["source"],
        "comment": after["comment"],
        "score": one.after.score,
        "before": {"decision": one.before.decision, "labels": before["labels"]},
        "after": {"decision": one.after.decision, "labels": after["labels"]},
    }


def label_of(one: Replayed, name: str) -> Label | None:
    """Return the label of the rule called `name`, of now or else of before."""
    labels: Iterable[Label] = (*one.after.labels, *one.before.labels)
    return next((label for label in labels if _name(label) == name), None)


def _rules(verdict: Verdict) -> frozenset[str]:
    return frozenset(map(_name, verdict.labels))


def _name(label: Label) -> str:
    # Ids are numbers of a file; the same clause may have another in the next.
    return f"{label.category}: {' '.join(label.rule.quote.split())}"

"""The attributes of the Perspective API, as far as a German model and rules can serve them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from moderation.labelling.functions import findings
from moderation.model.classifier import Classifier

#: What a value is at least where a labelling function fires: for words that may be meant otherwise,
#: and for unmistakable ones. Below the precision that `moderation rules analyse` measures for these
#: functions (benchmarks/results/rules.json), and no calibrated probability.
STEPS: Mapping[int, float] = {1: 0.7, 2: 0.9}
#: The value of an attribute that only rules serve, where none fires: abstaining is no proof.
ABSTAINED = 0.02

_VERSION, _EXPERIMENTAL = "@", "_EXPERIMENTAL"


@dataclass(frozen=True, slots=True)
class Attribute:
    """How an attribute is computed; the fields are those of ``attributes.toml``."""

    head: str | None = None
    severe: bool = False
    functions: frozenset[str] = frozenset()
    only_if: frozenset[str] = frozenset()

    @property
    def asks_rules(self) -> bool:
        """Whether labelling functions have a say."""
        return bool(self.functions or self.only_if)


def attribute_named(requested: str, classifier: Classifier) -> Attribute | None:
    """Return the attribute that a client asks for; None: there is no such thing for German.

    Parameters
    ----------
    requested
        Its name, with version or suffix.
    classifier
        The model; what needs a head that it does not have is none of its attributes.

    Raises
    ------
    KeyError
        If Perspective knows no attribute of that name either.
    """
    attribute, known = _table()
    name = requested.partition(_VERSION)[0].removesuffix(_EXPERIMENTAL)
    if name in attribute:
        found = attribute[name]
        served = found.head in (None, "main") or found.head in classifier.heads
        return found if served else None
    if name in known:
        return None
    raise KeyError(requested)


def attribute_values(
    text: str,
    scores: Mapping[str, float],
    attributes: Sequence[Attribute],
    classifier: Classifier,
) -> list[float]:
    """Return the value of each attribute for a comment, 0 to 1, in order.

    Parameters
    ----------
    text
        The comment.
    scores
        Probabilities of the model's heads for it.
    attributes
        What is asked for.
    classifier
        The model they come from.
    """
    fired: dict[str, int] = {}
    if any(one.asks_rules for one in attributes):
        fired = {
            function.name: max(hit.strength for hit in hits) for function, hits in findings(text)
        }
    return [_value(one, scores, fired, classifier) for one in attributes]


def _value(
    attribute: Attribute,
    scores: Mapping[str, float],
    fired: Mapping[str, int],
    classifier: Classifier,
) -> float:
    main = scores[classifier.main]
    if attribute.severe:
        return severe(main, classifier.thresholds.reject)
    value = ABSTAINED
    if attribute.head is not None and (
        not attribute.only_if or not attribute.only_if.isdisjoint(fired)
    ):
        value = main if attribute.head == "main" else scores[attribute.head]
    steps = [STEPS[min(fired[name], 2)] for name in attribute.functions if name in fired]
    return max([value, *steps])


def severe(score: float, reject: float) -> float:
    """Return `score` with its log-odds shifted so that `reject` becomes one half."""
    bounded = min(max(score, 1e-9), 1 - 1e-9)
    shifted = math.log(bounded / (1 - bounded)) - math.log(reject / (1 - reject))
    return 1 / (1 + math.exp(-shifted))


@cache
def _table() -> tuple[dict[str, Attribute], frozenset[str]]:
    source = resources.files(__package__).joinpath("attributes.toml").read_bytes()
    document = tomllib.loads(source.decode("utf-8"))
    return {name: _attribute(row) for name, row in document["attribute"].items()}, frozenset(
        document["unsupported"]
    )


def _attribute(row: Mapping[str, Any]) -> Attribute:
    return Attribute(
        head=row.get("head"),
        severe=row.get("severe", False),
        functions=frozenset(row.get("functions", ())),
        only_if=frozenset(row.get("only_if", ())),
    )

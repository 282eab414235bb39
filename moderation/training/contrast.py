"""Contrast sentences: the same group in harmless and hateful sentences, from templates."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

#: The id of these sentences in a frame's ``corpus`` column.
CONTRAST = "contrast"
#: Each template is filled with every third group (a long one with every ninth), each time with
#: others: enough to teach all of them, and a fraction of the time to train.
_EVERY, _EVERY_LONG = 3, 9
#: Lists of long templates, and whether they are hateful; those about persons need no filling.
_LONG = {
    "neutral": 0.0,
    "positive": 0.0,
    "negated": 0.0,
    "quoted": 0.0,
    "counter_speech": 0.0,
    "criticism": 0.0,
    "hateful_plain": 1.0,
    "hateful_crude": 1.0,
    "hateful_irony": 1.0,
    "person_harmless": 0.0,
    "person_hateful": 1.0,
}

Filling = Mapping[str, str]


def contrast_table() -> pd.DataFrame:
    """Return the templates filled with groups.

    Returns
    -------
    pandas.DataFrame
        Columns ``text``, ``pair`` (the template), ``weight``, and one per head: ``abusive`` and
        ``group_abuse`` are 1.0 for hateful templates (``group_abuse`` is 0.0 where a person is
        meant), ``insult`` and ``indecency`` are 0.0 for harmless and unknown for hateful ones.
    """
    data, long = (
        tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
        for name in ("contrast.toml", "contrast_long.toml")
    )
    rows = [*_short(data), *_long(long, _groups(data), data["weights"])]
    return pd.DataFrame(rows).drop_duplicates("text", ignore_index=True)


def _groups(data: Mapping[str, Any]) -> list[Filling]:
    return [{"G": plural, "D": dative} for plural, dative in data["groups"]]


def _short(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    groups = _groups(data)
    contempt = [{"H": noun} for noun in data["contempt"]]
    adjectives = [{"A": stem} for stem in data["adjectives"]]
    for hateful, kind, templates, fillings in (
        (0.0, "sentences", data["harmless"], groups),
        (1.0, "sentences", data["hateful"], groups),
        (0.0, "sentences", data["harmless_adjectives"], adjectives),
        (1.0, "sentences", data["hateful_adjectives"], adjectives),
        (0.0, "alone", data["names"], groups),
        (1.0, "alone", data["contempt_alone"], contempt),
    ):
        every = 1 if kind == "alone" else _EVERY
        yield from _filled(templates, fillings, every, hateful, data["weights"][kind])


def _long(
    data: Mapping[str, Any], groups: Sequence[Filling], weights: Mapping[str, float]
) -> Iterator[dict[str, Any]]:
    for name, hateful in _LONG.items():
        if name.startswith("person"):
            yield from _filled(data[name], [{}], 1, hateful, weights["persons"], person=True)
        else:
            yield from _filled(data[name], groups, _EVERY_LONG, hateful, weights["long"])


def _filled(
    templates: Sequence[str],
    fillings: Sequence[Filling],
    every: int,
    hateful: float,
    weight: float,
    *,
    person: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield each template with every `every`-th filling, starting one later each time."""
    for place, template in enumerate(templates):
        for filling in fillings[place % every :: every]:
            yield {
                "text": template.format(**filling) if filling else template,
                "pair": template,
                "weight": weight,
                "abusive": hateful,
                "group_abuse": 0.0 if person else hateful,
                "insult": None if hateful else 0.0,
                "indecency": None if hateful else 0.0,
            }

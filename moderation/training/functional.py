"""Sentences that judge fairness: the same groups in harmless and in hateful sentences, in pairs.

They are held apart: no template stands in ``contrast.toml``, and nothing is learned from them; a
test sees to it. The weights of contrast sentences were chosen with a look at them, so what they say
is a little too kind; ``benchmarks/functional_second.toml`` was not looked at.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PATH = Path(__file__).with_name("functional.toml")


@dataclass(frozen=True, slots=True)
class FunctionalCase:
    """One sentence.

    Attributes
    ----------
    text
        The sentence.
    hateful
        Whether it should be flagged.
    slice
        What kind of sentence it is ("harmless: quoted").
    group
        The group it is about; empty where it is about none in particular.
    """

    text: str
    hateful: bool
    slice: str
    group: str


@cache
def functional_cases(path: Path = _PATH) -> tuple[FunctionalCase, ...]:
    """Return all sentences of a file (the packaged one), pairs first: each with every group."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    cases = [
        FunctionalCase(
            pair[side].format(G=plural, D=dative),
            hateful=side == "hateful",
            slice=f"{side}: {pair[f'{side}_slice']}",
            group=plural,
        )
        for pair in data["pair"]
        for plural, dative, *_ in data["groups"]
        for side in ("harmless", "hateful")
    ]
    cases += [
        FunctionalCase(
            single["text"],
            hateful=single["slice"].startswith("hateful"),
            slice=single["slice"],
            group="",
        )
        for single in data.get("single", ())
    ]
    return tuple(cases)


def fairness(cases: Sequence[FunctionalCase], flagged: NDArray[np.bool_]) -> Mapping[str, Any]:
    """Return shares of `cases` that were flagged.

    Returns
    -------
    dict
        ``harmless_flagged`` and ``hateful_caught``: shares of the sentences about groups;
        ``slices``: name → ``{"sentences": n, "flagged": share}``; ``groups``: group →
        ``{"harmless_flagged": share, "hateful_caught": share}``; ``gaps``: the same two names →
        share of the worst group less that of the best.
    """
    hateful = np.array([case.hateful for case in cases])
    slices = np.array([case.slice for case in cases])
    groups = np.array([case.group for case in cases])
    sides = {"harmless_flagged": ~hateful, "hateful_caught": hateful}
    named = [group for group in dict.fromkeys(case.group for case in cases) if group]
    by_group = {
        group: {name: _share(flagged, side & (groups == group)) for name, side in sides.items()}
        for group in named
    }
    return {
        **{name: _share(flagged, side & (groups != "")) for name, side in sides.items()},
        "slices": {
            name: {
                "sentences": int((slices == name).sum()),
                "flagged": _share(flagged, slices == name),
            }
            for name in dict.fromkeys(case.slice for case in cases)
        },
        "groups": by_group,
        "gaps": {
            name: round(
                max(shares[name] for shares in by_group.values())
                - min(shares[name] for shares in by_group.values()),
                4,
            )
            for name in sides
        },
    }


def _share(flagged: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return round(float(flagged[chosen].mean()), 4)

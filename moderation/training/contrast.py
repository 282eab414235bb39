"""Contrast sentences: the same group in harmless and hateful sentences, from templates."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd

#: The id of these sentences in a frame's ``corpus`` column.
CONTRAST = "contrast"
#: Each sentence is filled with every third group, each time with others: enough to teach all of
#: them, and a third of the time to train.
_EVERY = 3
_PATH = Path(__file__).with_name("contrast.toml")


def contrast_table() -> pd.DataFrame:
    """Return the templates filled with groups.

    Returns
    -------
    pandas.DataFrame
        Columns ``text``, ``pair`` (the template), ``weight``, and one per head: ``abusive`` and
        ``group_abuse`` are 1.0 for hateful templates, ``insult`` and ``indecency`` are 0.0 for
        harmless and unknown for hateful ones.
    """
    data = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    plural_and_dative = [{"G": plural, "D": dative} for plural, dative in data["groups"]]
    contempt = [{"H": noun} for noun in data["contempt"]]
    adjectives = [{"A": stem} for stem in data["adjectives"]]
    rows = [
        {
            "text": template.format(**words),
            "pair": template,
            "weight": data["weights"][kind],
            "abusive": hateful,
            "group_abuse": hateful,
            "insult": None if hateful else 0.0,
            "indecency": None if hateful else 0.0,
        }
        for hateful, kind, templates, fillings in (
            (0.0, "sentences", data["harmless"], plural_and_dative),
            (1.0, "sentences", data["hateful"], plural_and_dative),
            (0.0, "sentences", data["harmless_adjectives"], adjectives),
            (1.0, "sentences", data["hateful_adjectives"], adjectives),
            (0.0, "alone", data["names"], plural_and_dative),
            (1.0, "alone", data["contempt_alone"], contempt),
        )
        for place, template in enumerate(templates)
        for index, words in enumerate(fillings)
        if kind == "alone" or (place + index) % _EVERY == 0
    ]
    return pd.DataFrame(rows)

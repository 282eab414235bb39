"""The words a model knows by theme, taken from the lexicons when it is trained."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from moderation.labelling.themes import themes
from moderation.model.features import HEAD_LETTERS, Vocabulary, word_hashes

# What the model takes for one word; "AfD-Wähler" are two and cannot be looked up.
_ONE_WORD = re.compile(r"[a-z0-9]+")


def theme_vocabulary() -> tuple[Vocabulary, NDArray[np.bool_]]:
    """Return the packaged themes as hashes, and which of them are evidence in themselves.

    Naming a group is not: such themes count in pairs with others only.
    """
    names: list[str] = []
    evidence: list[bool] = []
    rows: list[tuple[str, int, bool]] = []
    for index, theme in enumerate(themes()):
        names.append(theme.name)
        evidence.append(not theme.naming)
        rows += [
            (form, index, form in theme.heads and HEAD_LETTERS[0] <= len(form) <= HEAD_LETTERS[1])
            for form in sorted(theme.forms)
            if _ONE_WORD.fullmatch(form)
        ]
    hashes = word_hashes([form for form, _, _ in rows])
    order = np.argsort(hashes, kind="stable")
    vocabulary = Vocabulary(
        tuple(names),
        hashes[order],
        np.array([index for _, index, _ in rows], dtype=np.uint8)[order],
        np.array([head for _, _, head in rows], dtype=np.bool_)[order],
    )
    return vocabulary, np.array(evidence)

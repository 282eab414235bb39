"""Names of groups speak softly: what a name adds to a score by itself is limited.

Comments about some groups are abusive more often than others, and a linear model learns the name
for it. Contrast sentences teach against that, but only as far as they outweigh thousands of real
comments. So the weights are changed, as little as possible, until a name adds little to a score.
"""

from __future__ import annotations

import re

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from moderation.labelling.themes import themes

#: What a name may add or take by itself (log-odds of a comment with one occurrence; a comment with
#: n occurrences in all has 1 / sqrt(n) of it), and how far a name beyond that is brought back.
LIMIT, SHARE = 1.0, 0.7
#: Numerical floor of the equations, relative to their mean.
_RIDGE = 1e-4
_ONE_WORD = re.compile(r"[a-z]{3,}")

Vector = NDArray[np.float64]


def group_names() -> list[str]:
    """Return folded names of groups, nouns in all forms, that are no abuse in themselves."""
    names: set[str] = set()
    hostile: set[str] = set()
    for theme in themes():
        if theme.hostile:
            hostile |= theme.forms
        else:
            names |= theme.nouns
    return sorted(name for name in names - hostile if _ONE_WORD.fullmatch(name))


def softened(weights: Vector, names: sp.csr_matrix, frequency: Vector) -> Vector:
    """Return `weights`, changed so that no name adds much more than :data:`LIMIT`.

    Parameters
    ----------
    weights
        One per column, shape (columns,).
    names
        Occurrences of each name standing alone, shape (names, columns).
    frequency
        Number of comments each column occurs in, shape (columns,). Changing a column costs the
        square of it, so n-grams that hardly stand outside the names are changed, not those that
        half of the language shares.
    """
    alone = names @ weights
    wanted = SHARE * (np.clip(alone, -LIMIT, LIMIT) - alone)
    cheapness = sp.diags(1.0 / (1.0 + frequency) ** 2)
    # The least costly change with names @ change = wanted: Lagrange's equations.
    system = (names @ cheapness @ names.T).toarray()
    system += _RIDGE * np.trace(system) / len(system) * np.eye(len(system))
    change: Vector = cheapness @ (names.T @ np.linalg.solve(system, wanted))
    return weights + change

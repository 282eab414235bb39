"""Scoring many labelled comments with progress, for ``evaluate`` and ``thresholds``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from moderation.cli.messages import Messages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from moderation.model.classifier import Classifier

#: Comments scored between two looks at the clock.
_BATCH = 1000


def probabilities(
    classifier: Classifier, texts: Sequence[str], messages: Messages
) -> NDArray[np.float64]:
    """Return the calibrated scores of `texts`, shape (n, heads), showing progress."""
    import numpy as np

    from moderation.model.classifier import logistic

    parts = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        parts.append(logistic(classifier.log_odds(batch)))
        messages.count(len(batch))
    messages.close()
    return np.concatenate(parts)

"""Whether repeats of a measurement agree well enough to be reported, and a kernel to tell by."""

import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Relative interquartile range above which a figure says more about the machine than about us.
SPREAD_LIMIT = 0.25
#: Share of its time that the reference kernel may wait for the core. Another program that takes
#: half of the core all the time leaves no spread, yet halves every absolute figure.
WAITING_LIMIT = 0.10
REFERENCE = "reference kernel"


class TooNoisyError(Exception):
    """The machine was too noisy; the message names the figure and its spread."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One run of the reference kernel."""

    seconds: float
    waited: float


def reference() -> Reference:
    """Time work that never changes: dictionaries and strings, then arrays, as scoring is."""
    wall, cpu = time.perf_counter(), time.process_time()
    counts: dict[str, int] = {}
    for number in range(60_000):
        word = f"wort{number % 5000}"
        counts[word] = counts.get(word, 0) + len(word)
    values = np.arange(400_000, dtype=np.uint64) * np.uint64(2_654_435_761) % np.uint64(65_536)
    np.bincount(np.sort(values).astype(np.int64), minlength=65_536).cumsum()
    seconds = time.perf_counter() - wall
    return Reference(seconds, max(0.0, 1 - (time.process_time() - cpu) / seconds))


def relative_iqr(values: Sequence[float]) -> float:
    """Return the interquartile range over the median; infinite where the median is 0."""
    if len(values) < 2:
        return 0.0
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    if middle == 0:
        return 0.0 if low == high else math.inf
    return (high - low) / abs(middle)


def relative_range(values: Sequence[float]) -> float:
    """Return the distance of the extremes over the median, which is shown beside every figure."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / abs(middle) if middle else 0.0


def noise(figures: Mapping[str, Sequence[float]], references: Sequence[Reference]) -> str | None:
    """Return one line about the figure that was too noisy, None where the machine was quiet.

    Parameters
    ----------
    figures
        What will be reported: name and one value per repeat.
    references
        Runs of the reference kernel before and between the repeats.
    """
    spreads = {
        **{name: relative_iqr(values) for name, values in figures.items()},
        REFERENCE: relative_iqr([one.seconds for one in references]),
    }
    worst = max(spreads, key=lambda name: spreads[name])
    if spreads[worst] > SPREAD_LIMIT:
        return (
            f"{worst}: spread of repeats {spreads[worst]:.0%} of the median (interquartile; "
            f"at most {SPREAD_LIMIT:.0%})"
        )
    waited = statistics.median(one.waited for one in references) if references else 0.0
    if waited > WAITING_LIMIT:
        return (
            f"{REFERENCE}: waited {waited:.0%} of its time for the core "
            f"(at most {WAITING_LIMIT:.0%})"
        )
    return None

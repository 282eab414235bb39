"""Cuts with a promise: what held-out comments guarantee about a publish and a reject cut.

Everything here works on counts at a grid of cuts that was fixed before any comment was seen, never
on the scores themselves, so that a model folder can carry what its promises rest on.

A promise is an exact binomial bound (Clopper and Pearson, "The use of confidence or fiducial limits
illustrated in the case of the binomial", Biometrika 26, 1934). Trying many cuts on the same
comments and keeping the best would void it: with enough cuts one passes by luck. So cuts are tried
in an order fixed beforehand, each at the full level, until the first that fails (fixed-sequence
testing: Bauer, "Multiple testing in clinical trials", Statistics in Medicine 10, 1991; for
thresholds of learned models: Angelopoulos et al., "Learn then Test", arXiv:2110.01052, 2021). A
false promise then needs the first false cut of the sequence to pass, which happens with probability
1 - confidence at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from moderation.errors import ModelError, ModerationError

#: Cuts that are tried: 0.005 to 0.995. Fixed once and for all; chosen after looking at scores it
#: would be one more thing learned from the held-out comments.
GRID: tuple[float, ...] = tuple(round(step / 200, 3) for step in range(1, 200))
#: Share of harmless comments that may be recommended for rejection when nobody says otherwise: what
#: the trainer aims at, too.
USUAL_FALSE_REJECTS = 0.01

Vector = NDArray[np.float64]
Counts = NDArray[np.int64]


class PromiseError(ModerationError):
    """What was asked for cannot be promised on these comments (exit code 1)."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Held-out comments, counted at every cut.

    Attributes
    ----------
    cuts
        Ascending cuts, shape (k,).
    harmless_below, abusive_below
        Number of comments whose score is below each cut, shape (k,).
    harmless, abusive
        Number of comments.
    """

    cuts: Vector
    harmless_below: Counts
    abusive_below: Counts
    harmless: int
    abusive: int

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> HeldOut:
        """Read what :func:`operating_points` wrote.

        Raises
        ------
        ModelError
            If these are not counts at ascending cuts.
        """
        try:
            held_out = cls(
                cuts=np.array(record["scores"], dtype=np.float64),
                harmless_below=_counts(record["harmless_below"]),
                abusive_below=_counts(record["abusive_below"]),
                harmless=int(record["harmless"]),
                abusive=int(record["abusive"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelError(
                f"operating points cannot be read ({error!r}); retrain the model"
            ) from error
        cuts = held_out.cuts
        rising = cuts.ndim == 1 and len(cuts) > 0 and bool((np.diff(cuts) > 0).all())
        if not rising or not 0 < cuts[0] <= cuts[-1] < 1:
            raise ModelError("operating points: cuts do not rise between 0 and 1; retrain")
        for below, size in (
            (held_out.harmless_below, held_out.harmless),
            (held_out.abusive_below, held_out.abusive),
        ):
            ascending = below.shape == cuts.shape and bool((np.diff(below) >= 0).all())
            if not ascending or below[0] < 0 or below[-1] > size:
                raise ModelError("operating points: counts do not fit together; retrain")
        return held_out

    @property
    def size(self) -> int:
        """Number of comments."""
        return self.harmless + self.abusive


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be promised.

    Attributes
    ----------
    confidence
        Probability over held-out samples that a promise is true; each promise has its own.
    miss_at_most
        Share of abusive comments below the publish cut, or None: not asked for.
    workload
        Comments a shift at or above the publish cut, on average, or None: not asked for.
    per_shift
        All comments of a shift.
    abuse_share
        Share of abusive comments where the cuts will be used; None: as in the held-out comments.
    false_reject_at_most
        Share of harmless comments from the reject cut on; None: 1 % where that can be promised,
        else the usual cut without a promise.
    """

    confidence: float
    miss_at_most: float | None = None
    workload: float | None = None
    per_shift: int = 400
    abuse_share: float | None = None
    false_reject_at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share of comments: seen, with its two-sided interval, and promised.

    The interval describes one cut and is an estimate where the cut was chosen on the same comments;
    what is promised does not depend on it. `promised` is None where nothing is, `count` (comments
    seen) where the share was re-weighted.
    """

    seen: float
    low: float
    high: float
    promised: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Two cuts, and what is known about them.

    Attributes
    ----------
    publish, reject
        The cuts: below the first publish, from the second on reject.
    missed
        Share of abusive comments below the publish cut.
    false_rejects
        Share of harmless comments from the reject cut on.
    reading
        Share of all comments at or above the publish cut, at `abuse_share`.
    abuse_share
        Share of abusive comments `reading` is for.
    remarks
        What else must be said about the choice.
    """

    publish: float
    reject: float
    missed: Share
    false_rejects: Share
    reading: Share
    abuse_share: float
    remarks: tuple[str, ...]


def operating_points(gold: Vector, scores: Vector) -> dict[str, Any]:
    """Count held-out comments below every cut of :data:`GRID`.

    Parameters
    ----------
    gold
        0.0 or 1.0, shape (n,).
    scores
        Probabilities, shape (n,).

    Returns
    -------
    dict
        ``scores`` (the cuts), ``harmless_below`` and ``abusive_below`` (comments whose score is
        less than each cut), ``harmless`` and ``abusive`` (comments). Ready for JSON.
    """
    record: dict[str, Any] = {"scores": list(GRID)}
    for name, label in (("harmless", 0), ("abusive", 1)):
        ordered = np.sort(np.asarray(scores)[np.asarray(gold) == label])
        record[f"{name}_below"] = np.searchsorted(ordered, GRID, side="left").tolist()
        record[name] = len(ordered)
    return record


def upper_bound(found: Any, size: int, confidence: float) -> Any:
    """Return the exact one-sided upper bound of a share, `found` of `size` (Clopper-Pearson).

    Takes a number or an array; 1 where `size` is 0.
    """
    found = np.asarray(found)
    bound = beta.ppf(confidence, found + 1, np.maximum(size - found, 1))
    return np.where(found >= size, 1.0, bound)[()]


def two_sided(found: int, size: int, confidence: float) -> tuple[float, float]:
    """Return the exact two-sided interval of a share, `found` of `size` (Clopper-Pearson)."""
    one_sided = (1 + confidence) / 2
    low = 1.0 - float(upper_bound(size - found, size, one_sided))
    return low, float(upper_bound(found, size, one_sided))


def needed(at_most: float, confidence: float, found: int = 0) -> int:
    """Return how many comments, `found` of them wrong, promise that a share is `at_most`.

    For none wrong that is ``ceil(log(1 - confidence) / log(1 - at_most))``.
    """
    short, enough = found, found + math.ceil(math.log(1 - confidence) / math.log1p(-at_most)) + 1
    while upper_bound(found, enough, confidence) > at_most:
        short, enough = enough, 2 * enough
    while enough - short > 1:
        middle = (short + enough) // 2
        if upper_bound(found, middle, confidence) > at_most:
            short = middle
        else:
            enough = middle
    return enough


def publish_cut(held_out: HeldOut, at_most: float, confidence: float) -> float:
    """Return the largest publish cut below which `at_most` of all abusive comments are promised.

    Fixed-sequence testing: cuts in ascending order, each with a one-sided Clopper-Pearson bound at
    the full level, up to the first whose bound exceeds `at_most` (Bauer 1991; Angelopoulos et al.
    2021; see the module). With probability `confidence` over held-out samples the share of abusive
    comments below the returned cut is truly `at_most`.

    Raises
    ------
    PromiseError
        If the lowest cut fails already; says what would be needed.
    """
    below = held_out.abusive_below
    if steps := _steps(upper_bound(below, held_out.abusive, confidence) <= at_most):
        return float(held_out.cuts[steps - 1])
    kind, place = "abusive comments below", f"the lowest cut, {held_out.cuts[0]:.3f},"
    raise _refusal(int(below[0]), held_out.abusive, kind, place, at_most, confidence)


def reject_cut(held_out: HeldOut, at_most: float, confidence: float) -> float:
    """Return the smallest reject cut from which on `at_most` of all harmless comments are promised.

    Fixed-sequence testing as in :func:`publish_cut`, from the highest cut downwards.

    Raises
    ------
    PromiseError
        If the highest cut fails already; says what would be needed.
    """
    above = (held_out.harmless - held_out.harmless_below)[::-1]
    if steps := _steps(upper_bound(above, held_out.harmless, confidence) <= at_most):
        return float(held_out.cuts[-steps])
    kind, place = "harmless comments above", f"the highest cut, {held_out.cuts[-1]:.3f},"
    raise _refusal(int(above[0]), held_out.harmless, kind, place, at_most, confidence)


def workload_cut(
    held_out: HeldOut, at_most: float, confidence: float, abuse_share: float | None = None
) -> float:
    """Return the smallest publish cut with `at_most` of all comments promised at or above it.

    Fixed-sequence testing as in :func:`publish_cut`, from the highest cut downwards, with the bound
    of :func:`reading_bound`.

    Raises
    ------
    PromiseError
        If the highest cut fails already; says what would be needed.
    """
    bounds = reading_bound(held_out, confidence, abuse_share)[::-1]
    if steps := _steps(bounds <= at_most):
        return float(held_out.cuts[-steps])
    top = held_out.cuts[-1]
    seen = _reading(held_out, len(held_out.cuts) - 1, confidence, abuse_share).seen
    reason = (
        f"at or above the highest cut, {top:.3f}, are {percent(seen)} of the comments, and up to "
        f"{percent(bounds[0])} cannot be ruled out"
    )
    if abuse_share is None:
        least = f"{needed(at_most, confidence):,} comments are"
    else:
        # The same bound for both classes, so their weighted mean is that bound, too.
        least = f"{needed(at_most, (1 + confidence) / 2):,} comments of either kind are"
    raise PromiseError(
        f"{reason}; at least {least} needed for {percent(at_most)} at {percent(confidence)}"
    )


def reading_bound(held_out: HeldOut, confidence: float, abuse_share: float | None) -> Vector:
    """Return upper bounds of the share of comments at or above each cut, shape (k,).

    As in the data (`abuse_share` None) this is one binomial share. At another share of abuse it is
    the weighted mean of two, each bounded at ``1 - (1 - confidence) / 2`` (Bonferroni), so that
    both bounds hold at once with probability `confidence`.
    """
    abusive = held_out.abusive - held_out.abusive_below
    harmless = held_out.harmless - held_out.harmless_below
    if abuse_share is None:
        pooled: Vector = upper_bound(abusive + harmless, held_out.size, confidence)
        return pooled
    each = (1 + confidence) / 2
    weighted: Vector = abuse_share * upper_bound(abusive, held_out.abusive, each) + (
        1 - abuse_share
    ) * upper_bound(harmless, held_out.harmless, each)
    return weighted


def choose(held_out: HeldOut, wishes: Wishes, usual_reject: float) -> Chosen:
    """Choose both cuts so that every wish is promised.

    Where both a workload and a share of misses are asked for, the lowest cut that keeps both is
    taken: it uses the workload to miss least. Where the publish cut lies above the reject cut, the
    latter is raised to it: that rejects fewer, so both promises stay.

    Parameters
    ----------
    held_out
        The counts.
    wishes
        At least one of ``miss_at_most`` and ``workload``.
    usual_reject
        The reject cut where none can be promised and none was asked for.

    Raises
    ------
    PromiseError
        If a wish cannot be promised; the message has all of those, and nothing is chosen.
    """
    if wishes.miss_at_most is None and wishes.workload is None:
        raise ValueError("nothing to choose a publish cut by")
    confidence, problems, remarks = wishes.confidence, [], []
    lowest = highest = None
    if wishes.miss_at_most is not None:
        try:
            highest = publish_cut(held_out, wishes.miss_at_most, confidence)
        except PromiseError as error:
            problems.append(f"misses: {error}")
    if wishes.workload is not None:
        at_most = wishes.workload / wishes.per_shift
        try:
            lowest = workload_cut(held_out, at_most, confidence, wishes.abuse_share)
        except PromiseError as error:
            problems.append(f"workload: {error}")
    if lowest is not None and highest is not None and lowest > highest:
        problems.append(_conflict(held_out, wishes, lowest, highest))
    promised = wishes.false_reject_at_most or USUAL_FALSE_REJECTS
    rejects: float | None = promised
    reject = 1.0
    try:
        reject = reject_cut(held_out, promised, confidence)
    except PromiseError as error:
        if wishes.false_reject_at_most is not None:
            problems.append(f"false rejections: {error}")
        reject, rejects = _on_grid(held_out, usual_reject), None
        remarks.append(f"Nothing is promised about the reject cut, which stays as it was: {error}.")
    publish = lowest if lowest is not None else highest
    if problems or publish is None:
        raise PromiseError("cannot be promised: " + "; ".join(problems))
    if publish > reject:
        remarks.append(
            f"The reject cut could be {reject:.3f}; it was raised to the publish cut, and nothing "
            "lies between them."
        )
    return _described(held_out, wishes, publish, max(publish, reject), rejects, tuple(remarks))


def percent(share: float) -> str:
    """Return a share as three digits of per cent: ``13.9 %``, ``5 %``."""
    return f"{100 * share:.3g} %"


def _described(
    held_out: HeldOut,
    wishes: Wishes,
    publish: float,
    reject: float,
    rejects: float | None,
    remarks: tuple[str, ...],
) -> Chosen:
    low, high = (int(np.searchsorted(held_out.cuts, cut)) for cut in (publish, reject))
    missed = int(held_out.abusive_below[low])
    wrong = held_out.harmless - int(held_out.harmless_below[high])
    workload = None if wishes.workload is None else wishes.workload / wishes.per_shift
    return Chosen(
        publish=publish,
        reject=reject,
        missed=_share(missed, held_out.abusive, wishes.confidence, wishes.miss_at_most),
        false_rejects=_share(wrong, held_out.harmless, wishes.confidence, rejects),
        reading=_reading(held_out, low, wishes.confidence, wishes.abuse_share, workload),
        abuse_share=wishes.abuse_share or held_out.abusive / max(held_out.size, 1),
        remarks=remarks,
    )


def _share(found: int, size: int, confidence: float, promised: float | None) -> Share:
    return Share(found / max(size, 1), *two_sided(found, size, confidence), promised, found)


def _reading(
    held_out: HeldOut,
    index: int,
    confidence: float,
    abuse_share: float | None,
    promised: float | None = None,
) -> Share:
    abusive = held_out.abusive - int(held_out.abusive_below[index])
    harmless = held_out.harmless - int(held_out.harmless_below[index])
    if abuse_share is None:
        return _share(abusive + harmless, held_out.size, confidence, promised)
    each = (1 + confidence) / 2
    one = _share(abusive, held_out.abusive, each, None)
    other = _share(harmless, held_out.harmless, each, None)

    def mixed(first: float, second: float) -> float:
        return abuse_share * first + (1 - abuse_share) * second

    return Share(
        mixed(one.seen, other.seen),
        mixed(one.low, other.low),
        mixed(one.high, other.high),
        promised,
    )


def _steps(kept: NDArray[np.bool_]) -> int:
    """Return how many tests of a sequence pass before the first that fails."""
    failed = np.flatnonzero(~kept)
    return int(failed[0]) if failed.size else len(kept)


def _on_grid(held_out: HeldOut, cut: float) -> float:
    """Return the first cut from `cut` on: a higher one rejects fewer."""
    index = min(int(np.searchsorted(held_out.cuts, cut)), len(held_out.cuts) - 1)
    return float(held_out.cuts[index])


def _refusal(
    found: int, size: int, kind: str, place: str, at_most: float, confidence: float
) -> PromiseError:
    allowed = percent(float(upper_bound(found, size, confidence)))
    least = f"at least {needed(at_most, confidence):,} are needed for "
    least += f"{percent(at_most)} at {percent(confidence)}"
    if found == 0:
        return PromiseError(f"0 of {size:,} {kind} any cut still allows {allowed}; {least}")
    return PromiseError(
        f"{found:,} of {size:,} {kind} {place} allows {allowed}; {least} if none is there, "
        f"{needed(at_most, confidence, found):,} if {found:,} are"
    )


def _conflict(held_out: HeldOut, wishes: Wishes, lowest: float, highest: float) -> str:
    assert wishes.workload is not None  # noqa: S101 -- both were asked for
    assert wishes.miss_at_most is not None  # noqa: S101
    at_highest, at_lowest = (int(np.searchsorted(held_out.cuts, cut)) for cut in (highest, lowest))
    load = wishes.per_shift * float(
        reading_bound(held_out, wishes.confidence, wishes.abuse_share)[at_highest]
    )
    missed = float(
        upper_bound(held_out.abusive_below[at_lowest], held_out.abusive, wishes.confidence)
    )
    return (
        f"{percent(wishes.miss_at_most)} misses and {wishes.workload:g} comments a shift, not "
        f"both: the misses need a publish cut of at most {highest:.3f}, where up to "
        f"{math.ceil(load):,} of {wishes.per_shift:,} are to be read "
        f"({math.ceil(load - wishes.workload):,} too many); the workload needs a cut of at least "
        f"{lowest:.3f}, where up to {percent(missed)} are missed "
        f"({100 * (missed - wishes.miss_at_most):.3g} points too many)"
    )


def _counts(values: Any) -> Counts:
    counts = np.array(values)
    if counts.dtype.kind not in "iu":
        raise ValueError("counts must be whole numbers")
    return counts.astype(np.int64)

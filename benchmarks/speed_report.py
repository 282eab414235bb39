"""Rows of the table of speed: what was measured, what it is held to, how it is shown and stored."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from speed_noise import relative_iqr, relative_range

NOT_RUN = "not run"
#: Largest growth of the cost per character, from the middle size to the largest, that is linear.
LINEAR = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its peer, with one value per repeat.

    Attributes
    ----------
    what
        What was measured.
    unit
        Unit of `ours` and `peer`.
    least, aim
        What is asked of the judged figure: the ratio where there is a peer, else `ours`.
    peer_name
        The peer; empty: none.
    ours, peer, ratio
        One value per repeat; empty: not run. The ratio says how many times better ours is.
    smaller_is_better
        Whether the judged figure should be at most, not at least, what is asked.
    condition
        Whether what the row asks besides is so.
    note
        What else to know.
    """

    what: str
    unit: str
    least: float
    aim: float
    ours: Sequence[float] = ()
    peer_name: str = ""
    peer: Sequence[float] = ()
    ratio: Sequence[float] = ()
    smaller_is_better: bool = False
    condition: bool = True
    note: str = ""

    @property
    def judged(self) -> Sequence[float]:
        """The values that are held to what is asked."""
        return self.ratio if self.peer_name else self.ours

    @property
    def met(self) -> Literal["aim", "at least", "no", "not run"]:
        """How much of what is asked was reached."""
        if not self.judged:
            return "not run"
        figure = statistics.median(self.judged)
        sign = -1 if self.smaller_is_better else 1
        if not self.condition or sign * figure < sign * self.least:
            return "no"
        return "aim" if sign * figure >= sign * self.aim else "at least"


def summary(values: Sequence[float]) -> dict[str, Any] | None:
    """Return what is stored of the repeats of a figure."""
    if not values:
        return None
    return {
        "median": rounded(statistics.median(values)),
        "min": rounded(min(values)),
        "max": rounded(max(values)),
        "spread": round(relative_range(values), 3),
        "interquartile": round(relative_iqr(values), 3),
        "repeats": len(values),
    }


def rounded(value: float) -> float:
    """Return `value` with four figures: more would be noise."""
    return float(f"{value:.4g}")


def stored(row: Row) -> dict[str, Any]:
    """Return what is stored of a row."""
    return {
        "what": row.what,
        "unit": row.unit,
        "ours": summary(row.ours),
        "peer": row.peer_name or None,
        "peer_figures": summary(row.peer),
        "ratio": summary(row.ratio),
        "at_least": row.least,
        "aim": row.aim,
        "smaller_is_better": row.smaller_is_better,
        "met": row.met,
        "note": row.note,
    }


def table(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the table."""
    head = ("what", "ours", "peer", "ratio (min–max)", "at least", "aim", "met?")
    cells = [
        (
            row.what,
            shown(row.ours, row.unit),
            f"{row.peer_name} {shown(row.peer, row.unit)}" if row.peer_name else "–",
            shown(row.ratio, "x") if row.peer_name else "–",
            asked(row, row.least),
            asked(row, row.aim),
            row.met,
        )
        for row in rows
    ]
    lines = columns([head, *cells])
    notes = [
        f"  {row.what}{' beside ' + row.peer_name if row.peer_name else ''}: {row.note}"
        for row in rows
        if row.note
    ]
    return [*lines, *notes]


def readme_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the table of a stored result as it stands in the README."""
    lines = ["| what | ours | peer | ratio | at least | aim |", "|---|---|---|---|---|---|"]
    for row in result["rows"]:
        if row["ours"] is None:
            continue
        unit, peer = row["unit"], row["peer_figures"]
        sign = "≤" if row["smaller_is_better"] else "≥"
        held = "x" if peer else unit
        cells = (
            row["what"],
            f"{number(row['ours']['median'])}{unit}",
            f"{row['peer']} {number(peer['median'])}{unit}" if peer else "–",
            f"{number(row['ratio']['median'])}x" if peer else "–",
            f"{sign} {number(row['at_least'])}{held}",
            f"{sign} {number(row['aim'])}{held}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def shown(values: Sequence[float], unit: str) -> str:
    """Return median and extremes."""
    if not values:
        return NOT_RUN
    middle, low, high = (
        number(one) for one in (statistics.median(values), min(values), max(values))
    )
    return f"{middle}{unit}" if len(values) == 1 else f"{middle}{unit} ({low}–{high})"


def asked(row: Row, value: float) -> str:
    """Return what is asked of a row."""
    unit = "x" if row.peer_name else row.unit
    return f"{'≤' if row.smaller_is_better else '≥'} {number(value)}{unit}"


def number(value: float) -> str:
    """Return a number with three figures, whole ones from 100 on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def columns(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return lines in which each column is as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def growth(costs: Sequence[float | None]) -> float:
    """Return how many times more a character costs at the largest size than at the middle one.

    Infinite where the largest could not be run in time.
    """
    middle, largest = costs[len(costs) // 2], costs[-1]
    return math.inf if largest is None or not middle else largest / middle


def growth_table(
    sizes: Sequence[int], kinds: Mapping[str, Mapping[str, Sequence[float | None]]]
) -> list[str]:
    """Return what a comment costs by size, kind and function: µs per 1,000 characters."""
    head = (
        "comment of",
        "function",
        *(f"{size:,}" for size in sizes),
        f"{sizes[-1]:,} : {sizes[len(sizes) // 2]:,}",
        "",
    )
    lines = []
    for kind, functions in kinds.items():
        for function, costs in functions.items():
            ratio = growth(costs)
            lines.append(
                (
                    kind,
                    function,
                    *(NOT_RUN if cost is None else number(cost) for cost in costs),
                    f"{ratio:.2f}x",
                    "linear" if ratio <= LINEAR else "NOT LINEAR",
                )
            )
    return columns([head, *lines])


def file_table(files: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what a file costs by its length, net of the start of the program."""
    head = ("comments", "seconds", "/s", "/s net of start", "µs per 1,000 characters", "peak MB")
    return columns(
        [
            head,
            *(
                (
                    f"{one['comments']:,}",
                    *(
                        number(one[key]) if one[key] is not None else one["note"]
                        for key in ("seconds", "rate", "net_rate", "net_cost", "peak_mb")
                    ),
                )
                for one in files
            ),
        ]
    )

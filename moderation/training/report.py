"""The report of an evaluation: one HTML file with numbers, curves and plain words, no comments."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from moderation.text import printable
from moderation.training.evaluation import wilson_interval

_TEMPLATE = Path(__file__).with_name("report_template.html")

#: Head → what its positive and its negative comments are called in a sentence.
_CALLED = {
    "abusive": ("abusive", "harmless"),
    "rejected": ("rejected", "accepted"),
    "insult": ("insulting", "other"),
    "group_abuse": ("group-abusing", "other"),
    "indecency": ("indecent", "other"),
}
#: Cut → what happens to the comments from it on.
_DONE = {"review": "flagged", "reject": "recommended for rejection"}
#: Key, title, and whether an interval ``_95`` stands beside it.
METRICS = (
    ("roc_auc", "ROC-AUC", True),
    ("average_precision", "average precision", True),
    ("accuracy", "accuracy at 0.5", True),
    ("macro_f1", "macro-F1 at 0.5", True),
    ("official_macro_f1", "official macro-F1 at 0.5", True),
    ("brier", "Brier score", True),
    ("expected_calibration_error", "calibration error", False),
    (
        "expected_calibration_error_by_chance",
        "… of faultless scores, by chance",
        True,
    ),
)
#: Key and title of what is told per cut.
RATES = (
    ("precision", "precision"),
    ("recall", "recall"),
    ("f1", "F1"),
    ("false_positive_rate", "false alarms"),
    ("flagged", "to be read"),
)
#: Pixels that "review ≥ 0.64" needs, and some air.
_LABEL_WIDTH = 100
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def called(head: str) -> tuple[str, str]:
    """Return the adjectives for the positive and the negative comments of a head."""
    return _CALLED.get(head, (f"“{printable(head)}”", "other"))


def percent(share: float) -> str:
    """Return a share in per cent, with a decimal only where it says something."""
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 9.95 or 99 < value < 100 else f"{value:.0f} %"


def number_of(value: float | None) -> str:
    """Return a metric with three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def interval_of(record: dict[str, Any], key: str) -> str:
    """Return the interval beside a metric, or nothing."""
    bounds = record.get(f"{key}_95")
    return f"{bounds[0]:.3f}–{bounds[1]:.3f}" if bounds else ""


def weighed_share(evaluation: dict[str, Any], abuse_share: float | None) -> float:
    """Return the share of positives that workload and precision refer to."""
    return float(evaluation["positive"]) if abuse_share is None else abuse_share


def plain_words(evaluation: dict[str, Any], abuse_share: float | None, per_shift: int) -> list[str]:
    """Return what the cuts do, in sentences for people who do not read tables.

    Parameters
    ----------
    evaluation
        One of the record's ``evaluations``.
    abuse_share
        The share of positives that was stated; None: as in the data.
    per_shift
        Comments in a shift.

    Returns
    -------
    list of str
        One paragraph per cut. The numbers of a paragraph add up.
    """
    positive, negative = called(evaluation["head"])
    abusive = round(per_shift * weighed_share(evaluation, abuse_share))
    paragraphs = []
    for name, cut in evaluation["cuts"].items():
        caught = round(abusive * cut["recall"])
        alarms = round((per_shift - abusive) * cut["false_positive_rate"])
        done = _DONE.get(name, "flagged")
        paragraphs.append(
            f"With the {name} cut at {cut['cut']:.2f}: of 100 {positive} comments, "
            f"{100 * cut['recall']:.0f} are {done}; of 100 {negative} ones, "
            f"{100 * cut['false_positive_rate']:.0f}. In a shift of {_counted(per_shift)}, "
            f"{abusive:,} of them {positive}, that makes {caught + alarms:,} to read: "
            f"{caught:,} {positive} and {alarms:,} {negative}; "
            f"{abusive - caught:,} {positive} ones slip through."
        )
    return paragraphs


def html_report(record: dict[str, Any]) -> str:
    """Return the report of an evaluation as one HTML page that needs nothing but itself.

    Parameters
    ----------
    record
        ``model``, ``digest``, ``main`` (head), ``abuse_share`` (or None), ``per_shift`` and
        ``evaluations``: each what :func:`moderation.training.evaluation.full_evaluation` returns,
        and ``head``, ``data``, ``rows`` and ``remarks``.

    Returns
    -------
    str
        HTML without scripts, addresses and comments; the same for the same record.
    """
    evaluations = record["evaluations"]
    names = list(dict.fromkeys(one["data"] for one in evaluations))
    title = f"How good is {record['model']}?"
    share = record["abuse_share"]
    remarks = (
        "Workload, precision, F1 and average precision at the cuts are as in the data. Corpora are "
        "often balanced; where abuse is rarer, precision is lower and there is less to read "
        "(--abuse-share)."
        if share is None
        else f"Workload, precision and F1 are re-weighted to {percent(share)} positive comments, "
        "as stated with --abuse-share; the metrics in the first table and the calibration are as "
        "in the data."
    )
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=_escaped(title),
        about=_escaped(
            f"Model {record['model']}, digest {record['digest'][:16] or 'none'}. "
            f"Evaluated on {', '.join(names)}."
        ),
        remarks=f"<p>{_escaped(remarks)}</p>",
        overview=_overview(evaluations) if len(evaluations) > 1 else "",
        evaluations="\n".join(
            _section(index, one, record) for index, one in enumerate(evaluations, start=1)
        ),
        main=_escaped(record["main"]),
    )


def _overview(evaluations: Sequence[dict[str, Any]]) -> str:
    rows = [
        [
            f'<a href="#evaluation-{index}">{_escaped(one["head"])}</a>',
            _escaped(one["data"]),
            f"{one['n']:,}",
            percent(one["positive"]),
            *(
                f"{number_of(one[key])} {_interval(one, key)}"
                for key in ("roc_auc", "official_macro_f1")
            ),
            *(percent(cut["recall"]) for cut in one["cuts"].values()),
        ]
        for index, one in enumerate(evaluations, start=1)
    ]
    cuts = [f"{name} catches" for name in evaluations[0]["cuts"]]
    header = ["score", "data", "comments", "positive", "ROC-AUC", "official macro-F1", *cuts]
    return f"<section>\n<h2>Overview</h2>\n{_table(header, rows)}\n</section>"


def _section(index: int, one: dict[str, Any], record: dict[str, Any]) -> str:
    share, per_shift = record["abuse_share"], record["per_shift"]
    about = (
        f"{_counted(one['n'])} ({one['rows']}), {percent(one['positive'])} of them "
        f"{called(one['head'])[0]}."
    )
    remarks = list(one["remarks"])
    if one["head"] != record["main"]:
        remarks.append(
            f"The model's cuts are made for the score “{record['main']}” and decide by it; here "
            f"they are applied to “{one['head']}” for comparison."
        )
    if share is None:
        remarks.append("The shift is imagined with the data's own share of them.")
    parts = [
        f'<section id="evaluation-{index}">',
        f"<h2>{_escaped(one['head'])} on {_escaped(one['data'])}</h2>",
        f'<p class="about">{_escaped(" ".join([about, *map(_sentence, remarks)]))}</p>',
        '<div class="plain">',
        *(f"<p>{_escaped(words)}</p>" for words in plain_words(one, share, per_shift)),
        "</div>",
        '<div class="charts">',
        _workload_figure(one, share, per_shift),
        _precision_recall_figure(one, share),
        _reliability_figure(one),
        "</div>",
        '<div class="tables">',
        f"<div><h3>Metrics</h3>{_metrics_table(one)}</div>",
        f"<div><h3>Reliability</h3>{_reliability_table(one)}</div>",
        "</div>",
        f"<h3>At the model's cuts</h3>{_cuts_table(one, share)}",
        '<div class="tables">',
        f"<div><h3>Confusion</h3>{_confusion_table(one)}</div>",
        f"<div><h3>How much reading catches how much</h3>{_reading_table(one, per_shift)}</div>",
        "</div>",
        "</section>",
    ]
    return "\n".join(parts)


def _metrics_table(one: dict[str, Any]) -> str:
    rows = [
        [_escaped(title), number_of(one[key]), _interval(one, key) if interval else ""]
        for key, title, interval in METRICS
    ]
    if "average_precision_at_abuse_share" in one:
        value = number_of(one["average_precision_at_abuse_share"])
        rows.insert(2, ["… at the stated share of positives", value, ""])
    caption = "Brier score and calibration error: lower is better. Official: as in GermEval."
    return _table(["as in the data", "value", "95 %"], rows, caption)


def _cuts_table(one: dict[str, Any], share: float | None) -> str:
    rows = [
        [
            f"{_escaped(name)} ≥ {cut['cut']:.2f}",
            *(f"{number_of(cut[key])} {_interval(cut, key)}" for key, _ in RATES),
        ]
        for name, cut in one["cuts"].items()
    ]
    caption = f"{percent(weighed_share(one, share))} of comments {called(one['head'])[0]}"
    return _table(["cut", *(title for _, title in RATES)], rows, caption)


def _confusion_table(one: dict[str, Any]) -> str:
    positive, negative = called(one["head"])
    rows = []
    for name, cut in one["cuts"].items():
        for side, flagged, not_flagged in (
            (positive, "true_positive", "false_negative"),
            (negative, "false_positive", "true_negative"),
        ):
            label = f"{name} ≥ {cut['cut']:.2f}: {side}"
            rows.append([_escaped(label), f"{cut[flagged]:,}", f"{cut[not_flagged]:,}"])
    return _table(["comments, as in the data", "flagged", "not flagged"], rows)


def _reading_table(one: dict[str, Any], per_shift: int) -> str:
    rows = [
        [
            f"{percent(row['caught'])} of {_escaped(called(one['head'])[0])} ones",
            percent(row["read"]),
            f"{round(per_shift * row['read']):,}",
            f"{row['cut']:.3f}",
        ]
        for row in one["reading_needed"]
    ]
    return _table(["to catch", "read", f"of {per_shift:,}", "from score"], rows)


def _reliability_table(one: dict[str, Any]) -> str:
    rows = []
    for row in one["reliability"]:
        low, high = wilson_interval(row["gold"], row["n"])
        found = (
            f'{percent(row["gold"])} <span class="interval">{percent(low)}–{percent(high)}</span>'
        )
        rows.append([f"{row['score']:.3f}", f"{row['n']:,}", found])
    return _table(["mean score", "comments", called(one["head"])[0]], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Return a table; the header and the caption are text, the cells are HTML."""
    head = "".join(f'<th scope="col">{_escaped(cell)}</th>' for cell in header)
    body = "\n".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    above = f"<caption>{_escaped(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{above}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _interval(record: dict[str, Any], key: str) -> str:
    return f'<span class="interval">{interval_of(record, key)}</span>'


def _counted(comments: int) -> str:
    return f"{comments:,} comment{'' if comments == 1 else 's'}"


def _sentence(remark: str) -> str:
    return f"{remark[:1].upper()}{remark[1:].rstrip('.')}."


def _escaped(text: str) -> str:
    return html.escape(printable(text))


# The charts: SVG written by hand, so that they need no script and stay sharp in print.


@dataclass(frozen=True, slots=True)
class _Plot:
    """A square of shares on paper, in pixels: 0 to 1 on both axes."""

    width: float
    height: float
    left: float = 68
    right: float = 24
    top: float = 14
    bottom: float = 48

    def x(self, share: float) -> float:
        return self.left + share * (self.width - self.left - self.right)

    def y(self, share: float) -> float:
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def at(self, across: float, up: float) -> str:
        return f"{self.x(across):.1f},{self.y(up):.1f}"


def _workload_figure(one: dict[str, Any], share: float | None, per_shift: int) -> str:
    positive = called(one["head"])[0]
    plot = _Plot(960, 400, right=74, bottom=66)
    points = [(point["read"], point["missed"]) for point in one["curves"]["workload"]]
    abusive = round(per_shift * weighed_share(one, share))
    drawn = _axes(
        plot,
        "share of comments that must be read, highest scores first",
        f"{positive} comments that slip through",
        shown=f"comments to read in a shift of {per_shift:,}",
        counts=per_shift,
    )
    drawn += [
        _text(plot.width - plot.right + 8, plot.y(tick) + 4, f"{round(abusive * tick):,}")
        for tick in _TICKS
    ]
    drawn.append(_turned(plot.width - 8, plot.y(0.5), f"of {abusive:,} {positive} ones in a shift"))
    drawn += [_line(plot, [(0, 1), (1, 0)], "chance"), _line(plot, points, "curve")]
    for name, cut in one["cuts"].items():
        read, missed = cut["flagged"], 1 - cut["recall"]
        words = f"{name} ≥ {cut['cut']:.2f}: read {percent(read)}, {percent(missed)} slip through"
        drawn.append(_marker(plot, name, read, missed, words, above=True))
    return _figure(
        plot,
        "Workload: what must be read against what slips through",
        drawn,
        "Every point of the curve is a cut. Dashed: reading in random order.",
    )


def _precision_recall_figure(one: dict[str, Any], share: float | None) -> str:
    plot = _Plot(470, 380)
    points = [(point["recall"], point["precision"]) for point in one["curves"]["precision_recall"]]
    own = weighed_share(one, share)
    drawn = _axes(plot, "recall: share of them that is flagged", "precision: share that is right")
    drawn += [_line(plot, [(0, own), (1, own)], "chance"), _line(plot, points, "curve")]
    drawn += [
        _marker(plot, name, cut["recall"], cut["precision"], f"{name} ≥ {cut['cut']:.2f}")
        for name, cut in one["cuts"].items()
        if cut["precision"] is not None
    ]
    return _figure(
        plot,
        "Precision and recall",
        drawn,
        f"Dashed: flagging at random, with {percent(own)} {called(one['head'])[0]} comments.",
    )


def _reliability_figure(one: dict[str, Any]) -> str:
    plot = _Plot(470, 380)
    positive = called(one["head"])[0]
    drawn = _axes(plot, "score: what the model promises", f"share that is {positive}")
    drawn.append(_line(plot, [(0, 0), (1, 1)], "chance"))
    taken = -1.0  # where the last cut was: the name of a near one stands higher
    for name, cut in one["cuts"].items():
        at = cut["cut"]
        drawn.append(_line(plot, [(at, 0), (at, 1)], "lead"))
        side, shift = ("start", 5) if at < 0.15 else ("end", -5)
        height = 0.03 if abs(at - taken) > 0.17 else 0.09
        drawn.append(_text(plot.x(at) + shift, plot.y(height), name, side, "cut"))
        taken = at
    for row in one["reliability"]:
        low, high = wilson_interval(row["gold"], row["n"])
        drawn.append(_line(plot, [(row["score"], low), (row["score"], high)], "spread"))
    drawn.append(_line(plot, [(row["score"], row["gold"]) for row in one["reliability"]], "curve"))
    for row in one["reliability"]:
        words = f"{_counted(row['n'])}: score {row['score']:.2f}, {percent(row['gold'])} {positive}"
        drawn.append(
            f'<circle class="dot" cx="{plot.x(row["score"]):.1f}" cy="{plot.y(row["gold"]):.1f}" '
            f'r="4"><title>{_escaped(words)}</title></circle>'
        )
    return _figure(
        plot,
        "Calibration",
        drawn,
        "As in the data. Dashed: promises that are kept. Bars: 95 % intervals.",
    )


def _figure(plot: _Plot, title: str, drawn: Sequence[str], caption: str) -> str:
    return (
        f"<figure><h3>{_escaped(title)}</h3>\n"
        f'<div class="scroll"><svg viewBox="0 0 {plot.width:.0f} {plot.height:.0f}" role="img" '
        f'aria-label="{_escaped(title)}">\n' + "\n".join(drawn) + "\n</svg></div>\n"
        f"<figcaption>{_escaped(caption)}</figcaption></figure>"
    )


def _axes(
    plot: _Plot, across: str, up: str, *, shown: str = "", counts: int | None = None
) -> list[str]:
    """Return grid, ticks and names of both axes; with `counts`, numbers below the shares."""
    drawn = []
    for tick in _TICKS:
        kind = "axis" if tick == 0 else "grid"
        drawn += [
            _line(plot, [(0, tick), (1, tick)], kind),
            _line(plot, [(tick, 0), (tick, 1)], kind),
        ]
        drawn.append(_text(plot.x(tick), plot.y(0) + 17, f"{100 * tick:.0f} %", "middle"))
        drawn.append(_text(plot.left - 8, plot.y(tick) + 4, f"{100 * tick:.0f} %", "end"))
        if counts is not None:
            drawn.append(_text(plot.x(tick), plot.y(0) + 32, f"{round(counts * tick):,}", "middle"))
    name = f"{across} (below: {shown})" if shown else across
    drawn.append(_text(plot.x(0.5), plot.height - 10, name, "middle", "name"))
    drawn.append(_turned(14, plot.y(0.5), up))
    return drawn


def _line(plot: _Plot, points: Sequence[tuple[float, float]], kind: str) -> str:
    return f'<polyline class="{kind}" points="{" ".join(plot.at(*point) for point in points)}"/>'


def _text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_escaped(words)}</text>'


def _turned(x: float, y: float, words: str) -> str:
    return (
        f'<text class="name" transform="translate({x:.1f} {y:.1f}) rotate(-90)" '
        f'text-anchor="middle">{_escaped(words)}</text>'
    )


def _marker(
    plot: _Plot, name: str, across: float, up: float, words: str, *, above: bool = False
) -> str:
    """Return a dot with its words on the side where the curve is not."""
    x, y = plot.x(across), plot.y(up)
    kind = "reject" if name == "reject" else "review"
    if above:  # the curve falls: to its upper right there is nothing
        beside, lift, anchor = (x + 11, -8, "start") if across < 0.6 else (x - 2, -14, "end")
    elif x - plot.left > _LABEL_WIDTH:  # to its lower left there is nothing
        beside, lift, anchor = x - 6, 20, "end"
    else:
        beside, lift, anchor = plot.left + 6, 24, "start"
    return (
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="6.5"><title>{_escaped(words)}</title>'
        f"</circle>{_text(beside, y + lift, words, anchor, 'cut')}"
    )

"""``moderation evaluate``: a model and labelled comments in, every metric and a report out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from moderation.cli.app import (
    AsJson,
    DataFolder,
    LabelColumn,
    Positive,
    TextColumn,
    app,
)
from moderation.cli.measuring import probabilities
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import CorpusError, UnreadableInputError, UsageError
from moderation.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from moderation.model.classifier import Classifier
    from moderation.training.corpora import Corpus

#: With fewer comments of one kind, resampling them tells too little of what others would show.
_FEW = 50
_OWN_HOUSE = (
    "the model has learned from comments of a house; where they are among these, the numbers are "
    "too good"
)


@dataclass(frozen=True, slots=True)
class _GoldSet:
    """Labelled comments of one corpus or file.

    Attributes
    ----------
    name
        What to call it in the report.
    rows
        Which rows these are: ``all rows`` or ``test part``.
    remarks
        What the reader of the numbers must know.
    frame
        Column ``text``, and one per head with 1.0, 0.0 or NaN; every text once.
    heads
        The heads to evaluate: each has gold of both kinds.
    """

    name: str
    rows: str
    remarks: tuple[str, ...]
    frame: pd.DataFrame
    heads: tuple[str, ...]


@app.command(no_args_is_help=True)
def evaluate(
    model: Annotated[str, typer.Argument(help="Name or folder of a model.", show_default=False)],
    data: Annotated[
        list[str],
        typer.Argument(
            help="Ids of public corpora, or your own labelled CSV or JSON Lines.",
            metavar="DATA...",
            show_default=False,
        ),
    ],
    head: Annotated[
        str | None,
        typer.Option(
            help="The score to evaluate. Default: the main one; of corpora all that have labels.",
            show_default=False,
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a report to this file.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    abuse_share: Annotated[
        str | None,
        typer.Option(
            help="Re-weight workload and precision to this share, e.g. 10%. Default: as in DATA.",
            show_default=False,
        ),
    ] = None,
    per_shift: Annotated[
        int, typer.Option(help="Comments in a shift, for the workload.", min=1)
    ] = 400,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    positive: Positive = None,
    folder: DataFolder = None,
) -> None:
    """Measure a model on labelled comments: every metric, with intervals, and a report.

    Of a corpus the model has learned from, only the held-out part is used; of a file, every row.
    The report is one HTML file that needs no network; no comment is quoted in it.

    Example: moderation evaluate news rp-crowd-3 --abuse-share 10% --html report.html
    """
    messages = Messages()
    share = None if abuse_share is None else _share(abuse_share)
    if html is not None and str(html) == "-":
        raise UsageError("--html -: name a file; standard output is for the numbers")
    # scikit-learn and pandas take over a second to import: not for scoring.
    from moderation.model.persistence import SETTINGS, checked_json, load, model_folder
    from moderation.training.corpora import CORPORA
    from moderation.training.evaluation import full_evaluation
    from moderation.training.house import HouseColumns

    place = model_folder(model)
    classifier = load(place)
    if head is not None and head not in classifier.heads:
        raise UsageError(
            f"--head {head}: {model} has no such score; it has {', '.join(classifier.heads)}"
        )
    settings = checked_json(place, SETTINGS)
    known = {corpus.id: corpus for corpus in CORPORA}
    columns = HouseColumns(text_column, label_column, positive)
    files = [name for name in data if name not in known]
    evaluations: list[dict[str, Any]] = []
    cuts = {"review": classifier.thresholds.review, "reject": classifier.thresholds.reject}
    for name in dict.fromkeys(data):
        if name in known:
            gold = _corpus_set(known[name], folder, classifier, head, settings)
        else:
            gold = _file_set(
                name, files, columns, head or classifier.main, settings, messages, list(known)
            )
        for remark in (f"{gold.rows}, {len(gold.frame):,} comments", *gold.remarks):
            messages.remark(f"{gold.name}: {remark}")
        scores = probabilities(classifier, gold.frame["text"].tolist(), messages)
        for one in gold.heads:
            labelled = gold.frame[one].notna().to_numpy()
            remarks = list(gold.remarks)
            fewest = int(gold.frame[one].value_counts().min())
            if fewest < _FEW:
                few = f"only {fewest:,} comments of one kind: intervals are narrower than the truth"
                messages.remark(f"{gold.name}: {one}: {few}")
                remarks.append(few)
            evaluations.append(
                {
                    "head": one,
                    "data": gold.name,
                    "rows": gold.rows,
                    "remarks": remarks,
                    **full_evaluation(
                        gold.frame[one].to_numpy()[labelled],
                        scores[labelled, classifier.heads.index(one)],
                        cuts,
                        share,
                    ),
                }
            )
    record = {
        "model": classifier.name,
        "digest": classifier.digest,
        "main": classifier.main,
        "abuse_share": share,
        "per_shift": per_shift,
        "evaluations": evaluations,
    }
    if html is not None:
        from moderation.training.report import html_report

        with output_stream(html, [*files, str(place)], option="--html") as stream:
            stream.write(html_report(record))
        messages.remark(f"report: {html}")
    with output_stream(None) as stream:
        if as_json or not sys.stdout.isatty():
            stream.write(json_line(record))
        else:
            _draw(record, stream)


def _share(given: str) -> float:
    """Return a share given as ``10%``, ``10 %``, ``0.1`` or ``0,1``."""
    number = given.strip().replace(",", ".")
    try:
        share = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise UsageError(
            f"--abuse-share {given}: not a share between 0 and 1; say for example 10% or 0.1"
        )
    return share


def _corpus_set(
    corpus: Corpus,
    folder: Path | None,
    classifier: Classifier,
    head: str | None,
    settings: Mapping[str, Any],
) -> _GoldSet:
    from moderation.training.corpora import locate
    from moderation.training.frames import read_corpus

    frame = read_corpus(corpus, locate(corpus, folder))
    learned = corpus.id in {one["id"] for one in settings.get("corpora", ())}
    rows, remarks = "all rows", []
    if learned and (frame["part"] == "test").any():
        rows, frame = "test part", frame[frame["part"] == "test"]
    elif learned:
        remarks.append(
            "the model has learned from these comments, and there is no test part: "
            "the numbers are too good"
        )
    frame, repeated = _each_once(frame)
    gold = [one for one in classifier.heads if one in frame and _both(frame[one])]
    if head is not None and head not in gold:
        raise UsageError(
            f"{corpus.id}: no labels of both kinds for --head {head}; it has them for "
            f"{', '.join(gold) or 'no score of this model'}"
        )
    if not gold:
        raise CorpusError(
            f"{corpus.id}: no labels for any score of this model "
            f"({', '.join(classifier.heads)}); choose another corpus"
        )
    return _GoldSet(
        corpus.id, rows, (*remarks, *repeated), frame, tuple(gold if head is None else [head])
    )


def _file_set(
    name: str,
    files: list[str],
    columns: Any,
    head: str,
    settings: Mapping[str, Any],
    messages: Messages,
    known: list[str],
) -> _GoldSet:
    from moderation.training.frames import HEADS
    from moderation.training.house import read_house

    if name != "-" and not Path(name).exists():
        raise UnreadableInputError(
            f"{name}: no such file, and no corpus either; the corpora are {', '.join(known)}"
        )
    # The frame has columns for the usual heads only; a model may have others.
    column = head if head in HEADS else HEADS[0]
    frame = read_house([name], columns, column, messages.remark)
    frame, remarks = _each_once(frame.rename(columns={column: head}))
    if frame.empty:
        raise UnreadableInputError(f"{name}: no comment with words; check --text-column")
    if not _both(frame[head]):
        what = "abusive" if frame[head].iloc[0] else "harmless"
        raise UnreadableInputError(
            f"{name}: all {len(frame):,} comments are labelled {what}; a model is measured on "
            "both kinds (--label-column, --positive)"
        )
    if settings.get("own_rows", {}).get("house"):
        remarks += (_OWN_HOUSE,)
    # The folder of a file is nobody's business who reads the report, unless it tells two apart.
    short = Path(name).name or name
    alone = [Path(file).name for file in files].count(short) == 1
    return _GoldSet(short if alone else name, "all rows", remarks, frame, (head,))


def _each_once(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the first row of every text, and remarks on what was left out."""
    from moderation.training.frames import text_key

    keys = frame["text"].map(text_key)
    wordless = keys == ""
    repeated = keys.duplicated() & ~wordless
    remarks = []
    if count := int(repeated.sum()):
        remarks.append(f"repeated texts count once ({count:,} left out)")
    if count := int(wordless.sum()):
        remarks.append(f"comments without a word are left out ({count:,})")
    return frame[~(wordless | repeated)].reset_index(drop=True), tuple(remarks)


def _both(labels: pd.Series[float]) -> bool:
    return set(labels.dropna()) == {0.0, 1.0}


def _draw(record: Mapping[str, Any], stream: TextIO) -> None:
    """Draw the numbers for a terminal."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    from moderation.training import report

    console = Console(file=stream, highlight=False)
    share = record["abuse_share"]
    for one in record["evaluations"]:
        console.print(
            Rule(Text(printable(f"{one['head']} on {one['data']}"), style="bold"), align="left")
        )
        about = f"{one['n']:,} comments ({one['rows']}), {report.percent(one['positive'])} "
        console.print(Text(about + report.called(one["head"])[0], style="dim"))
        metrics = Table(box=None, show_header=False, padding=(0, 2))
        metrics.add_column(justify="left")
        metrics.add_column(justify="right", style="bold")
        metrics.add_column(style="dim")
        for key, title, _ in report.METRICS:
            metrics.add_row(title, report.number_of(one[key]), report.interval_of(one, key))
        console.print(Padding(metrics, (1, 0)))
        weighed = report.percent(report.weighed_share(one, share))
        console.print(Text(f"if {weighed} are {report.called(one['head'])[0]}:", style="dim"))
        table = Table(box=None, header_style="dim", padding=(0, 2))
        table.add_column("")
        for name, cut in one["cuts"].items():
            table.add_column(name, justify="right", style="bold")
            table.add_column(f"≥ {cut['cut']:.3f}", style="dim")
        for key, title in report.RATES:
            cells = []
            for cut in one["cuts"].values():
                cells += [report.number_of(cut[key]), report.interval_of(cut, key)]
            table.add_row(title, *cells)
        console.print(table)
        for words in report.plain_words(one, share, record["per_shift"]):
            console.print(Padding(Text(words), (1, 2, 0, 2)))
        console.print()

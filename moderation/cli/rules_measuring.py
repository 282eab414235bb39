"""``moderation rules analyse`` and ``lint``: how good labelling functions and lexicons are."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from moderation.cli.app import AsJson, DataFolder, LabelColumn, Positive, TextColumn
from moderation.cli.messages import Messages
from moderation.cli.rules_verbs import rules_app
from moderation.cli.writers import json_line, output_stream
from moderation.errors import CorpusError, UsageError
from moderation.parsing.decoding import decoded_lines
from moderation.parsing.inputs import readable_inputs
from moderation.text import printable

if TYPE_CHECKING:
    import pandas as pd

#: What is measured on when nothing is named.
_DEFAULT_DATA = ["germeval2018", "rp-crowd-3"]
#: Gold labels, in the order in which one is taken: whether people call it abuse comes first.
_GOLD = ("abusive", "group_abuse", "insult", "rejected")
#: Words of the list at most, and letters of those that are too short to hide another.
_MOST_WORDS, _SHORT = 300_000, 3
#: Characters of a comment that is shown as an error.
_SHOWN = 160


class Part(StrEnum):
    """Which rows of a corpus are counted."""

    TRAIN = "train"
    TEST = "test"
    ALL = "all"


@rules_app.command()
def analyse(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Ids of public corpora, or your own labelled tables. "
            f"Default: {' '.join(_DEFAULT_DATA)}.",
            metavar="[DATA...]",
            show_default=False,
        ),
    ] = None,
    part: Annotated[Part, typer.Option(help="Rows of a corpus to count.")] = Part.TRAIN,
    examples: Annotated[
        int, typer.Option(help="Errors to show for each function; they quote comments.", min=0)
    ] = 0,
    entries: Annotated[
        bool, typer.Option("--entries", help="Also each lemma and pattern that was hit.")
    ] = False,
    as_json: AsJson = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    positive: Positive = None,
    folder: DataFolder = None,
) -> None:
    """Measure each labelling function: coverage, precision, recall, overlaps, conflicts, errors.

    The last lines are the functions of insult, group_abuse and indecency together, as they are and
    with lexicons built without the comments that they judge.

    Example: moderation rules analyse rp-crowd-3 --examples 3
    """
    messages = Messages()
    from moderation.training import rule_analysis as analysis

    records: list[dict[str, Any]] = []
    for name in dict.fromkeys(data or _DEFAULT_DATA):
        frame, head = _gold(name, part, folder, (text_column, label_column, positive), messages)
        texts, gold = frame["text"].tolist(), [value > 0 for value in frame[head]]
        votes = []
        for text in texts:
            votes.append(analysis.vote(text))
            messages.count(1, len(votes) / len(texts))
        messages.close()
        measured = analysis.by_function(votes, gold)
        together = (
            analysis.together(votes, gold),
            analysis.cross_validated(votes, gold, list(analysis.folds_of(texts))),
        )
        record: dict[str, Any] = {
            "data": name,
            "gold": head,
            "functions": [one.record() for one in measured],
            "together": [one.record() for one in together],
        }
        if examples:
            record["errors"] = {
                one.name: [
                    {"words": words, "comment": comment}
                    for words, comment in analysis.errors_of(one.name, texts, votes, gold, examples)
                ]
                for one in measured
            }
        if entries:
            record["entries"] = {
                entry: {"hits": hits, "right": right}
                for entry, (hits, right) in sorted(analysis.by_entry(votes, gold).items())
            }
        records.append(record)
    with output_stream(None) as stream:
        if as_json or not sys.stdout.isatty():
            stream.writelines(json_line(record) for record in records)
        else:
            _draw(records, stream)


@rules_app.command()
def lint(
    words: Annotated[
        Path | None,
        typer.Option(
            help="German words, one a line. Default: the 300,000 of the package wordfreq.",
            show_default=False,
        ),
    ] = None,
    text: Annotated[
        list[str] | None,
        typer.Option(
            help="A file with harmless text, a paragraph a line; may be given again.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what has been reviewed and accepted.")
    ] = False,
) -> None:
    """Run every lexicon entry over a word list and harmless text, and compare the entries.

    Prints one JSON object a finding: collateral hits, dead entries, duplicates. Exit code 1 if one
    is new, which is: not among those that people have reviewed (lexicon/reviewed.toml).

    Example: moderation rules lint --text archive-of-our-articles.txt
    """
    messages = Messages()
    from moderation.labelling import linting

    texts = itertools.chain(linting.harmless_texts(), *map(_lines, text or ()))
    found = linting.lint_lexicons(_words(words), texts)
    count = 0
    with output_stream(None) as stream:
        for one in found if everything else linting.unreviewed(found):
            count += one.name not in linting.reviewed()
            stream.write(json_line({**asdict(one), "category": str(one.category)}))
    messages.remark(f"{count} new findings" if count else "nothing new")
    raise typer.Exit(1 if count else 0)


def _lines(path: str | Path) -> Iterator[str]:
    for source in readable_inputs([str(path)]):
        with source.opened() as stream:
            yield from (
                line.strip() for line in decoded_lines(stream, source.name, lambda remark: None)
            )


def _words(path: Path | None) -> Iterable[str]:
    if path is not None:
        return _lines(path)
    try:
        from wordfreq import top_n_list
    except ImportError as error:
        raise UsageError(
            "no list of German words; give one with --words, or pip install 'moderation[lint]'"
        ) from error
    words: list[str] = top_n_list("de", _MOST_WORDS)
    return (word for word in words if word.isalpha() and len(word) > _SHORT)


def _gold(
    name: str,
    part: Part,
    folder: Any,
    columns: tuple[str | None, str | None, str | None],
    messages: Messages,
) -> tuple[pd.DataFrame, str]:
    """Return labelled comments and the name of their gold label."""
    from moderation.training.corpora import CORPORA, locate
    from moderation.training.frames import read_corpus
    from moderation.training.house import HouseColumns, read_house

    corpus = next((one for one in CORPORA if one.id == name), None)
    if corpus is None:
        frame = read_house([name], HouseColumns(*columns), "abusive", messages.remark)
    else:
        frame = read_corpus(corpus, locate(corpus, folder))
        if part is not Part.ALL:
            frame = frame[frame["part"] == part.value]
    for head in _GOLD:
        if head in frame and set(frame[head].dropna()) == {0.0, 1.0}:
            frame = frame[frame[head].notna()]
            messages.remark(f"{name}: {len(frame):,} comments, gold label {head}")
            return frame, head
    raise CorpusError(f"{name}: no gold labels of both kinds; choose other data or --part all")


def _draw(records: list[dict[str, Any]], stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    for record in records:
        table = Table(
            title=f"{record['data']} (gold: {record['gold']})",
            title_justify="left",
            box=None,
            header_style="dim",
            padding=(0, 2, 0, 0),
        )
        table.add_column("function", no_wrap=True)
        for name in ("hits", "precision", "95 %", "recall", "overlaps", "conflicts"):
            table.add_column(name, justify="right")
        for one in record["functions"]:
            table.add_row(*_cells(one), style="dim" if not one["hits"] else "")
        table.add_section()
        for one in record["together"]:
            table.add_row(*_cells(one), style="bold")
        console.print(table)
        for function, errors in record.get("errors", {}).items():
            for error in errors:
                line = Text(f"{function}: ", style="dim")
                line.append(printable(error["words"]), style="red")
                line.append(f"  {printable(error['comment'][:_SHOWN])}")
                console.print(line)
        for entry, counted in record.get("entries", {}).items():
            console.print(
                f"{entry or '(no entry)'}: {counted['right']} of {counted['hits']}", markup=False
            )
        console.print()


def _cells(one: dict[str, Any]) -> list[str]:
    interval = one["precision_interval"]
    return [
        one["name"],
        f"{one['hits']:,}",
        "–" if one["precision"] is None else f"{one['precision']:.3f}",
        "" if interval is None else f"{interval[0]:.2f}–{interval[1]:.2f}",
        "–" if one["recall"] is None else f"{one['recall']:.3f}",
        f"{one['overlaps']:,}",
        f"{one['conflicts']:,}",
    ]

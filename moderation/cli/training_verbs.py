"""``moderation train``: corpora and a house's own labels in, a new model folder out."""

from __future__ import annotations

import platform
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moderation.cli.app import (
    DEFAULT_MODEL,
    DataFolder,
    LabelColumn,
    Positive,
    TextColumn,
    app,
)
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import ModerationError, UsageError
from moderation.text import printable

if TYPE_CHECKING:
    from moderation.model.classifier import Classifier
    from moderation.training.corpora import Corpus
    from moderation.training.gate import Comparison

#: Where new models go when no folder is named: models/trained-1, models/trained-2, …
_SHELF = Path("models")
#: Comments with another recommendation that are shown; ``--flips`` writes all of them.
_SHOWN_FLIPS = 5


@app.command()
def train(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Your own labelled CSV, JSON Lines, Parquet or an export with moderators' "
            "decisions.",
            metavar="[FILE...]",
            show_default=False,
        ),
    ] = None,
    corpora: Annotated[
        str | None,
        typer.Option(
            help="all, none, or names with commas. Default: all without FILE, none with.",
            show_default=False,
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            help="permissive: only corpora that allow commercial use without share-alike.",
            show_default=False,
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="Build upon this model: seconds instead of minutes, no corpora needed.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The new model folder. Default: models/trained-N.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace --output if it exists.")] = False,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    positive: Positive = None,
    head: Annotated[
        str | None,
        typer.Option(
            help="What your labels say: abusive, rejected, insult, group_abuse, indecency. "
            "Default: rejected for moderators' decisions, abusive for labels.",
            show_default=False,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="Refuse a model that is worse than this one. Default: the one --force replaces; "
            f"without, {DEFAULT_MODEL} is shown beside the new one.",
            show_default=False,
        ),
    ] = None,
    frozen: Annotated[
        list[str] | None,
        typer.Option(
            help="Labelled comments that are only compared on; neither model may know them.",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    accept_regression: Annotated[
        str | None,
        typer.Option(
            help="Take the model although it is worse, for this reason; the card will say so.",
            metavar="REASON",
            show_default=False,
        ),
    ] = None,
    flips: Annotated[
        Path | None,
        typer.Option(
            help="Write all comments with another recommendation here (JSON Lines).",
            show_default=False,
        ),
    ] = None,
    data: DataFolder = None,
    jobs: Annotated[int, typer.Option(help="Processes to fit in.", min=1)] = 2,
) -> None:
    """Train a model on the corpora, on your own labelled comments, or on both.

    Prints what is better and worse than the model in use, on held-out comments and on sentences
    that test fairness. With --against or --force, a model that is worse beyond chance,
    or less fair, is refused (exit code 1) and nothing is written.

    Example: moderation train decisions.csv --base news --head rejected -o models/house
    """
    messages = Messages()
    # Learning needs scikit-learn and pandas, which take over a second to import: not for scoring.
    import pandas as pd

    from moderation.model.persistence import save
    from moderation.training.card import card
    from moderation.training.fitting import train as fit
    from moderation.training.frames import HEADS, contrast_frame, load_corpora, without_leaks
    from moderation.training.gate import compare
    from moderation.training.house import HouseColumns, learned_head, read_house

    if head is not None and head not in HEADS:
        raise UsageError(f"--head {head}: no such score; choose one of {', '.join(HEADS)}")
    reason = printable(accept_regression) if accept_regression is not None else None
    if reason == "":
        raise UsageError("--accept-regression: give the reason; the card will quote it")
    folder = output or _free_folder()
    _check_place(folder, force)
    _check_flips(flips, [*(files or []), *(frozen or [])])
    chosen = _chosen_corpora(
        corpora if corpora is not None else "none" if files or base else "all", licence
    )
    foundation = _loaded(base) if base is not None else None
    origin = _origin(base, foundation) if base is not None and foundation is not None else None
    if origin is not None and chosen:
        raise UsageError(
            "--base with --corpora: a model that is built upon has learned from the corpora, so "
            "nothing could be measured; give your own FILE, or train without --base"
        )
    if origin is not None and licence == "permissive":
        _check_permissive(origin)
    # Loaded before anything is written: with --force it may be the very folder that is replaced.
    strict = against is not None or folder.exists()
    champion = _champion(against, folder, messages)
    frames = []
    if chosen:
        messages.remark(f"reading {', '.join(one.id for one in chosen)}")
        frames.append(load_corpora(chosen, data))
    columns = HouseColumns(text_column, label_column, positive)
    if files:
        frames.append(read_house(files, columns, head, messages.remark))
        head = learned_head(frames[-1])
    if not frames:
        raise UsageError("nothing to train on: name a FILE or say --corpora all")
    if chosen or foundation is not None:
        frames.append(contrast_frame())
    if frozen:
        frames.append(
            read_house(frozen, columns, head, messages.remark).assign(corpus="frozen", part="test")
        )
    frame = without_leaks(pd.concat(frames, ignore_index=True))
    trained = fit(
        frame,
        name=printable(folder.name),
        main=foundation.main if foundation else "abusive" if chosen or head is None else head,
        base=foundation,
        jobs=jobs,
        progress=messages.remark,
    )
    comparison = compare(trained.classifier, champion, frame) if champion else None
    with output_stream(None) as stream:
        lines = _held_out_lines(trained.metrics)
        if comparison is not None and champion is not None:
            lines += _comparison_lines(comparison, champion.name)
        stream.writelines(f"{line}\n" for line in lines)
    if flips is not None and comparison is not None:
        _write_flips(flips, comparison)
    elif flips is not None:
        messages.remark(f"{flips}: not written, there is no model to compare with")
    regressions = comparison.regressions if comparison is not None and strict else ()
    if regressions and reason is None:
        listed = "; ".join(
            f"{one.measure}, {one.cases}: {one.champion:.3f} → {one.challenger:.3f}"
            for one in regressions
        )
        messages.remark(
            f"refused, nothing written: worse than {champion.name if champion else ''} beyond "
            f'chance ({listed}); train on more, or say --accept-regression "REASON"'
        )
        raise typer.Exit(1)
    rows_of = {str(name): int(rows) for name, rows in frame["corpus"].value_counts().items()}
    facts = _facts(chosen, rows_of)
    if origin is not None:
        facts["base"] = origin
    if regressions:
        facts["accepted_regression"] = {
            "reason": reason,
            "worse": [f"{one.measure}, {one.cases}" for one in regressions],
        }
    digest = save(
        trained.classifier,
        folder,
        facts=facts,
        metrics=trained.metrics,
        card=card(trained.classifier, trained.metrics, chosen, facts),
        overwrite=force,
    )
    with output_stream(None) as stream:
        stream.write(f"\n{folder}  (sha256 {digest[:16]})\n")
    messages.remark(f"done; use it with: moderation score --model {folder} PATH")


def _check_place(folder: Path, force: bool) -> None:
    """Refuse a place that cannot be written before minutes are spent on training."""
    from moderation.model.persistence import SETTINGS

    try:
        if folder.exists() and not (force and (folder / SETTINGS).is_file()):
            raise UsageError(
                f"{folder}: exists; choose another --output"
                + (" (it is no model folder)" if force else " or say --force")
            )
        there = next(parent for parent in folder.absolute().parents if parent.exists())
        _try_to_write(there, folder.name)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written ({error.strerror}); choose another --output"
        ) from error


def _try_to_write(folder: Path, name: str) -> None:
    """Raise OSError unless something called nearly `name` can be made in `folder`."""
    with TemporaryDirectory(dir=folder, prefix=f".{name}-"):
        pass


def _check_flips(flips: Path | None, inputs: list[str]) -> None:
    """Refuse a place for flips that cannot be written, or is an input, before training."""
    if flips is None:
        return
    try:
        if any(flips.exists() and flips.samefile(name) for name in inputs if Path(name).exists()):
            raise UsageError(f"{flips}: is also an input; choose another --flips")
        _try_to_write(flips.absolute().parent, flips.name)
    except OSError as error:
        raise UsageError(
            f"{flips}: cannot be written ({error.strerror}); choose another --flips"
        ) from error


def _origin(base: str, foundation: Classifier) -> dict[str, Any]:
    """Return what a model is and which corpora taught it, or the models it was built upon."""
    from moderation.model.persistence import SETTINGS, checked_json, model_folder

    facts = checked_json(model_folder(base), SETTINGS)
    before = facts.get("base")
    names = [str(one.get("id")) for one in facts.get("corpora", []) if isinstance(one, dict)]
    names += before.get("corpora", []) if isinstance(before, dict) else []
    return {"name": foundation.name, "digest": foundation.digest, "corpora": names}


def _check_permissive(origin: dict[str, Any]) -> None:
    from moderation.training.corpora import CORPORA

    permissive = {corpus.id for corpus in CORPORA if corpus.permissive}
    if not origin["corpora"] or not set(origin["corpora"]) <= permissive:
        raise UsageError(
            f"--licence permissive: {origin['name']} learned from "
            f"{', '.join(origin['corpora']) or 'unknown corpora'}; build upon models/open"
        )


def _free_folder() -> Path:
    return next(
        folder for number in count(1) if not (folder := _SHELF / f"trained-{number}").exists()
    )


def _chosen_corpora(wanted: str, licence: str | None) -> list[Corpus]:
    from moderation.training.corpora import TRAINING_CORPORA

    if licence not in {None, "permissive"}:
        raise UsageError(f"--licence {licence}: not known; say permissive, or nothing for all")
    known = {
        corpus.id: corpus for corpus in TRAINING_CORPORA if licence is None or corpus.permissive
    }
    if wanted == "none":
        return []
    if wanted == "all":
        return list(known.values())
    names = list(dict.fromkeys(name.strip() for name in wanted.split(",")))
    for name in names:
        if name not in known:
            raise UsageError(f"--corpora {name}: not known; choose among {', '.join(known)}")
    return [known[name] for name in names]


def _facts(chosen: list[Corpus], rows_of: dict[str, int]) -> dict[str, Any]:
    import numpy as np
    import sklearn

    return {
        "corpora": [
            {
                "id": one.id,
                "sha256": one.sha256,
                "licence": one.licence,
                "rows": rows_of.get(one.id, 0),
            }
            for one in chosen
        ],
        "own_rows": {name: rows_of[name] for name in ("contrast", "house") if name in rows_of},
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }


def _loaded(name: str) -> Classifier:
    from moderation.model.persistence import load, model_folder

    return load(model_folder(name))


def _champion(against: str | None, folder: Path, messages: Messages) -> Classifier | None:
    """Return the model to compare with: the one asked for, the one replaced, or the usual one."""
    if against is not None:
        return _loaded(against)
    try:
        return _loaded(str(folder) if folder.exists() else DEFAULT_MODEL)
    except ModerationError as error:
        messages.remark(f"no comparison: {error}")
        return None


def _held_out_lines(metrics: dict[str, Any]) -> list[str]:
    from moderation.training.card import with_interval

    lines = [
        "held-out comments",
        f"{'score':<12} {'corpus':<14} {'n':>6}  {'ROC-AUC':<21} {'accuracy':<21} calibration",
    ]
    for head, by_corpus in metrics["held_out"].items():
        for corpus, one in by_corpus.items():
            cells = [with_interval(one, name) for name in ("roc_auc", "accuracy")]
            lines.append(
                f"{head:<12} {corpus:<14} {one['n']:>6,}  {cells[0]:<21} {cells[1]:<21} "
                f"{one['expected_calibration_error']:.3f}"
            )
    if not metrics["held_out"]:
        lines.append("(no held-out comments with both labels: too few rows to measure anything)")
    return lines


def _comparison_lines(comparison: Comparison, champion: str) -> list[str]:
    lines = [
        "",
        f"{champion} → new, on the same cases; difference with its 95 % interval",
        f"{'measure':<22} {'cases':<34} {'n':>6}  {'was':>6} {'is':>6}  difference",
    ]
    for one in comparison.differences:
        change = one.challenger - one.champion
        interval = f" ({one.low:+.3f} to {one.high:+.3f})" if one.low != one.high else ""
        lines.append(
            f"{one.measure:<22} {one.cases:<34} {one.n:>6,}  {one.champion:>6.3f} "
            f"{one.challenger:>6.3f}  {change:+.3f}{interval}{'  WORSE' if one.worse else ''}"
        )
    lines += ["", f"comments with another recommendation: {len(comparison.flips):,}"]
    for flip in comparison.flips[:_SHOWN_FLIPS]:
        text = printable(flip.text)
        lines.append(
            f"  {flip.champion} → {flip.challenger} ({flip.champion_score:.2f} → "
            f"{flip.challenger_score:.2f}, gold {flip.gold:.0f}): "
            f"{text[:100]}{'…' if len(text) > 100 else ''}"
        )
    return lines


def _write_flips(path: Path, comparison: Comparison) -> None:
    from dataclasses import asdict

    with output_stream(path, option="--flips") as stream:
        stream.writelines(json_line(asdict(flip)) for flip in comparison.flips)

"""``moderation train``: corpora and a house's own labels in, a new model folder out."""

from __future__ import annotations

import platform
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moderation.cli.app import DEFAULT_MODEL, app
from moderation.cli.messages import Messages
from moderation.cli.writers import output_stream
from moderation.errors import ModerationError, UsageError

if TYPE_CHECKING:
    from moderation.model.classifier import Classifier
    from moderation.training.corpora import Corpus

#: Where new models go when no folder is named: models/trained-1, models/trained-2, …
_SHELF = Path("models")


@app.command()
def train(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            help="Your own labelled CSV or JSON Lines.", metavar="[FILE...]", show_default=False
        ),
    ] = None,
    corpora: Annotated[
        str | None,
        typer.Option(
            help="all, none, or names with commas. Default: all without FILE, none with.",
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
    text_column: Annotated[
        str | None, typer.Option(help="Column of the comments.", show_default=False)
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Column of the labels.", show_default=False)
    ] = None,
    positive: Annotated[
        str | None,
        typer.Option(help="The label that means abusive or rejected.", show_default=False),
    ] = None,
    head: Annotated[
        str,
        typer.Option(
            help="What your labels say: abusive, rejected, insult, group_abuse, indecency."
        ),
    ] = "abusive",
    against: Annotated[str, typer.Option(help="The model to compare with.")] = DEFAULT_MODEL,
    data: Annotated[
        Path | None, typer.Option(help="Folder with the corpora.", show_default=False)
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes to fit in.", min=1)] = 2,
) -> None:
    """Train a model on the corpora, on your own labelled comments, or on both.

    Writes a new folder, and prints what is better and worse than the model in use, on comments
    neither has learned from. Nothing is replaced without --force.

    Example: moderation train decisions.csv --label-column Status --corpora all -o models/house
    """
    messages = Messages()
    # Learning needs scikit-learn and pandas, which take over a second to import: not for scoring.
    import pandas as pd

    from moderation.model.persistence import save
    from moderation.training.card import card
    from moderation.training.fitting import train as fit
    from moderation.training.frames import HEADS, contrast_frame, load_corpora, without_leaks
    from moderation.training.house import HouseColumns, read_house

    if head not in HEADS:
        raise UsageError(f"--head {head}: no such score; choose one of {', '.join(HEADS)}")
    folder = output or _free_folder()
    _check_place(folder, force)
    chosen = _chosen_corpora(corpora or ("none" if files else "all"))
    frames = []
    if chosen:
        messages.remark(f"reading {', '.join(one.id for one in chosen)}")
        frames += [load_corpora(chosen, data), contrast_frame()]
    if files:
        columns = HouseColumns(text_column, label_column, positive)
        frames.append(read_house(files, columns, head, messages.remark))
    if not frames:
        raise UsageError("nothing to train on: name a FILE or say --corpora all")
    frame = without_leaks(pd.concat(frames, ignore_index=True))
    # Loaded before anything is written: with --force it may be the very folder that is replaced.
    champion = _champion(against, messages)
    trained = fit(
        frame,
        name=folder.name,
        main="abusive" if chosen else head,
        jobs=jobs,
        progress=messages.remark,
    )
    rows_of = {str(name): int(rows) for name, rows in frame["corpus"].value_counts().items()}
    digest = save(
        trained.classifier,
        folder,
        facts=_facts(chosen, rows_of),
        metrics=trained.metrics,
        card=card(
            trained.classifier,
            trained.metrics,
            chosen,
            house_rows=rows_of.get("house", 0),
            contrast_rows=rows_of.get("contrast", 0),
        ),
        overwrite=force,
    )
    with output_stream(None) as stream:
        stream.writelines(f"{line}\n" for line in _changes(trained.metrics, frame, champion))
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
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-"):
            pass
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written ({error.strerror}); choose another --output"
        ) from error


def _free_folder() -> Path:
    return next(
        folder for number in count(1) if not (folder := _SHELF / f"trained-{number}").exists()
    )


def _chosen_corpora(wanted: str) -> list[Corpus]:
    from moderation.training.corpora import TRAINING_CORPORA

    if wanted == "none":
        return []
    if wanted == "all":
        return list(TRAINING_CORPORA)
    known = {corpus.id: corpus for corpus in TRAINING_CORPORA}
    names = [name.strip() for name in wanted.split(",")]
    for name in names:
        if name not in known:
            raise UsageError(f"--corpora {name}: not known; choose among {', '.join(known)}")
    return [known[name] for name in names]


def _facts(chosen: list[Corpus], rows_of: dict[str, int]) -> dict[str, Any]:
    import numpy as np
    import sklearn

    return {
        "corpora": [
            {"id": one.id, "sha256": one.sha256, "licence": one.licence, "rows": rows_of[one.id]}
            for one in chosen
        ],
        "own_rows": {name: rows_of[name] for name in ("contrast", "house") if name in rows_of},
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }


def _champion(name: str, messages: Messages) -> Classifier | None:
    from moderation.model.persistence import load, model_folder

    try:
        return load(model_folder(name))
    except ModerationError as error:
        messages.remark(f"no comparison: {error}")
        return None


def _changes(metrics: dict[str, Any], frame: Any, champion: Classifier | None) -> list[str]:
    """Return a table of held-out metrics, next to those of the model in use where there is one."""
    from moderation.training.fitting import measure

    before = measure(champion, frame)["held_out"] if champion else {}
    note = f"held-out comments; {champion.name} → new" if champion else "held-out comments"
    lines = [note, f"{'score':<12} {'corpus':<14} {'n':>6}  {'ROC-AUC':<32} accuracy"]
    for head, by_corpus in metrics["held_out"].items():
        for corpus, now in by_corpus.items():
            old = before.get(head, {}).get(corpus)
            cells = [
                _change(now[name], now[f"{name}_95"], old[name] if old else None)
                for name in ("roc_auc", "accuracy")
            ]
            lines.append(f"{head:<12} {corpus:<14} {now['n']:>6,}  {cells[0]:<32} {cells[1]}")
    if not metrics["held_out"]:
        lines.append("(no held-out comments with both labels: too few rows to measure anything)")
    return lines


def _change(now: float, interval: list[float], before: float | None) -> str:
    shown = f"{now:.3f} ({interval[0]:.3f}–{interval[1]:.3f})"
    return shown if before is None else f"{before:.3f} → {shown}"

"""``moderation thresholds``: cuts that keep a promise, and what exactly is promised."""

from __future__ import annotations

import re
import sys
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moderation.cli.app import (
    DEFAULT_MODEL,
    AsJson,
    LabelColumn,
    Positive,
    TextColumn,
    app,
)
from moderation.cli.measuring import probabilities
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import ModelError, UsageError, reason_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moderation.model.classifier import Classifier
    from moderation.training.house import HouseColumns
    from moderation.training.operating_points import Chosen, HeldOut, Share, Wishes

#: Promised when neither a share of misses nor a workload is asked for.
_USUAL_MISSES = "5%"
#: Columns of the statement on a terminal.
_WIDTH = 100
#: Entries of ``metrics.json``: head → corpus → counts, and head → corpora it is calibrated for.
_COUNTS, _HOMES = "operating_points", "homes"

_SHARE = re.compile(r"(\d+(?:[.,]\d+)?|[.,]\d+)\s*(%?)")
_WORKLOAD = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/\s*shift)?")


@dataclass(frozen=True, slots=True)
class _Source:
    """Counted comments and where they are from."""

    held_out: HeldOut
    name: str


@app.command()
def thresholds(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="Labelled CSV or JSON Lines the model has not learned from. Default: the counts "
            "of held-out comments in the model folder.",
            metavar="[DATA...]",
            show_default=False,
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="Name or folder of a model.")] = DEFAULT_MODEL,
    head: Annotated[
        str | None,
        typer.Option(help="The score to cut; by default the main one.", show_default=False),
    ] = None,
    miss_at_most: Annotated[
        str | None,
        typer.Option(
            help="Share of abusive comments that may be recommended for publication. Default: "
            f"{_USUAL_MISSES} without --workload.",
            metavar="SHARE",
            show_default=False,
        ),
    ] = None,
    false_reject_at_most: Annotated[
        str | None,
        typer.Option(
            help="Share of harmless comments that may be recommended for rejection. Default: 1% if "
            "the comments are enough for it.",
            metavar="SHARE",
            show_default=False,
        ),
    ] = None,
    workload: Annotated[
        str | None,
        typer.Option(
            help="Comments a shift that can be read, on average: 40/shift.",
            metavar="N/shift",
            show_default=False,
        ),
    ] = None,
    per_shift: Annotated[int, typer.Option(help="All comments of a shift.", min=1)] = 400,
    abuse_share: Annotated[
        str | None,
        typer.Option(
            help="Share of abusive comments in your house. Default: as in the held-out comments.",
            metavar="SHARE",
            show_default=False,
        ),
    ] = None,
    confidence: Annotated[str, typer.Option(help="Of each promise.", metavar="SHARE")] = "95%",
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    positive: Positive = None,
    as_json: AsJson = False,
    apply: Annotated[
        Path | None,
        typer.Option(
            help="Write a copy of the model with these cuts into this new folder.",
            metavar="FOLDER",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Choose the cuts for publication and rejection, with a promise that held-out comments back.

    Shares are written 5% or 0.05. Ends with exit code 1, and chooses nothing, where the comments do
    not suffice for the promise; says how many would.

    Example: moderation thresholds --workload 40/shift --abuse-share 10%
    """
    messages = Messages()
    # SciPy takes half a second to import: not for scoring.
    from moderation.model.persistence import load, model_folder
    from moderation.training.house import HouseColumns
    from moderation.training.operating_points import Wishes, choose

    if miss_at_most is None and workload is None:
        miss_at_most = _USUAL_MISSES
    wishes = Wishes(
        confidence=_confidence(confidence),
        miss_at_most=_optional_share("--miss-at-most", miss_at_most),
        workload=None if workload is None else parsed_workload(workload),
        per_shift=per_shift,
        abuse_share=_optional_share("--abuse-share", abuse_share),
        false_reject_at_most=_optional_share("--false-reject-at-most", false_reject_at_most),
    )
    folder = model_folder(model)
    classifier = load(folder)
    chosen_head = head or classifier.main
    if chosen_head not in classifier.heads:
        raise UsageError(f"{model}: no score {chosen_head!r}; it has {', '.join(classifier.heads)}")
    if apply is not None:
        _check_apply(apply, classifier, chosen_head)
    if data:
        columns = HouseColumns(text_column, label_column, positive)
        source = _counted(data, columns, classifier, chosen_head, messages)
    else:
        source = _stored(folder, chosen_head)
    chosen = choose(source.held_out, wishes, classifier.thresholds.reject)
    statement = _Statement(classifier, chosen_head, source, wishes, chosen)
    if apply is not None:
        digest = _apply(folder, apply, statement)
    with output_stream(None) as stream:
        if as_json or not sys.stdout.isatty():
            stream.write(json_line(statement.record(apply)))
        else:
            stream.writelines(f"{line}\n" for line in statement.lines())
    if apply is not None:
        messages.remark(
            f"{apply}  (sha256 {digest[:16]}); use it with: moderation score --model {apply} PATH"
        )


def parsed_share(option: str, text: str) -> float:
    """Return a share between 0 and 1, both excluded, from ``5%``, ``5 %``, ``2,5 %`` or ``0.05``.

    A bare number from 1 on may or may not mean per cent and is refused, like all else.
    """
    found = _SHARE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{option} {text}: not a share; write it like 5% or 0.05")
    number = float(found[1].replace(",", "."))
    if not found[2] and number >= 1:
        raise UsageError(f"{option} {text}: per cent or not? write {number:g}% or {number / 100:g}")
    share = number / 100 if found[2] else number
    if not 0 < share < 1:
        raise UsageError(f"{option} {text}: must lie between 0 % and 100 %, both excluded")
    return share


def parsed_workload(text: str) -> float:
    """Return comments a shift, above 0, from ``40/shift`` or ``40``."""
    found = _WORKLOAD.fullmatch(text.strip())
    number = float(found[1].replace(",", ".")) if found else 0.0
    if not number > 0:
        raise UsageError(f"--workload {text}: not a number of comments; write it like 40/shift")
    return number


def _optional_share(option: str, text: str | None) -> float | None:
    return None if text is None else parsed_share(option, text)


def _confidence(text: str) -> float:
    share = parsed_share("--confidence", text)
    if share < 0.5:
        raise UsageError(f"--confidence {text}: less than 50 % is no promise; usual is 95%")
    return share


def _counted(
    paths: Sequence[str],
    columns: HouseColumns,
    classifier: Classifier,
    head: str,
    messages: Messages,
) -> _Source:
    """Score labelled comments and count them; a repeated text counts once."""
    from moderation.training.frames import text_key
    from moderation.training.house import read_house
    from moderation.training.operating_points import HeldOut, operating_points

    # The labels stand in the column of the name given here, whatever head they are gold for.
    frame = read_house(list(paths), columns, "abusive", messages.remark)
    # Texts without a word (emoji alone) have an empty key and are told apart by themselves.
    keys = frame["text"].map(lambda text: text_key(text) or text)
    repeated = keys.duplicated()
    if repeated.any():
        both = int((frame.groupby(keys)["abusive"].nunique() > 1).sum())
        contradicted = f" ({both:,} are labelled both ways: the first counts)" if both else ""
        messages.remark(f"{int(repeated.sum()):,} repeated texts count once{contradicted}")
    frame = frame[~repeated]
    messages.remark(
        "the promise holds if the model has learned from none of these comments, nor its author "
        "chosen anything by them; otherwise it is void"
    )
    scores = probabilities(classifier, frame["text"].tolist(), messages)
    column = classifier.heads.index(head)
    record = operating_points(frame["abusive"].to_numpy(), scores[:, column])
    return _Source(HeldOut.from_record(record), ", ".join(Path(path).name for path in paths))


def _stored(folder: Path, head: str) -> _Source:
    """Read the counts the trainer left in the model folder."""
    from moderation.model.persistence import METRICS, checked_json
    from moderation.training.operating_points import HeldOut

    by_head, homes_of = map(checked_json(folder, METRICS).get, (_COUNTS, _HOMES))
    by_corpus = by_head.get(head) if isinstance(by_head, dict) else None
    homes = homes_of.get(head) if isinstance(homes_of, dict) else None
    if not isinstance(by_corpus, dict) or not by_corpus:
        raise UsageError(
            f"{folder}: holds no counts of held-out comments for {head}; name labelled comments "
            "the model has not learned from (DATA), or retrain it with `moderation train`"
        )
    try:
        sources = [_Source(HeldOut.from_record(one), name) for name, one in by_corpus.items()]
    except ModelError as error:
        raise ModelError(f"{folder}: {error}") from error
    # What the head was calibrated for comes first, wherever most comments are.
    return max(sources, key=lambda one: (one.name in (homes or ()), one.held_out.size))


def _check_apply(folder: Path, classifier: Classifier, head: str) -> None:
    if head != classifier.main:
        raise UsageError(
            f"--apply: {classifier.name} decides by {classifier.main}, not by {head}; leave out "
            "--head or --apply"
        )
    try:
        if folder.exists():
            raise UsageError(f"{folder}: exists; choose another folder for --apply")
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written ({reason_of(error)}); choose another folder for --apply"
        ) from error


def _apply(source: Path, folder: Path, statement: _Statement) -> str:
    """Write a copy of the model with the chosen cuts; return its digest."""
    from moderation.model.classifier import Thresholds
    from moderation.model.persistence import CARD, METRICS, SETTINGS, checked_json, save

    cuts = Thresholds(review=statement.chosen.publish, reject=statement.chosen.reject)
    facts = {
        key: value for key, value in checked_json(source, SETTINGS).items() if key != "thresholds"
    }
    facts["thresholds_chosen"] = statement.record(None)
    title, _, rest = (source / CARD).read_text(encoding="utf-8").partition("\n")
    note = _wrapped(
        f"Cuts replaced by `moderation thresholds`: below {cuts.review:.3f} publish, from "
        f"{cuts.reject:.3f} on reject, instead of those named further down. "
        + " ".join((*statement.promises(), *statement.limits()))
    )
    try:
        return save(
            replace(statement.classifier, thresholds=cuts),
            folder,
            facts=facts,
            metrics=checked_json(source, METRICS),
            card="\n".join((title, "", *note, rest)),
        )
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be written ({reason_of(error)}); choose another folder for --apply"
        ) from error


@dataclass(frozen=True, slots=True)
class _Statement:
    """What was chosen, in words and as a record."""

    classifier: Classifier
    head: str
    source: _Source
    wishes: Wishes
    chosen: Chosen

    def promises(self) -> tuple[str, ...]:
        """Return what is guaranteed, one sentence each."""
        chosen, held_out = self.chosen, self.source.held_out
        start = f"With {_percent(self.wishes.confidence)} confidence, of"
        like = f"held-out ones ({self.source.name}), at most"
        decides = self.head == self.classifier.main
        sentences = []
        if chosen.missed.promised is not None:
            few, many = _of_many(chosen.missed.promised)
            sentences.append(
                f"{start} {many:,} abusive comments like the {held_out.abusive:,} {like} {few:,} "
                f"on average are below {chosen.publish:.3f}"
                + (" and would be recommended for publication." if decides else ".")
            )
        if chosen.reading.promised is not None:
            sentences.append(
                f"{start} {self.wishes.per_shift:,} comments a shift, "
                f"{_percent(chosen.abuse_share)} of them abusive, at most {self.wishes.workload:g} "
                f"on average are at {chosen.publish:.3f} or above and are to be read."
            )
        if chosen.false_rejects.promised is not None:
            few, many = _of_many(chosen.false_rejects.promised)
            sentences.append(
                f"{start} {many:,} harmless comments like the {held_out.harmless:,} {like} {few:,} "
                f"on average are at {chosen.reject:.3f} or above"
                + (" and would be recommended for rejection." if decides else ".")
            )
        return tuple(sentences)

    def estimates(self) -> tuple[str, ...]:
        """Return what to expect: reading load, misses, false rejections."""
        chosen, wishes, held_out = self.chosen, self.wishes, self.source.held_out
        abusive = wishes.per_shift * chosen.abuse_share
        missed = _seen(chosen.missed, held_out.abusive)
        rejected = _seen(chosen.false_rejects, held_out.harmless)
        to_read = _range(chosen.reading, wishes.per_shift)
        slipping = _range(chosen.missed, abusive)
        return (
            f"To be read of {wishes.per_shift:,} comments a shift: {to_read}.",
            f"Abuse that slips through: {missed}; of {abusive:.3g} a shift, {slipping}.",
            f"Harmless comments among the rejected: {rejected}.",
        )

    def limits(self) -> tuple[str, ...]:
        """Return where the promises end."""
        held_out = self.source.held_out
        drawn = (
            f"This holds for comments drawn like the held-out ones ({self.source.name}: "
            f"{held_out.abusive:,} abusive, {held_out.harmless:,} harmless), for abuse as those "
            f"annotators see it, and for the score {self.head} alone; each promise has its own "
            f"{_percent(self.wishes.confidence)}."
        )
        rules = (
            "House rules send further comments to review or rejection: they can only lower the "
            "misses, and add to the reading and the rejections."
        )
        lines = [drawn, rules]
        if self.wishes.workload is not None:
            lines.append("Single shifts have more or less; the promise is about their average.")
        if self.wishes.abuse_share is None:
            lines.append(
                f"The reading load is for {_percent(self.chosen.abuse_share)} abuse, as in the "
                "held-out comments. Newsrooms have less than balanced corpora: say yours with "
                "--abuse-share."
            )
        else:
            lines.append(
                "Re-weighting supposes that only the share of abuse differs in your house."
            )
        if self.head != self.classifier.main:
            lines.append(
                f"Abusive means here what {self.head} means; this model decides by "
                f"{self.classifier.main}."
            )
        return (*self.chosen.remarks, *lines)

    def lines(self) -> list[str]:
        """Return the statement for a terminal."""
        lines = [
            f"publish  below {self.chosen.publish:.3f}",
            f"reject   from  {self.chosen.reject:.3f}",
            "",
        ]
        for title, sentences in (
            ("Promised", self.promises()),
            ("Expected (estimates: the cuts were chosen on the same comments)", self.estimates()),
            ("Limits", self.limits()),
        ):
            lines.append(title)
            for sentence in sentences:
                lines += _wrapped(sentence, first="  ", other="    ")
            lines.append("")
        return lines[:-1]

    def record(self, applied: Path | None) -> dict[str, Any]:
        """Return the statement for programs; shares between 0 and 1."""
        chosen, wishes, held_out = self.chosen, self.wishes, self.source.held_out
        return {
            "model": self.classifier.name,
            "head": self.head,
            "held_out": {
                "source": self.source.name,
                "abusive": held_out.abusive,
                "harmless": held_out.harmless,
            },
            "confidence": wishes.confidence,
            "publish": {"below": chosen.publish, "abusive_below": _share_record(chosen.missed)},
            "reject": {
                "from": chosen.reject,
                "harmless_from": _share_record(chosen.false_rejects),
            },
            "reading": {
                "per_shift": wishes.per_shift,
                "abuse_share": round(chosen.abuse_share, 4),
                "workload": wishes.workload,
                "share": _share_record(chosen.reading),
            },
            "promises": list(self.promises()),
            "limits": list(self.limits()),
            "applied": None if applied is None else str(applied),
        }


def _percent(share: float) -> str:
    from moderation.training.operating_points import percent

    return percent(share)


def _of_many(share: float) -> tuple[int, int]:
    """Return a share as so many of 100, or of more where it is no whole number of 100."""
    for many in (100, 1_000, 10_000, 100_000):
        few = round(share * many)
        if few and abs(few - share * many) < 1e-6:
            return few, many
    # Rounded up: a promise may be too weak by one in a hundred thousand, never too strong.
    return int(share * 100_000) + 1, 100_000


def _wrapped(text: str, first: str = "", other: str = "") -> list[str]:
    """Return lines; a number and its per cent sign stay together."""
    lines = textwrap.wrap(
        text.replace(" %", "\u00a0%"), _WIDTH, initial_indent=first, subsequent_indent=other
    )
    return [line.replace("\u00a0%", " %") for line in lines]


def _range(share: Share, size: float) -> str:
    return f"about {share.seen * size:.3g} ({share.low * size:.3g} to {share.high * size:.3g})"


def _seen(share: Share, size: int) -> str:
    return (
        f"{share.count:,} of the {size:,} held-out ones, {_percent(share.seen)} "
        f"({_percent(share.low)} to {_percent(share.high)})"
    )


def _share_record(share: Share) -> dict[str, Any]:
    return {
        "count": share.count,
        "seen": round(share.seen, 4),
        "interval": [round(share.low, 4), round(share.high, 4)],
        "promised": share.promised,
    }

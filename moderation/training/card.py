"""The model card: what a model is for, what taught it, how good it is, where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

from moderation.model.classifier import Classifier
from moderation.training.corpora import Corpus

#: What each score means.
HEAD_MEANINGS = {
    "abusive": "people call the comment abusive (crowd workers, annotators of shared tasks)",
    "rejected": "the moderators of the Rheinische Post, or of your house, rejected it",
    "insult": "it insults persons (GermEval fine label INSULT)",
    "group_abuse": "it abuses a group (GermEval fine label ABUSE, gahd, iwg)",
    "indecency": "it is profane (GermEval fine label PROFANITY)",
}
_NON_COMMERCIAL = (
    "Corpora under a non-commercial licence (CC BY-NC-SA) are among them: clear commercial use\n"
    "with their authors, or train without them (`--corpora`)."
)
_FREE = "None of these licences excludes commercial use; attribution is owed where they ask for it."
_METRICS_HEADER = (
    "| score | corpus | comments | ROC-AUC (95 %) | accuracy (95 %) | macro-F1 | calibration |",
    "|---|---|---|---|---|---|---|",
)


def card(
    classifier: Classifier,
    metrics: dict[str, Any],
    corpora: Sequence[Corpus],
    *,
    house_rows: int,
    contrast_rows: int,
) -> str:
    """Return the card of a model as Markdown.

    Parameters
    ----------
    classifier
        The model.
    metrics
        As :func:`moderation.training.fitting.measure` returns them.
    corpora
        What taught it.
    house_rows
        Number of the user's own comments among the training and held-out data.
    contrast_rows
        Number of contrast sentences among the training data.
    """
    sources = [f"| `{one.id}` | {one.licence} | {one.description} |" for one in corpora]
    if house_rows:
        sources.append(f"| `house` | your own | {house_rows:,} comments of your own |")
    if contrast_rows:
        sources.append(
            f"| `contrast` | this project's | {contrast_rows:,} short sentences from templates, "
            "harmless and hateful about the same groups |"
        )
    template = Template(Path(__file__).with_name("card_template.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=classifier.name,
        heads="\n".join(
            f"| `{head}` | {HEAD_MEANINGS.get(head, head)} |" for head in classifier.heads
        ),
        main=classifier.main,
        review=f"{classifier.thresholds.review:.3f}",
        reject=f"{classifier.thresholds.reject:.3f}",
        corpora="\n".join(sources),
        licence_note=_NON_COMMERCIAL if any("NC" in one.licence for one in corpora) else _FREE,
        held_out=_metrics_table(metrics["held_out"]),
        cross_validated=_metrics_table(metrics["cross_validated"]),
        reliability="\n\n".join(
            _reliability_table(classifier.main, corpus, measured["reliability"])
            for corpus, measured in metrics["held_out"].get(classifier.main, {}).items()
        ),
    )


def _metrics_table(metrics: dict[str, dict[str, Any]]) -> str:
    rows: Iterable[str] = (
        f"| `{head}` | {corpus} | {one['n']:,} | {_with_interval(one, 'roc_auc')} "
        f"| {_with_interval(one, 'accuracy')} | {one['macro_f1']:.3f} "
        f"| {one['expected_calibration_error']:.3f} |"
        for head, by_corpus in metrics.items()
        for corpus, one in by_corpus.items()
    )
    return "\n".join([*_METRICS_HEADER, *rows])


def _with_interval(metrics: dict[str, Any], name: str) -> str:
    low, high = metrics[f"{name}_95"]
    return f"{metrics[name]:.3f} ({low:.3f}–{high:.3f})"


def _reliability_table(head: str, corpus: str, reliability: Sequence[dict[str, float]]) -> str:
    return "\n".join(
        [
            f"Reliability of `{head}` on held-out {corpus}:",
            "",
            "| comments | mean score | truly positive |",
            "|---|---|---|",
            *(f"| {row['n']} | {row['score']:.3f} | {row['gold']:.3f} |" for row in reliability),
        ]
    )

"""The model card: what a model is for, what taught it, how good it is, where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from moderation.model.classifier import Classifier
from moderation.training.corpora import CORPORA, Corpus

#: What each score means.
HEAD_MEANINGS = {
    "abusive": "people call the comment abusive (crowd workers, annotators of shared tasks)",
    "rejected": "the moderators of the Rheinische Post, or of your house, rejected it",
    "insult": "it insults persons (GermEval fine label INSULT)",
    "group_abuse": "it abuses a group (gahd, iwg, GermEval fine label ABUSE)",
    "indecency": "it is profane (GermEval fine label PROFANITY)",
}
_NON_COMMERCIAL = (
    "Corpora under a non-commercial licence (CC BY-NC-SA) are among them: clear commercial use\n"
    "with their authors, or use a model trained without them (`--licence permissive`)."
)
_UNCLEAR = (
    "Not all of these licences are stated, or free of share-alike: clear commercial use first, or\n"
    "use a model trained without them (`--licence permissive`)."
)
_FREE = "These licences allow commercial use; attribution is owed where they ask for it."
_METRICS_HEADER = (
    "| score | corpus | comments | ROC-AUC (95 %) | accuracy (95 %) | macro-F1 | calibration |",
    "|---|---|---|---|---|---|---|",
)


def card(
    classifier: Classifier,
    metrics: Mapping[str, Any],
    corpora: Sequence[Corpus],
    facts: Mapping[str, Any],
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
    facts
        Entries of ``model.json``: ``own_rows``, and where they apply ``base`` and
        ``accepted_regression``.
    """
    sources = [f"| `{one.id}` | {one.licence} | {one.description} |" for one in corpora]
    own = facts["own_rows"]
    if "house" in own:
        sources.append(f"| `house` | your own | {own['house']:,} comments of your own |")
    if "contrast" in own:
        sources.append(
            f"| `contrast` | this project's | {own['contrast']:,} short sentences from templates, "
            "harmless and hateful about the same groups |"
        )
    if base := facts.get("base"):
        taught = ", ".join(base["corpora"]) or "unknown corpora"
        sources.append(
            f"| model `{base['name']}` | see its card | built upon; learned from {taught} |"
        )
    template = Template(Path(__file__).with_name("card_template.md").read_text(encoding="utf-8"))
    return template.substitute(
        name=classifier.name,
        words=f"{len(classifier.vocabulary.hashes):,}",
        themes=len(classifier.vocabulary.themes),
        heads="\n".join(
            f"| `{head}` | {HEAD_MEANINGS.get(head, head)} "
            f"| {', '.join(metrics['homes'].get(head, ['the model built upon']))} |"
            for head in classifier.heads
        ),
        main=classifier.main,
        review=f"{classifier.thresholds.review:.3f}",
        reject=f"{classifier.thresholds.reject:.3f}",
        corpora="\n".join(sources),
        licence_note=_licence_note(corpora, facts.get("base")),
        regression=_regression(facts.get("accepted_regression")),
        held_out=_metrics_table(metrics["held_out"]),
        cross_validated=_metrics_table(metrics["cross_validated"]),
        functional=_functional(metrics["functional"], classifier),
        reliability="\n\n".join(
            _reliability_table(head, corpus, measured["reliability"])
            for head, by_corpus in metrics["held_out"].items()
            for corpus, measured in by_corpus.items()
            if corpus in metrics["homes"].get(head, [corpus])
        ),
    )


def _licence_note(corpora: Sequence[Corpus], base: Mapping[str, Any] | None) -> str:
    known = {one.id: one for one in CORPORA}
    names = [one.id for one in corpora] + (list(base["corpora"]) if base else [])
    taught = [known[name] for name in names if name in known]
    if any("NC" in one.licence for one in taught):
        return _NON_COMMERCIAL
    clear = len(taught) == len(names) and (base is None or bool(base["corpora"]))
    return _FREE if clear and all(one.permissive for one in taught) else _UNCLEAR


def _regression(accepted: Mapping[str, Any] | None) -> str:
    if accepted is None:
        return ""
    return (
        f"## Accepted although worse\n\nWorse than the model before it in: "
        f"{'; '.join(accepted['worse'])}.\nReason given: {accepted['reason']}\n\n"
    )


def _metrics_table(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    rows: Iterable[str] = (
        f"| `{head}` | {corpus} | {one['n']:,} | {with_interval(one, 'roc_auc')} "
        f"| {with_interval(one, 'accuracy')} | {one['macro_f1']:.3f} "
        f"| {one['expected_calibration_error']:.3f} "
        f"({one['expected_calibration_error_by_chance']:.3f}) |"
        for head, by_corpus in metrics.items()
        for corpus, one in by_corpus.items()
    )
    return "\n".join([*_METRICS_HEADER, *rows])


def with_interval(metrics: Mapping[str, Any], name: str) -> str:
    """Return a metric with its 95 % interval: ``0.884 (0.864–0.902)``."""
    low, high = metrics[f"{name}_95"]
    return f"{metrics[name]:.3f} ({low:.3f}–{high:.3f})"


def _functional(measured: Mapping[str, Any], classifier: Classifier) -> str:
    groups: Mapping[str, Mapping[str, float]] = measured["groups"]
    about = (
        f"Sentences of our own about {len(groups)} groups in matched pairs\n"
        "(`moderation/training/functional.toml`), not learned from, but looked at while the\n"
        "weights of contrast sentences were chosen; `benchmarks/results/quality.json` has a\n"
        f"second set that was not. Judged by `{classifier.main}` alone; flagged is recommended\n"
        "for review or rejection."
    )
    rates = (
        f"About groups: harmless flagged {measured['harmless_flagged']:.1%}, hateful caught "
        f"{measured['hateful_caught']:.1%}."
    )
    slices = [
        f"| {name} | {one['sentences']:,} | {one['flagged']:.1%} |"
        for name, one in measured["slices"].items()
    ]
    lines = [about, "", "| sentences | number | flagged |", "|---|---|---|", *slices, "", rates]
    for name, worst_is_highest in (("harmless_flagged", True), ("hateful_caught", False)):
        ranked = sorted(groups, key=lambda group: groups[group][name], reverse=worst_is_highest)
        worst, best = ranked[0], ranked[-1]
        lines.append(
            f"Worst and best treated group, {name.replace('_', ' ')}: {worst} "
            f"({groups[worst][name]:.1%}) and {best} ({groups[best][name]:.1%}), a gap of "
            f"{100 * measured['gaps'][name]:.1f} points."
        )
    return "\n".join(lines)


def _reliability_table(head: str, corpus: str, reliability: Sequence[Mapping[str, float]]) -> str:
    return "\n".join(
        [
            f"`{head}` on held-out {corpus}:",
            "",
            "| comments | mean score | truly positive |",
            "|---|---|---|",
            *(f"| {row['n']} | {row['score']:.3f} | {row['gold']:.3f} |" for row in reliability),
        ]
    )

"""``moderation explain``: the words that moved a score, and the rules that fired."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from moderation.cli.app import DEFAULT_MODEL, AsJson, Rules, app
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import UsageError
from moderation.json_records import contribution_record, label_record, rounded, scores_record
from moderation.labelling.rules_file import default_rules
from moderation.model.explanation import Explanation
from moderation.model.explanation import explain as explain_score
from moderation.records import Comment, Page, Verdict
from moderation.scoring import open_desk


@app.command(no_args_is_help=True)
def explain(
    text: Annotated[str, typer.Argument(help="One comment.", show_default=False)],
    model: Annotated[str, typer.Option(help="Name or folder of a model.")] = DEFAULT_MODEL,
    head: Annotated[
        str | None,
        typer.Option(help="The score to explain; by default the main one.", show_default=False),
    ] = None,
    rules: Rules = None,
    as_json: AsJson = False,
) -> None:
    """Show the words that moved the score up and down, and the rules that fired.

    The shares of all words, the style and the model's starting point add up to the log-odds.

    Example: moderation explain "Du bist so ein Idiot"
    """
    messages = Messages()
    desk = open_desk(model, rules, messages.remark)
    classifier = desk.classifier
    assert classifier is not None  # noqa: S101 -- a model was asked for
    chosen = head or classifier.main
    if chosen not in classifier.heads:
        raise UsageError(f"{model}: no score {chosen!r}; it has {', '.join(classifier.heads)}")
    page = Page(source="argument")
    (verdict,) = desk.judge([Comment("1", text)], desk.rules or default_rules(), page)
    if verdict.score is None:
        raise UsageError("the comment is empty; nothing to explain")
    explanation = explain_score(classifier, text, chosen)
    with output_stream(None) as stream:
        if as_json or not sys.stdout.isatty():
            stream.write(json_line(_record(verdict, explanation)))
        else:
            from rich.console import Console

            from moderation.cli.picture import draw_explanation

            draw_explanation(Console(file=stream, highlight=False), verdict, explanation)


def _record(verdict: Verdict, explanation: Explanation) -> dict[str, Any]:
    return {
        "text": verdict.comment.text,
        "score": rounded(verdict.score),
        "scores": scores_record(verdict.scores),
        "decision": verdict.decision,
        "explained": explanation.head,
        "log_odds": explanation.log_odds,
        "bias": explanation.bias,
        "words": [contribution_record(word) for word in explanation.words],
        "style": dict(explanation.style),
        "labels": [label_record(label) for label in verdict.labels],
        "reasons": list(verdict.reasons),
    }

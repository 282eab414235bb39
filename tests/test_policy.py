"""Labels and scores to recommendations and reasons."""

import pytest

from moderation.model.classifier import Thresholds
from moderation.policy import CATEGORY_NAMES, decide, reasons
from moderation.records import PROCEDURAL, Category, Evidence, HouseRule, Label

THRESHOLDS = Thresholds(review=0.6, reject=0.9)


def label(category: Category = Category.INSULT, strength: int = 1) -> Label:
    rule = HouseRule("r", category, "keine Beleidigungen", "s", 0, 19, "Bitte keine Beleidigungen.")
    return Label(rule, category, (Evidence(3, 8, "Depp!"),), "f", strength)


@pytest.mark.parametrize(
    ("score", "labels", "decision"),
    [
        (0.1, [], "publish"),
        (0.59, [], "publish"),
        (0.6, [], "review"),
        (0.9, [], "reject"),
        (0.1, [label()], "review"),
        (0.1, [label(strength=2)], "review"),
        (0.6, [label(strength=1)], "review"),
        (0.6, [label(strength=2)], "reject"),
        (0.6, [label(Category.INCIVILITY, strength=2)], "review"),
        (0.89, [label(Category.PRIVACY, strength=2)], "review"),
    ],
)
def test_recommendations_follow_the_documented_table(
    score: float, labels: list[Label], decision: str
) -> None:
    assert decide(score, labels, THRESHOLDS) == decision


def test_reasons_quote_the_rule_and_the_words() -> None:
    (about_rule, about_model) = reasons(0.7, [label()], THRESHOLDS, [Evidence(0, 2, "Du")])
    assert about_rule == "„Depp!“ – Beleidigung, Hausregel: „keine Beleidigungen“."
    assert "70 %" in about_model
    assert "„Du“" in about_model


def test_finding_nothing_is_no_approval() -> None:
    (reason,) = reasons(0.1, [], THRESHOLDS, [])
    assert reason.endswith("das ist keine Freigabe.")


def test_every_category_a_comment_can_breach_has_a_german_name() -> None:
    assert set(CATEGORY_NAMES) == set(Category) - PROCEDURAL

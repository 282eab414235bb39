"""Rules on links and on length: what is counted, not read."""

from __future__ import annotations

import pytest

from moderation.labelling.formalities import formal_labels, length_limit
from moderation.labelling.functions import label_text
from moderation.records import Category, HouseRule, Modality


def rule(category: Category, quote: str, modality: Modality = "forbids") -> HouseRule:
    return HouseRule("r", category, quote, "test", 0, len(quote), quote, modality)


@pytest.mark.parametrize(
    ("quote", "limit"),
    [
        ("höchstens 1000 Zeichen", (1000, "characters")),
        ("Bitte nicht mehr als 1.500 Zeichen", (1500, "characters")),
        ("maximal 200 Wörter", (200, "words")),
        ("mindestens 20 Zeichen", None),
        ("Fassen Sie sich kurz.", None),
    ],
)
def test_a_limit_is_read_from_the_clause(quote: str, limit: tuple[int, str] | None) -> None:
    assert length_limit(quote) == limit


def test_what_is_beyond_the_limit_is_quoted() -> None:
    length = rule(Category.LENGTH_LIMIT, "höchstens 10 Zeichen")
    (label,) = formal_labels("Zehn hier. Und mehr.", [length])
    assert (label.evidence[0].start, label.evidence[0].text) == (10, " Und mehr.")
    assert label.strength == 1
    assert list(formal_labels("Zehn hier.", [length])) == []
    words = rule(Category.LENGTH_LIMIT, "höchstens 02 Wörter")
    (label,) = formal_labels("Eins zwei drei vier", [words])
    assert label.evidence[0].text == "drei vier"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("keine Links", True),
        ("Links auf fremde Seiten werden entfernt", True),
        ("Verlinkungen sind nicht erlaubt", True),
        ("Links zu Shops", False),
        ("Links auf rechtswidrige Inhalte", False),
        ("kommerzielle Links", False),
    ],
)
def test_only_a_rule_about_all_links_is_breached_by_any_link(quote: str, found: bool) -> None:
    text = "Siehe https://beispiel.example/seite und www.beispiel.example."
    labels = label_text(text, [rule(Category.LINKS, quote)])
    assert bool(labels) is found
    for label in labels:
        assert [one.text[:5] for one in label.evidence] == ["https", "www.b"]
        assert all(text[one.start : one.end] == one.text for one in label.evidence)


def test_a_permission_is_never_held_against_a_comment() -> None:
    text = "Du Idiot, siehe https://beispiel.example"
    rules = [
        rule(Category.LINKS, "Links sind erlaubt", "permits"),
        rule(Category.INSULT, "Derbe Sprache ist erlaubt", "permits"),
    ]
    assert label_text(text, rules) == ()

"""Rules on links and on length: what is counted, not read."""

from __future__ import annotations

import pytest

from moderation.labelling.formalities import formal_labels, length_limit, link_limit
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


@pytest.mark.parametrize(
    ("quote", "limit"),
    [
        ("Ein Kommentar darf nicht mehr als zwei Links enthalten.", 2),
        ("Mehr als zwei Links sind nicht erlaubt.", 2),
        ("maximal ein Link", 1),
        ("nur einen Link pro Beitrag", 1),
        ("höchstens 2 Links", 2),
        ("max. 3 externe Verlinkungen", 3),
        ("maximal zwei (2) Links", 2),
        ("bis zu drei Links", 3),
        ("höchstens zwei bis drei Links", 3),
        ("nicht mehr als zwei Links in einem Kommentar", 2),
        ("Ein Link pro Kommentar genügt.", 1),
        ("Links: höchstens zwei", 2),
        ("Links sind auf zwei pro Kommentar begrenzt", 2),
        ("Kommentare ab drei Links werden geprüft", 2),
        ("Kommentare mit fünf oder mehr Links", 4),
        ("ab dem dritten Link", 2),
        ("ab dem 3. Link", 2),
        ("weniger als drei Links", 2),
        ("höchstens 1.200 Zeichen und nicht mehr als zwei Links", 2),
        ("keine Links", None),
        ("kein Link pro Kommentar", None),
        ("Links sind tabu, maximal 500 Zeichen", None),
        ("Links sind nur auf eine Seite erlaubt", None),
        ("mindestens ein Link pro Kommentar", None),
    ],
)
def test_how_many_links_are_allowed_is_read_from_the_clause(quote: str, limit: int | None) -> None:
    assert link_limit(quote) == limit


@pytest.mark.parametrize("modality", ["forbids", "asks", "permits"])
def test_links_are_flagged_from_the_first_that_is_too_many(modality: Modality) -> None:
    two = rule(Category.LINKS, "bis zu zwei Links pro Kommentar", modality)
    text = "www.eins.example, https://zwei.example/x"
    assert label_text(text, [two]) == ()
    (label,) = label_text(f"{text} und https://drei.example www.vier.example", [two])
    assert [one.text for one in label.evidence] == ["https://drei.example", "www.vier.example"]


@pytest.mark.parametrize(
    "quote",
    [
        "Setzen Sie Links bitte sparsam ein.",
        "Mindestens ein Link zur Quelle",
        "höchstens zwei Links zu Shops",
    ],
)
def test_links_that_nobody_can_count_are_not_flagged(quote: str) -> None:
    links = " ".join(f"https://nummer{number}.example" for number in range(9))
    assert label_text(links, [rule(Category.LINKS, quote)]) == ()


def test_a_permission_that_ends_somewhere_is_a_limit() -> None:
    permitted = rule(Category.LENGTH_LIMIT, "Bis zu 10 Zeichen sind erlaubt.", "permits")
    assert label_text("Zehn hier. Und mehr.", [permitted])
    permitted = rule(Category.LENGTH_LIMIT, "Mehr, etwa 10 Zeichen, sind erlaubt.", "permits")
    assert label_text("Zehn hier. Und mehr.", [permitted]) == ()

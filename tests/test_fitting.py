"""Which of several rules of a category is quoted: the clause that speaks of what was found."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from moderation.labelling import fitting
from moderation.labelling.functions import FUNCTIONS, OFF_TOPIC, label_text
from moderation.labelling.rules_file import default_rules, with_legal_rules
from moderation.records import Category, HouseRule, Modality

TEXTS = {
    "telephone": "Ruf an: 0171 1234567",
    "mail": "Schreibt an max@muster.example",
    "address": "Sie wohnt in der Hauptstraße 12, 12345 Berlin",
    "account": "Spenden an DE12 3456 7890 1234 5678 90",
    "obscene": "Du Wichser",
    "threat": "So einer gehört erschossen.",
    "sale": "Kredit ohne Schufa: www.beispiel.example",
    "slur": "Diese Kanaken",
    "insult": "Du Idiot",
    "accusation": "Herr Muster ist ein Betrüger",
    "rude": "Das ist widerlich.",
    "loud": "JETZT REICHT ES MIR ABER WIRKLICH GANZ GEWALTIG LIEBE LEUTE",
}


def rules(
    category: Category, *quotes: str, modality: Modality = "forbids"
) -> tuple[HouseRule, ...]:
    return tuple(
        HouseRule(f"{category}-{number}", category, quote, "s", 0, len(quote), quote, modality)
        for number, quote in enumerate(quotes, 1)
    )


def quoted(found: str, given: tuple[HouseRule, ...]) -> list[str]:
    return [label.rule.quote for label in label_text(TEXTS[found], given)]


COPYRIGHT = "Das Einstellen fremder Texte, Bilder oder ganzer Zeitungsartikel ist nicht erlaubt."
NUMBERS = "Die Nennung von Privatanschriften, Rufnummern und Kontoverbindungen ist untersagt."


@pytest.mark.parametrize(
    ("found", "category", "wrong", "right"),
    [
        ("telephone", Category.PRIVACY, COPYRIGHT, NUMBERS),
        ("address", Category.PRIVACY, COPYRIGHT, NUMBERS),
        ("mail", Category.PRIVACY, "Keine Telefonnummern", "Keine E-Mail-Adressen"),
        ("telephone", Category.PRIVACY, "Keine E-Mail-Adressen", "Keine Telefonnummern"),
        ("address", Category.PRIVACY, "Keine Handynummern", "Wohnorte und Anschriften"),
        ("account", Category.PRIVACY, "Keine Telefonnummern", "IBAN und Kontonummern"),
        ("mail", Category.PRIVACY, "Keine Rufnummern", "Keine persönlichen Angaben"),
        ("telephone", Category.PRIVACY, "Das Recht am eigenen Bild", "personenbezogene Daten"),
        ("obscene", Category.INDECENCY, "zu bedrohen", "pornographische Inhalte"),
        ("obscene", Category.INDECENCY, "Drohungen", "Obszönitäten"),
        ("obscene", Category.INDECENCY, "Gewaltaufrufe", "gegen die guten Sitten"),
        ("obscene", Category.INDECENCY, "Keine Pornografie", "Kraftausdrücke"),
        ("threat", Category.INDECENCY, "Obszönitäten", "Drohungen"),
        ("threat", Category.INDECENCY, "Keine Pornografie", "Aufrufe zu Gewalt"),
        ("sale", Category.ADVERTISING, "Wahlwerbung ist unzulässig", "Keine Werbung"),
        ("sale", Category.ADVERTISING, "Keine Mehrfachpostings", "Kommerzielle Angebote"),
        ("sale", Category.ADVERTISING, "Spendenaufrufe und Petitionen", "Verkaufsangebote"),
        ("slur", Category.GROUP_ABUSE, "Leugnung des Holocaust", "Keine Diskriminierung"),
        ("slur", Category.GROUP_ABUSE, "Nazi-Vergleiche", "Rassismus"),
        ("insult", Category.INSULT, "Mobbing und Nachstellungen", "keine Beleidigungen"),
        ("accusation", Category.DEFAMATION, "Fake News", "Üble Nachrede"),
        ("rude", Category.INCIVILITY, "Keine Großbuchstaben", "Bleiben Sie höflich."),
        ("loud", Category.INCIVILITY, "Bleiben Sie höflich.", "Keine Großbuchstaben"),
    ],
)
def test_the_clause_that_speaks_of_what_was_found_is_quoted(
    found: str, category: Category, wrong: str, right: str
) -> None:
    assert quoted(found, rules(category, wrong, right)) == [right]
    assert quoted(found, rules(category, right, wrong)) == [right]


@pytest.mark.parametrize(
    ("found", "category", "quote"),
    [
        ("telephone", Category.PRIVACY, COPYRIGHT),
        ("mail", Category.PRIVACY, "Das Recht am eigenen Bild ist zu achten."),
        ("sale", Category.ADVERTISING, "Wahlwerbung ist vor einer Wahl unzulässig."),
        ("rude", Category.INCIVILITY, "Schreiben Sie nicht durchgehend in Großbuchstaben."),
    ],
)
def test_a_clause_on_something_else_is_rather_not_quoted(
    found: str, category: Category, quote: str
) -> None:
    assert quoted(found, rules(category, quote)) == []


def test_without_a_better_clause_a_threat_is_still_told() -> None:
    obscene = rules(Category.INDECENCY, "Obszönitäten")
    assert quoted("threat", obscene) == ["Obszönitäten"]
    # One that is about something in general is the better one, though.
    general = rules(Category.INCIVILITY, "Bleiben Sie höflich.")
    assert quoted("threat", obscene + general) == ["Bleiben Sie höflich."]


def test_what_stands_in_for_a_category_is_chosen_likewise() -> None:
    given = rules(
        Category.INSULT, "Mobbing", "niemanden beleidigen", "die ganze Gruppen verächtlich machen"
    )
    assert quoted("slur", given) == ["die ganze Gruppen verächtlich machen"]
    assert quoted("slur", given[:2]) == ["niemanden beleidigen"]


def test_where_all_fit_alike_the_first_is_quoted_and_permissions_never() -> None:
    assert quoted("insult", rules(Category.INSULT, "erstens", "zweitens")) == ["erstens"]
    permitted = rules(Category.INSULT, "Beleidigungen sind erlaubt", modality="permits")
    assert quoted("insult", permitted + rules(Category.INSULT, "zweitens")) == ["zweitens"]


def test_two_breaches_of_one_category_have_a_label_each_and_one_rule_one_label() -> None:
    given = rules(Category.INDECENCY, "Drohungen", "Obszönitäten")
    text = "Du Wichser, so einer gehört erschossen. Wichser!"
    labels = label_text(text, given)
    assert [label.rule.quote for label in labels] == ["Obszönitäten", "Drohungen"]
    assert [len(label.evidence) for label in labels] == [2, 1]


def test_law_holds_where_no_clause_protects_data() -> None:
    assert with_legal_rules(rules(Category.PRIVACY, NUMBERS))[-1].id != "privacy-law"
    given = with_legal_rules(rules(Category.PRIVACY, COPYRIGHT))
    assert [label.rule.id for label in label_text(TEXTS["telephone"], given)] == ["privacy-law"]


def test_the_choice_follows_the_rules_it_is_given() -> None:
    first, second = rules(Category.INSULT, "keine Beleidigungen"), default_rules()
    for given in (first, second, first, list(second)):
        (label,) = label_text(TEXTS["insult"], given)
        assert label.rule in given


def test_every_function_is_known_to_the_table_and_each_once() -> None:
    path = Path(fitting.__file__).with_name("fitting.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["fitting"]
    named = [name for table in tables for name in table["for"]]
    assert len(named) == len(set(named))
    functions = {function.name for function in (*FUNCTIONS, OFF_TOPIC)}
    assert functions <= set(named) <= functions | {str(category) for category in Category}
    for table in tables:
        stems = [*table["names"], *table["others"]]
        assert len(stems) == len(set(stems))
        for stem in stems:
            assert stem.isascii()
            assert stem == stem.lower()


def test_a_clause_of_any_length_is_looked_at_in_little_time() -> None:
    given = rules(Category.PRIVACY, "wort" * 200_000, "Telefonnummern")
    assert quoted("telephone", given) == ["Telefonnummern"]

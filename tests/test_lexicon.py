"""Word lists: every entry does what it says, and no entry hits what it must not."""

from __future__ import annotations

import re

import pytest

from moderation.labelling.functions import label_text
from moderation.labelling.groups import contempt, groups
from moderation.labelling.inflection import inflect, with_umlaut
from moderation.labelling.lexicon import (
    LEXICON_CATEGORIES,
    Entry,
    build_lexicon,
    innocent_words,
    lexicon,
    load_table,
)
from moderation.labelling.patterns import Pattern, find_patterns, patterns
from moderation.labelling.reading import read
from moderation.labelling.sweeping import find_sweeping, predicates
from moderation.labelling.words import find_words
from moderation.records import Category, HouseRule
from moderation.text import fold_text

RULES = tuple(HouseRule(c.value, c, "…", "test", 0, 1, "…") for c in Category)
ENTRIES = [
    pytest.param(category, entry, id=f"{category}-{entry.lemma}")
    for category in LEXICON_CATEGORIES
    for entry in lexicon(category).entries
]
PATTERNS = [pytest.param(pattern, id=pattern.id) for pattern in patterns()]


@pytest.mark.parametrize(("category", "entry"), ENTRIES)
def test_an_entry_hits_its_examples_and_spares_its_counter_examples(
    category: Category, entry: Entry
) -> None:
    alone = build_lexicon(category, [entry], innocent_words())
    for example in entry.examples:
        assert list(find_words(read(example), alone)), example
    for example in entry.counter_examples:
        assert not list(find_words(read(example), alone)), example


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_hits_its_examples_and_spares_its_counter_examples(pattern: Pattern) -> None:
    for example in pattern.examples:
        reading = read(example)
        assert pattern.words & reading.vocabulary, example
        assert pattern.expression.search(reading.folded), example
        assert list(find_patterns(reading, pattern.category)), example
    for example in pattern.counter_examples:
        assert not list(find_patterns(read(example), pattern.category)), example


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_bounded_and_written_for_folded_text(pattern: Pattern) -> None:
    source = pattern.expression.pattern
    assert not re.search(r"[*+]|\{\d+,\}", source)
    assert fold_text(source) == source.lower()
    assert all(fold_text(word) == word for word in pattern.words)


def test_no_lemma_stands_twice_in_a_lexicon() -> None:
    for category in LEXICON_CATEGORIES:
        lemmas = [entry.lemma for entry in lexicon(category).entries]
        assert len(set(lemmas)) == len(lemmas), category


def test_there_are_nine_hundred_lemmas_at_least() -> None:
    assert sum(len(lexicon(category).entries) for category in LEXICON_CATEGORIES) >= 900


def test_every_innocent_word_would_be_a_hit_otherwise() -> None:
    table = load_table("innocent")
    unguarded = [build_lexicon(c, lexicon(c).entries) for c in LEXICON_CATEGORIES]
    for word in [*table["words"], *("das" + ending for ending in table["endings"])]:
        assert any(each.senses(fold_text(word)) for each in unguarded), word
        assert not any(lexicon(c).senses(fold_text(word)) for c in LEXICON_CATEGORIES), word


@pytest.mark.parametrize("place", range(len(predicates().claims)))
def test_a_claim_hits_its_examples_and_spares_its_counter_examples(place: int) -> None:
    claim = predicates().claims[place]
    assert not re.search(r"[*+]|\{\d+,\}", claim.expression.pattern)
    for example in claim.examples:
        assert claim.expression.search(read(example).folded), example
        assert list(find_sweeping(read(example), protected=True)), example
    for example in claim.counter_examples:
        assert not list(find_sweeping(read(example), protected=True)), example


def test_every_innocent_phrase_would_be_a_hit_otherwise() -> None:
    for phrase in load_table("innocent")["phrases"]:
        text = phrase.replace("~", "e")
        words = fold_text(text).split()
        assert any(lexicon(c).senses(word) for c in LEXICON_CATEGORIES for word in words), phrase
        assert label_text(f"Das war {text} am Morgen", RULES) == (), phrase


@pytest.mark.parametrize("thing", load_table("innocent")["things"])
def test_a_thing_named_after_an_insult_is_no_insult(thing: str) -> None:
    assert label_text(f"Den Trottel-{thing.title()} kennt man", RULES) == ()
    assert label_text(f"Der Trottel. {thing.title()} kennt man", RULES)


@pytest.mark.parametrize(
    "word",
    [
        "schön", "Mitgliedschaft", "Barsch", "Marsch", "Abmarsch", "Marschall", "Packung",
        "Gepäck", "Rucksack", "Sauerland", "Sauerstoff", "Analyse", "Arschaeologe", "Archäologe",
        "Hundertschaft", "Bücherwurm", "Regenwurm", "Leseratte", "Wasserratte", "Kuckucksuhren",
        "Bronze", "Romanze", "Minute", "Integer", "Konsum", "Klassenkasper", "Staffelei", "Waffen",
        "schaffen", "Rassehund", "Sozialpädagoge", "Fickler", "Dummy", "Spinnerei", "Nigeria",
        "Montenegro", "Neapel", "Scheitel", "Kotzebue", "Assistent",
    ],
)  # fmt: skip
def test_innocent_words_are_free(word: str) -> None:
    assert label_text(f"Hier steht {word} und sonst nichts", RULES) == ()


@pytest.mark.parametrize(
    ("compound", "category"),
    [
        ("Drecksgesindel", Category.INSULT),
        ("Obertrottel", Category.INSULT),
        ("Asylantenpack", Category.GROUP_ABUSE),
        ("Judenschweine", Category.GROUP_ABUSE),
        ("Politikerratten", Category.INSULT),
        ("Scheißpolitik", Category.INDECENCY),
        ("Drecksausländer", Category.GROUP_ABUSE),
    ],
)
def test_compounds_are_hit_at_declared_parts(compound: str, category: Category) -> None:
    (label,) = label_text(f"Hier steht {compound} am Rand", RULES)
    assert (label.category, label.evidence[0].text) == (category, compound)


@pytest.mark.parametrize(
    ("lemma", "part", "inflection", "forms"),
    [
        ("Idiot", "noun", "weak+in", {"Idiot", "Idioten", "Idiotin", "Idiotinnen"}),
        ("Kanake", "noun", "weak", {"Kanake", "Kanaken"}),
        ("Trottel", "noun", "-", {"Trottel", "Trottels", "Trotteln"}),
        ("Dummkopf", "noun", "umlaut-e", {"Dummkopf", "Dummkopfes", "Dummköpfe", "Dummköpfen"}),
        ("Arschloch", "noun", "umlaut-er", {"Arschloch", "Arschlöcher", "Arschlöchern"}),
        ("Gestörte", "noun", "adjectival", {"Gestörte", "Gestörter", "Gestörten"}),
        ("dumm", "adjective", "umlaut", {"dumm", "dummes", "dümmer", "dümmsten"}),
        ("übel", "adjective", "regular", {"übel", "übler", "üblen"}),
        ("blöde", "adjective", "regular", {"blöde", "blöder", "blödesten"}),
        ("ab|knallen", "verb", "weak", {"abknallen", "abgeknallt", "abzuknallen", "abknallt"}),
        ("vergasen", "verb", "weak", {"vergast", "vergasen", "vergaste"}),
    ],
)
def test_inflection_generates_the_forms(
    lemma: str, part: str, inflection: str, forms: set[str]
) -> None:
    generated = inflect(lemma, part, inflection)
    assert set(map(fold_text, forms)) <= generated.singular | generated.plural


def test_umlaut_takes_the_last_back_vowel() -> None:
    assert [with_umlaut(word) for word in ("Kopf", "Sau", "Waschlapp")] == [
        "Köpf",
        "Säu",
        "Waschläpp",
    ]


@pytest.mark.parametrize(
    ("part", "inflection"),
    [("noun", "?"), ("adjective", "?"), ("verb", "strong"), ("phrase", "weak"), ("?", "weak")],
)
def test_an_unknown_class_is_refused(part: str, inflection: str) -> None:
    with pytest.raises(ValueError, match="Wort"):
        inflect("Wort", part, inflection)


def test_number_is_known_where_the_form_shows_it() -> None:
    entries = (Entry("Ratte", "noun", "-n", ("…",)), Entry("Trottel", "noun", "-", ("…",)))
    lexicon_ = build_lexicon(Category.INSULT, entries)
    numbers = {word: lexicon_.senses(word)[0].number for word in ("ratte", "ratten", "trottel")}
    assert numbers == {"ratte": "singular", "ratten": "plural", "trottel": "either"}


def test_the_shared_word_lists_are_folded_and_do_not_contradict() -> None:
    assert groups().nouns["tuerken"].protected
    assert not groups().nouns["politiker"].protected
    assert set(contempt().adjectives.values()) == {1, 2}
    # No group is condemned by its own name.
    assert not predicates().qualities & {
        word for word, group in groups().nouns.items() if group.protected
    }

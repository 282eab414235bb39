import tomllib
from pathlib import Path

import language as bench
import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from moderation.language import is_foreign, language_of

DATA = tomllib.loads((Path(__file__).parent / "languages.toml").read_text(encoding="utf-8"))
SECOND = tomllib.loads(
    (Path(__file__).parent / "languages_independent.toml").read_text(encoding="utf-8")
)
HALVES = sorted(DATA)
LETTERS = Path(__file__).parents[1] / "moderation" / "language_letters.npz"


@pytest.mark.parametrize("half", HALVES)
def test_foreign_sentences_are_marked_and_named(half):
    figures = bench.measure(DATA[half], language_of)
    assert figures["marked_foreign"] >= 0.95
    assert figures["code_right"] >= 0.9


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(
    "kind", ["dialect", "slang", "shouting", "misspelt", "english_parts", "plain"]
)
def test_german_that_does_not_look_it_is_not_foreign(half, kind):
    assert [text for text in DATA[half]["german"][kind] if is_foreign(language_of(text))] == []


@pytest.mark.parametrize("half", HALVES)
def test_what_nobody_can_tell_is_not_foreign(half):
    assert [text for text in DATA[half]["unknown"]["short"] if is_foreign(language_of(text))] == []


@pytest.mark.parametrize("half", HALVES)
def test_whoever_adds_foreign_words_to_german_ones_is_still_judged(half):
    assert [text for text in DATA[half]["mixed"]["texts"] if is_foreign(language_of(text))] == []


@pytest.mark.parametrize("code", sorted(DATA["development"]["sentences"]))
@pytest.mark.parametrize("insult_first", [True, False])
def test_an_insult_in_many_foreign_words_is_still_judged(code, insult_first):
    insult = "Du bist ein verlogener Schwachkopf und gehörst eingesperrt."
    foreign = " ".join(DATA["development"]["sentences"][code])
    text = f"{insult} {foreign}" if insult_first else f"{foreign} {insult}"
    assert not is_foreign(language_of(text))


def test_repeating_foreign_words_does_not_hide_german_ones():
    text = "Verschwinde endlich, du Abschaum! " + "this is the best of all the things " * 50
    assert not is_foreign(language_of(text))


@pytest.mark.parametrize("text", ["", " ", "lol", "Super!", "+1", "😂", "Anna Maria", "@peter"])
def test_a_word_or_none_is_unknown(text):
    assert language_of(text).code is None


def test_plain_german_is_german():
    assert language_of("Das ist doch einfach nicht wahr, und ihr wisst es.").code == "de"


def test_confidence_of_the_named_language_is_reliable():
    classes = bench.reliability(DATA["development"], language_of)
    named = sum(one["named"] for one in classes)
    gap = sum(abs(one["right"] - one["mean_confidence"] * one["named"]) for one in classes) / named
    assert gap <= 0.05


@given(st.text(max_size=300))
def test_any_text_has_a_language_or_none(text):
    found = language_of(text)
    assert 0.0 <= found.confidence <= 1.0
    assert found.code is None or len(found.code) == 2


SENTENCES = sorted(
    text
    for half in DATA.values()
    for texts in (*half["sentences"].values(), *half["german"].values())
    for text in texts
)


def test_two_words_of_insult_in_a_foreign_sentence():
    # 14 of 20 before a passage of two words counted. These are reviewed as foreign, not published.
    assert sum(is_foreign(language_of(text)) for text in SECOND["pairs"]["texts"]) <= 9


SMALL_GERMAN = [
    "und",
    "nicht",
    "ihr",
    "doch",
    "auch",
    "euch",
    "wir",
    "sich",
    "wenn",
    "aber",
    "oder",
    "kein",
    "mich",
    "dich",
    "nur",
    "noch",
]
FOREIGN = sorted(
    text for texts in DATA["development"]["sentences"].values() for text in texts
) + sorted(text for texts in SECOND["sentences"].values() for text in texts)


@given(st.sampled_from(FOREIGN), st.booleans(), st.randoms(use_true_random=False))
def test_a_quarter_of_small_german_words_is_never_foreign(foreign, first, random):
    count = -(-len(foreign.split()) // 3)  # a third of the foreign words is a quarter of all
    german = " ".join(random.sample(SMALL_GERMAN, count))
    text = f"{german} {foreign}" if first else f"{foreign} {german}"
    assert not is_foreign(language_of(text))


def test_second_set_of_sentences():
    # Measured before anything was changed for it: 0.983 marked, 0.967 named, 3 of 26 mixed foreign.
    figures = bench.measure(SECOND, language_of)
    assert figures["marked_foreign"] >= 0.95
    assert figures["code_right"] >= 0.93
    assert figures["german_called_foreign"] == 0
    assert figures["unknown_called_something"] == 0
    assert figures["mixed_called_foreign"] == 0


@given(st.sampled_from(SENTENCES), st.sampled_from(["\n", "\t", "\u00a0", "\r"]))
def test_kind_of_white_space_does_not_matter(text, space):
    assert language_of(f"{space}{text.replace(' ', space)}{space * 300}") == language_of(text)


@pytest.mark.parametrize(
    "piece", ["a", "@", "the ", "a@", "/", "www.", "я ", "a'", "é\u0301 ", "x."]
)
def test_time_grows_with_length(piece):
    assert growth(lambda size: language_of(piece * size), 10_000, 40_000) <= 12


def test_the_table_of_letters_is_small():
    assert LETTERS.stat().st_size <= 300_000

"""Folding and sentences."""

from itertools import pairwise

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from moderation.text import fold, fold_text, sentences

ANY_TEXT = st.text(st.characters() | st.sampled_from("äößÄ\u0308\u200b1@$aAiI .!\ud800"))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("1D10T", "idiot"),
        ("Ｉｄｉｏｔ", "idiot"),
        ("Idiiiiot", "idiot"),
        ("I\u200bdi\u00adot", "idiot"),
        ("Іdiоt", "idiot"),
        ("4rschl0ch", "arschloch"),
        ("Mädchen", "maedchen"),
        ("Ma\u0308dchen", "maedchen"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
    ],
)
def test_spellings_of_one_word_meet(written: str, folded: str) -> None:
    assert fold_text(written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("SÜẞÖL…", "suessoel..."),
        ("\u212a„İst“", "k„ist“"),
        ("Жа\u0308дcheeen é", "жaдchen e"),
        ("жжжд", "жд"),
        ("1´2", "1 2"),
        ("Grüße 4rschl0ch Füüüße", "gruesse arschloch fueueuesse"),
    ],
)
def test_rare_signs_fold_with_offsets_and_without(written: str, folded: str) -> None:
    assert fold_text(written) == folded
    assert fold(written).text == folded


@pytest.mark.parametrize("text", ["b2b", "20er", "3d", "covid19", "@name", "50:50", "g20"])
def test_digits_that_are_no_letters_stay(text: str) -> None:
    assert fold_text(text) == text


@given(ANY_TEXT)
def test_both_ways_of_folding_agree(text: str) -> None:
    assert fold(text).text == fold_text(text)


@given(ANY_TEXT)
def test_words_are_folded_each_by_itself(text: str) -> None:
    by_token = [word for token in text.split() for word in fold_text(token).split()]
    assert fold_text(text).split() == by_token


@given(st.characters(), st.characters())
def test_a_character_folds_like_its_lower_case_beside_any_other(left: str, right: str) -> None:
    assert fold(left + right).text == fold_text(left + right) == fold_text((left + right).lower())


@given(ANY_TEXT)
def test_spans_lie_within_the_text_and_in_order(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@given(st.text("abcdefgh ABC.,", min_size=1))
def test_letters_that_need_no_folding_keep_their_place(text: str) -> None:
    folded = fold(text)
    if len(folded.text) == len(text):
        assert all(folded.span(i, i + 1) == (i, i + 1) for i in range(len(text)))


def test_a_folded_word_is_quoted_as_it_was_written() -> None:
    text = "So ein Ma\u0308rchener\u200bzähler!"
    folded = fold(text)
    start = folded.text.index("maerchenerzaehler")
    start, end = folded.span(start, start + len("maerchenerzaehler"))
    assert text[start:end] == "Ma\u0308rchener\u200bzähler"


def test_abbreviations_and_dates_end_no_sentence() -> None:
    text = "Am 15. Juli kam z. B. Dr. Maier. Und dann? Nichts…"
    assert [text[a:b] for a, b in sentences(text)] == [
        "Am 15. Juli kam z. B. Dr. Maier.",
        "Und dann?",
        "Nichts…",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Mo.–Fr. 7–23 Uhr und Sa., So. 9–22 Uhr besetzt.", 1),
        ("Von Mo. bis Fr. werden Kommentare von 8 bis 18 Uhr freigeschaltet.", 1),
        ("Mo. Di. Mi. und Do. von 9 bis 12 Uhr.", 1),
        ("Werktags (Mo.–Fr.) von 8 bis 18 Uhr.", 1),
        ("Am 3. Dez. 2026 gilt das inkl. Sa. u. So. tgl. von 8 bis 9 Uhr.", 1),
        ("Nach 48 Std. wird geschlossen.", 1),
        ("Das ist so. Und das nicht.", 2),
        ("Das mache ich Do. Wir sehen uns.", 2),
        ("Es dauert 5 Std. Danach nicht.", 2),
        ("Das war am So.\n\nund das am Mo.", 2),
    ],
)
def test_short_names_of_days_end_no_sentence_that_goes_on(text: str, count: int) -> None:
    assert len(list(sentences(text))) == count


@given(ANY_TEXT)
def test_sentences_hold_all_that_is_not_white_space(text: str) -> None:
    spans = list(sentences(text))
    inside = "".join(text[a:b] for a, b in spans)
    assert "".join(inside.split()) == "".join(text.split())
    assert all(left[1] <= right[0] for left, right in pairwise(spans))


def test_heaps_of_marks_take_no_more_than_their_length() -> None:
    # Sixteen times the marks: quadratic sorting would take 256 times as long.
    assert growth(lambda marks: fold_text("a" + "\u0316\u0301" * marks), 2_000, 32_000) < 100

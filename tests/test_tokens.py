"""The fast way to a score is the plain way: token by token, kept in bounded memory."""

from __future__ import annotations

import pickle
import re
import threading
from dataclasses import replace

import numpy as np
import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from moderation.model import tokens as tokens_module
from moderation.model.classifier import Classifier
from moderation.model.explanation import explain, telling_words
from moderation.model.features import batch_of, occurrences
from moderation.model.style import (
    STYLE_FEATURES,
    TOKEN_COUNTS,
    standardise,
    style_matrix,
    token_counts,
)

# What folding, splitting or counting may stumble over, strung together with and without spaces.
PIECES = st.sampled_from(
    [
        "Idiot", "idiot!", "Straße", "STRASSE", "1d10t", "@name", "www.x.example", "Sie", "dein",
        "Soooo", "…", "...", "´", "½", "ﬁ", "İ", "Σας", "\u200b", "\u0308", "a\u0308", "\ud800",
        "\x85", "\x1c", "\n", " ", "  ", "\t", "😀", "„Ja“", "das-ist_ein", "€uro", "5", "x" * 70,
    ]
)  # fmt: skip
TEXTS = st.lists(st.lists(PIECES | st.text(max_size=4), max_size=12).map("".join), max_size=5)


def plain(model: Classifier, texts: list[str]) -> NDArray[np.float64]:
    """Score as the model's formula says: every occurrence of whole comments, nothing kept."""
    sums = np.zeros((len(texts), len(model.heads)))
    number = np.zeros(len(texts))
    for found in occurrences(batch_of(texts), model.settings, model.vocabulary):
        np.add.at(sums, found.comments, model.weights[found.columns].astype(np.float64))
        np.add.at(number, found.comments, 1)
    style = standardise(style_matrix(texts), model.style_mean, model.style_scale)
    log_odds: NDArray[np.float64] = (
        sums / np.sqrt(np.maximum(number, 1))[:, None] + model.biases + style @ model.style_weights
    )
    return log_odds


@given(TEXTS)
def test_token_by_token_gives_the_same_score(news: Classifier, texts: list[str]) -> None:
    fresh = replace(news)
    for _ in range(2):
        assert fresh.linear_log_odds(texts) == pytest.approx(plain(news, texts), abs=1e-9)


@given(TEXTS)
def test_what_was_kept_changes_no_bit(news: Classifier, texts: list[str]) -> None:
    assert (replace(news).log_odds(texts) == news.log_odds(texts)).all()


def test_a_full_memo_starts_over_and_scores_alike(
    news: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"Satz {number} handelt von Wort{number}." for number in range(300)]
    expected = news.log_odds(texts)
    monkeypatch.setattr(tokens_module, "MAX_TOKENS", 50)
    small = replace(news)
    again = np.concatenate([small.log_odds(texts[at : at + 7]) for at in range(0, 300, 7)])
    assert (again == expected).all()
    assert len(small._memo._rows) < 50 + 4 * 7 + 1


def test_long_tokens_are_not_kept_for_ever(news: Classifier) -> None:
    fresh = replace(news)
    limit = tokens_module.MAX_CHARACTERS
    for letter in "abcdef":
        fresh.log_odds([letter * (limit // 4 + 1)])
    assert fresh._memo._characters <= limit + limit // 4 + 1


def test_a_failure_leaves_no_half_known_tokens(
    news: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = replace(news)
    with monkeypatch.context() as broken:
        broken.setattr(
            "moderation.model.classifier.token_facts", lambda *_: (_ for _ in ()).throw(MemoryError)
        )
        with pytest.raises(MemoryError):
            fresh.log_odds(["Guten Tag"])
    assert (fresh.log_odds(["Guten Tag"]) == news.log_odds(["Guten Tag"])).all()


def test_other_weights_mean_another_memo_and_none_travels(news: Classifier) -> None:
    news.log_odds(["Guten Tag"])
    other = replace(news, weights=-news.weights)
    assert (other.log_odds(["Guten Tag"]) != news.log_odds(["Guten Tag"])).any()
    assert len(pickle.loads(pickle.dumps(news))._memo._rows) == 0  # noqa: S301 -- our own


def test_threads_share_a_classifier(news: Classifier) -> None:
    shared = replace(news)
    texts = [[f"Wort{number % 97} und {who}{number}" for number in range(400)] for who in "abcd"]
    results: dict[int, NDArray[np.float64]] = {}

    def work(index: int) -> None:
        parts = [shared.log_odds(texts[index][at : at + 9]) for at in range(0, 400, 9)]
        results[index] = np.concatenate(parts)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(4):
        assert (results[index] == news.log_odds(texts[index])).all()


def test_more_texts_than_are_scored_at_once(news: Classifier) -> None:
    texts = [f"Nummer {number}, danke!" for number in range(2500)]
    assert (news.log_odds(texts)[2400:] == news.log_odds(texts[2400:])).all()


@given(st.lists(PIECES | st.text(max_size=6), max_size=8).map("".join))
def test_style_is_what_its_names_say(text: str) -> None:
    style = dict(zip(STYLE_FEATURES, style_matrix([text])[0], strict=True))
    words = text.split()
    number = max(len(words), 1)
    assert style["Länge in Zeichen"] == pytest.approx(np.log1p(len(text)))
    assert style["Ausrufezeichen"] == pytest.approx(np.log1p(text.count("!")))
    assert style["Auslassungspunkte"] == pytest.approx(
        np.log1p(text.count("...") + text.count("…"))
    )
    assert style["Wortvielfalt"] == pytest.approx(len(set(text.lower().split())) / number)
    assert style["Wörter in Großbuchstaben"] == pytest.approx(
        sum(len(word) > 2 and word.isupper() for word in words) / number
    )
    formal = len(re.findall(r"\b(?:Sie|Ihnen)\b", text))
    assert style["Anrede Sie"] == pytest.approx(formal / number)
    you = r"\b(?:du|dich|dir|dein\w{0,3}|ihr|euch|euer\w{0,2}|eure\w?)\b"
    assert style["Anrede du/ihr"] == pytest.approx(len(re.findall(you, text.lower())) / number)
    assert style["Absätze"] == pytest.approx(np.log1p(text.count("\n")))


def test_signs_are_counted_token_by_token() -> None:
    counts = token_counts(["Du!!", "IHR", "12,5", "😀..."])
    assert counts.shape == (4, TOKEN_COUNTS)
    assert counts.sum(axis=1).tolist() == [1 + 2 + 1, 3 + 1 + 1, 3 + 1, 1 + 3 + 1]


@given(TEXTS)
def test_telling_words_are_the_strongest_of_the_explanation(
    news: Classifier, texts: list[str]
) -> None:
    for text, telling in zip(texts, telling_words(news, texts, 3), strict=True):
        explained = explain(news, text, news.main).words
        strongest = sorted(-word.log_odds for word in explained if word.log_odds > 0)[:3]
        assert [-word.log_odds for word in telling] == pytest.approx(strongest)
        for word in telling:
            evidence = word.evidence
            assert text[evidence.start : evidence.end] == evidence.text


@pytest.mark.parametrize(
    "part", ["wort ", "a.", "x", "!", "Idiot1d10t ", "ä\u0308", "´", "\U0001f600", "ich SIE du "]
)
def test_scoring_grows_with_length_and_no_faster(news: Classifier, part: str) -> None:
    def run(length: int) -> None:
        replace(news).log_odds([part * (length // len(part))])

    assert growth(run, 100_000, 400_000) < 4 * 3

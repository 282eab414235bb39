"""Features, scores, explanations and the model folder."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.errors import ModelError
from moderation.model import persistence
from moderation.model.classifier import Classifier, Thresholds, calibrated
from moderation.model.explanation import explain
from moderation.model.features import (
    FeatureSettings,
    Vocabulary,
    batch_of,
    occurrences,
    word_hashes,
)
from moderation.model.persistence import load, model_folder, save
from moderation.model.style import STYLE_FEATURES

ANY_TEXT = st.text(st.characters() | st.sampled_from("äß .!?,aeinrst\u200b\ud800\u0308"))


def ngrams(text: str, feature_settings: FeatureSettings) -> list[str]:
    batch = batch_of([text])
    letters = [chr(code) for code in batch.codes]
    return [
        "".join(letters[start:end])
        for found in occurrences(batch, feature_settings)
        for start, end in zip(found.starts, found.ends, strict=True)
    ]


def test_ngrams_stay_within_words_and_words_come_alone_and_in_pairs() -> None:
    found = ngrams("Ab  cde", FeatureSettings(shortest=3, longest=4))
    assert found == [
        " ab",
        "ab ",
        " cd",
        "cde",
        "de ",
        " ab ",
        " cde",
        "cde ",
        "ab",
        "cde",
        "ab cde",
    ]


def test_ngrams_do_not_cross_comments() -> None:
    batch = batch_of(["ab", "cd"])
    for found in occurrences(batch, FeatureSettings()):
        assert (found.starts >= batch.bounds[found.comments]).all()
        assert (found.ends <= batch.bounds[found.comments + 1]).all()


def test_the_same_ngram_falls_into_the_same_column_wherever_it_stands() -> None:
    columns = [
        {
            int(column)
            for found in occurrences(batch_of(texts), FeatureSettings())
            for column in found.columns[found.comments == index]
        }
        for texts, index in ((["idiot"], 0), (["etwas davor", "Idiot"], 1))
    ]
    assert columns[0] == columns[1]


@given(st.lists(ANY_TEXT, min_size=1, max_size=6))
@settings(deadline=None)
def test_a_score_does_not_depend_on_the_neighbours(news: Classifier, texts: list[str]) -> None:
    together = news.log_odds(texts)
    alone = np.vstack([news.log_odds([text]) for text in texts])
    assert (together == alone).all()
    assert np.isfinite(together).all()


@given(ANY_TEXT)
@settings(deadline=None)
def test_shares_add_up_to_the_log_odds(news: Classifier, text: str) -> None:
    for head in news.heads:
        explanation = explain(news, text, head)
        total = (
            explanation.bias
            + sum(word.log_odds for word in explanation.words)
            + sum(share for _, share in explanation.style)
        )
        assert total == pytest.approx(explanation.log_odds, abs=1e-6)
        linear = news.linear_log_odds([text])[0, news.heads.index(head)]
        assert total == pytest.approx(linear, abs=1e-6)
        assert all(
            text[word.evidence.start : word.evidence.end] == word.evidence.text
            for word in explanation.words
        )


def test_scores_are_the_same_in_another_process(news: Classifier, news_folder: Path) -> None:
    text = "Das ist doch alles gelogen, ihr Heuchler!"
    code = (
        "import sys; from pathlib import Path; from moderation.model.persistence import load;"
        "print(repr(load(Path(sys.argv[1])).log_odds([sys.argv[2]]).tolist()))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code, str(news_folder), text], capture_output=True, check=True
    )
    assert json.loads(other.stdout) == news.log_odds([text]).tolist()


def vocabulary(themes: dict[str, list[str]], heads: tuple[str, ...] = ()) -> Vocabulary:
    rows = [(word, index) for index, words in enumerate(themes.values()) for word in words]
    hashes = word_hashes([word for word, _ in rows])
    order = np.argsort(hashes)
    return Vocabulary(
        tuple(themes),
        hashes[order],
        np.array([index for _, index in rows], dtype=np.uint8)[order],
        np.array([word in heads for word, _ in rows])[order],
    )


def themes_in(text: str, known: Vocabulary) -> list[tuple[str, str]]:
    """Return the words of `text` that have a theme, then pairs, each with the name(s) of it."""
    batch = batch_of([text])
    found = []
    count = len(known.themes)
    for one in occurrences(batch, FeatureSettings(bits=8), known):
        for column, start, end in zip(one.columns, one.starts, one.ends, strict=True):
            if column >= 256:
                place = int(column) - 256
                first, second = divmod(place - count, count)
                name = (
                    known.themes[place]
                    if place < count
                    else f"{known.themes[first]} {known.themes[second]}"
                )
                found.append(("".join(map(chr, batch.codes[start:end])), name))
    return found


def test_words_have_their_themes_whatever_stands_around_them() -> None:
    known = vocabulary({"Schimpf": ["idiot"], "Dank": ["danke"]})
    assert themes_in("Danke, du „Idiot“!", known) == [
        ("danke", "Dank"),
        ("idiot", "Schimpf"),
        ("danke, du „idiot", "Dank Schimpf"),
    ]


def test_a_compound_has_the_themes_of_its_head_only_where_it_may() -> None:
    known = vocabulary({"Schimpf": ["idiot", "trottel"]}, heads=("idiot",))
    assert themes_in("Vollidiot Volltrottel xidiot", known) == [("vollidiot", "Schimpf")]


def test_a_word_of_two_themes_counts_for_both() -> None:
    known = vocabulary({"A": ["ratte"], "B": ["ratte"]})
    assert themes_in("Ratte", known) == [("ratte", "A"), ("ratte", "B")]


def test_only_single_words_can_be_known() -> None:
    with pytest.raises(ValueError, match="single words"):
        word_hashes(["idiot", "zwei worte"])


def test_calibration_keeps_the_order_and_can_do_nothing() -> None:
    log_odds = np.linspace(-30, 30, 101)
    assert calibrated(log_odds, np.array([1.0, 1.0, 0.0])) == pytest.approx(log_odds)
    assert (np.diff(calibrated(log_odds, np.array([1.4, 0.3, -0.2]))) > 0).all()


def small(name: str = "small") -> Classifier:
    generator = np.random.default_rng(0)
    return Classifier(
        name=name,
        heads=("abusive", "insult"),
        main="abusive",
        thresholds=Thresholds(0.5, 0.9),
        settings=FeatureSettings(bits=8),
        vocabulary=vocabulary({"Schimpf": ["idiot", "trottel"], "Dank": ["danke"]}),
        weights=generator.normal(size=(262, 2)).astype(np.float16).astype(np.float32),
        biases=np.array([0.5, -0.5]),
        style_weights=generator.normal(size=(len(STYLE_FEATURES), 2)),
        style_mean=np.zeros(len(STYLE_FEATURES)),
        style_scale=np.ones(len(STYLE_FEATURES)),
        calibration=np.array([[1.0, 1.0, 0.0], [1.5, 0.5, 0.1]]),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(small(), tmp_path / "small", facts={}, metrics={"a": 1}, card="# Card\n")
    return tmp_path / "small"


def test_a_model_comes_back_as_it_was_saved(folder: Path) -> None:
    loaded = load(folder)
    assert (loaded.log_odds(["Guten Tag"]) == small().log_odds(["Guten Tag"])).all()
    assert loaded.thresholds == small().thresholds


def test_the_same_model_is_saved_to_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = save(small(), tmp_path / "again", facts={}, metrics={"a": 1}, card="# Card\n")
    assert again == hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()


def test_nothing_is_overwritten_unless_asked(folder: Path) -> None:
    with pytest.raises(ModelError, match="exists"):
        save(small(), folder, facts={}, metrics={}, card="")
    save(small(), folder, facts={}, metrics={}, card="new", overwrite=True)
    assert (folder / "README.md").read_text() == "new"
    assert [path.name for path in folder.parent.iterdir()] == ["small"]


def test_a_folder_that_is_no_model_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("x")
    with pytest.raises(ModelError, match="no model folder"):
        save(small(), tmp_path / "precious", facts={}, metrics={}, card="", overwrite=True)
    assert (tmp_path / "precious" / "file").read_text() == "x"


@pytest.mark.parametrize("name", ["arrays.npz", "model.json", "metrics.json", "README.md"])
def test_an_altered_file_is_named(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name} does not match its digest"):
        load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "arrays.npz").unlink()
    with pytest.raises(ModelError, match=r"arrays\.npz: missing"):
        load(folder)


def resigned(folder: Path) -> None:
    """Make the digests match whatever the files hold now, as an attacker would."""
    (folder / "SHA256SUMS").write_text(
        "".join(
            f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in ("arrays.npz", "model.json", "metrics.json", "README.md")
        )
    )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format_version", 99, "format version 99"),
        ("heads", ["abusive"], "do not fit together"),
        ("main", "other", "main head"),
        ("features", {"bits": 40}, "out of range"),
        ("features", {"surprise": 1}, "do not fit together"),
        ("thresholds", {"review": 0.9, "reject": 0.1}, "thresholds"),
        ("themes", ["one"], "a theme that does not exist|shape"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    folder: Path, key: str, value: object, message: str
) -> None:
    model = json.loads((folder / "model.json").read_text())
    model[key] = value
    (folder / "model.json").write_text(json.dumps(model))
    resigned(folder)
    with pytest.raises(ModelError, match=message):
        load(folder)


def test_pickles_and_bombs_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(folder / "arrays.npz", weights=np.array([{}], dtype=object))
    resigned(folder)
    with pytest.raises(ModelError, match="not the arrays of a model"):
        load(folder)
    monkeypatch.setattr(persistence, "MAX_ARRAY_BYTES", 10)
    with pytest.raises(ModelError, match="unpacks to more than"):
        load(folder)


def test_numbers_that_are_none_are_refused(folder: Path) -> None:
    with np.load(folder / "arrays.npz") as arrays:
        changed = {name: arrays[name].copy() for name in arrays}
    changed["biases"][0] = np.nan
    np.savez(folder / "arrays.npz", **changed)
    resigned(folder)
    with pytest.raises(ModelError, match="not finite"):
        load(folder)


def test_words_out_of_order_are_refused(folder: Path) -> None:
    with np.load(folder / "arrays.npz") as arrays:
        changed = {name: arrays[name].copy() for name in arrays}
    changed["word_hashes"] = changed["word_hashes"][::-1]
    np.savez(folder / "arrays.npz", **changed)
    resigned(folder)
    with pytest.raises(ModelError, match="ascending"):
        load(folder)


def test_unknown_models_are_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"nosuch: no such model; .*news"):
        model_folder("nosuch")


def test_models_are_found_by_name_in_a_shelf_of_ones_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_MODELS", str(folder.parent))
    assert model_folder("small") == folder


def test_the_shipped_model_is_small_and_whole(news_folder: Path) -> None:
    assert sum(path.stat().st_size for path in news_folder.iterdir()) <= 8_000_000
    metrics = json.loads((news_folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["held_out"]["abusive"]["rp-crowd-3"]["roc_auc"] > 0.8


def test_a_copied_model_works_anywhere(news_folder: Path, tmp_path: Path, news: Classifier) -> None:
    shutil.copytree(news_folder, tmp_path / "copy")
    assert (load(tmp_path / "copy").log_odds(["Ja"]) == news.log_odds(["Ja"])).all()


@pytest.mark.parametrize("dtype", ["<U4", "c16", "M8[s]"])
def test_arrays_that_hold_no_numbers_are_refused(folder: Path, dtype: str) -> None:
    with np.load(folder / "arrays.npz") as arrays:
        changed = {name: arrays[name].copy() for name in arrays}
    changed["biases"] = np.zeros(2, dtype=dtype)
    np.savez(folder / "arrays.npz", **changed)
    resigned(folder)
    with pytest.raises(ModelError, match="holds no numbers"):
        load(folder)


def test_an_interrupted_replacement_leaves_the_old_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "SHA256SUMS").read_bytes()
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(small("other"), folder, facts={}, metrics={}, card="new", overwrite=True)
    assert (folder / "SHA256SUMS").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["small"]

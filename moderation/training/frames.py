"""Corpora as one table: text, where it is from, which part it belongs to, gold labels per head."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from moderation.errors import CorpusError
from moderation.text import fold_text
from moderation.training.contrast import CONTRAST, contrast_table
from moderation.training.corpora import Corpus, locate

#: The columns a model can learn, in order; ``NaN`` in a frame means: no gold label.
#: ``abusive``: people call it abuse. ``rejected``: a newsroom's moderators rejected it.
HEADS: tuple[str, ...] = ("abusive", "rejected", "insult", "group_abuse", "indecency")

#: Share of a user's own table that is held out to evaluate the new model.
HELD_OUT_SHARE = 0.2

_WORD = re.compile(r"\w+")
# GermEval's fine labels and the heads they are gold for.
_GERMEVAL_HEADS = {"insult": "INSULT", "group_abuse": "ABUSE", "indecency": "PROFANITY"}
# The paper's test part of both rp corpora (Assenmacher et al. 2021).
_RP_TEST_FOLDS = (8, 9)


def text_key(text: str) -> str:
    """Return what makes two texts the same: their folded words, without punctuation."""
    return " ".join(_WORD.findall(fold_text(text)))


def read_corpus(corpus: Corpus, path: Path) -> pd.DataFrame:
    """Read one corpus file.

    Returns
    -------
    pandas.DataFrame
        Columns ``text``, ``corpus``, ``part`` (``train`` or ``test``), ``fold`` (official fold or
        NaN), ``pair`` (name shared by sentences made
        from one another, or empty), ``weight`` and one per head (1.0, 0.0 or NaN).
    """
    try:
        if corpus.format == "germeval":
            frame = _germeval(path)
        elif corpus.format == "germeval2021":
            table = pd.read_csv(path)
            frame = pd.DataFrame({"text": table["comment_text"], "abusive": table["Sub1_Toxic"]})
        elif corpus.format == "gahd":
            frame = _gahd(path)
        elif corpus.format == "iwg":
            frame = _iwg(path)
        elif corpus.format == "hatecheck":
            frame = _hatecheck(path)
        else:
            frame = _rheinische_post(corpus, path)
    except (KeyError, ValueError, IndexError) as error:
        raise CorpusError(f"{path}: does not have the columns of {corpus.id} ({error})") from error
    return _completed(frame, corpus.id, "test" if corpus.evaluation_only else "train")


def load_corpora(corpora: Sequence[Corpus], data: Path | None = None) -> pd.DataFrame:
    """Locate, check and read `corpora` into one frame (columns as :func:`read_corpus`)."""
    return pd.concat(
        [read_corpus(corpus, locate(corpus, data)) for corpus in corpora], ignore_index=True
    )


def contrast_frame() -> pd.DataFrame:
    """Return the contrast sentences as a frame of corpus ``contrast``, all of it for training."""
    return _completed(contrast_table(), CONTRAST, "train")


def house_frame(texts: Sequence[str], labels: Sequence[int], head: str) -> pd.DataFrame:
    """Return a house's own labelled comments as a frame of corpus ``house``.

    One text in five is held out (part ``test``), chosen by the text itself, so that the same text
    is on the same side today and next year.
    """
    frame = _completed(
        pd.DataFrame({"text": list(texts), head: np.asarray(labels, dtype=float)}), "house", "train"
    )
    held_out = [
        int(hashlib.sha256(text_key(text).encode("utf-8", "surrogatepass")).hexdigest()[:8], 16)
        < HELD_OUT_SHARE * 2**32
        for text in frame["text"]
    ]
    frame.loc[held_out, "part"] = "test"
    return frame


def without_leaks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with one text on one side and once per corpus and head.

    A training row goes if its text stands in any test part, or if it is the contrastive partner of
    a test row; a repeated text within a corpus and part stays once, with its first labels.
    """
    keys = frame["text"].map(text_key)
    in_test = (frame["part"] == "test").to_numpy()
    test_keys = set(keys[in_test])
    test_pairs = set(frame["pair"][in_test]) - {""}
    leaks = ~in_test & (keys.isin(test_keys) | frame["pair"].isin(test_pairs)).to_numpy()
    repeated = pd.DataFrame(
        {"key": keys, "corpus": frame["corpus"], "part": frame["part"]}
    ).duplicated()
    empty = (keys == "").to_numpy()
    kept: pd.DataFrame = frame.assign(key=keys)[~(leaks | repeated.to_numpy() | empty)]
    return kept.reset_index(drop=True)


def _completed(frame: pd.DataFrame, corpus: str, part: str) -> pd.DataFrame:
    frame = frame[frame["text"].notna()].copy()
    frame["text"] = frame["text"].astype(str)
    frame["corpus"] = corpus
    if "part" not in frame:
        frame["part"] = part
    if "fold" not in frame:
        frame["fold"] = np.nan
    if "pair" not in frame:
        frame["pair"] = ""
    if "weight" not in frame:
        frame["weight"] = 1.0
    for head in HEADS:
        frame[head] = frame[head].astype(float) if head in frame else np.nan
    return frame[["text", "corpus", "part", "fold", "pair", "weight", *HEADS]]


def _germeval(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8", newline="\n") as lines:
        rows = [
            row
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if len(row) >= 3
        ]
    frame = pd.DataFrame(
        {"text": [row[0] for row in rows], "abusive": [row[1] == "OFFENSE" for row in rows]}
    )
    for head, fine in _GERMEVAL_HEADS.items():
        frame[head] = [row[2].strip() == fine for row in rows]
    return frame


def _gahd(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype={"gahd_id": str, "contrastive_gahd_id": str})
    # A contrastive sentence names its original; both carry the original's id as name of the pair.
    named = table["contrastive_gahd_id"]
    original = table["gahd_id"].where(table["gahd_id"].isin(named.dropna()), "")
    return pd.DataFrame(
        {
            "text": table["text"],
            "abusive": table["label"],
            "group_abuse": table["label"],
            "part": np.where(table["split"] == "test", "test", "train"),
            "pair": named.fillna(original),
        }
    )


def _iwg(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path)
    first, second = (
        table[f"HatespeechOrNot (Expert {expert})"].str.strip() == "YES" for expert in (1, 2)
    )
    frame = pd.DataFrame({"text": table["Tweet"], "abusive": first, "group_abuse": first})
    return frame[first == second]


def _hatecheck(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path)
    hateful = table["label_gold"].map({"hateful": 1.0, "non-hateful": 0.0})
    if hateful.isna().any():
        raise ValueError("label_gold is neither hateful nor non-hateful")
    return pd.DataFrame({"text": table["test_case"], "abusive": hateful, "group_abuse": hateful})


def _rheinische_post(corpus: Corpus, path: Path) -> pd.DataFrame:
    table = pd.read_csv(path)
    return pd.DataFrame(
        {
            "text": table["text"],
            "rejected" if corpus.id == "rp-mod" else "abusive": table["label"],
            "fold": table["ten_folds"],
            "part": np.where(table["ten_folds"].isin(_RP_TEST_FOLDS), "test", "train"),
        }
    )

"""How precise are the labelling functions? Beside a plain list of the same words.

Usage: python benchmarks/rules.py. Measures insult, group_abuse and indecency together on the
training parts of the corpora with gold labels, as they are and with lexicons built without the fold
they judge, and on the test part of rp-crowd-3, which no entry was looked up in. The peer searches
the lemmas of the same lexicons as whole words, without inflection, context or excuse. The figures
are stored in benchmarks/results/rules.json.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moderation.labelling.lexicon import lexicon
from moderation.training.corpora import CORPORA, locate
from moderation.training.frames import read_corpus
from moderation.training.rule_analysis import (
    JUDGED,
    Measured,
    by_function,
    cross_validated,
    folds_of,
    together,
    vote,
)

_RESULTS = Path(__file__).with_name("results") / "rules.json"
#: What the issue asks for, of the functions together with cross-validated lexicons.
AIM = {"precision": 0.85, "recall": 0.20}
#: Corpora and parts; the first two are those of the aim.
_ASKED = ("germeval2018", "rp-crowd-3")
_ALSO = (("rp-crowd-3", "test"), ("germeval2019", "train"), ("germeval2021", "train"),
         ("gahd", "train"))  # fmt: skip


def main() -> None:
    """Measure, print and store."""
    results: dict[str, Any] = {"aim": AIM, "corpora": {}, "also": {}}
    for name in _ASKED:
        texts, gold = _gold(name, "train")
        began = time.perf_counter()
        votes = [vote(text) for text in texts]
        seconds = time.perf_counter() - began
        built = cross_validated(votes, gold, list(folds_of(texts)))
        plain = _plain(texts, gold)
        results["corpora"][name] = {
            "together": together(votes, gold).record(),
            "cross_validated": built.record(),
            "plain_word_list": plain.record(),
            "functions": [one.record() for one in by_function(votes, gold) if one.hits],
        }
        print(f"{name}, training part, {len(texts):,} comments ({len(texts) / seconds:,.0f}/s)")
        for one in (together(votes, gold), built, plain):
            print(f"  {_line(one)}")
        for one in by_function(votes, gold):
            if one.hits:
                print(f"    {_line(one)}")
    for name, part in _ALSO:
        texts, gold = _gold(name, part)
        found = together([vote(text) for text in texts], gold)
        results["also"][f"{name} {part}"] = found.record()
        print(f"{name}, {part} part: {_line(found)}")
    _RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _gold(name: str, part: str) -> tuple[list[str], list[bool]]:
    corpus = next(one for one in CORPORA if one.id == name)
    frame = read_corpus(corpus, locate(corpus))
    head = "abusive" if frame["abusive"].notna().any() else "group_abuse"
    frame = frame[(frame["part"] == part) & frame[head].notna()]
    return frame["text"].tolist(), [value > 0 for value in frame[head]]


def _plain(texts: Sequence[str], gold: Sequence[bool]) -> Measured:
    """Search the lemmas as whole words, as a list of bad words does."""
    lemmas = {
        entry.lemma.replace("|", "") for category in JUDGED for entry in lexicon(category).entries
    }
    words = re.compile(
        rf"\b(?:{'|'.join(map(re.escape, sorted(lemmas, key=len, reverse=True)))})\b", re.IGNORECASE
    )
    flagged = [words.search(text) is not None for text in texts]
    right = sum(one and two for one, two in zip(flagged, gold, strict=True))
    return Measured("plain list of the lemmas", sum(flagged), right, len(gold), sum(gold))


def _line(one: Measured) -> str:
    record = one.record()
    low, high = record["precision_interval"] or (0, 0)
    return (
        f"{one.name}: precision {one.precision or 0:.3f} ({low:.3f}-{high:.3f}), coverage of the "
        f"abusive {one.recall or 0:.3f}, {one.hits:,} flagged"
    )


if __name__ == "__main__":
    main()

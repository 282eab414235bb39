"""Learn which letter sequences tell languages apart; writes moderation/language_letters.npz.

Usage: python benchmarks/language_letters.py, in an environment with NumPy and wordfreq 3.1.1. The
same wordfreq gives the same file. wordfreq's data are under CC BY-SA 4.0 (Robyn Speer, "wordfreq",
https://github.com/rspeer/wordfreq; Exquisite Corpus: Wikipedia, subtitles, news, books, the web).
What is kept are rounded logarithms of how often a sequence occurs, no word list; the file is passed
on under the same licence.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import wordfreq

_TARGET = Path(__file__).parents[1] / "moderation" / "language_letters.npz"
#: wordfreq's code for each of ours: languages in Latin letters.
LANGUAGES = {
    "de": "de", "en": "en", "fr": "fr", "es": "es", "it": "it", "nl": "nl", "pl": "pl", "tr": "tr",
    "pt": "pt", "cs": "cs", "ro": "ro", "hr": "sh", "hu": "hu", "sv": "sv", "da": "da", "fi": "fi",
}  # fmt: skip
#: Words of each language, most frequent first; beyond, lists of the smaller languages are noise.
_WORDS = 25_000
#: Between counting occurrences (1) and counting words once (0): small words are told by their own
#: list, the letters have to tell the rest.
_DAMPING = 0.6
#: Sequences kept; 14,000 of 16 languages are 224,000 bytes before compression.
_KEPT = 14_000
#: Occurrences added to each sequence, in parts of a language's total.
_SMOOTHING = 3e-6
#: Steps of the stored logarithms: 1/16, in the range of a signed byte.
STEPS = 16


def features(word: str) -> list[str]:
    """Return the sequences of two to five letters of a word, its ends marked."""
    marked = f"^{word}$"
    return [marked[i : i + n] for n in (2, 3, 4, 5) for i in range(len(marked) - n + 1)]


def counts(code: str) -> Counter[str]:
    """Return how often each sequence occurs in a language, damped."""
    found: Counter[str] = Counter()
    for word in wordfreq.top_n_list(LANGUAGES[code], _WORDS):
        if not word.isalpha():
            continue
        weight = (wordfreq.word_frequency(word, LANGUAGES[code]) * 1e8) ** _DAMPING
        spellings = {word}
        if code == "de":
            # Without umlauts it is German, too.
            spellings.add(word.translate({0xE4: "ae", 0xF6: "oe", 0xFC: "ue", 0xDF: "ss"}))
            spellings.add(word.translate({0xE4: "a", 0xF6: "o", 0xFC: "u", 0xDF: "ss"}))
        for spelling in spellings:
            for feature in features(spelling):
                found[feature] += weight / len(spellings)
    return found


def main() -> None:
    """Count, choose, round and write."""
    codes = list(LANGUAGES)
    by_language = [counts(code) for code in codes]
    totals = [sum(one.values()) for one in by_language]
    names = sorted(set().union(*by_language))
    shares = np.array(
        [
            [one.get(name, 0.0) / total + _SMOOTHING for name in names]
            for one, total in zip(by_language, totals, strict=True)
        ]
    )
    logs = np.log(shares)
    logs -= logs.mean(axis=0)
    telling = (shares * np.abs(logs)).sum(axis=0)
    best = np.sort(np.argsort(-telling, kind="stable")[:_KEPT])
    kept = [names[index] for index in best]
    table = np.clip(np.round(logs[:, best].T * STEPS), -127, 127).astype(np.int8)
    arrays = {
        "codes": np.frombuffer(" ".join(codes).encode(), dtype=np.uint8),
        "sequences": np.frombuffer(" ".join(kept).encode(), dtype=np.uint8),
        "logs": table,
    }
    with zipfile.ZipFile(_TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array, allow_pickle=False)
            # A fixed date: the same words give the same bytes.
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.getvalue())
    size = _TARGET.stat().st_size
    print(f"{len(kept)} sequences, {len(codes)} languages, {size:,} bytes; step {1 / STEPS}")
    assert math.isfinite(float(logs.sum()))


if __name__ == "__main__":
    main()

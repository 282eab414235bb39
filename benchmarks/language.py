"""Is German told from other languages? Ours beside py3langid, on sentences and on German corpora.

Usage: python benchmarks/language.py [--held-out] [--list-errors]. The sentences are those of
tests/languages.toml and a second author's in tests/languages_independent.toml; the corpora are read
from the folder that MODERATION_DATA names, their train parts only. The figures are stored in
benchmarks/results/language.json; no text is. py3langid is measured where it is installed, as it
answers by itself ("py3langid") and taken for unknown where it is less than 95 % sure
("py3langid-sure").
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import time
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from moderation.language import language_of
from moderation.records import Language

_ROOT = Path(__file__).parents[1]
SENTENCES = _ROOT / "tests" / "languages.toml"
SECOND = _ROOT / "tests" / "languages_independent.toml"
_RESULTS = Path(__file__).with_name("results") / "language.json"
#: Characters from which a sentence is long enough to be told.
LONG = 40
#: How sure the peer must be not to count as unknown.
_PEER_SURE = 0.95
#: Edges of the classes of confidence.
_CLASSES = (0.0, 0.5, 0.7, 0.9, 0.97, 1.0)
#: The peer's names for what is one language here, in Latin letters; Cyrillic ones remain "sr".
_ONE = {"sr": "hr", "bs": "hr"}
#: Texts and repeats of the timing; the best repeat was disturbed least.
_TIMED, _REPEATS = 2000, 3

System = Callable[[str], Language]
Figures = dict[str, Any]


def halves() -> dict[str, Any]:
    """Return the sentences of each half."""
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="measure the held-out half, too")
    parser.add_argument("--list-errors", action="store_true", help="say what went wrong")
    known = parser.parse_args()
    systems = {"ours": language_of} | peers()
    names = ["development", "independent"] + ["held_out"] * known.held_out
    data = halves() | {"independent": tomllib.loads(SECOND.read_text(encoding="utf-8"))}
    corpora = german_texts()
    results: Figures = {name: {} for name in (*names, "corpora")}
    for system, find in systems.items():
        for name in names:
            results[name][system] = measure(data[name], find)
        results["corpora"][system] = {
            corpus: {
                "texts": len(texts),
                "called_foreign": sum(_foreign(find(text)) for text in texts),
            }
            for corpus, texts in corpora.items()
        }
    for name in names:
        results[name]["reliability_of_ours"] = reliability(data[name], language_of)
    if "py3langid" in systems:
        results["times_faster_than_py3langid"] = _ratio(corpora, systems["py3langid"])
    print(json.dumps(results, indent=1))
    if known.list_errors:
        print("\n".join(mistakes(data["development"], language_of)))
    kept = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    text = json.dumps(kept | results, indent=2, sort_keys=True)
    _RESULTS.write_text(text + "\n", encoding="utf-8")


def peers() -> dict[str, System]:
    """Return py3langid, with and without an answer for what it is not sure of."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return {}
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def plain(text: str) -> Language:
        code, sure = identifier.classify(text)
        one = code if re.search("[а-яђјљњћџ]", text.lower()) else _ONE.get(code, code)
        return Language(one, float(sure))

    def surely(text: str) -> Language:
        found = plain(text)
        return found if found.confidence >= _PEER_SURE else Language(None, 0.0)

    return {"py3langid": plain, "py3langid-sure": surely}


def german_texts() -> dict[str, list[str]]:
    """Return the texts of each training corpus's train part."""
    from moderation.training.corpora import TRAINING_CORPORA
    from moderation.training.frames import load_corpora

    frame = load_corpora(list(TRAINING_CORPORA))
    frame = frame[frame["part"] == "train"]
    return {str(name): list(part["text"]) for name, part in frame.groupby("corpus")}


def _foreign(language: Language) -> bool:
    return language.code not in (None, "de")


def measure(half: Mapping[str, Any], find: System) -> Figures:
    """Return the figures of one system on one half."""
    long = [
        (code, find(text))
        for code, texts in half["sentences"].items()
        for text in texts
        if len(text) >= LONG
    ]
    short = [
        (code, find(text))
        for code, texts in half["sentences"].items()
        for text in texts
        if len(text) < LONG
    ]
    german = [text for texts in half["german"].values() for text in texts]
    return {
        "foreign_long": len(long),
        "marked_foreign": _share([_foreign(found) for _, found in long]),
        "code_right": _share([found.code == code for code, found in long]),
        "foreign_short": len(short),
        "short_called_wrongly": sum(found.code not in (None, code) for code, found in short),
        "german": len(german),
        "german_called_foreign": sum(_foreign(find(text)) for text in german),
        "german_called_german": sum(find(text).code == "de" for text in german),
        "unknown": len(half["unknown"]["short"]),
        "unknown_called_something": sum(
            find(text).code is not None for text in half["unknown"]["short"]
        ),
        "mixed": len(half["mixed"]["texts"]),
        "mixed_called_foreign": sum(_foreign(find(text)) for text in half["mixed"]["texts"]),
    } | (
        {
            "pairs": len(half["pairs"]["texts"]),
            "pairs_called_foreign": sum(_foreign(find(text)) for text in half["pairs"]["texts"]),
        }
        if "pairs" in half
        else {}
    )


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 4)


def reliability(half: Mapping[str, Any], find: System) -> list[Figures]:
    """Return, for each class of confidence, how many languages were named and how many rightly."""
    gold = [(code, text) for code, texts in half["sentences"].items() for text in texts]
    gold += [("de", text) for texts in half["german"].values() for text in texts]
    named = [(code, found) for code, text in gold if (found := find(text)).code is not None]
    classes = []
    for low, high in itertools.pairwise(_CLASSES):
        inside = [
            (code, found)
            for code, found in named
            if low <= found.confidence < high or found.confidence == high == 1.0
        ]
        if inside:
            classes.append(
                {
                    "from": low,
                    "to": high,
                    "named": len(inside),
                    "right": sum(found.code == code for code, found in inside),
                    "mean_confidence": round(
                        sum(found.confidence for _, found in inside) / len(inside), 3
                    ),
                }
            )
    return classes


def mistakes(half: Mapping[str, Any], find: System) -> list[str]:
    """Return one line for each sentence that was called something else than it is."""
    gold = [(code, text) for code, texts in half["sentences"].items() for text in texts]
    gold += [("de", text) for texts in half["german"].values() for text in texts]
    gold += [("unknown", text) for text in half["unknown"]["short"]]
    return [
        f"{code} called {found.code} ({found.confidence}): {text}"
        for code, text in gold
        if (found := find(text)).code not in (None, code)
        or (found.code is None and code not in ("de", "unknown") and len(text) >= LONG)
    ]


def _ratio(corpora: Mapping[str, Sequence[str]], peer: System) -> float:
    texts = [text for part in corpora.values() for text in part][:: len(corpora)][:_TIMED]

    def seconds(find: System) -> float:
        started = time.process_time()
        for text in texts:
            find(text)
        return time.process_time() - started

    ours, theirs = (min(seconds(one) for _ in range(_REPEATS)) for one in (language_of, peer))
    return round(theirs / ours, 1)


if __name__ == "__main__":
    main()

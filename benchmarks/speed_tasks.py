"""What ``speed.py --one NAME`` runs in a process of its own: measured, returned as JSON.

Scoring may remember words it has seen. So a throughput is that of the first pass over texts which
the process has never seen; a second, warm pass is shown beside it.
"""

import cProfile
import importlib.util
import json
import pstats
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from speed_texts import HOSTILE, long_text, recombined, usual
from threadpoolctl import threadpool_limits

import moderation
from moderation import Comment, Desk, Page, default_rules, label_text, load
from moderation.model.classifier import Thresholds
from moderation.scoring import MAX_JUDGED_CHARACTERS
from moderation.text import fold_text

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "models" / "news"
#: What scoring a file takes at once.
BATCH = 512
#: Loads whatever is loaded at first use, before a clock starts.
GREETING = "Guten Tag, das ist ein erster Satz."
HAS_FASTTEXT = importlib.util.find_spec("fasttext") is not None
#: Chosen on the training folds of rp-mod (learned from 0 to 5, judged on 6 and 7) among learning
#: rates .05 to .5, 5 to 20 epochs, with and without word pairs: pairs give 0.001 of ROC-AUC and
#: cost speed. One thread, so that it is the same model every time.
FASTTEXT = {
    "lr": 0.5,
    "epoch": 10,
    "dim": 100,
    "minn": 2,
    "maxn": 5,
    "bucket": 200_000,
    "thread": 1,
    "seed": 1,
    "verbose": 0,
}
#: Processor seconds below which a clock says nothing, and texts tried to get there: several, so
#: that one disturbed call does not count, but no more once they have taken long.
FLOOR, FEWEST, MOST, LONG = 0.02, 3, 50, 2.0
#: Seconds that a single call may be expected to take.
CALL_LIMIT = 30.0


def prepare(folder: Path, data: str | None) -> dict[str, Any]:
    """Choose texts, train the peers on rp-mod, store both in `folder`; return what they are.

    ROC-AUC is that of the held-out part of rp-mod; of ours, the head `rejected`.
    """
    import joblib
    import numpy as np
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline

    from moderation.training.corpora import TRAINING_CORPORA
    from moderation.training.frames import load_corpora, without_leaks

    frame = load_corpora(TRAINING_CORPORA, Path(data) if data else None)
    texts = usual(frame.loc[frame["part"] == "train", "text"])
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    rows = without_leaks(frame)
    rows = rows[rows["corpus"] == "rp-mod"]
    known, unseen = (rows[rows["part"] == part] for part in ("train", "test"))
    gold = unseen["rejected"].to_numpy()

    plain = make_pipeline(
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5)), LogisticRegression(max_iter=1000)
    ).fit(known["text"], known["rejected"])
    joblib.dump(plain, folder / "sklearn.joblib")
    classifier = load(MODEL)
    head = classifier.heads.index("rejected")
    areas = {
        "ours": roc_auc_score(gold, classifier.log_odds(unseen["text"].tolist())[:, head]),
        "scikit-learn": roc_auc_score(gold, plain.predict_proba(unseen["text"])[:, 1]),
    }
    if HAS_FASTTEXT:
        import fasttext

        learned = folder / "fasttext.txt"
        learned.write_text(
            "".join(
                f"__label__{int(label)} {one_line(text)}\n"
                for text, label in zip(known["text"], known["rejected"], strict=True)
            ),
            encoding="utf-8",
        )
        model = fasttext.train_supervised(str(learned), **FASTTEXT)
        model.save_model(str(folder / "fasttext.bin"))
        labels, shares = model.predict([one_line(text) for text in unseen["text"]], k=2)
        chosen = [
            dict(zip(names, values, strict=True))["__label__1"]
            for names, values in zip(labels, shares, strict=True)
        ]
        areas["fastText"] = roc_auc_score(gold, chosen)
    lengths = np.array([len(text) for text in texts])
    return {
        "texts": {
            "count": len(texts),
            "mean": round(float(lengths.mean()), 1),
            "percentiles": {
                str(share): int(np.percentile(lengths, share)) for share in (5, 25, 50, 75, 95)
            },
        },
        "roc_auc": {name: round(float(area), 3) for name, area in areas.items()},
        "model_digest": classifier.digest,
    }


def one_line(text: str) -> str:
    """Return `text` as fastText wants it: lower case, one line."""
    return " ".join(text.lower().split())


def stored_texts(folder: Path) -> list[str]:
    """Return the texts that :func:`prepare` chose."""
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    return texts


def rate(call: Callable[[Sequence[str]], object], texts: Sequence[str], batch: int) -> float:
    """Return texts a second when `call` is given `batch` of them at a time."""
    started = time.perf_counter()
    for start in range(0, len(texts), batch):
        call(texts[start : start + batch])
    return len(texts) / (time.perf_counter() - started)


def model_ours(folder: Path, count: int) -> dict[str, float]:
    """Measure all heads, calibrated."""
    texts = stored_texts(folder)[:count]
    classifier = load(MODEL)
    classifier.scores([GREETING])
    return {
        "cold": rate(classifier.scores, texts, BATCH),
        "warm": rate(classifier.scores, texts, BATCH),
    }


def model_sklearn(folder: Path, count: int) -> dict[str, float]:
    """Measure one head of the plain model, in batches and all at once."""
    import joblib

    texts = stored_texts(folder)[:count]
    peer = joblib.load(folder / "sklearn.joblib")
    peer.predict_proba([GREETING])
    return {
        "batches": rate(peer.predict_proba, texts, BATCH),
        "at once": rate(peer.predict_proba, texts, len(texts)),
    }


def model_fasttext(folder: Path, count: int) -> dict[str, float]:
    """Measure one head of fastText; lower case and line ends are done before the clock starts."""
    import fasttext

    texts = [one_line(text) for text in stored_texts(folder)[:count]]
    peer = fasttext.load_model(str(folder / "fasttext.bin"))
    peer.predict([one_line(GREETING)], k=2)

    def call(some: Sequence[str]) -> object:
        return peer.predict(some, k=2)

    return {"batches": rate(call, texts, BATCH), "at once": rate(call, texts, len(texts))}


def single(folder: Path, count: int) -> dict[str, float]:
    """Judge comments one by one in a process that has judged others; milliseconds."""
    import numpy as np

    texts = stored_texts(folder)[: count + BATCH]
    desk, rules, page = Desk(load(MODEL)), default_rules(), Page("speed")
    for text in texts[:BATCH]:
        desk.judge([Comment("1", text)], rules, page)
    taken = []
    for text in texts[BATCH:]:
        comment = Comment("1", text)
        started = time.perf_counter()
        desk.judge([comment], rules, page)
        taken.append(time.perf_counter() - started)
    low, high = np.percentile(np.array(taken) * 1e3, (50, 99))
    return {"p50": float(low), "p99": float(high)}


def growth_of_one(folder: Path, kind: str, sizes: list[int]) -> dict[str, list[float | None]]:
    """Return microseconds per 1,000 characters of one comment of each size, by function.

    The desk looks for telling words in every comment without labels, as it does above the cut for
    review: the dearest case, and none in which a longer text crosses the cut.
    """
    texts = stored_texts(folder)
    classifier, rules, page = load(MODEL), default_rules(), Page("speed")
    desk = Desk(replace(classifier, thresholds=Thresholds(review=0.0, reject=1.0)))
    desk.judge([Comment("1", GREETING)], rules, page)

    def make(size: int, variant: int) -> str:
        if kind in HOSTILE:
            return HOSTILE[kind](size, variant)
        return long_text(texts, size, seed=size + variant)

    calls: dict[str, Callable[[str], object]] = {
        "Desk.judge": lambda text: desk.judge([Comment("1", text)], rules, page),
        "log_odds": lambda text: classifier.log_odds([text]),
        "label_text": lambda text: label_text(text, rules),
        "fold_text": fold_text,
    }
    return {
        name: costs(call, make, sizes, MAX_JUDGED_CHARACTERS if name == "Desk.judge" else None)
        for name, call in calls.items()
    }


def costs(
    call: Callable[[str], object],
    make: Callable[[int, int], str],
    sizes: Sequence[int],
    read_at_most: int | None = None,
) -> list[float | None]:
    """Return microseconds of processor time per 1,000 characters; None where it takes too long.

    Where `call` reads only the first `read_at_most` characters, the others do not count.
    """
    found: list[float | None] = []
    for size in sizes:
        read = min(size, read_at_most or size)
        last = found[-1] if found else 0.0
        if last is None or last * read > CALL_LIMIT * 1e9:
            found.append(None)
            continue
        taken: list[float] = []
        while (sum(taken) < FLOOR or len(taken) < FEWEST) and len(taken) < MOST:
            text = make(size, len(taken))
            started = time.process_time()
            call(text)
            taken.append(time.process_time() - started)
            if sum(taken) > LONG:
                break
        found.append(statistics.median(taken) / read * 1e9)
    return found


def profile(folder: Path, count: int) -> dict[str, Any]:
    """Return shares of time of the whole command, by part of the program and by file."""
    from speed_texts import write_jsonl

    from moderation.__main__ import main

    source, target = folder / "profile.jsonl", folder / "profile.out"
    write_jsonl(source, islice(recombined(stored_texts(folder)), count))
    sys.argv = ["moderation", "score", str(source), "--format", "jsonl", "-o", str(target)]
    profiler = cProfile.Profile()
    with suppress(SystemExit):
        profiler.runcall(main)
    # pstats keeps this attribute out of its type information.
    stats: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    return {"comments": count, **shares(stats)}


def shares(stats: dict[Any, Any]) -> dict[str, dict[str, float]]:
    """Add up time spent in functions themselves; what is built in counts for who called it."""
    by_file: Counter[str] = Counter()
    for function, (_, _, own, _, callers) in stats.items():
        home = home_of(function)
        if home:
            by_file[home] += own
        else:
            for caller, (_, _, of_it, _) in callers.items():
                by_file[home_of(caller) or "built in"] += of_it
    total = sum(by_file.values())
    by_part: Counter[str] = Counter()
    for name, seconds in by_file.items():
        by_part["/".join(name.split("/")[:2]).removesuffix(".py")] += seconds
    return {
        title: {name: round(seconds / total, 4) for name, seconds in counted.most_common(12)}
        for title, counted in (("by_part", by_part), ("by_file", by_file))
    }


def home_of(function: tuple[str, int, str]) -> str:
    """Return the file of a function in our package, else its library; empty: built in."""
    file, _, name = function
    for library in ("numpy", "json"):
        if f"/{library}/" in file or (file == "~" and library in name):
            return library
    package = Path(moderation.__file__).parent
    if file.startswith(str(package)):
        return str(Path("moderation", Path(file).relative_to(package)))
    # Methods that dataclasses write stand in <string>.
    if file == "~" or file.startswith("<"):
        return ""
    return f"{Path(file).parent.name}/{Path(file).name}"


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "model_ours": model_ours,
    "model_sklearn": model_sklearn,
    "model_fasttext": model_fasttext,
    "single": single,
    "growth_of_one": growth_of_one,
    "profile": profile,
}


def run_task(name: str, folder: Path, options: dict[str, Any]) -> None:
    """Run one task with one thread and print what it returns as the last line."""
    with threadpool_limits(1):
        result = TASKS[name](folder, **options)
    print(json.dumps(result))

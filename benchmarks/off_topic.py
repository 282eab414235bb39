"""Is a comment on another subject than its article? Our rule beside TF-IDF cosine and length.

Usage: python benchmarks/off_topic.py [--list]. The articles and comments are those of
benchmarks/off_topic.toml, written for this project by who wrote the rule: every second article is
held out, and the rule was frozen before those were measured. On topic are the comments under `on`
and `long`. Three more measures: each comment under the articles of the others ("elsewhere"), the
comments of the pages in tests/ and seeds/ under their own articles, and, where MODERATION_DATA
names a folder with rp-mod, real comments under the held-out articles, which are about something
else nearly always. Only figures are stored (benchmarks/results/off_topic.json).

The peer is the cosine of TF-IDF vectors (scikit-learn; character n-grams 2 to 5 within words,
learned on the half's articles and comments): as many comments as our rule flags, those with the
lowest cosine. Comments of equal cosine count by their share.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score

from moderation.labelling.off_topic import Subject, find_off_topic, subject_of
from moderation.records import Page
from moderation.scoring import own_words, threads_of
from moderation.tasks import pages
from moderation.training.evaluation import wilson_interval

_ROOT = Path(__file__).parents[1]
ARTICLES = _ROOT / "benchmarks" / "off_topic.toml"
_RESULTS = Path(__file__).with_name("results") / "off_topic.json"
#: Pages written to test the reader have short articles.
_SHORT = 60
#: Share of comments that are off topic, for precision away from the benchmark's own share (2 of 7).
_PREVALENCE = 0.05
_REAL, _TIMED = 5000, 20

Figures = dict[str, Any]


def halves() -> dict[str, list[dict[str, Any]]]:
    """Return the articles of each half."""
    articles = tomllib.loads(ARTICLES.read_text(encoding="utf-8"))["article"]
    for article in articles:
        article["long"] = [article["long"]]
    return {"development": articles[0::2], "held_out": articles[1::2]}


def subject(article: dict[str, Any]) -> Subject:
    """Return what one of the articles is about."""
    found = subject_of(
        headline=article["headline"],
        body=article["body"],
        tags=article["tags"],
        section=article["section"],
    )
    assert found is not None
    return found


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="say what was flagged")
    known = parser.parse_args()
    results: Figures = {name: half(found) for name, found in halves().items()}
    results["pages"] = own_pages(known.list)
    results["speed"] = speed(halves()["held_out"])
    real = real_comments(halves()["held_out"], known.list)
    if real is not None:
        results["real_comments"] = real
    for name, figures in results.items():
        print(name)
        for key, value in figures.items():
            print(f"  {key:34} {value}")
    _RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def half(articles: Sequence[dict[str, Any]]) -> Figures:
    """Return the figures of one half."""
    subjects = [subject(article) for article in articles]
    own = [
        (place, text, kind == "off")
        for place, article in enumerate(articles)
        for kind in ("on", "long", "off")
        for text in article[kind]
    ]
    gold = np.array([off for *_, off in own])
    flagged = np.array(
        [find_off_topic(text, subjects[place]) is not None for place, text, _ in own]
    )
    elsewhere = {
        kind: [
            find_off_topic(text, subjects[other]) is not None
            for place, article in enumerate(articles)
            for text in article[kind]
            for other in range(len(articles))
            if other != place
        ]
        for kind in ("on", "off")
    }
    borderline = [
        find_off_topic(article["borderline"], found) is not None
        for article, found in zip(articles, subjects, strict=True)
    ]
    long = [
        find_off_topic(text, found) is not None
        for article, found in zip(articles, subjects, strict=True)
        for text in article["long"]
    ]
    recall, alarms = share(flagged[gold]), share(flagged[~gold])
    closeness = cosines(articles, own)
    lengths = np.array([len(text) for _, text, _ in own], float)
    return {
        "articles": len(articles),
        "on_topic": int((~gold).sum()),
        "off_topic": int(gold.sum()),
        "precision": share(gold[flagged]),
        "recall": recall,
        "false_alarms_on_topic": alarms,
        "abstained": share(~flagged),
        f"precision_at_{_PREVALENCE:.0%}_off_topic_at_worst": round(
            _PREVALENCE
            * recall["share"]
            / (_PREVALENCE * recall["share"] + (1 - _PREVALENCE) * alarms["interval"][1]),
            3,
        ),
        "false_alarms_long_on_topic": share(long),
        "flagged_borderline": share(borderline),
        "flagged_on_topic_comments_elsewhere": share(elsewhere["on"]),
        "flagged_off_topic_comments_elsewhere": share(elsewhere["off"]),
        "peer_cosine_precision": round(lowest(closeness, gold, int(flagged.sum())), 3),
        "peer_length_precision": round(lowest(-lengths, gold, int(flagged.sum())), 3),
        "auc_cosine": round(float(roc_auc_score(gold, -closeness)), 3),
        "auc_length": round(float(roc_auc_score(gold, lengths)), 3),
    }


def share(flags: Any) -> Figures:
    """Return a share with its counts and Wilson's 95 % interval."""
    of, hits = len(flags), int(np.sum(flags))
    low, high = wilson_interval(hits / of, of) if of else (0.0, 1.0)
    return {
        "share": round(hits / of, 4) if of else None,
        "of": of,
        "hits": hits,
        "interval": [round(float(low), 4), round(float(high), 4)],
    }


def cosines(
    articles: Sequence[dict[str, Any]], own: Sequence[tuple[int, str, bool]]
) -> np.ndarray[Any, Any]:
    """Return how close each comment is to its article by TF-IDF."""
    texts = [f"{article['headline']}\n{article['body']}" for article in articles]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    vectorizer.fit([*texts, *(text for _, text, _ in own)])
    known, said = vectorizer.transform(texts), vectorizer.transform([text for _, text, _ in own])
    return np.array(
        [float((said[row] @ known[place].T).sum()) for row, (place, *_) in enumerate(own)]
    )


def lowest(values: np.ndarray[Any, Any], gold: np.ndarray[Any, Any], count: int) -> float:
    """Return the share of gold among the `count` lowest values."""
    if not count:
        return float("nan")
    cut = np.sort(values)[count - 1]
    below, tied = values < cut, values == cut
    return float((gold[below].sum() + gold[tied].mean() * (count - below.sum())) / count)


def own_pages(show: bool) -> Figures:
    """Return false alarms under the articles of the pages in seeds/ and tests/."""
    names = [str(_ROOT / name) for name in ("seeds", "tests/pages", "tests/html_pages")]
    flags = []
    count = 0
    for page in pages(names, warn=_silent, problem=_silent):
        article = page.article
        found = subject_of(
            headline=article.headline,
            body=article.body,
            tags=article.tags,
            section=article.section,
            teasers=article.teasers,
            least=_SHORT,
        )
        if found is None or not page.comments:
            continue
        count += 1
        flags += page_flags(page, found, show)
    return {"pages": count, "body_words_at_least": _SHORT, "false_alarms_on_topic": share(flags)}


def page_flags(page: Page, found: Subject, show: bool) -> list[bool]:
    """Return which comments of `page` are flagged."""
    flags = []
    for comment, thread in zip(page.comments, threads_of(page.comments, page), strict=True):
        hits = find_off_topic(own_words(comment), found, thread) if thread is not None else None
        flags.append(hits is not None)
        if hits and show:
            print(page.source, [comment.text[hit.start : hit.end] for hit in hits])
    return flags


def speed(articles: Sequence[dict[str, Any]]) -> Figures:
    """Return microseconds per comment, and per article the first time it is seen."""
    texts = [text for article in articles for kind in ("on", "off") for text in article[kind]]
    subjects = [subject(article) for article in articles]
    best = []
    for _ in range(_TIMED):
        started = time.perf_counter()
        for found in subjects:
            for text in texts:
                find_off_topic(text, found)
        best.append((time.perf_counter() - started) / len(texts) / len(subjects))
    started = time.perf_counter()
    for place, article in enumerate(articles):
        subject({**article, "section": f"{article['section']} {place}"})
    new = (time.perf_counter() - started) / len(articles)
    return {
        "microseconds_per_comment": round(1e6 * min(best), 1),
        "microseconds_per_article": round(1e6 * new, 1),
    }


def real_comments(articles: Sequence[dict[str, Any]], show: bool) -> Figures | None:
    """Return how many real comments are flagged under articles they do not belong to."""
    path = Path(os.environ.get("MODERATION_DATA", "")) / "RP-Mod-folds.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8-sig", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["ten_folds"] not in {"8", "9"}]
    chance = random.Random(0)
    subjects = [subject(article) for article in articles]
    flags = []
    for text in chance.sample(texts, _REAL):
        place = chance.randrange(len(subjects))
        hits = find_off_topic(text, subjects[place])
        flags.append(hits is not None)
        if hits and show:
            print(articles[place]["headline"], [text[hit.start : hit.end] for hit in hits])
    return {"corpus": "rp-mod, train folds", "flagged_elsewhere": share(flags)}


def _silent(_: object) -> None:
    """Leave repairs untold."""


if __name__ == "__main__":
    main()

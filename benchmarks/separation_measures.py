"""What counts as right when a page's comments are compared with gold.

Texts are compared word for word, blind to white space, bullets, quotation marks and the ``>`` of
quoted lines: how a reader marks those is its own affair, losing or adding a word is not.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from moderation.records import Comment, Page
from moderation.training.evaluation import wilson_interval

#: A found comment is nearly right from this F1 of words on, and a text is contained in another
#: when this share of its words stands there in order: room for a stray date, not for a sentence.
NEARLY = 0.9
#: Words a comment must have before its standing in the article is more than chance ("Danke!").
LEAK_WORDS = 4
_RESAMPLES, _SEED = 2000, 5
_LINE_MARK = re.compile(r"^[ \t]*(?:>+|[-*•–]|\d{1,2}[.)])[ \t]+|^[ \t]*>+", re.MULTILINE)
_QUOTES = str.maketrans("", "", "\"'„“”«»‚‘’›‹")
#: What stands before or behind a name without being part of it: "Uwe (nicht überprüft)".
_BRACKET = re.compile(r"\s*\([^()]*\)\s*$")
#: "Kommentar: Titel": the line above a headline, which some readers take along and others do not.
_KICKER = re.compile(r"^[^:]{1,60}:\s+")
_MINUTE = len("2024-05-03T14:05")
_DAY = len("2024-05-03")


@dataclass(frozen=True, slots=True)
class GoldComment:
    """A comment as a person reads it; ``parent`` is an index in the page's list."""

    text: str
    author: str | None
    published: str | None
    parent: int | None


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page and what should be read from it."""

    name: str
    html: str
    headline: str | None
    status: str
    comments: tuple[GoldComment, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share ``right / of`` summed over pages, with one pair of counts a page."""

    counts: tuple[tuple[int, int], ...]

    @property
    def of(self) -> int:
        """How many were judged."""
        return sum(of for _, of in self.counts)

    @property
    def share(self) -> float | None:
        """The share, or None where nothing was judged."""
        return sum(right for right, _ in self.counts) / self.of if self.of else None

    def interval(self) -> tuple[float, float] | None:
        """Return a 95 % interval: the wider of Wilson's and the bootstrap over pages, side by side.

        Comments of a page go right or wrong together, which only the bootstrap knows; where all are
        right the bootstrap sees no spread, which only Wilson knows.
        """
        share = self.share
        if share is None:
            return None
        low, high = wilson_interval(share, self.of)
        table = np.array(self.counts)
        picks = np.random.default_rng(_SEED).integers(0, len(table), (_RESAMPLES, len(table)))
        sums = table[picks].sum(axis=1)
        sums = sums[sums[:, 1] > 0]
        below, above = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975))
        return min(low, float(below)), max(high, float(above))


def load_gold(folder: Path) -> list[GoldPage]:
    """Return the pages of `folder`, by name: each ``NAME.html`` with its ``NAME.json``."""
    pages = []
    for file in sorted(folder.glob("*.json")):
        gold = json.loads(file.read_text(encoding="utf-8"))
        comments = tuple(
            GoldComment(entry["text"], entry["author"], entry["published"], entry["parent"])
            for entry in gold["comments"]
        )
        html = _decoded(file.with_suffix(".html").read_bytes())
        pages.append(GoldPage(file.stem, html, gold["headline"], gold["status"], comments))
    return pages


def _decoded(data: bytes) -> str:
    """Return the page's text: decoding is not what is measured here."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def words(text: str) -> list[str]:
    """Return what is compared of `text`: its words, without bullets, ``>`` and quotation marks."""
    return _LINE_MARK.sub("", text).translate(_QUOTES).split()


def word_f1(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the F1 of the words both have, in any order."""
    shared = (Counter(one) & Counter(other)).total()
    return 2 * shared / (len(one) + len(other)) if shared else 0.0


def contained(needle: Sequence[str], hay: Sequence[str]) -> bool:
    """Whether :data:`NEARLY` all words of `needle` stand in `hay` in order and close together.

    Close: within a stretch at most twice as long as `needle`, so that a long text does not contain
    every short one by chance.
    """
    width = 2 * len(needle)
    starts = {place for place, word in enumerate(hay) if word in needle[: max(1, width // 10)]}
    return any(
        _common_in_order(needle, hay[start : start + width]) >= NEARLY * len(needle)
        for start in starts
    )


def _common_in_order(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        before = row[:]
        for place, counterpart in enumerate(other, start=1):
            row[place] = (
                before[place - 1] + 1 if word == counterpart else max(before[place], row[place - 1])
            )
    return row[-1]


def match(
    gold: Sequence[Sequence[str]], found: Sequence[Sequence[str]]
) -> tuple[dict[int, int], dict[int, int]]:
    """Return which found text is which gold text: the equal ones, and these with the nearly equal.

    Each text is used once; equal texts are paired in the order of the page, nearly equal ones
    beginning with the nearest.
    """
    waiting: dict[tuple[str, ...], list[int]] = {}
    for place, text in enumerate(gold):
        waiting.setdefault(tuple(text), []).append(place)
    equal = {}
    for place, text in enumerate(found):
        if text and waiting.get(tuple(text)):
            equal[waiting[tuple(text)].pop(0)] = place
    near = dict(equal)
    pairs = sorted(
        (
            (-word_f1(gold_text, found_text), gold_place, found_place)
            for gold_place, gold_text in enumerate(gold)
            if gold_place not in equal
            for found_place, found_text in enumerate(found)
            if found_place not in equal.values()
        ),
    )
    for badness, gold_place, found_place in pairs:
        if -badness >= NEARLY and gold_place not in near and found_place not in near.values():
            near[gold_place] = found_place
    return equal, near


def parents(
    gold: Sequence[GoldComment], found: Sequence[Comment], near: Mapping[int, int]
) -> dict[int, bool]:
    """Return for each matched gold comment whether it hangs on the right one or rightly on none."""
    place_of_id = {comment.id: place for place, comment in enumerate(found)}
    judged = {}
    for gold_place, found_place in near.items():
        above, named = gold[gold_place].parent, found[found_place].parent_id
        if above is None or named is None:
            judged[gold_place] = above is None and named is None
        else:
            judged[gold_place] = above in near and near[above] == place_of_id.get(named)
    return judged


def same_name(gold: str, found: str | None) -> bool:
    """Whether two display names are the same, but for case, space and a bracket behind."""
    return found is not None and _name(gold) == _name(found)


def _name(name: str) -> str:
    return " ".join(_BRACKET.sub("", name).split()).casefold()


def same_time(gold: str, found: str | None) -> bool:
    """Whether two times are the same to the minute, or to the day where gold has only the day.

    As moments where both have a zone, otherwise by what the clock on the page shows.
    """
    if found is None:
        return False
    if len(gold) <= _DAY:
        return found[:_DAY] == gold
    try:
        one, other = datetime.fromisoformat(gold), datetime.fromisoformat(found)
    except ValueError:
        return False
    if one.tzinfo and other.tzinfo:
        return abs((one - other).total_seconds()) < 60
    return one.isoformat()[:_MINUTE] == other.isoformat()[:_MINUTE]


def same_headline(gold: str | None, found: str | None) -> bool:
    """Whether two headlines are the same, with or without the line above them."""
    if gold is None or found is None:
        return gold == found
    one, other = (" ".join(words(text)).casefold() for text in (gold, found))
    return one == other or _KICKER.sub("", one) == other or one == _KICKER.sub("", other)


def page_counts(gold: GoldPage, page: Page) -> dict[str, tuple[int, int]]:
    """Return (right, judged) of one page for each figure that only a reader of comments has."""
    gold_texts = [words(comment.text) for comment in gold.comments]
    found_texts = [words(comment.text) for comment in page.comments]
    equal, near = match(gold_texts, found_texts)
    hung = parents(gold.comments, page.comments, near)
    replies = [right for place, right in hung.items() if gold.comments[place].parent is not None]
    pairs = [(gold.comments[one], page.comments[other]) for one, other in near.items()]
    authors = [same_name(one.author, two.author) for one, two in pairs if one.author]
    times = [same_time(one.published, two.published) for one, two in pairs if one.published]
    without = int(not gold.comments)
    return {
        "precision": (len(equal), len(found_texts)),
        "recall": (len(equal), len(gold_texts)),
        "precision_nearly": (len(near), len(found_texts)),
        "recall_nearly": (len(near), len(gold_texts)),
        "parents": (sum(hung.values()), len(hung)),
        "parents_of_replies": (sum(replies), len(replies)),
        "authors": (sum(authors), len(authors)),
        "times": (sum(times), len(times)),
        "headlines": (int(same_headline(gold.headline, page.article.headline)), 1),
        "policy_status": (int(page.comment_policy.status == gold.status), 1),
        "pages_without_left_empty": (without * int(not page.comments), without),
        "pages_without_error": (int(len(equal) == len(found_texts) == len(gold_texts)), 1),
    }


def text_counts(gold: GoldPage, comments: str, body: str) -> dict[str, tuple[int, int]]:
    """Return (right, judged) of one page for the figures any extractor of text has.

    Parameters
    ----------
    gold
        The page.
    comments, body
        All that the extractor took for comments, and for the article.
    """
    gold_texts = [words(comment.text) for comment in gold.comments]
    found, article = words(comments), words(body)
    wanted = [word for text in gold_texts for word in text]
    shared = (Counter(wanted) & Counter(found)).total()
    long = [text for text in gold_texts if len(text) >= LEAK_WORDS]
    return {
        "word_precision": (shared, len(found)),
        "word_recall": (shared, len(wanted)),
        "comments_contained": (sum(contained(text, found) for text in gold_texts), len(gold_texts)),
        "comments_leaked_into_article": (sum(contained(text, article) for text in long), len(long)),
    }

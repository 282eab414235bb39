"""Are article and comments told apart? Our reader beside trafilatura, on pages with gold.

Usage: python benchmarks/separation.py [FOLDER] [--list-errors]. FOLDER holds ``NAME.html`` with
``NAME.json`` (see tests/html_pages/README.md); without one the development pages are measured. The
figures are stored under the folder's name in benchmarks/results/separation.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from separation_measures import (
    Figure,
    GoldPage,
    load_gold,
    match,
    page_counts,
    parents,
    text_counts,
    words,
)

from moderation.records import Page

_ROOT = Path(__file__).parents[1]
DEVELOPMENT = _ROOT / "tests" / "html_pages" / "development"
_RESULTS = Path(__file__).with_name("results") / "separation.json"
#: Characters of a text that an error shows.
_SHOWN = 90

Reader = Callable[[str, str], Page]
Extractor = Callable[[str], tuple[str, str]]


def main() -> None:
    """Measure a folder, print the table and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEVELOPMENT)
    parser.add_argument(
        "--list-errors", action="store_true", help="say what went wrong on each page"
    )
    known = parser.parse_args()
    gold = load_gold(known.folder)
    if not gold:
        parser.error(
            f"{known.folder} has no pages with gold; name a folder of NAME.html, NAME.json"
        )
    ours, peer = measure(gold, read), measure_peer(gold, trafilatura_texts)
    if known.list_errors:
        for line in errors(gold, read):
            print(line)
    print(table({"ours": ours, "trafilatura": peer}))
    store(known.folder.name, len(gold), {"ours": ours, "trafilatura": peer})


def read(html: str, source: str) -> Page:
    """Read a page as the package does."""
    from moderation.parsing.page_html import parse_page_html

    return parse_page_html(html, source)


def trafilatura_texts(html: str) -> tuple[str, str]:
    """Return what trafilatura takes for the comments and for the article."""
    import trafilatura

    found = trafilatura.bare_extraction(html, include_comments=True, with_metadata=True)
    if found is None:
        return "", ""
    record = found if isinstance(found, dict) else found.as_dict()
    return record.get("comments") or "", record.get("text") or ""


def measure(gold: Sequence[GoldPage], reader: Reader) -> dict[str, Figure]:
    """Return every figure of a reader that gives comments one by one."""
    by_page = []
    for page in gold:
        found = reader(page.html, page.name)
        comments = "\n\n".join(comment.text for comment in found.comments)
        by_page.append(page_counts(page, found) | text_counts(page, comments, found.article.body))
    return _figures(by_page)


def measure_peer(gold: Sequence[GoldPage], extract: Extractor) -> dict[str, Figure]:
    """Return the figures of an extractor that gives all comments in one text."""
    return _figures([text_counts(page, *extract(page.html)) for page in gold])


def _figures(by_page: Sequence[dict[str, tuple[int, int]]]) -> dict[str, Figure]:
    return {name: Figure(tuple(counts[name] for counts in by_page)) for name in by_page[0]}


def errors(gold: Sequence[GoldPage], reader: Reader) -> Iterable[str]:
    """Yield one line for each thing that went wrong: ``page: what, the text's beginning``."""
    for page in gold:
        found = reader(page.html, page.name)
        gold_texts = [words(comment.text) for comment in page.comments]
        found_texts = [words(comment.text) for comment in found.comments]
        equal, near = match(gold_texts, found_texts)
        hung = parents(page.comments, found.comments, near)
        for place, text in enumerate(gold_texts):
            if place not in near:
                yield f"{page.name}: missing: {_begin(text)}"
            elif place not in equal:
                yield f"{page.name}: inexact: {_begin(text)} / {_begin(found_texts[near[place]])}"
            if not hung.get(place, True):
                yield f"{page.name}: wrong parent: {_begin(text)}"
        for place, text in enumerate(found_texts):
            if place not in near.values():
                yield f"{page.name}: false: {_begin(text)}"
        wrong = [name for name, (right, of) in page_counts(page, found).items() if right < of]
        for name in ("headlines", "authors", "times", "policy_status"):
            if name in wrong:
                yield f"{page.name}: {name} not all right"


def _begin(text: Sequence[str]) -> str:
    return " ".join(text)[:_SHOWN]


def table(systems: dict[str, dict[str, Figure]]) -> str:
    """Return the figures as lines: name, then share, interval and number for each system."""
    names = list(next(iter(systems.values())))
    lines = [f"{'':30}" + "".join(f"{system:>32}" for system in systems)]
    for name in names:
        cells = (_cell(figures.get(name)) for figures in systems.values())
        lines.append(f"{name:30}" + "".join(f"{cell:>32}" for cell in cells))
    return "\n".join(lines)


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.share is None:
        return "–"
    low, high = figure.interval() or (0.0, 1.0)
    return f"{figure.share:.3f} [{low:.3f}, {high:.3f}] of {figure.of}"


def store(name: str, pages: int, systems: dict[str, dict[str, Figure]]) -> None:
    """Write the figures of one folder beside those of the others."""
    kept = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() else {}
    kept[name] = {"pages": pages} | {
        system: {figure_name: _record(figure) for figure_name, figure in figures.items()}
        for system, figures in systems.items()
    }
    text = json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True)
    _RESULTS.write_text(text + "\n", encoding="utf-8")


def _record(figure: Figure) -> dict[str, object]:
    interval = figure.interval()
    return {
        "share": None if figure.share is None else round(figure.share, 4),
        "interval_95": None if interval is None else [round(bound, 4) for bound in interval],
        "of": figure.of,
    }


if __name__ == "__main__":
    main()

"""Are the clauses of netiquettes understood? Our reader beside a list of keywords.

Usage: python benchmarks/netiquettes.py [SET …] [--list-errors]. A set is a folder below
benchmarks/netiquettes/ with NAME.txt and its gold NAME.toml: [[clause]] with quote and category, in
the order of the text, and [[none]] for sentences that are no rule. All texts were written for this;
the reader was made with the sets called development; held_out_4 was never looked at (README: who
saw what of the others). The figures are stored in benchmarks/results/netiquettes.json.

A clause counts as understood if a rule of its category overlaps it; a rule is right if it overlaps
a clause of its category, and invented if it overlaps no clause at all. Headings are not counted.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from moderation.parsing.house_rules import read_netiquette
from moderation.parsing.page_text import parse_page_text
from moderation.text import sentences
from moderation.training.evaluation import wilson_interval

_FOLDER = Path(__file__).with_name("netiquettes")
_RESULTS = Path(__file__).with_name("results") / "netiquettes.json"
#: What the issue asks for: clauses in the right category.
AIM = 0.9
#: Characters.
_LONGEST_HEADING = 80
_KEYWORDS = {
    "insult": "beleidig",
    "group_abuse": "rassis|diskriminier|sexis|hetze",
    "defamation": "verleumd|behauptung",
    "indecency": "gewalt|pornogra|droh",
    "incivility": "sachlich|respekt|höflich|fair",
    "off_topic": "thema",
    "advertising": "werbung|spam",
    "privacy": "daten|privat",
    "links": "link",
    "length_limit": "zeichen|länge",
    "language": "sprache|deutsch",
    "real_names": "namen|pseudonym",
    "opening_hours": "uhr",
    "closing_time": "geschlossen",
    "procedure": "redaktion|gelöscht|moderat|behalten",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text and the category it is about (empty: not understood).

    ``permits`` marks permissions, which are no clauses of the gold unless they stand there.
    """

    start: int
    end: int
    category: str
    permits: bool = False

    def overlaps(self, other: Span) -> bool:
        """Whether both share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class Counts:
    """What came of the clauses and rules of a set."""

    clauses: int = 0
    understood: int = 0
    other_category: int = 0
    listed: int = 0
    dropped: int = 0
    rules: int = 0
    right: int = 0
    invented: int = 0
    errors: list[str] = field(default_factory=list)


Reader = Callable[[str], list[Span]]


def ours(text: str) -> list[Span]:
    """Read a netiquette as ``moderation rules extract`` does."""
    netiquette = read_netiquette(text, "x", parse_page_text(text, "x").house_rules)
    rules = [
        Span(rule.start, rule.end, str(rule.category), rule.modality == "permits")
        for rule in netiquette.rules
    ]
    return rules + [Span(one.start, one.end, "") for one in netiquette.not_understood]


def by_keywords(text: str) -> list[Span]:
    """Give each sentence the categories whose keywords it holds."""
    return [
        Span(start, end, category)
        for start, end in sentences(text)
        for category, words in _KEYWORDS.items()
        if re.search(words, text[start:end], re.IGNORECASE)
    ]


def gold_of(path: Path) -> tuple[str, list[Span]]:
    """Return a netiquette and its clauses."""
    text = path.with_suffix(".txt").read_text(encoding="utf-8")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    clauses = []
    for clause in table.get("clause", ()):
        start = text.index(clause["quote"])
        clauses.append(Span(start, start + len(clause["quote"]), clause["category"]))
    return text, clauses


def count(paths: Sequence[Path], read: Reader) -> Counts:
    """Read the netiquettes of a set and compare."""
    counts = Counts()
    for path in paths:
        text, clauses = gold_of(path)
        found = read(text)
        rules = [one for one in found if one.category]
        for clause in clauses:
            counts.clauses += 1
            over = [one for one in found if one.overlaps(clause)]
            if any(one.category == clause.category for one in over):
                counts.understood += 1
                continue
            others = sorted({one.category for one in over if one.category})
            if others:
                counts.other_category += 1
            elif over:
                counts.listed += 1
            else:
                counts.dropped += 1
            what = ", ".join(others) or ("listed" if over else "dropped")
            counts.errors.append(
                f"{path.stem}: {clause.category} read as {what}: {text[clause.start : clause.end]}"
            )
        for rule in rules:
            counts.rules += 1
            over = [clause for clause in clauses if clause.overlaps(rule)]
            right = any(clause.category == rule.category for clause in over)
            counts.right += right
            if over and not right:
                counts.errors.append(
                    f"{path.stem}: wrong {rule.category}: {text[rule.start : rule.end]}"
                )
            if not over and not rule.permits and not _is_heading(text, rule):
                counts.invented += 1
                counts.errors.append(
                    f"{path.stem}: invented {rule.category}: {text[rule.start : rule.end]}"
                )
    return counts


def _is_heading(text: str, rule: Span) -> bool:
    """Whether a rule is no more than a line without a full stop above a paragraph."""
    start, end = text.rfind("\n", 0, rule.start) + 1, text.find("\n", rule.end)
    line = text[start : end if end >= 0 else len(text)].strip()
    return len(line) <= _LONGEST_HEADING and line[-1] not in ".!?,;"


def figures(counts: Counts) -> dict[str, object]:
    """Return what is stored of a reader."""
    return {
        "clauses": counts.clauses,
        "understood": counts.understood,
        "share": round(counts.understood / counts.clauses, 3),
        "interval": [round(x, 3) for x in _interval(counts.understood, counts.clauses)],
        "other_category": counts.other_category,
        "listed_as_not_understood": counts.listed,
        "dropped": counts.dropped,
        "rules": counts.rules,
        "right": counts.right,
        "precision": round(counts.right / max(counts.rules, 1), 3),
        "invented": counts.invented,
    }


def _interval(found: int, size: int) -> tuple[float, float]:
    return wilson_interval(found / size, size)


def main() -> None:
    """Measure the sets, print them beside the peer and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=sorted(p.name for p in _FOLDER.iterdir()))
    parser.add_argument("--list-errors", action="store_true")
    known = parser.parse_args()
    results = json.loads(_RESULTS.read_text("utf-8")) if _RESULTS.exists() else {}
    for name in known.sets:
        paths = sorted((_FOLDER / name).glob("*.toml"))
        if not paths:
            parser.error(f"{_FOLDER / name}: no netiquettes there")
        read = count(paths, ours)
        if known.list_errors:
            sys.stdout.writelines(f"{line}\n" for line in read.errors)
        results[name] = {
            "texts": len(paths),
            "aim": AIM,
            "ours": figures(read),
            "keywords": figures(count(paths, by_keywords)),
        }
        sys.stdout.writelines(_lines(name, results[name]))
    _RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def _lines(name: str, result: dict[str, object]) -> Iterator[str]:
    for reader in ("ours", "keywords"):
        one = result[reader]
        assert isinstance(one, dict)
        low, high = one["interval"]
        yield (
            f"{name:12} {reader:9} {one['understood']} of {one['clauses']} clauses in the right "
            f"category: {one['share']:.3f} ({low:.3f}-{high:.3f}), aim {AIM}; "
            f"{one['listed_as_not_understood']} listed, {one['dropped']} dropped; "
            f"rules right {one['precision']:.3f}, invented {one['invented']} of {one['rules']}\n"
        )


if __name__ == "__main__":
    main()

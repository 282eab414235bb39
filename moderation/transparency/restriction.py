"""A comment that a person has restricted, and on what grounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from moderation.errors import ModerationError
from moderation.records import PROCEDURAL, Category
from moderation.toml_files import load_bytes, parse_toml

#: What is done with a comment: it is not published at all, or taken away afterwards.
Measure = Literal["not_published", "removed"]

#: Bytes of a file about the house.
_MAX_BYTES = 100_000
#: The European Economic Area, ISO 3166 (Greece as GR): where a page on the web can be read.
EEA: tuple[str, ...] = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
_TEXTS = ("name", "objection", "settlement", "rules_url")


class ReasonsError(ModerationError):
    """A statement of reasons cannot be written (exit code 3); the message says what is missing."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """A house rule that a comment breaches.

    Attributes
    ----------
    category
        What the rule is about; None where a person named the rule and nothing more is known.
    rule
        The clause, in the house's own words.
    sentence
        The sentence it stands in.
    source
        Where it stands.
    words
        The comment's words that breach it.
    function
        The labelling function that found them; empty where a person named the rule.
    """

    category: Category | None
    rule: str
    sentence: str
    source: str
    words: tuple[str, ...] = ()
    function: str = ""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction of one comment.

    Attributes
    ----------
    comment_id, published, text
        The comment; ``published`` as its record has it.
    source, headline, url
        Where it stands.
    language
        ISO 639-1 code, None where nobody can tell.
    grounds
        The rules it breaches, in the order of the record; at least one.
    measure
        What is done with it.
    decided_on
        Date of the decision, ISO 8601.
    law
        The law that a person says it breaks, and why; None: nothing is said about the law.
    explanation
        What the person who decided adds, in German; empty for nothing.
    noticed
        Whether somebody has reported it (Art. 16 DSA).
    """

    comment_id: str
    text: str
    source: str
    grounds: tuple[Ground, ...]
    measure: Measure
    decided_on: str
    published: str | None = None
    headline: str | None = None
    url: str | None = None
    language: str | None = None
    law: str | None = None
    explanation: str = ""
    noticed: bool = False


@dataclass(frozen=True, slots=True)
class House:
    """What statements say of the house.

    Attributes
    ----------
    name
        Of the newspaper.
    objection
        How to object, in German: where, and by when.
    settlement
        The body that settles disputes out of court, in German; empty for the general words.
    rules_url
        Where the house rules stand.
    territory
        Countries in which a restriction holds.
    """

    name: str = ""
    objection: str = ""
    settlement: str = ""
    rules_url: str = ""
    territory: tuple[str, ...] = EEA


def load_house(path: Path) -> House:
    """Read a file about the house (TOML with the attributes of :class:`House`).

    Raises
    ------
    ReasonsError
        If it cannot be read, is no TOML, or has an unknown key or a value that is no text.
    """
    data = load_bytes(
        path,
        ReasonsError,
        most=_MAX_BYTES,
        too_large="larger than 100 kB; give a few lines about the house",
        remedy="name a readable TOML file",
    )
    table = parse_toml(data, str(path), ReasonsError)
    for key, value in table.items():
        if key == "territory":
            if not isinstance(value, list) or not value or any(one not in EEA for one in value):
                raise ReasonsError(f"{path}: territory: write countries of the EEA, as DE and AT")
        elif key not in _TEXTS:
            known = ", ".join((*_TEXTS, "territory"))
            raise ReasonsError(f"{path}: unknown key {key!r}; known are {known}")
        elif not isinstance(value, str):
            raise ReasonsError(f"{path}: {key} is no text; put it in quotation marks")
    texts = {key: table[key].strip() for key in _TEXTS if key in table}
    return House(**texts, territory=tuple(table.get("territory", EEA)))


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person who decided says.

    Attributes
    ----------
    measure, decided_on, law, explanation, noticed
        As in :class:`Restriction`.
    rule
        The house rule they name, where the software found none; None: those it found.
    """

    measure: Measure
    decided_on: str
    law: str | None = None
    explanation: str = ""
    noticed: bool = False
    rule: str | None = None


def restriction_of(record: Mapping[str, Any], decision: Decision) -> Restriction:
    """Make a restriction of what ``moderation score`` or ``label`` has printed for a comment.

    Raises
    ------
    ReasonsError
        If it is no such record, or no rule was found in it and none is named.
    """
    comment = record.get("comment")
    labels = record.get("labels")
    if not isinstance(comment, dict) or not isinstance(labels, list):
        raise ReasonsError(
            "no record as moderation score --format jsonl prints it; give its output"
        )
    name = str(comment.get("id") or "?")
    try:
        grounds = [_ground(label) for label in labels]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReasonsError(f"comment {name}: a label is damaged; score it again") from error
    if decision.rule is not None:
        grounds = [Ground(None, decision.rule, decision.rule, "")]
    if not grounds:
        raise ReasonsError(
            f"comment {name}: no house rule was found; name the one it breaches with --rule"
        )
    page = record.get("page")
    page = page if isinstance(page, dict) else {}
    language = record.get("language")
    return Restriction(
        comment_id=name,
        text=str(comment.get("text") or ""),
        source=str(record.get("source") or ""),
        grounds=tuple(grounds),
        measure=decision.measure,
        decided_on=decision.decided_on,
        published=_text(comment.get("published")),
        headline=_text(page.get("headline")),
        url=_text(page.get("url")),
        language=_text(language.get("code")) if isinstance(language, dict) else None,
        law=decision.law,
        explanation=decision.explanation,
        noticed=decision.noticed,
    )


def _ground(label: Mapping[str, Any]) -> Ground:
    category = Category(label["category"])
    if category in PROCEDURAL:
        raise ValueError
    return Ground(
        category,
        str(label["clause"]),
        str(label["quote"]),
        str(label["rule_source"]),
        tuple(str(one["text"]) for one in label["evidence"]),
        str(label.get("function") or ""),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def id_of(record: Mapping[str, Any]) -> str | None:
    """Return the id of a record's comment, None where it is no record."""
    comment = record.get("comment")
    return _text(comment.get("id")) if isinstance(comment, dict) else None

"""A comment that a person has restricted, and on what grounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from moderation.errors import ModerationError
from moderation.json_records import added_value
from moderation.reasons import names_law
from moderation.records import PROCEDURAL, Category
from moderation.states import german_day
from moderation.toml_files import load_bytes, parse_toml

#: What is done with a comment: it is not published at all, or taken away afterwards.
Measure = Literal["not_published", "removed"]

#: Bytes of a file about the house.
_MAX_BYTES = 100_000
#: Characters of a stranger's words in a message.
_SHOWN = 40
#: The European Economic Area, where a page on the web can be read: ISO 3166 (Greece as GR).
EEA: Mapping[str, str] = {
    "AT": "Österreich",
    "BE": "Belgien",
    "BG": "Bulgarien",
    "CY": "Zypern",
    "CZ": "Tschechien",
    "DE": "Deutschland",
    "DK": "Dänemark",
    "EE": "Estland",
    "ES": "Spanien",
    "FI": "Finnland",
    "FR": "Frankreich",
    "GR": "Griechenland",
    "HR": "Kroatien",
    "HU": "Ungarn",
    "IE": "Irland",
    "IS": "Island",
    "IT": "Italien",
    "LI": "Liechtenstein",
    "LT": "Litauen",
    "LU": "Luxemburg",
    "LV": "Lettland",
    "MT": "Malta",
    "NL": "Niederlande",
    "NO": "Norwegen",
    "PL": "Polen",
    "PT": "Portugal",
    "RO": "Rumänien",
    "SE": "Schweden",
    "SI": "Slowenien",
    "SK": "Slowakei",
}
_TEXTS = ("name", "objection", "settlement", "rules_url")


class ReasonsError(ModerationError):
    """A statement of reasons cannot be written (exit code 3); the message says what is missing."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """A rule that a comment breaches: of the house, or of a law that the software knows.

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

    @property
    def is_law(self) -> bool:
        """Whether the rule is one of law; what breaks the law is for a person to say."""
        return names_law(self.source)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction of one comment.

    Attributes
    ----------
    comment_id, published, text
        The comment; ``published`` is a day in German time, None where it is not known.
    source, headline, url
        Where it stands.
    language
        ISO 639-1 code, None where nobody can tell.
    grounds
        The house rules it breaches, then what was found about the law where `law` is named;
        empty only there.
    measure
        What is done with it.
    decided_on
        Date of the decision.
    law
        The law that a person says it breaks, and why; None: nothing is said about the law.
    explanation
        What the person who decided adds, in German; empty for nothing.
    noticed
        Whether somebody has reported it (Art. 16 DSA).
    detected
        Whether the software has objected to it: found words, or recommended not to publish it
        unseen.
    with_model
        Whether a model took part in that.
    remarks
        What the person who decided should know: what was left out, and why.
    """

    comment_id: str
    text: str
    source: str
    grounds: tuple[Ground, ...]
    measure: Measure
    decided_on: date
    published: date | None = None
    headline: str | None = None
    url: str | None = None
    language: str | None = None
    law: str | None = None
    explanation: str = ""
    noticed: bool = False
    detected: bool = False
    with_model: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def house_rules(self) -> tuple[Ground, ...]:
        """The grounds that are rules of the house."""
        return tuple(ground for ground in self.grounds if not ground.is_law)


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
    territory: tuple[str, ...] = tuple(EEA)


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
    return House(**texts, territory=tuple(dict.fromkeys(table.get("territory", EEA))))


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person who decided says.

    Attributes
    ----------
    measure, decided_on, law, explanation, noticed
        As in :class:`Restriction`.
    rule
        The house rule they name, in place of those the software found; None: those it found.
    """

    measure: Measure
    decided_on: date
    law: str | None = None
    explanation: str = ""
    noticed: bool = False
    rule: str | None = None


def is_record(record: Mapping[str, Any]) -> bool:
    """Return whether a record is one that ``moderation score`` or ``label`` has printed."""
    comment, labels = added_value(record, "comment"), added_value(record, "labels")
    return isinstance(comment, dict) and isinstance(labels, list)


def restriction_of(record: Mapping[str, Any], decision: Decision) -> Restriction:
    """Make a restriction of what ``moderation score`` or ``label`` has printed for a comment.

    Raises
    ------
    ReasonsError
        If it is no such record, no rule was found in it and none is named, only law was found and
        none is named, or it was published after the decision.
    """
    if not is_record(record):
        raise ReasonsError(
            "no record as moderation score --format jsonl prints it; give its output"
        )
    comment, labels = added_value(record, "comment"), added_value(record, "labels")
    name = str(comment.get("id") or "?")
    try:
        found = [_ground(label) for label in labels]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReasonsError(f"comment {name}: a label is damaged; score it again") from error
    grounds, remarks = _grounds(found, decision, f"comment {name}")
    words = _text(comment.get("published"))
    published = german_day(words)
    if words and published is None:
        remarks.append(
            f"comment {name}: {words[:_SHOWN]!r} is no date of publication; it is left out"
        )
    if published is not None and published > decision.decided_on:
        raise ReasonsError(
            f"comment {name}: published on {published}, after the decision of "
            f"{decision.decided_on}; give the day of the decision with --on"
        )
    page = added_value(record, "page")
    page = page if isinstance(page, dict) else {}
    language = added_value(record, "language")
    return Restriction(
        comment_id=name,
        text=str(comment.get("text") or ""),
        source=str(added_value(record, "source") or ""),
        grounds=grounds,
        measure=decision.measure,
        decided_on=decision.decided_on,
        published=published,
        headline=_text(page.get("headline")),
        url=_text(page.get("url")),
        language=_text(language.get("code")) if isinstance(language, dict) else None,
        law=decision.law,
        explanation=decision.explanation,
        noticed=decision.noticed,
        detected=bool(labels) or recommendation_of(record) in {"review", "reject"},
        with_model=type(added_value(record, "score")) in {int, float},
        remarks=tuple(remarks),
    )


def _grounds(
    found: Sequence[Ground], decision: Decision, where: str
) -> tuple[tuple[Ground, ...], list[str]]:
    """Return the grounds of a decision, and what is said of those that are left out.

    Raises
    ------
    ReasonsError
        If there are none.
    """
    house = [ground for ground in found if not ground.is_law]
    legal = [ground for ground in found if ground.is_law]
    remarks = []
    if decision.rule is not None:
        remarks += [
            f"{where}: „{ground.rule}“ was found, too; left out, as --rule names another"
            for ground in house
            if ground.rule != decision.rule
        ]
        house = [Ground(None, decision.rule, decision.rule, "")]
    if decision.law is None:
        if legal and not house:
            raise ReasonsError(
                f"{where}: what was found concerns the law alone ({legal[0].source}), which a "
                "person has to judge; name the law with --law, or a house rule with --rule"
            )
        remarks += [
            f"{where}: {ground.source} was found, too; left out, as no --law is named"
            for ground in legal
        ]
        legal = []
        if not house:
            raise ReasonsError(
                f"{where}: no house rule was found; name the one it breaches with --rule, or a law "
                "with --law"
            )
    return (*house, *legal), remarks


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
    comment = added_value(record, "comment")
    return _text(comment.get("id")) if isinstance(comment, dict) else None


def recommendation_of(record: Mapping[str, Any]) -> str | None:
    """Return what was recommended for a record's comment, None where nothing was."""
    return _text(added_value(record, "decision"))

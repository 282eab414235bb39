"""House rules as a file that a newsroom can read, keep and change: TOML, one table per clause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO, get_args

from moderation.errors import ModerationError
from moderation.labelling.fitting import says_something
from moderation.records import PROCEDURAL, Category, Evidence, HouseRule, Modality
from moderation.toml_files import bounded, load_bytes, parse_toml

#: Bytes; the longest German netiquette seen has some 30 kB.
MAX_BYTES = 1_000_000
_TOO_LARGE = "larger than 1 MB; a rules file holds quotes, not pages"
# What a rules file begins with, and no netiquette has on a line of its own.
_RULE_TABLE = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)

_TEXT_KEYS = ("id", "category", "quote", "sentence", "source", "modality", "aspect")
_NUMBER_KEYS = ("start", "end")
_KEYS = (*_TEXT_KEYS, *_NUMBER_KEYS)


@dataclass(frozen=True, slots=True)
class Written:
    """A rule as it stands in a file.

    Attributes
    ----------
    rule
        The rule, with defaults for what the file does not say.
    sourced, placed
        Whether the file says where it comes from, and at which place it stands there.
    """

    rule: HouseRule
    sourced: bool
    placed: bool


class RulesFileError(ModerationError):
    """A rules file cannot be used (exit code 3); the message names the rule and the remedy."""

    exit_code = 3


def load_rules(path: Path) -> tuple[HouseRule, ...]:
    """Read a rules file.

    Parameters
    ----------
    path
        TOML with one ``[[rule]]`` per clause: ``id``, ``category`` and ``quote``, and optionally
        ``sentence`` (default: the quote), ``source`` (the file's name), ``start`` and ``end`` (0
        and the quote's length), ``modality`` (``forbids``, ``asks``, ``permits`` or ``states``) and
        ``aspect``. Other tables, such as ``[[not_understood]]``, are for people.

    Returns
    -------
    tuple of HouseRule
        In file order.

    Raises
    ------
    RulesFileError
        If the file cannot be read, is larger than a megabyte, no UTF-8, no TOML, holds no rule, or
        a rule lacks something, has an unknown category or key, or an id used before.
    """
    return tuple(one.rule for one in load_written(path))


def load_written(path: Path) -> tuple[Written, ...]:
    """Read a rules file as :func:`load_rules`, with what it says of where its rules stand."""
    data = load_bytes(
        path,
        RulesFileError,
        most=MAX_BYTES,
        too_large=_TOO_LARGE,
        remedy="name a readable TOML rules file",
    )
    return parse_written(data, str(path), path.name)


def read_written(stream: BinaryIO, name: str) -> tuple[Written, ...]:
    """Read a rules file that comes through a pipe; `name` stands in messages, and for its source.

    Raises
    ------
    RulesFileError
        As :func:`load_rules`.
    """
    data = bounded(stream, name, RulesFileError, most=MAX_BYTES, too_large=_TOO_LARGE)
    return parse_written(data, name, Path(name).name)


def is_rules_file(head: bytes) -> bool:
    """Whether what begins with `head` is a rules file, and no page or text."""
    return _RULE_TABLE.search(head) is not None


@cache
def default_rules() -> tuple[HouseRule, ...]:
    """Return the packaged rules: the clauses that the seed page of HNA.de quotes."""
    name = "default_rules.toml"
    return parse_rules(resources.files(__package__).joinpath(name).read_bytes(), name, name)


@cache
def legal_rules() -> tuple[HouseRule, ...]:
    """Return the packaged rules of law: what holds whether or not house rules say so."""
    name = "legal_rules.toml"
    return parse_rules(resources.files(__package__).joinpath(name).read_bytes(), name, name)


def with_legal_rules(rules: tuple[HouseRule, ...]) -> tuple[HouseRule, ...]:
    """Return `rules` and those of law in whose categories they say nothing."""
    said = {rule.category for rule in rules if says_something(rule)}
    return rules + tuple(rule for rule in legal_rules() if rule.category not in said)


def parse_rules(data: bytes, name: str, source: str) -> tuple[HouseRule, ...]:
    """Parse the bytes of a rules file; `name` stands in messages, `source` is the default source.

    Raises
    ------
    RulesFileError
        As :func:`load_rules`.
    """
    return tuple(one.rule for one in parse_written(data, name, source))


def parse_written(data: bytes, name: str, source: str) -> tuple[Written, ...]:
    """Parse a rules file as :func:`parse_rules`, with what it says of where its rules stand."""
    document = parse_toml(data, name, RulesFileError)
    return _written(document.get("rule"), name, source)


def rules_of_tables(tables: object, name: str, source: str) -> tuple[HouseRule, ...]:
    """Return the rules that a list of tables describes, as TOML and JSON have them.

    Raises
    ------
    RulesFileError
        As :func:`load_rules`.
    """
    return tuple(one.rule for one in _written(tables, name, source))


def _written(tables: object, name: str, source: str) -> tuple[Written, ...]:
    if not isinstance(tables, list) or not tables:
        raise RulesFileError(f"{name}: no rules; write one [[rule]] table per clause")
    rules: list[Written] = []
    numbers: dict[str, int] = {}
    for number, table in enumerate(tables, 1):
        rule = _rule(table, f"{name}: rule {number}", source)
        if rule.id in numbers:
            raise RulesFileError(
                f"{name}: rule {number}: id {_short(rule.id)} is taken by rule "
                f"{numbers[rule.id]}; give it its own"
            )
        numbers[rule.id] = number
        rules.append(Written(rule, sourced="source" in table, placed="start" in table))
    return tuple(rules)


def _rule(raw: object, where: str, source: str) -> HouseRule:
    if not isinstance(raw, dict):
        raise RulesFileError(f"{where}: no table; write [[rule]] and one key a line")
    table: dict[str, Any] = raw
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise RulesFileError(
            f"{where}: unknown key {_short(unknown[0])}; known are {', '.join(_KEYS)}"
        )
    for key in ("id", "category", "quote"):
        if not (isinstance(table.get(key), str) and table[key].strip()):
            raise RulesFileError(f'{where}: no {key}; write {key} = "…"')
    for key in _TEXT_KEYS:
        if not isinstance(table.get(key, ""), str):
            raise RulesFileError(f"{where}: {key} is no text; put it in quotation marks")
    known = [str(category) for category in Category]
    if table["category"] not in known:
        raise RulesFileError(
            f"{where}: unknown category {_short(table['category'])}; known are {', '.join(known)}"
        )
    category = Category(table["category"])
    usual = "states" if category in PROCEDURAL else "forbids"
    modality = table.get("modality", usual)
    if modality not in get_args(Modality):
        raise RulesFileError(
            f"{where}: unknown modality {_short(modality)}; known are "
            f"{', '.join(get_args(Modality))}"
        )
    quote = table["quote"]
    sentence = table.get("sentence", quote)
    if quote not in sentence:
        raise RulesFileError(f"{where}: the sentence does not contain the quote; copy it verbatim")
    start, end = _span(table, where)
    return HouseRule(
        id=table["id"],
        category=category,
        quote=quote,
        source=table.get("source", source),
        start=start,
        end=end,
        sentence=sentence,
        modality=modality,
        aspect=table.get("aspect", ""),
    )


def _span(table: Mapping[str, Any], where: str) -> tuple[int, int]:
    start = table.get("start", 0)
    end = table.get("end", start + len(table["quote"]) if type(start) is int else None)
    if type(start) is not int or type(end) is not int or start < 0:
        raise RulesFileError(f"{where}: start and end are no counts; write whole numbers from 0")
    if end - start != len(table["quote"]):
        raise RulesFileError(
            f"{where}: end - start is {end - start}, but the quote has {len(table['quote'])} "
            "characters; correct the span or leave it out"
        )
    return start, end


def _short(value: str) -> str:
    """Quote a user's word in one line."""
    return repr(value if len(value) <= 40 else value[:39] + "…")


def dump_rules(rules: Sequence[HouseRule], not_understood: Sequence[Evidence] = ()) -> str:
    """Return `rules` as TOML that :func:`load_rules` reads back unchanged.

    ``not_understood`` is written behind them, for people to read.

    Raises
    ------
    RulesFileError
        If a text holds a lone surrogate, which no UTF-8 file can.
    """
    tables = [_dump_rule(rule) for rule in rules]
    tables += [
        _dump_table("not_understood", {"quote": part.text}, part.start, part.end)
        for part in not_understood
    ]
    return "\n".join(tables)


def _dump_rule(rule: HouseRule) -> str:
    texts = {
        "id": rule.id,
        "category": str(rule.category),
        "modality": rule.modality,
        "quote": rule.quote,
        "sentence": rule.sentence,
        "source": rule.source,
    }
    if rule.aspect:
        texts["aspect"] = rule.aspect
    return _dump_table("rule", texts, rule.start, rule.end)


def _dump_table(name: str, texts: Mapping[str, str], start: int, end: int) -> str:
    lines = [f"[[{name}]]"]
    lines += [f"{key} = {_toml_string(value)}" for key, value in texts.items()]
    lines += [f"start = {start}", f"end = {end}"]
    return "\n".join(lines) + "\n"


# TOML basic strings escape the quotation mark, the backslash and control characters other than tab.
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _toml_string(value: str) -> str:
    if _SURROGATE.search(value):
        raise RulesFileError(f"rule text {value[:40]!a}: lone surrogate; remove it")

    def escape(match: re.Match[str]) -> str:
        return _SHORT_ESCAPES.get(match.group()) or f"\\u{ord(match.group()):04x}"

    return f'"{_TO_ESCAPE.sub(escape, value)}"'

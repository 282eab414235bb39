"""What an input is, by its first lines."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from typing import Literal

from moderation.parsing.columns import KNOWN_COLUMNS, TEXT_COLUMNS
from moderation.parsing.json_lines import cut_object
from moderation.parsing.page_text import looks_like_page
from moderation.parsing.tables import DELIMITERS, SEPARATOR_LINE

Kind = Literal[
    "page",
    "html",
    "lines",
    "csv",
    "jsonl",
    "parquet",
    "wordpress",
    "disqus",
    "coral",
    "coral-stories",
    "isso",
    "remark42",
    "parsed",
]

#: Lines in which a table must show its shape.
_HEADER_ROWS = 20
#: Share of rows that must have as many cells as the header.
_FITTING_SHARE = 0.8
#: So many columns in one line are a header that the look-ahead has cut.
_MANY_COLUMNS = 20
# A column name: one or two words that begin with a letter, no sentence, nothing after a comma and a
# space ("Sie Idiot, echt" is no header).
_COLUMN_NAME = re.compile(r"\ufeff?[^\W\d][\w./()-]{0,39}(?: [\w./()-]{1,20})? ?")
# What forms and spreadsheets put on top ("#", "Name?", "Ihr Kommentar zum Artikel:", nothing for an
# index); a number, an address or a sentence is data.
_LOOSE_NAME = re.compile(r"(?!.*[@!]|.*\. )(?:#|.{0,60}[^\W\d].{0,60})?", re.DOTALL)
# A header whose cells are all in quotes: no sentence is.
_ALL_QUOTED = re.compile(r'\ufeff?"[^"]*"(?:[,;\t|]"[^"]*")+')
#: Delimiters that hardly stand in sentences.
_RARE_DELIMITERS = ";\t|"
_WORDS = re.compile(r"[^\W\d_]+")
_JSON_START = re.compile(r"\s*[\[{]")
_JSON_ARRAY = re.compile(r"\ufeff?\s*\[\s*[{\"]")
_JSON_OBJECT = re.compile(r'\ufeff?\s*\{\s*"')


def sniff(head: str) -> Kind:
    """Tell what the first lines of an input are.

    Parameters
    ----------
    head
        The beginning of the decoded input.
    """
    lines = head.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.lstrip("\ufeff").lstrip().startswith("<") and (markup := _sniff_markup(head)):
        return markup
    if begins_array(head) or _JSON_OBJECT.match(head) or _is_strings(lines):
        return _sniff_json(head)
    if looks_like_table(lines[lines.index(first) :] if first else ()):
        return "csv"
    return "page" if looks_like_page(head) else "lines"


def begins_array(head: str) -> bool:
    """Return whether an input begins as a JSON array of objects or strings."""
    return _JSON_ARRAY.match(head) is not None


def _is_strings(lines: Sequence[str]) -> bool:
    """Whether the first lines are JSON strings, one each."""
    sample = [line for line in lines[:_HEADER_ROWS] if line.strip()]
    if len(sample) < 2 or not all(line.lstrip().startswith('"') for line in sample):
        return False
    try:
        return all(isinstance(json.loads(line), str) for line in sample)
    except (ValueError, RecursionError):
        return False


def _sniff_markup(head: str) -> Kind | None:
    from moderation.parsing.exports.sniffing import sniff_xml
    from moderation.parsing.page_html import looks_like_html

    return sniff_xml(head) or ("html" if looks_like_html(head) else None)


def _sniff_json(head: str) -> Kind:
    from moderation.parsing.exports.coral import sniff_coral
    from moderation.parsing.exports.parsed import sniff_parsed
    from moderation.parsing.exports.remark42 import sniff_remark42

    text = head.lstrip("\ufeff [\t\r\n")
    try:
        first, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        # Cut by the look-ahead, or broken: its first names tell.
        first = cut_object(text)
    if not isinstance(first, dict):
        return "jsonl"
    if sniff_parsed(first):
        return "parsed"
    return sniff_coral(first) or sniff_remark42(first) or "jsonl"


def looks_like_table(lines: Sequence[str]) -> bool:
    """Return whether `lines` are a table: column names, and rows with as many cells below."""
    if lines and SEPARATOR_LINE.fullmatch(lines[0].strip()):
        return True
    if not lines or (len(lines) > 1 and not lines[1].strip()):
        # A kicker ("Kommentar"), then a blank line: a page, whatever it is called.
        return False
    if lines[0].strip().strip('"').casefold() in TEXT_COLUMNS:
        return not looks_like_page("\n".join(lines[1:]))
    return any(_fits(lines, delimiter) for delimiter in DELIMITERS)


def _fits(lines: Sequence[str], delimiter: str) -> bool:
    try:
        names, *rows = csv.reader(lines[:_HEADER_ROWS], delimiter=delimiter)
    except csv.Error:
        return False
    if len(names) < 2:
        return False
    rows = [row for row in rows if row]
    fitting = bool(rows) and sum(len(row) == len(names) for row in rows) >= _FITTING_SHARE * len(
        rows
    )
    if all(_COLUMN_NAME.fullmatch(name) for name in names):
        telling = any(name.strip().casefold() in TEXT_COLUMNS for name in names)
        # Without a telling name, only rows of one shape tell a table from sentences with commas.
        return telling or fitting or (len(lines) == 1 and len(names) >= _MANY_COLUMNS)
    if not fitting or not all(_LOOSE_NAME.fullmatch(name.strip()) for name in names):
        return False
    if _ALL_QUOTED.fullmatch(lines[0].strip()):
        return True
    if delimiter in _RARE_DELIMITERS:
        return any(word in KNOWN_COLUMNS for name in names for word in _words(name))
    # Sentences have commas, too: some column must be called just what columns are called.
    exact = sum(name.strip().casefold() in KNOWN_COLUMNS for name in names)
    return exact >= 2 and len(names) >= 3


def _words(name: str) -> list[str]:
    return [word.casefold() for word in _WORDS.findall(name)]

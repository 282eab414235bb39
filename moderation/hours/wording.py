"""Words of sentences about time: what they do there, and which of them are harmless."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

#: Characters: a longer sentence is no rule about time.
LONGEST = 600
#: What patterns of whole words begin with.
BOUNDARY = r"\b"
# What may stand between words: a question, a quotation or a star says something of its own.
_SIGNS = re.compile(r"[\s.,;:!()–—/&+-]*")


@cache
def data() -> dict[str, Any]:
    """Return what stands in ``hours.toml``, and numbers also as they are looked up."""
    found = tomllib.loads((resources.files(__package__) / "hours.toml").read_text("utf-8"))
    # Folded, "dreißig" is "dreissig".
    found["values"] = {word.casefold(): number for word, number in found["numbers"].items()}
    return found


@cache
def words(*roles: str, whole: bool = True) -> re.Pattern[str]:
    """Return a pattern for the words of some roles; as parts of words if not `whole`."""
    # Longer ones first: "in der Zeit" before "in".
    found = sorted(
        (word for role in roles for word in data()["words"][role]),
        key=lambda word: -word.count(" "),
    )
    either = "|".join(word.replace(" ", r"\s") for word in found)
    return re.compile(rf"{BOUNDARY}(?:{either})(?!\w)" if whole else f"(?:{either})", re.IGNORECASE)


def is_understood(rest: str, *roles: str) -> bool:
    """Return whether what is left of a sentence consists of words of these roles alone.

    A word that is not known may turn the meaning of all others ("reduziert", "früher").
    """
    return _SIGNS.fullmatch(words(*roles).sub(" ", rest)) is not None


def blanked(text: str, *spans: tuple[int, int]) -> str:
    """Return `text` with spaces in place of `spans`, so that places stay where they are."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


@cache
def number_words() -> str:
    """Return a pattern for numbers in words, longer ones first."""
    return "|".join(sorted(data()["numbers"], key=len, reverse=True))


def number(word: str) -> int:
    """Return 3 for "3" and "drei"."""
    if word.isdecimal():
        return int(word)
    found: int = data()["values"][word.casefold()]
    return found

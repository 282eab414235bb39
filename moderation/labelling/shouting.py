"""Shouting: a run of words in capital letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.labelling.reading import Hit, Reading

# Abbreviations are shorter than five letters as a rule; four such words in a row are no headline.
_CAPITALS = re.compile(r"(?<!\w)[A-ZÄÖÜ]{2,30}(?:[^\w\n]{1,4}[A-ZÄÖÜ]{1,30}(?!\w)){3,200}")
#: What a shouted word looks like; three of them make a run.
LONG_WORD = re.compile(r"[A-ZÄÖÜ]{5,}")
LONG_WORDS = 3


def find_shouting(reading: Reading) -> Iterator[Hit]:
    """Yield runs of four words or more in capitals, three of them of five letters or more."""
    if len(LONG_WORD.findall(reading.text)) < LONG_WORDS:
        return
    for match in _CAPITALS.finditer(reading.text):
        if len(LONG_WORD.findall(match.group())) >= LONG_WORDS:
            yield Hit(*match.span(), 1)

"""Personal data in a comment: e-mail addresses, telephone numbers, bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.labelling.reading import Hit, Reading

# Mailboxes of an office, not of a person.
_OFFICE = re.compile(
    r"(?:info|kontakt|contact|redaktion|leserbriefe?|service|presse|office|support|mail|post)@",
    re.I,
)
# Length limits of RFC 5321 keep the expressions linear.
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?![\w@])")
# German numbers in national or international form: a mobile prefix, or any prefix behind a word for
# telephone. Seven digits after the prefix at least, so that dates and sums do not match.
_GROUPS = r"(?:[ /-]{0,3}\d{1,8}){1,5}(?!\d)"
_MOBILE = re.compile(rf"(?<![\d.,+])(?:\+49|0049|0)[ (]{{0,2}}0?\)?1[5-7]\d{_GROUPS}")
_LANDLINE = re.compile(
    rf"(?i:\b(?:tel(?:efon(?:nummer)?)?|fon|handy(?:nummer)?|mobil|nummer|ruf)\b)[.: ]{{0,4}}"
    rf"(?:ist |lautet )?((?:\+49|0049|0)[ (]{{0,2}}\d{{2,5}}\)?{_GROUPS})"
)
_ACCOUNT = re.compile(r"\bDE\d{2}(?: ?\d{4}){4} ?\d{2}\b")
_MIN_DIGITS = 9
# How a number or an account begins; nothing of it lies beyond a space.
_BEGINNING = re.compile(r"(?<!\d)(?<!\d[.,])(?:\+49|0(?:\d[\d)]|[()\s]|$))|\bDE\d\d")


def may_be_personal(part: str) -> bool:
    """Whether personal data may begin in `part` of a text; parts end at whitespace."""
    return ("@" in part and _MAIL.search(part) is not None) or _may_be_number(part)


def _may_be_number(text: str) -> bool:
    return ("0" in text or "+49" in text or "DE" in text) and _BEGINNING.search(text) is not None


def find_personal_data(reading: Reading) -> Iterator[Hit]:
    """Yield e-mail addresses, telephone numbers and IBANs, kind by kind.

    Reads the original text: folding takes "@" and digits for letters.
    """
    text = reading.text
    if "@" in text:
        for match in _MAIL.finditer(text):
            if not _OFFICE.match(match.group()):
                yield Hit(*match.span(), 2)
    if not _may_be_number(text):
        return
    for pattern, group in ((_MOBILE, 0), (_LANDLINE, 1), (_ACCOUNT, 0)):
        for match in pattern.finditer(text):
            if sum(map(str.isdigit, match.group(group))) >= _MIN_DIGITS:
                yield Hit(*match.span(group), 2)

"""Personal data in a comment: e-mail and postal addresses, telephone numbers, bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from moderation.labelling.postal_addresses import find_addresses, has_street_and_number
from moderation.labelling.reading import Hit, Reading, word_set

# Mailboxes of an office, not of a person.
_OFFICE = re.compile(
    r"(?:info|kontakt|contact|redaktion|leserbriefe?|service|presse|office|support|mail|post)"
    r"(?:@|\s?[(\[{<]|\s(?:at|ät)\s)",
    re.I,
)
# Length limits of RFC 5321 keep the expressions linear.
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?![\w@])")
# The same in words, which nobody writes by chance: "max (at) example (punkt) org". Without brackets
# both words and a common ending have to be there: "max at example dot org".
_OPEN, _CLOSE = r"\s?[(\[{<]\s?", r"\s?[)\]}>]\s?"
_DOT = rf"(?:\.|{_OPEN}(?:dot|punkt|\.){_CLOSE}|\s(?:dot|punkt)\s)"
_SPELLED_MAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]{{2,64}}{_OPEN}(?:at|ät){_CLOSE}[\w-]{{2,63}}"
    rf"(?:{_DOT}[\w-]{{2,63}}){{1,3}}",
    re.I,
)
_SPOKEN_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64}\s(?:at|ät)\s[\w-]{2,63}\s(?:dot|punkt)\s"
    r"(?:de|com|org|net|at|ch|eu|info|li)(?!\w)",
    re.I,
)
_AT = re.compile(r"(?<![^\W_])[aäAÄ][tT](?![^\W_])")
_AT_WORDS = ("at", "ät")
# As folded words.
_SPELLED_AT = word_set("at ät")
# Numbers in national or international form: a German mobile prefix, the sign of Germany, Austria or
# Switzerland, an Austrian or Swiss mobile prefix, brackets or a stroke behind the prefix, or any
# prefix behind a word for telephone. Nine digits at least, so that dates and sums do not match.
_GROUPS = r"(?:[ /-]{0,3}\d{1,8}){1,5}(?!\d)"
_FREE = r"(?<![\w+/-])(?<!\d[.,])"
_MOBILE = re.compile(
    rf"(?<![\d.,+])(?:(?:\+49|0049)[ (]{{0,2}}0?\)?|0[ (]{{0,2}})1[5-7]\d{_GROUPS}"
)
_ABROAD = re.compile(
    rf"{_FREE}(?:\+|00)4[139][ (/-]{{0,2}}(?:\(?0\)?[ ]?)?[1-9]\d{{0,4}}\)?{_GROUPS}"
)
_MOBILE_ABROAD = re.compile(
    rf"{_FREE}(?:07[5-9][ /]?\d{{3}} \d{{2}} ?\d{{2}}"
    rf"|06(?:50|6[0-9]|7[0-9]|8[0189]|99)[ /-]\d{_GROUPS})"
    r"(?![\d.,]\d)"
)
# "(030) 123 45 67", "030/1234567"; numbers that belong to nobody (0800, 0180, 0900 …) are none.
_WRITTEN = re.compile(
    rf"{_FREE}(?!\(?0(?:800|180|900|137|138|700))"
    r"(?:\(0[1-9]\d{1,4}\) ?|0[1-9]\d{1,4} ?/ ?)\d{2,8}(?:[ -]?\d{1,8}){0,4}(?![\d/]|[.,]\d)"
)
_LANDLINE = re.compile(
    rf"(?i:\b(?:tel(?:efon(?:nummer)?)?|fon|handy(?:nummer)?|mobil|nummer|ruf)\b)[.: ]{{0,4}}"
    rf"(?:ist |lautet )?((?:\+49|0049|0)[ (]{{0,2}}\d{{2,5}}\)?{_GROUPS})"
)
_ACCOUNT = re.compile(r"\bDE\d{2}(?: ?\d{4}){4} ?\d{2}\b")
_MIN_DIGITS = 9
_NUMBERS = (
    (_MOBILE, 0, "telephone"),
    (_ABROAD, 0, "telephone"),
    (_MOBILE_ABROAD, 0, "telephone"),
    (_WRITTEN, 0, "telephone"),
    (_LANDLINE, 1, "telephone"),
    (_ACCOUNT, 0, "account"),
)
# How a number or an account begins; nothing of it lies beyond a space.
_BEGINNING = re.compile(r"(?<!\d)(?<!\d[.,])(?:\+4[139]|0(?:\d[\d)]|[()\s]|$))|\bDE\d\d")


def may_be_personal(part: str) -> bool:
    """Whether personal data may begin in `part` of a text; parts end at whitespace.

    An address in words may have its telling word there; a postal address is told by several parts
    (:mod:`moderation.labelling.postal_addresses`) unless all of it is in this one.
    """
    if part.isalpha():
        return part.lower() in _AT_WORDS
    return (
        ("@" in part and _MAIL.search(part) is not None)
        or _AT.search(part) is not None
        or _may_be_number(part)
        or has_street_and_number(part)
    )


def _may_be_number(text: str) -> bool:
    return ("0" in text or "+4" in text or "DE" in text) and _BEGINNING.search(text) is not None


def find_personal_data(reading: Reading) -> Iterator[Hit]:
    """Yield e-mail addresses, postal addresses, telephone numbers and IBANs, kind by kind.

    The source of a hit is its kind: mail, address, telephone or account.
    Reads the original text: folding takes "@" and digits for letters.
    """
    text = reading.text
    if "@" in text:
        for match in _MAIL.finditer(text):
            if not _OFFICE.match(match.group()):
                yield Hit(*match.span(), 2, "mail")
    if not _SPELLED_AT.isdisjoint(reading.vocabulary):
        for pattern, strength in ((_SPELLED_MAIL, 2), (_SPOKEN_MAIL, 1)):
            for match in pattern.finditer(text):
                if not _OFFICE.match(match.group()):
                    yield Hit(*match.span(), strength, "mail")
    yield from (replace(hit, source="address") for hit in find_addresses(text))
    if not _may_be_number(text):
        return
    for pattern, group, kind in _NUMBERS:
        for match in pattern.finditer(text):
            if sum(map(str.isdigit, match.group(group))) >= _MIN_DIGITS:
                yield Hit(*match.span(group), 2, kind)

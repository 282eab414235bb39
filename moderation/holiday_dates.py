"""Which days are holidays: from a file, or of a state by the package ``holidays``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from moderation.errors import UnreadableInputError, UsageError, reason_of

#: German states by their ISO 3166-2 codes.
_GERMAN_STATES = frozenset(
    ("BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH")
)
_COUNTRIES = ("DE", "AT", "CH")
_CODE = re.compile(rf"(?P<country>{'|'.join(_COUNTRIES)})(?:-(?P<part>[A-Z0-9]{{1,2}}))?")
_LINE = re.compile(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
#: Bytes; a date a line for several centuries.
_MAX_BYTES = 1_000_000


def read_holidays(words: str, year: int) -> frozenset[date]:
    """Return the holidays that a user names.

    Parameters
    ----------
    words
        The short name of a German state (``BY``), ``DE`` (what is a holiday everywhere), ``AT``,
        ``CH``, a part of one of these (``CH-ZH``), or a file with one date a line (ISO 8601 or
        DD.MM.YYYY; what follows ``#`` is a comment). A file of such a name is ``./BY``.
    year
        Holidays of a state are those of this year and the years beside it: what was sent earlier
        waits no longer.

    Raises
    ------
    UsageError
        If there is no such state, or the package ``holidays`` is not installed.
    UnreadableInputError
        If the file cannot be read, or a line is no date.
    """
    code = _CODE.fullmatch("DE-" + words if words in _GERMAN_STATES else words)
    if code:
        return _of_state(words, code["country"], code["part"], year)
    return frozenset(_of_file(Path(words)))


def _of_state(words: str, country: str, part: str | None, year: int) -> frozenset[date]:
    try:
        # Ten megabytes that only they need who name a state.
        from holidays import country_holidays
    except ImportError as error:
        raise UsageError(
            f"--holidays {words}: needs the package holidays; pip install 'moderation[holidays]', "
            "or give a file with one date a line"
        ) from error
    try:
        found = country_holidays(country, subdiv=part, years=range(year - 1, year + 2))
    except NotImplementedError as error:
        raise UsageError(
            f"--holidays {words}: no part of {country}; give one of "
            f"{', '.join(sorted(_GERMAN_STATES))}, {', '.join(_COUNTRIES)}, or a file"
        ) from error
    return frozenset(found)


def _of_file(path: Path) -> Iterator[date]:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise UnreadableInputError(f"{path}: larger than 1 MB; give one date a line")
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"{path}: no UTF-8; save it as UTF-8") from error
    except (OSError, ValueError) as error:
        raise UnreadableInputError(
            f"{path}: cannot be read ({reason_of(error)}); --holidays takes a file with one date a "
            f"line, or one of {', '.join(sorted(_GERMAN_STATES))}, {', '.join(_COUNTRIES)}"
        ) from error
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].strip()
        if not words:
            continue
        match = _LINE.fullmatch(words)
        try:
            if match is None:
                raise ValueError
            first, second, third = (int(part) for part in match.groups() if part)
            yield date(first, second, third) if match[1] else date(third, second, first)
        except ValueError as error:
            raise UnreadableInputError(
                f"{path}, line {number}: no date; write 2026-12-25 or 25.12.2026"
            ) from error

"""One decision about one comment, and the dictionary it is in JSON."""

from __future__ import annotations

import hashlib
import math
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from moderation.errors import ModerationError

#: Where a decision comes from: Coral's or another client's feedback to the service, the service's
#: own interface, Coral's events, or an export that was imported.
Source = Literal["suggestscore", "api", "coral", "import"]
SOURCES: tuple[str, ...] = get_args(Source)

_HEX_ID = re.compile(r"[0-9a-f]{32}")
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
#: Characters of what is looked up: PostgreSQL indexes no value of more than 2,700 bytes.
_LONGEST_NAME = 500
#: Characters of an address: what browsers and servers agree on.
_LONGEST_URL = 2_000
_LONGEST = {
    "attribute": 100,
    "language": 100,
    "model_digest": 100,
    "key_id": 100,
    "url": _LONGEST_URL,
}
# NUL is no text for PostgreSQL, half of a UTF-16 pair none for UTF-8.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class DecisionError(ModerationError):
    """A decision is none: a value is missing or cannot be meant (exit code 3)."""

    exit_code = 3


def new_id() -> str:
    """Return a new id: 32 hexadecimal digits, random."""
    return uuid.uuid4().hex


def storable(text: str) -> str:
    """Return `text` as every database takes it: NUL and lone surrogates become U+FFFD."""
    return _NO_TEXT.sub("\ufffd", text)


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text as it would be stored, in hexadecimal digits."""
    return hashlib.sha256(storable(text).encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decided about a comment.

    Attributes
    ----------
    id
        32 hexadecimal digits. Two decisions with one id are one: the first that was stored.
    decided_at
        When; any time zone is taken and UTC given.
    source
        Where the decision comes from.
    value
        0 (approved) to 1 (rejected).
    attribute
        What was decided about, in the words of whoever sent it: ``"TOXICITY"``, ``"rejected"``.
    comment_id, parent_id, url, community
        The comment, what it answers, where it stands and whose it is, as the sender names them.
    author
        A pseudonym.
    text
        The comment; None where it may not be stored.
    text_digest
        :func:`digest_of` the text, also where the text itself is not stored; None if none was sent.
    language
        ISO 639-1 code, as sent.
    score
        What the model said at that time, 0 to 1.
    model_digest
        Which model said so.
    key_id
        Which key sent the decision.

    Raises
    ------
    DecisionError
        If a value cannot be meant.
    """

    id: str = field(default_factory=new_id)
    decided_at: datetime = field(default_factory=_now)
    source: Source
    value: float
    attribute: str
    comment_id: str | None = None
    parent_id: str | None = None
    author: str | None = None
    url: str | None = None
    community: str | None = None
    text: str | None = field(default=None, repr=False)
    text_digest: str | None = None
    language: str | None = None
    score: float | None = None
    model_digest: str | None = None
    key_id: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.id, str) or not _HEX_ID.fullmatch(self.id):
            raise DecisionError(f"id {_shown(self.id)}: not 32 hexadecimal digits (uuid4().hex)")
        if not isinstance(self.decided_at, datetime) or self.decided_at.tzinfo is None:
            raise DecisionError(
                f"decided_at {_shown(self.decided_at)}: not a time with its time zone"
            )
        if self.source not in SOURCES:
            raise DecisionError(
                f"source {_shown(self.source)}: not known; say one of {', '.join(SOURCES)}"
            )
        self._set("decided_at", _in_utc(self.decided_at))
        self._set("value", _share("value", self.value))
        if self.score is not None:
            self._set("score", _share("score", self.score))
        for name in _WORDS:
            self._set_words(name)
        if not self.attribute:
            raise DecisionError("attribute: missing; say what was decided about, as TOXICITY")
        self._check_digest()

    def _check_digest(self) -> None:
        if self.text is not None:
            digest = digest_of(self.text)
            if self.text_digest not in {None, digest}:
                raise DecisionError("text_digest: is not the SHA-256 of text; leave it out")
            self._set("text_digest", digest)
        elif self.text_digest is not None and not _HEX_DIGEST.fullmatch(self.text_digest):
            raise DecisionError(
                f"text_digest {_shown(self.text_digest)}: not 64 hexadecimal digits (SHA-256)"
            )

    def _set_words(self, name: str) -> None:
        words = getattr(self, name)
        if words is None and name != "attribute":
            return
        if not isinstance(words, str):
            raise DecisionError(f"{name} {_shown(words)}: not a string")
        longest = _LONGEST.get(name, _LONGEST_NAME)
        if name != "text" and len(words) > longest:
            raise DecisionError(f"{name}: {len(words):,} characters; {longest:,} are taken")
        self._set(name, storable(words))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def without_text(self) -> Decision:
        """Return the decision as it is kept where texts may not be: with the digest alone."""
        return replace(self, text=None)


_WORDS = (
    *("attribute", "comment_id", "parent_id", "author", "url", "community"),
    *("text", "text_digest", "language", "model_digest", "key_id"),
)
#: Names of the fields, in the order in which they are written.
FIELDS: tuple[str, ...] = tuple(one.name for one in fields(Decision))


def decision_record(decision: Decision) -> dict[str, Any]:
    """Return a decision as a dictionary for JSON; its time is ISO 8601 in UTC."""
    record = {name: getattr(decision, name) for name in FIELDS}
    return record | {"decided_at": decision.decided_at.isoformat()}


def decision_of(record: Mapping[str, Any]) -> Decision:
    """Return the decision that :func:`decision_record` has made a dictionary of.

    Raises
    ------
    DecisionError
        If it is none.
    """
    if not isinstance(record, Mapping):
        raise DecisionError(f"{_shown(record)}: no decision; give an object")
    if unknown := record.keys() - set(FIELDS):
        raise DecisionError(f"{_shown(min(unknown, key=str))}: no field of a decision")
    # An id or a time of one's own making would turn one decision into two.
    for name in ("id", "decided_at", "source", "attribute", "value"):
        if record.get(name) is None:
            raise DecisionError(f"{name}: missing; a decision has one")
    try:
        decided_at = datetime.fromisoformat(record["decided_at"])
    except (ValueError, TypeError):
        raise DecisionError(
            f"decided_at {_shown(record['decided_at'])}: no time; write it as "
            "2026-11-25T20:14:00+01:00"
        ) from None
    return Decision(**{**record, "decided_at": decided_at})


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise DecisionError(f"decided_at {_shown(time)}: outside the calendar") from None


def _share(name: str, given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise DecisionError(f"{name} {_shown(given)}: not a number")
    if not (math.isfinite(given) and 0 <= given <= 1):
        raise DecisionError(f"{name} {_shown(given)}: not between 0 and 1")
    # Minus zero comes back from some databases as zero.
    return abs(float(given))


def _shown(value: object) -> str:
    """Return a value for a message: one line, and not all of a long one."""
    shown = repr(value) if not isinstance(value, datetime) else value.isoformat()
    return shown if len(shown) <= 60 else f"{shown[:60]}…"

"""Coral's external moderation phase: a signed comment in, a flag or a status out.

Source: Coral's guides to external moderation phases and to webhook signing. The signature covers
the body alone, which holds neither time nor number: the same author's same words are the same
bytes, and Coral publishes a comment whose phase refuses to answer. So a request that comes again is
answered as the first time, from memory: whoever listened to one learns nothing new and moves
nothing, and an insult that is sent twice is flagged twice.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from moderation.errors import ModerationError
from moderation.parsing.markup import text_of_html
from moderation.records import Category, Comment, Verdict
from moderation.service.private_files import read_private

#: What a policy may answer (Coral's COMMENT_STATUS).
STATUSES = ("NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD")
#: Whoever works for the house is passed through.
STAFF_ROLES = frozenset({"STAFF", "MODERATOR", "ADMIN"})
_MAX_SECRETS_BYTES = 10_000
#: Seconds between two looks at what can be forgotten.
_SWEEP_SECONDS = 30.0


class CoralBody(BaseModel):
    """The comment."""

    model_config = ConfigDict(extra="ignore")

    body: str
    parentID: str | None = None  # noqa: N815 -- Coral's own names, here and below


class CoralAuthor(BaseModel):
    """Who wrote it."""

    model_config = ConfigDict(extra="ignore")

    id: str
    role: str = "COMMENTER"


class CoralStory(BaseModel):
    """What it stands under."""

    model_config = ConfigDict(extra="ignore")

    id: str
    url: str | None = None


class CoralRequest(BaseModel):
    """What Coral sends for a comment that is new or was changed."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "action": "NEW",
                    "comment": {"body": "<p>Guten Morgen!</p>", "parentID": None},
                    "author": {"id": "baf4e943", "role": "COMMENTER"},
                    "story": {"id": "245b3856", "url": "https://zeitung.beispiel/artikel"},
                    "site": {"id": "a4bede88"},
                    "tenantID": "19ba5794",
                    "tenantDomain": "kommentare.zeitung.beispiel",
                }
            ]
        },
    )

    action: Literal["NEW", "EDIT"]
    comment: CoralBody
    author: CoralAuthor
    story: CoralStory
    tenantID: str = ""  # noqa: N815
    tenantDomain: str = ""  # noqa: N815


class CoralFlag(BaseModel):
    """A flag that moderators see."""

    actionType: Literal["FLAG"]  # noqa: N815
    reason: Literal["COMMENT_DETECTED_TOXIC", "COMMENT_DETECTED_SPAM"]


class CoralResponse(BaseModel):
    """What Coral does; it shows no reasons, which stand in ``/v1/score``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
                    "status": "SYSTEM_WITHHELD",
                }
            ]
        }
    )

    actions: list[CoralFlag] | None = None
    status: Literal["NONE", "APPROVED", "REJECTED", "PREMOD", "SYSTEM_WITHHELD"] | None = None


class CoralError(ModerationError):
    """The secrets or statuses of Coral's phase cannot be used (exit code 3)."""

    exit_code = 3


def load_secrets(path: Path) -> tuple[bytes, ...]:
    """Read signing secrets, one a line: two while Coral rotates them.

    Raises
    ------
    CoralError
        If the file cannot be read, other users may read it, or it holds none.
    """
    data = read_private(
        path,
        CoralError,
        most=_MAX_SECRETS_BYTES,
        remedy="name a file with Coral's signing secret",
    )
    secrets = tuple(line.strip() for line in data.splitlines() if line.strip())
    if not secrets:
        raise CoralError(f"{path}: holds no secret; write Coral's signing secret into it")
    return secrets


def is_signed(body: bytes, header: str, secrets: Sequence[bytes]) -> bool:
    """Return whether one of the signatures in a header was made over `body` with a secret.

    All are compared, each in constant time.
    """
    sent = [
        value.strip()
        for name, _, value in (part.partition("=") for part in header.split(",")[:10])
        if name.strip() == "sha256"
    ]
    matches = [
        hmac.compare_digest(
            hmac.new(secret, body, hashlib.sha256).hexdigest().encode(),
            signature.encode("utf-8", "replace"),
        )
        for secret in secrets
        for signature in sent
    ]
    return any(matches)


@dataclass(slots=True)
class Seen:
    """Answers to signed requests of the last while, known to all workers: one small file each.

    Attributes
    ----------
    folder
        Where they lie.
    seconds
        For how long a request is answered as it was the first time.
    """

    folder: Path
    seconds: float
    _swept: float = field(default=0.0)

    def answer(self, body: bytes) -> bytes | None:
        """Return what `body` was answered with before; None: it is new, or that is long ago."""
        path = self._path(body)
        try:
            if time.time() - path.stat().st_mtime < self.seconds:
                return path.read_bytes()
        except OSError:
            pass
        return None

    def remember(self, body: bytes, answer: bytes) -> None:
        """Keep an answer; where that fails, the next time is judged anew."""
        if self.seconds <= 0:
            return
        self._sweep(time.time())
        path = self._path(body)
        new = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            new.write_bytes(answer)
            new.replace(path)

    def _path(self, body: bytes) -> Path:
        return self.folder / hashlib.sha256(body).hexdigest()

    def _sweep(self, now: float) -> None:
        if now - self._swept < _SWEEP_SECONDS:
            return
        self._swept = now
        with suppress(OSError):
            for path in self.folder.iterdir():
                with suppress(FileNotFoundError):  # another worker was faster
                    if now - path.stat().st_mtime > self.seconds:
                        path.unlink()


def comment_of(request: CoralRequest) -> Comment:
    """Return the comment that a request is about; its HTML becomes text."""
    fragment = text_of_html(request.comment.body)
    return Comment(
        "", fragment.text, parent_id=request.comment.parentID, quotations=fragment.quotations
    )


def phase_answer(verdict: Verdict, statuses: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what Coral is told of a comment; None: nothing, it goes its way.

    Parameters
    ----------
    verdict
        What was found.
    statuses
        The house's policy: a status by recommendation (``review``, ``reject``, ``publish``).
    """
    decision = verdict.decision or "publish"
    answer: dict[str, Any] = {}
    if decision != "publish":
        only_spam = bool(verdict.labels) and all(
            label.category is Category.ADVERTISING for label in verdict.labels
        )
        reason = "COMMENT_DETECTED_SPAM" if only_spam else "COMMENT_DETECTED_TOXIC"
        answer["actions"] = [{"actionType": "FLAG", "reason": reason}]
    if decision in statuses:
        answer["status"] = statuses[decision]
    return answer or None

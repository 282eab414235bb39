"""Where decisions wait that the store could not take: a file of lines, safe once acknowledged."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from moderation.decisions.errors import StoreUnavailableError, StoreUnusableError
from moderation.decisions.records import Decision, DecisionError, decision_of, decision_record
from moderation.errors import UsageError, reason_of, unexpected
from moderation.locks import locked

#: Decisions moved into the store at once.
_MOVED = 100

_log = logging.getLogger(__name__)


class Appendable(Protocol):
    """What decisions can be moved into: a :class:`moderation.decisions.store.DecisionStore`."""

    def append(self, decisions: Iterable[Decision], /) -> int:
        """Store decisions, all or none."""


@dataclass(slots=True)
class _Aside:
    """Lines that can never be moved, and why, without a word of them."""

    lines: list[bytes] = field(default_factory=list)
    reasons: dict[str, None] = field(default_factory=dict)

    def put(self, line: bytes, reason: str) -> None:
        self.lines.append(line)
        self.reasons[reason] = None


class Spool:
    """A file of waiting decisions, one JSON object a line, that several processes may share.

    Parameters
    ----------
    path
        The file; made when something has to wait. Beside it stand ``NAME.lock`` and, while
        decisions are moved into the store, ``NAME.moving``. Lines that can never be moved go to
        ``NAME.unreadable``: those that are no decisions although they were acknowledged, because
        somebody has changed the file, and decisions that make the store fail.

    Raises
    ------
    UsageError
        If `path` has no name.
    """

    def __init__(self, path: Path) -> None:
        if not path.name:
            raise UsageError(f"spool {path}: is a folder; name a file in it (decisions.spool)")
        self._path = path
        self._moving = self._beside("moving")

    @property
    def waiting(self) -> bool:
        """Whether there is anything to be moved, or somebody is moving it."""
        # In the order in which names are changed: else what is moved in between is seen in neither.
        return _size(self._path) > 0 or _size(self._moving) > 0

    @property
    def used(self) -> bool:
        """Whether a service has ever kept decisions here, or was ready to."""
        return self.waiting or self._beside("lock").exists()

    @property
    def aside(self) -> Path:
        """Where lines are that could never be moved."""
        return self._beside("unreadable")

    def check(self) -> None:
        """Refuse a file that decisions cannot be written to.

        Raises
        ------
        StoreUnusableError
            If it, or what stands beside it, cannot be written.
        """
        try:
            with locked(self._beside("lock")):
                if self._path.exists():
                    os.close(os.open(self._path, os.O_RDWR | os.O_CLOEXEC))
        except OSError as error:
            raise StoreUnusableError(self._unwritable(error)) from error

    def append(self, decisions: Iterable[Decision]) -> None:
        """Write decisions; they are on the disk when this returns, and none is if it does not.

        Raises
        ------
        StoreUnavailableError
            If they cannot be written.
        """
        lines = b"".join(map(_line, decisions))
        try:
            with locked(self._beside("lock")):
                _append(self._path, lines)
        except OSError as error:
            raise StoreUnavailableError(self._unwritable(error)) from error

    def drain(self, store: Appendable, *, patience: float | None = None) -> int:
        """Move what is waiting into a store, in order; return how many decisions it took.

        A decision that makes the store fail as nobody foresaw is put aside, and the rest moves on.
        Whatever ends this half-way, the next time goes on: the store knows what it has already. A
        last line that a crash has torn was never acknowledged and is left out.

        Parameters
        ----------
        store
            What takes them.
        patience
            Seconds to wait where another process is moving; None: leave it to that one.

        Raises
        ------
        StoreUnavailableError
            If the store does not take them, the files cannot be read or written, or another
            process was moving all the time.
        """
        try:
            with locked(self._beside("moving.lock"), patience or 0) as alone:
                if not alone and patience is not None:
                    raise StoreUnavailableError(
                        f"{self._path}: another program is moving what waits there; try again"
                    )
                if not alone:
                    return 0
                # First what an earlier time has left.
                moved = self._move(store)
                with locked(self._beside("lock")):
                    if not _size(self._path):
                        return moved
                    self._path.replace(self._moving)
                return moved + self._move(store)
        except OSError as error:
            raise StoreUnavailableError(
                f"{self._path}: what is waiting cannot be moved ({reason_of(error)}); make room, "
                "or give this user the right to write its folder"
            ) from error

    def _unwritable(self, error: OSError) -> str:
        return (
            f"{self._path}: cannot be written ({reason_of(error)}); make room, or name a file "
            "in a folder that this user may write"
        )

    def _move(self, store: Appendable) -> int:
        """Move what stands in the file that nobody appends to, and remove it."""
        moved = 0
        aside = _Aside()
        try:
            with self._moving.open("rb") as stream:
                for group in _groups(_readable(stream, aside)):
                    moved += _put(store, group, aside)
        except FileNotFoundError:
            return 0
        if aside.lines:
            _append(self.aside, b"".join(aside.lines))
            _log.warning(
                "%s: %d lines put aside (%s); see there",
                *(self.aside, len(aside.lines), "; ".join(aside.reasons)),
            )
        self._moving.unlink()
        _sync_folder(self._moving)
        return moved

    def _beside(self, suffix: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{suffix}")


def _put(store: Appendable, group: list[Decision], aside: _Aside) -> int:
    """Store decisions but for those that make the store fail; return how many it took."""
    try:
        store.append(group)
    except (StoreUnavailableError, OSError, MemoryError):
        # That is no decision's fault, and may pass.
        raise
    except Exception as error:
        if len(group) > 1:
            return sum(_put(store, [one], aside) for one in group)
        aside.put(_line(group[0]), unexpected(error))
        return 0
    return len(group)


def _line(decision: Decision) -> bytes:
    return f"{json.dumps(decision_record(decision))}\n".encode()


def _append(path: Path, content: bytes) -> None:
    """Append to a file that nobody else is writing to, all or nothing, and wait for the disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        end = _end_of_lines(descriptor)
        try:
            # What follows the last complete line was torn by a crash and never acknowledged.
            os.ftruncate(descriptor, end)
            written = 0
            while written < len(content):
                written += os.pwrite(descriptor, content[written:], end + written)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)
    if not end:
        _sync_folder(path)


def _end_of_lines(descriptor: int) -> int:
    """Return where the last complete line of a file ends."""
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 65_536)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _readable(stream: BinaryIO, aside: _Aside) -> Iterator[Decision]:
    """Yield the decisions in complete lines, and put lines aside that are none."""
    for line in stream:
        if not line.endswith(b"\n"):
            return
        try:
            yield decision_of(json.loads(line))
        except (ValueError, RecursionError, DecisionError):
            aside.put(line, "no decision")


def _groups(decisions: Iterator[Decision]) -> Iterator[list[Decision]]:
    group: list[Decision] = []
    for decision in decisions:
        group.append(decision)
        if len(group) == _MOVED:
            yield group
            group = []
    if group:
        yield group


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sync_folder(path: Path) -> None:
    """Make the names in a file's folder last through a power cut."""
    descriptor = os.open(path.absolute().parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

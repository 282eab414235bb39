"""Recording decisions from many threads: one writer, one commit for all that are waiting."""

from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from moderation.decisions.address import read_address
from moderation.decisions.errors import StoreUnavailableError, StoreUnusableError
from moderation.decisions.records import Decision
from moderation.decisions.spool import Spool
from moderation.decisions.store import DecisionStore, open_store
from moderation.errors import UsageError, unexpected

#: Decisions in one transaction: they share one wait for the disk, and one lock.
_COMMITTED = 100
#: Decisions that may wait for the writer: seconds of a busy house, megabytes at most in most cases.
_QUEUE = 10_000
#: Seconds between two attempts to move what is waiting in the spool into the store.
_DRAIN_SECONDS = 3.0
#: Seconds to wait for somebody else's lock before decisions go to the spool.
_BUSY_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Receipt(StrEnum):
    """Where a decision is; on the disk in both cases."""

    STORED = "stored"
    QUEUED = "queued"


@dataclass(frozen=True, slots=True)
class _Waiting:
    decisions: tuple[Decision, ...]
    receipt: Future[Receipt] = field(default_factory=Future)


def check_store(store_url: str, spool_path: Path | None = None) -> str | None:
    """Refuse what a :class:`Recorder` could never use; what may pass is returned as one line.

    Raises
    ------
    UsageError
        If `store_url` cannot be meant.
    StoreUnusableError
        If store or spool will not take decisions unless somebody changes something.
    """
    address = read_address(store_url)
    spool_path = spool_path or address.spool
    if address.path is not None and address.path.absolute() == spool_path.absolute():
        raise UsageError(f"{spool_path}: is the store itself; name another file as spool")
    trouble = None
    try:
        with open_store(store_url, busy_seconds=_BUSY_SECONDS) as store:
            store.probe()
    except StoreUnusableError:
        raise
    except StoreUnavailableError as error:
        trouble = str(error)
    Spool(spool_path).check()
    return trouble


class Recorder:
    """Keeps decisions in a store, in a spool while the store does not answer, or refuses aloud.

    Parameters
    ----------
    store_url
        The store, as :func:`moderation.decisions.store.open_store` takes it. It need not answer
        yet.
    spool_path
        The file for what the store could not take; several processes may share it. None: the file
        beside a SQLite store, or one of this database in the working directory.
    capacity
        How many requests may wait for the writer.
    drain_seconds
        How often to try a store again that did not answer.
    busy_seconds
        How long to wait for somebody else's lock.

    Raises
    ------
    UsageError
        If `store_url` cannot be meant.
    """

    def __init__(
        self,
        store_url: str,
        spool_path: Path | None = None,
        *,
        capacity: int = _QUEUE,
        drain_seconds: float = _DRAIN_SECONDS,
        busy_seconds: float = _BUSY_SECONDS,
    ) -> None:
        address = read_address(store_url)
        self._name = address.name
        self._url = store_url
        self._busy_seconds = busy_seconds
        self._drain_seconds = drain_seconds
        self._spool = Spool(spool_path or address.spool)
        self._store: DecisionStore | None = None
        self._trouble: StoreUnavailableError | None = None
        self._refusing = False
        self._next_attempt = 0.0
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(capacity)
        self._closing = threading.Lock()
        self._closed = False
        self._writer = threading.Thread(target=self._run, name="decisions", daemon=True)
        self._writer.start()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def trouble(self) -> str | None:
        """Why the store did not take the last decisions; None if it did."""
        trouble = self._trouble
        return None if trouble is None else str(trouble)

    @property
    def refusing(self) -> bool:
        """Whether neither store nor spool took the last decisions."""
        return self._refusing

    @property
    def spooled(self) -> bool:
        """Whether decisions are waiting in the spool."""
        return self._spool.waiting

    @property
    def backlog(self) -> int:
        """About how many requests are waiting for the writer."""
        return self._queue.qsize()

    def record(self, *decisions: Decision) -> Receipt:
        """Keep decisions, all or none, and return where they are; on the disk in both cases.

        Raises
        ------
        StoreUnavailableError
            If neither store nor spool took them, or too many are waiting.
        """
        return self.submit(*decisions).result()

    def submit(self, *decisions: Decision) -> Future[Receipt]:
        """Hand decisions to the writer and return where the receipt will be.

        For asynchronous callers: ``await asyncio.wrap_future(recorder.submit(decision))``.

        Raises
        ------
        StoreUnavailableError
            If too many are waiting, or the recorder is closed.
        """
        waiting = _Waiting(decisions)
        with self._closing:
            if self._closed:
                raise StoreUnavailableError(f"{self._name}: closed; nothing is recorded any more")
            try:
                self._queue.put_nowait(waiting)
            except queue.Full:
                raise StoreUnavailableError(
                    f"{self._name}: {self._queue.maxsize:,} requests are waiting to be recorded; "
                    "try again in a moment"
                ) from None
        return waiting.receipt

    def close(self) -> None:
        """Record what is waiting, then stop; nothing is taken any more."""
        with self._closing:
            closed, self._closed = self._closed, True
        if not closed:
            self._queue.put(None)
        self._writer.join()

    def _run(self) -> None:
        goes_on = True
        try:
            while goes_on:
                batch, goes_on = self._next_batch()
                if batch:
                    self._write(batch)
                else:
                    self._look()
                self._drain(last=not goes_on)
        finally:
            self._let_go()

    def _next_batch(self) -> tuple[list[_Waiting], bool]:
        """Return what is waiting, as much as goes into one transaction, and whether to go on."""
        batch: list[_Waiting] = []
        decisions = 0
        try:
            waiting = self._queue.get(timeout=self._drain_seconds)
            while waiting is not None:
                # Who has gone meanwhile was promised nothing.
                if waiting.receipt.set_running_or_notify_cancel():
                    batch.append(waiting)
                    decisions += len(waiting.decisions)
                if decisions >= _COMMITTED:
                    return batch, True
                waiting = self._queue.get_nowait()
        except queue.Empty:
            return batch, True
        return batch, False

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            receipt = self._keep([one for waiting in batch for one in waiting.decisions])
        except Exception as error:
            foreseen = isinstance(error, StoreUnavailableError)
            if not foreseen and len(batch) > 1:
                # One request must not fail its neighbours.
                for waiting in batch:
                    self._write([waiting])
                return
            # Whoever is waiting must hear of it, whatever it was, and the writer must live on.
            if not foreseen:
                _log.error("decisions could not be recorded: %s", unexpected(error))
            for waiting in batch:
                waiting.receipt.set_exception(error)
        else:
            for waiting in batch:
                waiting.receipt.set_result(receipt)

    def _keep(self, decisions: list[Decision]) -> Receipt:
        # A store that did not answer is left alone for a while: each attempt takes seconds.
        tried = self._trouble is None or time.monotonic() >= self._next_attempt
        if tried and self._append(decisions):
            return Receipt.STORED
        try:
            self._spool.append(decisions)
        except StoreUnavailableError as error:
            if not tried and self._append(decisions):
                return Receipt.STORED
            self._refusing = True
            raise StoreUnavailableError(f"{self._trouble}; {error}") from error
        self._refusing = False
        return Receipt.QUEUED

    def _append(self, decisions: list[Decision]) -> bool:
        """Store decisions, or remember why that was not possible."""
        try:
            self._opened().append(decisions)
        except StoreUnavailableError as error:
            self._failed(error)
            return False
        self._recovered()
        return True

    def _drain(self, *, last: bool) -> None:
        """Move what is waiting in the spool, when it is time to try again."""
        if (time.monotonic() < self._next_attempt and not last) or not self._spool.waiting:
            return
        self._next_attempt = time.monotonic() + self._drain_seconds
        try:
            moved = self._spool.drain(self._opened())
        except StoreUnavailableError as error:
            self._failed(error)
        except Exception as error:
            _log.error("decisions in the spool could not be moved: %s", unexpected(error))
        else:
            self._recovered()
            if moved:
                _log.info("%s: %d decisions moved from the spool", self._name, moved)

    def _look(self) -> None:
        """Let go of a file that was moved, before anybody opens another one in its place."""
        if self._store is not None and self._store.moved:
            _log.warning("%s: was moved or replaced; opened anew for the next decision", self._name)
            self._let_go()

    def _opened(self) -> DecisionStore:
        if self._store is None:
            self._store = open_store(self._url, busy_seconds=self._busy_seconds)
        return self._store

    def _failed(self, error: StoreUnavailableError) -> None:
        if self._trouble is None:
            _log.warning("%s", error)
        self._trouble = error
        self._next_attempt = time.monotonic() + self._drain_seconds
        # Nobody knows what it can still do; the next attempt opens it anew.
        self._let_go()

    def _let_go(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _recovered(self) -> None:
        if self._trouble is not None:
            _log.warning("%s: takes decisions again", self._name)
        self._trouble = None
        self._refusing = False

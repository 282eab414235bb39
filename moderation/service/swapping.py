"""Models swapped while requests are served, in all workers of a service.

Which model is to be used stands in a small file of the runtime folder, by the digest of its copy in
that folder; those before it stand there, too. Whoever changes the file, a worker asked by HTTP or
the parent by SIGHUP, has said it to all: each looks at it a few times a second, and who starts
later begins with what it says, whatever the model's own folder holds by then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from moderation.errors import ModelError, ModerationError, reason_of
from moderation.locks import locked
from moderation.model.classifier import Classifier
from moderation.model.persistence import (
    ARRAYS,
    CARD,
    DIGESTS,
    METRICS,
    SETTINGS,
    load,
    model_folder,
)
from moderation.service.judging import Bench
from moderation.service.metrics import Metrics

#: Seconds between two looks at the file, and after one that failed.
_LOOK_SECONDS, _RETRY_SECONDS = 0.25, 5.0
#: Models that are kept: the one in use and those to go back to.
_KEPT = 3
_FILE = "model.json"
_MODELS = "models"
_log = logging.getLogger(__name__)

Order = Literal["reload", "rollback"]
_OUTCOMES = ("reload", "rollback", "refused")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model is to be used.

    Attributes
    ----------
    orders
        How often models were asked for so far, by what came of it: ``reload``, ``rollback`` or
        ``refused``.
    history
        The models, as ``digest/name``: the one in use is the last.
    """

    orders: Mapping[str, int]
    history: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Of the model that is to be used."""
        return _digest(self.history[-1])

    @property
    def previous(self) -> str | None:
        """Digest of the model that a rollback leads to."""
        return _digest(self.history[-2]) if len(self.history) > 1 else None

    def folder(self, runtime: Path) -> Path:
        """Where the copy of the model is that is to be used."""
        return runtime / _MODELS / self.history[-1]


def first_choice(runtime: Path, model: str) -> Choice:
    """Return which model is to be used; where nothing is said yet, it is `model` (name or folder).

    Raises
    ------
    ModerationError
        If the model cannot be loaded, or the folder cannot be written.
    """
    with _alone(runtime):
        if not (runtime / _FILE).exists():
            _write(runtime, Choice(dict.fromkeys(_OUTCOMES, 0), (_keep(runtime, model),)))
        return _read(runtime)


def change(runtime: Path, model: str, order: Order) -> None:
    """Say to all workers which model is to be used from now on.

    Raises
    ------
    ModerationError
        If the model cannot be loaded, or there is none to go back to; nothing has changed.
    """
    with _alone(runtime):
        old = _read(runtime)
        try:
            history = _reloaded(runtime, model, old) if order == "reload" else _before(old)
        except ModerationError:
            _write(runtime, Choice(_counted(old, "refused"), old.history))
            raise
        _write(runtime, Choice(_counted(old, order), history))


def orders_of(runtime: Path) -> Mapping[str, int]:
    """Return how often models were asked for, by what came of it.

    Raises
    ------
    ModerationError
        If the folder cannot be read.
    """
    with _told(runtime):
        return _read(runtime).orders


def reload_aside(runtime: Path, model: str) -> None:
    """Load the model again, in a thread of its own: whoever is told by a signal must not wait."""

    def reload() -> None:
        try:
            change(runtime, model, "reload")
        except ModerationError as error:
            _log.error("the model stays as it is: %s", error)

    threading.Thread(target=reload, name="reload").start()


@dataclass(slots=True)
class Swapper:
    """Follows what the runtime folder says.

    Attributes
    ----------
    bench
        Whose model is swapped.
    model
        Name or folder of the model that is loaded again.
    runtime
        The folder.
    chosen
        What the bench was opened with.
    """

    bench: Bench
    model: str
    runtime: Path
    metrics: Metrics
    chosen: Choice
    _following: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        classifier = self.bench.classifier
        self.metrics.uses(classifier.name, classifier.digest)

    async def obey(self, order: Order) -> None:
        """Say to all workers what is ordered, and do it here.

        Raises
        ------
        ModerationError
            If the model cannot be loaded, or there is none to go back to; nothing has changed.
        """
        try:
            await asyncio.to_thread(change, self.runtime, self.model, order)
        finally:
            await self._follow()

    async def watch(self) -> None:
        """Look for changes until cancelled."""
        told = ""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._follow()
            except ModerationError as error:
                if str(error) != told:
                    _log.error("the model stays as it is: %s", error)
                told = str(error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        async with self._following:
            with _told(self.runtime):
                chosen = _read(self.runtime)
            old = self.bench.classifier
            if chosen.digest != old.digest:
                new = await asyncio.to_thread(_loaded, chosen.folder(self.runtime))
                self.bench.use(new)
                self.metrics.unused(old.name, old.digest)
                self.metrics.uses(new.name, new.digest)
                _log.info("model %s, digest %s", new.name, new.digest[:12])
            self.chosen = chosen


def _loaded(folder: Path) -> Classifier:
    new = load(folder)
    # The first text fills what the model remembers of words.
    new.scores(["Guten Tag"])
    return new


def _before(old: Choice) -> tuple[str, ...]:
    if old.previous is None:
        raise ModerationError("no model to go back to; reload one first")
    return old.history[:-1]


def _reloaded(runtime: Path, model: str, old: Choice) -> tuple[str, ...]:
    new = _keep(runtime, model)
    if _digest(new) == old.digest:
        return old.history
    history = (*old.history, new)[-_KEPT:]
    kept = set(map(_digest, history))
    for folder in (runtime / _MODELS).iterdir():
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    return history


def _keep(runtime: Path, model: str) -> str:
    """Copy a model into the runtime folder, and return where in there it is."""
    source = model_folder(model)
    # Messages name the model's own folder, and what is too large is not copied.
    digest = load(source).digest
    place = f"{digest}/{source.absolute().name}"
    kept = runtime / _MODELS / place
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=runtime) as beside:
            new = Path(beside, kept.name)
            new.mkdir()
            if _copied(source, new) != digest:
                raise ModelError(f"{source}: was changed while it was read; try again")
            new.rename(kept)
    return place


def _copied(source: Path, new: Path) -> str | None:
    """Copy what a model consists of, and return its digest; None if it is whole no more."""
    names = (ARRAYS, SETTINGS, METRICS, CARD, DIGESTS)
    try:
        contents = {name: (source / name).read_bytes() for name in names}
    except OSError:
        return None
    for name, content in contents.items():
        (new / name).write_bytes(content)
    try:
        return load(new).digest
    except ModelError:
        return None


def _digest(place: str) -> str:
    return place.partition("/")[0]


@contextmanager
def _alone(runtime: Path) -> Iterator[None]:
    """Hold the lock of what the workers share."""
    with _told(runtime), locked(runtime / f"{_FILE}.lock"):
        yield


@contextmanager
def _told(runtime: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ModerationError(
            f"{runtime}: the folder that the workers share cannot be used ({reason_of(error)}); "
            "make room, or start the service again"
        ) from error


def _counted(old: Choice, outcome: str) -> Mapping[str, int]:
    return {**old.orders, outcome: old.orders[outcome] + 1}


def _write(runtime: Path, choice: Choice) -> None:
    new = runtime / f"{_FILE}.new"
    new.write_text(json.dumps(asdict(choice)), encoding="utf-8")
    new.replace(runtime / _FILE)


def _read(runtime: Path) -> Choice:
    record = json.loads((runtime / _FILE).read_text(encoding="utf-8"))
    return Choice(record["orders"], tuple(record["history"]))

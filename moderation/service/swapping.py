"""Models swapped while requests are served, in all workers of a service.

What is to be used stands in a small file of the runtime folder: a number that grows, and whether to
load the model again or to go back. Whoever changes it, a worker asked by HTTP or the parent by
SIGHUP, has said it to all: each looks at it a few times a second.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from moderation.errors import ModerationError
from moderation.model.persistence import load, model_folder
from moderation.service.judging import Bench
from moderation.service.metrics import Metrics

#: Seconds between two looks at the file.
_LOOK_SECONDS = 0.25
_FILE = "model.json"
_log = logging.getLogger(__name__)

Order = Literal["reload", "rollback"]


@dataclass(slots=True)
class Swapper:
    """Follows the orders in a runtime folder.

    Attributes
    ----------
    bench
        Whose model is swapped.
    model
        Name or folder of the model that is loaded again.
    runtime
        The folder.
    """

    bench: Bench
    model: str
    runtime: Path
    metrics: Metrics
    _done: int = 0

    def __post_init__(self) -> None:
        # What was ordered before this worker began has been done by loading the model.
        self._done = _read(self.runtime)[0]
        classifier = self.bench.classifier
        self.metrics.uses(classifier.name, classifier.digest)

    async def obey(self, order: Order) -> None:
        """Do what is ordered, here first, then tell the other workers.

        Raises
        ------
        ModerationError
            If the model cannot be loaded, or there is none to go back to; nothing has changed.
        """
        await self._do(order)
        self._done = write_order(self.runtime, order)

    async def watch(self) -> None:
        """Look for orders until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            number, order = _read(self.runtime)
            if number == self._done:
                continue
            self._done = number
            try:
                await self._do(order)
            except ModerationError as error:
                _log.error("the model stays as it is: %s", error)

    async def _do(self, order: Order) -> None:
        old = self.bench.classifier
        try:
            if order == "rollback":
                if self.bench.previous is None:
                    raise ModerationError(
                        "no model to go back to; none was replaced since the start"
                    )
                new = self.bench.previous
            else:
                new = await asyncio.to_thread(lambda: load(model_folder(self.model)))
                # The first text fills what the model remembers of words.
                await asyncio.to_thread(new.scores, ["Guten Tag"])
        except ModerationError:
            self.metrics.swapped("refused")
            raise
        if new.digest != old.digest:
            self.bench.use(new)
            self.metrics.unused(old.name, old.digest)
            self.metrics.uses(new.name, new.digest)
        self.metrics.swapped(order)
        _log.info("model %s, digest %s", new.name, new.digest[:12])


def write_order(runtime: Path, order: Order) -> int:
    """Tell all workers, and return the order's number."""
    with (runtime / f"{_FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        number = _read(runtime)[0] + 1
        new = runtime / f"{_FILE}.new"
        new.write_text(json.dumps({"number": number, "order": order}), encoding="utf-8")
        new.replace(runtime / _FILE)
    return number


def _read(runtime: Path) -> tuple[int, Order]:
    try:
        record = json.loads((runtime / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0, "reload"
    return record["number"], record["order"]

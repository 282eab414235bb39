"""The same work on one core, on all cores of this machine, or on a cluster: in order, complete.

Whatever does the work, results come in the order of the tasks, and no more tasks are under way than
memory should hold. joblib and dask are loaded when they are asked for.
"""

from __future__ import annotations

import gc
import logging
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from moderation import __version__
from moderation.errors import ModelError, UsageError
from moderation.model.classifier import Classifier
from moderation.model.persistence import load
from moderation.scoring import Desk
from moderation.tasks import Task
from moderation.text import printable

Result = TypeVar("Result")
#: What is done with a desk and a task; can be pickled.
Work = Callable[[Desk, Task], Result]

#: Tasks under way for each worker: enough that none waits for another, few enough to hold.
_TASKS_PER_WORKER = 16
# A task is a batch already; all of a round are handed out; results come in order.
_PARALLEL: dict[str, Any] = {"batch_size": 1, "pre_dispatch": "all", "return_as": "generator"}
#: Seconds a scheduler, or the first worker, is waited for.
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a process on this machine gets the desk: by reading the model itself, once.

    ``desk`` is all else that it has.
    """

    folder: Path
    digest: str
    desk: Desk


def spare_the_collector() -> None:
    """Let Python look for cycles of dead records rarely: there are none, and looking takes time."""
    gc.set_threshold(200_000, 20, 100)


def spread_here(
    work: Work[Result], desk: Desk, folder: Path, tasks: Iterable[Task], jobs: int
) -> Iterator[Result]:
    """Do `work` on every task in `jobs` processes of this machine and yield results in order.

    Parameters
    ----------
    work
        What to do.
    desk
        What to judge with; must have a model.
    folder
        Where its model lies.
    tasks
        What to do it on; read as far as needed.
    jobs
        Number of processes, at least 1; 1 means this one.

    Raises
    ------
    UsageError
        If one of them is killed.
    """
    if jobs == 1 or desk.classifier is None:
        yield from (work(desk, task) for task in tasks)
        return
    from joblib import Parallel
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    recipe = Recipe(folder, desk.classifier.digest, replace(desk, classifier=None))
    try:
        with Parallel(n_jobs=jobs, **_PARALLEL) as parallel:
            yield from _in_rounds(parallel, (_by_recipe, work, recipe), tasks, jobs)
    except TerminatedWorkerError as error:
        raise UsageError(
            f"--jobs {jobs}: a process was ended from outside, perhaps for want of memory; what is "
            "done stands in the output's .part, --resume goes on with it"
        ) from error


def _by_recipe(work: Work[Result], recipe: Recipe, task: Task) -> Result:
    desk = replace(recipe.desk, classifier=_classifier(recipe.folder, recipe.digest))
    return work(desk, task)


@lru_cache(maxsize=1)
def _classifier(folder: Path, digest: str) -> Classifier:
    # Ctrl-C reaches all processes of a terminal; the one that hands out the work ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spare_the_collector()
    classifier = load(folder)
    if classifier.digest != digest:
        raise ModelError(f"{folder}: was replaced meanwhile; score again")
    return classifier


def spread_on_dask(
    work: Work[Result], desk: Desk, scheduler: str, tasks: Iterable[Task]
) -> Iterator[Result]:
    """Do `work` on every task on a dask.distributed cluster and yield results in order.

    The desk goes to every worker once; what a lost worker was doing is done again by others.

    Raises
    ------
    UsageError
        If dask is not installed, nobody answers at the address, or there are no workers.
    """
    try:
        from distributed import CancelledError, Client, KilledWorker
        from distributed.comm.addressing import resolve_address
        from distributed.comm.core import CommClosedError
        from joblib import Parallel, parallel_config
    except ImportError as error:
        raise UsageError(
            "--backend dask needs dask.distributed; pip install 'moderation[cluster]'"
        ) from error
    # What it says while it tries to connect again is said here, in one line.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        address = resolve_address(scheduler)
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--scheduler {scheduler}: nobody answers there; start one with `dask scheduler`, "
            "workers with `dask worker ADDRESS`"
        ) from error
    with client:
        workers = _checked_workers(client, scheduler)
        try:
            with (
                parallel_config(backend="dask", client=client, scatter=[desk]),
                Parallel(n_jobs=-1, **_PARALLEL) as parallel,
            ):
                yield from _in_rounds(parallel, (work, desk), tasks, workers)
        except (CancelledError, CommClosedError, KilledWorker) as error:
            raise UsageError(
                f"--scheduler {scheduler}: the cluster was lost ({type(error).__name__}); what is "
                "done stands in the output's .part, --resume goes on with it"
            ) from error


def _checked_workers(client: Any, scheduler: str) -> int:
    """Return how many tasks the workers of a cluster do at once, if they are as this process is."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise UsageError(
            f"--scheduler {scheduler}: has no workers; start some with `dask worker {scheduler}`"
        ) from error
    try:
        versions = set(client.run(_version).values())
    except Exception as error:
        # Whatever keeps them from running one of our functions: mostly that it is not there.
        raise UsageError(
            f"--scheduler {scheduler}: its workers cannot run moderation "
            f"({printable(str(error))}); install it there, in the same version"
        ) from error
    if versions != {__version__}:
        raise UsageError(
            f"--scheduler {scheduler}: its workers have moderation {', '.join(sorted(versions))}, "
            f"this is {__version__}; results would differ, install the same version"
        )
    return sum(client.nthreads().values())


def _version() -> str:
    return __version__


def _in_rounds(
    parallel: Any, call: tuple[Any, ...], tasks: Iterable[Task], workers: int
) -> Iterator[Any]:
    """Hand out tasks round by round; `call` is a function and its arguments before the task.

    joblib takes tasks as fast as they are done, even if nobody fetches the results: a slow reader
    would fill the memory. Tasks of the next round are read while results come in.
    """
    from joblib import delayed

    complain = threading.excepthook
    threading.excepthook = partial(_complain, complain)
    failed: list[Exception] = []
    source = _guarded(tasks, failed)
    size = _TASKS_PER_WORKER * workers
    # The first round is handed out while it is read: processes take a while to start.
    pending: Iterable[Task] | None = islice(source, size)
    while pending:
        upcoming: list[Task] = []
        results = parallel(delayed(call[0])(*call[1:], task) for task in pending)
        try:
            for result in results:
                upcoming += islice(source, 1)
                yield result
        except BaseException:
            # Whoever stops us wants that tasks are given up.
            with warnings.catch_warnings(action="ignore"):
                results.close()
            raise
        pending = upcoming
    # Not after an exception: joblib's thread may stumble when we are long gone.
    threading.excepthook = complain
    if failed:
        raise failed[0]


def _guarded(tasks: Iterable[Task], failed: list[Exception]) -> Iterator[Task]:
    """Yield tasks; keep what stops them for later, as joblib would swallow it."""
    try:
        yield from tasks
    except Exception as error:
        failed.append(error)


def _complain(
    before: Callable[[threading.ExceptHookArgs], object], complaint: threading.ExceptHookArgs
) -> None:
    """Pass complaints on, but for those of joblib's thread about tasks that are taken from it."""
    if complaint.thread is None or complaint.thread.name != "ExecutorManagerThread":
        before(complaint)

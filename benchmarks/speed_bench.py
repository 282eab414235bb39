"""How things are measured: how much, in which processes, on which core, and how often."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from speed_noise import Reference, TooNoisyError, noise, reference, relative_iqr

HERE = Path(__file__).parent
ROOT = HERE.parent
THREADS = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
SCORE = (sys.executable, "-m", "moderation", "score")
HAS_AFFINITY = hasattr(os, "sched_setaffinity")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    name: str
    repeats: int
    #: Times a part is measured before it is refused.
    attempts: int
    #: Distinct comments; None: all there are.
    comments: int | None
    singles: int
    profiled: int
    files: tuple[int, ...]
    #: Characters of one comment.
    sizes: tuple[int, ...]
    #: Seconds that one file may be expected to take.
    file_seconds: float


PLANS = {
    "quick": Plan(
        "quick", 3, 1, 2000, 300, 1000, (500, 2000, 8000), (200, 2000, 20_000, 100_000), 10.0
    ),
    "default": Plan(
        "default",
        5,
        3,
        None,
        2000,
        4000,
        (1000, 10_000, 100_000, 1_000_000),
        (200, 2000, 20_000, 200_000, 1_000_000),
        75.0,
    ),
    "full": Plan(
        "full",
        7,
        3,
        None,
        5000,
        10_000,
        (1000, 10_000, 100_000, 1_000_000, 10_000_000),
        (200, 2000, 20_000, 200_000, 1_000_000),
        1800.0,
    ),
}

Figures = dict[str, list[float]]


@dataclass(slots=True)
class Bench:
    """Where and how things are run; keeps every run of the reference kernel."""

    folder: Path
    plan: Plan
    cores: set[int]
    core: int | None
    references: list[Reference] = field(default_factory=list)

    def task(self, name: str, **options: Any) -> dict[str, Any]:
        """Run a task of speed_tasks in a fresh process."""
        result: dict[str, Any] = self._json(
            [str(HERE / "speed.py"), "--one", name, str(self.folder), json.dumps(options)]
        )
        return result

    def command(self, *command: str, family: bool = False) -> dict[str, float]:
        """Run a command and return its seconds and peak."""
        result: dict[str, float] = self._json(
            [str(HERE / "speed_process.py"), "family" if family else "one", *command]
        )
        if result["code"]:
            raise SystemExit(f"speed: {' '.join(command)} ended with exit code {result['code']}")
        return result

    def score(self, source: Path, *options: str, family: bool = False) -> dict[str, float]:
        """Score a file with the real command; results go to a file, too."""
        target = self.folder / "scored"
        return self.command(*SCORE, str(source), *options, "-o", str(target), family=family)

    @contextmanager
    def all_cores(self) -> Iterator[None]:
        """Let processes use every core there is."""
        if HAS_AFFINITY:
            os.sched_setaffinity(0, self.cores)
        try:
            yield
        finally:
            if self.core is not None:
                os.sched_setaffinity(0, {self.core})

    def repeated(
        self, name: str, once: Callable[[], dict[str, float]], judged: Sequence[str]
    ) -> Figures:
        """Run `once` several times and return its figures, one value per repeat.

        Raises
        ------
        TooNoisyError
            If the figures named in `judged` do not agree after as many attempts as the plan has.
        """
        problem = None
        for _ in range(self.plan.attempts):
            before = len(self.references)
            repeats = [once() for _ in range(self.plan.repeats)]
            figures = {key: [one[key] for one in repeats] for key in repeats[0]}
            self.references.append(reference())
            say(
                f"{name}: "
                + ", ".join(
                    f"{key} {statistics.median(values):.4g} (±{relative_iqr(values):.0%})"
                    for key, values in figures.items()
                )
            )
            problem = noise({key: figures[key] for key in judged}, self.references[before:])
            if problem is None:
                return figures
            say(f"{name}: too noisy: {problem}")
        if self.plan.name != "quick":
            raise TooNoisyError(f"{name}: {problem}")
        return figures

    def _json(self, arguments: list[str]) -> Any:
        self.references.append(reference())
        run = subprocess.run(
            [sys.executable, *arguments],
            # fastText and the progress of scoring talk; what they say matters when they fail.
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, **THREADS, "PYTHONPATH": str(ROOT)},
        )
        if run.returncode:
            lines = run.stderr.strip().splitlines() or ["no reason given"]
            raise SystemExit(f"speed: {' '.join(arguments[1:3])} failed: {lines[-1]}")
        return json.loads(run.stdout.splitlines()[-1])


def say(text: str) -> None:
    """Tell how far the run is."""
    print(text, file=sys.stderr, flush=True)


def quietest(cores: set[int]) -> int:
    """Return the core on which the reference kernel is fastest now, which stays in use."""

    def seconds(core: int) -> float:
        os.sched_setaffinity(0, {core})
        return statistics.median(reference().seconds for _ in range(5))

    chosen = min(sorted(cores), key=seconds)
    os.sched_setaffinity(0, {chosen})
    return chosen

"""What Prometheus is told: counts and times, and nothing that a comment says."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from moderation.errors import reason_of

_log = logging.getLogger(__name__)
#: Paths that are counted by name; others are one name, so that nobody can make up new ones.
PATHS = frozenset(
    {
        "/v1alpha1/comments:analyze",
        "/v1alpha1/comments:suggestscore",
        "/coral/phase",
        "/v1/score",
        "/v1/decisions",
        "/v1/model",
        "/v1/model/reload",
        "/v1/model/rollback",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/$discovery/rest",
    }
)
#: Where Prometheus' client finds the files of all workers.
_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_FOLDER = "metrics"
_MODEL = "moderation_model_info"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class Metrics:
    """The metrics of a worker; with several workers, each answers for all of them.

    Where counts cannot be kept (a full disk, a folder that has gone), answers are given all the
    same.
    """

    def __init__(self) -> None:
        self._trouble = ""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "moderation_requests", "Requests answered.", ["path", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "moderation_request_seconds",
            "Time to answer.",
            ["path"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._comments = Counter(
            "moderation_comments", "Comments judged.", ["recommendation"], registry=self._registry
        )
        self._decisions = Counter(
            "moderation_decisions",
            "Decisions of moderators taken in.",
            ["receipt"],
            registry=self._registry,
        )
        self._model = Gauge(
            _MODEL,
            "The model in use.",
            ["name", "digest"],
            registry=self._registry,
            multiprocess_mode="livemax",
        )

    def served(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count an answer."""
        path = scope["path"] if scope["path"] in PATHS else "other"
        with self._told():
            self._requests.labels(path, str(status)).inc()
            self._seconds.labels(path).observe(seconds)

    def judged(self, recommendation: str, number: int = 1) -> None:
        """Count comments; `recommendation` is a decision, or what the client decides by (score)."""
        with self._told():
            self._comments.labels(recommendation).inc(number)

    def taken(self, receipt: str, number: int = 1) -> None:
        """Count decisions that were stored, queued or refused."""
        with self._told():
            self._decisions.labels(receipt).inc(number)

    def uses(self, name: str, digest: str) -> None:
        """Say which model is in use."""
        with self._told():
            self._model.labels(name, digest[:12]).set(1)

    def unused(self, name: str, digest: str) -> None:
        """Say which model no longer is."""
        with self._told():
            self._model.labels(name, digest[:12]).set(0)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if (trouble := reason_of(error)) != self._trouble:
                _log.warning("not everything is counted any more: %s", trouble)
            self._trouble = trouble

    def page(self, orders: Mapping[str, int]) -> tuple[bytes, str]:
        """Return what Prometheus reads, and its content type.

        `orders` says how often models were asked for in all workers, by what came of it.
        """
        registry: Collector = self._registry
        if _VARIABLE in os.environ:
            registry = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
        used = CollectorRegistry()
        used.register(_Used(registry))
        used.register(_Orders(orders))
        return generate_latest(used), CONTENT_TYPE_LATEST


class _Used(Collector):
    """What is counted, without models that no worker uses any more."""

    def __init__(self, everything: Collector) -> None:
        self._everything = everything

    def collect(self) -> Iterator[Metric]:
        """Yield what is counted."""
        for metric in self._everything.collect():
            if metric.name == _MODEL:
                metric.samples = [one for one in metric.samples if one.value]
            yield metric


class _Orders(Collector):
    """How often models were asked for: of all workers, which only follow."""

    def __init__(self, orders: Mapping[str, int]) -> None:
        self._orders = orders

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        counted = CounterMetricFamily(
            "moderation_model_reloads", "Models asked for.", labels=["outcome"]
        )
        for outcome, number in self._orders.items():
            counted.add_metric([outcome], number)
        yield counted


def count_together(runtime: Path) -> None:
    """Let the workers of a service, which are yet to be started, be counted together."""
    counts = runtime / _FOLDER
    counts.mkdir()
    os.environ[_VARIABLE] = str(counts)


def forget_worker(runtime: Path, pid: int | None) -> None:
    """Drop what a worker that has ended uses; what it has counted stays."""
    mark_process_dead(pid, str(runtime / _FOLDER))  # type: ignore[no-untyped-call]

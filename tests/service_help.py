"""Services for tests: in this process, and as the processes that a newsroom starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
from starlette.testclient import TestClient

from moderation.service.app import create_app
from moderation.service.settings import Settings

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"


@contextmanager
def service(tmp_path: Path, **options: Any) -> Iterator[TestClient]:
    """Serve in this process."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(exist_ok=True)
    app = create_app(Settings("news", runtime=str(runtime), pseudonym_key=bytes(32), **options))
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def analyze_request(text: str = "Guten Morgen, schöner Artikel.", **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, **more}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start ``moderation serve`` as a newsroom does; yields its address and process."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moderation", "serve", "--port", str(port), *options]
    log = (folder / "log").open("wb")
    with subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=_environment()) as one:
        try:
            wait_until_ready(base)
            yield base, one
        finally:
            one.terminate()
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
            log.close()


def _environment() -> dict[str, str]:
    root = str(Path(__file__).parents[1])
    return {**os.environ, "PYTHONPATH": root}


def wait_until_ready(base: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if httpx.get(f"{base}/readyz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, "the service did not come up"
        time.sleep(0.1)


def codes(answers: Sequence[httpx.Response]) -> set[int]:
    return {answer.status_code for answer in answers}


def until(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.1)

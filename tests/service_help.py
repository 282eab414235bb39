"""Services for tests: in this process, and as the processes that a newsroom starts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import waiting
from service_start import wait_until_ready
from starlette.testclient import TestClient

from moderation.service.app import create_app
from moderation.service.settings import Settings

#: Workers take some seconds to start.
until = partial(waiting.until, seconds=30)
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

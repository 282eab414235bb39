"""Starting the service: one worker here, or several that share a port."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import signal
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

import uvicorn
from uvicorn.server import Server
from uvicorn.supervisors import Multiprocess

from moderation.decisions.address import read_address
from moderation.errors import UsageError, reason_of
from moderation.service.coral import STATUSES, load_secrets
from moderation.service.judging import open_bench
from moderation.service.keys import load_keys
from moderation.service.log import log_to_stderr
from moderation.service.settings import RUNTIME_VARIABLE, Settings
from moderation.service.swapping import write_order

_log = logging.getLogger(__name__)
#: Seconds that requests under way have when the service is stopped.
_STOP_SECONDS = 10
#: Seconds after which a connection on which nothing is asked is closed.
_KEEP_ALIVE_SECONDS = 75
#: Connections that wait to be accepted.
_BACKLOG = 2_048
#: An address without user, query or fragment.
_PUBLIC_URL = re.compile(
    r"https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9_.~%/+-]*)?"
)
_DECISIONS = ("publish", "review", "reject")


class _Workers(Multiprocess):
    """uvicorn's supervisor; SIGHUP swaps the model instead of the processes."""

    runtime: Path

    def handle_hup(self) -> None:
        """Tell the workers to load the model again; not a single connection is closed."""
        write_order(self.runtime, "reload")


def check(settings: Settings, host: str) -> None:
    """Refuse what would be unsafe, or would only fail in the workers.

    Raises
    ------
    ModerationError
        With one line that says what to do.
    """
    if settings.keys is None and not is_loopback(host):
        raise UsageError(
            f"--host {host}: other machines could ask without a key; make one with "
            "`moderation keys add` and give --keys, or leave out --host"
        )
    if settings.keys is not None and not load_keys(Path(settings.keys)).entries:
        raise UsageError(f"{settings.keys}: holds no key; make one with `moderation keys add`")
    if settings.public_url is not None and not _PUBLIC_URL.fullmatch(settings.public_url):
        raise UsageError(
            f"--public-url {settings.public_url}: no address; write https://kommentare.example"
        )
    if settings.coral_secret is not None:
        load_secrets(Path(settings.coral_secret))
    # What cannot be used is told here, once; workers would say it each, and again and again.
    open_bench(settings, _log.warning)
    if settings.decisions is not None:
        read_address(settings.decisions)
    elif settings.retention_days is not None:
        raise UsageError("--retention-days: there is no store; give --decisions, or leave it out")
    for decision, status in (settings.coral_statuses or {}).items():
        if decision not in _DECISIONS or status not in STATUSES:
            raise UsageError(
                f"--coral-status {decision}={status}: write one of {', '.join(_DECISIONS)}, =, and "
                f"one of {', '.join(STATUSES)}"
            )


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Answer requests until stopped.

    Raises
    ------
    ModerationError
        If `settings` cannot be used.
    """
    check(settings, host)
    log_to_stderr()
    with tempfile.TemporaryDirectory(prefix="moderation-") as folder:
        settings = replace(settings, runtime=folder)
        settings.store()
        os.environ[RUNTIME_VARIABLE] = folder
        if workers > 1:
            counts = Path(folder, "metrics")
            counts.mkdir()
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
        config = uvicorn.Config(
            "moderation.service.app:from_environment",
            factory=True,
            workers=workers,
            # Addresses of Perspective's clients hold their keys: what was asked is not logged.
            access_log=False,
            # Nor by the upgrade that a WebSocket asks for, whose address uvicorn would log.
            ws="none",
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        with _listen(host, port) as listening:
            _log.info("listening on http://%s:%d", host, listening.getsockname()[1])
            if workers == 1:
                signal.signal(signal.SIGHUP, lambda *_: _ordered(Path(folder)))
                Server(config).run([listening])
                return
            supervisor = _Workers(config, [listening])
            supervisor.runtime = Path(folder)
            supervisor.run()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host.strip("[]"), port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"--host {host} --port {port}: cannot listen ({reason}); name another port or host"
        ) from error
    listening.set_inheritable(True)
    return listening


def _ordered(runtime: Path) -> None:
    write_order(runtime, "reload")

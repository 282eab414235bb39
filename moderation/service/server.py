"""Starting the service: one worker here, or several that share a port."""

from __future__ import annotations

import logging
import re
import resource
import shutil
import signal
import socket
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.server import Server
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from moderation.decisions.recording import check_store
from moderation.errors import ModerationError, UsageError, reason_of
from moderation.pseudonyms import open_pseudonyms
from moderation.service.app import start_worker
from moderation.service.connections import Connection
from moderation.service.coral import STATUSES, load_secrets
from moderation.service.gate import is_loopback
from moderation.service.judging import open_bench
from moderation.service.keys import load_keys
from moderation.service.log import log_to_stderr
from moderation.service.metrics import count_together, forget_worker
from moderation.service.runtime import runtime_folder
from moderation.service.settings import Settings
from moderation.service.swapping import first_choice, reload_aside

_log = logging.getLogger(__name__)
#: Seconds that requests under way have when the service is stopped.
_STOP_SECONDS = 10
#: Seconds after which a connection on which nothing is asked is closed.
_KEEP_ALIVE_SECONDS = 75
#: Seconds after which a worker that does not answer its parent is replaced.
_HANG_SECONDS = 10
#: Seconds that a worker which is starting is waited for at each look.
_GLANCE_SECONDS = 0.1
#: Workers that may end one after another without having served.
_ATTEMPTS = 3
#: Seconds until a worker is started again that did not begin, while others serve.
_PATIENCE_SECONDS = 10.0
#: Files that may be open in each process.
_FILES = 16_384
#: Connections that wait to be accepted.
_BACKLOG = 2_048
#: An address without user, query or fragment.
_PUBLIC_URL = re.compile(
    r"https?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9_.~%/+-]*)?"
)
_DECISIONS = ("publish", "review", "reject")


class StartError(ModerationError):
    """The workers do not start (exit code 3)."""

    exit_code = 3


class _Workers(Multiprocess):
    """uvicorn's supervisor; SIGHUP swaps the model instead of the processes.

    Workers that end are replaced. Where they end again and again before they have served, the
    service ends, unless others serve: then they are tried again after a while.
    """

    def __init__(
        self, config: uvicorn.Config, listening: socket.socket, settings: Settings
    ) -> None:
        super().__init__(config, [listening])
        self._settings = settings
        self._serving: set[Process] = set()
        self._ended: set[Process] = set()
        self._failures = 0
        self._again = 0.0

    @property
    def failed(self) -> bool:
        """Whether the workers do not start."""
        return self._failures >= _ATTEMPTS and not self._serving

    def handle_hup(self) -> None:
        """Tell the workers to load the model again; not a single connection is closed."""
        reload_aside(Path(self._settings.runtime), self._settings.model)

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have ended or hang."""
        for place, process in enumerate(self.processes):
            if process not in self._ended:
                if self._is_well(process):
                    continue
                self._bury(process)
            if self.should_exit.is_set() or self.failed:
                self.should_exit.set()
                return
            if time.monotonic() < self._again:
                continue
            _log.warning("worker %s has ended; another is started", process.pid)
            self._ended.discard(process)
            self.processes[place] = Process(self.config, self.sockets)
            self.processes[place].start()

    def _bury(self, process: Process) -> None:
        process.kill()
        process.join()
        forget_worker(Path(self._settings.runtime), process.pid)
        if process not in self._serving:
            self._failures += 1
        if self._failures >= _ATTEMPTS:
            self._again = time.monotonic() + _PATIENCE_SECONDS
        self._serving.discard(process)
        self._ended.add(process)

    def _is_well(self, process: Process) -> bool:
        if process in self._serving:
            return process.is_alive(_HANG_SECONDS)
        # Who is starting has other things to do than to answer.
        if process.is_ready(_GLANCE_SECONDS):
            self._serving.add(process)
            self._failures = 0
        return process.process.is_alive()


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
    for given in (settings.rules, settings.policy, settings.coral_secret):
        # A pipe is read once, and workers read it later, too.
        if given is not None and Path(given).exists() and not Path(given).is_file():
            raise UsageError(f"{given}: no file; save what it holds in one, and name that")
    # What cannot be used is told here, once; workers would say it each, and again and again.
    open_bench(settings, _log.warning)
    _check_coral(settings)
    _check_store(settings)


def _check_coral(settings: Settings) -> None:
    for decision, status in (settings.coral_statuses or {}).items():
        if decision not in _DECISIONS or status not in STATUSES:
            raise UsageError(
                f"--coral-status {decision}={status}: write one of {', '.join(_DECISIONS)}, =, and "
                f"one of {', '.join(STATUSES)}"
            )
    if settings.coral_secret is not None:
        load_secrets(Path(settings.coral_secret))
    elif settings.coral_statuses:
        raise UsageError(
            "--coral-status: Coral's phase is off; give --coral-secret, or leave it out"
        )


def _check_store(settings: Settings) -> None:
    if settings.decisions is None:
        for option, given in (
            ("--retention-days", settings.retention_days),
            ("--spool", settings.spool),
        ):
            if given is not None:
                raise UsageError(f"{option}: there is no store; give --decisions, or leave it out")
        return
    # What is away for now may come back.
    spool = Path(settings.spool) if settings.spool is not None else None
    if trouble := check_store(settings.decisions, spool):
        _log.warning("%s; until then decisions wait", trouble)


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Answer requests until stopped.

    Raises
    ------
    ModerationError
        If `settings` cannot be used.
    """
    log_to_stderr()
    signal.signal(signal.SIGTERM, _stop)
    check(settings, host)
    pseudonyms = open_pseudonyms(_log.warning, lasting=settings.decisions is not None)
    _allow_connections()
    with runtime_folder() as folder:
        settings = replace(
            settings,
            runtime=str(folder),
            pseudonym_key=pseudonyms.key,
            **_kept(settings, folder),
        )
        first_choice(folder, settings.model)
        if workers > 1:
            count_together(folder)
        config = uvicorn.Config(
            # Workers are handed their settings; these may hold a password, and stand in no file.
            partial(start_worker, settings),
            factory=True,
            workers=workers,
            # Addresses of Perspective's clients hold their keys: what was asked is not logged.
            access_log=False,
            http=Connection,
            # Nor by the upgrade that a WebSocket asks for, whose address uvicorn would log.
            ws="none",
            log_config=None,
            log_level=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        with _listen(host, port) as listening:
            shown = f"[{host}]" if ":" in host else host
            _log.info("listening on http://%s:%d", shown, listening.getsockname()[1])
            if workers == 1:
                signal.signal(signal.SIGHUP, lambda *_: reload_aside(folder, settings.model))
                Server(config).run([listening])
                return
            supervisor = _Workers(config, listening, settings)
            supervisor.run()
            if supervisor.failed:
                raise StartError("the workers do not start; the log says why")


def _kept(settings: Settings, folder: Path) -> dict[str, Any]:
    """Copy what workers read at their start: who is started later must judge as the others do."""
    kept: dict[str, Any] = {}
    for name in ("rules", "policy", "coral_secret"):
        if (given := getattr(settings, name)) is not None:
            copy = folder / name / Path(given).name
            try:
                copy.parent.mkdir()
                shutil.copy(given, copy)
            except OSError as error:
                raise UsageError(f"{given}: cannot be copied ({reason_of(error)})") from error
            kept[name] = str(copy)
    return kept


def _allow_connections() -> None:
    """Have as many files open as the system allows: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


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


def _stop(*_: object) -> None:
    # The folder of the workers is removed on the way out.
    sys.exit(0)

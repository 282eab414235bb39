"""What a service is started with; its workers read it from a file that only they can read."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

#: Where workers find the folder that they share.
RUNTIME_VARIABLE = "MODERATION_RUNTIME"
_FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a service is started with.

    Attributes
    ----------
    model
        Name or folder of the model.
    rules, policy
        The house's own rules and table of recommendations; None: the packaged ones.
    keys
        File of keys; None: no keys are asked for, and only this machine is answered.
    decisions
        URL of the store of decisions; None: decisions are refused.
    spool
        File in which decisions wait while the store does not answer; None: beside the store.
    store_texts
        Whether texts of comments may be stored with decisions.
    retention_days
        Days after which decisions are deleted; None: never.
    coral_secret
        File with the signing secrets of Coral's phase, one a line; None: the phase is refused.
    coral_statuses
        Status that Coral's phase answers with, by recommendation; without one it only flags.
    replay_seconds
        For how long a signed request is remembered and refused when it comes again; 0: not.
    rate
        Requests a second and key; None: no limit.
    max_body
        Bytes of a request at most.
    body_seconds
        For how long the body of a request may be under way.
    in_flight
        Requests that are worked at or waited for at once, in each worker.
    public_url
        Address that clients use, without a slash at its end; None: the one that they ask.
    runtime
        Folder that the workers of one service share.
    """

    model: str
    rules: str | None = None
    policy: str | None = None
    keys: str | None = None
    decisions: str | None = None
    spool: str | None = None
    store_texts: bool = True
    retention_days: int | None = None
    coral_secret: str | None = None
    coral_statuses: dict[str, str] | None = None
    replay_seconds: float = 300.0
    rate: float | None = None
    max_body: int = 1_000_000
    body_seconds: float = 10.0
    in_flight: int = 256
    public_url: str | None = None
    runtime: str = ""

    def store(self) -> None:
        """Write the settings into the runtime folder, where workers read them."""
        path = Path(self.runtime) / _FILE
        # The URL of a store may hold a password.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)


def stored_settings() -> Settings:
    """Return the settings of the service that this process is a worker of."""
    runtime = Path(os.environ[RUNTIME_VARIABLE])
    record: dict[str, Any] = json.loads((runtime / _FILE).read_text(encoding="utf-8"))
    return Settings(**{field.name: record[field.name] for field in fields(Settings)})

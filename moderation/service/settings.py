"""What a service is started with; its workers are handed it by the process that starts them."""

from __future__ import annotations

from dataclasses import dataclass, field


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
        File in which decisions wait while the store does not answer; None: beside a SQLite
        file, for PostgreSQL in the working directory.
    store_texts
        Whether texts of comments may be stored with decisions.
    retention_days
        Days after which decisions are deleted; None: never.
    coral_secret
        File with the signing secrets of Coral's phase, one a line; None: the phase is refused.
    coral_statuses
        Status that Coral's phase answers with, by recommendation; without one it only flags.
    replay_seconds
        For how long a signed request that comes again gets the answer it had; 0: it is judged anew.
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
    pseudonym_key
        What authors' pseudonyms are made with, the same in all workers; None: the user's own key.
    runtime
        Folder that the workers of one service share.
    """

    model: str
    rules: str | None = None
    policy: str | None = None
    keys: str | None = None
    # May hold a password.
    decisions: str | None = field(default=None, repr=False)
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
    pseudonym_key: bytes | None = field(default=None, repr=False)
    runtime: str = ""

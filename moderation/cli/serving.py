"""``moderation serve`` and ``moderation keys``: the service inside the house."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from moderation.cli.app import DEFAULT_MODEL, app
from moderation.cli.messages import Messages
from moderation.errors import UsageError
from moderation.text import printable

keys_app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Keys of the service's clients: made, listed, revoked.\n\n"
    "Example: moderation keys add coral --scope score --scope decide",
)
app.add_typer(keys_app, name="keys")

KeysFile = Annotated[
    Path, typer.Option("--keys", help="The file of keys.", metavar="FILE", show_default=True)
]
_KEYS = Path("moderation-keys.json")
_MISSING = "the service is not installed; pip install 'moderation[service]'"


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0: one that is free.")
    ] = 8080,
    workers: Annotated[int, typer.Option("--workers", "-w", min=1, max=64, help="Processes.")] = 1,
    model: Annotated[str, typer.Option(help="Name or folder of a model.")] = DEFAULT_MODEL,
    rules: Annotated[
        Path | None,
        typer.Option(
            help="House rules: a TOML file, or a page that quotes them.", show_default=False
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Your table of recommendations (TOML).", show_default=False),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="File of keys; without one only this machine.", show_default=False),
    ] = None,
    decisions: Annotated[
        str | None,
        typer.Option(
            help="Where decisions are stored: a SQLite file, or postgresql://…",
            envvar="MODERATION_DECISIONS",
            show_default=False,
        ),
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option(
            help="Where decisions wait while the store does not answer.", show_default=False
        ),
    ] = None,
    store_texts: Annotated[
        bool, typer.Option(help="Store the texts of comments with decisions, for training.")
    ] = True,
    retention_days: Annotated[
        int | None,
        typer.Option(
            min=1, max=36_500, help="Delete decisions after so many days.", show_default=False
        ),
    ] = None,
    coral_secret: Annotated[
        Path | None,
        typer.Option(help="File with the signing secret of Coral's phase.", show_default=False),
    ] = None,
    coral_status: Annotated[
        list[str] | None,
        typer.Option(
            help="Status for Coral by recommendation, as review=PREMOD; without: flags only.",
            show_default=False,
        ),
    ] = None,
    replay_seconds: Annotated[
        float, typer.Option(min=0, help="How long a signed request gets the answer it had.")
    ] = 300.0,
    rate: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            help="Requests a second for each key, in each worker.",
            show_default=False,
        ),
    ] = None,
    max_body: Annotated[
        int, typer.Option(min=1_000, max=100_000_000, help="Bytes of a request.")
    ] = 1_000_000,
    public_url: Annotated[
        str | None,
        typer.Option(
            help="Address that clients use, as https://kommentare.example; "
            "without: the one they ask.",
            metavar="URL",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Answer Perspective's clients, Coral and your own programs inside the house.

    Example: moderation serve --decisions decisions.db --workers 2
    """
    # Until there is a model to be loaded again; what follows takes a second.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        from moderation.service.server import serve as run
        from moderation.service.settings import Settings
    except ImportError as error:
        raise UsageError(f"{_MISSING} ({error.name})") from error
    run(
        Settings(
            model=model,
            rules=_path(rules),
            policy=_path(policy),
            keys=_path(keys),
            decisions=decisions,
            spool=_path(spool),
            store_texts=store_texts,
            retention_days=retention_days,
            coral_secret=_path(coral_secret),
            coral_statuses=_statuses(coral_status or []),
            replay_seconds=replay_seconds,
            rate=rate,
            max_body=max_body,
            public_url=public_url.rstrip("/") if public_url is not None else None,
        ),
        host,
        port,
        workers,
    )


@keys_app.command("add", no_args_is_help=True)
def add(
    name: Annotated[str, typer.Argument(help="Who gets it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="score, decide or admin; several times for several."),
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, help="Requests a second, in each worker.", show_default=False),
    ] = None,
    keys: KeysFile = _KEYS,
) -> None:
    """Make a key and print it: this once, it is kept nowhere.

    Example: moderation keys add coral --scope score --scope decide
    """
    from moderation.service.keys import SCOPES, Scope, add_key, new_key

    if not name.strip() or not name.isprintable():
        raise UsageError("keys add: the name is empty or not printable; say who gets the key")
    scopes: list[Scope] = [one for one in SCOPES if one in (scope or ["score"])]
    if unknown := set(scope or ()) - set(SCOPES):
        raise UsageError(f"--scope {min(unknown)}: not known; say {', '.join(SCOPES)}")
    secret, key = new_key(name, scopes, rate)
    add_key(keys, key)
    sys.stdout.write(f"{secret}\n")
    Messages().remark(f"key {key.id} for {name}: {', '.join(key.scopes)}; it is not shown again")


@keys_app.command("list")
def list_keys(keys: KeysFile = _KEYS) -> None:
    """List keys: id, name, scopes, when made, requests a second.

    Example: moderation keys list
    """
    from moderation.service.keys import load_keys

    for key in load_keys(keys).entries:
        cells = (key.id, key.name, ",".join(key.scopes), key.created, f"{key.rate or ''}")
        sys.stdout.write("\t".join(map(printable, cells)) + "\n")


@keys_app.command("revoke", no_args_is_help=True)
def revoke(key: Annotated[str, typer.Argument(help="Id or name.")], keys: KeysFile = _KEYS) -> None:
    """Take a key back; running services refuse it within a second.

    Example: moderation keys revoke coral
    """
    from moderation.service.keys import revoke_key

    number = revoke_key(keys, key)
    if not number:
        raise UsageError(f"{keys}: no key {key}; see moderation keys list")
    Messages().remark(f"{number} {'keys' if number > 1 else 'key'} revoked")


def _path(path: Path | None) -> str | None:
    # Workers may be started elsewhere.
    return str(path.absolute()) if path is not None else None


def _statuses(given: list[str]) -> dict[str, str]:
    return {left: right for left, _, right in (one.partition("=") for one in given)}

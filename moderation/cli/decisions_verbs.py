"""``moderation decisions``: what people decided, in and out of its store, and forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moderation.cli.app import LabelColumn, Output, Paths, Positive, TextColumn, app
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.decisions.records import Decision, decision_record
from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.inputs import readable_inputs
from moderation.parsing.reader import Intake, kind_of, read_stories
from moderation.pseudonyms import open_pseudonyms
from moderation.states import read_moment

if TYPE_CHECKING:
    from moderation.decisions.store import DecisionStore

#: Decisions stored at once.
_STORED = 1_000
#: Seconds to wait while a service moves what the store could not take before.
_PATIENCE = 30.0
_AGE = re.compile(r"(\d{1,5})d")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

decisions_app = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
app.add_typer(decisions_app, name="decisions")

Store = Annotated[
    str,
    typer.Option(
        "--store",
        help="The store: a SQLite file, or postgresql://user@host/database.",
        envvar="MODERATION_STORE",
        metavar="URL",
        show_default=False,
    ),
]
SpoolFile = Annotated[
    Path | None,
    typer.Option(
        "--spool",
        help="Where a service keeps what the store could not take; moved into the store first. "
        "Default: beside a SQLite file.",
        envvar="MODERATION_SPOOL",
        show_default=False,
    ),
]


@decisions_app.callback()
def decisions() -> None:
    """Keep what people decided: export, import, forget, expire, migrate.

    Example: moderation decisions export --store decisions.db
    """


def opened_store(url: str, *, create: bool = False) -> DecisionStore:
    """Open a store of decisions.

    Raises
    ------
    ModerationError
        If it cannot be opened, or what is needed for it is not installed.
    """
    _check_extra()
    from moderation.decisions.store import open_store

    return open_store(url, create=create)


@decisions_app.command("export")
def export_decisions(
    store: Store,
    since: Annotated[
        str | None,
        typer.Option(help="Only those made then or later: 2026-11-25.", show_default=False),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only those made before: 2026-11-25.", show_default=False)
    ] = None,
    output: Output = None,
) -> None:
    """Print decisions in the order in which they were made, one JSON object each.

    Example: moderation decisions export --store decisions.db --since 2026-11-01
    """
    first, end = _moment("--since", since), _moment("--until", until)
    with opened_store(store) as opened, output_stream(output) as stream:
        for one in opened.read(first, end):
            stream.write(json_line(decision_record(one)))


@decisions_app.command("import", no_args_is_help=True)
def import_decisions(
    paths: Paths,
    store: Store,
    text_column: TextColumn = None,
    label_column: LabelColumn = None,
    positive: Positive = None,
    attribute: Annotated[
        str, typer.Option(help="What the labels of tables are about.")
    ] = "abusive",
    community: Annotated[
        str | None, typer.Option(help="Whose comments they are.", show_default=False)
    ] = None,
    no_texts: Annotated[
        bool, typer.Option("--no-texts", help="Keep digests instead of texts; they teach nothing.")
    ] = False,
) -> None:
    """Store the decisions in exports of comment systems or of a store, or in labelled tables.

    What was imported before is not imported again. A decision has the time of its comment, or the
    present one where that is not known. Authors become pseudonyms.

    Example: moderation decisions import coral.json --store decisions.db
    """
    from moderation.training.house import HouseColumns
    from moderation.training.stored import decisions_in

    messages = Messages()
    columns = HouseColumns(text_column, label_column, positive)
    inputs = list(readable_inputs(paths))
    stories = {}
    articles = [source for source in inputs if kind_of(source) == "coral-stories"]
    for source in articles:
        stories.update(read_stories(source, messages.remark))
    intake = Intake(pseudonyms=open_pseudonyms(messages.remark), stories=stories)
    read = new = 0
    with opened_store(store, create=True) as opened:
        for source in inputs:
            if source in articles:
                continue
            found = decisions_in(
                source, columns, messages.remark, intake, attribute=attribute, community=community
            )
            try:
                for group in _groups(found):
                    kept = [one.without_text() for one in group] if no_texts else group
                    new += opened.append(kept)
                    read += len(group)
            except UnreadableInputError as error:
                messages.problem(error)
        messages.remark(f"{opened.name}: {new:,} decisions are new, {read - new:,} were there")
    raise typer.Exit(messages.exit_code)


@decisions_app.command()
def forget(
    store: Store,
    comment_id: Annotated[
        str | None, typer.Option(help="The comment's id.", show_default=False)
    ] = None,
    author: Annotated[
        str | None, typer.Option(help="The author's name or pseudonym.", show_default=False)
    ] = None,
    spool: SpoolFile = None,
) -> None:
    """Delete all decisions about a comment or an author's comments, and print how many.

    Models that were trained with them keep what they have learned.

    Example: moderation decisions forget --comment-id 4711 --store decisions.db
    """
    if (comment_id is None) == (author is None):
        raise UsageError("forget: give either --comment-id or --author")
    messages = Messages()
    if author is not None:
        author = open_pseudonyms(messages.remark).of(author)
    with opened_store(store) as opened:
        _move_spool(spool, opened, messages)
        removed = opened.forget(comment_id=comment_id, author=author)
    _print_removed(removed)


@decisions_app.command()
def expire(
    store: Store,
    older_than: Annotated[
        str, typer.Option(help="Days that decisions are kept, such as 180d.", show_default=False)
    ],
    spool: SpoolFile = None,
) -> None:
    """Delete all decisions older than so many days, and print how many.

    Example: moderation decisions expire --older-than 180d --store decisions.db
    """
    age = _AGE.fullmatch(older_than.strip())
    if age is None:
        raise UsageError(f"--older-than {older_than}: no number of days; write it as 180d")
    messages = Messages()
    with opened_store(store) as opened:
        _move_spool(spool, opened, messages)
        removed = opened.expire(datetime.now(UTC) - timedelta(days=int(age[1])))
    _print_removed(removed)


@decisions_app.command()
def migrate(store: Store) -> None:
    """Make the tables of a store, or bring older ones up to date, and print their revision.

    Whoever opens a store does so, too; this is for who may not create tables later.

    Example: moderation decisions migrate --store postgresql://moderation@db/moderation
    """
    _check_extra()
    from moderation.decisions.store import migrate as bring_up_to_date

    revision = bring_up_to_date(store)
    with output_stream(None) as stream:
        stream.write(f"{revision}\n")


def _check_extra() -> None:
    for name in ("sqlalchemy", "alembic"):
        if find_spec(name) is None:
            raise UsageError(
                f"decisions need the package {name}; pip install 'moderation[service]'"
            )


def _groups(decisions: Iterator[Decision]) -> Iterator[list[Decision]]:
    """Yield decisions in groups; what ends them is raised behind the last one."""
    group: list[Decision] = []
    try:
        for one in decisions:
            group.append(one)
            if len(group) == _STORED:
                yield group
                group = []
    except UnreadableInputError:
        yield group
        raise
    yield group


def _move_spool(path: Path | None, store: DecisionStore, messages: Messages) -> None:
    """Move what is waiting into the store: what is forgotten must not come back."""
    from moderation.decisions.spool import Spool

    place = path or store.spool
    spool = Spool(place)
    if spool.waiting:
        if moved := spool.drain(store, patience=_PATIENCE):
            messages.remark(f"{place}: {moved:,} decisions moved into {store.name}")
    elif not spool.used or (path is None and store.path is None):
        messages.remark(f"no decisions wait in {place} here; name the service's --spool")
    if spool.aside.exists():
        messages.remark(f"{spool.aside}: holds what could not be moved; look there, too")


def _print_removed(removed: int) -> None:
    with output_stream(None) as stream:
        stream.write(json_line({"removed": removed}))


def _moment(option: str, words: str | None) -> datetime | None:
    if words is None:
        return None
    try:
        return read_moment(f"{words}T00:00" if _DAY.fullmatch(words) else words)
    except UsageError as error:
        raise UsageError(
            f"{option} {words}: no time; write it as 2026-11-25 or 2026-11-25T20:14"
        ) from error

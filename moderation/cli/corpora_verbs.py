"""``moderation corpora``: what is known to learn from and to be measured on, and getting it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moderation.cli.app import DataFolder, app
from moderation.cli.messages import Messages
from moderation.cli.writers import json_line, output_stream
from moderation.errors import CorpusError, UsageError
from moderation.text import printable

if TYPE_CHECKING:
    from rich.console import Console

    from moderation.training.corpora import Corpus, Whereabouts

#: Seconds between two rewritings of the progress line on a terminal.
_STEP = 0.2
_MEGABYTE = 1_000_000
_STATE_STYLES = {"here": "green", "missing": "dim", "altered": "bold red", "unreadable": "bold red"}

corpora_app = typer.Typer(rich_markup_mode=None)
app.add_typer(corpora_app, name="corpora")


@corpora_app.callback(invoke_without_command=True)
def corpora(context: typer.Context, data: DataFolder = None) -> None:
    """List the known corpora: source, digest, licence, and whether each is here.

    A table on a terminal, in a pipe one JSON object a corpus. The folders searched are --data, or
    else MODERATION_DATA, ../shared/data and data beside the checkout, and the user's cache.

    Example: moderation corpora | jq -r 'select(.permissive) | .id'
    """
    context.obj = data
    if context.invoked_subcommand is not None:
        return
    from moderation.training.corpora import CORPORA, look_for

    messages = Messages()
    found = [(corpus, look_for(corpus, data)) for corpus in CORPORA]
    with output_stream(None) as stream:
        if sys.stdout.isatty():
            from rich.console import Console

            draw_corpora(Console(file=stream, highlight=False), found)
        else:
            stream.writelines(json_line(corpus_record(*one)) for one in found)
    for _, where in found:
        if where.remark:
            messages.remark(where.remark)


@corpora_app.command(no_args_is_help=True)
def fetch(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(help="Corpora, or all.", metavar="NAME...", show_default=False),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder to put them into. Default: MODERATION_DATA, or else the user's cache.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Download corpora, check their digests, and print where they are.

    What is here already is not downloaded again, so that this works offline with a folder of files.

    Example: moderation corpora fetch gahd hatecheck-german --data corpora
    """
    from moderation.training.corpora import fetch as fetch_corpus

    messages = Messages()
    with output_stream(None) as stream:
        for corpus in _chosen(names):
            try:
                with Download(corpus, messages) as download:
                    path = fetch_corpus(corpus, data or context.obj, download)
            except CorpusError as error:
                messages.problem(error)
                continue
            download.done(path)
            stream.write(f"{path}\n")
            stream.flush()
    raise typer.Exit(messages.exit_code)


def corpus_record(corpus: Corpus, where: Whereabouts) -> dict[str, Any]:
    """Return what is known about a corpus; ``here`` is its path, or None unless it is intact."""
    return {
        "id": corpus.id,
        "file": corpus.file,
        "state": where.state,
        "here": str(where.path) if where.state == "here" else None,
        "licence": corpus.licence,
        "permissive": corpus.permissive,
        "evaluation_only": corpus.evaluation_only,
        "sha256": corpus.sha256,
        "repository": corpus.repository,
        "commit": corpus.commit,
        "path": corpus.path,
        "url": corpus.url,
        "description": corpus.description,
    }


def draw_corpora(console: Console, found: list[tuple[Corpus, Whereabouts]]) -> None:
    """Draw the corpora as a table: name and state, then licence, source, digest and place."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 1, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for corpus, where in found:
        use = " (evaluation only)" if corpus.evaluation_only else ""
        facts = Text(corpus.description + use)
        licence = corpus.licence + (" (permissive)" if corpus.permissive else "")
        source = f"github.com/{corpus.repository} @ {corpus.commit[:12]}"
        for line in (licence, source, f"SHA-256 {corpus.sha256[:12]}…", where.path or corpus.file):
            if line is not None:
                facts.append(f"\n{printable(str(line))}", style="dim")
        table.add_row(
            Text(corpus.id, style="bold"),
            Text(where.state, style=_STATE_STYLES[where.state]),
            facts,
        )
    console.print(table)


def _chosen(names: list[str]) -> list[Corpus]:
    from moderation.training.corpora import CORPORA

    known = {corpus.id: corpus for corpus in CORPORA}
    for name in names:
        if name != "all" and name not in known:
            raise UsageError(f"{name}: no such corpus; choose among all, {', '.join(known)}")
    return list(CORPORA) if "all" in names else [known[name] for name in dict.fromkeys(names)]


class Download:
    """Says how far a download is: in place on a terminal, at its start and end in a log."""

    def __init__(self, corpus: Corpus, messages: Messages) -> None:
        self._corpus = corpus
        self._messages = messages
        self._terminal = sys.stderr.isatty()
        self._shown: float | None = None

    def __enter__(self) -> Download:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown is not None and self._terminal:
            sys.stderr.write("\r\x1b[K")

    def __call__(self, done: int, total: int) -> None:
        """Report `done` of `total` bytes (0: not known)."""
        now = time.monotonic()
        if self._shown is None and not self._terminal:
            self._messages.remark(f"{self._corpus.id}: downloading {self._corpus.url}")
        elif not self._terminal or (self._shown is not None and now - self._shown < _STEP):
            return
        else:
            of = f" of {total / _MEGABYTE:,.1f}" if total else ""
            sys.stderr.write(f"\r{self._corpus.id}: {done / _MEGABYTE:,.1f}{of} MB\x1b[K")
            sys.stderr.flush()
        self._shown = now

    def done(self, path: Path) -> None:
        """Say what it was, and what it may be used for."""
        how = "was here already" if self._shown is None else "downloaded"
        use = "; for evaluation only, never trained on" if self._corpus.evaluation_only else ""
        size = f"{path.stat().st_size / _MEGABYTE:,.1f} MB"
        self._messages.remark(
            f"{self._corpus.id}: {how}, {size}, digest checked; "
            f"licence: {self._corpus.licence}{use}"
        )

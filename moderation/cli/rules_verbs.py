"""``moderation rules``: house rules read, checked, measured and tried before they go live."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from moderation.cli.app import Output, app
from moderation.cli.messages import Messages
from moderation.cli.writers import output_stream
from moderation.errors import ModerationError, UnreadableInputError
from moderation.labelling.rules_file import (
    MAX_BYTES,
    Written,
    dump_rules,
    load_written,
    read_written,
)
from moderation.parsing.checking import Found, check_quotes
from moderation.parsing.inputs import Input, readable_inputs, standard_input
from moderation.parsing.reader import read_netiquette_in

#: Characters of a sentence that stands beside the clause in a rules file.
_LONGEST_SENTENCE = 10_000

rules_app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="House rules: read, check, measure, and try before they go live.",
)
app.add_typer(rules_app, name="rules")


@rules_app.command(no_args_is_help=True)
def extract(
    document: Annotated[
        str,
        typer.Argument(
            help="A page or text with a netiquette; - is standard input.",
            metavar="PAGE|TEXT",
            show_default=False,
        ),
    ],
    output: Output = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Read all of it as rules, whatever it looks like.")
    ] = False,
) -> None:
    """Turn a netiquette into a rules file (TOML): each clause a rule, with its quote and place.

    What was not understood stands behind the rules, for a person to read.

    Example: moderation rules extract netiquette.html -o rules.toml
    """
    messages = Messages()
    source = next(readable_inputs([document]))
    netiquette, _ = read_netiquette_in(source, messages.remark, whole=whole)
    if not netiquette.rules:
        raise UnreadableInputError(
            f"{document}: no house rules recognised; give the page or text of a netiquette, or "
            "--whole where it is one"
        )
    rules = [
        # A sentence of so many rules would stand there as many times.
        replace(rule, sentence=rule.quote) if len(rule.sentence) > _LONGEST_SENTENCE else rule
        for rule in netiquette.rules
    ]
    text = dump_rules(rules, netiquette.not_understood)
    with output_stream(output, [document]) as stream:
        stream.write(text)
    if len(text.encode()) > MAX_BYTES:
        messages.remark(f"{document}: the rules are larger than 1 MB; nothing will read them")
    counts = Counter(str(rule.category) for rule in netiquette.rules)
    found = ", ".join(f"{category} {number}" for category, number in counts.items())
    messages.remark(f"{document}: {len(netiquette.rules)} rules ({found})")
    if not netiquette.whole:
        messages.remark(
            f"{document}: only the passages that are house rules were read; --whole reads all of it"
        )
    for part in netiquette.not_understood:
        messages.remark(f"not understood, at {part.start}: {' '.join(part.text.split())}")


@rules_app.command(no_args_is_help=True)
def check(
    file: Annotated[
        str,
        typer.Argument(
            help="A rules file (TOML); - is standard input.", metavar="FILE", show_default=False
        ),
    ],
) -> None:
    """Verify that each rule's quote stands in its source, word for word and where it says.

    Sources are looked for as they are named, and beside the file. A rule without start may stand
    anywhere in its source; one without source cannot be checked. Exit code 1 if a quote does not
    stand there, 3 if a source cannot be read.

    Example: moderation rules check rules.toml
    """
    messages = Messages()
    written, path = _written_in(file)
    rules = [one.rule for one in written]

    def found(source: str) -> Path | None:
        places = (Path(source), path.parent / source) if path is not None else (Path(source),)
        return next((one for one in places if one.is_file()), None)

    def is_itself(source: str) -> bool:
        place = found(source)
        return place is not None and path is not None and place.samefile(path)

    def text_of(source: str) -> str | None:
        place = found(source)
        if place is None:
            messages.problem(
                UnreadableInputError(f"{source}: no such file; put it there or beside {file}")
            )
            return None
        try:
            return read_netiquette_in(Input(source, place), messages.remark)[1]
        except ModerationError as error:
            messages.problem(error)
            return None

    checked = list(
        check_quotes(
            rules,
            text_of,
            # A rule that was taken from its own file proves nothing.
            unsourced={
                one.rule.id for one in written if not one.sourced or is_itself(one.rule.source)
            },
            unplaced={one.rule.id for one in written if not one.placed},
        )
    )
    with output_stream(None) as stream:
        stream.writelines(f"{one.told()}\n" for one in checked)
    counts = Counter(one.found for one in checked)
    told = [f"{counts[kind]} {words}" for kind, words in _TOLD.items() if counts[kind]]
    messages.remark(
        f"{file}: {counts['verbatim']} of {len(rules)} quotes stand in their source as they say"
        + "".join(f", {one}" for one in told)
    )
    if counts["unsourced"]:
        messages.remark(
            f'{file}: no source named; write source = "netiquette.html" to have it checked'
        )
    if messages.exit_code:
        raise typer.Exit(messages.exit_code)
    raise typer.Exit(1 if counts["verbatim"] < len(rules) else 0)


#: What is said of quotes that do not stand as they say.
_TOLD: dict[Found, str] = {
    "moved": "moved",
    "torn": "stand in another sentence",
    "altered": "lost",
    "unread": "not checked (no source read)",
    "unsourced": "not checked (no source named)",
}


def _written_in(file: str) -> tuple[tuple[Written, ...], Path | None]:
    """Return the rules in a file or on standard input, and where the file is."""
    if file != "-":
        return load_written(Path(file)), Path(file)
    source = standard_input()
    with source.opened() as stream:
        return read_written(stream, source.name), None

"""``moderation rules``: house rules read, checked, measured and tried before they go live."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from moderation.cli.app import Output, app
from moderation.cli.messages import Messages
from moderation.cli.writers import output_stream
from moderation.errors import ModerationError, UnreadableInputError
from moderation.labelling.rules_file import dump_rules, load_rules
from moderation.parsing.checking import check_quotes
from moderation.parsing.inputs import Input, readable_inputs
from moderation.parsing.reader import read_netiquette_in

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
    with output_stream(output, [document]) as stream:
        stream.write(dump_rules(netiquette.rules, netiquette.not_understood))
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
        Path, typer.Argument(help="A rules file (TOML).", metavar="FILE", show_default=False)
    ],
) -> None:
    """Verify that each rule's quote stands in its source, word for word and where it says.

    Sources are looked for as they are named, and beside the file. Exit code 1 if a quote does not
    stand there, 3 if a source cannot be read.

    Example: moderation rules check rules.toml
    """
    messages = Messages()
    rules = load_rules(file)

    def text_of(source: str) -> str | None:
        path = next((one for one in (Path(source), file.parent / source) if one.is_file()), None)
        if path is None:
            messages.problem(
                UnreadableInputError(f"{source}: no such file; put it there or beside {file}")
            )
            return None
        try:
            return read_netiquette_in(Input(source, path), messages.remark)[1]
        except ModerationError as error:
            messages.problem(error)
            return None

    checked = list(check_quotes(rules, text_of))
    with output_stream(None) as stream:
        stream.writelines(f"{one.told()}\n" for one in checked)
    counts = Counter(one.found for one in checked)
    messages.remark(
        f"{file}: {counts['verbatim']} of {len(rules)} quotes stand in their source as they say"
    )
    if messages.exit_code:
        raise typer.Exit(messages.exit_code)
    raise typer.Exit(1 if counts["verbatim"] < len(rules) else 0)

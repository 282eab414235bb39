"""What a person sees on a terminal: pages, comments, evidence, rules, recommendations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from moderation.model.explanation import Explanation
from moderation.reasons import CATEGORY_NAMES, names_law
from moderation.records import Contribution, Decision, Evidence, Page, Verdict
from moderation.scoring import ScoredPage, ScoredRow
from moderation.text import printable

_STYLES: dict[Decision | None, str] = {
    "reject": "bold white on red",
    "review": "bold black on yellow",
    "publish": "black on green",
    None: "dim",
}
_EVIDENCE_STYLE = "bold red underline"
#: Words that raised the score of a comment in which no rule found anything.
_TELLING_STYLE = "yellow underline"
#: Words of somebody else, which are not judged.
_QUOTATION_STYLE = "dim italic"
#: Levels of replies that are shown by indentation.
_DEEPEST = 8
#: A longer comment is shown around its evidence only.
_SHOWN_CHARACTERS = 1000
#: Characters shown at the beginning of a shortened comment, and before and after its evidence.
_BEGINNING, _SURROUNDINGS = 400, 120
#: Words an explanation shows in each direction.
_EXPLAINED_WORDS = 8


class Picture:
    """Draws results as they come and counts them for the last line."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pages = 0
        self._decisions: Counter[Decision | None] = Counter()
        self._labelled = 0
        self._table_source: str | None = None

    def draw(self, scored: ScoredPage | ScoredRow) -> None:
        """Draw one result."""
        if isinstance(scored, ScoredPage):
            self._page(scored)
        else:
            self._row(scored)

    def summary(self) -> None:
        """Draw the last line."""
        total = sum(self._decisions.values())
        text = Text()
        if self._pages:
            text.append(f"{self._pages} page{'s' if self._pages != 1 else ''}, ")
        text.append(f"{total} comment{'s' if total != 1 else ''}", style="bold")
        text.append(": ")
        counted = [
            (f" {name} {self._decisions[name]} ", _STYLES[name])
            for name in ("reject", "review", "publish")
        ]
        for words, style in counted:
            text.append(words, style=style)
            text.append(" ")
        if self._decisions[None]:
            text.append(f"without text {self._decisions[None]} ")
        text.append(f"· {self._labelled} with a house rule's label")
        self._console.print(text)
        self._console.print("These are recommendations; people decide.", style="dim italic")

    def _page(self, scored: ScoredPage) -> None:
        self._pages += 1
        self._heading(scored.page)
        if scored.verdicts:
            self._verdicts(scored.verdicts)
        self._console.print()

    def _row(self, scored: ScoredRow) -> None:
        if self._table_source != scored.source:
            self._table_source = scored.source
            self._console.print(Rule(Text(printable(scored.source), style="bold"), align="left"))
        self._verdicts([scored.verdict])

    def _heading(self, page: Page) -> None:
        title = Text(printable(page.article.headline or page.url or page.source), style="bold")
        self._console.print(Rule(title, align="left"))
        article = page.article
        facts = [page.source, article.section, article.published, article.author or article.agency]
        self._console.print(Text(" · ".join(printable(f) for f in facts if f), style="dim"))
        policy = page.comment_policy
        remarks = Text(f"comments: {len(page.comments)}, section {policy.status}")
        if policy.systems:
            remarks.append(f" ({', '.join(map(printable, policy.systems))})")
        if page.house_rules:
            remarks.append(f" · {len(page.house_rules)} house rules quoted")
        self._console.print(remarks, style="dim")
        if policy.status == "closed" and policy.statement is not None:
            self._console.print(Text(f"„{printable(policy.statement.text)}“", style="italic"))
        for warning in page.warnings:
            self._console.print(Text(f"! {printable(warning)}", style="yellow"))

    def _verdicts(self, verdicts: Sequence[Verdict]) -> None:
        table = Table(box=None, show_header=False, padding=(0, 1), expand=True)
        table.add_column(width=7, justify="right")
        table.add_column(width=9)
        table.add_column(ratio=1)
        depths: dict[str, int] = {}
        for verdict in verdicts:
            self._decisions[verdict.decision] += 1
            self._labelled += bool(verdict.labels)
            score = "–" if verdict.score is None else f"{verdict.score:.2f}"
            badge = Text(f" {verdict.decision or 'no text'} ", style=_STYLES[verdict.decision])
            parent = verdict.comment.parent_id
            depth = 0 if parent is None else depths.get(parent, -1) + 1
            depths[verdict.comment.id] = depth
            table.add_row(
                Text(f"{score}\n{_end_of(verdict.comment.id, 7)}", style="dim"),
                badge,
                Padding(Group(*_comment_lines(verdict)), (0, 0, 1, 2 * min(depth, _DEEPEST))),
            )
        self._console.print(table)


def _comment_lines(verdict: Verdict) -> Iterator[Text]:
    comment = verdict.comment
    facts = (comment.author, comment.published, comment.status)
    about = " · ".join(printable(part) for part in facts if part)
    if about:
        yield Text(about, style="dim")
    evidence = [one for label in verdict.labels for one in label.evidence]
    telling = [one.evidence for one in verdict.contributions]
    shown = highlighted(comment.text, evidence or telling, evidence=bool(evidence))
    if len(comment.text) <= _SHOWN_CHARACTERS:
        for quotation in comment.quotations:
            shown.stylize(_QUOTATION_STYLE, quotation.start, quotation.end)
    yield shown
    yield from _label_lines(verdict)
    for reason in verdict.reasons[len(verdict.labels) :]:
        yield Text(f"▸ {printable(reason)}", style="dim")
    if verdict.state is not None and verdict.state.kind != "open":
        yield Text(f"▸ {printable(verdict.state.reason)}", style="dim")
    for warning in verdict.warnings:
        yield Text(f"! {printable(warning)}", style="yellow")


def _label_lines(verdict: Verdict) -> Iterator[Text]:
    for label in verdict.labels:
        rule = Text("▸ ", style="red")
        rule.append(CATEGORY_NAMES[label.category], style="red")
        rule.append(": ")
        rule.append(", ".join(f"„{printable(one.text)}“" for one in label.evidence), style="bold")
        yield rule
        sentence = printable(label.rule.sentence)
        kind = "Gesetz" if names_law(label.rule.source) else "Hausregel"
        quote = Text(f"  {kind}: „", style="dim")
        before, clause, after = sentence.partition(printable(label.rule.quote))
        quote.append(before)
        quote.append(clause, style="not dim bold")
        quote.append(f"{after}“ ({printable(label.rule.source)})")
        yield quote


def highlighted(text: str, words: Sequence[Evidence], *, evidence: bool = True) -> Text:
    """Return the comment with `words` marked, shortened around them where it is long.

    They are a rule's `evidence`, or words that raised the score.
    """
    shown = Text()
    style = _EVIDENCE_STYLE if evidence else _TELLING_STYLE
    marked = sorted(words, key=lambda one: one.start)
    done = 0
    for start, end in _windows(text, marked):
        if start > done:
            shown.append(" … ", style="dim")
        position = start
        for one in marked:
            if position <= one.start < end:
                shown.append(_visible(text[position : one.start]))
                shown.append(_visible(text[one.start : one.end]), style=style)
                position = one.end
        shown.append(_visible(text[position:end]))
        done = max(end, position)
    if done < len(text):
        shown.append(" …", style="dim")
    return shown


def _windows(text: str, marked: Sequence[Evidence]) -> list[tuple[int, int]]:
    """Return the stretches of a comment to show, ending at spaces where there are any near."""
    if len(text) <= _SHOWN_CHARACTERS:
        return [(0, len(text))]
    windows = [(0, _word_end(text, _BEGINNING))]
    for one in marked:
        start = max(text.rfind(" ", 0, max(one.start - _SURROUNDINGS, 0)), 0)
        end = _word_end(text, one.end + _SURROUNDINGS)
        if start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((max(start, one.start - 2 * _SURROUNDINGS), end))
    return windows


def _word_end(text: str, position: int) -> int:
    end = text.find(" ", position, position + _SURROUNDINGS)
    return min(len(text), end if end >= 0 else position)


def _visible(text: str) -> str:
    """Replace what a terminal would act on (escape sequences, direction marks) by a space."""
    return "".join(one if one == "\n" or one.isprintable() else " " for one in text)


def _end_of(text: str, width: int) -> str:
    """Return an identifier, or its end, which tells it from others ("comment-1234")."""
    text = printable(text)
    return text if len(text) <= width else f"…{text[1 - width :]}"


def _shortened(text: str, width: int) -> str:
    text = printable(text)
    return text if len(text) <= width else text[: width - 1] + "…"


def draw_explanation(console: Console, verdict: Verdict, explanation: Explanation) -> None:
    """Draw the words of a comment coloured by what they add, the strongest, and the rules."""
    ranked = sorted(explanation.words, key=lambda word: word.log_odds)
    strongest = max((abs(word.log_odds) for word in ranked), default=1.0) or 1.0
    text = verdict.comment.text
    shown = Text()
    done = 0
    for word in explanation.words:
        shown.append(_visible(text[done : word.evidence.start]))
        share = word.log_odds / strongest
        style = "bold red" if share > 0.5 else "red" if share > 0.15 else ""
        style = "bold green" if share < -0.5 else "green" if share < -0.15 else style
        shown.append(_visible(word.evidence.text), style=style)
        done = word.evidence.end
    shown.append(_visible(text[done:]))
    console.print(Padding(shown, (1, 2)))

    probability = verdict.scores[explanation.head]
    console.print(
        Text.assemble(
            (f"{explanation.head} {probability:.2f}", "bold"),
            f"  (log-odds {explanation.log_odds:+.2f})  ",
            (f" {verdict.decision} ", _STYLES[verdict.decision]),
        )
    )
    table = Table(box=None, show_header=True, header_style="dim", padding=(0, 2))
    table.add_column("raised by")
    table.add_column("", justify="right", style="red")
    table.add_column("lowered by")
    table.add_column("", justify="right", style="green")
    raising = [word for word in reversed(ranked) if word.log_odds > 0][:_EXPLAINED_WORDS]
    lowering = [word for word in ranked if word.log_odds < 0][:_EXPLAINED_WORDS]
    for up, down in zip_longest(raising, lowering):
        table.add_row(*_explained_cells(up), *_explained_cells(down))
    console.print(Padding(table, (1, 0, 1, 1)))
    style_share = sum(share for _, share in explanation.style)
    words_share = sum(word.log_odds for word in explanation.words)
    console.print(
        Text(
            f"words {words_share:+.2f}, style {style_share:+.2f}, starting point "
            f"{explanation.bias:+.2f} = {explanation.log_odds:+.2f}",
            style="dim",
        )
    )
    others = ", ".join(
        f"{head} {score:.2f}" for head, score in verdict.scores.items() if head != explanation.head
    )
    if others:
        console.print(Text(f"other scores: {others}", style="dim"))
    if not verdict.labels:
        console.print(Text("no house rule's labelling function fired; that is no approval"))
    for line in _label_lines(verdict):
        console.print(line)


def _explained_cells(word: Contribution | None) -> tuple[Text, str]:
    if word is None:
        return Text(), ""
    return Text(_shortened(word.evidence.text, 40)), f"{word.log_odds:+.2f}"

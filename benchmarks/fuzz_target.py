"""What every reader owes whatever bytes it gets: records that hold, or one clear line."""

from __future__ import annotations

from typing import get_args

from moderation.errors import ModerationError
from moderation.parsing.inputs import Input
from moderation.parsing.privacy import private_page
from moderation.parsing.reader import Intake, Pages, open_input
from moderation.parsing.sniffing import Kind
from moderation.pseudonyms import Pseudonyms
from moderation.records import Comment, Page

#: All readers, by the kind of input that each reads.
READERS: tuple[Kind, ...] = get_args(Kind)
_NAMES = Pseudonyms(b"a key for fuzzing, nothing secret")


def read_everything(kind: Kind | None, data: bytes) -> int:
    """Read `data` as `kind` (None: look inside) and check what comes; return how many comments.

    Raises
    ------
    AssertionError
        If a record does not hold, or an error is no single line.
    Exception
        Whatever else a reader raises: a defect.
    """
    remarks: list[str] = []
    comments = 0
    try:
        with open_input(
            Input("input", None, data), remarks.append, Intake(kind, pseudonyms=_NAMES)
        ) as opened:
            if isinstance(opened, Pages):
                for page in opened.pages:
                    _check_page(page)
                    comments += len(page.comments)
            else:
                for row in opened.rows(remarks.append):
                    _check_comment(row.comment)
                    comments += 1
    except ModerationError as error:
        _check_line(str(error))
    for remark in remarks:
        _check_line(remark)
    return comments


def _check_page(page: Page) -> None:
    ids = [comment.id for comment in page.comments]
    assert len(ids) == len(set(ids)), "an id stands twice in a page"
    for comment in page.comments:
        _check_comment(comment)
        assert comment.parent_id != comment.id, "a comment answers itself"
    for warning in page.warnings:
        _check_line(warning)
    assert private_page(page, _NAMES) == page, "an author without pseudonym"


def _check_comment(comment: Comment) -> None:
    end = 0
    for quotation in comment.quotations:
        assert end <= quotation.start < quotation.end, "quotations overlap or are empty"
        assert comment.text[quotation.start : quotation.end] == quotation.text, "a wrong place"
        end = quotation.end


def _check_line(text: str) -> None:
    assert text, "an empty message"
    assert "\n" not in text, "a message of several lines"

"""CSV, TSV, JSON Lines and plain lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.tables import UNREADABLE, Table, read_csv, read_jsonl, read_lines
from moderation.records import Comment


def silent(remark: str) -> None:
    """Ignore a remark."""


def test_german_csv_with_semicolons_and_quoted_line_breaks() -> None:
    lines = ["Nr;Kommentar;Autor\n", '1;"Erste Zeile\n', 'zweite; ""Zeile""";Eva\n', "2;Ja;Udo\n"]
    table = read_csv(lines, "x.csv", silent)
    rows = list(table.rows(silent))
    assert (table.columns, table.text_column) == (("Nr", "Kommentar", "Autor"), "Kommentar")
    assert rows[0].comment.text == 'Erste Zeile\nzweite; "Zeile"'
    assert [row.line for row in rows] == [2, 4]
    assert rows[1].comment.author == "Udo"


def test_rows_keep_their_columns_and_order() -> None:
    table = read_csv(["b,text,a\n", "1,x,2\n"], "x", silent)
    assert list(next(table.rows(silent)).columns.items()) == [("b", "1"), ("text", "x"), ("a", "2")]


def test_empty_cells_and_short_rows_stay_rows() -> None:
    remarks: list[str] = []
    table = read_csv(["id,text\n", "1,\n", "2\n", "3,ja\n"], "x", remarks.append)
    assert [row.comment.text for row in table.rows(remarks.append)] == ["", "", "ja"]
    assert remarks == ["x, line 3: 1 cells instead of 2"]


def test_cells_too_many_are_kept_in_the_last_column() -> None:
    table = read_csv(["id,text\n", "1,ja, gut\n"], "x", silent)
    assert next(table.rows(silent)).comment.text == "ja, gut"


def test_the_text_column_can_be_named_and_must_exist() -> None:
    assert next(read_csv(["a,b\n", "1,2\n"], "x", silent, "a").rows(silent)).comment.text == "1"
    with pytest.raises(UsageError, match=r"no column 'c'; the columns are: a, b"):
        read_csv(["a,b\n", "1,2\n"], "x", silent, "c")


def test_running_text_is_recognised_without_a_telling_name() -> None:
    table = read_csv(["k1,k2\n", "1,Das ist ein ganzer Satz mit Wörtern.\n"], "x", silent)
    assert (table.text_column, table.guessed) == ("k2", True)


def test_columns_that_are_no_text_are_not_guessed() -> None:
    with pytest.raises(UnreadableInputError, match="--text-column"):
        read_csv(["a,b\n", "1,2\n"], "x", silent)


def test_a_broken_json_line_is_kept_and_reported() -> None:
    table = read_jsonl(['{"text": "a"}\n', '{"text": \n', "7\n"], "x")
    rows = list(table.rows(silent))
    assert [row.comment.text for row in rows] == ["a", "", ""]
    assert rows[1].columns == {UNREADABLE: '{"text": '}
    assert [(row.line, row.unreadable) for row in rows] == [(1, False), (2, True), (3, True)]


def test_an_array_is_taken_apart_and_infinity_is_no_number() -> None:
    table = read_jsonl(['[{"text": "a", "n": 1e400},\n', '{"text": "b"}]\n'], "x")
    rows = list(table.rows(silent))
    assert [row.comment.text for row in rows] == ["a", "b"]
    assert rows[0].columns["n"] is None


def test_a_quote_that_is_never_closed_costs_no_row() -> None:
    remarks: list[str] = []
    lines = ["id,text\n", '1,"Hallo\n', "2,Idiot\n", "3,ok\n"]
    rows = list(read_csv(lines, "x", remarks.append).rows(remarks.append))
    assert [(row.line, row.comment.text) for row in rows] == [
        (2, '"Hallo'),
        (3, "Idiot"),
        (4, "ok"),
    ]
    assert remarks == ["x, line 2: a quote is never closed; read on without quotes"]


def test_a_stray_line_end_costs_no_row() -> None:
    rows = list(read_csv(["id,text\n", "1,Hal\rlo\n", "2,ok\n"], "x", silent).rows(silent))
    assert [row.comment.text for row in rows] == ["Hal lo", "ok"]


def test_a_quoted_last_cell_without_line_end_is_whole() -> None:
    remarks: list[str] = []
    rows = list(read_csv(["id,text\n", '1,"a\n', 'b"'], "x", remarks.append).rows(remarks.append))
    assert ([row.comment.text for row in rows], remarks) == (["a\nb"], [])


def test_nan_and_null_are_rows_without_text() -> None:
    table = read_jsonl(['{"text": "a"}\n', '{"text": NaN}\n', '{"text": null}\n'], "x")
    assert [row.comment.text for row in table.rows(silent)] == ["a", "", ""]


def test_our_own_records_can_be_read_again() -> None:
    table = read_jsonl([json.dumps({"comment": {"id": "7", "text": "Ja"}})], "x")
    assert next(table.rows(silent)).comment.text == "Ja"


def test_every_plain_line_is_a_comment() -> None:
    assert [row.comment.text for row in read_lines(["a\n", "\n", "b"], "x").rows(silent)] == [
        "a",
        "",
        "b",
    ]


@given(st.lists(st.text(), max_size=8))
def test_csv_readers_end_in_rows_or_one_clear_error(lines: list[str]) -> None:
    try:
        rows = list(read_csv(lines, "x", silent).rows(silent))
    except UnreadableInputError as error:
        assert str(error).startswith("x: ")
    else:
        assert all(isinstance(row.comment.text, str) for row in rows)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


# An array in the first line is taken apart and has a test of its own.
LINE = (JSON.map(json.dumps) | st.text()).filter(lambda line: not line.lstrip().startswith("["))


@given(st.lists(LINE, max_size=8))
def test_jsonl_keeps_one_row_per_line(lines: list[str]) -> None:
    try:
        rows = list(read_jsonl(lines, "x").rows(silent))
    except UnreadableInputError as error:
        assert str(error).startswith("x")
    else:
        assert len(rows) == sum(bool(line.strip()) for line in lines)


def comments(table: Table) -> list[Comment]:
    return [row.comment for row in table.rows(lambda remark: None)]


def test_a_quote_that_opens_in_a_cell_swallows_no_other_comment() -> None:
    remarks: list[str] = []
    lines = ["id;text;wer\n", '1;"Das ist offen;Anna\n', "2;Zwei;Bert\n", '3;"Ein dritter";Carl\n']
    table = read_csv(lines, "x", remarks.append)
    assert [one.id for one in comments(table)] == ["1", "2", "3"]
    assert any("broken quotes" in one for one in remarks)


def test_html_in_a_column_is_reduced_and_quotations_are_marked() -> None:
    html = "<blockquote><p>Sie Idiot!</p></blockquote><p>Das sagt man nicht &amp; nie.</p>"
    table = read_jsonl([json.dumps({"comment_content": html})], "x")
    (row,) = table.rows(lambda remark: None)
    assert row.comment.text == "Sie Idiot!\n\nDas sagt man nicht & nie."
    assert [one.text for one in row.comment.quotations] == ["Sie Idiot!"]
    assert row.columns == {"comment_content": html}


def test_numbers_with_gaps_name_the_same_comment() -> None:
    table = read_jsonl(['{"id": 17, "text": "a"}', '{"id": 18, "text": "b", "parent": 17.0}'], "x")
    assert comments(table)[1].parent_id == "17"
    table = read_csv(["id,parent,text\n", "17,,a\n", "18,17.0,b\n"], "x", lambda remark: None)
    assert comments(table)[1].parent_id == "17"


@pytest.mark.parametrize(
    ("column", "value", "status"),
    [("status", "APPROVED", "approved"), ("status", "trash", "deleted"), ("status", "1", None),
     ("comment_approved", "1", "approved"), ("comment_approved", "spam", "spam")],
)  # fmt: skip
def test_decisions_in_a_table_are_statuses(column: str, value: str, status: str | None) -> None:
    table = read_csv([f"text,{column}\n", f"Gut so,{value}\n"], "x", lambda remark: None)
    assert comments(table)[0].status == status


def test_authors_may_be_objects() -> None:
    table = read_jsonl(['{"text": "a", "author": {"id": 7, "name": "Anna"}}'], "x")
    assert comments(table)[0].author == "Anna"


def test_a_list_called_comments_is_no_column_of_comments() -> None:
    with pytest.raises(UnreadableInputError, match="no column looks like comments"):
        read_jsonl(['{"comments": [{"text": "a"}]}'], "x")


def test_an_array_is_read_in_pieces_of_any_size() -> None:
    text = json.dumps([{"id": number, "text": "ü, \\ [{" * 9} for number in range(50)])
    for size in (1, 7, 100, 100_000):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        assert len(comments(read_jsonl(pieces, "x"))) == 50


def test_what_is_broken_in_an_array_costs_itself_alone() -> None:
    table = read_jsonl(['[{"text": "a"}, {"text": kaputt}, {"text": "c"}, {"text": "ab'], "x")
    rows = list(table.rows(lambda remark: None))
    assert [row.unreadable for row in rows] == [False, True, False, True]

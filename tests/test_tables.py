"""CSV, TSV, JSON Lines and plain lines."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing.tables import UNREADABLE, read_csv, read_jsonl, read_lines


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

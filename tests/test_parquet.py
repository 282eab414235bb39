"""Parquet: values as plain as JSON has them, and damaged files."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing import parquet
from moderation.parsing.parquet import read_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def silent(remark: str) -> None:
    """Ignore a remark."""


def written(path: Path, rows: int = 3, **options: object) -> Path:
    """Write a table with a column of each kind."""
    columns = {
        "text": [f"Kommentar {n}" for n in range(rows)],
        "when": [datetime(2024, 5, 3, 14, 5, tzinfo=UTC)] * rows,
        "day": [date(2024, 5, 3)] * rows,
        "price": [Decimal("1.50")] * rows,
        "raw": [b"\xff"] * rows,
        "tags": [["a", "b"]] * rows,
        "place": [{"x": float("nan")}] * rows,
        "__index_level_0__": list(range(rows)),
    }
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_values_are_plain(tmp_path: Path) -> None:
    table = read_parquet(written(tmp_path / "a.parquet"), "a.parquet", silent)
    rows = list(table.rows(silent))
    assert table.text_column == "text"
    assert [row.comment.text for row in rows] == ["Kommentar 0", "Kommentar 1", "Kommentar 2"]
    assert json.loads(json.dumps(dict(rows[0].columns), allow_nan=False)) == {
        "text": "Kommentar 0",
        "when": "2024-05-03T14:05:00+00:00",
        "day": "2024-05-03",
        "price": "1.50",
        "raw": None,
        "tags": ["a", "b"],
        "place": {"x": None},
    }


def test_no_rows_and_no_such_column(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", 0)
    assert list(read_parquet(path, "a", silent).rows(silent)) == []
    with pytest.raises(UsageError):
        read_parquet(path, "a", silent, "nowhere")


def test_damage_comes_behind_what_could_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", 4000, row_group_size=1000, compression="zstd")
    raw = bytearray(path.read_bytes())
    column = pq.ParquetFile(path).metadata.row_group(2).column(0)
    start = column.dictionary_page_offset or column.data_page_offset
    raw[start : start + column.total_compressed_size] = bytes(column.total_compressed_size)
    path.write_bytes(raw)
    rows = read_parquet(path, "a.parquet", silent).rows(silent)
    texts: list[str] = []
    with pytest.raises(UnreadableInputError, match=r"^a\.parquet: "):
        texts.extend(row.comment.text for row in rows)
    assert texts[:1000] == [f"Kommentar {n}" for n in range(1000)]


def test_large_row_groups_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_MAX_GROUP_BYTES", 10)
    with pytest.raises(UnreadableInputError, match="row group 1"):
        read_parquet(written(tmp_path / "a.parquet"), "a", silent)


@pytest.mark.parametrize("kept", [0, 3, 4, 8, 12, 100, -1, -8, -40])
def test_cut_files_end_in_one_line(tmp_path: Path, kept: int) -> None:
    path = written(tmp_path / "a.parquet")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UnreadableInputError) as raised:
        list(read_parquet(path, "a", silent).rows(silent))
    assert "\n" not in str(raised.value)


def test_python_types_are_not_unpickled(tmp_path: Path) -> None:
    # Arrow's old extension types carry a pickle in the schema; this one would end the process.
    marks = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": b"cos\n_exit\n(I3\ntR.",
    }
    schema = pa.schema([pa.field("text", pa.string(), metadata=marks)])
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["Guten Tag"]}, schema=schema), path)
    with_rows = read_parquet(path, "a", silent).rows(silent)
    assert [row.comment.text for row in with_rows] == ["Guten Tag"]

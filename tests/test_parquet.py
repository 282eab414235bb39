"""Parquet: plain values, whatever the columns hold, and one line for what cannot be read."""

import datetime as dt
import decimal
import json
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError, UsageError
from moderation.parsing import parquet
from moderation.parsing.parquet import read_parquet
from moderation.parsing.tables import Row

NASTY = sorted((ROOT / "tests" / "nasty").glob("parquet.*.parquet"))
SECONDS = 5  # generous: two cores, others at work
TEXTS = ["Endlich!", "So ein Unsinn", None]


def written(path: Path, columns: dict[str, Any], **how: Any) -> Path:
    pq.write_table(pa.table(columns), path, **how)
    return path


def rows(path: Path, text_column: str | None = None) -> tuple[list[Row], list[str], str | None]:
    remarks: list[str] = []
    found: list[Row] = []
    try:
        table = read_parquet(path, "x.parquet", remarks.append, text_column)
        for row in table.rows(remarks.append):
            found.append(row)  # noqa: PERF402 -- what came before the error is kept
    except UnreadableInputError as error:
        assert str(error).isprintable()
        return found, remarks, str(error)
    return found, remarks, None


def values(tmp_path: Path, column: Any) -> list[Any]:
    path = written(tmp_path / "x.parquet", {"text": ["Ja"] * len(column), "x": column})
    found, remarks, error = rows(path)
    assert (remarks, error) == ([], None)
    return [row.columns["x"] for row in found]


def test_columns_are_guessed_and_rows_counted(tmp_path: Path) -> None:
    columns = {
        "id": [17, 18, 19],
        "autor": ["Anna", "Bert", "Eva"],
        "kommentar": TEXTS,
        "__index_level_0__": [0, 1, 2],
    }
    path = written(tmp_path / "x.parquet", columns)
    table = read_parquet(path, "x", pytest.fail)
    assert (table.columns, table.text_column, table.guessed) == (
        ("id", "autor", "kommentar"),
        "kommentar",
        True,
    )
    found = list(table.rows(pytest.fail))
    assert [(row.line, row.comment.id, row.comment.text) for row in found] == [
        (1, "17", "Endlich!"),
        (2, "18", "So ein Unsinn"),
        (3, "19", ""),
    ]
    assert found[0].comment.author == "Anna"
    assert table.position() == path.stat().st_size
    assert read_parquet(path, "x", pytest.fail, "autor").text_column == "autor"
    with pytest.raises(UsageError, match="no column 'x'"):
        read_parquet(path, "x", pytest.fail, "x")


def test_without_rows_the_names_tell(tmp_path: Path) -> None:
    path = written(tmp_path / "x.parquet", {"text": pa.array([], pa.string())})
    assert read_parquet(path, "x", pytest.fail).columns == ("text",)
    assert rows(path) == ([], [], None)


MOMENT = dt.datetime(2024, 5, 3, 12, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([MOMENT], pa.timestamp("ns", "Europe/Berlin")), "2024-05-03T12:05:00+00:00"),
        (pa.array([MOMENT], pa.timestamp("us", "Nirgends/Wo")), "2024-05-03T12:05:00+00:00"),
        (pa.array([1714737900123456789], pa.timestamp("ns")), "2024-05-03T12:05:00.123456"),
        (pa.array([2**62], pa.timestamp("us")), None),
        (pa.array([MOMENT.date()]), "2024-05-03"),
        (pa.array([43500000000001], pa.time64("ns")), "12:05:00"),
        (pa.array([7], pa.duration("s")), 7),
        (pa.array([decimal.Decimal("1.50")]), "1.50"),
        (pa.array(["Für".encode()]), "Für"),
        (pa.array([b"\xff\xfe"]), None),
        (pa.array([float("nan")]), None),
        (pa.array([1.5]), 1.5),
        (pa.array([True]), True),
        (pa.array([None], pa.null()), None),
        (pa.array([{"a": [1, None], "t": MOMENT.date()}]), {"a": [1, None], "t": "2024-05-03"}),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), [["k", 1]]),
        (pa.array(["Ja"]).dictionary_encode(), "Ja"),
        (pa.array(["Ja"], pa.large_string()), "Ja"),
    ],
)
def test_values_are_as_plain_as_json(tmp_path: Path, column: Any, expected: Any) -> None:
    assert values(tmp_path, column) == [expected]
    json.dumps(expected, allow_nan=False)


def test_what_people_labelled_is_a_column(tmp_path: Path) -> None:
    columns = {"text": ["Ja"], "label.responses": [["ok", "ok"]], "label.suggestion": ["abusive"]}
    (row,), _, _ = rows(written(tmp_path / "x.parquet", columns))
    assert row.columns == {"text": "Ja", "label": "ok"}


def test_damage_further_down_costs_nothing_in_front_of_it(tmp_path: Path) -> None:
    texts = [f"Kommentar {number}" for number in range(3000)]
    path = written(
        tmp_path / "x.parquet",
        {"text": texts},
        row_group_size=1000,
        use_dictionary=False,
        compression="zstd",
    )
    place = pq.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    whole = bytearray(path.read_bytes())
    whole[place : place + 200] = b"\xff" * 200
    path.write_bytes(whole)
    found, _, error = rows(path)
    assert len(found) == 2000
    assert error is not None
    assert error.startswith("x.parquet: no Parquet file that can be read on (")
    # Damage among the first rows, too.
    place = pq.ParquetFile(path).metadata.row_group(0).column(0).data_page_offset
    whole[place : place + 200] = b"\xff" * 200
    path.write_bytes(whole)
    found, _, error = rows(path)
    assert found == []
    assert error is not None


def test_a_long_text_in_every_row_takes_little_memory(tmp_path: Path) -> None:
    """One megabyte, repeated 3,000 times: 3 GB out of a few kilobytes."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), ["x" * 2**20])
    path = written(tmp_path / "x.parquet", {"text": texts})
    assert path.stat().st_size < 200_000
    code = """
import resource, sys
from pathlib import Path
from moderation.parsing.parquet import read_parquet
table = read_parquet(Path(sys.argv[1]), "x", print)
count = sum(len(content["text"]) for _, _, content in table.raw_rows)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    count, megabytes = map(int, done.stdout.split())
    assert count == 3000 * 2**20
    # 3,000 rows of a megabyte: 3 GB if each held its own text.
    assert megabytes < 1000


def test_row_groups_that_are_too_large_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "x.parquet", {"text": TEXTS})
    monkeypatch.setattr(parquet, "_MAX_GROUP_BYTES", 10)
    found, _, error = rows(path)
    assert not found
    assert error is not None
    assert "row group 1 has " in error
    assert "write smaller row groups" in error


class Trap:
    """Unpickling it creates a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (self.path, "w")


def test_extension_types_are_never_unpickled(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    field = pa.field(
        "x",
        pa.string(),
        metadata={
            b"ARROW:extension:name": b"arrow.py_extension_type",
            b"ARROW:extension:metadata": pickle.dumps(Trap(str(trap))),
        },
    )
    table = pa.table([pa.array(["Ja"]), pa.array(["a"])], pa.schema([("text", pa.string()), field]))
    path = tmp_path / "x.parquet"
    pq.write_table(table, path)
    found, _, error = rows(path)
    assert [row.columns["x"] for row in found] == ["a"]
    assert error is None
    assert not trap.exists()


def test_what_is_no_parquet_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    for content in (b"PAR1", b"PAR1" + b"\xff" * 50, b"PAR1" * 5, b"PAR1" + bytes(8) + b"PAR1"):
        path.write_bytes(content)
        assert rows(path)[2] is not None
    assert rows(tmp_path / "nothing")[2] is not None


@pytest.mark.parametrize("path", NASTY, ids=lambda path: path.name)
def test_nasty_files_give_rows_or_one_line(path: Path) -> None:
    start = time.perf_counter()
    found, _, error = rows(path)
    assert time.perf_counter() - start < SECONDS
    assert bool(found) != (".refused." in path.name)
    assert found or error
    for row in found:
        json.dumps(row.columns, allow_nan=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(NASTY), data=st.data())
def test_cut_and_changed_files_give_rows_or_one_line(
    tmp_path: Path, path: Path, data: st.DataObject
) -> None:
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(4, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[place:]
    else:
        whole[place] ^= 1 << data.draw(st.integers(0, 7))
    changed = tmp_path / "x.parquet"
    changed.write_bytes(whole)
    rows(changed)

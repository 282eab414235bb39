"""Packed inputs: unpacked, counted, and refused where they are traps."""

import gzip
import io
import lzma
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError
from moderation.parsing.archives import FREE_BYTES
from moderation.parsing.inputs import Input, find_inputs

TEXT = "text\n" + "".join(f"Kommentar Nummer {number}\n" for number in range(5000))


def zipped(files: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def named(path: Path, content: bytes) -> list[Input | UnreadableInputError]:
    path.write_bytes(content)
    return list(find_inputs([str(path)]))


def content(source: Input | UnreadableInputError) -> str:
    assert isinstance(source, Input)
    with source.opened() as stream:
        return stream.read().decode()


def test_a_zip_is_a_folder(tmp_path: Path) -> None:
    inputs = named(
        tmp_path / "a.zip", zipped({"b": "zwei", "a": "eins", "sub/c": "drei", "__MACOSX/x": "no"})
    )
    assert [Path(one.name).name for one in inputs if isinstance(one, Input)] == ["a", "b", "c"]
    assert [content(one) for one in inputs] == ["eins", "zwei", "drei"]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_packed_files_are_inputs_whatever_their_name(tmp_path: Path, pack: object) -> None:
    (source,) = named(tmp_path / "export.csv", pack(TEXT.encode()))  # type: ignore[operator]
    assert source.name.endswith("export.csv") if isinstance(source, Input) else False
    # It can be opened again.
    assert content(source) == content(source) == TEXT


def test_several_streams_one_behind_the_other_are_one_file(tmp_path: Path) -> None:
    (source,) = named(
        tmp_path / "x.gz", gzip.compress(b"eins ") + gzip.compress(b"zwei") + b"\0" * 9
    )
    assert content(source) == "eins zwei"


def test_an_archive_in_an_archive_is_opened_a_third_is_not(tmp_path: Path) -> None:
    inner = zipped({"x.csv.gz": gzip.compress(b"text\nja\n")})
    (source,) = named(tmp_path / "a.zip", inner)
    assert content(source) == "text\nja\n"
    (refused,) = named(tmp_path / "b.zip", zipped({"in.zip": inner}))
    assert "archive in an archive in an archive" in str(refused)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@given(cut=st.integers(min_value=40, max_value=3000))
def test_what_stands_before_the_cut_is_read(
    tmp_path_factory: pytest.TempPathFactory, pack: object, cut: int
) -> None:
    packed = pack(TEXT.encode())  # type: ignore[operator]
    (source,) = named(tmp_path_factory.mktemp("cut") / "x", packed[: len(packed) * cut // 3001])
    assert isinstance(source, Input)
    read = b""
    with pytest.raises(UnreadableInputError, match="archive ends in the middle"), \
            source.opened() as stream:  # fmt: skip
        read = stream.read()
    assert TEXT.encode().startswith(read)


def test_damage_costs_what_follows_only(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a": "eins" * 20_000, "b": "zwei"}))
    packed[60] ^= 255
    damaged, intact = named(tmp_path / "x.zip", bytes(packed))
    assert content(intact) == "zwei"
    with pytest.raises(UnreadableInputError, match="damaged"):
        content(damaged)


def bomb() -> bytes:
    return gzip.compress(b"a " * (FREE_BYTES * 2), compresslevel=9)


def test_bombs_are_refused_soon(tmp_path: Path) -> None:
    packed = bomb()
    (source,) = named(tmp_path / "x.gz", packed)
    started = time.process_time()
    with pytest.raises(UnreadableInputError, match="times its size"):
        content(source)
    (refused,) = named(tmp_path / "x.zip", zipped({"a": "a" * (FREE_BYTES * 2)}))
    assert "times its size" in str(refused)
    # Making the bomb is not what is measured; the bound is for a machine that is very busy.
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "name", ["../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x", "a\x1b[2Jb"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "x")
        archive.writestr("gut.txt", "ja")
    good = [one for one in named(tmp_path / "x.zip", stream.getvalue()) if isinstance(one, Input)]
    assert [one.name.rpartition("/")[2] for one in good] == ["gut.txt"]


def test_links_and_encrypted_files_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    (refused,) = named(tmp_path / "x.zip", stream.getvalue())
    assert "a link" in str(refused)
    encrypted = bytearray(zipped({"a": "x"}))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    (refused,) = named(tmp_path / "y.zip", bytes(encrypted))
    assert "encrypted" in str(refused)


def test_a_tar_archive_says_what_to_do(tmp_path: Path) -> None:
    (refused,) = named(tmp_path / "x.tar", b"a" * 257 + b"ustar\x0000" + b"\0" * 300)
    assert "unpack it" in str(refused)


@given(st.binary(max_size=300), st.sampled_from([b"\x1f\x8b\x08", b"\xfd7zXZ\x00", b"PK\x03\x04"]))
def test_any_bytes_behind_a_mark_are_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes, mark: bytes
) -> None:
    for source in named(tmp_path_factory.mktemp("any") / "x", mark + rest):
        if isinstance(source, UnreadableInputError):
            assert "\n" not in str(source)
        else:
            with pytest.raises(UnreadableInputError):
                content(source)


def test_a_thousand_zips_need_few_open_files(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    for number in range(300):
        (tmp_path / f"{number:03}.zip").write_bytes(zipped({"a": f"text {number}"}))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        found = [content(one) for one in find_inputs([str(tmp_path)])]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert found == [f"text {number}" for number in range(300)]


def test_two_files_of_one_name_are_both_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", "eins")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "zwei")
    first, second = named(tmp_path / "x.zip", stream.getvalue())
    assert [content(first), content(second)] == ["eins", "zwei"]
    assert isinstance(second, Input)
    assert second.name.endswith("a (2)")


def test_a_workbook_says_what_to_do(tmp_path: Path) -> None:
    (refused,) = named(tmp_path / "x.xlsx", zipped({"xl/workbook.xml": "<x/>", "a.xml": "<x/>"}))
    assert str(refused).endswith("x.xlsx: an Excel workbook; save it as CSV")


def test_many_empty_archives_in_one_file_are_refused_soon(tmp_path: Path) -> None:
    started = time.process_time()
    sources = named(tmp_path / "x.gz", gzip.compress(b"") * 100_000)
    told = []
    for source in sources:
        try:
            content(source)
        except (UnreadableInputError, AssertionError) as error:
            told.append(f"{source} {error}")
    assert "empty archives in a row" in told[0]
    assert time.process_time() - started < 5


def test_an_export_called_content_xml_is_no_document(tmp_path: Path) -> None:
    (source,) = named(tmp_path / "x.zip", zipped({"content.xml": "<rss/>"}))
    assert content(source) == "<rss/>"
    (refused,) = named(tmp_path / "x.ods", zipped({"META-INF/manifest.xml": "", "content.xml": ""}))
    assert "an OpenDocument file" in str(refused)

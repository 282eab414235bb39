"""Bytes to text."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import UnreadableInputError
from moderation.parsing import decoding
from moderation.parsing.decoding import decoded_lines

TEXT = "Schöne Grüße\nan alle – „Müller“\n"


def read(content: bytes) -> tuple[list[str], list[str]]:
    remarks: list[str] = []
    return list(decoded_lines(io.BytesIO(content), "x", remarks.append)), remarks


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_encodings_are_recognised(encoding: str) -> None:
    lines, remarks = read(TEXT.encode(encoding))
    assert ("".join(lines), remarks) == (TEXT, [])


def test_cp1252_is_read_and_reported_with_its_lines() -> None:
    lines, remarks = read(b"abc\n" + TEXT.encode("cp1252"))
    assert "".join(lines) == "abc\n" + TEXT
    assert remarks == [
        "x, line 2: not UTF-8; read as cp1252",
        "x: 1 more of “not UTF-8; read as cp1252” (line 3)",
    ]


def test_many_repairs_are_counted_and_some_of_them_named() -> None:
    _, remarks = read("für\n".encode("cp1252") * 1000)
    assert remarks[1:] == ["x: 999 more of “not UTF-8; read as cp1252” (line 2, 3, 4, 5, 6, …)"]


@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_a_doubled_encoding_is_undone_and_reported(wrong: str) -> None:
    doubled = "Grüße für die Ärzte, außen schön".encode().decode(wrong)
    lines, remarks = read(f"Schön hier\n{doubled}\n".encode())
    assert lines == ["Schön hier\n", "Grüße für die Ärzte, außen schön\n"]
    assert remarks == ["x, line 2: encoded twice; read once more"]


@pytest.mark.parametrize("text", ["Ã ist ein Buchstabe", "l’Âge d’or", "„Ä“ und „Ö“", "Â"])
def test_rare_letters_are_no_doubled_encoding(text: str) -> None:
    assert read(f"{text}\n".encode()) == ([f"{text}\n"], [])


def test_one_cp1252_line_does_not_spoil_the_utf8_lines_around_it() -> None:
    lines, _ = read("für\n".encode() + "für\n".encode("cp1252") + "für\n".encode())
    assert lines == ["für\n"] * 3


def test_a_cut_letter_costs_only_itself() -> None:
    lines, remarks = read("Mädchen für öde Bücher €".encode()[:-1])
    assert lines == ["Mädchen für öde Bücher \ufffd"]
    assert len(remarks) == 1


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + bytes(200), b"PK\x03\x04abc", b"%PDF-1.7 x", bytes(64)]
)
def test_binary_files_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInputError, match=r"x: binary file"):
        read(content)


def test_a_few_control_characters_do_not_make_a_short_text_binary() -> None:
    lines, remarks = read(b"Du\x07 da\n")
    assert lines == ["Du da\n"]
    assert remarks == ["x, line 1: control characters; left out"]


def test_line_ends_of_old_macs_are_line_ends() -> None:
    assert read(b"a\rb\r")[0] == ["a\n", "b\n"]


def test_a_line_too_long_to_hold_is_skipped_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_LINE_BYTES", 2**20)
    lines, remarks = read(b"a\n" + b"b" * (2**20 + 5) + b"\nc\n")
    assert lines == ["a\n", "\n", "c\n"]
    assert remarks == ["x, line 2: longer than 1 MB, not read; split the file into lines"]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        lines, _ = read(content)
    except UnreadableInputError:
        return
    assert all("\n" not in line[:-1] for line in lines)


# Every second byte zero is UTF-16, whatever it was meant to be.
_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="ÂÃâÄÅ\ufeff")
)


@given(st.lists(_TEXT))
def test_utf8_comes_back_as_it_was(lines: list[str]) -> None:
    content = "".join(f"{line}\n" for line in lines)
    assert "".join(read(content.encode())[0]) == content

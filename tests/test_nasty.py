"""Nasty files: whatever the bytes, every reader gives records that hold, or one clear line.

``make fuzz`` tries inputs by the million, beginning with these files; here are a few hundred.
"""

import random
from pathlib import Path

import pytest
from conftest import ROOT
from fuzz_target import READERS, read_everything
from hypothesis import given
from hypothesis import strategies as st

NASTY = ROOT / "tests" / "nasty"
FILES = sorted(NASTY.iterdir())
#: Damaged copies of each file that are tried.
_COPIES = 15
#: Pieces that readers look for; put into files at random.
_TOKENS = [
    b"<", b">", b'"', b"'", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE x [", b"\0", b"\xff",
    b"\xc3", b"\n", b"\r", b",", b";", b"{", b"}", b"[", b"]", b"<p>", b"</div>", b"> ", b"null",
    "Ã¼".encode(), b"[quote]", b"Kommentare", b"Antworten", b"sagt:",
]  # fmt: skip


def test_every_reader_has_nasty_files() -> None:
    assert {file.name.partition(".")[0] for file in FILES} == set(READERS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_nasty_file_is_read_or_refused(file: Path) -> None:
    content = file.read_bytes()
    kind = next(reader for reader in READERS if reader == file.name.partition(".")[0])
    read_everything(kind, content)
    read_everything(None, content)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_damaged_copies_of_it_too(file: Path) -> None:
    chance = random.Random(file.name)
    kind = next(reader for reader in READERS if reader == file.name.partition(".")[0])
    for _ in range(_COPIES):
        content = bytearray(file.read_bytes())
        for _ in range(chance.randint(1, 6)):
            start = chance.randrange(len(content) + 1)
            content[start : start + chance.choice([0, 0, 1, 5, 50])] = chance.choice(_TOKENS)
        read_everything(kind, bytes(content))


@pytest.mark.parametrize("kind", READERS)
@given(
    content=st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(kind: str, content: bytes) -> None:
    read_everything(next(reader for reader in READERS if reader == kind), content)

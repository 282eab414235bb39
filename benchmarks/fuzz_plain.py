"""Damage files by chance, without watching the code: fuzz_plain.py READER FOLDER INPUTS.

Several times as fast as watching; it begins with what the watched run found worth keeping. An input
that breaks the reader is written to FOLDER/crash-plain, and the exit code is 1.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from fuzz_target import READERS, read_everything

#: Pieces that readers look for.
_TOKENS = [
    b"<", b">", b'"', b"'", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE x [", b"\0", b"\xff",
    b"\xc3", b"\n", b"\r", b",", b";", b"{", b"}", b"[", b"]", b"<p>", b"</div>", b"> ", b"null",
    b"-1", b"1e999", "Ã¼".encode(), b"[quote]", b"Kommentare", b"Antworten", b"sagt:", b"9" * 20,
]  # fmt: skip


def main() -> None:
    """Try INPUTS damaged files."""
    reader, folder, inputs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    kind = next(one for one in READERS if one == reader)
    corpus = [file.read_bytes() for file in sorted(folder.iterdir())] or [b"text\n"]
    chance = random.Random(reader)
    for _ in range(inputs):
        content = bytearray(chance.choice(corpus))
        for _ in range(chance.randint(1, 5)):
            start = chance.randrange(len(content) + 1)
            piece = chance.choice(_TOKENS) if chance.random() < 0.5 else chance.randbytes(1)
            content[start : start + chance.choice((0, 1, 1, 4, 30))] = piece
        try:
            read_everything(kind, bytes(content))
        except BaseException:
            (folder / "crash-plain").write_bytes(content)
            raise


if __name__ == "__main__":
    main()

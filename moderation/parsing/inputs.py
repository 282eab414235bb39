"""What to read: files, folders, archives and standard input, in order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import IO, BinaryIO

from moderation.errors import UnreadableInputError, UsageError, reason_of
from moderation.parsing.archives import (
    MAX_LEVELS,
    UnpackedStream,
    Zip,
    archive_kind,
    is_tar,
    unpacked,
)
from moderation.parsing.decoding import SNIFFED_BYTES, prepended

_STANDARD_INPUT = "-"
_STDIN = "stdin"
#: Bytes of an input that is copied to a temporary file, because its format needs one.
_MAX_COPIED = 4 * 2**30
#: Bytes of a copy that stay in memory.
_IN_MEMORY = 2**20

Opener = Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(frozen=True, slots=True)
class Input:
    """Something to read: a file, a file in an archive, or standard input.

    Attributes
    ----------
    name
        As the user gave it; for messages and records.
    path
        The file; None for what lies in an archive and for standard input.
    head
        What can be read once only: the bytes that were read to look inside.
    rest
        What can be read once only: what follows `head`.
    unpack
        Opens what lies in an archive, from its beginning.
    """

    name: str
    path: Path | None
    head: bytes = b""
    rest: BinaryIO | None = None
    unpack: Opener | None = None

    def size(self) -> int | None:
        """Return the number of bytes, or None where that is not known before reading."""
        if self.path is None:
            return None
        try:
            return self.path.stat().st_size
        except OSError:
            return None

    @property
    def can_be_read_again(self) -> bool:
        """Whether it can be opened more than once."""
        return self.path is not None or self.unpack is not None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the input for reading bytes from its beginning.

        Raises
        ------
        UnreadableInputError
            If it cannot be opened; on leaving, if it is an archive that turned out to be damaged.
        """
        if self.unpack is not None:
            with self.unpack() as stream:
                yield stream
                _check(stream)
            return
        if self.path is None:
            try:
                yield prepended(self.head, self.rest)
                _check(self.rest)
            finally:
                if self.rest is not None and self.name != _STDIN:
                    self.rest.close()
            return
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise UnreadableInputError(
                f"{self.name}: cannot be read ({error.strerror}); check the path and permissions"
            ) from error
        with stream:
            yield stream

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """Yield the path of a file with the input's bytes, which may be a temporary copy.

        Raises
        ------
        UnreadableInputError
            If the copy would be too large.
        """
        if self.path is not None:
            yield self.path
            return
        with NamedTemporaryFile(prefix="moderation-") as copy, self.opened() as stream:
            _copy(stream, copy.file, self.name)
            yield Path(copy.name)

    def first_bytes(self) -> bytes:
        """Return the first bytes without using them up."""
        if not self.can_be_read_again:
            return self.head
        head = b""
        try:
            with self.opened() as stream:
                head = _head(stream, self.name)
        except UnreadableInputError:
            # Damage further down is told by whoever reads so far.
            if not head:
                raise
        return head


def find_inputs(paths: Sequence[str]) -> Iterator[Input | UnreadableInputError]:
    """Yield the inputs that `paths` name, in order; directories are walked in name order.

    ``-`` is standard input. Archives are opened: each file in them is an input called
    ``archive.zip/file``. Hidden files and folders inside directories are passed over. What is
    not there or cannot be opened comes as an error among the inputs, so that the rest can still be
    read.

    Raises
    ------
    UsageError
        If a path is empty, or standard input is named twice.
    """
    if "" in paths:
        raise UsageError("an empty path; name a file or folder (. is the current folder)")
    if paths.count(_STANDARD_INPUT) > 1:
        raise UsageError("standard input (-) can be read once only; name it once")
    for path in paths:
        try:
            if path == _STANDARD_INPUT:
                yield from _unfolded(standard_input())
            elif not Path(path).exists():
                yield UnreadableInputError(f"{path}: no such file or folder; check the path")
            elif Path(path).is_dir():
                yield from _walk(Path(path))
            elif Path(path).is_file():
                yield from _unfolded(Input(path, Path(path)))
            else:
                # A pipe or device can be read once, like standard input.
                stream = Path(path).open("rb")  # noqa: SIM115 -- read by the caller
                yield from _unfolded(_once(path, stream))
        except UnreadableInputError as error:
            yield error
        except (OSError, ValueError) as error:
            yield UnreadableInputError(
                f"{path}: cannot be read ({reason_of(error)}); check the path"
            )


def readable_inputs(paths: Sequence[str]) -> Iterator[Input]:
    """Yield the inputs that `paths` name, as :func:`find_inputs`, all of which have to be there.

    Raises
    ------
    ModerationError
        At the first that is not there or cannot be opened.
    """
    for source in find_inputs(paths):
        if isinstance(source, UnreadableInputError):
            raise source
        yield source


def _walk(folder: Path) -> Iterator[Input | UnreadableInputError]:
    """Yield the files below `folder` in name order; links to folders are not followed."""
    refused: list[UnreadableInputError] = []

    def refuse(error: OSError) -> None:
        refused.append(
            UnreadableInputError(f"{error.filename}: cannot be read ({error.strerror}); not walked")
        )

    files: list[Path] = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(place, name) for name in names if not name.startswith(".")]
        refused += [
            UnreadableInputError(f"{Path(place, name)}: a link to a folder; name it to read it")
            for name in folders
            if Path(place, name).is_symlink()
        ]
    if not files and not refused:
        yield UnreadableInputError(f"{folder}: no files in this folder; name pages or tables")
    for file in sorted(files):
        if file.is_file():
            try:
                yield from _unfolded(Input(str(file), file))
            except UnreadableInputError as error:
                yield error
        else:
            yield UnreadableInputError(f"{file}: no regular file; name it to read it")
    yield from refused


def standard_input() -> Input:
    """Return standard input.

    Raises
    ------
    UnreadableInputError
        If it is closed or cannot be read.
    """
    if sys.stdin is None:
        raise UnreadableInputError("stdin: closed; name a file or pipe something in")
    return _once(_STDIN, sys.stdin.buffer)


def _once(name: str, stream: BinaryIO) -> Input:
    """Return a stream that can be read once as an input; a zip, which is read from its end, whole.

    Nothing but the beginning is read, for it may be long.
    """
    return Input(name, None, _head(stream, name), stream)


def _check(stream: BinaryIO | None) -> None:
    if isinstance(stream, UnpackedStream):
        stream.check()


def _head(stream: BinaryIO, name: str) -> bytes:
    try:
        return stream.read(SNIFFED_BYTES)
    except OSError as error:
        raise UnreadableInputError(
            f"{name}: cannot be read ({error.strerror or error}); check the file"
        ) from error


def _unfolded(source: Input, level: int = 0) -> Iterator[Input | UnreadableInputError]:
    """Yield an input, or, if it is an archive, what lies in it.

    Raises
    ------
    UnreadableInputError
        If it is an archive that cannot be opened.
    """
    try:
        head = source.first_bytes()
    except UnreadableInputError:
        # Whoever reads it gets this error again, and can name it among the others.
        yield source
        return
    kind = archive_kind(head)
    if is_tar(head):
        raise UnreadableInputError(f"{source.name}: a tar archive; unpack it and name the folder")
    if kind is None:
        yield source
    elif level >= MAX_LEVELS:
        raise UnreadableInputError(
            f"{source.name}: an archive in an archive in an archive; unpack it yourself"
        )
    elif kind == "zip":
        yield from _members(source, level)
    elif source.can_be_read_again:
        yield from _unfolded(Input(source.name, None, unpack=_Packed(source, kind)), level + 1)
    else:
        stream = unpacked(prepended(source.head, source.rest), kind, source.name)
        yield from _unfolded(_once(source.name, stream), level + 1)


def _members(source: Input, level: int) -> Iterator[Input | UnreadableInputError]:
    # A zip is read from its end: what comes through a pipe or lies in another archive is copied.
    file = source.path or _copied(source)
    archive = Zip(file, source.name)
    for member in archive.members():
        if isinstance(member, UnreadableInputError):
            yield member
            continue
        try:
            opener = partial(archive.opened, member)
            yield from _unfolded(Input(f"{source.name}/{member}", None, unpack=opener), level + 1)
        except UnreadableInputError as error:
            yield error


@dataclass(frozen=True, slots=True)
class _Packed:
    """Opens what is packed in an input."""

    source: Input
    kind: str

    @contextmanager
    def __call__(self) -> Iterator[BinaryIO]:
        with self.source.opened() as stream:
            yield unpacked(stream, self.kind, self.source.name)


def _copied(source: Input) -> BinaryIO:
    copy = SpooledTemporaryFile(_IN_MEMORY, prefix="moderation-")  # noqa: SIM115 -- Zip keeps it
    with source.opened() as stream:
        _copy(stream, copy, source.name)
    return copy  # type: ignore[return-value]  # does what BinaryIO does


def _copy(stream: BinaryIO, target: IO[bytes], name: str) -> None:
    written = 0
    while chunk := stream.read(1024 * 1024):
        written += len(chunk)
        if written > _MAX_COPIED:
            raise UnreadableInputError(
                f"{name}: larger than {_MAX_COPIED // 2**30} GB inside an archive or pipe; unpack "
                "it to a file"
            )
        target.write(chunk)
    target.flush()

"""Packed inputs (.gz, .xz, .zip): unpacked as they are read, never to a disk, with limits."""

from __future__ import annotations

import io
import lzma
import re
import stat
import weakref
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from moderation.errors import UnreadableInputError

#: Bytes that may come out of any archive, whatever their ratio: no harm is done so far.
FREE_BYTES = 16 * 2**20
#: Beyond that, how many times its size an archive may unpack to. Exports come to 5 to 30 times;
#: deflate's worst is 1,032, xz's is far more.
MAX_RATIO = 150
#: Members of a zip that are looked at; more are no folder of pages.
MAX_MEMBERS = 100_000
#: Archives inside archives that are opened: pages.zip with export.xml.gz in it.
MAX_LEVELS = 2
#: Streams without content that may follow each other in one file: log rotation leaves one or two.
_MOST_EMPTY = 100
#: Zips that are kept open at once; systems allow some hundred open files.
_MOST_OPEN = 8
# Documents that are zips, by a file that each has, and what to do with them.
_DOCUMENTS = {
    "xl/workbook.xml": "an Excel workbook; save it as CSV",
    "word/document.xml": "a Word document; save it as text or HTML",
    "ppt/presentation.xml": "a PowerPoint presentation; save it as text",
    "META-INF/manifest.xml": "an OpenDocument file; save it as CSV, text or HTML",
    "META-INF/container.xml": "an EPUB; save its pages as HTML",
    "META-INF/MANIFEST.MF": "a Java archive; nothing to read",
}
# A dictionary of xz larger than this wants memory for nothing (xz -9 has 64 MB).
_XZ_MEMORY = 256 * 2**20
_CHUNK = 64 * 1024
_ENCRYPTED = 0x1
# Names that leave the folder, of either world, or that a terminal would obey.
_UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f\x7f]")
_MARKS = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip"}
#: A tar archive says so here.
_TAR_MARK, _TAR_PLACE = b"ustar", 257


def archive_kind(head: bytes) -> str | None:
    """Return ``"gz"``, ``"xz"`` or ``"zip"`` by the first bytes of an input, else None."""
    return next((kind for mark, kind in _MARKS.items() if head.startswith(mark)), None)


def is_tar(head: bytes) -> bool:
    """Return whether an input is a tar archive, which is not opened."""
    return head[_TAR_PLACE : _TAR_PLACE + len(_TAR_MARK)] == _TAR_MARK


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Inflate:
    """zlib in the manner of lzma's decompressor, which keeps what it has not used."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def _unxz() -> _Decompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {"gz": _Inflate, "xz": _unxz}


class UnpackedStream(io.BufferedReader):
    """What comes out of an archive; where it is damaged it ends, and :meth:`check` says so.

    Raising in the middle would cost what was read just before.
    """

    def __init__(self, raw: _Unpacked | _Unzipped) -> None:
        super().__init__(raw)
        self._unpacking = raw

    def check(self) -> None:
        """Raise UnreadableInputError if the archive turned out to be damaged."""
        if self._unpacking.damage is not None:
            raise UnreadableInputError(
                f"{self._unpacking.name}, {self._unpacking.damage}; what stood before was read, "
                "pack it anew"
            )


def unpacked(stream: BinaryIO, kind: str, name: str) -> UnpackedStream:
    """Return what is packed in a gzip or xz stream.

    Parameters
    ----------
    stream
        The packed bytes; closed together with what is returned.
    kind
        ``"gz"`` or ``"xz"``.
    name
        For messages.
    """
    return UnpackedStream(_Unpacked(stream, _DECOMPRESSORS[kind], name))


class _Unpacked(io.RawIOBase):
    def __init__(
        self, packed: BinaryIO, decompressor: Callable[[], _Decompressor], name: str
    ) -> None:
        self.name = name
        self.damage: str | None = None
        self._packed = packed
        self._new = decompressor
        self._inner = decompressor()
        self._taken = 0
        self._given = 0
        self._empty = 0
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self.damage is None:
            if self._inner.eof and not self._next_stream():
                break
            fresh = self._waiting or self._read()
            self._waiting = b""
            try:
                chunk = self._inner.decompress(fresh, len(buffer))
            except (zlib.error, lzma.LZMAError, MemoryError) as error:
                self.damage = f"byte {self._taken:,}: damaged archive ({error})"
                break
            if chunk:
                self._given += len(chunk)
                self._empty = 0
                check_ratio(self.name, self._given, self._taken)
                buffer[: len(chunk)] = chunk
                return len(chunk)
            if not fresh and not self._inner.eof:
                self.damage = f"byte {self._taken:,}: the archive ends in the middle"
        return 0

    def _read(self) -> bytes:
        fresh = self._packed.read(_CHUNK)
        self._taken += len(fresh)
        return fresh

    def _next_stream(self) -> bool:
        """Begin with the next of several streams packed one behind the other."""
        # Archives may be filled up with zeros.
        rest = (self._inner.unused_data or self._read()).lstrip(b"\0")
        if archive_kind(rest) is None:
            return False
        self._empty += 1
        if self._empty > _MOST_EMPTY:
            raise UnreadableInputError(
                f"{self.name}: more than {_MOST_EMPTY} empty archives in a row; pack it anew"
            )
        self._inner, self._waiting = self._new(), rest
        return True


def check_ratio(name: str, given: int, taken: int) -> None:
    """Refuse an archive that unpacks to far more than any text does.

    Raises
    ------
    UnreadableInputError
        If more than :data:`FREE_BYTES` came out, at more than :data:`MAX_RATIO` times its size.
    """
    if given > FREE_BYTES and given > MAX_RATIO * max(taken, 1):
        raise UnreadableInputError(
            f"{name}: unpacks to more than {MAX_RATIO} times its size, as no export does; unpack "
            "it yourself if you trust it"
        )


#: Zips that are open, the one that was used last at the end. What is dropped closes with its last
#: member that is being read.
_OPEN: dict[int, zipfile.ZipFile] = {}


class Zip:
    """A zip, its directory read once.

    Parameters
    ----------
    file
        The path, or a file that can be read from any place; it is closed with the zip.
    name
        For messages.

    Raises
    ------
    UnreadableInputError
        If it is no zip that can be read, or a bomb.
    """

    def __init__(self, file: Path | BinaryIO, name: str) -> None:
        self._name = name
        self._file = file
        if not isinstance(file, Path):
            # It may be a copy of which nobody else knows.
            weakref.finalize(self, file.close)
        found = self._reader().infolist()
        for telling, what in _DOCUMENTS.items():
            if any(info.filename == telling for info in found):
                raise UnreadableInputError(f"{name}: {what}")
        size = file.stat().st_size if isinstance(file, Path) else file.seek(0, io.SEEK_END)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in sorted(found, key=lambda info: info.filename):
            if not info.is_dir() and not _is_hidden(info.filename):
                self._infos[_free(info.filename, self._infos)] = info
        if len(self._infos) > MAX_MEMBERS:
            raise UnreadableInputError(
                f"{name}: {len(self._infos):,} files, more than {MAX_MEMBERS:,}; split the archive"
            )
        check_ratio(name, sum(info.file_size for info in self._infos.values()), size)
        if sum(info.compress_size for info in self._infos.values()) > size:
            raise UnreadableInputError(
                f"{name}: its files overlap, as in a zip bomb; pack them anew"
            )
        if not self._infos:
            raise UnreadableInputError(f"{name}: an empty archive; nothing to read")

    def _reader(self) -> zipfile.ZipFile:
        """Return the opened zip; of many only some are open at once."""
        reader = _OPEN.pop(id(self), None)
        if reader is None:
            try:
                reader = zipfile.ZipFile(self._file)
            except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
                raise UnreadableInputError(
                    f"{self._name}: a damaged zip ({error}); fetch or pack it anew"
                ) from error
            weakref.finalize(self, _OPEN.pop, id(self), None)
        _OPEN[id(self)] = reader
        while len(_OPEN) > _MOST_OPEN:
            _OPEN.pop(next(iter(_OPEN)))
        return reader

    def members(self) -> Iterator[str | UnreadableInputError]:
        """Yield the names of the files in order; what must not be read comes as an error."""
        for filename, info in self._infos.items():
            if _UNSAFE_NAME.search(filename):
                yield UnreadableInputError(
                    f"{self._name}: a file in it is called {filename[:80]!r}, which leads out of "
                    "it; not read, pack it anew"
                )
            elif stat.S_ISLNK(info.external_attr >> 16):
                yield UnreadableInputError(f"{self._name}/{filename}: a link; not followed")
            elif info.flag_bits & _ENCRYPTED:
                yield UnreadableInputError(
                    f"{self._name}/{filename}: encrypted; unpack it yourself and name the file"
                )
            else:
                yield filename

    @contextmanager
    def opened(self, member: str) -> Iterator[UnpackedStream]:
        """Open one of the files for reading.

        Raises
        ------
        UnreadableInputError
            If it is damaged, or unpacks to far more than it should.
        """
        label = f"{self._name}/{member}"
        info = self._infos[member]
        try:
            packed = self._reader().open(info)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise UnreadableInputError(
                f"{label}: cannot be unpacked ({error}); pack it anew"
            ) from error
        with packed, UnpackedStream(_Unzipped(packed, label, info.compress_size)) as stream:
            yield stream


class _Unzipped(io.RawIOBase):
    """A member of a zip that is held to its ratio."""

    def __init__(self, packed: IO[bytes], name: str, size: int) -> None:
        self.name = name
        self.damage: str | None = None
        self._packed = packed
        self._size = size
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._packed.read(len(buffer)) if self.damage is None else b""
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
            self.damage = f"behind byte {self._given:,}: damaged ({error or 'cut off'})"
            return 0
        self._given += len(chunk)
        check_ratio(self.name, self._given, self._size)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _free(name: str, taken: Container[str]) -> str:
    """Return a name for a file; a zip may hold several of one name."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def _is_hidden(name: str) -> bool:
    """Whether a file is passed over as in folders: .DS_Store, and what macOS adds to every zip."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or any(part.startswith(".") and part.strip(".") for part in parts)

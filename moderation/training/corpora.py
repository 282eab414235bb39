"""The corpora this project knows: where each comes from, its digest, licence and labels.

The files themselves are not part of the repository. They are looked for in ``--data``, in
``MODERATION_DATA``, in ``../shared/data`` and ``data`` beside the checkout, and in the user's
cache; :func:`fetch` downloads them.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from moderation.errors import CorpusError, reason_of

Format = Literal["germeval", "germeval2021", "gahd", "iwg", "rheinische-post", "hatecheck"]
#: ``altered``: a file of that name lies there, but it is another one.
State = Literal["here", "missing", "altered", "unreadable"]

#: Where GitHub serves single files of a commit: ADDRESS/repository/commit/path.
RAW_ADDRESS = "https://raw.githubusercontent.com"
#: Seconds to wait for a connection, and for the next bytes.
_TIMEOUT = (10, 30)
#: Bytes between two reports of progress.
_CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class Corpus:
    """One corpus file.

    Attributes
    ----------
    id
        Short name, used everywhere.
    file
        File name upstream, and in the data folder.
    repository, commit, path
        Where it is published (GitHub).
    sha256
        Digest of the file, hexadecimal.
    licence
        Licence as seen upstream.
    format
        How :mod:`moderation.training.frames` reads it.
    description
        What is labelled, and how.
    evaluation_only
        Never train on it.
    permissive
        The file's licence is stated and allows commercial use without share-alike.
    """

    id: str
    file: str
    repository: str
    commit: str
    path: str
    sha256: str
    licence: str
    format: Format
    description: str
    evaluation_only: bool = False
    permissive: bool = False

    @property
    def url(self) -> str:
        """Where the file can be downloaded."""
        return f"{RAW_ADDRESS}/{self.repository}/{self.commit}/{quote(self.path)}"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What was found when a corpus was looked for.

    Attributes
    ----------
    state
        Whether the corpus is here.
    path
        The file the state speaks of; None if it is missing.
    remark
        What is wrong with that file, and what to do; empty if it is here or missing.
    """

    state: State
    path: Path | None = None
    remark: str = ""


CORPORA: tuple[Corpus, ...] = (
    Corpus(
        "germeval2018",
        "germeval2018.training.txt",
        "uds-lsv/GermEval-2018-Data",
        "9877472d39523effd54cd079b4c61157ed141508",
        "germeval2018.training.txt",
        "0f88c63a344e1ab69c5407aa539d1612cd82a96b51ebd6bd613dc70ff9fef03e",
        "CC BY 4.0",
        "germeval",
        "tweets; offensive or not, and insult, abuse, profanity",
        permissive=True,
    ),
    Corpus(
        "germeval2019",
        "germeval2019_training_subtask12.txt",
        "TharinduDR/Germeval-Task-2",
        "91a2082885bf0415b5ac7f9d0dde48bbfede9757",
        "data/german/germeval2019_training_subtask12.txt",
        "3cc40a3611131c865d7c04d6c48a4efc38d35d824a66e785984b679a9e82a659",
        "none stated in the repository; the shared task's data is described as CC BY 4.0",
        "germeval",
        "tweets; labels as in germeval2018",
    ),
    Corpus(
        "germeval2021",
        "GermEval21_TrainData.csv",
        "germeval2021toxic/SharedTask",
        "fa5dca397aed0556703dd9550ac7380b9e6c3297",
        "Data Sets/GermEval21_TrainData.csv",
        "4ffb1f9a499193d499192c8614add7ccef7ff02b835c256925bc319ba16358e3",
        "none stated",
        "germeval2021",
        "Facebook comments on a talk show; toxic or not",
    ),
    Corpus(
        "gahd",
        "gahd.csv",
        "jagol/gahd",
        "2a4e919d5208d99a885824c63583d898d02ca1a1",
        "gahd.csv",
        "a1ba022786b198f0d2145c0ee8cbe4d65a1d3aadb81105ac55684b79d3ed650b",
        "CC BY 4.0",
        "gahd",
        "adversarial sentences; hate speech against groups or not; official splits",
        permissive=True,
    ),
    Corpus(
        "iwg",
        "german hatespeech refugees.csv",
        "UCSM-DUE/IWG_hatespeech_public",
        "e14501bcada5f2d2c5dea7a6d4bca3a873ac4a81",
        "german hatespeech refugees.csv",
        "b0784b8c00f02d16cee8b1227b8e8968760885d3d87b68762ba51b4c3156714f",
        "CC BY-SA 3.0",
        "iwg",
        "tweets on refugees; two experts; only the tweets on which they agree are used",
    ),
    Corpus(
        "rp-mod",
        "RP-Mod-folds.csv",
        "Dennis1989/RP-Mod-RP-Crowd",
        "17723f504dfbe6356f12731839f4e6c3fbbcdfc7",
        "Dataset/Text-Data/RP-Mod-folds.csv",
        "cb4f8f81e4eef1e376943dac600e8dc27bd42adb70b156796894997b0e2de7b8",
        "CC BY-NC-SA 4.0",
        "rheinische-post",
        "newspaper comments; rejected by the newspaper's moderators or not; balanced sample",
    ),
    Corpus(
        "rp-crowd-3",
        "RP-Crowd-3-folds.csv",
        "Dennis1989/RP-Mod-RP-Crowd",
        "17723f504dfbe6356f12731839f4e6c3fbbcdfc7",
        "Dataset/Text-Data/RP-Crowd-3-folds.csv",
        "136d988994eafec9935f86189d22723a461e6a92271f14e7ca20b031710c03b9",
        "CC BY-NC-SA 4.0",
        "rheinische-post",
        "newspaper comments; abusive for at least 3 of 5 crowd workers or not; balanced sample",
    ),
    Corpus(
        "germeval2018-test",
        "germeval2018.test.txt",
        "uds-lsv/GermEval-2018-Data",
        "9877472d39523effd54cd079b4c61157ed141508",
        "germeval2018.test.txt",
        "45f31510b305d080a933d4087b8d34f7a5e4087141718955b90357ca730074f2",
        "CC BY 4.0",
        "germeval",
        "test part of germeval2018",
        evaluation_only=True,
        permissive=True,
    ),
    Corpus(
        "germeval2021-test",
        "GermEval21_TestData.csv",
        "germeval2021toxic/SharedTask",
        "fa5dca397aed0556703dd9550ac7380b9e6c3297",
        "Data Sets/GermEval21_TestData.csv",
        "3831535f1bdd95ad61929976a267fe274c15e7486aad564279ebd5de9e4df89f",
        "none stated",
        "germeval2021",
        "test part of germeval2021",
        evaluation_only=True,
    ),
    Corpus(
        "hatecheck-german",
        "hatecheck_cases_final_german.csv",
        "rewire-online/multilingual-hatecheck",
        "a03f2caf2023a402d85064bda243e46d280408f0",
        "MHC Final Cases/hatecheck_cases_final_german.csv",
        "ecdef4611b877120d0a8feec9c0cd0dfc1efec7ead4bbd62eaf32f6cc80d2ee0",
        "CC BY 4.0",
        "hatecheck",
        "made-up sentences that probe what models get wrong; hateful against a group or not",
        evaluation_only=True,
        permissive=True,
    ),
)

TRAINING_CORPORA: tuple[Corpus, ...] = tuple(
    corpus for corpus in CORPORA if not corpus.evaluation_only
)


def cache_folder() -> Path | None:
    """Return the user's cache folder for corpora, or None where the user has no home.

    The usual places (XDG Base Directory Specification 0.8; Apple, File System Programming Guide),
    without importing a library for them.
    """
    # The specification wants relative paths ignored.
    if (given := Path(os.environ.get("XDG_CACHE_HOME", ""))).is_absolute():
        return given / "moderation"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "moderation"


def data_folders(given: Path | None = None) -> list[Path]:
    """Return the folders that are searched for corpora, first to last."""
    if given is not None:
        return [given]
    checkout = Path(__file__).parents[2]
    folders = [checkout.parent / "shared" / "data", checkout / "data"]
    if from_environment := os.environ.get("MODERATION_DATA"):
        folders.insert(0, Path(from_environment))
    if (cache := cache_folder()) is not None:
        folders.append(cache)
    return folders


def look_for(corpus: Corpus, given: Path | None = None) -> Whereabouts:
    """Look for a corpus file and check its digest.

    A folder that holds another file of that name does not hide the right one in a later folder.

    Parameters
    ----------
    corpus
        What to look for.
    given
        The only folder to look in; by default those of :func:`data_folders`.
    """
    found = Whereabouts("missing")
    for folder in data_folders(given):
        here = _inspect(corpus, folder / corpus.file)
        if here.state == "here":
            return here
        if found.state == "missing":
            found = here
    return found


def locate(corpus: Corpus, given: Path | None = None) -> Path:
    """Return the path of a corpus file whose digest was checked.

    Parameters
    ----------
    corpus
        What to look for.
    given
        The only folder to look in; by default those of :func:`data_folders`.

    Raises
    ------
    CorpusError
        If the file is not there, cannot be read, or is not the file the registry knows.
    """
    found = look_for(corpus, given)
    if found.state == "here" and found.path is not None:
        return found.path
    if found.remark:
        raise CorpusError(found.remark)
    option = "" if given is None else f" --data {shlex.quote(str(given))}"
    raise CorpusError(
        f"corpus {corpus.id}: {corpus.file} is in none of "
        f"{', '.join(str(folder) for folder in data_folders(given))}; get it from "
        f"github.com/{corpus.repository} with: moderation corpora fetch {corpus.id}{option} "
        "(or name the folder it is in with --data or MODERATION_DATA)"
    )


def fetch(
    corpus: Corpus,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Return the path of a corpus file, after downloading it if it is not here.

    Parameters
    ----------
    corpus
        What to get.
    folder
        Where to look for it and where to put it. By default it is looked for in all of
        :func:`data_folders`, and put into ``MODERATION_DATA`` or else :func:`cache_folder`.
    progress
        Called with the bytes done and the bytes of the whole file (0: not known).

    Raises
    ------
    CorpusError
        If the file cannot be downloaded or written, is not the file the registry knows, or if
        another file of its name is in its place. Nothing of it stays in the folder then.
    """
    found = look_for(corpus, folder)
    if found.state == "here" and found.path is not None:
        return found.path
    place = _download_folder(folder)
    in_place = _inspect(corpus, place / corpus.file)
    if in_place.remark:  # Never replace what may be somebody's own version.
        raise CorpusError(in_place.remark)
    _download(corpus, place, progress)
    return place / corpus.file


def _inspect(corpus: Corpus, path: Path) -> Whereabouts:
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return Whereabouts("missing")
    except OSError as error:
        return Whereabouts("unreadable", path, f"{path}: cannot be read ({reason_of(error)})")
    if digest != corpus.sha256:
        return Whereabouts(
            "altered",
            path,
            f"{path}: SHA-256 {digest[:12]}… is not the {corpus.sha256[:12]}… known for "
            f"{corpus.id}; rename or delete it, then: moderation corpora fetch {corpus.id}",
        )
    return Whereabouts("here", path)


def _download_folder(given: Path | None) -> Path:
    if given is not None:
        return given
    if from_environment := os.environ.get("MODERATION_DATA"):
        return Path(from_environment)
    if (cache := cache_folder()) is not None:
        return cache
    raise CorpusError("no home folder to put corpora into; name a folder with --data")


class _Progress:
    """The progress bar pooch asks for: passes on how many bytes are done."""

    def __init__(self, report: Callable[[int, int], None]) -> None:
        self.total = 0  # set by pooch
        self._report = report
        self._done = 0

    def update(self, count: int) -> None:
        """Add to the bytes done; pooch counts whole chunks, so the last one may reach too far."""
        self._done += count
        self._report(min(self._done, self.total) if self.total else self._done, self.total)

    def reset(self) -> None:
        """Start again from zero."""
        self._done = 0

    def close(self) -> None:
        """Do nothing; the caller knows when the download has ended."""


def _download(corpus: Corpus, folder: Path, progress: Callable[[int, int], None] | None) -> None:
    # Imported only here: nothing else needs the network, or the time these take to import.
    import pooch  # type: ignore[import-untyped]  # ships no type information
    from requests.exceptions import HTTPError, RequestException

    pooch.get_logger().setLevel("ERROR")
    by_hand = f"or get {corpus.url} by hand and put it into {folder} as {corpus.file}"
    path = folder / corpus.file
    downloader = pooch.HTTPDownloader(
        progressbar=_Progress(progress) if progress is not None else False,
        chunk_size=_CHUNK,
        timeout=_TIMEOUT,
        # Compressed on the way, the file would be larger than its announced length.
        headers={"Accept-Encoding": "identity"},
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # An absolute path, because pooch would replace a leading tilde and nobody else does.
        pooch.retrieve(
            corpus.url,
            known_hash=f"sha256:{corpus.sha256}",
            fname=corpus.file,
            path=folder.absolute(),
            downloader=downloader,
        )
        # pooch leaves it to its owner alone; those who may read the folder may read the corpus.
        with suppress(OSError):
            path.chmod(folder.stat().st_mode & 0o666)
    except HTTPError as error:
        response = error.response
        status = "an error" if response is None else f"{response.status_code} {response.reason}"
        raise CorpusError(
            f"corpus {corpus.id}: {corpus.url} answers {status}; try again later, or look for the "
            f"file at github.com/{corpus.repository} and put it into {folder} as {corpus.file}"
        ) from error
    except RequestException as error:
        raise CorpusError(
            f"corpus {corpus.id}: cannot be downloaded ({_network_reason(error)}); check network "
            f"and proxy (HTTPS_PROXY) and try again, {by_hand}"
        ) from error
    except OSError as error:
        raise CorpusError(
            f"corpus {corpus.id}: {folder} cannot be written ({reason_of(error)}); name another "
            "folder with --data or MODERATION_DATA"
        ) from error
    except ValueError as error:
        raise CorpusError(
            f"corpus {corpus.id}: what came from {corpus.url} does not have the SHA-256 "
            f"{corpus.sha256[:12]}… known for it and was thrown away (a proxy's page instead of "
            f"the file, perhaps); try again, {by_hand}"
        ) from error


def _network_reason(error: Exception) -> str:
    """Return why the network failed, without the connection objects libraries put around it."""
    cause = error.args[0] if error.args else error
    cause = getattr(cause, "reason", cause)
    if isinstance(cause, Exception) and cause.args and isinstance(cause.args[0], str):
        cause = cause.args[0]
    text = str(cause) or type(error).__name__
    return text.partition("): ")[2] or text

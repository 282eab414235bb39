"""The corpora this project knows: where each comes from, its digest, licence and labels.

The files themselves are not part of the repository. They are looked for in ``--data``, in
``MODERATION_DATA``, and in ``../shared/data`` and ``data`` beside the checkout.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from moderation.errors import CorpusError

Format = Literal["germeval", "germeval2021", "gahd", "iwg", "rheinische-post"]


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
)

TRAINING_CORPORA: tuple[Corpus, ...] = tuple(
    corpus for corpus in CORPORA if not corpus.evaluation_only
)


def data_folders(given: Path | None = None) -> list[Path]:
    """Return the folders that are searched for corpora, first to last."""
    if given is not None:
        return [given]
    checkout = Path(__file__).parents[2]
    folders = [checkout.parent / "shared" / "data", checkout / "data"]
    if from_environment := os.environ.get("MODERATION_DATA"):
        folders.insert(0, Path(from_environment))
    return folders


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
    folders = data_folders(given)
    for folder in folders:
        path = folder / corpus.file
        if path.is_file():
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise CorpusError(f"{path}: cannot be read ({error.strerror})") from error
            if digest != corpus.sha256:
                raise CorpusError(
                    f"{path}: SHA-256 {digest[:12]}… is not the {corpus.sha256[:12]}… known for "
                    f"{corpus.id}; fetch the file again from github.com/{corpus.repository}"
                )
            return path
    raise CorpusError(
        f"corpus {corpus.id}: {corpus.file} is in none of "
        f"{', '.join(str(folder) for folder in folders)}; get it from "
        f"github.com/{corpus.repository} (commit {corpus.commit[:12]}) and name its folder with "
        "--data or MODERATION_DATA"
    )

"""A model is a folder: arrays without pickle, JSON, metrics, a card, and digests over all of it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from moderation.errors import ModelError, reason_of
from moderation.model.classifier import Classifier, Thresholds
from moderation.model.features import FeatureSettings, Vocabulary
from moderation.model.style import STYLE_FEATURES

#: Version of the folder's layout; another number is refused.
FORMAT_VERSION = 2
#: No shipped model is larger than 8 MB; a folder past this was not made by us.
MAX_FILE_BYTES = 64 * 2**20
#: What arrays may unpack to: float32 weights of 2 ** 22 columns and 8 heads, the largest we accept.
MAX_ARRAY_BYTES = 2**22 * 8 * 4

#: No weight, bias or mean of a model is larger; with larger ones sums would overflow.
MAX_NUMBER = 1e6

ARRAYS, SETTINGS, METRICS, CARD, DIGESTS = (
    "arrays.npz",
    "model.json",
    "metrics.json",
    "README.md",
    "SHA256SUMS",
)
_FILES = (ARRAYS, SETTINGS, METRICS, CARD)
_ARRAY_NAMES = (
    "weights",
    "biases",
    "style_weights",
    "style_mean",
    "style_scale",
    "calibration",
    "word_hashes",
    "word_themes",
    "word_heads",
)


def model_folder(name_or_path: str) -> Path:
    """Return the folder of a model given by path or by the name of a shipped model.

    A name is looked up in ``MODERATION_MODELS`` (a folder), then among the models shipped with the
    package, then in ``models/`` of the checkout the package runs from.

    Raises
    ------
    ModelError
        If there is no such folder.
    """
    package = Path(__file__).parents[1]
    shelves = [package / "shipped_models", package.parent / "models"]
    if from_environment := os.environ.get("MODERATION_MODELS"):
        shelves.insert(0, Path(from_environment))
    try:
        if Path(name_or_path).name == name_or_path:
            for shelf in shelves:
                if (shelf / name_or_path / SETTINGS).is_file():
                    return shelf / name_or_path
        if name_or_path and Path(name_or_path).is_dir():
            return Path(name_or_path)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{name_or_path}: cannot be opened ({reason_of(error)}); check the path"
        ) from error
    known = sorted({path.parent.name for shelf in shelves for path in shelf.glob(f"*/{SETTINGS}")})
    raise ModelError(
        f"{name_or_path}: no such model; give a folder or one of: {', '.join(known) or 'none here'}"
    )


def load(folder: Path) -> Classifier:
    """Load a model and check it: digests, sizes, format version, shapes, finite numbers.

    Raises
    ------
    ModelError
        If a file is missing, too big, altered, or does not fit.
    """
    contents, digest = _read_checked(folder)
    settings = _json(contents[SETTINGS], folder / SETTINGS)
    if settings.get("format_version") != FORMAT_VERSION:
        raise ModelError(
            f"{folder}: format version {settings.get('format_version')!r}, this program reads "
            f"{FORMAT_VERSION}; retrain the model with `moderation train`"
        )
    arrays = _arrays(contents[ARRAYS], folder / ARRAYS)
    try:
        classifier = Classifier(
            name=folder.name,
            heads=tuple(str(head) for head in settings["heads"]),
            main=str(settings["main"]),
            thresholds=Thresholds(**settings["thresholds"]),
            settings=FeatureSettings(**settings["features"]),
            vocabulary=Vocabulary(
                themes=tuple(str(theme) for theme in settings["themes"]),
                hashes=arrays["word_hashes"].astype(np.uint32, casting="safe"),
                theme_of=arrays["word_themes"].astype(np.uint8, casting="safe"),
                heads=arrays["word_heads"].astype(np.bool_, casting="safe"),
            ),
            weights=arrays["weights"].astype(np.float32),
            biases=arrays["biases"].astype(np.float64),
            style_weights=arrays["style_weights"].astype(np.float64),
            style_mean=arrays["style_mean"].astype(np.float64),
            style_scale=arrays["style_scale"].astype(np.float64),
            calibration=arrays["calibration"].astype(np.float64),
            digest=digest,
        )
        _check(classifier)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ModelError(
            f"{folder}: the model's settings and arrays do not fit together ({error}); "
            "restore the folder or retrain it with `moderation train`"
        ) from error
    return classifier


def save(
    classifier: Classifier,
    folder: Path,
    *,
    facts: Mapping[str, Any],
    metrics: Mapping[str, Any],
    card: str,
    overwrite: bool = False,
) -> str:
    """Write a model folder and return its digest.

    The folder appears whole or not at all: it is written beside its place and then moved there.

    Parameters
    ----------
    classifier
        What to save; weights are stored as float16.
    folder
        Where to; must not exist unless `overwrite`.
    facts
        Further entries of ``model.json``: corpora, library versions, training settings.
    metrics
        The content of ``metrics.json``.
    card
        The model card, Markdown.
    overwrite
        Replace an existing model folder.

    Raises
    ------
    ModelError
        If `folder` exists and may not be overwritten, or is not a model folder.
    ValueError
        If the classifier's parts do not fit together.
    """
    if folder.exists():
        if not overwrite:
            raise ModelError(f"{folder}: exists; choose another --output or say --force")
        if not (folder / SETTINGS).is_file():
            raise ModelError(f"{folder}: exists and is no model folder; choose another --output")
    _check(classifier)
    folder.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        "format_version": FORMAT_VERSION,
        "heads": list(classifier.heads),
        "main": classifier.main,
        "thresholds": asdict(classifier.thresholds),
        "features": asdict(classifier.settings),
        "themes": list(classifier.vocabulary.themes),
        **facts,
    }
    contents = {
        ARRAYS: _packed(classifier),
        SETTINGS: _dumped(settings),
        METRICS: _dumped(metrics),
        CARD: card.encode(),
    }
    sums = "".join(f"{_sha256(contents[name])}  {name}\n" for name in _FILES).encode()
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        new = Path(beside) / "new"
        new.mkdir()
        for name, content in {**contents, DIGESTS: sums}.items():
            (new / name).write_bytes(content)
        old = Path(beside) / "old"
        try:
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
        except BaseException:
            # Interrupted between the two: what was there comes back.
            if old.exists() and not folder.exists():
                old.rename(folder)
            raise
    return _sha256(sums)


def checked_json(folder: Path, name: str) -> dict[str, Any]:
    """Return the content of :data:`SETTINGS` or :data:`METRICS` of a model whose digests match.

    Raises
    ------
    ModelError
        As :func:`load` does.
    """
    contents, _ = _read_checked(folder)
    return _json(contents[name], folder / name)


def _packed(classifier: Classifier) -> bytes:
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        weights=classifier.weights.astype(np.float16),
        biases=classifier.biases,
        style_weights=classifier.style_weights,
        style_mean=classifier.style_mean,
        style_scale=classifier.style_scale,
        calibration=classifier.calibration,
        word_hashes=classifier.vocabulary.hashes,
        word_themes=classifier.vocabulary.theme_of,
        word_heads=classifier.vocabulary.heads,
    )
    return buffer.getvalue()


def _dumped(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_checked(folder: Path) -> tuple[dict[str, bytes], str]:
    contents: dict[str, bytes] = {}
    for name in (*_FILES, DIGESTS):
        path = folder / name
        try:
            if not path.is_file():
                raise ModelError(f"{path}: missing; restore the model or choose another --model")
            if path.stat().st_size > MAX_FILE_BYTES:
                raise ModelError(f"{path}: larger than {MAX_FILE_BYTES // 2**20} MB; not loaded")
            contents[name] = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"{path}: cannot be read ({error.strerror}); restore the model folder or choose "
                "another --model"
            ) from error
    expected = "".join(f"{_sha256(contents[name])}  {name}\n" for name in _FILES).encode()
    for line, wanted in zip(contents[DIGESTS].splitlines(), expected.splitlines(), strict=False):
        if line != wanted:
            raise ModelError(
                f"{folder}: {wanted.decode().split()[1]} does not match its digest in {DIGESTS}; "
                "the model was altered or cut short, restore it"
            )
    if contents[DIGESTS] != expected:
        raise ModelError(f"{folder}: {DIGESTS} is incomplete; restore the model")
    return contents, _sha256(contents[DIGESTS])


def _json(content: bytes, path: Path) -> dict[str, Any]:
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not JSON ({error}); restore the model") from error
    if not isinstance(loaded, dict):
        raise ModelError(f"{path}: not a JSON object; restore the model")
    return loaded


def _arrays(content: bytes, path: Path) -> dict[str, np.ndarray[Any, Any]]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            # Looked at before anything is unpacked: a small file can declare terabytes.
            if sum(entry.file_size for entry in archive.infolist()) > MAX_ARRAY_BYTES:
                raise ModelError(f"{path}: unpacks to more than {MAX_ARRAY_BYTES // 2**20} MB")
        with np.load(BytesIO(content), allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in _ARRAY_NAMES}
        for name, array in arrays.items():
            # Also dtypes of no size, whose shape could promise terabytes.
            if array.dtype.kind not in "fub":
                raise ModelError(f"{path}: {name} holds no numbers ({array.dtype}); restore it")
        return arrays
    except ModelError:
        raise
    except Exception as error:
        # zipfile and NumPy raise a dozen kinds of errors on files made to break them.
        raise ModelError(f"{path}: not the arrays of a model ({error}); restore it") from error


def _check(classifier: Classifier) -> None:
    heads, styles = len(classifier.heads), len(STYLE_FEATURES)
    settings = classifier.settings
    if not all(isinstance(value, int) for value in asdict(settings).values()):
        raise ValueError(f"feature settings must be whole numbers: {settings}")
    if len(set(classifier.heads)) < heads or not all(map(str.isidentifier, classifier.heads)):
        raise ValueError("heads must be distinct names")
    if not (8 <= settings.bits <= 22 and 1 <= settings.shortest <= settings.longest <= 12):
        raise ValueError(f"feature settings out of range: {settings}")
    _check_vocabulary(classifier.vocabulary)
    for name, shape in {
        "weights": (classifier.vocabulary.columns(settings), heads),
        "biases": (heads,),
        "style_weights": (styles, heads),
        "style_mean": (styles,),
        "style_scale": (styles,),
        "calibration": (heads, 3),
    }.items():
        array = getattr(classifier, name)
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, not {shape}")
        if not (np.abs(array) <= MAX_NUMBER).all():
            raise ValueError(f"{name} holds numbers that are not finite, or too large")
    if not (classifier.style_scale > 0).all():
        raise ValueError("style_scale must be positive")
    if not (classifier.calibration[:, :2] > 0).all():
        raise ValueError("slopes of calibration must be positive")
    if classifier.main not in classifier.heads:
        raise ValueError(f"main head {classifier.main!r} is not among the heads")
    if not 0 < classifier.thresholds.review <= classifier.thresholds.reject <= 1:
        raise ValueError("thresholds must be 0 < review <= reject <= 1")


def _check_vocabulary(vocabulary: Vocabulary) -> None:
    if len(set(vocabulary.themes)) < len(vocabulary.themes) or len(vocabulary.themes) > 255:
        raise ValueError("themes must be distinct and at most 255")
    size = len(vocabulary.hashes)
    if (
        not vocabulary.hashes.shape
        == vocabulary.theme_of.shape
        == vocabulary.heads.shape
        == (size,)
    ):
        raise ValueError("word_hashes, word_themes and word_heads must be of one length")
    if size and (np.diff(vocabulary.hashes.astype(np.int64)) < 0).any():
        raise ValueError("word_hashes must be in ascending order")
    if size and int(vocabulary.theme_of.max()) >= len(vocabulary.themes):
        raise ValueError("word_themes names a theme that does not exist")

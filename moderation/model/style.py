"""Style: how a comment is written, as a few dense numbers, apart from the words it uses."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Names of the style features, in the order of :func:`style_matrix`'s columns. German, because
#: ``explain`` shows them to editors.
STYLE_FEATURES: tuple[str, ...] = (
    "Länge in Zeichen",
    "Länge in Wörtern",
    "Wortlänge",
    "Anteil Großbuchstaben",
    "Wörter in Großbuchstaben",
    "Ausrufezeichen je Wort",
    "Fragezeichen je Wort",
    "Ausrufezeichen",
    "Fragezeichen",
    "Auslassungspunkte",
    "Kommas je Wort",
    "Punkte je Wort",
    "Anführungszeichen",
    "Anrede du/ihr",
    "Anrede Sie",
    "Ich und wir",
    "Links",
    "At-Zeichen",
    "Rauten",
    "Anteil Ziffern",
    "Emojis",
    "Wortvielfalt",
    "Satzzeichen am Ende",
    "Absätze",
)

#: Standardised features are clipped to this many standard deviations, so that one odd comment
#: (ten thousand exclamation marks) cannot outvote its words.
CLIP = 4.0

_YOU = re.compile(r"\b(?:du|dich|dir|dein\w{0,3}|ihr|euch|euer\w{0,2}|eure\w?)\b")
_FORMAL_YOU = re.compile(r"\b(?:Sie|Ihnen)\b")
_I_AND_WE = re.compile(r"\b(?:ich|mich|mir|mein\w{0,3}|wir|uns)\b")
_LINK = re.compile(r"https?://|www\.")
_UPPER = re.compile(r"[A-ZÄÖÜ]")
_DIGIT = re.compile(r"[0-9]")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
_CLOSED = re.compile(r"[.!?…][\"“”»«')\]]{0,3}$")


def style_of(text: str) -> tuple[float, ...]:
    """Return the style features of one comment (see :data:`STYLE_FEATURES`)."""
    lowered = text.lower()
    words = text.split()
    word_count = max(len(words), 1)
    length = max(len(text), 1)
    exclamations = text.count("!")
    questions = text.count("?")
    return (
        math.log1p(len(text)),
        math.log1p(len(words)),
        len(text) / word_count,
        len(_UPPER.findall(text)) / length,
        sum(len(word) > 2 and word.isupper() for word in words) / word_count,
        exclamations / word_count,
        questions / word_count,
        math.log1p(exclamations),
        math.log1p(questions),
        math.log1p(text.count("...") + text.count("…")),
        text.count(",") / word_count,
        text.count(".") / word_count,
        math.log1p(text.count('"') + text.count("„")),
        len(_YOU.findall(lowered)) / word_count,
        len(_FORMAL_YOU.findall(text)) / word_count,
        len(_I_AND_WE.findall(lowered)) / word_count,
        math.log1p(len(_LINK.findall(lowered))),
        math.log1p(text.count("@")),
        math.log1p(text.count("#")),
        len(_DIGIT.findall(text)) / length,
        math.log1p(len(_EMOJI.findall(text))),
        len(set(lowered.split())) / word_count,
        float(bool(_CLOSED.search(text[-8:].rstrip()))),
        math.log1p(text.count("\n")),
    )


def style_matrix(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the style features of `texts`: float64, shape (n, len(STYLE_FEATURES))."""
    return np.array([style_of(text) for text in texts], dtype=np.float64).reshape(
        len(texts), len(STYLE_FEATURES)
    )


def standardise(
    style: NDArray[np.float64], mean: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return `style` in standard deviations from `mean`, clipped at :data:`CLIP`."""
    standardised: NDArray[np.float64] = np.clip((style - mean) / scale, -CLIP, CLIP)
    return standardised

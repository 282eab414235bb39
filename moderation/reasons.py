"""Why a comment is recommended for what: German sentences that quote the house's own rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from moderation.model.classifier import Thresholds
from moderation.records import Category, Evidence, HouseRule, Label, Language

#: What an editor reads for each category.
CATEGORY_NAMES: dict[Category, str] = {
    Category.INSULT: "Beleidigung",
    Category.GROUP_ABUSE: "Herabwürdigung einer Gruppe",
    Category.DEFAMATION: "Rufschädigung",
    Category.INDECENCY: "Verstoß gegen die guten Sitten",
    Category.INCIVILITY: "unsachlicher Ton",
    Category.OFF_TOPIC: "nicht beim Thema",
    Category.ADVERTISING: "Werbung",
    Category.PRIVACY: "private Daten",
    Category.LINKS: "Links",
    Category.LENGTH_LIMIT: "Länge des Beitrags",
}
#: What an editor reads for each language that is told apart.
LANGUAGE_NAMES: dict[str, str] = {
    "ar": "Arabisch",
    "bg": "Bulgarisch",
    "bs": "Bosnisch",
    "cs": "Tschechisch",
    "da": "Dänisch",
    "el": "Griechisch",
    "en": "Englisch",
    "es": "Spanisch",
    "fa": "Persisch",
    "fi": "Finnisch",
    "fr": "Französisch",
    "he": "Hebräisch",
    "hr": "Kroatisch",
    "hu": "Ungarisch",
    "it": "Italienisch",
    "ja": "Japanisch",
    "ko": "Koreanisch",
    "ku": "Kurdisch",
    "nl": "Niederländisch",
    "no": "Norwegisch",
    "pl": "Polnisch",
    "pt": "Portugiesisch",
    "ro": "Rumänisch",
    "ru": "Russisch",
    "sk": "Slowakisch",
    "sl": "Slowenisch",
    "sq": "Albanisch",
    "sr": "Serbisch",
    "sv": "Schwedisch",
    "tr": "Türkisch",
    "uk": "Ukrainisch",
    "zh": "Chinesisch",
}
#: Laws that rules may be taken from, and what is said of a place in them beside its numbers.
_LAWS = frozenset(
    ("StGB", "Strafgesetzbuch", "GG", "Grundgesetz", "BGB", "DSGVO", "DS-GVO",
     "Datenschutz-Grundverordnung", "Verordnung", "BDSG", "UrhG", "KUG", "KunstUrhG", "UWG",
     "JuSchG", "JMStV", "MStV", "TDDDG", "DDG", "VersG")
)  # fmt: skip
_PLACES = frozenset(
    ("Art", "Artikel", "Abs", "Absatz", "Satz", "Nr", "Nummer", "lit", "Buchst", "und", "bis",
     "EU", "des", "der")
)  # fmt: skip
_PARTING = re.compile(r"[\s,;.§()]+")
#: Quoted words per label in a reason; the record has all of them.
_QUOTED_WORDS = 3


def reasons(
    score: float, labels: Sequence[Label], thresholds: Thresholds, telling: Sequence[Evidence]
) -> tuple[str, ...]:
    """Return why, in German sentences.

    Parameters
    ----------
    score
        The main head's probability.
    labels
        What the rules found.
    thresholds
        The model's cuts.
    telling
        Words that raised the score most, for a comment the model flags.
    """
    sentences = _label_sentences(labels)
    percent = f"{100 * score:.0f} %"
    if score >= thresholds.review:
        words = f"; am stärksten wirken {_quoted(telling)}" if telling else ""
        sentences.append(f"Das Modell hält den Beitrag zu {percent} für beleidigend{words}.")
    elif labels:
        sentences.append(f"Das Modell allein bliebe unter der Prüfschwelle ({percent}).")
    else:
        sentences.append(
            "Keine Hausregel hat angeschlagen, das Modell bleibt unter der Prüfschwelle "
            f"({percent}); das ist keine Freigabe."
        )
    return tuple(sentences)


def foreign_reasons(language: Language, labels: Sequence[Label]) -> tuple[str, ...]:
    """Return why a comment that is not in German goes to a person, in German sentences."""
    name = LANGUAGE_NAMES.get(language.code or "", "eine andere Sprache")
    found = f"erkannt: {name}, {100 * language.confidence:.0f} %"
    not_german = f"Der Beitrag ist nicht auf Deutsch ({found}); das Modell kennt nur Deutsch."
    return (*_label_sentences(labels), not_german)


def names_law(source: str) -> bool:
    """Return whether a rule's source is a place in a law: then it is no rule of the house."""
    words = [word for word in _PARTING.split(source) if word]
    return not _LAWS.isdisjoint(words) and all(
        word in _LAWS or word in _PLACES or word[0].isdigit() or len(word) == 1 for word in words
    )


def _label_sentences(labels: Sequence[Label]) -> list[str]:
    return [
        f"{_quoted(label.evidence)} – {CATEGORY_NAMES[label.category]}, "
        f"{_kind_of(label.rule)}: „{label.rule.quote}“."
        for label in labels
    ]


def _kind_of(rule: HouseRule) -> str:
    return f"Gesetz ({rule.source})" if names_law(rule.source) else "Hausregel"


def _quoted(evidence: Sequence[Evidence]) -> str:
    shown = ", ".join(f"„{one.text}“" for one in evidence[:_QUOTED_WORDS])
    return shown + (" u. a." if len(evidence) > _QUOTED_WORDS else "")

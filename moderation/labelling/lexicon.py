"""Word lists as data: entries, the forms they generate, and looking words up in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from moderation.labelling.inflection import inflect
from moderation.records import Category
from moderation.text import fold_text

Compound = Literal["none", "head", "first", "both"]
Number = Literal["singular", "plural", "either"]

#: What has to stand around a word before it counts; :mod:`moderation.labelling.context` decides.
#:
#: ``any``: nothing. ``person``: the word is said of people (an adjective of contempt or origin,
#: "ihr …", "du bist ein …"). ``animal``: likewise, but an adjective of origin does not count
#: ("polnische Schweine" may be on their way to the butcher). ``contempt``: an adjective of contempt
#: stands right before. ``address``: someone is spoken to in the same clause. ``named``: a named
#: person is said to be it. ``link``: the comment carries a link or a way of contact.
Context = Literal["any", "person", "animal", "contempt", "address", "named", "link"]

#: Categories that have a lexicon; the file is called like the category.
LEXICON_CATEGORIES: tuple[Category, ...] = (
    Category.GROUP_ABUSE,
    Category.INDECENCY,
    Category.INSULT,
    Category.DEFAMATION,
    Category.INCIVILITY,
    Category.ADVERTISING,
)

#: Letters by which a compound is found; shorter heads would hit inside too many innocent words.
KEY = 4
# Endings that "~" stands for in a harmless phrase.
_ENDINGS = ("e", "en", "er", "es", "em")
# Letters of the other part of a compound, at least.
_MIN_OTHER_PART = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One lemma of a lexicon.

    Attributes
    ----------
    lemma, part_of_speech, inflection, participle
        As :func:`moderation.labelling.inflection.inflect` takes them.
    compound
        Whether the word also counts as the last part of a compound (``head``: Drecksgesindel), the
        first (``first``: Arschgeige), ``both`` or ``none``.
    strength
        1 (may be meant otherwise) or 2 (unmistakable in itself).
    context
        What must stand around it, see :data:`Context`.
    forms
        Spellings and plurals that the class does not give.
    cut
        Beginnings that stand for the word where signs follow: "Ar**" before stars, "Sch..." before
        full stops as well.
    unless
        A regular expression over folded text, or nothing: what shows in the same sentence that the
        word means something else ("Wichse" beside "Schuhe").
    examples, counter_examples
        Sentences the entry must hit and must not hit; written for this project.
    """

    lemma: str
    part_of_speech: str
    inflection: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...] = ()
    compound: Compound = "none"
    strength: int = 1
    context: Context = "any"
    forms: tuple[str, ...] = ()
    participle: str = ""
    cut: tuple[str, ...] = ()
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Sense:
    """A word read as an entry.

    ``modifier`` is the other part of a compound, empty where the word is the entry itself;
    ``number`` is what the form can be ("Trottel" either); ``cut`` are the signs that have to follow
    a word that is cut off, as in :attr:`Entry.cut`.
    """

    entry: Entry
    number: Number
    modifier: str = ""
    cut: str = ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A phrase as it is found by its rarest word.

    ``place`` is that word's place in the phrase, ``beside`` another word of it (empty where it has
    no other).
    """

    place: int
    beside: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Innocent:
    """Words and word endings that no compound is looked for in ("Leseratte", "-marsch").

    ``phrases`` gives, for each word of a harmless phrase ("dumme Frage"), its place in the phrase
    and the phrase; ``things`` are endings of words that make a thing of a compound with a hyphen
    ("Trottel-Preis"). ``given_names`` make a surname of the word behind them; ``animals`` may be
    called anything; ``works`` have titles.
    """

    words: frozenset[str]
    endings: tuple[str, ...]
    phrases: Mapping[str, tuple[tuple[int, tuple[str, ...]], ...]] = field(default_factory=dict)
    things: tuple[str, ...] = ()
    given_names: frozenset[str] = frozenset()
    animals: frozenset[str] = frozenset()
    works: tuple[str, ...] = ()

    def covers(self, word: str) -> bool:
        """Whether `word` is innocent."""
        return word in self.words or word.endswith(self.endings)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one category, ready for look-up; made by :func:`build_lexicon`.

    ``phrases`` gives, for the first word of a phrase, the phrases that begin so; ``anchors`` gives
    the phrases that are found by a word, mostly another one.
    """

    category: Category
    entries: tuple[Entry, ...]
    innocent: Innocent
    forms: Mapping[str, tuple[Sense, ...]]
    heads: Mapping[str, tuple[Sense, ...]]
    firsts: Mapping[str, tuple[Sense, ...]]
    tails: frozenset[str]
    starts: frozenset[str]
    longest: int
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], Entry], ...]]
    anchors: Mapping[str, tuple[Anchor, ...]]

    def senses(self, word: str) -> tuple[Sense, ...]:
        """Return what the folded `word` can be read as; the longest part of a compound decides."""
        senses = self.forms.get(word)
        if senses is not None:
            return senses
        if word[-KEY:] in self.tails and not self.innocent.covers(word):
            first_cut = max(_MIN_OTHER_PART, len(word) - self.longest)
            for cut in range(first_cut, len(word) - KEY + 1):
                if (head := self.heads.get(word[cut:])) is not None:
                    modifier = word[:cut]
                    return tuple(Sense(s.entry, s.number, modifier) for s in head)
        if word[:KEY] in self.starts and not self.innocent.covers(word):
            last_cut = min(len(word) - _MIN_OTHER_PART, self.longest)
            for cut in range(last_cut, KEY - 1, -1):
                if (first := self.firsts.get(word[:cut])) is not None:
                    return tuple(Sense(s.entry, s.number, word[cut:]) for s in first)
        return ()


def build_lexicon(
    category: Category, entries: Iterable[Entry], innocent: Innocent | None = None
) -> Lexicon:
    """Generate the forms of `entries` and index them."""
    entries = tuple(entries)
    forms: dict[str, tuple[Sense, ...]] = {}
    heads: dict[str, tuple[Sense, ...]] = {}
    firsts: dict[str, tuple[Sense, ...]] = {}
    phrases: dict[str, tuple[tuple[tuple[str, ...], Entry], ...]] = {}
    anchors: dict[str, tuple[Anchor, ...]] = {}
    for entry in entries:
        if entry.part_of_speech == "phrase":
            for phrase in (entry.lemma, *entry.forms):
                written = phrase.replace("'", " ").replace("’", " ").split()
                words = tuple(map(fold_text, written))
                phrases[words[0]] = (*phrases.get(words[0], ()), (words, entry))
                place, *others = _rarest_first(written)
                anchor = Anchor(place, words[others[0]] if others else "", entry)
                anchors[words[place]] = (*anchors.get(words[place], ()), anchor)
            continue
        generated = inflect(entry.lemma, entry.part_of_speech, entry.inflection, entry.participle)
        singular = generated.singular | frozenset(map(fold_text, entry.forms))
        for form in sorted(singular | generated.plural):
            plural = form in generated.plural
            sense = Sense(
                entry, ("either" if plural else "singular") if form in singular else "plural"
            )
            forms[form] = (*forms.get(form, ()), sense)
            if entry.compound in {"head", "both"} and len(form) >= KEY:
                heads[form] = (*heads.get(form, ()), sense)
        for cut in entry.cut:
            form = cut.rstrip(".*")
            sense = Sense(entry, "either", cut=cut[len(form) :])
            forms[fold_text(form)] = (*forms.get(fold_text(form), ()), sense)
        if entry.compound in {"first", "both"}:
            for form in sorted({fold_text(entry.lemma), *map(fold_text, entry.forms)}):
                if len(form) >= KEY:
                    firsts[form] = (*firsts.get(form, ()), Sense(entry, "singular"))
    return Lexicon(
        category=category,
        entries=entries,
        innocent=innocent or Innocent(frozenset(), ()),
        forms=forms,
        heads=heads,
        firsts=firsts,
        tails=frozenset(form[-KEY:] for form in heads),
        starts=frozenset(form[:KEY] for form in firsts),
        longest=max(map(len, (*heads, *firsts)), default=0),
        phrases=phrases,
        anchors=anchors,
    )


def _rarest_first(written: Sequence[str]) -> list[int]:
    """Return the places of words, those that look rarest first: nouns, then long words."""
    # The last of equals is first: "Halt den Mund" begins with a capital, too.
    return sorted(
        range(len(written)),
        key=lambda place: (written[place].istitle(), len(written[place]), place),
        reverse=True,
    )


@cache
def compiled(source: str) -> re.Pattern[str]:
    """Compile an expression of a packaged file, on first use: most are never needed in a run."""
    return re.compile(source)


def load_table(name: str) -> dict[str, Any]:
    """Read a packaged TOML file of the lexicon folder."""
    path = resources.files("moderation.labelling").joinpath("lexicon", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def innocent_words() -> Innocent:
    """Return the packaged list of innocent words."""
    table = load_table("innocent")
    phrases: dict[str, tuple[tuple[int, tuple[str, ...]], ...]] = {}
    for phrase in map(fold_text, table["phrases"]):
        stem, tilde, rest = phrase.partition("~")
        # "dumm~ Frage" stands for all endings of the adjective.
        for written in [stem + e + rest for e in _ENDINGS] if tilde else [phrase]:
            words = tuple(written.split())
            for place, word in enumerate(words):
                phrases[word] = (*phrases.get(word, ()), (place, words))
    return Innocent(
        frozenset(map(fold_text, table["words"])),
        tuple(map(fold_text, table["endings"])),
        phrases,
        tuple(map(fold_text, table["things"])),
        frozenset(map(fold_text, table["given_names"])),
        frozenset(map(fold_text, table["animals"])),
        tuple(map(fold_text, table["works"])),
    )


@cache
def lexicon(category: Category) -> Lexicon:
    """Return the packaged lexicon of `category`, read on first use.

    Raises
    ------
    ValueError
        If an entry of the file is not valid; a test reads all files.
    """
    entries = [_entry(table, f"{category}.toml") for table in load_table(category)["entry"]]
    return build_lexicon(category, entries, innocent_words())


def _entry(table: Mapping[str, Any], name: str) -> Entry:
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    entry = Entry(**fields)
    if entry.compound not in get_args(Compound) or entry.context not in get_args(Context):
        raise ValueError(f"{name}: {entry.lemma}: unknown compound behaviour or context")
    if entry.strength not in {1, 2} or not entry.examples:
        raise ValueError(f"{name}: {entry.lemma}: strength must be 1 or 2, with an example")
    return entry

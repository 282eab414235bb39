"""The words by which pages give away their parts: data in ``*.toml``, looked up here.

A cue belongs to a role ("comments_heading"), names the page that needs it and carries an example
that a test holds it to. How a role's cues are compared is part of the data: ``line`` cues must
match a whole line, ``anywhere`` cues may stand inside one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from moderation.parsing.dates import MONTH, WHEN
from moderation.text import NUMBER_WORDS

_WEEKDAY = r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
# What the angle-bracketed names in the data stand for.
_PLACEHOLDERS = {
    "<count>": rf"(?P<count>\d{{1,3}}(?:\.\d{{3}})+|\d{{1,6}}|{'|'.join(NUMBER_WORDS)})",
    "<count2>": r"(?P<count2>\d{1,6})",
    "<count3>": r"(?P<count3>\d{1,6})",
    "<when>": f"(?P<when>{WHEN})",
    "<author>": r"(?P<author>[^\n:|•·]{1,60}?)",
    "<name>": r"(?P<author>[^\n:|•·,\d\s][^\n:|•·,]{0,50}?)",
    "<parent>": r"(?P<parent>[^\n:|•·]{1,60}?)",
    "<month>": MONTH,
    # Whom house rules protect, as single persons and as groups.
    "<persons>": (
        r"(?:andere|einander|einzelne|jemand|niemand|person|privatperson|mitmensch|mensch|nutzer|user"
        r"|leser|zuschauer|hörer|mitglied|kommentator|kommentier|komment|diskut|diskussions|teilnehm"
        r"|mitles|mitschreib|autor|redakt|journalist|moderator|reporter|politiker|amtstr|spieler"
        r"|trainer|schiedsrichter|schreib|verfass|kolleg|mitarbeit|gesprächspartner)"
    ),
    "<groups>": (
        r"(?:frauen|mädchen|männer|ausländ|migrant|ein-?wander|zuwander|zugewander|zugezog"
        r"|geflüchtet|flüchtling|asyl|fremde\b|muslim|moslem|juden|jüd|christ(?:en|lich)"
        r"|gläubige|andersgläubig|andersdenkende|religion|konfession|glaubensgemein|schwule"
        r"|lesb|homosexuell|queer|trans(?:person|mensch|gender|sexuell)|nichtbinär|lgb|sinti"
        r"|roma\b|schwarze\b|behindert|menschen mit (?:\w{1,12} )?(?:behinder|migra)|arme\b"
        r"|arme leute|arbeitslos|obdachlos|bürgergeld|sozial schwach|alte menschen|ältere"
        r"|senioren|ossis?\b|wessis?\b|ostdeutsch|minderheit|volksgrupp|bevölkerungsgrupp"
        r"|menschengrupp|personengrupp|ethnie|ethnisch|sprachgrupp|gruppen\b|nationalität"
        r"|völker|nationen|grenzgänger|wallonen|polen\b|türken|russen|ukrainer|syrer|afghan"
        r"|araber|afrikan)"
    ),
    # Days and times that come again every week: "am Montag" is one day, "montags" is a rule.
    "<weekly>": (
        r"(?:am wochenende|an (?:den )?wochenenden|nachts|in der nacht"
        r"|außerhalb (?:der|unserer) (?:geschäfts|büro|dienst|redaktions)?zeiten"
        r"|(?:an )?(?:sonn- (?:und|u\.) )?(?:gesetzlichen )?feiertag(?:s|en)"
        r"|werktags|wochentags|an (?:werk|wochen|arbeits|sams|sonn|frei|mon)tagen"
        rf"|{_WEEKDAY}s|{_WEEKDAY} (?:bis|–|-|und) {_WEEKDAY})"
    ),
}
#: Characters: a longer line is data, not prose, and holds no notice.
_LONGEST_SEARCHED = 50_000
_PLACEHOLDER = re.compile(r"(?<!\?P)<\w+>")
_NAMED_GROUP = re.compile(r"\(\?P<\w+>")


@dataclass(frozen=True, slots=True)
class Cue:
    """One pattern with the role it plays, the page that needs it and an example it matches."""

    role: str
    source: str
    page: str
    example: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The pattern; compiled on first use, as most inputs need few."""
        return _compiled(self.source)


@dataclass(frozen=True, slots=True)
class CueBook:
    """All cues by role, and how those of a role are compared."""

    by_role: dict[str, tuple[Cue, ...]]
    modes: dict[str, str]


def filled(source: str) -> str:
    """Return `source` with its placeholders filled and each blank matching any white space.

    The white space is bounded, so that a pattern cannot run over pages of blanks. The Swiss write
    "ss" for "ß".
    """
    source = source.replace("ß", "(?:ß|ss)")
    source = _PLACEHOLDER.sub(lambda match: _PLACEHOLDERS[match.group()], source)
    return source.replace(" ?", r"\s{0,4}").replace(" ", r"\s{1,4}")


@cache
def cue_book() -> CueBook:
    """Read the data once per process."""
    by_role: dict[str, tuple[Cue, ...]] = {}
    modes: dict[str, str] = {}
    for name in ("cues.toml", "house_rules.toml"):
        path = resources.files("moderation.parsing") / name
        data = tomllib.loads(path.read_text("utf-8"))
        modes |= data["modes"]
        for entry in data["cue"]:
            source = filled(entry["pattern"])
            cue = Cue(entry["role"], source, entry["page"], entry["example"])
            by_role[cue.role] = (*by_role.get(cue.role, ()), cue)
    return CueBook(by_role, modes)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


@cache
def _one_of(*roles: str) -> re.Pattern[str]:
    """Return a quick test for all cues of some roles."""
    cues = (cue for role in roles for cue in cue_book().by_role[role])
    return _compiled("|".join(_NAMED_GROUP.sub("(?:", cue.source) for cue in cues))


@lru_cache(maxsize=65536)
def match_line(role: str, line: str) -> re.Match[str] | None:
    """Return how the whole of `line` (a ``Line.plain``) matches a cue of `role`, if it does."""
    if not line or not _one_of(role).fullmatch(line):
        return None
    matches = (cue.pattern.fullmatch(line) for cue in cue_book().by_role[role])
    return next((match for match in matches if match), None)


def is_line(line: str, *roles: str) -> bool:
    """Return whether the whole of `line` matches a cue of one of the `roles`."""
    return bool(line) and _one_of(*roles).fullmatch(line) is not None


def match_start(role: str, text: str) -> re.Match[str] | None:
    """Return how `text` begins with a cue of `role`, if it does."""
    matches = (cue.pattern.match(text) for cue in cue_book().by_role[role])
    return next((match for match in matches if match), None)


def find_all(
    role: str, text: str, start: int = 0, end: int | None = None
) -> Iterator[re.Match[str]]:
    """Yield the cues of `role` inside ``text[start:end]``, by position; none overlaps another."""
    end = len(text) if end is None else end
    if end - start > _LONGEST_SEARCHED or not _one_of(role).search(text, start, end):
        return
    hits = [
        hit for cue in cue_book().by_role[role] for hit in cue.pattern.finditer(text, start, end)
    ]
    done = start
    for hit in sorted(hits, key=lambda hit: (hit.start(), -hit.end())):
        if hit.start() >= done:
            yield hit
            done = max(hit.end(), done)


def find_first(
    role: str, text: str, start: int = 0, end: int | None = None
) -> re.Match[str] | None:
    """Return the first cue of `role` inside ``text[start:end]``, if any."""
    return next(find_all(role, text, start, end), None)


def named(match: re.Match[str], name: str) -> str | None:
    """Return the group `name`, or its second spelling (``name2``) where a cue has alternatives."""
    groups = match.groupdict()
    return next((groups[key] for key in (name, f"{name}2", f"{name}3") if groups.get(key)), None)


def number(words: str) -> int:
    """Return the number a ``<count>`` stands for: ``"1.204"`` is 1204, ``"zwei"`` is 2."""
    digits = "".join(sign for sign in words if sign.isdecimal())
    return int(digits) if digits else NUMBER_WORDS.get(words.casefold(), 0)

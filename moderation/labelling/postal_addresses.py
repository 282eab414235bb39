"""Postal addresses in a comment: where somebody lives in Germany, Austria or Switzerland."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.labelling.reading import Hit

# All repetitions are bounded, so that matching stays linear. A street is known by how it ends
# ("Lindenweg") or by a word of its own ("Berliner Allee", "Platz der Republik").
_ROAD = r"(?:[Ss]tra(?:ß|ss)e|STRA(?:ß|SS)E|[Ss]tr\.?|STR\.?)"
_ENDING = (
    r"(?:weg|platz|gasse|gässli|gässle|allee|ring|ufer|damm|chaussee|steig|stieg|pfad|promenade"
    r"|graben|kai|quai|twiete)"
)
_WORD = r"(?:Weg|Platz|Gasse|Allee|Ring|Ufer|Damm|Chaussee|Steig|Pfad|Promenade|Kai|Quai)"
_NAME = r"[A-ZÄÖÜ][\w'’-]{1,30}"
_OF = rf"(?:der|des|am|zum|zur) (?:\d{{1,2}}\. )?{_NAME}"
_STREET = (
    # "Straße der Einheit", "Straße des 17. Juni", "Platz der Republik".
    rf"(?<!\w)(?:(?:{_ROAD}|Platz|Allee) {_OF}"
    # "Alter Weg", "Potsdamer Platz"; "Berliner Straße".
    rf"|{_NAME}(?:er|e|en|es) {_WORD}|{_NAME} {_ROAD}"
    # "Hauptstraße", "hauptstr.", "Willy-Brandt-Straße"; "Lindenweg", "Kurfürstendamm".
    rf"|\w[\w'’.-]{{0,40}}?{_ROAD}|[A-ZÄÖÜ][\w'’-]{{1,40}}?{_ENDING})"
)
# "12", "12a", "5–7", Vienna's "12/3/4" with stair and door; no year, time, sum or ordinal number.
_NUMBER = (
    r"(?:[Nn]r\.? ?)?[1-9]\d{0,2}(?!\d)(?: ?[a-hA-H](?!\w))?"
    r"(?: ?[-–/] ?\d{1,3}(?!\d)(?:[a-h](?!\w))?){0,3}(?![\w%€§°]|[.,:/–-]\d|\. [a-zäöü])"
)
# "Hauptstr.12" does without a space.
_AT = rf"(?:(?<=\.)|\s{{1,3}}){_NUMBER}"
# "Am Alten Markt", "Unter den Linden": nothing in it says street.
_PLACE = (
    r"(?<!\w)(?:[AI][mn]|Beim|Zum|Zur|(?:A[mn]|In|Auf|Unter|Hinter|Vor|Bei|Ob) (?:der|den|dem))"
    rf"(?: {_NAME}){{1,3}}"
)
# Five digits in Germany, four in Austria and Switzerland; a year (1800 to 2049) or a round thousand
# needs the sign of its country.
_COUNTRY = r"(?:DE?|AT?|CH|FL)[-–]"
_FIVE = rf"(?:(?!\d\d000)\d{{5}}|{_COUNTRY}\d{{5}}|{_COUNTRY}\d{{4}})(?!\d)"
_FOUR = r"(?!1[89]|20[0-4]|\d000)[1-9]\d{3}(?!\d)"
_POSTCODE = rf"(?:{_FIVE}|{_FOUR})"
_TOWN = r"(?:St\. |Bad )?[A-ZÄÖÜ][a-zäöüß][\w-]{0,40}"
_GAP = r"[\s,;|/–-]{1,4}"
# "Hinterhaus", "3. OG", a part of the town, "in".
_BETWEEN = rf"{_GAP}(?:(?:in|\d\. (?:OG|Stock)|{_NAME}){_GAP}){{0,3}}?"
_STREET_FIRST = re.compile(
    rf"(?:{_STREET}{_AT}{_BETWEEN}|{_PLACE}\s{{1,3}}{_NUMBER}{_GAP})"
    # Towns may be written small where a street comes right before them.
    rf"{_POSTCODE}\s{{1,3}}(?:{_TOWN}|[a-zäöü][a-zäöüß-]{{2,40}})"
)
# "Hohe Bleichen 8, 20354 Hamburg": any name, if the postcode comes at once and has five digits.
_NAME_FIRST = re.compile(
    rf"(?<!\w)(?:{_NAME}(?:e|er|en) )?{_NAME}\s{_NUMBER}\s?[,;\n]\s{{0,2}}{_FIVE}\s{_TOWN}"
)
_TOWN_FIRST = re.compile(
    rf"(?<![\w.,]){_POSTCODE}\s{{1,3}}{_TOWN}(?: {_NAME}| am \w{{2,20}}| an der \w{{2,20}}){{0,2}}"
    rf"{_GAP}(?:{_STREET}{_AT}|{_PLACE}\s{{1,3}}{_NUMBER})"
)
# Without a town. What is counted has its noun behind it: "in der Hauptstraße 12 Häuser".
_STREET_ALONE = re.compile(rf"{_STREET}{_AT}(?! {{1,3}}[A-ZÄÖÜ][a-zäöü])")
_PLACE_WORD = r"(?:Markt|Graben|Anger|Wall|Hang|Bach)"
_PLACE_ALONE = re.compile(
    rf"(?<!\w)(?:[AI]m|Beim|Zum|Auf dem)(?: {_NAME})? {_PLACE_WORD} {_NUMBER}"
    r"(?! {1,3}[A-ZÄÖÜ][a-zäöü])"
)


def _any_of(words: str) -> str:
    """Return an expression for one of several, which white space keeps apart; _ is a space."""
    return f"(?:{'|'.join(words.split()).replace('_', ' ')})"


# "12, 50000 Euro", "Hauptstr. 3 Jahre".
_COUNTED = re.compile(
    r"\d\s{1,3}"
    + _any_of(
        r"""euros? dollar franken mark eur cent uhr h min(?:uten?)? sekunden stunden? tagen?
        wochen? monaten? jahren? mal prozent kilometer meter km m qm kg tonnen liter grad menschen
        personen leuten? lesern? besuchern? einwohner\w* flüchtling\w* stimmen bürger mitglieder\w*
        toten? teilnehmer\w* kindern? arbeitsplätzen? jobs zuschauern? demonstranten frauen männern?
        autos wohnungen häusern? betten plätzen? punkten? toren? seiten hamburger berliner münchne?r
        münchener kölner wiener zürcher deutsche[nr]? mann stück exemplaren? schritten?"""
    )
    + r"\b",
    re.I,
)
# They end like a street and are none.
_NO_STREET = re.compile(
    r"\b(?:\w*"
    + _any_of(
        """arbeits park spiel sitz steh stell studien bildungs kita sport fußball tabellen kinder
        flug lande lager rast liege camping therapie tennis golf betreuungs praktikums"""
    )
    + "platz|"
    + _any_of(
        """um aus rück heim hin lebens mittel schul dienst beschwerde rechts sonder irr rad fuß geh
        karriere bildungs arbeits"""
    )
    + "weg|(?:einzel|ehe|he|früh|schlüssel|spr|box|ohr|k)ring|\\w*ling"
    + r"|(?:auf|ein|aus|ab|um|an)stieg|(?:bundes|land|daten|milch|reichs)stra(?:ß|ss)e)\s",
    re.I,
)
# What is numbered: "Seite 12, 12345 Treffer".
_NUMBERED = re.compile(
    _any_of(
        """seite kapitel paragraph paragraf artikel absatz band folge teil gruppe liga halle gleis
        zimmer raum ausgabe nummer platz psalm vers punkt version staffel linie bus autobahn bild
        tabelle heft januar februar märz april mai juni juli august september oktober november
        dezember"""
    )
    + r"\s\d",
    re.I,
)
# Who lives there, said before it ("er wohnt in der …", "Adresse: …") or behind ("…, da wohnt er").
_LIVES = re.compile(
    r"(?<![\w-])"
    + _any_of(
        """(?:be)?wohn(?:t|e|en|st|haft|te|ten) leb(?:t|e|en|st) haust gemeldet zu_?hause daheim
        (?:wohn|privat|heim)?(?:adresse|anschrift) klingelt?n? zieht_nach
        (?:sein|ihr|dein|mein|eur)(?:e[mnrs]?)?_(?:privat|eltern)?(?:haus|wohnung|villa|grundstück)"""
    )
    + r"(?!\w)",
    re.I,
)
_LIVES_BEHIND = re.compile(
    r"[\s,]{1,3}(?:(?:da|dort|hier|wo) )?(?:er |sie |ich )?wohn(?:t|e|st|en)\b", re.I
)
_SENTENCE_END = re.compile(r"[!?]|\.\s{1,3}[A-ZÄÖÜ]")
# Characters before an address in which somebody lives, and in which a place without a telling word
# has to follow ("wohnt Am Markt 3").
_BEFORE, _AT_ONCE = 60, 15
# Offices, shops and clubs want to be found; 11xxx Berlin is the federal authorities' own postcode.
_OFFICE = re.compile(
    _any_of(
        r"""rathaus bundes(?:tag|rat|kanzleramt|regierung) landtag redaktion verlag zeitung minister
        behörde \b\w{0,30}(?:amt|gericht|schule|halle|heim|zentrum)\b gmbh \bAG\b \be\._?V\.
        \bverein \bverband kanzlei praxis polizei büro geschäftsstelle zentrale \bsitz\b kirche
        moschee synagoge gymnasium universität museum theater restaurant gaststätte gasth[ao] hotel
        café bibliothek bücherei klinik krankenhaus apotheke buchhandlung bahnhof haltestelle
        postfach impressum stiftung botschaft konsulat agentur jobcenter filiale \bladen\b
        treffpunkt kundgebung veranstaltung demo\b konzert stadion bürgerhaus staatsanwaltschaft"""
    ),
    re.I,
)
_FEDERAL = re.compile(r"\b11\d{3}\s{1,3}Berlin")
# What is looked at first, because nearly all comments have nothing of it: four or five digits that
# are no year and have a word behind them, and up to three digits with a telling word before them.
_DIGITS = re.compile(r"[0-9]+")
_WORD_BEHIND = re.compile(r"\s{1,3}[^\W\d_]")
_YEAR = re.compile(r"1[89]\d\d\Z|20[0-4]\d\Z|\d000\Z")
_TELLING = re.compile(
    r"str|weg|platz|gass|gäss|allee|ring|ufer|damm|chaussee|steig|stieg|pfad|promenade|graben"
    r"|kai|quai|twiete|wohn|leb|hau[ss]|adresse|anschrift|daheim|klingel|gemeldet|villa|grundst"
    r"|zieht"
)
_ENDS_LIKE_STREET = re.compile(
    rf"(?:{_ROAD}|[A-ZÄÖÜ][\w'’-]{{1,40}}?{_ENDING}|(?<!\w)(?:{_WORD}|{_PLACE_WORD}))\Z"
)
_LAST_LETTERS = (
    *(
        "straße",
        "strasse",
        "str",
        "str.",
        "weg",
        "platz",
        "gasse",
        "gässli",
        "gässle",
        "allee",
        "ring",
    ),
    *("ufer", "damm", "chaussee", "steig", "stieg", "pfad", "promenade", "graben", "kai", "quai"),
    *("twiete", "markt", "anger", "wall", "hang", "bach"),
)
_HAS_BOTH = re.compile(rf"{_ROAD}{_NUMBER}")
_BEGINS_LIKE_NUMBER = re.compile(r"[1-9]\d{0,2}(?!\d)|[Nn]r")
_FOUR_DIGITS = re.compile(r"\d{4}")
_HAS_POSTCODE = re.compile(_POSTCODE)


def ends_like_street(part: str) -> bool:
    """Whether the name of a street may end, or begin, with the end of `part` of a text.

    Parts end at whitespace.
    """
    # The letters first: most parts are words that end otherwise.
    return part.lower().endswith(_LAST_LETTERS) and _ENDS_LIKE_STREET.search(part[-50:]) is not None


def begins_like_house_number(part: str) -> bool:
    """Whether a house number may begin where `part` of a text begins."""
    return _BEGINS_LIKE_NUMBER.match(part) is not None


def has_postcode(part: str) -> bool:
    """Whether a postcode may stand in `part` of a text."""
    return _FOUR_DIGITS.search(part) is not None and _HAS_POSTCODE.search(part) is not None


def has_street_and_number(part: str) -> bool:
    """Whether `part` of a text may hold both at once: "Hauptstr.12"."""
    return _HAS_BOTH.search(part) is not None


def find_addresses(text: str) -> Iterator[Hit]:
    """Yield postal addresses, kind by kind.

    Street, number, postcode and town are unmistakable. Street and number alone are an address where
    the comment says that somebody lives there. What belongs to an office is passed over, unless
    somebody lives there.
    """
    runs = list(_DIGITS.finditer(text))
    if not runs:
        return
    if any(_may_be_postcode(text, run) for run in runs):
        for pattern in (_STREET_FIRST, _NAME_FIRST, _TOWN_FIRST):
            for match in pattern.finditer(text):
                found = match.group()
                numbered = pattern is _NAME_FIRST and _NUMBERED.search(found) is not None
                if numbered or _COUNTED.search(found) is not None:
                    continue
                if not _of_an_office(text, match) or _lived_in(text, match, _BEFORE):
                    yield Hit(*match.span(), 2)
    if not any(_may_be_house(text, run) for run in runs):
        return
    for pattern, reach in ((_STREET_ALONE, _BEFORE), (_PLACE_ALONE, _AT_ONCE)):
        for match in pattern.finditer(text):
            counted = _COUNTED.match(text, match.end() - 1)
            if not (counted or _NO_STREET.search(match.group())) and _lived_in(text, match, reach):
                yield Hit(*match.span(), 1)


def _may_be_postcode(text: str, run: re.Match[str]) -> bool:
    start, end = run.span()
    return (
        4 <= end - start <= 5
        and (_YEAR.match(run.group()) is None or text[start - 1 : start] in {"-", "–"})
        and _WORD_BEHIND.match(text, end) is not None
    )


def _may_be_house(text: str, run: re.Match[str]) -> bool:
    start, end = run.span()
    return (
        end - start <= 3
        and _TELLING.search(text[max(0, start - _BEFORE) : start].lower()) is not None
    )


def _of_an_office(text: str, match: re.Match[str]) -> bool:
    before = max(0, match.start() - _BEFORE)
    return (
        _OFFICE.search(text, before, match.start()) is not None
        or _FEDERAL.search(match.group()) is not None
    )


def _lived_in(text: str, match: re.Match[str], reach: int) -> bool:
    """Whether somebody is said to live at `match`, in the same sentence."""
    start, end = match.span()
    if _LIVES_BEHIND.match(text, end):
        return True
    # One clue may hide behind another, further one.
    for clue in _LIVES.finditer(text, max(0, start - reach - 20), start):
        if start - clue.end() <= reach and not _SENTENCE_END.search(text, clue.end(), start):
            return True
    return False

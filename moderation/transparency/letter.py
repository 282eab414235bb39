"""What a commenter is told (Art. 17 DSA): what, why, by which rule, by whom, and how to object."""

from __future__ import annotations

import re
from collections.abc import Iterator

from moderation.reasons import CATEGORY_NAMES
from moderation.transparency.restriction import Ground, House, Restriction

#: Words of the comment quoted per rule.
_QUOTED = 5
_MISSING = "[hier ergänzen: wo und bis wann widersprochen werden kann]"
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def statement(restriction: Restriction, house: House, *, confirmed: bool) -> str:
    """Write the statement of reasons for a commenter, in German.

    Parameters
    ----------
    restriction
        What was decided.
    house
        What is said of the house.
    confirmed
        Whether a person has decided so; without it the statement says that it is a draft.

    Returns
    -------
    str
        Paragraphs separated by blank lines, without one at the end.
    """
    return "\n\n".join(_paragraphs(restriction, house, confirmed=confirmed))


def _paragraphs(restriction: Restriction, house: House, *, confirmed: bool) -> Iterator[str]:
    if not confirmed:
        yield "ENTWURF – noch von niemandem bestätigt, nicht versenden"
    yield f"Begründung der Entscheidung über Ihren Beitrag{_from(house)}"
    yield "Guten Tag,"
    yield _what(restriction)
    yield "\n".join(_why(ground) for ground in restriction.grounds)
    if restriction.explanation:
        yield restriction.explanation
    yield _law(restriction, house)
    yield _automation(restriction)
    yield _redress(house)


def _from(house: House) -> str:
    return f" – {house.name}" if house.name else ""


def _what(restriction: Restriction) -> str:
    about = f" zum Artikel „{restriction.headline}“" if restriction.headline else ""
    written = german_date(restriction.published)
    dated = f" vom {written}" if written else ""
    done = {
        "not_published": "nicht veröffentlicht",
        "removed": "entfernt; er ist für niemanden mehr sichtbar",
    }[restriction.measure]
    on = german_date(restriction.decided_on)
    return (
        f"wir haben Ihren Beitrag{dated}{about} {done}. Die Entscheidung vom {on} gilt ohne "
        "zeitliche Begrenzung überall, wo unser Angebot abgerufen werden kann. Ihr Konto ist davon "
        "nicht betroffen."
    )


def _why(ground: Ground) -> str:
    rule = f"„{ground.rule}“"
    if ground.sentence.strip() != ground.rule.strip():
        rule += f" (im Zusammenhang: „{' '.join(ground.sentence.split())}“)"
    if not ground.words:
        return f"Nach unserer Einschätzung verstößt er gegen unsere Hausregel {rule}."
    shown = ", ".join(f"„{' '.join(word.split())}“" for word in ground.words[:_QUOTED])
    more = " u. a." if len(ground.words) > _QUOTED else ""
    about = f" ({CATEGORY_NAMES[ground.category]})" if ground.category else ""
    return (
        f"Anlass sind diese Stellen: {shown}{more}{about}. Nach unserer Einschätzung verstößt "
        f"das gegen unsere Hausregel {rule}."
    )


def _law(restriction: Restriction, house: House) -> str:
    where = f" Sie stehen unter {house.rules_url}." if house.rules_url else ""
    if restriction.law is None:
        return (
            f"Grundlage der Entscheidung sind unsere Hausregeln.{where} Ob Ihr Beitrag gegen ein "
            "Gesetz verstößt, haben wir damit nicht beurteilt."
        )
    return (
        f"Außerdem halten wir den Beitrag für rechtswidrig: {restriction.law}. Grundlage sind "
        f"dieses Gesetz und unsere Hausregeln.{where}"
    )


def _automation(restriction: Restriction) -> str:
    cause = (
        "Jemand hat uns den Beitrag gemeldet. "
        if restriction.noticed
        else "Wir haben den Beitrag von uns aus geprüft, niemand hat ihn gemeldet. "
    )
    found = any(ground.function for ground in restriction.grounds)
    helped = (
        "Ein Programm (Wortlisten und ein statistisches Modell) hat auf diese Stellen hingewiesen. "
        if found
        else "Die Stelle hat ein Mensch gefunden, kein Programm. "
    )
    return f"{cause}{helped}Entschieden hat ein Mensch in unserer Redaktion."


def _redress(house: House) -> str:
    objection = house.objection or _MISSING
    settlement = house.settlement or (
        "Sie können sich außerdem an eine zugelassene Stelle für außergerichtliche Streitbeilegung "
        "wenden (Artikel 21 der Verordnung (EU) 2022/2065)."
    )
    return (
        f"Wenn Sie anderer Meinung sind, können Sie widersprechen: {_as_sentence(objection)} Ein "
        f"Mensch prüft dann die Entscheidung. {_as_sentence(settlement)} Der Weg zu den Gerichten "
        "steht Ihnen offen."
    )


def _as_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "]")) else text + "."


def german_date(published: str | None) -> str | None:
    """Return a date as DD.MM.YYYY, None where `published` does not begin with an ISO 8601 date."""
    found = _DATE.match(published or "")
    return f"{found[3]}.{found[2]}.{found[1]}" if found else None

"""What a commenter is told (Art. 17 DSA): what, why, by which rule, by whom, and how to object."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from moderation.reasons import CATEGORY_NAMES
from moderation.transparency.restriction import EEA, Ground, House, Restriction

#: Words of the comment quoted per rule.
_QUOTED = 5
_MISSING = "[hier ergänzen: wo und bis wann widersprochen werden kann]"


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
    yield _what(restriction, house)
    if restriction.grounds:
        yield "\n".join(_why(ground) for ground in restriction.grounds)
    if restriction.explanation:
        yield restriction.explanation
    yield _law(restriction, house)
    yield _automation(restriction)
    yield _redress(house)


def _from(house: House) -> str:
    return f" – {house.name}" if house.name else ""


def _what(restriction: Restriction, house: House) -> str:
    about = f" zum Artikel „{restriction.headline}“" if restriction.headline else ""
    dated = f" vom {german_date(restriction.published)}" if restriction.published else ""
    done = {"not_published": "nicht veröffentlicht", "removed": "entfernt"}[restriction.measure]
    return (
        f"wir haben Ihren Beitrag{dated}{about} {done}. Die Entscheidung vom "
        f"{german_date(restriction.decided_on)} gilt ohne zeitliche Begrenzung {_where(house)}."
    )


def _where(house: House) -> str:
    if EEA.keys() <= set(house.territory):
        return "im gesamten Europäischen Wirtschaftsraum"
    names = ", ".join(sorted(EEA[code] for code in house.territory))
    return f"für {names}" if len(house.territory) == 1 else f"für diese Länder: {names}"


def _why(ground: Ground) -> str:
    about = f" ({CATEGORY_NAMES[ground.category]})" if ground.category else ""
    shown = ", ".join(f"„{' '.join(word.split())}“" for word in ground.words[:_QUOTED])
    more = " u. a." if len(ground.words) > _QUOTED else ""
    words = f"Anlass sind diese Stellen: {shown}{more}{about}." if shown else ""
    if ground.is_law:
        # Which law is broken, the person says who judged it.
        return words or f"Anlass ist der ganze Beitrag{about}."
    rule = f"„{ground.rule}“"
    if ground.sentence.strip() != ground.rule.strip():
        rule += f" (im Zusammenhang: „{' '.join(ground.sentence.split())}“)"
    if not words:
        return f"Nach unserer Einschätzung verstößt Ihr Beitrag gegen unsere Hausregel {rule}."
    return f"{words} Nach unserer Einschätzung verstößt das gegen unsere Hausregel {rule}."


def _law(restriction: Restriction, house: House) -> str:
    where = f" Die Hausregeln stehen unter {house.rules_url}." if house.rules_url else ""
    if restriction.law is None:
        return (
            f"Grundlage der Entscheidung sind unsere Hausregeln.{where} Ob Ihr Beitrag gegen ein "
            "Gesetz verstößt, haben wir damit nicht beurteilt."
        )
    if not restriction.house_rules:
        return (
            f"Wir halten den Beitrag für rechtswidrig: {restriction.law}. Grundlage der "
            "Entscheidung ist diese Vorschrift."
        )
    return (
        f"Außerdem halten wir den Beitrag für rechtswidrig: {restriction.law}. Grundlage der "
        f"Entscheidung sind diese Vorschrift und unsere Hausregeln.{where}"
    )


def _automation(restriction: Restriction) -> str:
    cause = (
        "Jemand hat uns den Beitrag gemeldet."
        if restriction.noticed
        else "Wir haben den Beitrag von uns aus geprüft."
    )
    means = "mit festen Suchregeln" + (
        " und einem statistischen Modell" if restriction.with_model else ""
    )
    helped = (
        f"Ein Programm, das {means} arbeitet, hat auf ihn hingewiesen."
        if restriction.detected
        else "Beanstandet hat ihn ein Mensch, kein Programm."
    )
    return f"{cause} {helped} Entschieden hat ein Mensch in unserer Redaktion."


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


def german_date(day: date) -> str:
    """Return a day as DD.MM.YYYY."""
    return f"{day:%d.%m.%Y}"

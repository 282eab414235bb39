"""The record of a statement of reasons that the EU's DSA Transparency Database takes.

The database must not hold personal data (Art. 24(5) DSA). So nothing is quoted from the comment,
and what a person adds goes to the commenter alone; the house's own rules are quoted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib import resources
from typing import Any

from moderation.reasons import CATEGORY_NAMES
from moderation.records import Category
from moderation.transparency.restriction import Ground, House, ReasonsError, Restriction

#: Statements in one call of the API.
BATCH = 100
#: Characters the database takes of a ground and of an explanation.
_GROUND, _EXPLANATION, _FACTS = 500, 2000, 5000

# Categories of the database and its keywords. No keyword says more than the rule: whether something
# is illegal ("illegal incitement …") is for a person to say.
_SPEECH = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
_TERMS = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
_CATEGORIES: Mapping[Category, tuple[str, str | None]] = {
    Category.GROUP_ABUSE: (_SPEECH, "KEYWORD_DISCRIMINATION"),
    Category.INSULT: (_SPEECH, None),
    Category.DEFAMATION: (_SPEECH, "KEYWORD_DEFAMATION"),
    Category.INDECENCY: (_TERMS, None),
    Category.PRIVACY: ("STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", None),
    Category.INCIVILITY: (_TERMS, None),
    Category.OFF_TOPIC: (_TERMS, None),
    Category.ADVERTISING: (_TERMS, "KEYWORD_GOODS_SERVICES_NOT_PERMITTED"),
    Category.LINKS: (_TERMS, None),
    Category.LENGTH_LIMIT: (_TERMS, None),
}
#: Of several grounds the gravest gives the category.
ORDER: tuple[Category, ...] = (
    Category.GROUP_ABUSE,
    Category.INDECENCY,
    Category.DEFAMATION,
    Category.INSULT,
    Category.PRIVACY,
    Category.INCIVILITY,
    Category.ADVERTISING,
    Category.OFF_TOPIC,
    Category.LINKS,
    Category.LENGTH_LIMIT,
)
_THREATS = ("STATEMENT_CATEGORY_VIOLENCE", None)
_VISIBILITY = {
    "not_published": "DECISION_VISIBILITY_CONTENT_DISABLED",
    "removed": "DECISION_VISIBILITY_CONTENT_REMOVED",
}


def database_record(restriction: Restriction, house: House) -> dict[str, Any]:
    """Return the record for the database, which is checked against its schema.

    Parameters
    ----------
    restriction
        What a person has decided.
    house
        What is said of the house.

    Raises
    ------
    ReasonsError
        If the date of the comment is not known, or the record does not fit the schema.
    """
    grounds = sorted(restriction.grounds, key=_rank)
    if restriction.published is None:
        raise ReasonsError(
            f"comment {restriction.comment_id}: its date is not known, and the database asks for "
            "it; give an input with dates, or leave out --database"
        )
    # Of what no rule was found for, a person has said that it is illegal.
    (category, keyword), *others = [_category(ground) for ground in grounds] or [(_SPEECH, None)]
    record: dict[str, Any] = {
        "decision_visibility": [_VISIBILITY[restriction.measure]],
        **_ground(restriction, grounds),
        "content_type": ["CONTENT_TYPE_TEXT"],
        "category": category,
        "territorial_scope": list(house.territory),
        "content_date": restriction.published.isoformat(),
        "application_date": restriction.decided_on.isoformat(),
        "decision_facts": _facts(restriction, grounds)[:_FACTS],
        "source_type": "SOURCE_ARTICLE_16" if restriction.noticed else "SOURCE_VOLUNTARY",
        "automated_detection": "Yes" if restriction.detected else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": puid(restriction),
    }
    additions = list(dict.fromkeys(other for other, _ in others if other != category))
    if additions:
        record["category_addition"] = additions
    keywords = list(dict.fromkeys(one for one in (keyword, *(k for _, k in others)) if one))
    if keywords:
        record["category_specification"] = keywords
    if restriction.language is not None:
        record["content_language"] = restriction.language.upper()
    if house.rules_url and restriction.house_rules:
        record["decision_ground_reference_url"] = house.rules_url
    _check(record, restriction.comment_id)
    return record


def puid(restriction: Restriction) -> str:
    """Return the platform's name for a statement: the same comment and decision, the same name."""
    parts = (
        restriction.url or restriction.source,
        restriction.comment_id,
        restriction.decided_on.isoformat(),
        restriction.measure,
    )
    return blake2b("\0".join(parts).encode(errors="replace"), digest_size=16).hexdigest()


def _category(ground: Ground) -> tuple[str, str | None]:
    if ground.category is None:
        return _TERMS, None
    return _THREATS if ground.function == "threats" else _CATEGORIES[ground.category]


def _rank(ground: Ground) -> int:
    return len(ORDER) if ground.category is None else ORDER.index(ground.category)


def _names(grounds: list[Ground]) -> str:
    names = (CATEGORY_NAMES[ground.category] for ground in grounds if ground.category)
    usual = "Verstoß gegen die Hausregeln" if grounds else "rechtswidriger Inhalt"
    return ", ".join(dict.fromkeys(names)) or usual


def _ground(restriction: Restriction, grounds: list[Ground]) -> dict[str, Any]:
    rules = "; ".join(f"„{' '.join(one.rule.split())}“" for one in grounds if not one.is_law)
    names = _names(grounds)
    if restriction.law is not None:
        also = f"; er verstößt auch gegen die Hausregel {rules}" if rules else ""
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": restriction.law[:_GROUND],
            "illegal_content_explanation": (
                f"Ein Mensch in der Redaktion hat den Beitrag als rechtswidrig beurteilt "
                f"({names}){also}."
            )[:_EXPLANATION],
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": f"Hausregel {rules}"[:_GROUND],
        "incompatible_content_explanation": (
            f"Der Beitrag verstößt nach Einschätzung der Redaktion gegen diese Regel ({names})."
        )[:_EXPLANATION],
    }


def _facts(restriction: Restriction, grounds: list[Ground]) -> str:
    names = _names(grounds)
    cause = "nach einer Meldung" if restriction.noticed else "aus eigener Initiative"
    return (
        f"Ein Leserkommentar wurde {cause} geprüft. Beanstandet wurde: {names}. Entschieden hat "
        "ein Mensch in der Redaktion."
    )


@cache
def schema() -> dict[str, Any]:
    """Return the packaged JSON schema of a record."""
    path = resources.files(__package__).joinpath("statement_of_reasons.schema.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _check(record: Mapping[str, Any], comment_id: str) -> None:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema()).iter_errors(record):
        place = "/".join(map(str, error.path)) or "the record"
        raise ReasonsError(
            f"comment {comment_id}: the database would not take {place}: {error.message[:200]}"
        )

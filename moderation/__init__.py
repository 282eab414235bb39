"""A comment desk for German newsrooms: house rules, a trained model, reasons.

Public names are loaded when they are first used, so that importing the package costs nothing::

    from moderation import Comment, Page, default_rules, open_desk

    desk = open_desk("news", rules=None, report=print)
    (verdict,) = desk.judge([Comment("1", "Sie Idiot!")], default_rules(), Page("mail"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from moderation.errors import CorpusError as CorpusError
    from moderation.errors import ModelError as ModelError
    from moderation.errors import ModerationError as ModerationError
    from moderation.errors import UnreadableInputError as UnreadableInputError
    from moderation.errors import UsageError as UsageError
    from moderation.json_records import page_record as page_record
    from moderation.json_records import verdict_record as verdict_record
    from moderation.labelling.functions import label_text as label_text
    from moderation.labelling.rules_file import default_rules as default_rules
    from moderation.labelling.rules_file import load_rules as load_rules
    from moderation.model.classifier import Classifier as Classifier
    from moderation.model.explanation import explain as explain
    from moderation.model.persistence import load as load
    from moderation.model.persistence import model_folder as model_folder
    from moderation.parsing.page_text import parse_page_text as parse_page_text
    from moderation.records import Article as Article
    from moderation.records import Category as Category
    from moderation.records import Comment as Comment
    from moderation.records import CommentPolicy as CommentPolicy
    from moderation.records import Evidence as Evidence
    from moderation.records import HouseRule as HouseRule
    from moderation.records import Label as Label
    from moderation.records import Page as Page
    from moderation.records import State as State
    from moderation.records import Verdict as Verdict
    from moderation.scoring import Desk as Desk
    from moderation.scoring import open_desk as open_desk
    from moderation.scoring import score_inputs as score_inputs
    from moderation.states import Clock as Clock
    from moderation.states import state_of as state_of

_HOMES = {
    "errors": "CorpusError ModelError ModerationError UnreadableInputError UsageError",
    "json_records": "page_record verdict_record",
    "labelling.functions": "label_text",
    "labelling.rules_file": "default_rules load_rules",
    "model.classifier": "Classifier",
    "model.explanation": "explain",
    "model.persistence": "load model_folder",
    "parsing.page_text": "parse_page_text",
    "records": "Article Category Comment CommentPolicy Evidence HouseRule Label Page State Verdict",
    "scoring": "Desk open_desk score_inputs",
    "states": "Clock state_of",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*_HOME_OF, "__version__"])

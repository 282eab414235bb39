"""Requests and answers of the Perspective API (v1alpha1), as its discovery document names them.

Source: the discovery document of ``commentanalyzer`` v1alpha1 and the published reference
(conversationai/perspectiveapi, 2-api). As in Google's own JSON, unknown fields are ignored, null is
the same as absent, and names may be written in camelCase or snake_case.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _absent_list(value: Any) -> Any:
    return [] if value is None else value


def _absent_table(value: Any) -> Any:
    return {} if value is None else value


def _absent_flag(value: Any) -> Any:
    return False if value is None else value


def _absent_text(value: Any) -> Any:
    return "" if value is None else value


_Flag = Annotated[bool, BeforeValidator(_absent_flag)]
_Text = Annotated[str, BeforeValidator(_absent_text)]
Languages = Annotated[
    list[str],
    BeforeValidator(_absent_list),
    Field(description="ISO 639-1 or BCP 47; German is served. Absent: detected.", max_length=20),
]


class _Message(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class TextEntry(_Message):
    """A text and how it is written."""

    text: _Text = ""
    type: _Text = Field("", description="PLAIN_TEXT, which is the default.")


class ArticleAndParentComment(_Message):
    """What a comment stands under and answers."""

    article: TextEntry | None = None
    parent_comment: TextEntry | None = None


class Context(_Message):
    """What a comment answers: one of the two."""

    entries: Annotated[list[TextEntry], BeforeValidator(_absent_list)] = []
    article_and_parent_comment: ArticleAndParentComment | None = None


class AttributeParameters(_Message):
    """How a requested attribute is to be answered."""

    score_type: _Text = Field("", description="PROBABILITY, which is the default.")
    score_threshold: float | None = Field(
        None, description="Scores below it are left out.", allow_inf_nan=False
    )


class Score(_Message):
    """A score, 0 to 1."""

    value: float | None = None
    type: _Text = "PROBABILITY"


class SpanScore(_Message):
    """The score of a part of the text: UTF-16 code units, end excluded."""

    begin: int | None = None
    end: int | None = None
    score: Score | None = None


class AttributeScores(_Message):
    """The scores of an attribute."""

    summary_score: Score | None = None
    span_scores: Annotated[list[SpanScore], BeforeValidator(_absent_list)] = []


def _absent_parameters(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: {} if one is None else one for name, one in value.items()}
    return _absent_table(value)


class AnalyzeCommentRequest(_Message):
    """A comment to be scored."""

    model_config = ConfigDict(
        json_schema_extra={
            # Clients should know; what is missing is told in the original's words.
            "required": ["comment", "requestedAttributes"],
            "examples": [
                {
                    "comment": {"text": "Guten Morgen, schöner Artikel."},
                    "requestedAttributes": {"TOXICITY": {}},
                    "languages": ["de"],
                    "doNotStore": True,
                }
            ],
        }
    )

    comment: TextEntry | None = None
    context: Context | None = None
    requested_attributes: Annotated[
        dict[str, AttributeParameters],
        BeforeValidator(_absent_parameters),
        Field(
            description="TOXICITY, SEVERE_TOXICITY, INSULT, PROFANITY, IDENTITY_ATTACK, THREAT …"
        ),
    ] = {}
    span_annotations: _Flag = False
    languages: Languages = []
    do_not_store: _Flag = Field(False, description="Nothing is ever stored of this request.")
    drop_unsupported_attributes: _Flag = False
    client_token: _Text = Field("", description="Comes back in the answer.")
    session_id: _Text = ""
    community_id: _Text = ""


class AnalyzeCommentResponse(_Message):
    """The scores of a comment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "attributeScores": {
                        "TOXICITY": {
                            "spanScores": [
                                {
                                    "begin": 0,
                                    "end": 30,
                                    "score": {"value": 0.012, "type": "PROBABILITY"},
                                }
                            ],
                            "summaryScore": {"value": 0.012, "type": "PROBABILITY"},
                        }
                    },
                    "languages": ["de"],
                    "detectedLanguages": ["de"],
                }
            ]
        }
    )

    attribute_scores: dict[str, AttributeScores] = {}
    languages: list[str] = []
    detected_languages: list[str] = []
    client_token: str | None = None


class SuggestCommentScoreRequest(_Message):
    """What a moderator decided: the score that a comment should have, 0 approved, 1 rejected."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["comment", "attributeScores"],
            "examples": [
                {
                    "comment": {"text": "Guten Morgen, schöner Artikel."},
                    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}},
                    "languages": ["de"],
                    "communityId": "Coral:kommentare.beispiel.de",
                    "clientToken": "comment:4711",
                }
            ],
        }
    )

    comment: TextEntry | None = None
    context: Context | None = None
    attribute_scores: Annotated[
        dict[str, AttributeScores],
        BeforeValidator(_absent_parameters),
    ] = {}
    languages: Languages = []
    do_not_store: _Flag = Field(False, description="The decision is stored without the text.")
    community_id: _Text = ""
    client_token: _Text = ""
    session_id: _Text = ""


class SuggestCommentScoreResponse(_Message):
    """Says that a decision was taken in: it is on the disk."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "clientToken": "comment:4711",
                    "detectedLanguages": ["de"],
                    "requestedLanguages": ["de"],
                }
            ]
        }
    )

    client_token: str | None = None
    detected_languages: list[str] = []
    requested_languages: list[str] = []

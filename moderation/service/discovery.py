"""The discovery document from which Google's own clients learn how to call us."""

from __future__ import annotations

from typing import Any

_REFERENCES: dict[str, dict[str, Any]] = {
    "TextEntry": {"text": "string", "type": "string"},
    "ArticleAndParentComment": {"article": "TextEntry", "parentComment": "TextEntry"},
    "Context": {"entries": ["TextEntry"], "articleAndParentComment": "ArticleAndParentComment"},
    "AttributeParameters": {"scoreType": "string", "scoreThreshold": "number"},
    "Score": {"value": "number", "type": "string"},
    "SpanScore": {"begin": "integer", "end": "integer", "score": "Score"},
    "AttributeScores": {"summaryScore": "Score", "spanScores": ["SpanScore"]},
    "AnalyzeCommentRequest": {
        "comment": "TextEntry",
        "context": "Context",
        "requestedAttributes": {"": "AttributeParameters"},
        "spanAnnotations": "boolean",
        "languages": ["string"],
        "doNotStore": "boolean",
        "dropUnsupportedAttributes": "boolean",
        "clientToken": "string",
        "sessionId": "string",
        "communityId": "string",
    },
    "AnalyzeCommentResponse": {
        "attributeScores": {"": "AttributeScores"},
        "languages": ["string"],
        "detectedLanguages": ["string"],
        "clientToken": "string",
    },
    "SuggestCommentScoreRequest": {
        "comment": "TextEntry",
        "context": "Context",
        "attributeScores": {"": "AttributeScores"},
        "languages": ["string"],
        "doNotStore": "boolean",
        "communityId": "string",
        "clientToken": "string",
        "sessionId": "string",
    },
    "SuggestCommentScoreResponse": {
        "clientToken": "string",
        "detectedLanguages": ["string"],
        "requestedLanguages": ["string"],
    },
}
_PLAIN = frozenset({"string", "number", "integer", "boolean"})


def discovery_document(base_url: str) -> dict[str, Any]:
    """Return the document for a service at `base_url` (``http://host:port/``)."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "commentanalyzer:v1alpha1",
        "name": "commentanalyzer",
        "version": "v1alpha1",
        "title": "Perspective API, answered in German by moderation",
        "protocol": "rest",
        "rootUrl": base_url,
        "servicePath": "",
        "baseUrl": base_url,
        "batchPath": "batch",
        "parameters": {
            "key": {"type": "string", "location": "query"},
            "alt": {"type": "string", "location": "query", "default": "json"},
            "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
        },
        "schemas": {
            name: {
                "id": name,
                "type": "object",
                "properties": {field: _schema(kind) for field, kind in fields.items()},
            }
            for name, fields in _REFERENCES.items()
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeComment"),
                    "suggestscore": _method("suggestscore", "SuggestCommentScore"),
                }
            }
        },
    }


def _method(name: str, message: str) -> dict[str, Any]:
    path = f"v1alpha1/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{message}Request"},
        "response": {"$ref": f"{message}Response"},
    }


def _schema(kind: Any) -> dict[str, Any]:
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, dict):
        return {"type": "object", "additionalProperties": _schema(kind[""])}
    return {"type": kind} if kind in _PLAIN else {"$ref": kind}

"""The service against its own OpenAPI document: schemathesis makes the requests up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from service_help import service

from moderation.service.metrics import PATHS

schemathesis.checks.load_all_checks()
# A language that is not German is refused, though it fits the schema; and null, numbers in
# quotation marks and unknown fields are taken, as Google takes them, though they do not.
_POSITIVE = schemathesis.checks.CHECKS.get_one("positive_data_acceptance")
_NEGATIVE = schemathesis.checks.CHECKS.get_one("negative_data_rejection")
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "20"))


def test_every_answer_is_as_the_document_says(tmp_path: Path) -> None:
    with service(tmp_path, decisions=str(tmp_path / "decisions.db")) as client:
        schema = schemathesis.openapi.from_asgi("/openapi.json", client.app)
        tried = 0
        for result in schema.get_all_operations():
            operation = result.ok()

            @given(case=operation.as_strategy())
            @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None)
            def answered(case: Any) -> None:
                case.call_and_validate(excluded_checks=[_POSITIVE, _NEGATIVE])

            answered()
            tried += 1
        assert tried == len(PATHS)


def test_the_document_names_every_path_that_is_counted(tmp_path: Path) -> None:
    with service(tmp_path) as client:
        document = client.get("/openapi.json").json()
    assert set(document["paths"]) | {"/openapi.json"} == PATHS

"""The service against its own OpenAPI document: schemathesis makes the requests up."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from service_help import running, service

from moderation.service.keys import add_key, new_key
from moderation.service.metrics import PATHS

schemathesis.checks.load_all_checks()
# A language that is not German is refused, though it fits the schema; and null, numbers in
# quotation marks and unknown fields are taken, as Google takes them, though they do not.
_OURS = schemathesis.checks.CHECKS.get_by_names(
    ["positive_data_acceptance", "negative_data_rejection"]
)
# Google answers 400, not 401, to a key that is none.
_GOOGLE_S = [*_OURS, *schemathesis.checks.CHECKS.get_by_names(["ignored_auth"])]
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "20"))


def test_every_answer_is_as_the_document_says(tmp_path: Path) -> None:
    served: set[str] = set()
    secret, key = new_key("schemathesis", ["admin"])
    add_key(tmp_path / "keys.json", key)
    options = ("--decisions", str(tmp_path / "decisions.db"), "--keys", str(tmp_path / "keys.json"))
    with running(tmp_path, *options) as (base, _):
        ways = {"query": "api_key", "header": "api_key", "bearer": "bearer"}
        keys = {name: {kind: secret} for name, kind in ways.items()}
        config = schemathesis.Config.from_dict({"auth": {"openapi": keys}})
        schema = schemathesis.openapi.from_url(f"{base}/openapi.json", config=config)
        for result in schema.get_all_operations():
            operation = result.ok()

            # The same requests each time: what fails must fail again.
            @given(case=operation.as_strategy())
            @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None,
                      derandomize=True)  # fmt: skip
            def answered(case: Any) -> None:
                path = case.operation.path
                excluded = _GOOGLE_S if path.startswith("/v1alpha1/") else _OURS
                if case.call_and_validate(excluded_checks=excluded).status_code < 300:
                    served.add(path)

            answered()
    assert served >= {"/v1/score", "/v1/model", "/v1/model/reload", "/metrics"}
    assert "unexpected" not in (tmp_path / "log").read_text()


def test_every_body_has_an_example_that_is_served(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    with service(tmp_path, decisions=str(tmp_path / "d.db"), coral_secret=str(secret)) as client:
        document = client.get("/openapi.json").json()
        tried = 0
        for path, operations in document["paths"].items():
            if path == "/coral/phase" or "requestBody" not in (post := operations.get("post", {})):
                continue
            content = post["requestBody"]["content"]["application/json"]["schema"]
            name = content["$ref"].rpartition("/")[2]
            for example in document["components"]["schemas"][name]["examples"]:
                answer = client.post(path, json=example)
                assert answer.status_code == 200, (path, answer.text)
                tried += 1
        assert tried >= 4


def test_the_document_names_every_path_that_is_counted(tmp_path: Path) -> None:
    with service(tmp_path) as client:
        document = client.get("/openapi.json").json()
    assert set(document["paths"]) | {"/openapi.json"} == PATHS

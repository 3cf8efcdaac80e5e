"""Requests and answers against a published OpenAPI file."""

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SCHEMAS = Path(__file__).parent / "schemas"


class OpenApi:
    """An excerpt of `schemas/`; it says what a request or an answer has to look like."""

    def __init__(self, name):
        self.document = _to_json_schema(json.loads((SCHEMAS / f"{name}.json").read_text("utf-8")))
        self.registry = Registry().with_resource("api", Resource(self.document, DRAFT202012))

    def operations(self):
        """Method, path and operation of each."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def find(self, method, path):
        """The operation of a request."""
        for listed, pattern, operation in self.operations():
            if listed == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                return operation
        raise AssertionError(f"{method} {path} is not published")

    def check(self, request, reply):
        """Compare a request of the loopback server and its reply with what is published."""
        operation = self.find(request.method, request.path)
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert {*request.params} <= names, f"{request.path} has parameters that are not published"
        if "requestBody" in operation:
            self._validate(operation["requestBody"]["content"], request.headers["content-type"], request.json())
        answers = operation["responses"]
        answer = answers.get(str(reply.status)) or answers[f"{reply.status // 100}XX"]
        self._validate(answer["content"], reply.all_headers()["Content-Type"], reply.body)

    def _validate(self, content, media_type, value):
        schema = {"$ref": "api" + content[media_type]["schema"]["$ref"]}
        Draft202012Validator(schema, registry=self.registry, format_checker=FormatChecker()).validate(value)


def _to_json_schema(value):
    """The document with `nullable` as JSON Schema says it, and without fields that are not published."""
    if isinstance(value, list):
        return [_to_json_schema(part) for part in value]
    if not isinstance(value, dict):
        return value
    schema = {name: _to_json_schema(part) for name, part in value.items() if name != "nullable"}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        schema["additionalProperties"] = False
    return {"anyOf": [schema, {"type": "null"}]} if value.get("nullable") is True else schema

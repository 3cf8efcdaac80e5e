"""What is wrong with the fields of a request, in plain sentences; no sentence repeats what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

PLACES: Final = ("body", "query", "path", "header", "cookie")
"""What pydantic's places begin with in a framework: said once here, and not part of a field's name."""

SENTENCES: Final[dict[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this request; take it out",
    "json_invalid": "is not valid JSON",
    "string_type": "must be a text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "does not have the form that is expected: {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be one of {expected}",
    "enum": "must be one of {expected}",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object with names and values",
    "model_type": "must be an object with names and values",
    "model_attributes_type": "must be an object with names and values",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "date_type": "must be a date such as 2026-05-31",
    "date_parsing": "must be a date such as 2026-05-31",
    "date_from_datetime_parsing": "must be a date such as 2026-05-31",
    "date_from_datetime_inexact": "must be a date without a time, such as 2026-05-31",
    "datetime_type": "must be an instant such as 2026-05-31T00:00:00",
    "datetime_parsing": "must be an instant such as 2026-05-31T00:00:00",
    "datetime_from_date_parsing": "must be an instant such as 2026-05-31T00:00:00",
    "union_tag_invalid": "must be one of {expected_tags}",
}
"""By the type of a validation error; its own facts stand in braces."""


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field.

    Attributes:
        field: Its name, with a dot between the parts of a path, such as "products.0.price"; empty for the whole body.
        detail: A sentence.
    """

    field: str
    detail: str


def describe_invalid(errors: Sequence[Mapping[str, Any]]) -> list[FieldProblem]:
    """One sentence for each field that a validation refused.

    Args:
        errors: What pydantic says of them.

    Example:
        >>> error = {"type": "greater_than_equal", "loc": ("body", "products", 0, "price"), "ctx": {"ge": 0}}
        >>> describe_invalid([error])
        [FieldProblem(field='products.0.price', detail='"products.0.price" must be 0 or more.')]
    """
    by_field: dict[str, FieldProblem] = {}
    for error in errors:
        problem = _describe(error)
        # several alternatives of one field: the first sentence says it
        by_field.setdefault(problem.field, problem)
    return list(by_field.values())


def _describe(error: Mapping[str, Any]) -> FieldProblem:
    location = list(error.get("loc", ()))
    place = str(location.pop(0)) if location and location[0] in PLACES else ""
    if error["type"] == "json_invalid":
        # its location is a position in the text
        return FieldProblem("", "The body is not valid JSON.")
    field = ".".join(str(part) for part in location)
    subject = f'"{field}"' if field else f"The {place or 'request'}"
    return FieldProblem(field, f"{subject} {_predicate(error)}.")


def _predicate(error: Mapping[str, Any]) -> str:
    facts = (error.get("ctx") or {}).items()
    context = {str(name): f"{value:g}" if isinstance(value, float) else value for name, value in facts}
    kind = str(error["type"])
    if kind in ("value_error", "assertion_error"):
        # written by this package's own validators, as a sentence without its subject
        return str(context.get("error", "is not valid")).rstrip(".")
    template = SENTENCES.get(kind, "is not valid")
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "is not valid"

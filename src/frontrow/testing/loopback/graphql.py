"""As much of GraphQL as a loopback server needs: documents without fragments, and a schema to check them against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

TOKEN: Final = re.compile(
    r'"""(?:\\"""|.)*?"""|"(?:\\.|[^"\\\n])*"|\$?[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[{}()\[\]:!=@]', re.DOTALL
)
CONNECTION: Final = "Connection"

Schema = Mapping[str, Mapping[str, str]]
"""The type of each field of each type, such as {"Order": {"id": "ID!", "tags": "[String!]!"}}."""


class GraphQLError(Exception):
    """A document that the schema does not allow."""


@dataclass(frozen=True)
class Field:
    """A field that a document asks for.

    Attributes:
        name: Its name in the schema.
        arguments: Their values; variables stand for theirs.
        fields: What is asked of what it returns.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()

    def get(self, name: str) -> Field | None:
        """The field of a name in it; None without one."""
        return next((inner for inner in self.fields if inner.name == name), None)


def parse_document(text: str, variables: Mapping[str, Any] | None = None) -> tuple[str, tuple[Field, ...]]:
    """Return the kind of a document, and its fields.

    Args:
        text: A query or a mutation.
        variables: The values of its variables.

    Raises:
        GraphQLError: It cannot be read.

    Example:
        >>> kind, fields = parse_document("query Q($id: ID!) { shop { name } node(id: $id) { id } }", {"id": "7"})
        >>> kind, fields[0].fields[0].name, fields[1].arguments
        ('query', 'name', {'id': '7'})
    """
    tokens = TOKEN.findall(re.sub(r"#[^\n]*", "", text))
    kind = tokens[0] if tokens and tokens[0] in ("query", "mutation") else "query"
    try:
        start = _find_selection(tokens)
        fields, end = _parse_selection(tokens, start, dict(variables or {}))
    except IndexError:
        raise GraphQLError("syntax error, unexpected end of file") from None
    if end != len(tokens):
        raise GraphQLError("syntax error, unexpected text after the document")
    return kind, fields


def check_fields(fields: tuple[Field, ...], type_name: str, schema: Schema) -> None:
    """Refuse fields that a type does not have, as a service does.

    Args:
        fields: What is asked of the type.
        type_name: Its name.
        schema: All types.

    Raises:
        GraphQLError: A field does not exist, or has or lacks fields of its own.
    """
    for selected in fields:
        field_type = find_type(selected.name, type_name, schema)
        if field_type is None:
            raise GraphQLError(f"Field '{selected.name}' doesn't exist on type '{type_name}'")
        bare = re.sub(r"[\[\]!]", "", field_type)
        has_fields = bare in schema or bare.endswith((CONNECTION, "Edge"))
        if has_fields != bool(selected.fields):
            raise GraphQLError(f"Field '{selected.name}' of type '{field_type}' must{' ' * has_fields}have selections")
        check_fields(selected.fields, bare, schema)


def find_type(name: str, type_name: str, schema: Schema) -> str | None:
    """The type of a field; that of a connection follows from its name."""
    if type_name.endswith(CONNECTION):
        item = type_name.removesuffix(CONNECTION)
        return {"edges": f"[{item}Edge!]!", "nodes": f"[{item}!]!"}.get(name)
    if type_name.endswith("Edge"):
        return type_name.removesuffix("Edge") if name == "node" else None
    return schema.get(type_name, {}).get(name)


def _find_selection(tokens: list[str]) -> int:
    depth = 0
    for place, token in enumerate(tokens):
        if token == "{" and depth == 0:
            return place
        depth += (token in "([") - (token in ")]")
    raise GraphQLError("syntax error, no selection")


def _parse_selection(tokens: list[str], place: int, variables: dict[str, Any]) -> tuple[tuple[Field, ...], int]:
    fields: list[Field] = []
    place += 1
    while tokens[place] != "}":
        name = tokens[place]
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise GraphQLError(f"syntax error, unexpected {name}")
        place += 1
        if tokens[place] == ":":
            name, place = tokens[place + 1], place + 2
        arguments: dict[str, Any] = {}
        if tokens[place] == "(":
            arguments, place = _parse_arguments(tokens, place + 1, variables)
        inner: tuple[Field, ...] = ()
        if tokens[place] == "{":
            inner, place = _parse_selection(tokens, place, variables)
        fields.append(Field(name, arguments, inner))
    return tuple(fields), place + 1


def _parse_arguments(tokens: list[str], place: int, variables: dict[str, Any]) -> tuple[dict[str, Any], int]:
    arguments: dict[str, Any] = {}
    while tokens[place] != ")":
        name, value = tokens[place], tokens[place + 2]
        arguments[name] = _read_value(value, variables)
        place += 3
    return arguments, place + 1


def _read_value(token: str, variables: dict[str, Any]) -> Any:
    if token.startswith("$"):
        return variables.get(token[1:])
    if token.startswith('"'):
        return token.strip('"').replace('\\"', '"')
    if token in ("true", "false"):
        return token == "true"
    return int(token) if re.fullmatch(r"-?\d+", token) else token


def walk(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Every field of a document, at any depth."""
    for selected in fields:
        yield selected
        yield from walk(selected.fields)

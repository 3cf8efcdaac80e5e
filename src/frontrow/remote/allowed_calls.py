"""Which calls of a service may be made: everything that is not listed is refused before a byte is sent.

A connector or a platform lists its calls once, as data. What a service offers beside them, such as to subscribe
somebody again, cannot be reached by any code path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from frontrow.errors import RemoteError

TOKEN: Final = re.compile(r'"""(?:\\"""|.)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|[A-Za-z_]\w*|\.\.\.|\S', re.DOTALL)
"""One word, text, comment or sign of a GraphQL document."""

OPENING: Final = "{(["
CLOSING: Final = "})]"
INNER_MUTATION: Final = "bulkOperationRunMutation"
"""The mutation that runs another one, which it takes as text."""


@dataclass(frozen=True)
class AllowedCalls:
    """The calls that may be made.

    Attributes:
        calls: Method and path of each; `{name}` in a path stands for one part of it.
        graphql: The path that GraphQL documents are sent to, by POST; None where there is none. Queries are allowed.
        mutations: The mutations that may be sent there.

    Example:
        >>> allowed = AllowedCalls((("GET", "/orders"), ("GET", "/orders/{id}/refunds")))
        >>> allowed.match("GET", "/orders/7/refunds")
        '/orders/{id}/refunds'
        >>> allowed.match("DELETE", "/orders")
        Traceback (most recent call last):
        frontrow.errors.RemoteError: frontrow does not make this call: DELETE /orders. Nothing was sent.
    """

    calls: tuple[tuple[str, str], ...] = ()
    graphql: str | None = None
    mutations: tuple[str, ...] = ()

    def match(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> str:
        """Return the listed path of a call; messages show it, because the path itself may name a person.

        Args:
            method: Such as GET.
            path: Below the service's address, with no query.
            body: What is sent as JSON; for GraphQL the document and its variables.

        Raises:
            RemoteError: The call is not listed.
        """
        if self.graphql is not None and method == "POST" and _compile(self.graphql).fullmatch(path):
            self._check_document(body)
            return self.graphql
        for listed_method, listed_path, pattern in self._patterns:
            if method == listed_method and pattern.fullmatch(path):
                return listed_path
        raise RemoteError(f"frontrow does not make this call: {method} {_hide_values(path)}. Nothing was sent.")

    @cached_property
    def _patterns(self) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
        return tuple((method, path, _compile(path)) for method, path in self.calls)

    def _check_document(self, body: Mapping[str, Any] | None) -> None:
        if body is None or not isinstance(body.get("query"), str):
            raise RemoteError("frontrow sends no GraphQL call without its document. Nothing was sent.")
        variables = body.get("variables") or {}
        mutations = [*list_mutations(body["query"])]
        if INNER_MUTATION in mutations:
            inner = variables.get("mutation")
            if not isinstance(inner, str):
                raise RemoteError("frontrow sends no mutation as a part of another document. Nothing was sent.")
            mutations += list_mutations(inner)
        for name in mutations:
            if name not in self.mutations:
                raise RemoteError(f"frontrow does not make this call: the mutation {name}. Nothing was sent.")


def list_mutations(document: str) -> Iterator[str]:
    """The mutations in a GraphQL document, by their names in the service; none for a document of queries.

    A document that could hide one, by a fragment or a subscription, is refused.

    Args:
        document: Its text.

    Raises:
        RemoteError: The document is of another kind.

    Example:
        >>> list(list_mutations('mutation Tag($id: ID!) { first: tagsAdd(id: $id, tags: ["a {b}"]) { node { id } } }'))
        ['tagsAdd']
        >>> list(list_mutations("query { orders(first: 2) { nodes { id } } }"))
        []
    """
    tokens = [token for token in TOKEN.findall(document) if not token.startswith("#") and token != ","]
    depth, is_mutation, begins = 0, False, True
    for place, token in enumerate(tokens):
        if token in OPENING:
            begins = begins and token != "{"
            depth += 1
        elif token in CLOSING:
            depth -= 1
            begins = begins or (depth == 0 and token == "}")
        elif depth == 0 and begins:
            if token not in ("query", "mutation"):
                raise RemoteError("frontrow sends GraphQL queries and mutations only. Nothing was sent.")
            is_mutation, begins = token == "mutation", False
        elif depth == 1 and is_mutation and _is_field(tokens, place):
            yield token
    if depth:
        raise RemoteError("A GraphQL document is not complete. Nothing was sent.")


def _is_field(tokens: list[str], place: int) -> bool:
    """Whether a word at the top of a mutation is a field; not its alias, and nothing in round brackets."""
    token = tokens[place]
    if token == "...":
        raise RemoteError("frontrow sends no mutation with a fragment at its top. Nothing was sent.")
    if not re.fullmatch(r"[A-Za-z_]\w*", token):
        return False
    is_alias = place + 1 < len(tokens) and tokens[place + 1] == ":"
    is_directive = tokens[place - 1] == "@"
    return not is_alias and not is_directive and _is_in_selection(tokens, place)


def _is_in_selection(tokens: list[str], place: int) -> bool:
    """Whether the bracket that holds a word is a curly one."""
    depth = 0
    for token in reversed(tokens[:place]):
        if token in CLOSING:
            depth += 1
        elif token in OPENING:
            if depth == 0:
                return token == "{"
            depth -= 1
    return False


def _compile(path: str) -> re.Pattern[str]:
    """The pattern of a listed path; a part in curly brackets is one part of a path, and no step up."""
    parts = re.split(r"(\{\w+\})", path)
    one_part = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._~@:=+-]+"
    return re.compile("".join(one_part if part.startswith("{") else re.escape(part) for part in parts))


def _hide_values(path: str) -> str:
    """A path for a message: what has a digit, a sign of an address or is long could be an id or name a person."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part if re.fullmatch(r"[a-z0-9.-]{0,3}|[A-Za-z_-]{0,40}(\.json)?", part) else "…" for part in parts)

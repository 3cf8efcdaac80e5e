"""A server that plays Shopify's Admin API for one shop: tokens, questions, bulk operations and their files.

It holds a shop as its own CSV exports say (`shopify_nodes`). What it knows of the API is in `shopify_schema`.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from frontrow.testing.loopback.exchange import Reply, Request, serve_bytes
from frontrow.testing.loopback.graphql import Field, GraphQLError, check_fields, find_type, parse_document, walk
from frontrow.testing.loopback.server import LoopbackServer
from frontrow.testing.loopback.shopify_nodes import Node
from frontrow.testing.loopback.shopify_schema import API_VERSION, CHILDREN, SCHEMA

ALL_SCOPES: Final = ("read_orders", "read_all_orders", "read_products", "read_customers")
WINDOW: Final = dt.timedelta(days=60)
MOST_CONNECTIONS: Final = 5
DEEPEST: Final = 2
STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"
TYPES: Final = {"orders": "Order", "products": "Product", "customers": "Customer"}
UPDATED: Final = re.compile(r"updated_at:>='([^']+)'")
UNAUTHORIZED: Final = Reply({"errors": "[API] Invalid API key or access token"}, 401)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Behaviour:
    """How well the service does; every number counts down.

    Attributes:
        polls: How often an operation answers that it runs before it is complete.
        most_running: Operations that may run at once.
        others: How many questions pass until the operations of others end, which fill all places.
        is_shuffled: Lines come in any order.
        repeated: Of so many lines one comes twice; 0 for none.
        cut_files: How many downloads end early, as if they were whole.
        endings: How the next operations end, such as "FAILED TIMEOUT" or "CANCELED".
        throttled: How many questions are answered with THROTTLED.
        token_lasts: How many questions a token answers; None for all.
    """

    polls: int = 1
    most_running: int = 5
    others: int = 0
    is_shuffled: bool = True
    repeated: int = 0
    cut_files: int = 0
    endings: list[str] = field(default_factory=list)
    throttled: int = 0
    token_lasts: int | None = None


@dataclass
class _Operation:
    id: str
    query: str
    created_at: str
    ending: str
    polls: int
    lines: list[str]
    roots: int
    content: bytes | None = None

    def status(self) -> str:
        return "RUNNING" if self.polls > 0 else self.ending.partition(" ")[0]


class LoopbackShopify(LoopbackServer):
    """Plays the Admin API.

    Args:
        nodes: The shop's objects by kind: orders, products and customers.
        time_zone: IANA name.
        currency: ISO 4217 code.
        scopes: What tokens may do.
        behaviour: How well the service does.
        now: Its clock.

    Attributes:
        busy_seconds: How long it worked on answers.
        started: How many operations were started.
    """

    token = "shpat_" + "5" * 32
    client_id = "0f" * 16
    client_secret = "shpss_" + "7" * 32

    def __init__(
        self,
        nodes: Mapping[str, Iterable[Node]],
        *,
        time_zone: str = "America/New_York",
        currency: str = "USD",
        scopes: Iterable[str] = ALL_SCOPES,
        behaviour: Behaviour | None = None,
        now: Callable[[], dt.datetime] = _now,
    ) -> None:
        super().__init__()
        self.nodes = {kind: {node.id: node for node in values} for kind, values in nodes.items()}
        self.scopes = tuple(scopes)
        self.behaviour = behaviour or Behaviour()
        self.busy_seconds = 0.0
        self.started = 0
        self._facts = {"ianaTimezone": time_zone, "currencyCode": currency, "name": "Loopback"}
        self._clock = now
        self._random = random.Random(5)
        self._accepted: dict[str, int | None] = {self.token: self.behaviour.token_lasts}
        self._operations: dict[str, _Operation] = {}
        # what was asked before is ready
        self._projected: dict[str, dict[str, list[str]]] = {}
        self.add_route("POST", "/admin/oauth/access_token", self._timed(self._exchange))
        self.add_route("POST", f"/admin/api/{API_VERSION}/graphql.json", self._timed(self._answer_document))
        self.add_route("GET", "/files/{name}", self._timed(self._send_file))

    def put(self, kind: str, nodes: Iterable[Node]) -> None:
        """Add objects, or change them."""
        changed = {node.id: node for node in nodes}
        self.nodes[kind].update(changed)
        for projected in self._projected.values():
            for id_ in changed:
                projected.pop(id_, None)

    def revoke_tokens(self) -> None:
        """No token is accepted any more, until another one is exchanged."""
        self._accepted.clear()

    def expire_files(self) -> None:
        """Forget every operation, as after seven days."""
        self._operations.clear()

    def _timed(self, answer: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
        def timed(request: Request) -> Reply:
            began = time.perf_counter()
            try:
                return answer(request)
            finally:
                self.busy_seconds += time.perf_counter() - began

        return timed

    def _exchange(self, request: Request) -> Reply:
        form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
        expected = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
        }
        if form != expected:
            return Reply({"error": "invalid_request"}, 400)
        token = "shpat_" + format(self._random.getrandbits(128), "032x")
        self._accepted[token] = self.behaviour.token_lasts
        return Reply({"access_token": token, "scope": ",".join(self.scopes), "expires_in": 86399})

    def _accepts(self, token: str) -> bool:
        if token not in self._accepted:
            return False
        left = self._accepted[token]
        if left is not None:
            self._accepted[token] = left - 1
        return left is None or left > 0

    def _answer_document(self, request: Request) -> Reply:
        if not self._accepts(request.headers.get("x-shopify-access-token", "")):
            return UNAUTHORIZED
        if self.behaviour.throttled > 0:
            self.behaviour.throttled -= 1
            status = {"maximumAvailable": 2000.0, "currentlyAvailable": 5, "restoreRate": 100.0}
            cost = {"requestedQueryCost": 105, "actualQueryCost": None, "throttleStatus": status}
            errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
            return Reply({"errors": errors, "extensions": {"cost": cost}})
        self.behaviour.others = max(0, self.behaviour.others - 1)
        body = request.json()
        try:
            kind, fields = parse_document(body["query"], body.get("variables"))
            check_fields(fields, "Mutation" if kind == "mutation" else "QueryRoot", SCHEMA)
            return Reply({"data": {selected.name: self._resolve(selected) for selected in fields}})
        except GraphQLError as error:
            return Reply({"errors": [{"message": str(error), "extensions": {"code": "undefinedField"}}]})

    def _resolve(self, selected: Field) -> Any:
        if selected.name == "shop":
            return {inner.name: self._facts[inner.name] for inner in selected.fields}
        if selected.name == "currentAppInstallation":
            return {"accessScopes": [{"handle": scope} for scope in self.scopes]}
        if selected.name == "bulkOperationRunQuery":
            return self._run(selected.arguments["query"])
        if selected.name == "bulkOperation":
            operation = self._operations.get(selected.arguments["id"])
            return None if operation is None else self._describe(operation, selected)
        if selected.name == "bulkOperations":
            inner = selected.get("nodes")
            assert inner is not None
            newest = list(self._operations.values())[::-1][: selected.arguments["first"]]
            return {"nodes": [self._describe(operation, inner, polled=False) for operation in newest]}
        raise GraphQLError(f"Field '{selected.name}' is not played")

    def _run(self, text: str) -> dict[str, Any]:
        running = sum(operation.polls > 0 for operation in self._operations.values())
        if running >= self.behaviour.most_running or self.behaviour.others:
            message = "A bulk query operation for this app and shop is already in progress."
            return {"bulkOperation": None, "userErrors": [{"code": "OPERATION_IN_PROGRESS", "message": message}]}
        try:
            _, fields = parse_document(text)
            check_fields(fields, "QueryRoot", SCHEMA)
            check_bulk(fields)
        except GraphQLError as error:
            return {"bulkOperation": None, "userErrors": [{"code": "INVALID", "message": str(error)}]}
        self.started += 1
        ending = self.behaviour.endings.pop(0) if self.behaviour.endings else "COMPLETED"
        if f"read_{fields[0].name}" not in self.scopes:
            ending = "FAILED ACCESS_DENIED"
        lines, roots = self._collect(fields[0])
        operation = _Operation(
            id=f"gid://shopify/BulkOperation/{self.started:06d}",
            query=text,
            created_at=self._clock().strftime(STAMP),
            ending=ending,
            polls=self.behaviour.polls,
            lines=lines,
            roots=roots,
        )
        self._operations[operation.id] = operation
        described = {"id": operation.id, "status": "CREATED", "createdAt": operation.created_at}
        return {"bulkOperation": described, "userErrors": []}

    def _collect(self, selected: Field) -> tuple[list[str], int]:
        """The lines of a bulk query, and how many of them are of objects without a parent."""
        chosen = UPDATED.search(str(selected.arguments.get("query") or ""))
        since = chosen[1] if chosen else ""
        is_bounded = selected.name == "orders" and "read_all_orders" not in self.scopes
        first = (self._clock() - WINDOW).strftime(STAMP) if is_bounded else ""
        child_name = CHILDREN[selected.name]
        node = _inner(selected)
        child = next((inner for inner in node.fields if inner.name == child_name), None)
        projected = self._projected.setdefault(f"{selected.name} {node}", {})
        lines: list[str] = []
        roots = 0
        for value in self.nodes[selected.name].values():
            if value.updated_at < since or value.created_at < first:
                continue
            own = projected.get(value.id)
            if own is None:
                of_children = [_project(line, _inner(child)) for line in value.children] if child else []
                own = projected[value.id] = [_project(value.line, node), *of_children]
            copies = 1 + (self.behaviour.repeated > 0 and roots % self.behaviour.repeated == 0)
            lines += own * copies
            roots += copies
        if self.behaviour.is_shuffled:
            self._random.shuffle(lines)
        return lines, roots

    def _describe(self, operation: _Operation, selected: Field, *, polled: bool = True) -> dict[str, Any]:
        operation.polls -= polled
        status, _, error = operation.ending.partition(" ") if operation.polls <= 0 else ("RUNNING", "", "")
        is_complete = status == "COMPLETED"
        if operation.polls <= 0 and operation.content is None:
            part = operation.lines if is_complete else operation.lines[: len(operation.lines) // 2]
            operation.content = "".join(f"{line}\n" for line in part).encode()
            operation.lines = operation.lines[:1]
        number = operation.id.rpartition("/")[2]
        url = f"{self.url}/files/{number}.jsonl" if operation.content else None
        values = {
            "id": operation.id,
            "status": status,
            "errorCode": error or None,
            "createdAt": operation.created_at,
            "completedAt": operation.created_at if is_complete else None,
            "objectCount": str((operation.content or b"").count(b"\n")),
            "rootObjectCount": str(operation.roots if is_complete else 0),
            "fileSize": str(len(operation.content)) if operation.content else None,
            "query": operation.query,
            "type": "QUERY",
            "url": url if is_complete else None,
            "partialDataUrl": url if status in ("FAILED", "CANCELED") else None,
        }
        return {inner.name: values[inner.name] for inner in selected.fields}

    def _send_file(self, request: Request) -> Reply:
        number = request.parts["name"].removesuffix(".jsonl")
        operation = self._operations.get(f"gid://shopify/BulkOperation/{number}")
        if operation is None or operation.content is None:
            return Reply({"error": "expired"}, 403)
        content = operation.content
        if self.behaviour.cut_files > 0:
            self.behaviour.cut_files -= 1
            content = content[: int(0.6 * len(content))]
        return serve_bytes(request, content, f'"{number}-{len(content)}"')


def _inner(connection: Field) -> Field:
    """What is asked of the objects of a connection."""
    edges = connection.get("edges")
    node = edges.get("node") if edges else connection.get("nodes")
    if node is None:
        raise GraphQLError("Bulk queries must contain the nodes of a connection")
    return node


def check_bulk(fields: tuple[Field, ...]) -> None:
    """Refuse what a bulk query may not have."""
    if len(fields) != 1 or fields[0].name not in TYPES:
        raise GraphQLError("Bulk queries must contain one connection at the top")
    count, depth = _measure(fields[0], "QueryRoot", 0, in_list=False)
    if count > MOST_CONNECTIONS or depth > DEEPEST + 1:
        raise GraphQLError("Bulk queries cannot contain more than 5 connections, or any deeper than 2 levels")
    if not all(selected.get("id") for selected in walk(fields) if selected.name == "node"):
        raise GraphQLError("The parent and the children of a connection must have their id")


def _measure(selected: Field, type_name: str, depth: int, *, in_list: bool) -> tuple[int, int]:
    """The number of connections in a field, and how deep they are."""
    field_type = find_type(selected.name, type_name, SCHEMA) or ""
    bare = re.sub(r"[\[\]!]", "", field_type)
    is_connection = bare.endswith("Connection")
    if is_connection and in_list:
        raise GraphQLError("Queries that contain a connection field within a list field are not currently supported")
    depth += is_connection
    in_list = in_list or (field_type.startswith("[") and not type_name.endswith("Connection"))
    inner = [_measure(part, bare, depth, in_list=in_list) for part in selected.fields]
    return is_connection + sum(count for count, _ in inner), max([depth, *(deep for _, deep in inner)])


def _project(line: str, selected: Field) -> str:
    """Cut the JSON of an object to what is asked of it."""
    value = json.loads(line)
    cut = _cut(value, tuple(inner for inner in selected.fields if not _is_connection(inner)))
    return json.dumps(cut | ({"__parentId": value["__parentId"]} if "__parentId" in value else {}))


def _is_connection(selected: Field) -> bool:
    return selected.get("edges") is not None or selected.get("nodes") is not None


def _cut(value: Any, fields: tuple[Field, ...]) -> Any:
    if isinstance(value, list):
        return [_cut(item, fields) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        selected.name: _cut(value.get(selected.name), selected.fields) if selected.fields else value.get(selected.name)
        for selected in fields
    }

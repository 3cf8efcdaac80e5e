"""A Shopify on this machine whose customers can be tagged: staged uploads and bulk mutations beside what it reads.

Consent stands beside each customer, and nothing that is played here changes it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from frontrow.testing.loopback.exchange import Reply, Request
from frontrow.testing.loopback.graphql import Field, GraphQLError, check_fields, parse_document
from frontrow.testing.loopback.shopify import STAMP, Behaviour, LoopbackShopify, _Operation
from frontrow.testing.loopback.shopify_nodes import Node
from frontrow.testing.loopback.shopify_schema import SCHEMA

WRITING: Final = ("read_customers", "write_customers")
DAY: Final = "2026-12-01T00:00:00Z"
DOMAIN: Final = "loopback.myshopify.com"


class TagShopify(LoopbackShopify):
    """Plays the Admin API of a shop with customers.

    Args:
        addresses: E-mail addresses of its customers.
        refuse: Which customers a mutation does not tag.
        scopes: What tokens may do.
        behaviour: How well the service does.

    Attributes:
        tags: Tags by address.
        tagged: How often a tag was added to a customer that did not have it.
        uploads: Contents of staged uploads, by path.
        mutations: How many bulk mutations were started.
    """

    def __init__(
        self,
        addresses: Iterable[str],
        *,
        refuse: Callable[[str], bool] = lambda _: False,
        scopes: Iterable[str] = WRITING,
        behaviour: Behaviour | None = None,
    ) -> None:
        self._address = {f"gid://shopify/Customer/{number}": text for number, text in enumerate(addresses, 1)}
        nodes = [Node(key, DAY, DAY, _line(key, address)) for key, address in self._address.items()]
        super().__init__({"customers": nodes}, scopes=scopes, behaviour=behaviour)
        self._facts |= {"id": "gid://shopify/Shop/1", "myshopifyDomain": DOMAIN}
        self.tags: dict[str, set[str]] = {address: set() for address in self._address.values()}
        self.tagged: Counter[str] = Counter()
        self.uploads: dict[str, bytes] = {}
        self.mutations = 0
        self._refuse = refuse
        self.add_route("POST", "/staged", self._take_upload)

    def tagged_with(self, tag: str) -> set[str]:
        """The addresses of the customers with a tag."""
        return {address for address, tags in self.tags.items() if tag in tags}

    def _resolve(self, selected: Field) -> Any:
        if selected.name == "stagedUploadsCreate":
            (upload,) = selected.arguments["input"]
            key = f"tmp/1/bulk/{len(self.uploads):06d}/{upload['filename']}"
            parameters = {"Content-Type": upload["mimeType"], "success_action_status": "201", "key": key}
            target = {
                "url": f"{self.url}/staged",
                "resourceUrl": None,
                "parameters": [{"name": name, "value": value} for name, value in parameters.items()],
            }
            self.uploads[key] = b""
            return {"stagedTargets": [target], "userErrors": []}
        if selected.name == "bulkOperationRunMutation":
            return self._run_mutation(selected.arguments["mutation"], selected.arguments["stagedUploadPath"])
        return super()._resolve(selected)

    def _collect(self, selected: Field) -> tuple[list[str], int]:
        """See `LoopbackShopify`; of those with a tag only, where the query says so."""
        match = re.search(r"tag:'([^']+)'", str(selected.arguments.get("query") or ""))
        if match is None:
            return super()._collect(selected)
        everybody = self.nodes["customers"]
        chosen = {key: node for key, node in everybody.items() if match[1] in self.tags[self._address[key]]}
        self.nodes["customers"] = chosen
        try:
            return super()._collect(selected)
        finally:
            self.nodes["customers"] = everybody

    def _take_upload(self, request: Request) -> Reply:
        fields = _read_form(request)
        key = fields.get("key", b"").decode()
        if key not in self.uploads or [*fields][-1] != "file":
            return Reply(b"<Error><Code>InvalidPolicyDocument</Code></Error>", 403)
        self.uploads[key] = fields["file"]
        return Reply(b"", 201)

    def _run_mutation(self, text: str, path: str) -> dict[str, Any]:
        running = sum(operation.polls > 0 for operation in self._operations.values())
        if running >= self.behaviour.most_running or self.behaviour.others:
            message = "A bulk mutation operation for this app and shop is already in progress."
            return {"bulkOperation": None, "userErrors": [{"code": "OPERATION_IN_PROGRESS", "message": message}]}
        if not self.uploads.get(path):
            message = "The JSONL file could not be found."
            return {"bulkOperation": None, "userErrors": [{"code": "NO_SUCH_FILE", "message": message}]}
        try:
            kind, fields = parse_document(text)
            check_fields(fields, "Mutation", SCHEMA)
            if kind != "mutation" or len(fields) != 1:
                raise GraphQLError("A bulk mutation has one field")
        except GraphQLError as error:
            return {"bulkOperation": None, "userErrors": [{"code": "INVALID_MUTATION", "message": str(error)}]}
        self.started += 1
        self.mutations += 1
        ending = self.behaviour.endings.pop(0) if self.behaviour.endings else "COMPLETED"
        lines = [self._change(fields[0].name, json.loads(line)) for line in self.uploads[path].splitlines()]
        answers = [
            json.dumps({"data": {fields[0].name: line}, "__lineNumber": place}) for place, line in enumerate(lines)
        ]
        operation = _Operation(
            id=f"gid://shopify/BulkOperation/{self.started:06d}",
            query=text,
            created_at=self._clock().strftime(STAMP),
            ending=ending,
            polls=self.behaviour.polls,
            lines=answers,
            roots=len(answers),
        )
        self._operations[operation.id] = operation
        described = {"id": operation.id, "status": "CREATED", "createdAt": operation.created_at}
        return {"bulkOperation": described, "userErrors": []}

    def _change(self, name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Change the tags of one customer; the payload of its answer."""
        address = self._address.get(variables["id"])
        if address is None or self._refuse(address):
            return {"node": None, "userErrors": [{"message": "Customer does not exist"}]}
        if name == "tagsAdd":
            self.tagged.update(tag for tag in variables["tags"] if tag not in self.tags[address])
            self.tags[address] |= {*variables["tags"]}
        else:
            self.tags[address] -= {*variables["tags"]}
        return {"node": {"id": variables["id"]}, "userErrors": []}


def _line(key: str, address: str) -> str:
    email = {"emailAddress": address, "marketingState": "SUBSCRIBED"}
    return json.dumps({"id": key, "tags": [], "defaultEmailAddress": email, "defaultPhoneNumber": None})


def _read_form(request: Request) -> dict[str, bytes]:
    """The fields of a multipart form, in their order."""
    boundary = re.search(r"boundary=(\S+)", request.headers.get("content-type", ""))
    if boundary is None:
        return {}
    fields = {}
    for part in request.body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if name is not None:
            fields[name[1].decode()] = content.removesuffix(b"\r\n")
    return fields

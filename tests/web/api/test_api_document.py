"""The OpenAPI document: complete, its examples answered, and every answer as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import schemathesis
from api_site import SHOP, ApiSite
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.python.asgi import ASGIClient
from schemathesis.specs.openapi.checks import positive_data_acceptance

from frontrow.service.customer_addresses import read_addresses

JOB = "3f6c0a9d2b7e4c1f8a5d6e70"
"""Id of the examples' job."""


def operations(site: ApiSite) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in site.app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_of_the_interface_is_in_the_document(site: ApiSite) -> None:
    described = {(path, method) for path, method, _ in operations(site)}
    for context in iter_route_contexts(site.app.routes):
        route = context.route if hasattr(context, "route") else context
        if isinstance(route, APIRoute) and route.path.startswith("/v1/"):
            assert {(route.path, method.lower()) for method in route.methods} <= described


def test_every_operation_is_described(site: ApiSite) -> None:
    names = [operation["operationId"] for _, _, operation in operations(site)]
    assert len(names) == len({*names})
    for path, method, operation in operations(site):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (path, parameter["name"])
        if method == "post":
            assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}, path


def test_every_field_of_a_request_is_described(site: ApiSite) -> None:
    schemas = site.app.openapi()["components"]["schemas"]
    for _, method, operation in operations(site):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if method in ("post", "put") and content is not None:
            name = content["schema"]["$ref"].rpartition("/")[2]
            for field, schema in schemas[name]["properties"].items():
                assert schema.get("description"), (name, field)
            assert "example" in content, name


def fill_in(value: Any, ids: Mapping[str, str | None]) -> Any:
    """An example with the ids of this shop in the place of those of the document."""
    if isinstance(value, dict):
        return {key: fill_in(part, ids) for key, part in value.items()}
    if isinstance(value, list):
        return [fill_in(part, ids) for part in value]
    return ids.get(value, value) if isinstance(value, str) else value


def test_the_examples_are_answered(site: ApiSite, audience: str, campaign: str, trained: str) -> None:
    upload = site.client.put("/v1/uploads?name=orders.csv", content=b"a,b\n1,2\n").json()["upload_id"]
    product = site.client.get(f"/v1/launches?shop={SHOP}&limit=1").json()["items"][0]["product_id"]
    emails = {address.email for address in read_addresses(site.shop_folder, range(1, 400)).values() if address.email}
    assert len(emails) > 100
    ids = {
        JOB: audience,
        "9c1f0a44b2d87e35": campaign,
        "clay-pot-20-cm": product,
        "two_stage": trained,
        "Europe/London": None,
    }
    other_results = ("/v1/imports/{job_id}", "/v1/backtests/{job_id}", "/v1/trainings/{job_id}", "/v1/syncs/{job_id}")
    for path, method, operation in operations(site):
        if path in other_results or (path, method) == ("/v1/campaigns/{campaign_id}/measurement", "get"):
            continue
        parameters = {
            parameter["name"]: fill_in(parameter["schema"]["examples"][0], ids)
            for parameter in operation.get("parameters", ())
            if parameter["schema"].get("examples") and parameter["in"] in ("path", "query")
        }
        address = path
        for name in [name for name in parameters if f"{{{name}}}" in path]:
            address = address.replace(f"{{{name}}}", str(parameters.pop(name)))
        if "verdict" in parameters or "min_probability" in parameters or "kind" in parameters:
            parameters = {"shop": SHOP}
        body = operation.get("requestBody", {}).get("content", {})
        example = fill_in(body.get("application/json", {}).get("example"), ids)
        if isinstance(example, dict):
            example = {name: [upload] if name == "uploads" else value for name, value in example.items()}
        if path == "/v1/recommendations":
            example["model"] = trained
        if path.endswith("/recommendations") and method == "get":
            parameters["model"] = trained
        if path.endswith("/similar"):
            parameters["model"] = trained
        content = body.get("application/octet-stream", {}).get("example")
        answer = site.client.request(method, address, params=parameters, json=example, content=content)
        good = next(int(status) for status in operation["responses"] if status.startswith("2"))
        assert answer.status_code == good, (method, path, answer.text)
        if path != "/v1/campaigns/{campaign_id}/files/{platform}":
            assert not any(email in answer.text for email in emails), path


EXAMPLES = 2
"""Of each operation, valid ones and invalid ones."""


def test_every_answer_is_as_documented(site: ApiSite, audience: str, campaign: str, trained: str) -> None:
    del audience, campaign, trained
    # not entered, so that the runner does not start, and no job is done
    session = ASGIClient(site.app)
    session.headers["Authorization"] = f"Bearer {site.token}"
    document = json.loads(site.client.get("/openapi.json").content)
    schema = schemathesis.openapi.from_dict(document)
    schema.app = site.app
    checked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            send_some(operation, mode, session)
        checked += 1
    assert checked == len(list(operations(site)))


def send_some(operation: Any, mode: GenerationMode, session: ASGIClient) -> None:
    """Send requests that the document describes, or such as it rules out, and compare the answers with it."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        # a document cannot say which shops, products and baselines there are
        case.call_and_validate(base_url="http://127.0.0.1", session=session, excluded_checks=[positive_data_acceptance])

    try:
        send()
    except Unsatisfiable:
        # an operation without parameters cannot be asked wrongly
        assert mode is GenerationMode.NEGATIVE

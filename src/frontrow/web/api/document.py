"""The OpenAPI document: what `GET /openapi.json` answers, and what programs make their clients from."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from frontrow.web.api.responses import PROBLEM_SCHEMA, Problem

TITLE: Final = "frontrow"

DESCRIPTION: Final = """
Who will buy a product that nobody has bought yet, and what a customer will want next, from a shop's own order history.

* **Work that takes long is a job.** A POST that begins one answers 202 with the address of the job in `Location`. Ask
  there until its `state` is `done`; its `result` is the address of what it made.
* **Lists have pages.** Send `cursor` from `next` (in JSON) or from the header `Link` back for the page after. A cursor
  holds for one list with the same filters.
* **Tables** come as JSON, CSV (`text/csv`) or Parquet (`application/vnd.apache.parquet`), by the header `Accept`.
* **Errors** are `application/problem+json`: `detail` says in a sentence what is wrong and what to do, `field` which
  part of the request is at fault.
* **Repeat without fear.** Send `Idempotency-Key` with a POST: the same request with the same key is done once in 24
  hours.
* **Ask only for what is new.** Answers with an `ETag` are not sent again to who has them: send the tag as
  `If-None-Match`.
* **No personal data** is in any answer but the files of a campaign, which need the scope `addresses`. Customers are
  numbers of the shop.
"""

TAGS: Final = (
    ("shops", "Shops, their facts, and exports that are read into them."),
    ("launches", "First sales of products that count as launches."),
    ("audiences", "Customers ranked for products that nobody has bought yet."),
    ("campaigns", "Who is contacted and who is held out, the files for each platform, and what it caused."),
    ("recommendations", "What a customer will want next, from a trained recommender in memory."),
    ("evidence", "Back-tests of the launch model on the past launches of a shop."),
    ("jobs", "Work that takes longer than an answer may."),
    ("server", "Health, readiness, metrics and this document."),
)

SECURITY_SCHEMES: Final[dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token that `frontrow token` made, with the scopes read, plan or addresses.",
    }
}


def install_document(app: FastAPI) -> None:
    """Let an application describe its HTTP interface, and nothing of its pages.

    Args:
        app: The application, with all its routes.
    """

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build_document(app)
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]


def build_document(app: FastAPI) -> dict[str, Any]:
    """The document of an application's routes.

    Args:
        app: The application.
    """
    document = get_openapi(
        title=TITLE,
        version=version("frontrow"),
        summary="Who will buy a new product, and what a customer wants next.",
        description=DESCRIPTION.strip(),
        routes=app.routes,
        tags=[{"name": tag, "description": description} for tag, description in TAGS],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas[PROBLEM_SCHEMA] = problem
    components["securitySchemes"] = SECURITY_SCHEMES
    own = {tag for tag, _ in TAGS}
    # pages are no part of it, even where they forgot to say so
    document["paths"] = {
        path: operations
        for path, operations in document["paths"].items()
        if all(own.intersection(operation.get("tags", ())) for operation in operations.values())
    }
    for operations in document["paths"].values():
        for operation in operations.values():
            if "401" in operation["responses"]:
                operation["security"] = [{"token": []}]
    return document

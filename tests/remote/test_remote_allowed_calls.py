"""Allowed calls: paths and GraphQL mutations that are not listed are refused."""

import pytest

from frontrow.errors import RemoteError
from frontrow.remote.allowed_calls import AllowedCalls, list_mutations

GRAPHQL = "/admin/api/{version}/graphql.json"
ALLOWED = AllowedCalls(graphql=GRAPHQL, mutations=("tagsAdd", "bulkOperationRunMutation"))


def check(document, **variables):
    body = {"query": document, "variables": variables}
    return ALLOWED.match("POST", "/admin/api/2026-01/graphql.json", body)


@pytest.mark.parametrize(
    "document",
    [
        "{ shop { name } }",
        "query Orders($after: String) { orders(first: 5, after: $after) { nodes { id } } }",
        'mutation { tagsAdd(id: "1", tags: ["a"]) { userErrors { message } } }',
        'mutation Tag($x: In = {a: "}"}) @keep { # note }\n first: tagsAdd(id: $x) { userErrors { message } } }',
    ],
)
def test_queries_and_listed_mutations_pass(document):
    assert check(document) == GRAPHQL


@pytest.mark.parametrize(
    "document",
    [
        "mutation { customerEmailMarketingConsentUpdate(input: {}) { userErrors { message } } }",
        "mutation { tagsAdd: customerUpdate(input: {}) { id } }",
        'mutation { a: tagsAdd(id: "}") { id } customerDelete(input: {id: 1}) { id } }',
        "query { shop { name } } mutation Later { customerDelete { id } }",
        "mutation { ...Hidden } fragment Hidden on Mutation { customerDelete { id } }",
        "mutation { ... on Mutation { customerDelete { id } } }",
        "mutation { ... @include(if: true) { customerDelete { id } } }",
        "subscription { orders { id } }",
        "fragment A on B { c } mutation { customerDelete { id } }",
        "mutation { tagsAdd(id: 1) { id }",
        'mutation { bulkOperationRunMutation(mutation: "mutation { customerDelete { id } }") { id } }',
    ],
)
def test_every_other_document_is_refused(document):
    with pytest.raises(RemoteError, match="Nothing was sent"):
        check(document)


def test_a_mutation_that_runs_another_one_is_looked_into():
    document = "mutation($mutation: String!) { bulkOperationRunMutation(mutation: $mutation) { id } }"
    assert check(document, mutation="mutation call($id: ID!) { tagsAdd(id: $id) { id } }")
    with pytest.raises(RemoteError, match="customerUpdate"):
        check(document, mutation="mutation call($id: ID!) { customerUpdate(id: $id) { id } }")


def test_a_document_has_to_be_there():
    for body in (None, {}, {"query": 7}):
        with pytest.raises(RemoteError, match="without its document"):
            ALLOWED.match("POST", "/admin/api/2026-01/graphql.json", body)


def test_mutations_are_listed_by_their_names_in_the_service():
    document = "mutation A { x: one(a: {b: [1, {c: 2}]}) { d { e } } two } mutation B { three }"
    assert list(list_mutations(document)) == ["one", "two", "three"]

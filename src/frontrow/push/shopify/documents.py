"""What a push says to Shopify's GraphQL Admin API, version 2026-10 (on shopify.dev, as read in December 2026).

Two mutations change customers, and both change nothing but tags: `tagsAdd` and `tagsRemove`. Consent is not even asked
for.
"""

from __future__ import annotations

from typing import Final

ACCOUNT: Final = """
query Account {
  shop { id myshopifyDomain }
  currentAppInstallation { accessScopes { handle } }
}
"""

CUSTOMERS: Final = (
    "{ customers { edges { node { id defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } } } }"
)
"""The bulk query that finds customers by their addresses."""

TAGGED: Final = "{{ customers(query: {query}) {{ edges {{ node {{ id }} }} }} }}"
"""The bulk query that finds the customers with a tag."""

STAGE: Final = """
mutation Stage($input: [StagedUploadInput!]!) {
  stagedUploadsCreate(input: $input) {
    stagedTargets { url resourceUrl parameters { name value } }
    userErrors { field message }
  }
}
"""

STAGED_FILE: Final = {
    "resource": "BULK_MUTATION_VARIABLES",
    "filename": "variables.jsonl",
    "mimeType": "text/jsonl",
    "httpMethod": "POST",
}

RUN: Final = """
mutation Run($mutation: String!, $path: String!) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path) {
    bulkOperation { id status createdAt }
    userErrors { code message }
  }
}
"""

ADD_TAGS: Final = (
    "mutation Add($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id } userErrors { message } } }"
)
REMOVE_TAGS: Final = (
    "mutation Remove($id: ID!, $tags: [String!]!) { tagsRemove(id: $id, tags: $tags) "
    "{ node { id } userErrors { message } } }"
)
MUTATIONS: Final = ("stagedUploadsCreate", "bulkOperationRunQuery", "bulkOperationRunMutation", "tagsAdd", "tagsRemove")
"""Every mutation that a push may name."""

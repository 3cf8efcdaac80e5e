"""The part of Shopify's GraphQL Admin API that frontrow speaks to, as the loopback server knows it.

Names and types of fields as published on shopify.dev (read in December 2026): the objects of a shop for API version
2026-01, bulk operations for 2026-10. A question for a field that is not here is refused, as Shopify refuses one that
does not exist.
"""

from __future__ import annotations

from typing import Final

from frontrow.testing.loopback.graphql import Schema

API_VERSION: Final = "2026-10"

_MAILING_ADDRESS: Final = {
    "company": "String",
    "city": "String",
    "provinceCode": "String",
    "countryCodeV2": "CountryCode",
    "phone": "String",
}

SCHEMA: Final[Schema] = {
    "QueryRoot": {
        "shop": "Shop!",
        "currentAppInstallation": "AppInstallation!",
        "bulkOperation": "BulkOperation",
        "bulkOperations": "BulkOperationConnection!",
        "orders": "OrderConnection!",
        "products": "ProductConnection!",
        "customers": "CustomerConnection!",
    },
    "Mutation": {
        "bulkOperationRunQuery": "BulkOperationRunQueryPayload",
        "bulkOperationRunMutation": "BulkOperationRunMutationPayload",
        "stagedUploadsCreate": "StagedUploadsCreatePayload",
        "tagsAdd": "TagsAddPayload",
        "tagsRemove": "TagsRemovePayload",
    },
    "BulkOperationRunMutationPayload": {
        "bulkOperation": "BulkOperation",
        "userErrors": "[BulkMutationUserError!]!",
    },
    "BulkMutationUserError": {"code": "BulkMutationErrorCode", "field": "[String!]", "message": "String!"},
    "StagedUploadsCreatePayload": {
        "stagedTargets": "[StagedMediaUploadTarget!]",
        "userErrors": "[UserError!]!",
    },
    "StagedMediaUploadTarget": {
        "url": "URL",
        "resourceUrl": "URL",
        "parameters": "[StagedUploadParameter!]!",
    },
    "StagedUploadParameter": {"name": "String!", "value": "String!"},
    "UserError": {"field": "[String!]", "message": "String!"},
    "TagsAddPayload": {"node": "Node", "userErrors": "[UserError!]!"},
    "TagsRemovePayload": {"node": "Node", "userErrors": "[UserError!]!"},
    "Node": {"id": "ID!"},
    "BulkOperationRunQueryPayload": {
        "bulkOperation": "BulkOperation",
        "userErrors": "[BulkOperationUserError!]!",
    },
    "BulkOperationUserError": {"code": "BulkOperationUserErrorCode", "field": "[String!]", "message": "String!"},
    "BulkOperation": {
        "id": "ID!",
        "status": "BulkOperationStatus!",
        "errorCode": "BulkOperationErrorCode",
        "createdAt": "DateTime!",
        "completedAt": "DateTime",
        "objectCount": "UnsignedInt64!",
        "rootObjectCount": "UnsignedInt64!",
        "fileSize": "UnsignedInt64",
        "query": "String!",
        "type": "BulkOperationType!",
        "url": "URL",
        "partialDataUrl": "URL",
    },
    "Shop": {
        "id": "ID!",
        "myshopifyDomain": "String!",
        "name": "String!",
        "ianaTimezone": "String!",
        "currencyCode": "CurrencyCode!",
    },
    "AppInstallation": {"accessScopes": "[AccessScope!]!"},
    "AccessScope": {"handle": "String!"},
    "MoneyBag": {"shopMoney": "MoneyV2!", "presentmentMoney": "MoneyV2!"},
    "MoneyV2": {"amount": "Decimal!", "currencyCode": "CurrencyCode!"},
    "MailingAddress": _MAILING_ADDRESS,
    "Order": {
        "id": "ID!",
        "name": "String!",
        "createdAt": "DateTime!",
        "processedAt": "DateTime!",
        "updatedAt": "DateTime!",
        "cancelledAt": "DateTime",
        "test": "Boolean!",
        "edited": "Boolean!",
        "email": "String",
        "phone": "String",
        "displayFinancialStatus": "OrderDisplayFinancialStatus",
        "displayFulfillmentStatus": "OrderDisplayFulfillmentStatus!",
        "customerAcceptsMarketing": "Boolean!",
        "currencyCode": "CurrencyCode!",
        "discountCodes": "[String!]!",
        "paymentGatewayNames": "[String!]!",
        "tags": "[String!]!",
        "subtotalPriceSet": "MoneyBag",
        "totalPriceSet": "MoneyBag!",
        "totalDiscountsSet": "MoneyBag",
        "totalRefundedSet": "MoneyBag!",
        "currentSubtotalPriceSet": "MoneyBag!",
        "currentTotalPriceSet": "MoneyBag!",
        "currentTotalDiscountsSet": "MoneyBag!",
        "shippingAddress": "MailingAddress",
        "billingAddress": "MailingAddress",
        "lineItems": "LineItemConnection!",
        "refunds": "[Refund!]!",
    },
    "LineItem": {
        "id": "ID!",
        "name": "String!",
        "sku": "String",
        "vendor": "String",
        "quantity": "Int!",
        "currentQuantity": "Int!",
        "originalUnitPriceSet": "MoneyBag!",
        "totalDiscountSet": "MoneyBag!",
    },
    "Refund": {"id": "ID!", "totalRefundedSet": "MoneyBag!", "refundLineItems": "RefundLineItemConnection!"},
    "RefundLineItem": {"quantity": "Int!", "subtotalSet": "MoneyBag!"},
    "Product": {
        "id": "ID!",
        "handle": "String!",
        "title": "String!",
        "descriptionHtml": "HTML!",
        "vendor": "String!",
        "productType": "String!",
        "status": "ProductStatus!",
        "tags": "[String!]!",
        "updatedAt": "DateTime!",
        "category": "TaxonomyCategory",
        "featuredMedia": "Media",
        "variants": "ProductVariantConnection!",
    },
    "TaxonomyCategory": {"fullName": "String!"},
    "Media": {"preview": "MediaPreviewImage"},
    "MediaPreviewImage": {"image": "Image"},
    "Image": {"url": "URL!"},
    "ProductVariant": {
        "id": "ID!",
        "sku": "String",
        "price": "Money!",
        "position": "Int!",
        "selectedOptions": "[SelectedOption!]!",
        "inventoryItem": "InventoryItem!",
    },
    "SelectedOption": {"name": "String!", "value": "String!"},
    "InventoryItem": {"unitCost": "MoneyV2"},
    "Customer": {
        "id": "ID!",
        "tags": "[String!]!",
        "updatedAt": "DateTime!",
        "defaultEmailAddress": "CustomerEmailAddress",
        "defaultPhoneNumber": "CustomerPhoneNumber",
        "defaultAddress": "MailingAddress",
    },
    "CustomerEmailAddress": {"emailAddress": "String!", "marketingState": "CustomerEmailAddressMarketingState!"},
    "CustomerPhoneNumber": {"phoneNumber": "String!", "marketingState": "CustomerSmsMarketingState!"},
}

CHILDREN: Final = {"orders": "lineItems", "products": "variants", "customers": None}
"""The connection within each kind of node."""

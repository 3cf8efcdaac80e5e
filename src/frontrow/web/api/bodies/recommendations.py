"""The bodies of requests for lists of products, and of their answers."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from frontrow.web.jobs.requests import RecommenderName, RulesText, ShopName, Text

DEFAULT_MODEL: Final = "two_stage"
LARGEST_ID: Final = 2**63 - 1
MOST_CUSTOMERS: Final = 1_000
MOST_PRODUCTS: Final = 100_000
"""Of all lists of one answer, which is made in memory: about 15 MB."""

CustomerId = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class ListedProductDocument(BaseModel):
    """One product of a list."""

    rank: int = Field(description="From 1.")
    product_id: str
    title: str | None
    score: float | None = Field(
        description="The probability that a customer who orders buys it, where scores are probabilities; otherwise a "
        "number that only orders the products of one customer. null for a product that the model does not score."
    )
    source: str = Field(description="What put it there: one of the model's sources, pinned, or the basket.")


class ModelFacts(BaseModel):
    """What made the lists."""

    model: str = Field(description="Name of the recommender.")
    as_of: str = Field(description="It learned from orders before this instant.")
    scores_are_probabilities: bool = Field(description="Whether scores are probabilities to buy.")


class RecommendationsDocument(ModelFacts):
    """The products that a customer is likely to want next, the likeliest first."""

    customer_id: int
    has_orders: bool = Field(description="Whether the recommender learned from orders of this customer.")
    recommendations: list[ListedProductDocument]


class ListDocument(BaseModel):
    """The list of one customer of a request, or of one first order."""

    customer_id: int | None = Field(description="The customer; null for a new one.")
    has_orders: bool = Field(description="Whether the recommender learned from orders of this customer.")
    recommendations: list[ListedProductDocument]


class ListsDocument(ModelFacts):
    """One list for each customer that was asked about, in the same order."""

    lists: list[ListDocument]


class SimilarProductDocument(BaseModel):
    """A product like another one."""

    product_id: str
    title: str | None
    similarity: float = Field(description="Above 0; 1 is the same.")


class SimilarDocument(BaseModel):
    """A product, and those most like it."""

    product_id: str
    title: str | None
    model: str
    similar: list[SimilarProductDocument]


class FirstOrder(BaseModel):
    """What is known of the first order of a new customer."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    country: Text | None = None
    """Where it goes, as the shop writes countries."""

    province: Text | None = None
    """Where it goes."""

    city: Text | None = None
    """Where it goes."""

    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    """Hour of the day at which it is placed."""

    month: Annotated[int, Field(ge=1, le=12)] | None = None
    """Month in which it is placed; by default, that of the recommender's last day."""


class RecommendationsRequest(BaseModel):
    """Whom lists are for, and under which rules."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    shop: ShopName
    """Name of the shop."""

    model: RecommenderName = DEFAULT_MODEL
    """Name of the recommender that was trained."""

    k: Annotated[int, Field(ge=1, le=1_000)] = 10
    """Length of each list."""

    rules: RulesText | None = None
    """The shop's rules in TOML, as in the file of `frontrow recommend --rules`."""

    customers: Annotated[list[CustomerId], Field(max_length=MOST_CUSTOMERS)] = Field(default_factory=list)
    """Numbers of customers."""

    source_ids: Annotated[list[Text], Field(max_length=MOST_CUSTOMERS)] = Field(default_factory=list)
    """Customers by the id that the shop's own system has for them. They are in the body, and so in no log."""

    first_orders: Annotated[list[FirstOrder], Field(max_length=MOST_CUSTOMERS)] = Field(default_factory=list)
    """New customers, by what is known of their first order; an empty object for one of whom nothing is known."""

    basket: Annotated[list[Text], Field(max_length=100)] = Field(default_factory=list)
    """Of new customers: ids of products in the basket; products like them are listed."""

    @model_validator(mode="after")
    def _check_size(self) -> RecommendationsRequest:
        lists = len(self.customers) + len(self.source_ids) + len(self.first_orders)
        if lists * self.k > MOST_PRODUCTS:
            raise ValueError(
                f"asks for {lists:,} lists of {self.k:,} products; one answer has at most {MOST_PRODUCTS:,} products. "
                "Send several requests, or make the lists of all customers with POST /v1/lists"
            )
        return self

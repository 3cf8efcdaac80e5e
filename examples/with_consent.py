"""Those of an audience who agreed to be mailed, each once, with the new product they are most likely to buy.

python examples/with_consent.py SHOP audience.csv to-mail.csv

Consent is what the shop's exports said at the last import; where they said nothing, the answer is no.
"""

import sys

import polars as pl

from frontrow import Shop


def to_mail(shop: Shop, audience: pl.DataFrame) -> pl.DataFrame:
    """One row a customer: e-mail address, the product's title, and the probability, most likely first."""
    agreed = shop.customers.filter(pl.col("accepts_email") & pl.col("email").is_not_null())
    return (
        audience.join(agreed.select("customer_id", "email").collect(), on="customer_id", how="inner")
        .sort("probability", "customer_id", "product_id", descending=[True, False, False])
        .unique("customer_id", keep="first", maintain_order=True)
        .select("email", "title", "probability")
    )


if __name__ == "__main__":
    folder, listed, output = sys.argv[1:]
    to_mail(Shop.read(folder), pl.read_csv(listed)).write_csv(output, float_precision=6)

"""The customers of an audience who consent to e-mail, each once, with the new product they are most likely to buy.

python examples/with_consent.py SHOP audience.csv to-mail.csv

Consent is taken from the last import; an unknown consent counts as no.
"""

import sys

import polars as pl

from frontrow import Shop


def to_mail(shop: Shop, audience: pl.DataFrame) -> pl.DataFrame:
    """One row per customer: e-mail address, title of the product, and the probability, highest first."""
    consenting = shop.customers.filter(pl.col("accepts_email") & pl.col("email").is_not_null())
    return (
        audience.join(consenting.select("customer_id", "email").collect(), on="customer_id", how="inner")
        .sort("probability", "customer_id", "product_id", descending=[True, False, False])
        .unique("customer_id", keep="first", maintain_order=True)
        .select("email", "title", "probability")
    )


if __name__ == "__main__":
    folder, audience_file, output = sys.argv[1:]
    to_mail(Shop.read(folder), pl.read_csv(audience_file)).write_csv(output, float_precision=6)

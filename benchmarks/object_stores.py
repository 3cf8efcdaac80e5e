"""The source object_store against moto's server, which plays Amazon S3: many objects, odd names, one large one.

Usage, with moto installed anywhere (pip install 'moto[s3]' flask flask-cors):

    moto_server -H 127.0.0.1 -p 5111 &
    python benchmarks/object_stores.py http://127.0.0.1:5111
"""

import io
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import obstore
import polars as pl
from obstore.store import S3Store

from frontrow.errors import RemoteError
from frontrow.remote.secrets import Secret, SecretReference
from frontrow.service.sources import add_source
from frontrow.service.sync import SyncSettings, sync_shop
from frontrow.shop.import_settings import ImportSettings
from frontrow.shop.shop import Shop
from frontrow.sources.objects.address import ObjectAddress
from frontrow.sources.objects.credentials import StoreSettings
from frontrow.sources.objects.store import ObjectStore
from frontrow.sources.source import Source

HEADER = "order_id,ordered_at,sku,title,quantity,price\n"
ODD_NAMES = ("ü +&%.csv", "a=b,c;d.csv", "'quoted'.csv", "x~y!(z).csv")
SECRETS = {"access_key_id": "BENCHMARK_KEY_ID", "secret_access_key": "BENCHMARK_KEY"}


def main() -> None:
    """Fill a bucket, sync twice, change one object, sync again; compare a large object byte by byte."""
    url, objects = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_200
    os.environ |= {"BENCHMARK_KEY_ID": "AKID", "BENCHMARK_KEY": "SECRET"}
    bucket = f"garden-{int(time.time())}"
    config = {"endpoint": url, "access_key_id": "AKID", "secret_access_key": "SECRET", "region": "us-east-1"}
    make_bucket(url, bucket)
    store = S3Store(bucket, config=config, client_options={"allow_http": True})
    names = [*(f"{number:05}.csv" for number in range(objects)), *ODD_NAMES]
    for number, name in enumerate(names):
        obstore.put(store, f"exports/{name}", f"{HEADER}{number},2026-03-01 10:00,A,Pot,1,9.5\n".encode())
    content = make_table(3_000_000)
    obstore.put(store, "large.parquet", content)
    settings = StoreSettings(
        {"endpoint": url, "region": "us-east-1"},
        {"access_key_id": Secret("AKID"), "secret_access_key": Secret("SECRET")},
    )
    with tempfile.TemporaryDirectory() as place:
        compare_large(ObjectStore(ObjectAddress.parse(f"s3://{bucket}/large.parquet"), settings), content, Path(place))
        shop = Path(place) / "shop"
        references = {name: SecretReference.parse(f"env:{variable}") for name, variable in SECRETS.items()}
        stated = {"path": f"s3://{bucket}/exports/", "endpoint": url, "region": "us-east-1"}
        add_source(shop, Source("bucket", "object_store", stated, references))
        sync(shop, "first sync")
        sync(shop, "second sync")
        obstore.put(store, f"exports/{names[0]}", f"{HEADER}0,2026-03-01 10:00,A,Pot,3,9.5\n".encode())
        sync(shop, "after one object was written anew")
        orders = Shop.read(shop).orders.collect()
        print(f"orders: {orders.height} of {len(names)}; changed: {orders.filter(pl.col('quantity') == 3).height} of 1")
    for missing in (f"s3://{bucket}/none.csv", "s3://no-such-bucket/*"):
        try:
            ObjectStore(ObjectAddress.parse(missing), settings).find()
        except RemoteError as error:
            print(f"{missing}: {error}")


def make_bucket(url: str, bucket: str) -> None:
    import urllib.request

    scope = "AKID/20260101/us-east-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=unchecked"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/{bucket}", method="PUT", headers=headers)).close()


def make_table(rows: int) -> bytes:
    file = io.BytesIO()
    numbers = np.random.default_rng(7).integers(0, 1 << 60, rows)
    pl.DataFrame({"order_id": numbers, "price": numbers.astype(float)}).write_parquet(file, compression="uncompressed")
    return file.getvalue()


def compare_large(store: ObjectStore, content: bytes, folder: Path) -> None:
    start = time.perf_counter()
    (stored,) = store.find()
    file = store.download(stored, folder)
    seconds = time.perf_counter() - start
    same = file.read_bytes() == content
    print(f"large object: {len(content) / 1e6:.0f} MB in {seconds:.1f} s, the same bytes: {same}")


def sync(shop: Path, name: str) -> None:
    start = time.perf_counter()
    (result,) = sync_shop(shop, SyncSettings(new_shop=ImportSettings(time_zone="UTC", currency="EUR"))).sources
    print(f"{name}: {result.counts['files']} files in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()

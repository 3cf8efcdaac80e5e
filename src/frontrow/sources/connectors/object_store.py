"""Object stores: files in a bucket, of which each sync brings the new and the changed ones.

`docs/sources/object-stores.md` has the least rights, and how the stores find their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from frontrow.sources.connector import Connector, ConnectorSetting, Fetched, FetchRequest
from frontrow.sources.objects.address import ObjectAddress
from frontrow.sources.objects.credentials import SECRETS, SETTINGS, StoreSettings
from frontrow.sources.objects.store import EXTRA, PACKAGE, ObjectStore


class ObjectStores(Connector):
    """Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage."""

    name = "object_store"
    title = "Object store"
    settings: ClassVar[tuple[ConnectorSetting, ...]] = (
        ConnectorSetting("path", "s3://BUCKET/exports/*.csv, gs://BUCKET/..., az://CONTAINER/..."),
        ConnectorSetting("format", "the format of all files, where the header does not tell", required=False),
        ConnectorSetting("map", "field=Column, for tables of order lines; several with commas between", required=False),
        ConnectorSetting("region", "s3: the bucket's region, such as eu-central-1", required=False),
        ConnectorSetting(
            "endpoint", "s3, az: the address of a store that is not Amazon's or Azure's own", required=False
        ),
        ConnectorSetting("access_key_id", "s3: the key's id", required=False, secret=True),
        ConnectorSetting("secret_access_key", "s3: the key itself", required=False, secret=True),
        ConnectorSetting("session_token", "s3: of a key that expires", required=False, secret=True),
        ConnectorSetting("key_file", "gs: the whole path of a service account's JSON key", required=False),
        ConnectorSetting("account_name", "az: the storage account", required=False),
        ConnectorSetting("account_key", "az: its key", required=False, secret=True),
        ConnectorSetting("sas_token", "az: instead, a signature that may read and list", required=False, secret=True),
    )
    packages: ClassVar[Mapping[str, str]] = {PACKAGE: EXTRA}

    def fetch(self, request: FetchRequest) -> Fetched:
        """See `Connector.fetch`."""
        from frontrow.sources.mapping import read_mapping

        store = _open(request)
        objects = store.find()
        imported = set(request.bookmark.get("objects", ()))
        new = [stored for stored in objects if stored.digest not in imported]
        files = []
        for number, stored in enumerate(new):
            request.progress(number, len(new))
            files.append(store.download(stored, request.folder))
        warnings = () if objects else (f"Nothing in the bucket matches {request.setting('path')}.",)
        return Fetched(
            files=tuple(files),
            # what is gone from the bucket need not be remembered
            bookmark={"objects": sorted(stored.digest for stored in objects)},
            format=request.setting("format") or None,
            mapping=read_mapping(request.setting("map")),
            counts={"files": len(new)},
            warnings=warnings,
        )

    def check_access(self, request: FetchRequest) -> tuple[str, ...]:
        """See `Connector.check_access`."""
        objects = _open(request).find()
        size = sum(stored.size for stored in objects)
        return (f"{len(objects):,} files of {size / 1e6:,.1f} MB match {request.setting('path')}.",)


def _open(request: FetchRequest) -> ObjectStore:
    address = ObjectAddress.parse(request.setting("path"))
    names = {name for values in SETTINGS.values() for name in values}
    settings = {name: request.setting(name) for name in names if request.setting(name)}
    secret_names = [name for values in SECRETS.values() for name in values if name in request.source.secrets]
    return ObjectStore(address, StoreSettings(settings, {name: request.secret(name) for name in secret_names}))


CONNECTOR = ObjectStores()

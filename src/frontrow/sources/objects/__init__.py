"""Files in object stores: Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure Blob Storage.

An object is downloaded whole, in the state that was listed, and then read like any file. Polars could read Parquet and
CSV in place; but an import reads a file several times, an object may be another one by then, and workbooks, .gz and
.zip files need a file all the same.
"""

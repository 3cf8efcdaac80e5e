"""One reader for every file that a person provides: CSV, Excel and Parquet to tables, cells to values.

`open_table` streams large exports, `read_text_table` reads small lists; both decode CSV files alike. `csv_output` is
the one writer of CSV. Imports `errors` only.
"""

"""The peer of bench/export.py: ADBC's SQLite driver, a select straight to a Parquet file."""

import sys
from pathlib import Path

import adbc_driver_sqlite.dbapi
import pyarrow.parquet as pq


def main() -> None:
    """Arguments: the database, a file with the select, the Parquet file."""
    database, query, out = sys.argv[1:]
    with (
        adbc_driver_sqlite.dbapi.connect(f"file:{database}?mode=ro") as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(Path(query).read_text(encoding="utf-8"))
        reader = cursor.fetch_record_batch()
        with pq.ParquetWriter(out, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)


if __name__ == "__main__":
    main()

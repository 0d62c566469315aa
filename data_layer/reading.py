"""How rows are read where one connection asks several questions."""

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from data_layer.writes import Row


async def read_rows(connection: AsyncConnection, query: Executable) -> list[Row]:
    """The rows that a query gives, each with its columns by name."""
    return [dict(row) for row in (await connection.execute(query)).mappings()]

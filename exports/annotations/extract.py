"""Where the rows of `annotations` come from."""

from sqlalchemy import func, select

from data_layer import schema
from exports.annotations.columns import COLUMNS
from exports.scope import Scope, with_thread
from exports.table import Extract, own_columns


def extract(scope: Scope) -> Extract:
    """Codes and notes on the exported threads and messages."""
    table, steps, codes = schema.annotations, schema.steps, schema.codes
    name = (
        select(codes.c.name)
        .where(codes.c.code_id == table.c.code_id, codes.c.codebook_version <= table.c.codebook_version)
        .order_by(codes.c.codebook_version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return Extract(
        source=with_thread(table).outerjoin(steps, steps.c.step_id == table.c.step_id),
        values=own_columns(
            table,
            COLUMNS,
            target_id=func.coalesce(table.c.step_id, table.c.thread_id),
            start=table.c.start_offset,
            end=table.c.end_offset,
            code=name,
            coder_id=table.c.researcher_id,
        ),
        where=(*scope.living(table, steps), *scope.threads()),
        order=(table.c.thread_id, table.c.annotation_id),
        touched=(
            table.c.created_at,
            table.c.returned_at,
            table.c.deleted_at,
            steps.c.version,
            steps.c.deleted_at,
            schema.threads.c.deleted_at,
        ),
        chosen=scope.moments(),
    )

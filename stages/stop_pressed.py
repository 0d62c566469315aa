"""That a participant pressed Stop is written for the record, whichever door they came by."""

from data_layer.record import Record


def keep_stop(
    record: Record, stopped: bool, thread_id: str, participant_id: str, connection_id: str | None = None
) -> None:
    """Keep that Stop was pressed, without waiting for it.

    Args:
        record: Where.
        stopped: Whether there was a reply to stop.
        thread_id: In which thread.
        participant_id: By whom.
        connection_id: Over which connection; None where it came over none that is kept.
    """
    record.writer.submit(
        record.event(
            "stop_pressed",
            payload={"stopped": stopped},
            thread_id=thread_id,
            participant_id=participant_id,
            connection_id=connection_id,
        )
    )

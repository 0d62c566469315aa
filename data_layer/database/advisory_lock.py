"""The locks by which processes on one PostgreSQL wait for each other, each under a number of its own.

https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from enum import IntEnum, unique


@unique
class AdvisoryLock(IntEnum):
    """What is locked. Where a second number says of what, it is a hash of that one's id."""

    AUDIT_CHAIN = 7311
    CODEBOOK = 7312
    WITHDRAWALS = 7313  # shared by batches, and held alone by one that withdraws somebody
    INTENTS = 7314
    SLOTS = 7315
    MIGRATIONS = 7316
    CHANGED_AS_READ = 7317  # of whatever is named (alone.py)
    NEW_THREADS = 7318  # of a thread that is not there yet
    ACTIVE_THREADS = 7319  # of a participant
    ASSIGNMENTS = 7320  # held by batches that assign somebody, or open a place

"""Every error that leaves the part that raised it, drawn once. Signals within one part are its own.

VerbatimError
├── StudyError                   a person can repair it; shown as one sentence, without a traceback
│   ├── StudyFileError           exit 10: study.yaml or one of its texts
│   ├── SettingsError            exit 11: an environment variable or .env
│   ├── StartError               exit 12: port, disk, folder, Python
│   ├── DialogFileError          exit 13: a file of dialogs
│   ├── ExportError              exit 14: the options or the folder of an export or a backup
│   ├── SimulationError          exit 15: a simulated participant met something unexpected
│   ├── DatabaseError            exit 16: the database cannot be opened or migrated
│   ├── AccountError             exit 17: an account of a participant or a researcher
│   ├── AuditError               exit 18: the audit log was changed
│   ├── CodingError              exit 19: a code or a note that cannot be kept as it is given
│   ├── ModelError               exit 20: a model that was asked and did not answer
│   ├── QueryError               exit 21: a search that cannot be read
│   ├── ViewError                exit 22: a search that cannot be kept under a name
│   ├── ImportFailed             exit 24: a source of conversations that cannot be read
│   └── NameRefused              exit 23: a participant's name that cannot be used (study/names.py)
├── AgentError                   the agent could not answer; the participant gets a sentence and a Retry
│   ├── AgentUnavailable         no connection, time-out, 5xx, rate limit: trying again may help
│   └── AgentRefused             4xx: trying again will not help until the settings are mended
└── WriteRefused                 a write that its caller may not make; refused, counted and logged
"""

from typing import ClassVar

from study.masking import masked
from study.reasons import Reason, reason_in_words


class VerbatimError(Exception):
    """The root of the tree. Its text may repeat what others said, and never a key or a password."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*(masked(part) if isinstance(part, str) else part for part in parts))


class StudyError(VerbatimError):
    """What a person can repair. Its text names the place and the repair; each kind has its exit code."""

    exit_code: ClassVar[int]


class StudyFileError(StudyError):
    """The study file, or a text that it names, is wrong."""

    exit_code = 10


class SettingsError(StudyError):
    """A setting is wrong."""

    exit_code = 11


class StartError(StudyError):
    """The machine does not let the app start."""

    exit_code = 12


class DialogFileError(StudyError):
    """A file of dialogs cannot be read."""

    exit_code = 13


class ExportError(StudyError):
    """An export or a backup cannot be made or checked."""

    exit_code = 14


class SimulationError(StudyError):
    """A simulated participant met something that should not happen."""

    exit_code = 15


class DatabaseError(StudyError):
    """The database cannot be opened or brought to the current schema."""

    exit_code = 16


class AccountError(StudyError):
    """An account cannot be made or changed."""

    exit_code = 17


class AuditError(StudyError):
    """The audit log is not whole."""

    exit_code = 18


class CodingError(StudyError):
    """A code or a note cannot be kept as it is given."""

    exit_code = 19


class ModelError(StudyError):
    """A model was asked, before the study, and did not answer."""

    exit_code = 20


class QueryError(StudyError):
    """A search cannot be read; says how to write it."""

    exit_code = 21


class ViewError(StudyError):
    """A search cannot be kept so; says what to do."""

    exit_code = 22


class ImportFailed(StudyError):
    """Conversations from elsewhere cannot be read, or not be brought in."""

    exit_code = 24


class AgentError(VerbatimError):
    """The agent could not answer.

    Args:
        message: What happened, for the record and the log; never shown to a participant.
        error_type: The provider's or the client's own name of it, as in `gen_ai` `error.type`.
    """

    def __init__(self, message: str, *, error_type: str) -> None:
        super().__init__(message)
        self.error_type = masked(error_type)


class AgentUnavailable(AgentError):
    """Trying again may help."""


class AgentRefused(AgentError):
    """Trying again will not help until somebody mends the settings."""


class WriteRefused(VerbatimError):
    """A write that its caller may not make.

    Args:
        reason: Why not; its words are the error's.
        detail: What else there is to say of it.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason_in_words(reason, detail))
        self.reason = reason

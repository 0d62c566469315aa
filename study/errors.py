"""Every error that Verbatim raises on purpose, drawn once.

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
│   └── CodingError              exit 19: a code or a note that cannot be kept as it is given
├── AgentError                   the agent could not answer; the participant gets a sentence and a Retry
│   ├── AgentUnavailable         no connection, time-out, 5xx, rate limit: trying again may help
│   └── AgentRefused             4xx: trying again will not help until the settings are mended
└── WriteRefused                 a write that its caller may not make; refused, counted and logged
"""


class VerbatimError(Exception):
    """The root of the tree."""


class StudyError(VerbatimError):
    """What a person can repair. Its text names the place and the repair."""

    exit_code = 19


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


class AgentError(VerbatimError):
    """The agent could not answer.

    Args:
        message: What happened, for the record and the log; never shown to a participant.
        error_type: The provider's or the client's own name of it, as in `gen_ai` `error.type`.
    """

    def __init__(self, message: str, *, error_type: str) -> None:
        super().__init__(message)
        self.error_type = error_type


class AgentUnavailable(AgentError):
    """Trying again may help."""


class AgentRefused(AgentError):
    """Trying again will not help until somebody mends the settings."""


class WriteRefused(VerbatimError):
    """A write that its caller may not make."""

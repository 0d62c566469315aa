"""What researchers did, in words: each action of the audit log ends a sentence that begins with who."""

from typing import Final

# Every action that is noted: a test looks through the source for others.
WORDS: Final[dict[str, str]] = {
    "alarms_tried": "sent a test alarm",
    "annotation_brought_back": "brought codes or notes back that had been removed",
    "annotation_changed": "changed a note",
    "annotation_made": "gave a code, or wrote a note",
    "annotation_removed": "removed codes or notes",
    "assignment_undone": "undid an assignment, or a taking back",
    "assignments_ended": "took conversations back from a coder",
    "audit_verified": "verified this log",
    "backup_begun": "began a backup",
    "backup_made": "made a backup",
    "code_added": "added a code",
    "code_brought_back": "brought a retired code back",
    "code_changed": "changed a code",
    "code_move_undone": "took the move of a code back",
    "code_moved": "moved a code in the codebook",
    "code_refused": "gave a one-time code that was not right",
    "code_retired": "retired a code",
    "codebook_downloaded": "downloaded the codebook",
    "codebook_import_undone": "took an import into the codebook back",
    "codebook_imported": "imported codes into the codebook",
    "coding_finished": "said that they have coded a conversation",
    "coding_reopened": "said that a conversation is not coded after all",
    "conditions_shown": "asked to see who is in which condition, and sees it from then on",
    "excerpts_downloaded": "downloaded the excerpts of a code",
    "excerpts_read": "read the excerpts of a code",
    "export_deleted": "deleted an export",
    "export_downloaded": "downloaded an export",
    "export_previewed": "looked at what an export would hold",
    "export_stopped": "stopped an export",
    "export_verified": "verified an export",
    "exported": "began an export",
    "file_read": "opened a file of a conversation",
    "identity_read": "looked up who a participant is",
    "import_begun": "began to import conversations",
    "imported": "imported conversations",
    "live_seen": "looked at who is here now",
    "message_restored": "brought a removed message back",
    "own_codes_off": "turned their own one-time codes off",
    "own_codes_on": "turned one-time codes on for themselves",
    "own_password_changed": "changed their own password",
    "own_session_ended": "ended a session of their own",
    "annotations_read": "read codes and notes",
    "codebook_read": "read the codebook",
    "participants_listed": "listed participants",
    "participant_read": "looked at what is kept of a participant",
    "participant_withdrawn": "withdrew a participant",
    "prompt_read": "read what the model was sent",
    "researcher_added": "made an account for a researcher",
    "researcher_codes_off": "turned the one-time codes of a researcher off",
    "researcher_let_in_again": "let a researcher in again",
    "researcher_password_reset": "gave a researcher another password",
    "researcher_role_changed": "gave a researcher another role",
    "researcher_shut_out": "shut a researcher out",
    "searched": "searched what was said",
    "sign_in_refused": "tried to sign in, and was refused",
    "signed_in": "signed in",
    "signed_out": "signed out",
    "step_read": "read a step of the agent’s work",
    "study_read": "looked at what the study is",
    "study_steered": "opened, paused or ended the study",
    "thread_read": "read a conversation",
    "thread_behind_read": "read what lay behind a conversation",
    "thread_restored": "brought a deleted conversation back",
    "thread_watched": "watched a conversation live",
    "threads_assigned": "assigned conversations to a coder",
    "threads_coded": "gave a code to conversations",
    "threads_uncoded": "took back a code that was given to conversations",
    "threads_listed": "listed conversations",
    "token_made": "made a token for a program",
    "token_revoked": "revoked a token",
    "view_changed": "changed a saved search",
    "view_deleted": "deleted a saved search",
    "view_saved": "saved a search",
}
# What the details are called, where their names say it badly.
DETAILS: Final[dict[str, str]] = {
    "annotation_ids": "annotations",
    "code_id": "code",
    "element_id": "file",
    "like": "more like the turn of",
    "llm_call_id": "call",
    "mode": "by",
    "q": "searched for",
    "replaces": "in the place of",
    "since_version": "after version",
    "step_id": "message",
    "until_version": "until version",
}


def action_in_words(action: str) -> str:
    """An action, as the end of a sentence; one that another version has noted, as it can be read."""
    return WORDS.get(action) or action.replace("_", " ")


def detail_in_words(detail: str) -> str:
    """What a detail is."""
    return DETAILS.get(detail) or detail.replace("_", " ")

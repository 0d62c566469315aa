"""Events of our own on the page's socket, beside Chainlit's: their names stand here, and in public/page."""

from enum import StrEnum


class ToPage(StrEnum):
    """What the server sends; a module of public/page hears each (`onArrive`)."""

    AWAY = "away"  # nothing was done for the study's idle minutes: the page lets its connection rest
    ELSEWHERE = "elsewhere"  # a message is not taken here: it was meant for another thread
    FORM = "form"  # a form under a reply, as it stands now
    FORM_REFUSED = "form_refused"  # a form that was sent is not kept, and why
    HELLO = "hello"  # whose page this is, and which thread it shows
    INTENTS = "intents"  # which is under way, and where others began and ended
    KEPT = "kept"  # a message is in the record
    LIMITS = "limits"  # how much a participant may still use
    MARKS = "marks"  # what stands with messages beside their words
    SIGNED_OUT = "signed_out"  # the page goes to the first screen instead of trying again
    STUDY_STATE = "study_state"  # whether the study is open, paused or ended
    THREAD_NEWS = "thread_news"  # a thread reads otherwise in the list
    TOO_FAST = "too_fast"  # a message is not taken: too much came in a short time


class FromPage(StrEnum):
    """What a page sends (`emit`); a guard hears each."""

    ANSWER_FORM = "answer_form"
    ANSWER_OFFER = "answer_offer"
    SHOW_BRANCH = "show_branch"
    TRY_AGAIN = "try_again"
    TYPING = "typing"

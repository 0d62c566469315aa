"""Tests of the data layer and of exports, each transaction of which gets another of the server's sessions."""

from tests.data_layer.chainlit.test_sidebar import (
    test_a_thread_that_moves_up_while_one_scrolls_hides_no_other,
    test_pages_miss_nothing_among_ties,
)
from tests.data_layer.coding.test_codebook import test_two_processes_change_one_code_at_once
from tests.data_layer.governance.test_withdrawal import (
    test_no_row_holds_a_word_of_theirs,
    test_sign_ins_end_at_once,
    thread_id,
)
from tests.data_layer.people.test_audit import test_two_processes_make_one_chain
from tests.data_layer.search.test_search import (
    test_a_deleted_message_is_not_found,
    test_anothers_words_are_never_found,
    test_titles_and_both_sides_messages_are_found,
)
from tests.data_layer.writing.test_outages import (
    test_an_entry_that_two_replays_have_read_is_applied_once,
    test_the_next_start_replays,
    test_updates_of_an_outage_end_right,
)
from tests.data_layer.writing.test_recovery import test_what_was_streaming_is_interrupted_with_what_was_shown
from tests.data_layer.writing.test_writer import (
    test_a_bad_row_takes_no_other_with_it,
    test_five_hundred_writers_at_once_lose_nothing,
    test_what_waits_is_one_transaction,
)
from tests.exports.test_snapshot import test_an_export_is_of_one_moment, test_those_who_write_go_on
from tests.exports.test_verify import exported, test_a_word_changed_in_the_database_is_named

__all__ = [
    "exported",
    "test_a_bad_row_takes_no_other_with_it",
    "test_a_deleted_message_is_not_found",
    "test_a_thread_that_moves_up_while_one_scrolls_hides_no_other",
    "test_a_word_changed_in_the_database_is_named",
    "test_an_entry_that_two_replays_have_read_is_applied_once",
    "test_an_export_is_of_one_moment",
    "test_anothers_words_are_never_found",
    "test_five_hundred_writers_at_once_lose_nothing",
    "test_no_row_holds_a_word_of_theirs",
    "test_pages_miss_nothing_among_ties",
    "test_sign_ins_end_at_once",
    "test_the_next_start_replays",
    "test_those_who_write_go_on",
    "test_titles_and_both_sides_messages_are_found",
    "test_two_processes_change_one_code_at_once",
    "test_two_processes_make_one_chain",
    "test_updates_of_an_outage_end_right",
    "test_what_waits_is_one_transaction",
    "test_what_was_streaming_is_interrupted_with_what_was_shown",
    "thread_id",
]

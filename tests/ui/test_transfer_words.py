"""What the list of transfers says, word for word."""

from dataclasses import replace

import pytest

from viewer.jobs.transfer import Kind, State, TransferRow
from viewer.ui.transfers import transfer_words

ROW = TransferRow(
    1, Kind.RETRIEVE, "Archive", "Miller, Anna", State.RUNNING, 412, 1240, 216_000_000, 21e6, 20.4, "", 0
)


def row(**changes):
    return replace(ROW, **changes)


def test_one_that_runs_says_how_far_how_fast_and_how_long_yet():
    assert transfer_words.state(ROW) == "Fetching, 20 s left"
    assert transfer_words.amounts(ROW) == "412 of 1,240   216 MB   21 MB/s"
    assert transfer_words.part(ROW) == 412 / 1240


def test_one_of_which_nobody_knows_how_much_it_is_says_what_came():
    unknown = row(total=None, seconds_left=None, bytes_per_second=0.0)
    assert transfer_words.state(unknown) == "Fetching"
    assert transfer_words.amounts(unknown) == "412 objects   216 MB"
    assert transfer_words.part(unknown) == 0


def test_a_short_one_counts_what_is_missing_and_offers_the_rest():
    short = row(state=State.SHORT, done=1238, short=2)
    assert transfer_words.state(short) == "1,238 of 1,240: 2 missing"
    assert transfer_words.deed_words(transfer_words.deeds(short)[0], short) == "Fetch the rest"
    sent = replace(short, kind=Kind.SEND)
    assert transfer_words.state(sent) == "1,238 of 1,240: 2 not sent"
    assert transfer_words.deed_words(transfer_words.deeds(sent)[0], sent) == "Send the rest"


def test_a_send_is_queued_then_sent_then_kept():
    send = row(kind=Kind.SEND, state=State.WAITING, done=0, total=4, bytes=0)
    assert transfer_words.state(send) == "Queued"
    assert transfer_words.state(replace(send, state=State.COMPLETE, done=4)) == "Sent"
    assert transfer_words.state(replace(send, state=State.COMPLETE, done=4, kept=3)) == "Sent, 3 kept there"
    assert transfer_words.state(replace(send, state=State.COMPLETE, done=4, kept=4)) == "Sent, kept there"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s left"), (119, "119 s left"), (200, "3 min left"), (7800, "2 h 10 min left")],
)
def test_time_is_told_as_a_person_does(seconds, words):
    assert transfer_words.left(seconds) == words


def test_the_sign_counts_what_is_under_way_and_what_went_wrong_and_nothing_else():
    assert transfer_words.summary([ROW, row(id=2), row(id=3, state=State.SHORT)]) == (
        "2 transfers running, 1 short"
    )
    assert transfer_words.summary([row(state=State.FAILED)]) == "1 transfer failed"
    assert transfer_words.summary([row(state=State.COMPLETE), row(state=State.CANCELLED)]) == ""


def test_hidden_characters_of_a_title_cannot_turn_a_row_around():
    tricky = row(title="Miller\u202e, Anna\nDoe", peer="A\u2067B")
    assert "\u202e" not in transfer_words.spoken(tricky)
    assert "\n" not in transfer_words.title(tricky)


def test_trouble_is_what_ended_short_or_failed_or_waits_for_a_person():
    assert (
        transfer_words.trouble(row(state=State.FAILED, sentence="No answer.")) == "Miller, Anna: No answer."
    )
    assert transfer_words.trouble(row(state=State.PAUSED, sentence="The disk is full."))
    assert transfer_words.trouble(row(state=State.PAUSED)) == ""
    assert transfer_words.trouble(row(state=State.COMPLETE, sentence="A note.")) == ""

"""What one canary's rows and sightings mean."""

from monitor.prober.track import Emission, Sighting, Track


def emitted(track, seq, sent=None, **more):
    at = float(seq) if sent is None else sent
    return track.sent(Emission(seq, wall=1000.0 + seq, sent=at, **more))


def seen(track, seq, at, rev=None, wall=None):
    arrivals, oddity = track.sighted(Sighting(seq, 1000.0 + seq if wall is None else wall, rev or f"rev {seq} {at}", at))
    return [(emission.seq, seconds) for emission, seconds in arrivals], oddity


def test_a_row_arrives_once_and_takes_from_sending_to_first_sight():
    track = Track()
    emitted(track, 1)
    assert seen(track, 1, at=1.25, rev="a") == ([(1, 0.25)], "")
    assert seen(track, 1, at=1.75, rev="a") == ([], ""), "the same state looked at again"
    assert track.arrived
    assert track.next() == 2


def test_a_newer_row_proves_the_older_ones():
    track = Track()
    for seq in (1, 2, 3, 4):
        emitted(track, seq)
    assert seen(track, 3, at=5.0) == ([(1, 4.0), (2, 3.0), (3, 2.0)], "")
    assert [e.seq for e in track.flying] == [4]


def test_what_is_seen_before_its_answer_counts_from_the_sight():
    track = Track()
    assert seen(track, 1, at=1.5) == ([], "")
    assert [(e.seq, s) for e, s in emitted(track, 1)] == [(1, 0.5)]


def test_a_row_of_another_life_proves_nothing_but_numbers_go_on_above_it():
    track = Track()
    emitted(track, 1)
    assert seen(track, 500, at=2.0) == ([], "")
    assert seen(track, 1, at=2.1, wall=7.0)[0] == [], "the number is ours, the time is not"
    assert not track.arrived
    assert track.next() == 501
    emitted(track, 501, sent=3.0)
    assert seen(track, 501, at=4.0)[0] == [(1, 3.0), (501, 1.0)]


def test_a_row_is_lost_once_and_late_afterwards():
    track = Track()
    emitted(track, 1, sent=0.0)
    emitted(track, 2, sent=50.0)
    assert [track.overdue(now, 60.0) for now in (59.9, 60.0, 61.0, 109.0, 110.0, 500.0)] == [0, 1, 0, 0, 1, 0]
    arrivals, _ = track.sighted(Sighting(2, 1002.0, "x", 600.0))
    assert [(e.seq, e.lost, s) for e, s in arrivals] == [(1, True, 600.0), (2, True, 550.0)]


def test_a_row_without_an_answer_is_never_lost_and_proves_the_older_ones():
    track = Track()
    emitted(track, 1, sent=0.0)
    emitted(track, 2, sent=1.0, acknowledged=False)
    assert track.overdue(100.0, 60.0) == 1
    arrivals, _ = track.sighted(Sighting(2, 1002.0, "x", 101.0))
    assert [(e.seq, e.acknowledged) for e, _ in arrivals] == [(1, True), (2, False)]


def test_an_old_row_that_has_no_answer_is_left_behind_by_the_next():
    track = Track()
    emitted(track, 1, acknowledged=False)
    emitted(track, 2)
    assert seen(track, 2, at=3.0)[0] == [(1, 2.0), (2, 1.0)]
    assert not track.flying


def test_the_same_row_written_again_is_a_duplicate_each_time():
    track = Track()
    emitted(track, 1)
    assert [seen(track, 1, at=2.0, rev=rev)[1] for rev in ("a", "b", "b", "c")] == ["", "duplicate", "", "duplicate"]


def test_going_back_is_counted_once_for_each_time():
    track = Track()
    for seq in (1, 2):
        emitted(track, seq)
        seen(track, seq, at=2.5, rev=f"first {seq}")
    assert seen(track, 1, at=3.0, rev="back")[1] == "reordered"
    assert seen(track, 1, at=3.1, rev="back")[1] == ""
    emitted(track, 3)
    assert seen(track, 3, at=3.5) == ([(3, 0.5)], "")


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr("monitor.prober.track.REMEMBERED", 10)
    track = Track()
    for seq in range(1, 100):
        emitted(track, seq)
    assert len(track.flying) == 10

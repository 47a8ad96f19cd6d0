"""Which seasons a store has, and what is waiting in one."""

from __future__ import annotations

from leaderboard_space.store.records import Season
from leaderboard_space.store.store import Store


def seasons(store: Store) -> list[Season]:
    """Every season that has a scored submission, the most recently scored first."""
    last: dict[Season, str] = {}
    for record in store.records():
        for result in store.results(record.id):
            last[result.season] = max(result.scored, last.get(result.season, ""))
    return sorted(last, key=lambda season: last[season], reverse=True)


def waiting(store: Store, season: Season) -> list[str]:
    """The submissions that a worker of this season has to do, oldest first.

    A failed one waits for a person to ask for it again. One that was scored in another season of the same
    dataset is scored in this one too, so that a new judge of record brings the whole table along.
    """
    found = []
    for record in store.records():
        if record.submission.dataset_sha256 != season.content_sha256:
            continue
        state = store.latest(record.id).state
        if state == "failed" or (state == "scored" and store.result(record.id, season) is not None):
            continue
        found.append(record.id)
    return found

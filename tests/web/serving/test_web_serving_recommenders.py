"""What stays in memory of recommenders and their answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="the server needs frontrow[web]")

from frontrow.web.serving.recommenders import Answers, NotTrainedError, Recommenders


def test_answers_have_room_for_so_many_bytes_and_the_oldest_go_first() -> None:
    answers = Answers(most_bytes=250)
    for customer in range(3):
        answers.put((customer, 10, ""), b"x" * 100)
    assert [answers.get((customer, 10, "")) is None for customer in range(3)] == [True, False, False]
    # the rules are a part of what is in memory
    answers.put((3, 10, "r" * 100), b"x" * 100)
    assert [answers.get((customer, 10, "")) is None for customer in (1, 2)] == [True, True]


def test_an_answer_that_is_given_again_takes_its_room_once() -> None:
    answers = Answers(most_bytes=250)
    answers.put((1, 10, ""), b"x" * 100)
    for _ in range(5):
        answers.put((2, 10, ""), b"x" * 100)
    assert answers.get((1, 10, "")) is not None


def test_an_answer_too_large_for_memory_is_not_kept() -> None:
    answers = Answers(most_bytes=250)
    answers.put((1, 10, ""), b"x" * 251)
    answers.put((2, 10, ""), b"x" * 250)
    assert (answers.get((1, 10, "")), answers.get((2, 10, ""))) == (None, b"x" * 250)


def test_names_that_somebody_made_up_leave_nothing_in_memory(tmp_path: Path) -> None:
    recommenders = Recommenders()

    async def ask() -> None:
        for number in range(20):
            with pytest.raises(NotTrainedError):
                await recommenders.find(tmp_path, tmp_path / f"model{number}")

    asyncio.run(ask())
    assert not recommenders._locks

"""Lose power at any moment of a command, and judge what the disk has."""

from __future__ import annotations

from disk import AFTERWARDS, record_disks
from trials import Expected, Ground, Outcome, spread
from writing_commands import WritingCommand


def lose_power_everywhere(
    ground: Ground,
    command: WritingCommand,
    expected: Expected,
    *,
    seed: int,
    mixtures: int = 2,
    most: int | None = None,
    judged: int | None = None,
) -> Outcome:
    """Run a command once, and judge every disk that a loss of power could have left.

    Args:
        ground: Where.
        command: What loses power.
        expected: What it gives without interruption.
        seed: Of the mixtures.
        mixtures: Number of mixtures of old and new at each moment.
        most: So many of the disks, evenly spread, with the first and the last; None for all.
        judged: On so many of the disks, evenly spread, both commands run; all others are only opened. None for all.
    """
    outcome = Outcome(command.name)
    disks = ground.root / "disks"
    ground.restore()
    line = command.line(ground.place, ground.inputs)
    moments = record_disks(ground.place, line, ground.output, disks, seed=seed, mixtures=mixtures)
    numbers = list(spread(len(moments), most))
    chosen = {numbers[index] for index in spread(len(numbers), judged)}
    for number in numbers:
        moment = moments[number]
        ground.restore(disks / f"{number + 1:05d}")
        run, where = number in chosen, f"{moment} (disk {number + 1})"
        after = outcome.after
        ground.judge(command, expected, outcome, where, run_again=run, run_other=run)
        if moment == AFTERWARDS and outcome.after == after and expected.before != expected.after:
            outcome.mixed += 1
            outcome.note(f"{where}: what the command did is lost")
    return outcome

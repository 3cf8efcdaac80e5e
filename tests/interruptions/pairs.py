"""Two commands at once: the result is that of one after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from forked import finish, start_command
from shop_states import State, compare
from trials import Ground
from writing_commands import WritingCommand

LOCKED = 75
REFUSED = 1
FORGOTTEN_MEANWHILE = "was forgotten while"


@dataclass
class PairOutcome:
    """What became of two commands that ran at once, several times.

    Attributes:
        commands: Their names.
        times: How often they ran.
        first: Results that are those of the first before the second.
        second: Results that are those of the second before the first.
        refused: Commands that were refused, and changed nothing: the other one had the lock, or a person was forgotten
            while a model was trained.
        wrong: Results that are neither.
        examples: What was wrong, a few times.
    """

    commands: str
    times: int = 0
    first: int = 0
    second: int = 0
    refused: int = 0
    wrong: int = 0
    examples: list[str] = field(default_factory=list)


Result = tuple[tuple[int, int], State]
"""The exit codes of the two commands, and what they left."""


def run_pairs(ground: Ground, one: WritingCommand, two: WritingCommand, times: int, *, wait: int = 120) -> PairOutcome:
    """Run two commands at once.

    Args:
        ground: Where.
        one: A command.
        two: Another one, or the same with another result.
        times: How often.
        wait: Seconds that each waits for the other; 0 for not at all: then one may be refused.
    """
    outcome = PairOutcome(f"{one.name} | {two.name}")
    lines = [[*command.line(ground.place, ground.inputs), "--wait", str(wait)] for command in (one, two)]
    first, second = _in_turn(ground, lines, (0, 1)), _in_turn(ground, lines, (1, 0))
    alone = [_alone(ground, line) for line in lines]
    for _ in range(times):
        ground.restore()
        result = _at_once(ground, lines)
        outcome.times += 1
        refused = _is_refusal(ground, result, alone, wait)
        outcome.refused += refused
        outcome.first += result == first
        outcome.second += result == second and result != first
        if not refused and result not in (first, second):
            outcome.wrong += 1
            differences = min((compare(result[1], expected[1]) for expected in (first, second)), key=len)
            outcome.examples.append(f"exit codes {result[0]}: {', '.join(differences[:6])}: {ground.printed()}")
    return outcome


def _outputs(ground: Ground) -> tuple[Path, Path]:
    return ground.output, ground.output.with_name("printed_too.txt")


def _at_once(ground: Ground, lines: list[list[str]]) -> Result:
    children = [start_command(line, output) for line, output in zip(lines, _outputs(ground), strict=True)]
    codes = [finish(child) for child in children]
    return (codes[0], codes[1]), ground.state()


def _in_turn(ground: Ground, lines: list[list[str]], order: tuple[int, int]) -> Result:
    ground.restore()
    codes = {number: ground.run(lines[number]) for number in order}
    return (codes[0], codes[1]), ground.state()


def _alone(ground: Ground, line: list[str]) -> tuple[int, State]:
    ground.restore()
    return ground.run(line), ground.state()


def _is_refusal(ground: Ground, result: Result, alone: list[tuple[int, State]], wait: int) -> bool:
    """Whether one of the commands was refused, and the other one had the shop for itself."""
    codes, state = result
    for number, output in enumerate(_outputs(ground)):
        locked = codes[number] == LOCKED and wait == 0
        outdated = codes[number] == REFUSED and FORGOTTEN_MEANWHILE in output.read_text("utf-8", "replace")
        if (locked or outdated) and (codes[1 - number], state) == alone[1 - number]:
            return True
    return False

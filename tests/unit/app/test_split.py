"""What the delivery process makes of the words of its children."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from facade.app.split import Split


class Said:
    """The parent's end of a link on which these messages wait."""

    def __init__(self, *messages: tuple[str, Any]) -> None:
        self._messages = list(messages)

    def receive(self) -> list[tuple[str, Any]]:
        messages, self._messages = self._messages, []
        return messages


class Listening(Split):
    """The host with children that only note how long they are given."""

    def __init__(self, **said: Said) -> None:
        self.patience: dict[str, list[bool]] = {name: [] for name in said}
        self.links = said  # type: ignore[assignment]
        self.children = {  # type: ignore[assignment]
            name: SimpleNamespace(
                heard=lambda now, busy=False, name=name: self.patience[name].append(busy),
                step=lambda now: "",
                due=lambda now: False,
                recovered=lambda: None,
                refusal="",
            )
            for name in said
        }
        self._trying = ""


def test_a_window_that_draws_a_slow_picture_is_given_time_and_no_piece_is_blamed_for_it():
    split = Listening(
        render=Said(("busy", "ember")),
        window=Said(("alive", {}), ("busy", "")),
    )

    split.step(1.0)

    assert split.patience == {"render": [True], "window": [False, True]}
    assert split._trying == "ember"

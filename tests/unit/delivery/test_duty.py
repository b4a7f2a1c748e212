"""Who of two machines sends: every way to lose and find each other, and never both for longer than a message takes."""

from __future__ import annotations

from uuid import UUID

from facade.delivery.duty import SETTLE_S, Duty
from facade.protocols.heartbeat import Doing, Heartbeat, Role

STEP_S = 0.5


class Two:
    """Two machines and the wire between them, in steps of one heartbeat. up: who runs; cut: whether the wire is."""

    def __init__(self):
        self.now = 0.0
        self.up = {}
        self.run = 0
        self.cut = False
        self.sequence = 0

    def start(self, role):
        self.run += 1
        self.up[role] = (Duty(role, interval_s=STEP_S, now=self.now), self.run)

    def step(self, seconds=STEP_S):
        """Advance; return who sent at the end of each heartbeat."""
        sent = []
        for _ in range(round(seconds / STEP_S)):
            self.now += STEP_S
            for role, (duty, run) in self.up.items():
                self.sequence += 1
                doing = Doing.SENDING if duty.sending else Doing.SILENT
                self.tell(role, doing, run)
            for duty, _ in self.up.values():
                duty.decide(self.now)
            sent.append(self.sending)
        return sent

    def tell(self, role, doing, run):
        message = Heartbeat(role, doing, UUID(int=role), run=run, sequence=self.sequence)
        for other, (duty, _) in self.up.items():
            if other is not role and not self.cut:
                duty.heard(message, self.now)

    @property
    def sending(self):
        return {role for role, (duty, _) in self.up.items() if duty.sending}


def together():
    two = Two()
    two.start(Role.MAIN)
    two.start(Role.STANDBY)
    two.step(5.0)
    assert two.sending == {Role.MAIN}
    return two


def test_a_main_machine_alone_begins_after_it_has_listened():
    two = Two()
    two.start(Role.MAIN)

    assert two.step(1.5) == [set()] * 3
    assert two.step() == [{Role.MAIN}]


def test_the_standby_begins_once_three_heartbeats_are_missed_and_not_before():
    two = together()
    del two.up[Role.MAIN]

    assert two.step(1.5) == [set()] * 3
    assert two.step() == [{Role.STANDBY}]


def test_the_main_machine_gets_the_facade_back_when_it_has_been_there_for_a_while():
    two = together()
    del two.up[Role.MAIN]
    two.step(3.0)

    two.start(Role.MAIN)
    sent = two.step(SETTLE_S + 2.0)

    assert sent[0] == {Role.STANDBY}
    assert sent[-1] == {Role.MAIN}
    assert {Role.MAIN, Role.STANDBY} not in sent
    assert sent.count(set()) <= 1


def test_a_main_machine_that_comes_and_goes_does_not_get_it_back():
    two = together()
    for _ in range(5):
        del two.up[Role.MAIN]
        two.step(3.0)
        two.start(Role.MAIN)
        assert set(map(frozenset, two.step(3.0))) == {frozenset({Role.STANDBY})}


def test_a_wire_that_was_cut_ends_in_one_sender_at_once():
    two = together()
    two.cut = True
    two.step(5.0)
    assert two.sending == {Role.MAIN, Role.STANDBY}  # neither can know better

    two.cut = False

    assert two.step() == [{Role.MAIN}]


def test_what_was_put_out_on_purpose_is_not_lit_by_the_other():
    two = together()
    two.sequence += 1
    two.tell(Role.MAIN, Doing.ENDED, two.up[Role.MAIN][1])
    del two.up[Role.MAIN]

    assert set(map(frozenset, two.step(20.0))) == {frozenset()}


def test_a_standby_that_never_heard_a_main_machine_begins():
    two = Two()
    two.start(Role.STANDBY)

    assert two.step(2.0)[-1] == {Role.STANDBY}


def test_messages_that_come_late_or_from_ones_own_kind_count_for_nothing():
    duty = Duty(Role.STANDBY, interval_s=STEP_S, now=0.0)
    message = Heartbeat(Role.MAIN, Doing.SENDING, UUID(int=1), run=1, sequence=5)

    assert duty.heard(message, 0.1)
    assert not duty.heard(message, 0.2)
    assert not duty.heard(Heartbeat(Role.MAIN, Doing.SENDING, UUID(int=1), run=1, sequence=4), 0.2)
    assert not duty.heard(Heartbeat(Role.STANDBY, Doing.SENDING, UUID(int=1), run=2, sequence=9), 0.2)

"""How the processes talk: frame slots and event datagrams."""

from facade.link.datagrams import Datagrams, pair
from facade.link.frames import FrameRing

__all__ = ["Datagrams", "FrameRing", "pair"]

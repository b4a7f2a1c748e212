"""How the processes talk: frame slots and event datagrams; and how the system tells one of saved files."""

from facade.link.datagrams import Datagrams, pair
from facade.link.frames import FrameRing
from facade.link.inotify import SavedFiles

__all__ = ["Datagrams", "FrameRing", "SavedFiles", "pair"]

"""How the processes talk: frame slots, event datagrams, a word left behind; and how they hear of saved files."""

from facade.link.datagrams import Datagrams, pair
from facade.link.frames import FrameRing
from facade.link.inotify import SavedFiles
from facade.link.marker import Marker

__all__ = ["Datagrams", "FrameRing", "Marker", "SavedFiles", "pair"]

"""facade: the open runtime for interactive media facades and installations."""

__version__ = "0.1.0"

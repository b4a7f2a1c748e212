"""Who has a port of this machine, so that a person is told what to end. Read from /proc; elsewhere nobody knows.

The kernel tells everybody the socket and its user, and which process that is only to the same user and to root. A look
takes some milliseconds for every hundred processes: only for when a port could not be had.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PROC = Path("/proc")
_LONGEST_COMMAND = 120
_CHILD = "facade.app."
"""In the command of a process that a show has started for itself."""
_LISTENS = "0A"
"""TCP_LISTEN of include/net/tcp_states.h: connections through a port do not hold it."""


@dataclass(frozen=True, slots=True)
class Holder:
    """pid: 0 where that is not for us to know; command: its command line, "" likewise. user: name or number."""

    pid: int
    command: str
    user: str

    @property
    def words(self) -> str:
        """Who it is and how to end it, as a sentence or two."""
        if self.pid == os.getpid():
            return "This very program has it already."
        if not self.pid:
            return f"A program of user {self.user} has it; sudo ss -tulpn shows which."
        command = self.command
        if len(command) > _LONGEST_COMMAND:
            command = command[: _LONGEST_COMMAND - 2] + " …"
        return f"Process {self.pid} has it, started as `{command}`; kill {self.pid} ends it."


def holder_of(port: int, *, kind: Literal["udp", "tcp"] = "udp") -> Holder | None:
    """Return who has a port open, on whichever address; the oldest process where several share it. None if unknown."""
    if sys.platform != "linux":
        return None
    inodes: set[str] = set()
    users: set[int] = set()
    for user, inode in _sockets(port, kind):
        users.add(user)
        inodes.add(f"socket:[{inode}]")
    if not inodes:
        return None
    pids = [pid for pid in _pids() if _holds(pid, inodes)]
    if pids:
        pid = min(pids, key=_started)
        if _CHILD in _command(pid):
            # It would be started again: whoever wants the port must end the show.
            pid = _parent(pid) or pid
        return Holder(pid, _command(pid), "")
    return Holder(0, "", _name(min(users)))


def holder_words(port: int, *, kind: Literal["udp", "tcp"] = "udp", otherwise: str = "") -> str:
    """Return who has a port and how to end it, as a sentence; ``otherwise`` where nobody knows."""
    holder = holder_of(port, kind=kind)
    return otherwise if holder is None else holder.words


def _sockets(port: int, kind: str) -> Iterator[tuple[int, str]]:
    """Yield user and inode of every socket that is bound to a port (proc(5), /proc/net/udp and tcp)."""
    for table in (kind, f"{kind}6"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in (PROC / "net" / table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                own = int(fields[1].rpartition(":")[2], 16)
                if own == port and (kind == "udp" or fields[3] == _LISTENS) and fields[9] != "0":
                    yield int(fields[7]), fields[9]


def _pids() -> list[int]:
    with contextlib.suppress(OSError):
        return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208 - thousands, and names only
    return []


def _holds(pid: int, inodes: set[str]) -> bool:
    # A process that has just ended, and one of another user, tell nothing.
    with contextlib.suppress(OSError):
        for fd in (PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(fd.readlink()) in inodes:
                    return True
    return False


def _started(pid: int) -> int:
    """When a process started, in the kernel's ticks; a child that inherited the socket is younger."""
    return _fact(pid, 22) or sys.maxsize


def _parent(pid: int) -> int:
    return _fact(pid, 4)


def _fact(pid: int, field: int) -> int:
    """A number of a process by its place in proc(5)'s list for /proc/PID/stat, 0 where it has ended."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[field - 3])
    return 0


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        raw = (PROC / str(pid) / "cmdline").read_bytes().rstrip(b"\0").decode(errors="replace")
        return " ".join(shlex.join(raw.split("\0")).split())
    return "ended meanwhile"


def _name(user: int) -> str:
    import pwd

    with contextlib.suppress(KeyError):
        return pwd.getpwuid(user).pw_name
    return str(user)

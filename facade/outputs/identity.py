"""Who this installation is in sACN: a CID, made once by chance and kept, so that receivers know it again.

Two senders with one CID look like one source whose packets come out of order. So the number belongs to one machine: a
copied disk gets one of its own. And it belongs to one process at a time: a second one that runs beside the first takes
a number for the evening.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

FILE = "installation.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """cid: what is said on the wire. kept: whether it is this installation's own; why: if not, in words.

    busy: it is not, because another process sends with it now.
    """

    cid: UUID
    kept: bool
    why: str = ""
    busy: bool = False
    lock: int = -1

    def close(self) -> None:
        """Let another process have it."""
        if self.lock >= 0:
            with contextlib.suppress(OSError):
                os.close(self.lock)


def claim_identity(folder: Path | None, *, machine: str | None = None) -> Identity:
    """Return this installation's identity, made on first use, for as long as it is not closed.

    folder: where facade keeps its state, or None. machine: what tells this machine from its copies; found out if None.
    Never raises: without a place to keep it, the identity is for this run.
    """
    if folder is None:
        return Identity(uuid4(), False, "this user has no home: a number for this run only")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return Identity(uuid4(), False, f"{folder}: {error.strerror}: a number for this run only")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Identity(_read_or_make(lock, this_machine() if machine is None else machine), True, lock=lock)
    except BlockingIOError:
        os.close(lock)
        return Identity(uuid4(), False, "facade sends already on this machine: a number for this run only", busy=True)
    except OSError as error:
        why = f"{folder / FILE}: {error.strerror}: a number for this run only"
    os.close(lock)
    return Identity(uuid4(), False, why)


def this_machine() -> str:
    """Return what tells this machine from others, as a digest; the same for as long as neither system nor card change.

    The system's own id, and the hardware address of the first network card: copying a disk changes the second.
    """
    parts = [_text(Path("/etc/machine-id")) or _text(Path("/var/lib/dbus/machine-id"))]
    # Cards that can be unplugged come and go; built-in ones are on a bus that is not USB.
    cards = sorted(Path("/sys/class/net").glob("*/device")) if Path("/sys/class/net").is_dir() else []
    fixed = [card.parent for card in cards if "/usb" not in str(card.resolve())]
    parts += [_text(folder / "address") for folder in fixed[:1]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read_or_make(lock: int, machine: str) -> UUID:
    """Read the number, or write a new one where there is none, it is unreadable, or it is another machine's."""
    try:
        kept = json.loads(os.pread(lock, 4096, 0))
        if kept["machine"] == machine:
            return UUID(kept["cid"])
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    cid = uuid4()
    text = json.dumps({"cid": str(cid), "machine": machine}) + "\n"
    os.ftruncate(lock, 0)
    os.pwrite(lock, text.encode(), 0)
    os.fsync(lock)
    return cid


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""

"""A rehearsal process that does what a piece is called: hang, crash, or answer. Injects faults into the real queue."""

from __future__ import annotations

import os
import socket
import sys
import time

from facade.app.process import Options
from facade.app.rehearsals import Answer, framed


def main() -> None:
    end = socket.socket(fileno=Options.from_argument(sys.argv[1]).fds["rehearse"])
    end.setblocking(True)
    end.sendall(framed(Answer("")))
    with end.makefile("r", encoding="utf-8") as asked:
        for line in asked:
            slug = line.strip()
            if slug.startswith("hang"):
                time.sleep(600)
            if slug.startswith("crash"):
                end.sendall(framed(Answer(slug, problem="never heard"))[:40])
                os.abort()
            end.sendall(framed(Answer(slug, problem=f"{slug} by {os.getpid()}")))


if __name__ == "__main__":
    main()

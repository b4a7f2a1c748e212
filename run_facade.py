#!/usr/bin/env python3
"""Start facade: make sure its environment stands, then hand over to it.

    python3 run_facade.py [ANYTHING]              set up what is missing, then `facade ANYTHING`
    python3 run_facade.py --setup-only [GROUP]    set up (play, or also test, or also dev) and start nothing
    --without-system as the first word            leave the system's packages alone, whatever is missing

The standard library alone, and what it says goes to standard error, so that a command's own output stays clean.
Everything it makes lies in .venv beside it; facade/setup/ does the making. This file must parse on Python 3.7.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

OLDEST = (3, 11)


def main(arguments: list[str]) -> int:
    """Return an exit status, or never: when all is well, this process becomes facade."""
    find_python(arguments)
    root = Path(__file__).resolve().parent
    sys.path.insert(0, str(root))
    from facade.setup.progress import say
    from facade.setup.stamps import GROUPS, SetupError, is_ready

    with_system = arguments[:1] != ["--without-system"]
    words = arguments if with_system else arguments[1:]
    setup_only = words[:1] == ["--setup-only"]
    asked = (words[1:2] or ["play"])[0] if setup_only else "test" if words[:1] == ["test"] else "play"
    try:
        if asked not in GROUPS:
            raise SetupError(f"there is no group {asked!r} to set up; there are: {', '.join(GROUPS)}.", 2)
        wanted = GROUPS[: GROUPS.index(asked) + 1]
        if not is_ready(root, wanted):
            from facade.setup.environment import set_up

            set_up(root, wanted, with_system=with_system)
    except SetupError as error:
        say(f"facade: {error}")
        return error.status
    except KeyboardInterrupt:
        say("\nfacade: stopped while setting up. Start again and it repairs itself.")
        return 130
    if not setup_only:
        python = str(root / ".venv" / "bin" / "python")
        # -P: a folder named "facade" in the current directory must not be taken for this one.
        os.execv(python, [python, "-P", "-m", "facade", *words])
    say("facade is set up.")
    return 0


def find_python(arguments: list[str]) -> None:
    """Go on in a newer Python when this one is too old; leave with a sentence when there is none."""
    if os.name != "posix":
        raise SystemExit("facade runs on Linux and macOS. On Windows, use it inside WSL.")
    if sys.version_info >= OLDEST:
        return
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, str(Path(__file__).resolve()), *arguments])
    raise SystemExit(
        f"facade needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]} ({sys.executable}). "
        "Install a newer one and start run_facade.py with it."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

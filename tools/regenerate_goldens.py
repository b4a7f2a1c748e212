"""Draw the golden pictures of tests/golden anew, and say which changed. Look at them before you commit them.

.venv/bin/python tools/regenerate_goldens.py            all
.venv/bin/python tools/regenerate_goldens.py tide wake  only these pieces
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext
from tests.support import golden


def main(pieces: list[str]) -> int:
    """Regenerate the pictures of the named pieces, all if none is named. Returns the exit status."""
    try:
        gpu = GpuContext.standalone()
    except FacadeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with gpu:
        if not gpu.is_software:
            sys.stderr.write(
                f"goldens are drawn by llvmpipe only, and this is {gpu.renderer}; LIBGL_ALWAYS_SOFTWARE=1\n"
            )
            return 1
        for scene in golden.scenes():
            if pieces and scene.piece not in pieces:
                continue
            path = golden.path_of(scene)
            before = path.read_bytes() if path.exists() else b""
            golden.save(golden.render(gpu, scene), path)
            state = "new" if not before else "same" if before == path.read_bytes() else "CHANGED"
            sys.stdout.write(f"{state:8} {path.relative_to(golden.FOLDER.parents[1])}\n")
        (golden.FOLDER / "renderer.txt").write_text(f"{gpu.renderer}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

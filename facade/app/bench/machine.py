"""The machine that is measured, and what the system says about its processes."""

from __future__ import annotations

import os
import platform
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from facade.app.wiring import gpu_without_screen
from facade.core.errors import MachineError

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a figure depends on. cores: usable by this process. load: average of the last minute when looked at."""

    cpu: str
    cores: int
    memory_gib: float
    renderer: str
    python: str
    system: str
    load: float


def this_machine() -> Machine:
    """Look at this machine. Without OpenGL, renderer says so."""
    try:
        with gpu_without_screen() as gpu:
            renderer = gpu.renderer
    except MachineError:
        renderer = "none"
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        cpu=_cpu(),
        cores=_cores(),
        memory_gib=round(pages / 2**30, 1),
        renderer=renderer,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        load=round(os.getloadavg()[0], 2),
    )


def _cpu() -> str:
    try:
        for line in (_PROC / "cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def own_cpu_s() -> float:
    """Processor seconds this process has used, its own and the system's on its behalf."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def need_proc() -> None:
    """Raise MachineError where the system does not tell what its processes use."""
    if not (_PROC / "self" / "stat").exists():
        raise MachineError("This measurement reads /proc, which only Linux has. Run it there, or leave it out.")


def cpu_s(pid: int) -> float:
    """Processor seconds a process has used. Raises OSError if it is gone."""
    fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> float:
    """Memory of a process that is in RAM, KiB. Raises OSError if it is gone."""
    pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def n_descriptors(pid: int) -> int:
    """Files and sockets a process holds open. Raises OSError if it is gone."""
    return sum(1 for _ in (_PROC / str(pid) / "fd").iterdir())

"""What facade needs of the system itself: Python's venv module, and a way to draw. Linux only; macOS has both."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

from facade.setup.progress import Steps, apt_words, say
from facade.setup.stamps import SetupError


class Need(NamedTuple):
    """One need, whether it is met, and the package that meets it on three families of Linux.

    apt: where releases differ, several names, the newest first.
    """

    what: str
    is_met: Callable[[], bool]
    apt: tuple[str, ...]
    dnf: str
    pacman: str


def needs() -> list[Need]:
    """Every system package facade asks for, and why."""
    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    alsa = ("libasound2t64", "libasound2")
    found = [
        Need(
            "Python's venv module, for the private environment", has_venv, (f"{python}-venv",), "python3-libs", "python"
        ),
        Need("EGL, for drawing without a screen", has_egl, ("libegl1",), "libglvnd-egl", "libglvnd"),
        Need("OpenGL, for drawing", has_gl, ("libgl1",), "libglvnd-glx", "libglvnd"),
        Need("a GL driver, if only the software one", has_driver, ("libgl1-mesa-dri",), "mesa-dri-drivers", "mesa"),
        Need("ALSA, for MIDI", has_alsa, alsa, "alsa-lib", "alsa-lib"),
        Need("PortAudio, for sound", has_portaudio, ("libportaudio2",), "portaudio", "portaudio"),
    ]
    if os.uname().machine != "x86_64":  # moderngl comes ready-made for that alone, and is compiled elsewhere
        found += [
            Need("a C++ compiler, for moderngl on this machine", has_compiler, ("g++",), "gcc-c++", "gcc"),
            Need("Python's headers, for the same", has_headers, (f"{python}-dev",), "python3-devel", "python"),
        ]
    return found


def install_system(steps: Steps) -> None:
    """Install what is missing if that needs no password, else say the one command that does.

    Raises SetupError, status 2, when there is something to type. Missing GL that no package brings is only told:
    much of facade works without, and `facade doctor` knows more.
    """
    if sys.platform != "linux":
        return
    missing = [need for need in needs() if not need.is_met()]
    if not missing:
        return
    say("This system lacks:" + "".join(f"\n  - {need.what}" for need in missing))
    if shutil.which("apt-get"):
        install_with_apt([need.apt for need in missing], steps)
        missing = [need for need in missing if not need.is_met()]
    elif shutil.which("dnf"):
        raise_to_type("sudo dnf install " + " ".join(sorted({need.dnf for need in missing})))
    elif shutil.which("pacman"):
        raise_to_type("sudo pacman -S --needed " + " ".join(sorted({need.pacman for need in missing})))
    if any(need.is_met is has_venv for need in missing):
        raise SetupError(
            f"this Python ({sys.executable}) cannot make a private environment: its modules venv and ensurepip are "
            "missing. Use one that has them, perhaps the system's own: /usr/bin/python3 run_facade.py",
            2,
        )
    for need in missing:
        say(f"Going on without {need.what}. `facade doctor` tells more.")


def install_with_apt(packages: list[tuple[str, ...]], steps: Steps) -> None:
    """apt-get as root, or through a sudo that asks nothing. Raises SetupError with the command to type otherwise."""
    as_root = words_for_root()
    install = ["apt-get", "install", "-y", "--no-install-recommends"]
    if as_root is None:
        both = f"apt-get update && {' '.join([*install, *map(name_here, packages)])}"
        raise_to_type(f"sudo sh -c '{both}'" if shutil.which("sudo") else f"su -c '{both}'")
    quietly = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
    patiently = ["-o", "DPkg::Lock::Timeout=120"]
    with steps.step("system packages"):
        # An earlier start may have been cut off between unpacking and configuring.
        steps.run([*quietly, "dpkg", "--configure", "-a"], tell=apt_words, finish=True)
        # A list that cannot be renewed may still be good enough; installing tells.
        steps.run([*quietly, "apt-get", *patiently, "update"], tell=apt_words, finish=True, may_fail=True)
        names = [name_here(names) for names in packages]  # asked only now: a fresh system has no lists yet
        steps.run([*quietly, *install, *patiently, *names], tell=apt_words, finish=True)


def name_here(names: tuple[str, ...]) -> str:
    """The first of these names that this release knows; the last if it knows none."""
    for name in names[:-1]:
        asked = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
        if asked.returncode == 0 and asked.stdout:
            return name
    return names[-1]


def words_for_root() -> list[str] | None:
    """Words before a command that needs root: none for root itself, sudo if it asks for no password, else None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def raise_to_type(command: str) -> NoReturn:
    raise SetupError(
        f"type this once, then start again:\n\n    {command}\n\n"
        "Or go on without: python3 run_facade.py --without-system …",
        2,
    )


def has_venv() -> bool:
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def has_egl() -> bool:
    return _loads("libEGL.so.1")


def has_gl() -> bool:
    return _loads("libGL.so.1")


def has_alsa() -> bool:
    return sys.version_info >= (3, 13) or _loads("libasound.so.2")  # no MIDI package for newer Pythons yet


def has_portaudio() -> bool:
    return _loads("libportaudio.so.2")


def has_compiler() -> bool:
    return shutil.which("c++") is not None


def has_headers() -> bool:
    return (Path(sysconfig.get_path("include")) / "Python.h").exists()


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_driver() -> bool:
    """Whether EGL has a device whose display starts: asked as facade will ask, in a process that a driver may crash."""
    try:
        asked = subprocess.run([sys.executable, "-I", "-c", _PROBE], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0


_PROBE = """
from ctypes import CDLL, CFUNCTYPE, POINTER, byref, c_int, c_uint, c_void_p
EGL_PLATFORM_DEVICE_EXT = 0x313F
egl = CDLL("libEGL.so.1")
egl.eglGetProcAddress.restype = c_void_p
egl.eglInitialize.argtypes = (c_void_p, c_void_p, c_void_p)
query = egl.eglGetProcAddress(b"eglQueryDevicesEXT")
query = CFUNCTYPE(c_uint, c_int, POINTER(c_void_p), POINTER(c_int))(query)
display = egl.eglGetProcAddress(b"eglGetPlatformDisplayEXT")
display = CFUNCTYPE(c_void_p, c_uint, c_void_p, c_void_p)(display)
devices, n_devices = (c_void_p * 16)(), c_int()
query(16, devices, byref(n_devices))
found = [display(EGL_PLATFORM_DEVICE_EXT, devices[n], None) for n in range(n_devices.value)]
raise SystemExit(not any(egl.eglInitialize(one, None, None) for one in found))
"""

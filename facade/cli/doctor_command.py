"""``facade doctor``: what this machine can do, what is missing, and the command that fixes it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from dataclasses import asdict, dataclass

import click

from facade.cli.options import json_option
from facade.cli.tables import show_json, show_table
from facade.core.errors import MachineError
from facade.inputs.ports import audio_devices


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. state: ok, missing (facade cannot run), or less (something will not work)."""

    what: str
    state: str
    found: str
    fix: str = ""


@click.command("doctor")
@json_option
def command(as_json: bool) -> int:
    """Say what this machine can do, what is missing, and how to get it. Exit status 1 if facade cannot run."""
    findings = [
        _python(),
        _compiled(),
        _graphics(),
        _shader_cache(),
        _window(),
        _package("MIDI", "rtmidi", "midi"),
        _package("MP4 files", "av", "video"),
        _sound(),
        _package("FSEQ files with zstd", "zstandard", "fseq"),
        _priority(),
        _sockets(),
        _artnet_port(),
        _identity(),
    ]
    if as_json:
        show_json([asdict(f) for f in findings])
    else:
        show_table("This machine", ("what", "state", "found", "fix"), [astuple(f) for f in findings])
    return 1 if any(f.state == "missing" for f in findings) else 0


def astuple(finding: Finding) -> tuple[str, str, str, str]:
    return finding.what, finding.state, finding.found, finding.fix


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Finding("Python", "ok" if sys.version_info >= (3, 11) else "missing", found)


def _compiled() -> Finding:
    from facade.core.compiled import IS_COMPILED

    what = "Loops over pixels"
    if IS_COMPILED:
        return Finding(what, "ok", f"machine code by numba {importlib.metadata.version('numba')}")
    fix = "Enough for a few hundred pixels. For more, use a machine that has numba: Linux, or a Mac on ARM."
    return Finding(what, "less", "in Python, slow", fix)


def _graphics() -> Finding:
    from facade.app.wiring import gpu_without_screen

    try:
        with gpu_without_screen() as gpu:
            fix = "Software rendering: right, but slow. A GPU driver makes it fast." if gpu.is_software else ""
            return Finding("OpenGL without a screen", "ok", gpu.renderer, fix)
    except MachineError as error:
        return Finding("OpenGL without a screen", "missing", "none", str(error))


def _shader_cache() -> Finding:
    from facade.core import places
    from facade.gpu.driver_cache import MAX_MIB, kept_bytes

    folder = places.shader_cache()
    if folder is None:
        return Finding("Compiled shaders", "less", "no home folder", "Set FACADE_CACHE to a folder: starts get faster.")
    files, size = kept_bytes(folder)
    found = f"{size / 2**20:.1f} of {MAX_MIB} MiB in {files} files, {folder}"
    if os.access(next(p for p in (folder, *folder.parents) if p.exists()), os.W_OK):
        return Finding("Compiled shaders", "ok", found)
    return Finding("Compiled shaders", "less", found, "Not writable: set FACADE_CACHE to a folder that is.")


def _window() -> Finding:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return Finding("A screen for --window", "less", "no DISPLAY", "Use the page instead, or start from a desktop.")
    return Finding("A screen for --window", "ok", os.environ.get("DISPLAY", "yes"))


def _package(what: str, name: str, extra: str) -> Finding:
    distribution = {"rtmidi": "python-rtmidi"}.get(name, name)
    try:
        return Finding(what, "ok", f"{distribution} {importlib.metadata.version(distribution)}")
    except importlib.metadata.PackageNotFoundError:
        return Finding(what, "less", "not installed", f'pip install "media-facade[{extra}]"')


def _sound() -> Finding:
    what = "Sound inputs"
    found = _package(what, "sounddevice", "audio")
    if found.state != "ok":
        return found
    devices, problem = audio_devices()
    if problem:
        return Finding(what, "less", "no PortAudio", problem)
    return Finding(what, "ok", f"{found.found}, devices: {len(devices)}")


def _priority() -> Finding:
    if sys.platform != "linux":
        return Finding("Real-time delivery", "less", "not on this system")
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    if os.geteuid() == 0 or soft > 0 or soft == resource.RLIM_INFINITY:
        return Finding("Real-time delivery", "ok", "allowed")
    fix = "Add to /etc/security/limits.d/facade.conf: @audio - rtprio 20, and join the group audio."
    return Finding("Real-time delivery", "less", "ordinary priority", fix)


def _sockets() -> Finding:
    if sys.platform != "linux":
        return Finding("Send buffer", "ok", "system default")
    with open("/proc/sys/net/core/wmem_max", encoding="ascii") as file:  # noqa: PTH123
        size = int(file.read())
    fix = "" if size >= 1 << 20 else "For many universes: sysctl -w net.core.wmem_max=4194304"
    return Finding("Send buffer", "ok" if not fix else "less", f"{size // 1024} KiB", fix)


def _artnet_port() -> Finding:
    """Answers of Art-Net nodes reach one program a machine."""
    from facade.core.holders import holder_of
    from facade.protocols.artnet import PORT

    what, holder = f"Art-Net's port {PORT}", holder_of(PORT)
    if holder is None:
        return Finding(what, "ok", "free")
    if "facade" in holder.command:
        return Finding(what, "ok", f"in use by facade, process {holder.pid}")
    return Finding(what, "less", "in use", f"Answers of nodes reach another program. {holder.words}")


def _identity() -> Finding:
    from facade.core import places
    from facade.outputs.identity import claim_identity

    identity = claim_identity(places.state())
    identity.close()
    if identity.kept:
        return Finding("Number in sACN (CID)", "ok", str(identity.cid))
    if identity.busy:
        return Finding("Number in sACN (CID)", "ok", "in use: facade sends now")
    return Finding("Number in sACN (CID)", "less", "new on every start", f"{identity.why}.")

"""Compares what is on the network with the patch: who is missing, elsewhere, unknown, or shows other universes."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from facade.core.clock import Clock
from facade.mapping.codecs import codec_of
from facade.mapping.model import ControllerPatch, Patch
from facade.outputs.discovery import ANNOUNCED_S, ANSWER_S, ArtNode, Device, Found, discover
from facade.outputs.udp import resolve

MULTICAST = "multicast"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing on the network, or one that should be.

    name: the controller's in the venue, or what an unknown device calls itself. state: ok, missing, silent (on the
    wire, but it answers no question), elsewhere, universes (others than the patch's), shared (others send to it too),
    unknown, also sends, or unasked (nothing can be asked). found: in words. firmware: as far as told. fix: what to do.
    """

    name: str
    protocol: str
    where: str
    state: str
    found: str
    firmware: str = ""
    fix: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nobody has to do anything about it."""
        return self.state in ("ok", "unasked", "unknown")


def survey(
    patch: Patch | None,
    clock: Clock,
    *,
    broadcasts: Sequence[str] = (),
    own: Collection[str] = (),
    own_cid: str = "",
    seconds: float | None = None,
) -> tuple[Found, tuple[Remark, ...]]:
    """Ask the network of a venue, or with no patch only the broadcast addresses. Takes three seconds, with sACN ten.

    own: addresses of this machine. Raises OutputError for a host without an address, or if nothing can be heard.
    """
    controllers = () if patch is None else patch.controllers
    places = [(c, _host(c)) for c in controllers]
    by_kind: dict[str, list[str]] = {"artnet": [], "ddp": [], "wled": []}
    others: list[str] = []
    for controller, host in places:
        if host and host not in own:
            by_kind.get(controller.profile.protocol, others).append(host)
    hears_sacn = patch is None or any(c.profile.protocol == "sacn" for c in controllers)
    found = discover(
        clock,
        artnet_hosts=tuple(dict.fromkeys((*by_kind["artnet"], *broadcasts))),
        ddp_hosts=by_kind["ddp"],
        wled_hosts=by_kind["wled"],
        other_hosts=others,
        interfaces=tuple({c.controller.interface for c in controllers}) or ("",),
        own_cid=own_cid,
        seconds=seconds or (ANNOUNCED_S if hears_sacn else ANSWER_S),
    )
    return found, compare(places, found, own=own)


def compare(
    controllers: Sequence[tuple[ControllerPatch, str]], found: Found, *, own: Collection[str] = ()
) -> tuple[Remark, ...]:
    """Return a remark on every controller, and on every stranger. controllers: each with its address, "" for none."""
    hosts = {host for _, host in controllers}
    strangers = [node for node in found.nodes if node.answered_from not in hosts and node.answered_from not in own]
    remarks = []
    for controller, host in controllers:
        remark = _remark(controller, host, found, own)
        if remark.state in ("missing", "silent"):
            moved = next((node for node in strangers if set(controller.universes) <= set(node.outputs)), None)
            if moved is not None and controller.profile.protocol == "artnet":
                strangers.remove(moved)
                remark = _elsewhere(remark, moved)
        remarks.append(remark)
    remarks += [_stranger(node) for node in strangers]
    remarks += _sources([c for c, _ in controllers], found)
    return tuple(remarks)


def _remark(controller: ControllerPatch, host: str, found: Found, own: Collection[str]) -> Remark:
    protocol = controller.profile.protocol
    say = _Saying(controller.name, protocol, host or controller.controller.host)
    if protocol == "artnet":
        node = next((node for node in found.nodes if node.answered_from == host), None)
        if node is not None:
            return _of_node(controller, node, say)
    device = next((device for device in found.devices if device.where == host), None)
    if device is not None:
        return _of_device(controller, device, say)
    if not host or host in own or ipaddress.ip_address(host).is_loopback:
        why = "receivers of multicast do not say that they exist" if host == "" and protocol == "sacn" else ""
        return say("unasked", why or "on this machine")
    answers = found.on_the_wire.get(host)
    if answers is None and protocol == "artnet":
        return say("missing", "no answer", fix="Check its power, its cable and its address.")
    if answers is None:
        return say("unasked", "behind a router, and its protocol has no questions")
    if not answers:
        return say("missing", "nobody on the wire has this address", fix="Check its power, its cable and its address.")
    if protocol == "artnet":
        return say("silent", "on the wire, but answers no ArtPoll", fix="Check that it is set to Art-Net.")
    return say("ok", "on the wire")


def _elsewhere(remark: Remark, node: ArtNode) -> Remark:
    return replace(
        remark,
        state="elsewhere",
        found=f'answers at {node.answered_from}, if it is "{node.name}", which shows {_numbers(node.outputs)}',
        firmware=f"{node.firmware:#06x}",
        fix=f'Set host = "{node.answered_from}" in [controller.{remark.name}], or give it back its address.',
    )


@dataclass(frozen=True, slots=True)
class _Saying:
    name: str
    protocol: str
    where: str

    def __call__(self, state: str, found: str, *, firmware: str = "", fix: str = "") -> Remark:
        return Remark(self.name, self.protocol, self.where, state, found, firmware, fix)


def _of_node(controller: ControllerPatch, node: ArtNode, say: _Saying) -> Remark:
    firmware = f"{node.firmware:#06x}"
    lacking = sorted(set(controller.universes) - set(node.outputs))
    if lacking:
        return say(
            "universes",
            f'"{node.name}" shows {_numbers(node.outputs)}; the patch sends it {_numbers(controller.universes)}',
            firmware=firmware,
            fix=f"Set its ports to {_numbers(lacking)} as well, or correct the segments in venue.toml.",
        )
    shared = sorted(set(controller.universes) & set(node.merging))
    if shared:
        found = f'"{node.name}" gets {_numbers(shared)} from two senders and mixes them'
        return say("shared", found, firmware=firmware, fix="End one of the two.")
    return say("ok", f'"{node.name}" shows {_numbers(node.outputs)}', firmware=firmware)


def _of_device(controller: ControllerPatch, device: Device, say: _Saying) -> Remark:
    wanted = sum(controller.used) // max(1, controller.profile.pixel_channels)
    if device.n_pixels and device.n_pixels < wanted:
        return say(
            "universes",
            f'"{device.name}" has {device.n_pixels} pixels; the patch sends it {wanted}',
            firmware=device.firmware,
            fix="Set its length in its own settings, or correct the segments in venue.toml.",
        )
    size = f", {device.n_pixels} pixels" if device.n_pixels else ""
    return say("ok", f'"{device.name}"{size}', firmware=device.firmware)


def _stranger(node: ArtNode) -> Remark:
    found = f"shows {_numbers(node.outputs)}" if node.outputs else "shows nothing"
    return Remark(node.name or node.long_name, "artnet", node.answered_from, "unknown", found, f"{node.firmware:#06x}")


def _sources(controllers: Sequence[ControllerPatch], found: Found) -> list[Remark]:
    ours = {u for c in controllers if c.profile.protocol == "sacn" for u in c.universes}
    remarks = []
    for source in found.sources:
        shared = sorted(ours & set(source.universes))
        if shared:
            fix = "Give one of the two another priority, or other universes."
            told = f"also sends universes of the patch: {_numbers(shared)}"
            remarks.append(Remark(source.name, "sacn", source.where, "also sends", told, fix=fix))
        else:
            told = f"sends {_numbers(source.universes)}" if source.universes else "sends nothing now"
            remarks.append(Remark(source.name, "sacn", source.where, "unknown", told))
    return remarks


def _host(controller: ControllerPatch) -> str:
    """The address of a controller's host; "" for multicast and serial ports. Raises OutputError for an unknown name."""
    host = controller.controller.host
    if host == MULTICAST or codec_of(controller.profile).medium not in ("udp", "tcp"):
        return ""
    return resolve(host, controller=controller.name)


def _numbers(universes: Sequence[int]) -> str:
    """Universes as people write them: runs with a dash."""
    runs: list[list[int]] = []
    for universe in sorted(universes):
        if runs and universe == runs[-1][1] + 1:
            runs[-1][1] = universe
        else:
            runs.append([universe, universe])
    told = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs) or "nothing"
    return ("universe " if len(universes) == 1 else "universes " if universes else "") + told

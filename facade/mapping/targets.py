"""The controllers of a venue, each with its profile and the limits that follow from both."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from facade.config.controller import ControllerProfile
from facade.config.loader import Hardware
from facade.config.report import shown
from facade.config.venue import Venue, VenueController
from facade.core.errors import MappingError, did_you_mean
from facade.mapping.codecs import codec_of
from facade.mapping.problems import VenueProblems
from facade.protocols.codec import Codec

MULTICAST = "multicast"

_BROADCAST = ("artnet", "kinet1", "kinet2")
_INTERFACE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,14}")
"""Linux allows 15 bytes. One that begins with a digit would be a mistyped address more often than a card."""


@dataclass(frozen=True, slots=True)
class Target:
    """One controller that pixels can be sent to. The venue's universe_size and split_pixels go before its profile's."""

    name: str
    controller: VenueController
    profile: ControllerProfile
    codec: Codec
    universe_size: int
    split_pixels: bool

    @property
    def key(self) -> str:
        return f"controller.{self.name}"

    @property
    def is_somebody(self) -> bool:
        """Whether its host names one device elsewhere, which no other controller of the venue should be by mistake.

        Groups and broadcast reach many. On this machine programs are tried out, and whoever listens takes it all. On
        one line of bare Ethernet many cards hang behind each other.
        """
        if self.controller.host == MULTICAST or self.controller.broadcast or self.codec.medium == "ethernet":
            return False
        try:
            return not ipaddress.ip_address(self.controller.host).is_loopback
        except ValueError:
            return self.controller.host.lower() != "localhost"

    @property
    def address(self) -> tuple[str, str, int, int]:
        """Protocol, host, port and DDP destination: what tells one receiver from another."""
        port = self.controller.port or self.codec.port
        host = self.controller.host.lower() if self.codec.medium in ("udp", "tcp") else self.controller.host
        return self.profile.protocol, host, port, self.controller.destination


Targets = Mapping[str, Target | None]
"""By name; None for a controller whose profile is unknown, which has been complained about already."""


def targets_of(venue: Venue, hardware: Hardware, problems: VenueProblems, *, broadcasts: Mapping[str, str]) -> Targets:
    """Return the venue's controllers by name, None for one whose profile is unknown; adds what is wrong to problems.

    broadcasts: broadcast address -> interface, of this machine's networks.
    """
    targets: dict[str, Target | None] = {}
    for name, controller in venue.controller.items():
        key = f"controller.{name}"
        profile = hardware.controllers.get(controller.profile)
        if profile is None:
            fix = f"Name a file of hardware/controllers.{did_you_mean(controller.profile, hardware.controllers)}"
            rule = "there is no controller profile of this name"
            problems.add(f"{key}.profile", rule, fix=fix, value=shown(controller.profile))
            targets[name] = None
            continue
        try:
            codec = codec_of(profile)
        except MappingError as error:
            problems.add(f"{key}.profile", str(error), fix="", value=shown(controller.profile))
            targets[name] = None
            continue
        size = controller.universe_size or profile.universe_size
        split = profile.split_pixels if controller.split_pixels is None else controller.split_pixels
        target = Target(name, controller, profile, codec, size, split)
        targets[name] = target
        _check_host(target, problems, broadcasts)
        _check_size(target, problems)
        _check_sync(target, problems)
    _check_rate(venue, [target for target in targets.values() if target is not None], problems)
    return targets


def _check_rate(venue: Venue, targets: list[Target], problems: VenueProblems) -> None:
    """A slow one gets every second or n-th frame; a rate that none of them takes is a mistake."""
    quickest = max(targets, key=lambda target: target.profile.max_rate_hz, default=None)
    if quickest is not None and quickest.profile.max_rate_hz < venue.venue.rate_hz:
        most = f"{quickest.profile.max_rate_hz:g}"
        rule = f"{quickest.key} ({quickest.profile.id}) takes at most {most} frames a second"
        rule += ", and no other takes more" if len(targets) > 1 else ""
        problems.add("venue.rate_hz", rule, fix=f"Set it to {most} or less.", value=f"{venue.venue.rate_hz:g}")


def _check_host(target: Target, problems: VenueProblems, broadcasts: Mapping[str, str]) -> None:
    host, codec, key = target.controller.host, target.codec, f"{target.key}.host"
    if codec.medium == "ethernet":
        if not _INTERFACE_NAME.fullmatch(host):
            rule = "must be the name of a network interface: frames go to whatever hangs on it"
            problems.add(key, rule, fix='Write it like "eth1"; facade devices lists them.', value=shown(host))
        return
    if codec.medium in ("serial", "dmx"):
        if not host or host == MULTICAST:
            fix = 'Write it like "/dev/serial/by-id/usb-ENTTEC...", or a part of that name.'
            problems.add(key, "must be a serial port", fix=fix, value=shown(host))
        return
    if not host or any(mark in host for mark in " /:\t"):
        rule = "must be an address or a name, without port, slash or space"
        problems.add(key, rule, fix='Write it like "10.0.0.21"; the port has a key of its own.', value=shown(host))
        return
    if host == MULTICAST:
        if not codec.multicast:
            fix = "Give the controller's own address."
            problems.add(key, "only sACN has multicast groups", fix=fix, value=shown(host))
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return  # a name, resolved when the output opens
    if address.is_multicast:
        fix = 'Write host = "multicast"; the group follows from the universe.' if codec.multicast else ""
        problems.add(key, "is a multicast group", fix=fix or "Give the controller's own address.", value=shown(host))
    elif str(address) == "0.0.0.0" or (str(address) == "255.255.255.255" and not target.controller.broadcast):
        rule = "is everybody's address; light is sent to one controller"
        problems.add(key, rule, fix="Give the controller's own address.", value=shown(host))
    elif str(address) in broadcasts and not target.controller.broadcast:
        card = broadcasts[str(address)]
        rule = f"is everybody's address on {card}: every device there would have to read every packet"
        fix = "Give the controller's own address."
        if target.profile.protocol in _BROADCAST:
            fix += " Where a device listens to nothing else, say broadcast = true."
        problems.add(key, rule, fix=fix, value=shown(host))


def _check_size(target: Target, problems: VenueProblems) -> None:
    most, size = target.codec.most_slots, target.universe_size
    if size > most:
        rule = f"{target.codec.label} carries at most {most} slots in a universe or packet; this controller has {size}"
        problems.add(target.key, rule, fix=f"Set universe_size to {most} or less.")


def _check_sync(target: Target, problems: VenueProblems) -> None:
    universe, key = target.controller.sync_universe, f"{target.key}.sync_universe"
    if universe and target.profile.protocol != "sacn":
        fix = "Remove it; Art-Net closes a frame with ArtSync where the profile says sync = true."
        if target.profile.protocol != "artnet":
            fix = "Remove it."
        problems.add(key, "has a meaning for sACN only", fix=fix, value=str(universe))
    if target.controller.broadcast and target.profile.protocol not in _BROADCAST:
        rule = "has a meaning for Art-Net and KiNET only"
        problems.add(f"{target.key}.broadcast", rule, fix="Remove it.", value="true")
    if target.controller.address_priority and target.profile.protocol != "sacn":
        rule = "has a meaning for sACN only"
        problems.add(f"{target.key}.address_priority", rule, fix="Remove it.", value="true")
    _check_interface(target, problems)


def _check_interface(target: Target, problems: VenueProblems) -> None:
    interface = target.controller.interface
    if not interface or _INTERFACE_NAME.fullmatch(interface):
        return
    try:
        ipaddress.IPv4Address(interface)
    except ValueError:
        fix = 'Write it like "eth1", or the address this machine has on that network, or leave the key out.'
        key = f"{target.key}.interface"
        problems.add(key, "must be the name of a network card or an address", fix=fix, value=shown(interface))

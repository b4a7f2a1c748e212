"""Every protocol that a controller profile may name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from facade.protocols import (
    adalight,
    aec,
    artnet,
    blinkenlights,
    colorlight,
    ddp,
    dmx512,
    enttec,
    kinet,
    opc,
    sacn,
    tpm2,
    wled,
)
from facade.protocols.codec import Cells, Codec, Counter, Options, Window


def _artnet_header(window: Window) -> bytes:
    return artnet.dmx_header(window.universe, window.length)


def _artnet_cells(data: bytes) -> tuple[Cells, ...]:
    message = artnet.decode(data)
    return (
        (Cells(message.data, universe=message.port_address, at=artnet.DMX_HEADER),)
        if isinstance(message, artnet.ArtDmx)
        else ()
    )


def _sacn_header(window: Window) -> bytes:
    options = window.options
    return sacn.data_header(
        window.universe,
        window.length,
        cid=options.cid,
        source=options.source,
        priority=options.priority,
        sync_universe=options.sync_universe,
        options=sacn.OPTION_PREVIEW if options.preview else 0,
    )


def _artnet_sync(options: Options) -> bytes:
    return artnet.sync_packet() if options.sync else b""


def _sacn_sync(options: Options) -> bytes:
    return sacn.sync_packet(options.sync_universe, cid=options.cid) if options.sync_universe else b""


def _sacn_cells(data: bytes) -> tuple[Cells, ...]:
    message = sacn.decode(data)
    if not isinstance(message, sacn.SacnData) or message.start_code or message.preview or message.terminated:
        return ()
    return (Cells(message.data, universe=message.universe, at=sacn.DATA_HEADER),)


ARTNET = Codec(
    label="Art-Net",
    medium="udp",
    port=artnet.PORT,
    universes=(0, artnet.MAX_PORT_ADDRESS),
    most_slots=artnet.MAX_SLOTS,
    header=_artnet_header,
    decode=_artnet_cells,
    sequence=Counter(artnet.SEQUENCE_AT, 1, 255),
    trim="none",
    sync=_artnet_sync,
)
SACN = Codec(
    label="sACN",
    medium="udp",
    port=sacn.PORT,
    universes=(sacn.MIN_UNIVERSE, sacn.MAX_UNIVERSE),
    most_slots=sacn.MAX_SLOTS,
    header=_sacn_header,
    decode=_sacn_cells,
    sequence=Counter(sacn.SEQUENCE_AT, 0, 255),
    trim="none",
    multicast=True,
    sync=_sacn_sync,
)

CODECS: Mapping[str, Codec] = MappingProxyType(
    {
        "artnet": ARTNET,
        "sacn": SACN,
        "ddp": ddp.CODEC,
        "kinet1": kinet.DMXOUT,
        "kinet2": kinet.PORTOUT,
        "opc": opc.CODEC,
        "wled": wled.CODEC,
        "tpm2net": tpm2.NET,
        "enttec_pro": enttec.CODEC,
        "open_dmx": dmx512.CODEC,
        "adalight": adalight.CODEC,
        "tpm2": tpm2.SERIAL,
        "aec_udp": aec.CODEC,
        "blp": blinkenlights.BLP,
        "mcuf": blinkenlights.MCUF,
        "colorlight": colorlight.CODEC,
    }
)
"""By the name that profiles use. ``driver`` is not among them: see facade/mapping/codecs.py."""

"""The figures of ``facade bench`` as tables, each beside the limit it is to be read against."""

from __future__ import annotations

from collections.abc import Sequence

from facade.app.bench.delivery import DeliveryCost
from facade.app.bench.figures import Aim
from facade.app.bench.frame import STAGES, FrameCost
from facade.app.bench.guard import GuardCost
from facade.app.bench.latency import Latency
from facade.app.bench.machine import Machine
from facade.app.bench.memory import Memory
from facade.app.bench.pieces import PieceCost
from facade.app.bench.play import PlayRate
from facade.app.bench.report import Report
from facade.app.bench.send import SendCost
from facade.cli.tables import show_table

_SUMS = {"delivery": "light + patch + send", "all": "everything"}


def show_report(report: Report) -> None:
    """Print a report for people."""
    _show_machine(report.machine, report.at)
    for cost in report.frame:
        _show_frame(cost)
    if report.guard:
        _show_guard(report.guard)
    if report.pieces is not None:
        _show_pieces(report.pieces)
    for sent in report.send:
        _show_send(sent)
    if report.delivery is not None:
        _show_delivery(report.delivery)
    if report.latency is not None:
        _show_latency(report.latency)
    if report.play is not None:
        _show_play(report.play)
    if report.memory is not None:
        _show_memory(report.memory)
    if report.aims:
        rows = [(aim.what, aim.aim, aim.figure, _verdict(aim)) for aim in report.aims]
        show_table(
            "Aims: those of two cores and software GL, on medialab_prado where nothing else is said",
            ("what", "aim", "measured", ""),
            rows,
        )


def _verdict(aim: Aim) -> str:
    return "too short to tell" if aim.met is None else "met" if aim.met else "NOT MET"


def _show_machine(machine: Machine, at: str) -> None:
    rows = [
        ("processor", f"{machine.cpu}, {machine.cores} cores, {machine.memory_gib:g} GiB"),
        ("OpenGL", machine.renderer),
        ("Python", machine.python),
        ("system", machine.system),
        ("load before", f"{machine.load:.2f} of {machine.cores}, at {at}"),
    ]
    show_table("This machine", ("", ""), rows)


def _show_guard(costs: Sequence[GuardCost]) -> None:
    rows = [
        (f"{c.pixels:,}", c.viewpoints or "strict", c.picture, f"{c.held:.0%}", _ms(c.ms.p50), _ms(c.ms.p99))
        for c in costs
    ]
    show_table("The flash guard alone", ("pixels", "viewpoints", "picture", "held", "ms p50", "ms p99"), rows)


def _show_frame(result: FrameCost) -> None:
    canvas = "" if result.domain == "pixel" else f" at {result.canvas_px[0]}×{result.canvas_px[1]}"
    title = (
        f"A frame of {result.piece} ({result.domain} domain{canvas}) on {result.venue}: "
        f"{result.pixels:,} pixels, {result.universes:,} universes, {result.frames} frames"
    )
    names = {stage: stage for stage in STAGES} | _SUMS
    rows = []
    for stage, label in names.items():
        cost = result.cost[stage]
        ms = cost.ms
        rows.append((label, _ms(ms.p50), _ms(ms.p99), f"{cost.of_60hz:.1%}", f"{cost.of_40hz:.1%}"))
    show_table(title, ("step", "p50 ms", "p99 ms", "of 60 Hz: 16.7 ms", "of 40 Hz: 25 ms"), rows)


def _show_pieces(result: PieceCost) -> None:
    rows = [
        ("a shader the driver has never seen, ready", result.cold),
        ("the same again, kept by the driver", result.warm),
        ("an edit saved while a show plays, until its light leaves", result.reload),
        (f"a frame in which one of {result.pieces} warm pieces takes over", result.switch),
        ("a canvas of 1920×1080", result.screen),
        ("20,000 pixels per LED", result.leds),
    ]
    if result.viewer is not None:
        rows.append(("glslViewer, 1920×1080", result.viewer))
    told = [(what, _ms(ms.p50), _ms(ms.p99), _ms(ms.max)) for what, ms in rows]
    show_table(
        "Pieces: six waves ready, edited and switched; noise in noise drawn", ("", "p50 ms", "p99 ms", "max ms"), told
    )
    table = [
        (f"{each.pixels:,}", each.domain, _ms(each.render.p50), _ms(each.sample.p50), _ms(each.readback.p50))
        for each in result.draws
    ]
    show_table("Drawn at every size", ("pixels", "domain", "render ms", "sample ms", "readback ms"), table)


def _show_send(result: SendCost) -> None:
    title = (
        f"Sending {result.venue} over loopback: {result.pixels:,} pixels, {result.packets:,} packets a frame "
        f"of {result.packet_bytes} bytes, {result.needed_per_s:,.0f} packets/s needed"
    )
    rows = [
        (
            way.way,
            f"{way.packets_per_s:,.0f}",
            f"{way.cpu_us:.2f}",
            f"{way.packets_per_s / result.needed_per_s:.1f} ×",
            f"{way.of_gigabit:.2f} ×",
            f"{way.received:.1%}",
        )
        for way in result.ways
    ]
    wire = result.gigabit_per_s
    rows.append(("limit of 1 Gb/s", f"{wire:,.0f}", "", f"{wire / result.needed_per_s:.1f} ×", "1.00 ×", ""))
    columns = ("way", "packets/s", "CPU µs each", "of needed", "of 1 Gb/s", "received")
    show_table(title, columns, rows)


def _show_delivery(result: DeliveryCost) -> None:
    title = (
        f"A frame of {result.universes} Art-Net universes, {result.per_controller} a controller, assembled and sent "
        f"over loopback, {result.packet_bytes} bytes a packet"
    )
    rows = [
        (
            each.sender,
            f"{each.packets_per_s:,.0f}",
            f"{each.cpu_us:.2f}",
            f"{each.of_best_c:.2f} ×" if each.of_best_c else "",
            f"{each.gigabit_core:.0%}",
        )
        for each in result.senders
    ]
    rows += [(name, reason, "", "", "") for name, reason in result.absent]
    rows.append(("limit of 1 Gb/s", f"{result.gigabit_per_s:,.0f}", "", "", ""))
    show_table(title, ("sender", "packets/s", "CPU µs each", "of the best in C", "of a core at 1 Gb/s"), rows)


def _show_latency(result: Latency) -> None:
    title = (
        f"OSC datagram in, changed byte out, on {result.venue}: {result.samples} samples at random moments, "
        f"{result.lost} lost"
    )
    ms, frames = result.ms, result.frames
    rows = [
        ("p50", _ms(ms.p50), f"{frames.p50:.2f}", f"{result.floor_ms:.1f}"),
        ("p99", _ms(ms.p99), f"{frames.p99:.2f}", f"{result.ceiling_ms:.1f}"),
        ("max", _ms(ms.max), f"{frames.max:.2f}", f"{result.ceiling_ms:.1f}"),
    ]
    frames_of = f"frames of {result.rate_hz:g} Hz"
    limit = f"limit ms: {result.render_hz:g} and {result.rate_hz:g} Hz"
    show_table(title, ("", "ms", frames_of, limit), rows)


def _show_play(result: PlayRate) -> None:
    title = f"Playing {result.piece} on {result.venue}: {result.pixels:,} pixels, for {result.seconds:.0f} s"
    gap, period_ms = result.gap_ms, 1e3 / result.delivery_aim_hz
    rows = [
        ("rendered, frames/s", f"{result.render_hz:.2f}", f"{result.render_aim_hz:g}"),
        ("render frames left out", result.late_render, 0),
        ("delivered, frames/s", f"{result.delivery_hz:.2f}", f"{result.delivery_aim_hz:g}"),
        ("delivery frames half a period late", result.late_delivery, 0),
        ("deadlines that delivery missed", result.missed_deadlines, 0),
        (
            "gap between frames, ms",
            f"{gap.p50:.1f}, p99 {gap.p99:.1f}, max {gap.max:.1f}",
            f"{period_ms:.2f}",
        ),
        ("packets/s", f"{result.packets_per_s:,.0f}", f"{result.needed_packets_per_s:,.0f}"),
        *((f"{name} process, of one core", f"{share:.1%}", "100 %") for name, share in result.cpu.items()),
        ("processes replaced", result.restarts, 0),
    ]
    show_table(title, ("", "measured", "limit"), rows)


def _show_memory(result: Memory) -> None:
    title = f"Memory while playing {result.piece} on {result.venue}, {result.seconds:g} s, {result.restarts} replaced"
    rows = [
        (
            each.process,
            f"{each.resident_kib[0] / 1024:.1f} → {each.resident_kib[-1] / 1024:.1f}",
            f"{each.kib_per_min:+.1f}",
            f"{each.descriptors[0]} → {each.descriptors[-1]}",
            f"{each.descriptors_per_min:+.2f}",
            "0",
        )
        for each in result.processes
    ]
    columns = ("process", "resident MiB", "KiB/min", "files open", "files/min", "aim: slopes")
    show_table(title, columns, rows)


def _ms(value: float) -> str:
    return f"{value:.2f}"

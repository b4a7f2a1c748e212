// Health in plain words: what a guard without training can read, with a tone for the colour and a word for those who see none.

const STATES = {
  live: ["good", "working"],
  connecting: ["wait", "connecting"],
  stale: ["warn", "silent"],
  absent: ["warn", "not found"],
  failed: ["bad", "not working"],
};

export function ago(seconds) {
  if (seconds < 1) return "just now";
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}

const plural = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export function inputRow(input) {
  let [tone, word] = STATES[input.state] ?? ["warn", input.state];
  if (input.state === "connecting") [tone, word] = ["good", "listening"];
  if (input.state === "absent" && input.optional) [tone, word] = ["wait", "not plugged in"];
  const parts = [`${input.kind} at ${input.where}`];
  if (input.age_s !== null && input.age_s !== undefined) parts.push(`last heard ${ago(input.age_s)}`);
  else if (input.state === "live") parts.push("nothing heard yet");
  if (input.rejected) parts.push(`${plural(input.rejected, "message")} not understood`);
  if (input.overflow) parts.push(`${plural(input.overflow, "message")} dropped, too many at once`);
  if (input.problem) parts.push(input.problem);
  return { name: input.name, tone, word, words: parts.join(" · "), level: input.level };
}

export function outputRow(output) {
  let [tone, word] = STATES[output.state] ?? ["warn", output.state];
  if (output.state === "connecting" && output.problem) [tone, word] = ["warn", "no answer"];
  const parts = [`${output.kind} to ${output.where}`];
  if (output.universes) parts.push(plural(output.universes, "universe"));
  if (output.presence === "suspect") [tone, word] = ["warn", "hesitant"];
  if (output.packets) parts.push(`${plural(output.packets, "packet")} sent`);
  if (output.reply_age_s !== null && output.reply_age_s !== undefined) {
    const trip = output.round_trip_ms === null || output.round_trip_ms === undefined ? "" : ` after ${output.round_trip_ms.toFixed(1)} ms`;
    parts.push(`answered ${ago(output.reply_age_s)}${trip}`);
  }
  if (output.errors) parts.push(plural(output.errors, "error"));
  if (output.skipped) parts.push(`${plural(output.skipped, "packet")} held back`);
  if (output.state === "failed") parts.push("tried again by itself");
  if (output.problem) parts.push(output.problem);
  return { name: output.name, tone, word, words: parts.join(" · ") };
}

// Somebody else who sends what this show sends: it wants a person, whoever wins.
export function otherRow(other) {
  return { name: other.name || other.where, tone: "warn", word: "also sends", words: other.says };
}

const LOOKS = {
  live: ["good", "live", "Every frame of the show leaves the building."],
  held: ["warn", "held", "No new frames: the last one is held."],
  fading: ["warn", "fading", "No new frames: fading to the safe look."],
  safe: ["bad", "safe look", "No new frames: the safe look is on."],
};

export function deliveryRow(delivery) {
  if (!delivery) return { name: "Light leaving", tone: "wait", word: "starting", words: "No report yet." };
  let [tone, word, words] = LOOKS[delivery.look] ?? ["warn", delivery.look, ""];
  const parts = [words, `${plural(delivery.pixels ?? 0, "pixel")}, ${Math.round(delivery.rate_hz ?? 0)} times a second, ${plural(Math.round(delivery.packets_per_s ?? 0), "packet")} a second`];
  if (delivery.kernel_drops) parts.push(`${plural(delivery.kernel_drops, "packet")} thrown away by this machine`);
  if (delivery.late_frames) parts.push(`${plural(delivery.late_frames, "frame")} late since start`);
  if (delivery.power_scale !== undefined && delivery.power_scale < 0.995) {
    parts.push(`dimmed to ${Math.round(delivery.power_scale * 100)} % to spare the power supply`);
  }
  if (delivery.tightened) parts.push(`edited while playing: ${delivery.tightened}`);
  if (delivery.cap) {
    const felt = delivery.cap_scale < 0.995 || delivery.cap_level < 0.995;
    const level = delivery.cap_level < 0.995 ? ` to ${Math.round(delivery.cap_level * 100)} %` : "";
    const most = delivery.cap_cd_m2 == null ? "" : `, at most ${Number(delivery.cap_cd_m2.toPrecision(3))} cd/m²`;
    parts.push(`${felt ? `dimmed by a limit${level}` : "limit in force"}: ${delivery.cap}${most}`);
  }
  if (delivery.flash_held) parts.push(`${plural(delivery.flash_held, "pixel")} held back: too many flashes in a second`);
  if (delivery.not_finite) parts.push(`${plural(delivery.not_finite, "broken value")} blacked out`);
  if (delivery.unheard) parts.push(`Not heard: ${delivery.unheard}.`);
  if (delivery.duty) parts.push(`Two machines: ${delivery.duty}.`);
  if (delivery.duty?.includes("silent")) [tone, word, parts[0]] = ["wait", "standing by", "Nothing leaves from here: the other machine sends."];
  if (delivery.blackout) [tone, word, parts[0]] = ["warn", "blackout", "Blackout is on: the building is dark."];
  const sentences = parts.filter(Boolean).map((part) => (part.endsWith(".") ? part : `${part[0].toUpperCase()}${part.slice(1)}.`));
  return { name: "Light leaving", tone, word, words: sentences.join(" ") };
}

export function renderRow(render) {
  if (!render) return { name: "Pictures", tone: "wait", word: "starting", words: "No report yet." };
  const faults = Object.entries(render.faults ?? {});
  const cost = Object.values(render.cost_ms ?? {}).reduce((sum, ms) => sum + ms, 0);
  const parts = [`${Math.round(render.rate_hz ?? 0)} frames a second`];
  if (cost) parts.push(`${cost.toFixed(1)} ms each`);
  if (render.late_frames) parts.push(`${plural(render.late_frames, "frame")} late since start`);
  if (render.renderer) parts.push(render.renderer);
  const smaller = Object.entries(render.scales ?? {});
  for (const [slug, scale] of smaller) parts.push(`${slug} is slow: drawn on ${Math.round(scale * 100)} % of its canvas's width`);
  for (const [slot, reason] of faults) parts.push(`${slot}: ${reason}`);
  if (render.more_faults) parts.push(`and ${render.more_faults} more`);
  const tone = faults.length || smaller.length ? "warn" : "good";
  return { name: "Pictures", tone, word: faults.length ? "a piece fails" : smaller.length ? "a piece is slow" : "working", words: parts.join(" · ") };
}

// A piece that took the renderer down too often; a person may let it try again.
export function quarantineRow([slug, reason]) {
  return { name: slug, tone: "warn", word: "in quarantine", words: `It ${reason}. Its fallback is shown.`, action: { text: "Try again", address: "/show/release", args: [slug] } };
}

export function processRow(process) {
  const known = {
    running: ["good", "running"], starting: ["wait", "starting"], restarting: ["warn", "restarting"], stopped: ["bad", "stopped"],
  };
  const [tone, word] = known[process.state] ?? ["warn", process.state];
  const parts = [];
  if (process.restarts) parts.push(`restarted ${plural(process.restarts, "time")}`);
  if (process.problem) parts.push(process.problem);
  return { name: `${process.name} process`, tone, word, words: parts.join(" · ") };
}

// "All well", or how many things want a person.
export function verdict(rows) {
  const count = (tone) => rows.filter((row) => row.tone === tone).length;
  const bad = count("bad");
  const warn = count("warn");
  if (bad) return { tone: "bad", text: `${plural(bad, "fault")}` };
  if (warn) return { tone: "warn", text: `${warn} to look at` };
  if (rows.some((row) => row.word === "starting")) return { tone: "wait", text: "Starting" };
  return { tone: "good", text: "All well" };
}

// What the facade looks like, for those who cannot see it.
export function describeLight(bytes) {
  const n = bytes.length / 3;
  let r = 0, g = 0, b = 0, lit = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    r += bytes[i]; g += bytes[i + 1]; b += bytes[i + 2];
    if (bytes[i] + bytes[i + 1] + bytes[i + 2] > 24) lit += 1;
  }
  if (!lit) return `The facade is dark; ${plural(n, "pixel")}`;
  const most = Math.max(r, g, b);
  const hue = colorWord(r / most, g / most, b / most);
  return `The facade glows mostly ${hue}; ${Math.round((100 * lit) / n)} % of ${plural(n, "pixel")} are lit, ${Math.round((100 * most) / n / 255)} % bright`;
}

function colorWord(r, g, b) {
  if (Math.min(r, g, b) > 0.8) return "white";
  if (r === 1) return b > 0.75 ? "pink" : g > 0.8 ? "yellow" : g > 0.45 ? "orange" : b > 0.45 ? "magenta" : "red";
  if (g === 1) return r > 0.8 ? "yellow" : b > 0.7 ? "turquoise" : "green";
  return r > 0.6 ? "violet" : g > 0.7 ? "turquoise" : "blue";
}

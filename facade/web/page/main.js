// Joins the parts of the page: the socket brings description, state and light; the hand sends changes back.

import { fillOf, Held } from "./controls.js";
import { Link } from "./link.js";
import { CuePanel, HealthPanel, PiecePanel } from "./panels.js";
import { Stage } from "./stage.js";
import { ago } from "./words.js";

const byId = (id) => document.getElementById(id);
const MESSAGE_S = 8;

const link = new Link();
const stage = new Stage(link);
const cues = new CuePanel(link);
const pieces = new PiecePanel(link);
const health = new HealthPanel(link);
const masterHeld = new Held();
const blackoutHeld = new Held();
let messageTimer = 0;
let lastTold = "";
let state = null;

link.addEventListener("describe", ({ detail }) => {
  byId("show-title").textContent = detail.show || "facade";
  byId("venue-name").textContent = [detail.venue, detail.place].filter(Boolean).join(" · ");
  document.title = `${detail.show || "facade"} · ${detail.venue}`;
  cues.build(detail);
  pieces.build(detail);
  stage.build(detail.scene);
});

link.addEventListener("state", ({ detail }) => {
  state = detail;
  document.body.classList.remove("is-waiting");
  health.show(detail);
  showControls();
  const { message } = detail;
  if (message && message.age_s < MESSAGE_S && message.text !== lastTold) tell(message.text, message.level);
  lastTold = message && message.age_s < MESSAGE_S ? message.text : "";
});

function showControls() {
  cues.show(state);
  pieces.show(state);
  if (masterHeld.free) showMaster(state.master);
  if (blackoutHeld.free) showBlackout(state.blackout);
}

// A control let go of shows the show's own value again, also when that never changed and so is never sent again.
setInterval(() => {
  if (state && link.open) showControls();
}, 400);

link.addEventListener("light", ({ detail }) => stage.receive(detail));

link.addEventListener("error", ({ detail }) => {
  tell(detail.text, "error");
  const address = link.addressOf(detail.id);
  if (address) pieces.refuse(address);
});

link.addEventListener("link", ({ detail: open }) => {
  document.body.classList.toggle("is-lost", !open);
  byId("lost").hidden = open;
  for (const id of ["master", "blackout", "go", "back", "hold"]) byId(id).disabled = !open;
});

setInterval(() => {
  if (!byId("lost").hidden) byId("lost-age").textContent = `Last answer ${ago((performance.now() - link.lastHeardAt) / 1000)}.`;
}, 500);

const master = byId("master");
master.addEventListener("input", () => {
  masterHeld.touch();
  paintMaster();
  link.move("/master", [Number(master.value)]);
});

function showMaster(value) {
  if (Number(master.value) === value && byId("master-value").textContent !== "–") return;
  master.value = value;
  paintMaster();
}

function paintMaster() {
  fillOf(master);
  const text = `${Math.round(master.value * 100)} %`;
  byId("master-value").textContent = text;
  master.setAttribute("aria-valuetext", text);
}

const blackout = byId("blackout");
blackout.addEventListener("click", () => {
  const on = blackout.getAttribute("aria-pressed") !== "true";
  if (!link.press("/blackout", [on])) return;
  blackoutHeld.touch();
  showBlackout(on);
});

function showBlackout(on) {
  blackout.setAttribute("aria-pressed", String(on));
  byId("blackout-note").textContent = on ? "tap for light" : "light is on";
}

function tell(text, level) {
  const box = byId("message");
  box.textContent = text;
  box.dataset.tone = { info: "wait", warning: "warn", error: "bad" }[level] ?? "wait";
  box.hidden = false;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => { box.hidden = true; }, MESSAGE_S * 1000);
}

// A phone on the pavement stays lit while it shows the facade, where the browser allows that.
async function stayAwake() {
  try {
    if (!document.hidden) await navigator.wakeLock?.request("screen");
  } catch { /* saving the battery comes first */ }
}
document.addEventListener("visibilitychange", stayAwake);
stayAwake();

link.start();

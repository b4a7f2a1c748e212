// Cues, pieces on air, and health: built from the description, brought up to date by the state.

import { element, icon, makeControl } from "./controls.js";
import { deliveryRow, inputRow, otherRow, outputRow, processRow, quarantineRow, renderRow, verdict } from "./words.js";

const byId = (id) => document.getElementById(id);
const KEYS = { g: "go", b: "back", h: "hold" };
const TONE_ICONS = { good: "good", wait: "wait", warn: "warn", bad: "bad" };

export class CuePanel {
  #items = new Map();
  #titles = new Map();

  constructor(link) {
    this.link = link;
    byId("go").addEventListener("click", () => link.press("/show/go"));
    byId("back").addEventListener("click", () => link.press("/show/back"));
    byId("hold").addEventListener("click", () => {
      link.press("/show/hold", [byId("hold").getAttribute("aria-pressed") !== "true"]);
    });
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  // G, B, H, and 1 to 9 for the first cues; not while somebody writes or chooses, nor with a key held down.
  #key(event) {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=range]), select, textarea")) return;
    const button = byId(KEYS[event.key.toLowerCase()]) ?? (/^[1-9]$/.test(event.key) && [...this.#items.values()][event.key - 1]?.button);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  }

  build({ cues, pieces }) {
    const pieceTitles = new Map(pieces.map((piece) => [piece.slug, piece.title]));
    this.#items.clear();
    this.#titles = new Map(cues.map((cue) => [cue.name, cue.title]));
    const title = (slug) => pieceTitles.get(slug) ?? slug;
    byId("cue-list").replaceChildren(...cues.map((cue, n) => {
      const badge = element("span", { class: "badge" });
      const layers = cue.pieces.filter((slug) => slug !== cue.transition && !cue.filters.includes(slug));
      const through = cue.filters.length ? ` through ${cue.filters.map(title).join(", ")}` : "";
      const what = layers.map(title).join(" + ") + through;
      const way = cue.transition ? title(cue.transition) : "fade";
      // A number stays with its unit where the line breaks.
      const times = `${cue.crossfade_s}\u00a0s ${way}${cue.hold_s === null ? "" : `, ${cue.hold_s}\u00a0s`}`;
      const text = element("span", {}, element("span", { class: "title", text: cue.title }), element("span", { class: "what dim", text: `${what} · ${times}` }));
      const keys = n < 9 ? { "aria-keyshortcuts": String(n + 1) } : {};
      const button = element("button", { type: "button", class: "cue", title: `${cue.title}: ${what} · ${times}`, ...keys }, text, badge, element("span", { class: "fill" }));
      button.addEventListener("click", () => this.link.press("/show/cue", [cue.name]));
      this.#items.set(cue.name, { button, badge, pieces: cue.pieces });
      return element("li", {}, button);
    }));
  }

  show({ on_air: air, quarantined = {} }) {
    const fading = air.progress < 1;
    for (const [name, { button, badge, pieces }] of this.#items) {
      const current = name === air.cue;
      const kept = pieces.some((slug) => slug in quarantined);
      button.classList.toggle("kept", kept);
      button.setAttribute("aria-current", String(current));
      button.style.setProperty("--done", current ? air.progress : 0);
      badge.textContent = current ? (fading ? `${Math.round(air.progress * 100)} %` : "on air") : kept ? "quarantine" : name === air.next_cue ? "next" : "";
    }
    const next = this.#titles.get(air.next_cue);
    byId("cue-line").textContent = air.holding ? "Held: waits for Go" : next ? `Next: ${next}` : "";
    const hold = byId("hold");
    hold.setAttribute("aria-pressed", String(air.holding));
    hold.querySelector("span").textContent = air.holding ? "Held" : "Hold";
  }
}

export class PiecePanel {
  #pieces = new Map();
  #cues = new Map();
  #controls = new Map();
  #shown = "";

  constructor(link) {
    this.link = link;
  }

  build({ pieces, cues }) {
    this.#cues = new Map(cues.map((cue) => [cue.name, cue]));
    this.#pieces = new Map(pieces.map((piece) => [piece.slug, piece]));
    this.#shown = "";
  }

  show({ on_air: air, values }) {
    // The top layer first: it is what the eye sees most of. What led into the cue is over soon, and comes last.
    const way = this.#cues.get(air.cue)?.transition;
    const slugs = [...new Set(air.pieces)].reverse().filter((slug) => this.#pieces.has(slug));
    slugs.sort((a, b) => (a === way) - (b === way));
    const shape = [air.cue, ...slugs].join();
    if (shape !== this.#shown) this.#rebuild(slugs, this.#cues.get(air.cue));
    this.#shown = shape;
    for (const [address, control] of this.#controls) {
      if (values[address] !== undefined) control.show(values[address]);
    }
  }

  // Flash the control whose change was refused.
  refuse(address) {
    const node = this.#controls.get(address)?.node;
    if (!node) return;
    node.classList.remove("refused");
    void node.offsetWidth;
    node.classList.add("refused");
  }

  #rebuild(slugs, cue) {
    this.#controls.clear();
    const role = (slug) => (slug === cue?.transition ? "transition into this cue" : cue?.filters.includes(slug) ? "filter" : "");
    byId("pieces").replaceChildren(...slugs.map((slug) => this.#card(this.#pieces.get(slug), role(slug))));
    if (!slugs.length) byId("pieces").append(element("p", { class: "dim", text: "Nothing is on air." }));
  }

  #card(piece, role) {
    const header = element("header", {}, element("h3", { text: piece.title }));
    const said = [role, piece.author && `by ${piece.author}`].filter(Boolean).join(" · ");
    if (said) header.append(element("p", { class: "dim", text: said }));
    const card = element("article", { class: "piece", "aria-label": piece.title }, header);
    for (const parameter of piece.parameters) {
      const control = makeControl(parameter, this.link);
      this.#controls.set(parameter.address, control);
      card.append(control.node);
    }
    if (!piece.parameters.length) card.append(element("p", { class: "dim", text: "This piece has nothing to set." }));
    return card;
  }
}

export class HealthPanel {
  #rows = new Map();

  constructor(link) {
    this.link = link;
  }

  show(state) {
    const delivery = state.delivery;
    const groups = [
      ["Light out", [deliveryRow(delivery), ...(delivery?.outputs ?? []).map(outputRow)]],
      ["Other senders", (delivery?.others ?? []).map(otherRow)],
      ["Inputs", state.inputs.map(inputRow)],
      ["Pieces in quarantine", Object.entries(state.quarantined ?? {}).map(quarantineRow)],
      ["Machine", [renderRow(state.render), ...state.processes.map(processRow)]],
    ].filter(([, rows]) => rows.length);
    const shape = groups.map(([title, rows]) => [title, ...rows.map((row) => row.name + (row.level === undefined ? "" : "\tmeter"))].join("\n")).join("\n\n");
    if (shape !== this.shape) this.#rebuild(groups);
    this.shape = shape;
    const all = groups.flatMap(([title, rows]) => rows.map((row) => [`${title}/${row.name}`, row]));
    for (const [key, row] of all) this.#paint(this.#rows.get(key), row);
    const { tone, text } = verdict(all.map(([, row]) => row));
    byId("verdict").dataset.tone = tone;
    byId("verdict-text").textContent = text;
  }

  #rebuild(groups) {
    this.#rows.clear();
    byId("health-rows").replaceChildren(...groups.map(([title, rows]) => {
      const list = element("ul");
      for (const row of rows) {
        const node = element("li", { class: "row-health" }, icon("wait"), element("span", { class: "name", text: row.name }), element("span", { class: "state" }), element("span", { class: "words" }));
        if (row.action) node.append(this.#button(row));
        if (row.level !== undefined) node.append(element("meter", { min: "0", max: "1", "aria-label": `Level of ${row.name}` }));
        this.#rows.set(`${title}/${row.name}`, node);
        list.append(node);
      }
      return element("div", { class: "group" }, element("h3", { text: title }), list);
    }));
  }

  #button({ name, action }) {
    const button = element("button", { type: "button", class: "action", text: action.text, "aria-label": `${action.text}: ${name}` });
    button.addEventListener("click", () => this.link.press(action.address, action.args));
    return button;
  }

  #paint(node, row) {
    if (node.dataset.tone !== row.tone) {
      node.dataset.tone = row.tone;
      node.querySelector("use").setAttribute("href", `/page/icons.svg#${TONE_ICONS[row.tone]}`);
    }
    if (row.level !== undefined) node.querySelector("meter").value = row.level;
    for (const [part, text] of [[".state", row.word], [".words", row.words]]) {
      const target = node.querySelector(part);
      if (target.textContent !== text) target.textContent = text;
    }
  }
}

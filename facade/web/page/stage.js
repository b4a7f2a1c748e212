// The facade on the page: keeps the newest light, draws the view that is chosen, falls back to the flat one.

import { FlatView } from "./flat.js";
import { StreetView } from "./street.js";
import { describeLight } from "./words.js";

const byId = (id) => document.getElementById(id);
const DRAW_MS = 33;
const WORDS_MS = 2000;

export class Stage {
  constructor(link) {
    this.link = link;
    this.canvases = { street: byId("street"), flat: byId("flat") };
    this.flat = new FlatView(this.canvases.flat);
    this.view = "street";
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.drawnAt = -1e9;
    this.wordsAt = -1e9;
    this.probe = new URLSearchParams(location.search).has("probe");
    byId("view").addEventListener("click", () => this.choose(this.view === "street" ? "flat" : "street"));
    this.canvases.street.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.#fallBack("The graphics driver stopped; showing pixels until it returns.");
    });
    this.canvases.street.addEventListener("webglcontextrestored", () => this.#open());
    addEventListener("resize", () => { this.dirty = true; });
    requestAnimationFrame((now) => this.#tick(now));
    if (this.probe) globalThis.facadeStage = this; // tests read the canvas through this
  }

  // street: undefined until its shaders are there, null where they cannot be used.
  async build(scene) {
    const key = JSON.stringify(scene);
    if (key === this.key || !scene.uniforms) return;
    this.key = key;
    const reply = await fetch("/api/quads", { cache: "no-store" });
    if (!reply.ok) return;
    this.quads = new Float32Array(await reply.arrayBuffer());
    this.scene = scene;
    this.flat.build(this.quads, scene);
    await this.#open();
  }

  // data: ArrayBuffer: number of the frame, number of pixels, then sRGB bytes.
  receive(data) {
    const [seq, n] = new Uint32Array(data, 0, 2);
    this.link.seen(seq);
    this.bytes = new Uint8Array(data, 8, n * 3);
    this.seq = seq;
    this.fresh = this.dirty = true;
    byId("no-light").hidden = true;
  }

  choose(view) {
    this.view = view;
    byId("view").setAttribute("aria-pressed", String(view === "flat"));
    this.#arrange();
  }

  get #showing() {
    return this.view === "street" && this.street !== null ? "street" : "flat";
  }

  async #open() {
    try {
      this.street ??= await StreetView.create(this.canvases.street, { probe: this.probe });
      this.street.build(this.quads, this.scene);
      this.fresh = Boolean(this.bytes);
      byId("view-note").hidden = true;
    } catch (error) {
      this.#fallBack(`${error.message} Showing pixels instead.`);
    }
    this.#arrange();
  }

  #fallBack(note) {
    this.street = null;
    byId("view-note").textContent = note;
    byId("view-note").hidden = false;
    this.#arrange();
  }

  #arrange() {
    for (const [name, canvas] of Object.entries(this.canvases)) canvas.hidden = name !== this.#showing;
    this.dirty = true;
  }

  #tick(now) {
    requestAnimationFrame((next) => this.#tick(next));
    if (document.hidden || !this.bytes || !this.quads || this.bytes.length !== this.quads.length / 2) return;
    if (this.seq !== this.described && now - this.wordsAt > WORDS_MS) this.#describe(now);
    const street = this.#showing === "street";
    if (street && !this.street?.scene) return; // its shaders are on the way
    if (!street && !this.dirty) return;
    // Still water: without motion only new light is worth a drawing.
    if (street && this.calm.matches && !this.dirty) return;
    if (now - this.drawnAt < DRAW_MS) return;
    if (street) {
      // A slow machine rests as long as it works: this page may share it with the show.
      if (!this.street.ready || now - this.drawnAt < 1.6 * (this.street.tookMs ?? 0)) return;
      if (this.fresh) this.street.setLight(this.bytes);
      this.fresh = false;
      this.street.draw(this.calm.matches ? 8 : (now / 1000) % 3600);
    } else {
      this.flat.draw(this.bytes);
      this.fresh = true;
    }
    this.dirty = false;
    this.drawnAt = now;
    this.drawn = this.seq;
  }

  #describe(now) {
    this.wordsAt = now;
    this.described = this.seq;
    const words = describeLight(this.bytes);
    for (const canvas of Object.values(this.canvases)) canvas.setAttribute("aria-label", words);
  }
}

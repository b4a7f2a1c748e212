// One control for every parameter type. A control in the hand is never moved by the state that comes back.

const SETTLE_MS = 700; // how long after the last touch the state is not believed: its news are older than the hand

let serial = 0;

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

// Keeps a hand's value until the state has had time to agree.
export class Held {
  #until = 0;
  touch() { this.#until = performance.now() + SETTLE_MS; }
  get free() { return performance.now() > this.#until; }
}

export function fillOf(range) {
  const share = (range.value - range.min) / (range.max - range.min);
  range.style.setProperty("--fill", `${(share * 100).toFixed(2)}%`);
}

// Returns {node, show(value)}. link: where changes go.
export function makeControl(parameter, link) {
  const id = `control-${++serial}`;
  const make = { float: slider, int: slider, bool: toggle, trigger: button, color: swatch, choice: choices, point: pad, points: crowd, text: words }[parameter.type];
  const control = make(parameter, link, id);
  control.node.dataset.address = parameter.address;
  if (parameter.help) {
    const hint = element("p", { class: "hint", id: `${id}-hint`, text: parameter.help });
    (control.node.classList.contains("row") ? control.node.querySelector(".head") : control.node).append(hint);
  }
  return control;
}

function slider(p, link, id) {
  const whole = p.type === "int";
  const step = whole ? 1 : (p.max - p.min) / 1000;
  const digits = whole ? 0 : Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(p.max - p.min))));
  const text = (v) => `${Number(v).toFixed(digits)}${p.unit ? ` ${p.unit}` : ""}`;
  const output = element("output", { for: id });
  const range = element("input", { type: "range", id, min: String(p.min), max: String(p.max), step: String(step) });
  range.value = p.default;
  if (p.help) range.setAttribute("aria-describedby", `${id}-hint`);
  const held = new Held();
  const paint = () => { fillOf(range); output.textContent = text(range.value); range.setAttribute("aria-valuetext", text(range.value)); };
  range.addEventListener("input", () => { held.touch(); paint(); link.move(p.address, [Number(range.value)]); });
  paint();
  const head = element("div", { class: "head" }, element("label", { for: id, text: p.label }), output);
  const show = (value) => { if (held.free && Number(range.value) !== value) { range.value = value; paint(); } };
  return { node: element("div", { class: "control" }, head, range), show };
}

function toggle(p, link, id) {
  const word = element("span", { "aria-hidden": "true" });
  const knob = element("button", { type: "button", class: "switch", role: "switch", "aria-labelledby": id }, word);
  const held = new Held();
  const paint = (on) => { knob.setAttribute("aria-checked", String(on)); word.textContent = on ? "on" : "off"; };
  knob.addEventListener("click", () => {
    const on = knob.getAttribute("aria-checked") !== "true";
    if (!link.press(p.address, [on])) return;
    held.touch();
    paint(on);
  });
  paint(Boolean(p.default));
  const head = element("div", { class: "head" }, element("span", { id, text: p.label }));
  return { node: element("div", { class: "control row" }, head, knob), show: (v) => { if (held.free) paint(Boolean(v)); } };
}

function button(p, link) {
  const fire = element("button", { type: "button", class: "fire", text: p.label });
  fire.addEventListener("click", () => {
    if (!link.press(p.address, [])) return;
    fire.classList.remove("fired");
    void fire.offsetWidth; // restarts the animation
    fire.classList.add("fired");
  });
  return { node: element("div", { class: "control" }, fire), show: () => {} };
}

function swatch(p, link, id) {
  const input = element("input", { type: "color", id });
  const output = element("output", { for: id });
  const held = new Held();
  const paint = () => { output.textContent = input.value; };
  const hex = (rgb) => `#${rgb.map((c) => Math.round(Math.min(Math.max(c, 0), 1) * 255).toString(16).padStart(2, "0")).join("")}`;
  input.value = hex(p.default);
  input.addEventListener("input", () => { held.touch(); paint(); link.move(p.address, [input.value]); });
  paint();
  const head = element("div", { class: "head" }, element("label", { for: id, text: p.label }), " ", output);
  const show = (value) => { if (held.free && input.value !== hex(value)) { input.value = hex(value); paint(); } };
  return { node: element("div", { class: "control row" }, head, input), show };
}

// Sent when it is done: a wall is no place to watch somebody type.
function words(p, link, id) {
  const input = element("input", { type: "text", id, maxlength: String(p.max_length), autocomplete: "off", spellcheck: "false" });
  input.value = p.default;
  if (p.help) input.setAttribute("aria-describedby", `${id}-hint`);
  const held = new Held();
  input.addEventListener("change", () => { held.touch(); link.press(p.address, [input.value]); });
  const show = (value) => { if (held.free && document.activeElement !== input && input.value !== value) input.value = value; };
  const head = element("div", { class: "head" }, element("label", { for: id, text: p.label }));
  return { node: element("div", { class: "control" }, head, input), show };
}

function choices(p, link, id) {
  return p.choices.length <= 4 && p.choices.join("").length <= 28 ? segments(p, link, id) : list(p, link, id);
}

function segments(p, link, id) {
  const held = new Held();
  const group = element("div", { class: "segmented", role: "radiogroup", "aria-labelledby": id });
  for (const choice of p.choices) {
    const input = element("input", { type: "radio", name: id, value: choice });
    input.checked = choice === p.default;
    input.addEventListener("change", () => { held.touch(); link.press(p.address, [choice]); });
    group.append(element("label", {}, input, element("span", { text: choice.replaceAll("_", " ") })));
  }
  const head = element("div", { class: "head" }, element("span", { id, text: p.label }));
  const show = (value) => { if (held.free) for (const input of group.querySelectorAll("input")) input.checked = input.value === value; };
  return { node: element("div", { class: "control" }, head, group), show };
}

function list(p, link, id) {
  const held = new Held();
  const select = element("select", { id });
  for (const choice of p.choices) select.append(element("option", { value: choice, text: choice.replaceAll("_", " ") }));
  select.value = p.default;
  select.addEventListener("change", () => { held.touch(); link.press(p.address, [select.value]); });
  const head = element("div", { class: "head" }, element("label", { for: id, text: p.label }));
  const show = (value) => { if (held.free) select.value = value; };
  return { node: element("div", { class: "control" }, head, select), show };
}

// Who is there, as a tracker says: seen, not moved. Four numbers each: id, across, up, age.
function crowd(p, link, id) {
  const area = element("div", { class: "pad seen", role: "img", "aria-labelledby": id });
  const output = element("output", {});
  const show = (value) => {
    const places = Array.isArray(value) ? Array.from({ length: value.length / 4 }, (_, n) => value.slice(4 * n + 1, 4 * n + 3)) : [];
    while (area.childElementCount > places.length) area.lastChild.remove();
    while (area.childElementCount < places.length) area.append(element("div", { class: "spot" }));
    places.forEach(([x, y], n) => {
      area.children[n].style.left = `${x * 100}%`;
      area.children[n].style.top = `${(1 - y) * 100}%`;
    });
    output.textContent = value === "test" ? "a trial crowd" : places.length ? `${places.length} of at most ${p.max}` : "nobody";
  };
  show(p.default);
  const head = element("div", { class: "head" }, element("span", { id }, p.label, " "), output);
  return { node: element("div", { class: "control" }, head, area), show };
}

// A place on the facade. Fingers use the pad; keys and screen readers the two sliders inside it.
function pad(p, link, id) {
  const held = new Held();
  const spot = element("div", { class: "spot" });
  const across = element("input", { type: "range", class: "unseen", min: "0", max: "1", step: "0.01", "aria-label": `${p.label}, left to right` });
  const up = element("input", { type: "range", class: "unseen", min: "0", max: "1", step: "0.01", "aria-label": `${p.label}, bottom to top` });
  const area = element("div", { class: "pad", role: "group", "aria-labelledby": id }, spot, across, up);
  const output = element("output", {});
  let point = p.default;
  const paint = () => {
    spot.style.left = `${point[0] * 100}%`;
    spot.style.top = `${(1 - point[1]) * 100}%`;
    [across.value, up.value] = point;
    output.textContent = `${Math.round(point[0] * 100)} · ${Math.round(point[1] * 100)} %`;
  };
  const set = (next) => { held.touch(); point = next; paint(); link.move(p.address, point); };
  const drag = (event) => {
    const box = area.getBoundingClientRect();
    const clamp = (v) => Math.round(Math.min(Math.max(v, 0), 1) * 1000) / 1000;
    set([clamp((event.clientX - box.left) / box.width), clamp(1 - (event.clientY - box.top) / box.height)]);
  };
  area.addEventListener("pointerdown", (event) => { area.setPointerCapture(event.pointerId); drag(event); });
  area.addEventListener("pointermove", (event) => { if (area.hasPointerCapture(event.pointerId)) drag(event); });
  across.addEventListener("input", () => set([Number(across.value), point[1]]));
  up.addEventListener("input", () => set([point[0], Number(up.value)]));
  paint();
  const head = element("div", { class: "head" }, element("span", { id, text: p.label }), output);
  const show = (value) => { if (held.free) { point = value; paint(); } };
  return { node: element("div", { class: "control" }, head, area), show };
}

"use strict";
/* Per-frame curves of one metric: one line a method, told apart by colour and by dashes. */

const SVG = "http://www.w3.org/2000/svg";
const DASHES = ["none", "7 3", "2 3", "10 3 2 3", "4 2", "12 4"];

function svg(tag, properties) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) node.setAttribute(name, String(value));
  return node;
}

/**
 * series: [{label, style, values}]; style is a number, or -1 for the driving clip.
 * scored: 1 or 0 a frame. seek is called with a frame when the chart is pressed.
 */
class Curves {
  constructor(title, series, scored, seek, field) {
    this.title = title;
    this.series = series;
    this.scored = scored;
    this.count = Math.max(scored.length, ...series.map((one) => one.values.length));
    this.frame = 0;
    this.readings = series.map(() => el("b", null, "–"));
    const keys = series.map((one, i) => el("li", null, sample(one.style), ` ${one.label} `, this.readings[i]));
    this.area = el("div", { class: "chart" });
    this.node = el("figure", null, el("figcaption", { class: "controls" }, field),
      this.area, el("ul", { class: "keys" }, ...keys));
    this.area.addEventListener("pointerdown", (event) => this.press(event, seek));
    this.area.addEventListener("pointermove", (event) => {
      if (event.buttons) this.press(event, seek);
    });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.area);
  }

  stop() {
    this.watch.disconnect();
  }

  press(event, seek) {
    const box = this.area.getBoundingClientRect();
    const share = (event.clientX - box.left - Curves.LEFT) / (box.width - Curves.LEFT - Curves.RIGHT);
    seek(Math.round(Math.min(1, Math.max(0, share)) * Math.max(0, this.count - 1)));
  }

  /** Return the range of the frames that count; the others are cut off at it. */
  range() {
    const counts = (value, i) => value !== null && (this.scored[i] || !this.scored.includes(1));
    const all = this.series.flatMap((one) => one.values.filter(counts));
    if (!all.length) return [0, 1];
    const [low, high] = all.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
    const room = (high - low || Math.abs(high) || 1) * 0.06;
    return [low < 0 || low > 0.5 * high ? low - room : 0, high + room];
  }

  draw() {
    const width = Math.max(200, this.area.clientWidth);
    const height = 150;
    const [low, high] = this.range();
    this.x = (frame) =>
      Curves.LEFT + (frame / Math.max(1, this.count - 1)) * (width - Curves.LEFT - Curves.RIGHT);
    const share = (value) => Math.min(1, Math.max(0, (value - low) / (high - low)));
    const y = (value) => 6 + (1 - share(value)) * (height - 24);
    const name = `${this.title}: ${this.series.map((one) => one.label).join(", ")}`;
    const root = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name });
    this.shade(root, height);
    for (const value of [low, (low + high) / 2, high]) {
      root.append(svg("line", { class: "rule", x1: Curves.LEFT, x2: width - Curves.RIGHT, y1: y(value), y2: y(value) }));
      const text = svg("text", { x: Curves.LEFT - 6, y: y(value) + 4, "text-anchor": "end" });
      text.textContent = short(value);
      root.append(text);
    }
    for (const frame of [0, this.count - 1]) {
      const text = svg("text", { x: this.x(frame), y: height - 2, "text-anchor": frame ? "end" : "start" });
      text.textContent = `frame ${frame}`;
      root.append(text);
    }
    for (const one of this.series) {
      const path = svg("path", { d: this.path(one.values, y), class: `curve style${one.style < 0 ? "-driver" : one.style}` });
      if (one.style > 0) path.setAttribute("stroke-dasharray", DASHES[one.style % DASHES.length]);
      root.append(path);
    }
    this.head = svg("line", { class: "head", y1: 2, y2: height - 16 });
    root.append(this.head);
    this.area.replaceChildren(root);
    this.show(this.frame);
  }

  /** Shade the frames that do not count. */
  shade(root, height) {
    const half = (this.x(1) - this.x(0)) / 2;
    let start = -1;
    for (let i = 0; i <= this.scored.length; i += 1) {
      const out = i < this.scored.length && !this.scored[i];
      if (out && start < 0) start = i;
      if (!out && start >= 0) {
        const left = Math.max(Curves.LEFT, this.x(start) - half);
        root.append(svg("rect", { class: "unscored", x: left, y: 6, width: Math.max(0, this.x(i - 1) + half - left), height: height - 24 }));
        start = -1;
      }
    }
  }

  path(values, y) {
    let pen = false;
    return values.map((value, i) => {
      if (value === null) {
        pen = false;
        return "";
      }
      const alone = !pen && (i + 1 >= values.length || values[i + 1] === null);
      const step = `${pen ? "L" : "M"}${this.x(i).toFixed(1)} ${y(value).toFixed(1)}${alone ? "h0.1" : ""}`;
      pen = true;
      return step;
    }).join("");
  }

  /** Move the mark to a frame, and say the values there. */
  show(frame) {
    this.frame = frame;
    this.series.forEach((one, i) => {
      this.readings[i].textContent = short(one.values[frame]);
    });
    if (!this.head) return;
    this.head.setAttribute("x1", this.x(frame));
    this.head.setAttribute("x2", this.x(frame));
  }
}
Curves.LEFT = 46;
Curves.RIGHT = 10;

/** A short line as a key of a legend. */
function sample(style) {
  const root = svg("svg", { width: 28, height: 10, "aria-hidden": "true" });
  const line = svg("path", { d: "M1 5H27", class: `curve style${style < 0 ? "-driver" : style}` });
  if (style > 0) line.setAttribute("stroke-dasharray", DASHES[style % DASHES.length]);
  root.append(line);
  return root;
}

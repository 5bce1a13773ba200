"use strict";
// Names come from runs and are anybody's: they enter the page as text only.
const data = JSON.parse(document.getElementById("data").textContent);
const count = data.strand.length;
const hidden = new Set();
let colour = Object.keys(data.colours)[0];
let chosen = -1;

function make(tag, text, parent) {
  const one = document.createElement(tag);
  if (text !== undefined) one.textContent = text;
  if (parent) parent.append(one);
  return one;
}

const panels = data.panels.map((panel) => {
  const box = make("section", undefined, document.getElementById("panels"));
  const head = make("h2", panel.title + " ", box);
  make("small", "trustworthiness " + panel.trust.toFixed(3), head);
  const canvas = make("canvas", undefined, box);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label",
    panel.title + ": map of " + count + " frames; arrow keys go along a clip");
  const view = { scale: 1, x: 0, y: 0 };
  const one = { canvas, panel, view, px: new Float32Array(count), py: new Float32Array(count) };
  listen(one);
  return one;
});

function shape(pen, kind, x, y, r) {
  pen.beginPath();
  if (kind === "s") pen.rect(x - r, y - r, 2 * r, 2 * r);
  else if (kind === "^") poly(pen, x, y, [[0, -1.2], [1.1, 0.9], [-1.1, 0.9]], r);
  else if (kind === "v") poly(pen, x, y, [[0, 1.2], [1.1, -0.9], [-1.1, -0.9]], r);
  else if (kind === "D") poly(pen, x, y, [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]], r);
  else pen.arc(x, y, r, 0, 7);
}

function poly(pen, x, y, corners, r) {
  corners.forEach(([dx, dy], i) => pen[i ? "lineTo" : "moveTo"](x + dx * r, y + dy * r));
  pen.closePath();
}

function draw() {
  const now = data.colours[colour];
  const ring = getComputedStyle(document.body).getPropertyValue("--ring");
  for (const one of panels) {
    const ratio = window.devicePixelRatio || 1;
    const side = Math.max(1, Math.round(one.canvas.clientWidth * ratio));
    if (one.canvas.width !== side) one.canvas.width = one.canvas.height = side;
    const pen = one.canvas.getContext("2d");
    pen.clearRect(0, 0, side, side);
    const r = Math.max(1.6, Math.min(4, 120 / Math.sqrt(count))) * ratio;
    const { scale, x, y } = one.view;
    for (let i = 0; i < count; i++) {
      one.px[i] = (one.panel.x[i] * scale + x) * side;
      one.py[i] = (one.panel.y[i] * scale + y) * side;
    }
    pen.globalAlpha = 0.75;
    now.names.forEach((name, group) => {
      if (hidden.has(group)) return;
      pen.fillStyle = now.looks[group][0];
      const size = name === "driving" ? 1.8 * r : r; // discs beneath the results, as in the picture
      for (let i = 0; i < count; i++) {
        if (now.of[i] !== group) continue;
        shape(pen, now.looks[group][1], one.px[i], one.py[i], size);
        pen.fill();
      }
    });
    pen.globalAlpha = 1;
    if (chosen >= 0) {
      pen.strokeStyle = ring;
      pen.lineWidth = 2 * ratio;
      shape(pen, "o", one.px[chosen], one.py[chosen], 2.2 * r);
      pen.stroke();
    }
  }
}

function nearest(one, event) {
  const box = one.canvas.getBoundingClientRect();
  const ratio = one.canvas.width / box.width;
  const x = (event.clientX - box.left) * ratio, y = (event.clientY - box.top) * ratio;
  let best = (14 * ratio) ** 2, found = -1;
  for (let i = 0; i < count; i++) {
    if (hidden.has(data.colours[colour].of[i])) continue;
    const d = (one.px[i] - x) ** 2 + (one.py[i] - y) ** 2;
    if (d < best) { best = d; found = i; }
  }
  return found;
}

function listen(one) {
  const { canvas, view } = one;
  let held = null;
  canvas.addEventListener("pointermove", (event) => {
    if (held) {
      view.x += (event.clientX - held[0]) / canvas.clientWidth;
      view.y += (event.clientY - held[1]) / canvas.clientWidth;
      held = [event.clientX, event.clientY];
      draw();
      return;
    }
    const found = nearest(one, event);
    if (found >= 0 && found !== chosen) show(found);
  });
  canvas.addEventListener("pointerdown", (event) => {
    const found = nearest(one, event);
    if (found >= 0) show(found);
    held = [event.clientX, event.clientY];
    canvas.setPointerCapture(event.pointerId);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => { held = null; });
  }
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
    const wanted = Math.min(50, Math.max(1, view.scale * Math.exp(-event.deltaY / 400)));
    view.x = x - (x - view.x) * wanted / view.scale;
    view.y = y - (y - view.y) * wanted / view.scale;
    view.scale = wanted;
    if (wanted === 1) view.x = view.y = 0;
    draw();
  }, { passive: false });
  canvas.addEventListener("dblclick", () => {
    view.scale = 1;
    view.x = view.y = 0;
    draw();
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(chosen < 0 ? 0 : (chosen + step + count) % count);
  });
}

function show(index) {
  chosen = index;
  const box = document.getElementById("seen");
  box.replaceChildren();
  const strand = data.strands[data.strand[index]];
  if (data.pictures) {
    const picture = make("img", undefined, box);
    picture.src = data.pictures[index];
    picture.alt = "frame " + data.frame[index];
  }
  const list = make("dl", undefined, box);
  for (const [name, value] of Object.entries(strand)) {
    if (value === "") continue;
    make("dt", name, list);
    make("dd", value, list);
  }
  make("dt", "frame", list);
  make("dd", String(data.frame[index]), list);
  draw();
}

function legend() {
  const bar = document.getElementById("bar");
  bar.replaceChildren();
  const label = make("label", "colour by ", bar);
  const select = make("select", undefined, label);
  for (const name of Object.keys(data.colours)) make("option", name, select).value = name;
  select.value = colour;
  select.addEventListener("change", () => {
    colour = select.value;
    hidden.clear();
    legend();
    draw();
    document.querySelector("select").focus();
  });
  const now = data.colours[colour];
  now.names.forEach((name, group) => {
    const button = make("button", undefined, bar);
    make("i", undefined, button).style.background = now.looks[group][0];
    make("span", name, button);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      if (!hidden.delete(group)) hidden.add(group);
      button.setAttribute("aria-pressed", String(!hidden.has(group)));
      draw();
    });
  });
}

legend();
draw();
new ResizeObserver(draw).observe(document.getElementById("panels"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

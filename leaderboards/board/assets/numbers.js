"use strict";
/* Numbers come as text, printed by the rules of tables; here they are compared and typeset. */

const ARROWS = { lower: "↓", higher: "↑", driver: "→ drv" };

/** Return a printed number as a number to sort by; NaN for none. */
function sortable(text) {
  if (text === null || text === undefined || typeof text === "number") return NaN;
  if (text === "inf") return Infinity;
  if (text === "-inf") return -Infinity;
  return Number(text);
}

const superscript = (power) =>
  String(power).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]));

/** Return a printed number with a true minus, infinity and powers of ten. */
function typeset(text) {
  const cut = text.indexOf("e");
  if (cut > 0) {
    return `${text.slice(0, cut).replace("-", "−")}×10${superscript(Number(text.slice(cut + 1)))}`;
  }
  return text.replace("-", "−").replace("inf", "∞");
}

/** Return arrow, scale and unit of a column. */
function detail(column) {
  const scale = column.scale ? `×10${superscript(-column.scale)}` : "";
  const unit = column.title.includes(column.unit) ? "" : column.unit;
  return [ARROWS[column.direction], scale, unit].filter(Boolean).join(" ");
}

/** Return 1 if greater is worse in what is ranked of a column, -1 if greater is better. */
const worse = (column) => (column.direction === "higher" ? -1 : 1);

/** Return the letter of a footnote. */
function letter(index) {
  const letters = "abcdefghijklmnoprstuvwxyz";
  const last = letters[index % letters.length];
  return index < letters.length ? last : letter(Math.floor(index / letters.length) - 1) + last;
}

/** Return a short number for a reading of a curve. */
function short(value) {
  if (value === null || value === undefined) return "–";
  return typeset(String(Number(value.toPrecision(3))));
}

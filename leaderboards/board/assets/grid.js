"use strict";
/* A table that sorts. Rows of a later group never come before those of an earlier one. */

/**
 * heads: [{title, detail, better, left}]; better is 1 if smaller is better, -1 if greater is, 0 for
 * text; left sets a column of words to the left.
 * rows: [{group, className, cells: [{text, key, bold, under, grey, mark, title, href}]}]
 */
class Grid {
  constructor(name, heads, rows) {
    this.name = name;
    this.heads = heads;
    this.rows = rows;
    this.column = -1;
    this.reversed = false;
    this.body = el("tbody");
    this.buttons = heads.map((head, i) => this.button(head, i));
    const top = el("tr", null, ...this.buttons);
    const table = el("table", null, el("caption", null, name), el("thead", null, top), this.body);
    this.node = el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": name }, table);
    this.fill();
  }

  button(head, index) {
    const press = el("button", { type: "button", title: head.hint, onclick: () => this.sort(index) },
      el("span", null, head.title), el("small", null, head.detail || "\u00a0"));
    const place = head.left ? "left" : null;
    return el("th", { scope: "col", "aria-sort": "none", class: place }, press);
  }

  /** Sort by a column: best first, then worst first, then as it was. */
  sort(index) {
    if (this.column !== index) [this.column, this.reversed] = [index, false];
    else if (!this.reversed) this.reversed = true;
    else this.column = -1;
    this.fill();
  }

  order() {
    const rows = this.rows.map((row, place) => [row, place]);
    const { column, heads, reversed } = this;
    const turn = reversed ? -1 : 1;
    const compare = (a, b) => {
      if (a[0].group !== b[0].group) return a[0].group - b[0].group;
      if (column < 0) return a[1] - b[1];
      const [x, y] = [a[0].cells[column].key, b[0].cells[column].key];
      const better = heads[column].better;
      if (!better) return turn * x.localeCompare(y, "en") || a[1] - b[1];
      if (Number.isNaN(x) || Number.isNaN(y)) {
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a[1] - b[1];
      }
      return (x === y ? 0 : turn * better * (x < y ? -1 : 1)) || a[1] - b[1];
    };
    return rows.sort(compare).map(([row]) => row);
  }

  fill() {
    this.buttons.forEach((head, i) => {
      const rises = (this.heads[i].better >= 0) !== this.reversed;
      const order = rises ? "ascending" : "descending";
      head.setAttribute("aria-sort", i === this.column ? order : "none");
    });
    this.body.replaceChildren(...this.order().map((row) => this.row(row)));
  }

  row(row) {
    const cells = row.cells.map((cell, i) => {
      const place = i ? el("td") : el("th", { scope: "row" });
      let inner = cell.href ? el("a", { href: cell.href }, cell.text) : cell.text;
      if (cell.bold) inner = el("strong", null, inner);
      if (cell.under) inner = el("u", null, inner);
      place.append(inner);
      if (cell.mark) place.append(el("sup", null, cell.mark));
      if (cell.title) place.title = cell.title;
      if (cell.grey) place.classList.add("grey");
      if (this.heads[i].left) place.classList.add("left");
      if (cell.below) place.append(el("small", { class: "why" }, cell.below));
      return place;
    });
    return el("tr", { class: row.className }, ...cells);
  }
}

/** Footnotes: each sentence has one letter. */
class Marks {
  constructor() {
    this.letters = new Map();
  }

  of(sentence) {
    if (!sentence) return "";
    if (!this.letters.has(sentence)) this.letters.set(sentence, letter(this.letters.size));
    return this.letters.get(sentence);
  }

  /** Return the footnotes as elements of a list. */
  get items() {
    return [...this.letters].map(([text, mark]) => el("li", null, el("sup", null, mark), ` ${text}`));
  }
}

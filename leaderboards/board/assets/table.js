"use strict";
/* The page of a board: methods by metrics, for all cases or for those of a tag. */

const KINDS = { self: "Self-reenactment", cross: "Cross-reenactment" };
const GROUPS = { method: 0, control: 1, reference: 3 };

/** Return the elements of a board's page. */
function boardPage(info, data) {
  const state = { tag: "", method: "", grey: true };
  const place = el("div");
  const draw = async () => {
    const index = data.parts.indexOf(state.tag);
    const shown = index < 0 ? data : await Board.load(`${info.key}-t${index}`);
    if (data.parts.indexOf(state.tag) !== index) return; // another tag was chosen meanwhile
    const count = index < 0 ? info.cases : shown.cases.length;
    place.replaceChildren(...tables(info, data, shown, state, count));
  };
  const update = (name) => (value) => {
    state[name] = value;
    draw();
  };
  const tags = [["", `all ${info.cases} cases`], ...data.parts.map((tag) => [tag, tag])];
  const controls = el("div", { class: "controls" },
    data.parts.length ? choice("Cases with tag", tags, "", update("tag")) : null,
    typing("Method", "", update("method")),
    tick("show greyed rows", true, update("grey")),
    el("a", { href: `#/${info.key}/cases`, class: "button" }, "All cases"));
  draw();
  return [el("h1", { tabindex: "-1" }, info.title), ...facts(info, data), controls, place];
}

/** Return what is said of a board above its table. */
function facts(info, data) {
  const line = `${info.cases} cases · protocol ${info.protocol} · split sha256 ${info.sha}`;
  return [
    info.notice ? el("p", { class: "notice" }, info.notice) : null,
    el("p", { class: "soft" }, line),
    data.untagged ? el("p", { class: "soft" }, data.untagged) : null,
  ].filter(Boolean);
}

function tables(info, data, shown, state, count) {
  const marks = new Marks();
  const found = [];
  for (const kind of Object.keys(KINDS)) {
    const chosen = data.columns.map((c, i) => i).filter((i) => data.columns[i].kind === kind);
    if (!chosen.length || !shown.rows.some((row) => row.cases[kind])) continue;
    const rows = shown.rows.filter((row) => wanted(row, state, chosen));
    const name = `${KINDS[kind]}${state.tag ? `, cases with tag ${state.tag}` : ""}`;
    const heads = [{ title: "method", better: 0 }, { title: "cases", better: 0 }];
    for (const i of chosen) heads.push(...columnHeads(data.columns[i]));
    const lines = rows.map((row) => {
      const at = shown.rows.indexOf(row);
      return boardRow(info, data, shown, row, chosen, kind, marks, shown === data ? at : -1);
    });
    found.push(el("h2", null, name), new Grid(name, heads, lines).node);
  }
  if (!found.length) found.push(el("p", null, `No table of ${count} cases.`));
  const plain = shown.notes.map((note) => el("li", null, note));
  return [...found, el("ul", { class: "notes" }, ...marks.items,
    el("li", null, "Best is bold, second underlined. Greyed rows and numbers are not ranked."),
    ...plain)];
}

function wanted(row, state, chosen) {
  if (row.role === "reference") return chosen.some((i) => row.cells[i]);
  if (!state.grey && row.state) return false;
  return row.label.toLowerCase().includes(state.method);
}

function columnHeads(column) {
  const hint = `${column.id}: ${column.formula}`;
  const distance = column.direction === "driver";
  const first = { title: column.title, detail: detail(column), hint, better: worse(column) };
  if (!distance) return [first];
  return [first, { title: column.title, detail: "|Δ| ↓", hint, better: 1 }];
}

function boardRow(info, data, shown, row, chosen, kind, marks, at) {
  const mark = (index) => marks.of(shown.strings[index]);
  const elsewhere = at >= 0 ? data.elsewhere[at] : "";
  let href = row.run >= 0 ? `#/${info.key}/run/${row.run}` : null;
  if (href === null && elsewhere) href = `#/${elsewhere}`;
  const why = row.why >= 0 ? `${row.state}: ${shown.strings[row.why]}` : "";
  const cells = [{ text: row.label, key: row.label, href, mark: mark(row.note), below: why }];
  const count = row.cases[kind] || ["", -1];
  cells.push({ text: count[0], key: count[0], mark: mark(count[1]) });
  for (const i of chosen) cells.push(...boardCells(data.columns[i], row, row.cells[i], shown, mark));
  const group = row.state ? 2 : GROUPS[row.role];
  return { group, cells, className: row.state ? "stale" : row.role };
}

function boardCells(column, row, cell, shown, mark) {
  const distance = column.direction === "driver";
  const blank = { text: "", key: NaN };
  if (!cell) return distance ? [blank, blank] : [blank];
  const [value, rank = 0, note = -1, coverage = "", delta = null, grey = 0] = cell;
  const tail = {
    mark: mark(note),
    bold: rank === 1,
    under: rank === 2,
    grey: Boolean(grey),
    title: coverage ? `coverage ${coverage}${note >= 0 ? `. ${shown.strings[note]}` : ""}` : null,
  };
  const text = value === null ? "–" : typeset(value);
  const first = { text, key: sortable(value) };
  if (!distance) return [{ ...first, ...tail }];
  if (row.role === "reference") return [{ ...first, mark: tail.mark }, blank];
  return [first, { text: delta === null ? "–" : typeset(delta), key: sortable(delta), ...tail }];
}

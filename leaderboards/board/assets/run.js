"use strict";
/* The page of a run: its cases, the best and the worst of them, and where its numbers come from. */

/** Return the score of a case as cells of a grid; why there is none is a footnote. */
function scoreCells(column, score, strings, marks) {
  const distance = column.direction === "driver";
  const blank = { text: "", key: NaN };
  if (score === null) return distance ? [blank, blank] : [blank];
  if (typeof score === "number") {
    const none = { text: "–", key: NaN, grey: true };
    const said = { ...none, mark: marks.of(strings[score]), title: strings[score] };
    return distance ? [none, said] : [said];
  }
  const [value, delta] = Array.isArray(score) ? score : [score, null];
  const first = { text: typeset(value), key: sortable(value) };
  if (!distance) return [first];
  return [first, { text: delta === null ? "–" : typeset(delta), key: sortable(delta) }];
}

/** Return what ranks a score: the distance to the driver where the column asks for it. */
function ranking(column, score) {
  if (column.direction !== "driver") return sortable(score);
  return Array.isArray(score) ? sortable(score[1]) : NaN;
}

/** Return whether a case has a tag, or its name or a tag contains what was typed. */
function matches(data, item, state) {
  const tags = item[4].map((i) => data.tags[i]);
  if (state.tag && !tags.includes(state.tag)) return false;
  if (state.kind && item[1] !== state.kind) return false;
  const text = state.text;
  return !text || item[0].toLowerCase().includes(text)
    || tags.some((tag) => tag.toLowerCase().includes(text));
}

/** Return the fields that choose cases; `change` is called after each change of `state`. */
function caseFilters(data, state, change) {
  const update = (name) => (value) => {
    state[name] = value;
    change();
  };
  const kinds = Object.keys(KINDS).filter((kind) => data.cases.some((item) => item[1] === kind));
  const tags = data.parts.length
    ? choice("Tag", [["", "any"], ...data.parts.map((tag) => [tag, tag])], state.tag, update("tag"))
    : null;
  const both = kinds.length > 1
    ? choice("Kind", [["", "both"], ...kinds.map((k) => [k, KINDS[k]])], state.kind, update("kind"))
    : null;
  return [both, tags, typing("Case or tag", state.text, update("text"))];
}

/** Return the elements of a run's page. */
function runPage(info, data, number, run) {
  const [label, name] = data.runs[number];
  const greyed = data.rows.find((row) => row.run === number && row.state);
  const state = { tag: "", kind: "", text: "", metric: firstRanked(data, run) };
  const ends = el("div");
  const place = el("div");
  const draw = () => {
    ends.replaceChildren(...extremes(info, data, number, run, state));
    place.replaceChildren(...caseTables(info, data, number, run, state));
  };
  const metrics = data.columns.map((c, i) => [i, `${c.title}, ${c.kind}`])
    .filter(([i]) => data.columns[i].over !== "set");
  const pick = choice("By", metrics, state.metric, (value) => {
    state.metric = Number(value);
    draw();
  });
  draw();
  const lines = run.provenance.flatMap(([term, text]) => [el("dt", null, term), el("dd", null, text)]);
  return [
    el("p", null, el("a", { href: `#/${info.key}` }, "← ", info.title)),
    el("h1", { tabindex: "-1" }, label), el("p", { class: "soft" }, `run ${name}`),
    greyed ? el("p", { class: "notice" }, `${greyed.state}: ${data.strings[greyed.why]}`) : null,
    el("h2", null, "Best and worst cases"), el("div", { class: "controls" }, pick), ends,
    el("h2", null, "Cases"), el("div", { class: "controls" }, ...caseFilters(data, state, draw)), place,
    el("details", null, el("summary", null, "Where these numbers come from"), el("dl", null, ...lines)),
  ].filter(Boolean);
}

function firstRanked(data, run) {
  const found = data.columns.findIndex((column, i) =>
    run.cells.filter((cells) => !Number.isNaN(ranking(column, cells[i]))).length > 1);
  return Math.max(found, 0);
}

function extremes(info, data, number, run, state) {
  const column = data.columns[state.metric];
  const scored = run.cells.map((cells, i) => [i, ranking(column, cells[state.metric])])
    .filter(([, key]) => !Number.isNaN(key));
  if (!scored.length) {
    return [el("p", null, `No case has a value of ${column.title}.`),
      without(info, data, number, run, state.metric)].filter(Boolean);
  }
  scored.sort((a, b) => (a[1] === b[1] ? 0 : worse(column) * (a[1] < b[1] ? -1 : 1)) || a[0] - b[0]);
  const many = Math.min(4, Math.ceil(scored.length / 2));
  const strip = (title, items) => el("section", null, el("h3", null, title),
    el("ol", { class: "strip" }, ...items.map(([i]) => card(info, data, number, run, i, state.metric))));
  const worst = scored.slice(many).slice(-many).reverse();
  return [el("div", { class: "ends" }, strip("Best", scored.slice(0, many)),
    worst.length ? strip("Worst", worst) : null), without(info, data, number, run, state.metric)]
    .filter(Boolean);
}

/** Return the cases that have no value at all: for a reader they come after the worst. */
function without(info, data, number, run, metric) {
  const places = run.cells.map((cells, i) => i).filter((i) => typeof run.cells[i][metric] === "number");
  if (!places.length) return null;
  const items = places.slice(0, 12).map((i) => el("li", null,
    el("a", { href: `#/${info.key}/case/${i}?with=${number}` }, data.cases[i][0]),
    `: ${run.strings[run.cells[i][metric]]}`));
  const more = places.length > items.length ? el("li", null, `and ${places.length - items.length} more`) : null;
  return el("section", null, el("h3", null, `Without a value (${places.length})`),
    el("ul", { class: "plain" }, ...items, more));
}

function card(info, data, number, run, index, metric) {
  const id = data.cases[index][0];
  const source = Board.file(run.previews[index]);
  const video = source
    ? el("video", { src: source, muted: true, preload: "metadata", tabindex: "-1", "aria-hidden": "true" })
    : null;
  const score = run.cells[index][metric];
  const value = typeset(Array.isArray(score) ? `${score[1]}` : score);
  return el("li", null, el("a", { href: `#/${info.key}/case/${index}?with=${number}` },
    video, el("span", null, id), el("b", null, value)));
}

function caseTables(info, data, number, run, state) {
  const found = [];
  const marks = new Marks();
  for (const kind of Object.keys(KINDS)) {
    const chosen = data.columns.map((c, i) => i)
      .filter((i) => data.columns[i].kind === kind && data.columns[i].over !== "set");
    const places = data.cases.map((item, i) => i)
      .filter((i) => data.cases[i][1] === kind && matches(data, data.cases[i], state));
    if (!places.length) continue;
    const heads = [{ title: "case", better: 0 }, { title: "frames", better: 1 }];
    for (const i of chosen) heads.push(...columnHeads(data.columns[i]));
    const rows = places.map((place) => {
      const [id, , frames] = data.cases[place];
      const cells = [
        { text: id, key: id, href: `#/${info.key}/case/${place}?with=${number}` },
        { text: String(frames), key: frames },
      ];
      for (const i of chosen) cells.push(...scoreCells(data.columns[i], run.cells[place][i], run.strings, marks));
      return { group: 0, cells };
    });
    found.push(el("h3", null, KINDS[kind]), new Grid(`${KINDS[kind]}, cases`, heads, rows).node);
  }
  if (!found.length) return [el("p", null, "No case is called so.")];
  return [...found, el("ul", { class: "notes" }, ...marks.items)];
}

/** Return the elements of the list of all cases. */
function casesPage(info, data) {
  const state = { tag: "", kind: "", text: "" };
  const place = el("div");
  const draw = () => {
    const rows = data.cases.map((item, i) => [item, i]).filter(([item]) => matches(data, item, state))
      .map(([item, i]) => {
        const [id, kind, frames, people, tags] = item;
        const said = tags.map((t) => data.tags[t]).join(", ");
        return { group: 0, cells: [
          { text: id, key: id, href: `#/${info.key}/case/${i}` }, { text: kind, key: kind },
          { text: String(frames), key: frames }, { text: String(people), key: people },
          { text: said, key: said },
        ] };
      });
    const heads = [{ title: "case", better: 0 }, { title: "kind", better: 0, left: true },
      { title: "frames", better: 1 }, { title: "people", better: 1 }, { title: "tags", better: 0, left: true }];
    place.replaceChildren(el("p", { class: "soft", role: "status" }, `${rows.length} of ${info.cases} cases`),
      new Grid("Cases", heads, rows).node);
  };
  draw();
  return [el("p", null, el("a", { href: `#/${info.key}` }, "← ", info.title)),
    el("h1", { tabindex: "-1" }, "All cases"),
    el("div", { class: "controls" }, ...caseFilters(data, state, draw)), place];
}

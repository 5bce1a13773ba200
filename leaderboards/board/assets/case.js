"use strict";
/* The page of a case: portrait, driving clip and results in step, curves, scores of every method. */

const MOST = 6;
let open = null;

/** Stop what the page of a case has running. */
function closeCase() {
  if (open) open();
  open = null;
}

/** Return the elements of a case's page; `chosen` are numbers of runs. */
function casePage(info, data, place, one, chosen) {
  const [id, kind, frames, people, tags] = data.cases[place];
  const state = { runs: pickRuns(info, data, one, chosen), metrics: [] };
  const stage = el("div");
  const draw = async () => {
    closeCase();
    await drawStage(stage, info, data, place, one, state, draw);
  };
  const said = [`${kind}-reenactment`, `${frames} frames`, people > 1 ? `${people} people` : "",
    ...tags.map((t) => data.tags[t])].filter(Boolean).join(" · ");
  const near = [[-1, "← previous case"], [1, "next case →"]]
    .filter(([by]) => data.cases[place + by])
    .map(([by, text]) => el("a", { href: caseLink(info, place + by, state.runs) }, text));
  draw();
  return [
    el("p", { class: "trail" }, el("a", { href: `#/${info.key}` }, info.title), ...near),
    el("h1", { tabindex: "-1" }, id), el("p", { class: "soft" }, said),
    stage, el("h2", null, "Scores of this case"), caseScores(info, data, kind, one),
  ];
}

const caseLink = (info, place, runs) => `#/${info.key}/case/${place}?with=${runs.join(",")}`;

/** Return the runs that are asked for; one or none is joined by the first that have a clip. */
function pickRuns(info, data, one, chosen) {
  const there = one.rows.filter((row) => row.outcome === "ok").map((row) => row.run);
  const asked = chosen.filter((run) => run < data.runs.length);
  if (asked.length > 1) return asked.slice(0, MOST);
  return [...asked, ...there.filter((run) => !asked.includes(run))].slice(0, 3);
}

async function drawStage(stage, info, data, place, one, state, draw) {
  const turn = (state.turn = (state.turn || 0) + 1);
  const [, kind, frames] = data.cases[place];
  const series = await Promise.all(state.runs.map(
    async (run) => {
      if (one.rows[run].outcome !== "ok") return {};
      return Board.load(`${info.key}-f${run}-${place}`).catch((error) => ({ why: error.message }));
    }));
  if (turn !== state.turn) return; // another choice was made meanwhile
  const clips = [];
  const pictures = gallery(data, one, state, series, clips, frames);
  const rate = (series.find((s) => s.rate) || { rate: 25 }).rate;
  let charts = [];
  const player = new Player(clips, frames, rate, (frame) => charts.forEach((c) => c.show(frame)));
  const curves = el("div");
  const redraw = () => {
    charts.forEach((chart) => chart.stop());
    charts = drawCurves(curves, data, kind, series, state, player, redraw);
    charts.forEach((chart) => chart.show(player.frame));
  };
  redraw();
  open = () => {
    player.stop();
    charts.forEach((chart) => chart.stop());
  };
  const boxes = one.rows.map((row) => tick(data.runs[row.run][0], state.runs.includes(row.run), (on) => {
    state.runs = on ? [...state.runs, row.run].slice(-MOST) : state.runs.filter((r) => r !== row.run);
    draw();
  }));
  const notes = one.why.map((text) => el("p", { class: "soft" }, text));
  stage.replaceChildren(
    el("details", { class: "choose" }, el("summary", null, `Methods shown (${state.runs.length} of ${one.rows.length}, at most ${MOST})`),
      el("div", { class: "boxes" }, ...boxes)),
    ...notes, pictures, clips.length ? player.node : "", curves);
}

/** Return portrait, driving clip and results side by side; the clips are added to `clips`. */
function gallery(data, one, state, series, clips, frames) {
  const items = [];
  const portrait = Board.file(one.portrait);
  if (portrait) items.push(picture("portrait", el("img", { src: portrait, alt: "portrait" })));
  const add = (name, source, map, style) => {
    const video = el("video", { src: source, playsinline: true, preload: "auto", "aria-label": name });
    video.muted = true;
    const frame = picture(name, video, style);
    video.addEventListener("error", () => {
      video.replaceWith(el("div", { class: "none" }, "This browser cannot play the clip."));
    });
    clips.push({ video, map });
    items.push(frame);
  };
  const driving = Board.file(one.driving);
  if (driving) add("driving clip", driving, frames);
  state.runs.forEach((run, i) => {
    const row = one.rows[run];
    const name = data.runs[run][0];
    const source = Board.file(row.preview);
    if (source) add(name, source, row.map, i);
    else items.push(picture(name, el("div", { class: "none" }, missing(row, one)), i));
  });
  return el("div", { class: "gallery" }, ...items);
}

function missing(row, one) {
  const why = row.reason >= 0 ? `: ${one.strings[row.reason]}` : "";
  return row.outcome === "ok" ? "no media in this site" : `${row.outcome}${why}`;
}

function picture(name, inner, style) {
  const key = style === undefined ? null : sample(style);
  return el("figure", null, inner, el("figcaption", null, key, key ? " " : null, name));
}

/** Draw two charts with a choice of metric each; return them. */
function drawCurves(place, data, kind, series, state, player, redraw) {
  const there = [...new Set(series.flatMap((one) => (one.series || []).map((s) => s[0])))].sort((a, b) => a - b);
  const whys = [...new Set(series.filter((one) => one.why).map((one) => one.why))]
    .map((text) => el("p", { class: "soft" }, text));
  if (!there.length) {
    place.replaceChildren(...whys, el("p", { class: "soft" }, "There are no values of frames."));
    return [];
  }
  const metrics = [0, 1].filter((i) => i < there.length)
    .map((i) => (there.includes(state.metrics[i]) ? state.metrics[i] : there[i]));
  state.metrics = metrics;
  const options = there.map((i) => [i, `${data.columns[i].title} ${detail(data.columns[i])}`]);
  const charts = metrics.map((metric, i) => {
    const field = choice(`Curve ${i + 1}`, options, metric, (value) => {
      state.metrics[i] = Number(value);
      redraw();
      place.querySelectorAll("select")[i].focus();
    });
    return chart(data, metric, series, state, player, field);
  });
  place.replaceChildren(...whys, ...charts.map((one) => one.node));
  return charts;
}

function chart(data, metric, series, state, player, field) {
  const column = data.columns[metric];
  const lines = [];
  series.forEach((one, i) => {
    const own = (one.series || []).filter((s) => s[0] === metric);
    const label = data.runs[state.runs[i]][0];
    for (const [, person, values] of own) {
      const whom = person >= 0 && own.length > 1 ? `, person ${person + 1}` : "";
      lines.push({ label: label + whom, style: i, values });
    }
  });
  const driver = series.flatMap((one) => one.driver || []).find((s) => s[0] === metric);
  if (driver) lines.push({ label: "driving clip", style: -1, values: driver[1] });
  const scored = (series.find((one) => one.scored) || { scored: [] }).scored;
  return new Curves(`${column.title} ${detail(column)}`, lines, scored, (frame) => player.seek(frame), field);
}

/** Return the scores of every method on one case. */
function caseScores(info, data, kind, one) {
  const chosen = data.columns.map((c, i) => i)
    .filter((i) => data.columns[i].kind === kind && data.columns[i].over !== "set");
  const marks = new Marks();
  const heads = [{ title: "method", better: 0 }, { title: "outcome", better: 0, left: true }];
  for (const i of chosen) heads.push(...columnHeads(data.columns[i]));
  const rows = one.rows.map((row) => {
    const name = data.runs[row.run][0];
    const why = row.reason >= 0 ? one.strings[row.reason] : "";
    const cells = [{ text: name, key: name, href: `#/${info.key}/run/${row.run}` },
      { text: row.outcome, key: row.outcome, title: why, below: why }];
    for (const i of chosen) cells.push(...scoreCells(data.columns[i], row.cells[i], one.strings, marks));
    return { group: 0, cells };
  });
  const grid = new Grid("Scores of this case", heads, rows).node;
  return el("div", null, grid, el("ul", { class: "notes" }, ...marks.items));
}

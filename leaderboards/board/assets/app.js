"use strict";
/* Which page is shown: it stands in the address, so that every page can be linked to. */

const ROUTE = /^#\/(b\d+)(?:\/(run|case|cases)(?:\/(\d+))?(?:\?with=([\d,]*))?)?$/;

async function show() {
  const index = await Board.load("index");
  const main = document.getElementById("content");
  const [, key, page, number, others] = ROUTE.exec(location.hash) || [];
  const info = index.boards.find((board) => board.key === key) || index.boards[0];
  const wanted = location.hash;
  closeCase();
  let found;
  try {
    found = await pageOf(index, info, page, Number(number || 0), others || "");
  } catch (error) {
    found = [el("h1", { tabindex: "-1" }, "This page cannot be shown"), el("p", null, error.message)];
  }
  if (location.hash !== wanted) return; // the reader went on meanwhile
  navigation(index, info);
  main.replaceChildren(...found);
  const heading = main.querySelector("h1");
  document.title = `${heading.textContent} · ${info.title}`;
  if (show.again) {
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
  show.again = true;
}

async function pageOf(index, info, page, number, others) {
  const data = await Board.load(info.key);
  if (page === "run" && data.runs[number]) {
    return runPage(info, data, number, await Board.load(`${info.key}-r${number}`));
  }
  if (page === "case" && data.cases[number]) {
    const chosen = [...new Set(others.split(",").filter(Boolean).map(Number))];
    return casePage(info, data, number, await Board.load(`${info.key}-c${number}`), chosen);
  }
  if (page === "cases") return casesPage(info, data);
  const left = index.left.map(([name, reason]) => el("li", null, `${name}: ${reason}`));
  return [...boardPage(info, data), ...(left.length
    ? [el("h2", null, "Runs that no board shows"), el("ul", { class: "notes" }, ...left)] : [])];
}

/** Draw the choice between boards: by split first, then what of it was used. */
function navigation(index, info) {
  const place = document.getElementById("nav");
  const home = el("a", { href: `#/${info.key}`, class: "home" }, "Boards");
  if (index.boards.length < 2) {
    place.replaceChildren(home);
    return;
  }
  const splits = [...new Set(index.boards.map((board) => board.split))];
  const go = (key) => { location.hash = `#/${key}`; };
  const first = (split) => index.boards.find((board) => board.split === split).key;
  const split = choice("Split", splits.map((s, i) => [i, s]), splits.indexOf(info.split),
    (value) => go(first(splits[Number(value)])));
  const same = index.boards.filter((board) => board.split === info.split);
  const title = (board) => `${board.title} (${board.protocol}, ${board.sha.slice(0, 6)})`;
  const which = same.length < 2 ? null
    : choice("Board", same.map((board) => [board.key, title(board)]), info.key, go);
  place.replaceChildren(...[home, split, which].filter(Boolean));
}

window.addEventListener("hashchange", show);
show();

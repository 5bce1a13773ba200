"use strict";
/* Loading of shards, and building of elements. Text from data only ever becomes text. */

const Board = (() => {
  const folder = document.documentElement.dataset.folder;
  const address = /^data-[0-9a-f]{16}\/[a-z0-9]+(-[a-z0-9]+)*\.js$/;
  const media = /^[0-9a-f]{64}(-\d+-\d+)?\.(png|mp4)$/;
  const kept = new Map();
  const loading = new Map();

  const checked = (url) => {
    if (!address.test(url)) throw new TypeError(`not a shard: ${url}`);
    return url;
  };
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("board", { createScriptURL: checked })
    : { createScriptURL: checked };

  /** Called by shards. */
  function put(name, text) {
    kept.set(name, JSON.parse(text));
  }

  /** Return a promise of the data of a shard; it is loaded once. */
  function load(name) {
    if (kept.has(name)) return Promise.resolve(kept.get(name));
    if (!loading.has(name)) {
      loading.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = policy.createScriptURL(`${folder}/${name}.js`);
        script.onload = () => {
          script.remove();
          loading.delete(name);
          if (kept.has(name)) resolve(kept.get(name));
          else reject(new Error(`${name} holds no data`));
        };
        script.onerror = () => {
          script.remove();
          loading.delete(name);
          reject(new Error(`${name}.js is missing: build the site again`));
        };
        document.head.append(script);
      }));
    }
    return loading.get(name);
  }

  /** Return the address of a file of media; empty if its name is none of ours. */
  const file = (name) => (media.test(name) ? `media/${name}` : "");

  return { put, load, file };
})();

/** Make an element. Properties are attributes, or listeners where they begin with "on". */
function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A list box with a label. Options are pairs of value and text. */
function choice(label, options, value, change) {
  const select = el("select", { onchange: () => change(select.value) });
  for (const [key, text] of options) select.append(el("option", { value: key }, text));
  select.value = String(value);
  return el("label", { class: "field" }, el("span", null, label), select);
}

/** A tick box with a label. */
function tick(label, checked, change) {
  const box = el("input", { type: "checkbox", onchange: () => change(box.checked) });
  box.checked = checked;
  return el("label", { class: "tick" }, box, " ", label);
}

/** A field to type in, with a label; told of changes when typing pauses. */
function typing(label, value, change) {
  let timer = 0;
  const input = el("input", {
    type: "search",
    oninput: () => {
      clearTimeout(timer);
      timer = setTimeout(() => change(input.value.trim().toLowerCase()), 120);
    },
  });
  input.value = value;
  return el("label", { class: "field" }, el("span", null, label), input);
}

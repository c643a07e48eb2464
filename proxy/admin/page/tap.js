// The tap: packets and events as they pass.

import { make, makeList, setText } from "./dom.js";
import { openSocket } from "./feed.js";
import * as format from "./format.js";
import { nameOf } from "./session.js";
import { hasWords, makeTapLine, makeTapNote, wordsOf } from "./tap_line.js";

/// So many lines are kept, and so many added at a time: nobody reads more.
const LINES = 500;
const AT_ONCE = 100;

// Milliseconds.
const EVERY = 250;
const RETRY = 3000;

/// The code of a WebSocket that has told all there was.
const OVER = 1000;

const field = (text, input) => make("label", {}, text, input);

export function makeTap(section) {
  const start = make("button", { type: "button", class: "main" }, "Tap");
  const pauseButton = make("button", { type: "button", "aria-pressed": "false", disabled: "" }, "Pause");
  const clear = make("button", { type: "button" }, "Clear");
  const session = make("select", {}, make("option", { value: "" }, "all"), make("option", { value: "next" }, "the next to come"));
  const type = make("input", { type: "text", list: "tap-types", placeholder: "QUERY GTID packet", spellcheck: "false" });
  const types = make("datalist", { id: "tap-types" });
  const schema = make("input", { type: "text", placeholder: "any", spellcheck: "false" });
  const dropped = make("input", { type: "checkbox" });
  const search = make("input", { type: "search", "aria-label": "Search what was tapped", placeholder: "Search" });
  const state = make("p", { class: "soft", role: "status" }, "Nothing is copied until you start it.");
  const lines = make("ol", { tabindex: "0", "aria-label": "Packets and events" });
  section.append(
    make("header", {}, make("h2", { id: "tap-title" }, "Tap"), state),
    make("form", { class: "filters" }, field("Session", session), field("Types", type), types, field("Schema", schema),
      make("label", { class: "check" }, dropped, "only dropped"),
      make("span", { class: "tools" }, search, start, pauseButton, clear)),
    lines);

  const listSessions = makeList(session, ({ id }) => id, ({ id }) => {
    const node = make("option", { value: String(id) });
    return { node, update: (now) => setText(node, `#${id} ${nameOf(now)}`) };
  });
  const listTypes = makeList(types, (name) => name, (name) => ({ node: make("option", { value: name }), update() {} }));

  let socket = null; // null: it is not tapping
  let retry = 0;
  let paused = false;
  let waiting = []; // lines of JSON that came and are not shown yet
  let missed = 0; // that came while it was paused

  function path() {
    const query = new URLSearchParams({ format: "json" });
    if (session.value === "next") query.append("next", "1");
    else if (session.value) query.append("session", session.value);
    for (const name of wordsOf(type.value)) query.append("type", name);
    for (const name of wordsOf(schema.value)) query.append("schema", name);
    if (dropped.checked) query.append("dropped", "1");
    return `/api/v1/tap?${query}`;
  }

  function open() {
    clearTimeout(retry);
    setText(state, "Opening the tap.");
    const mine = socket = openSocket(path());
    mine.addEventListener("open", () => setText(state, "Tapping."));
    mine.addEventListener("message", ({ data }) => {
      const come = data.split("\n").filter(Boolean);
      if (paused) missed += come.length;
      else waiting.push(...come);
    });
    mine.addEventListener("close", ({ code, reason }) => {
      if (socket !== mine) return; // it was stopped, or begun anew
      if (code === OVER) {
        socket = null;
        setText(state, `Ended: ${reason}.`);
        show();
        return;
      }
      setText(state, "There is no tap: is there such a type, and are there too many? Trying again.");
      retry = setTimeout(open, RETRY);
    });
  }

  function stop() {
    clearTimeout(retry);
    const old = socket;
    socket = null;
    old?.close();
  }

  function show() {
    setText(start, socket ? "Stop" : "Tap");
    pauseButton.disabled = !socket;
    setText(pauseButton, paused ? "Go on" : "Pause");
    pauseButton.setAttribute("aria-pressed", String(paused));
  }

  function add() {
    if (paused && missed) setText(state, `Paused: ${format.count(missed)} came meanwhile.`);
    if (!waiting.length) return;
    const follows = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 4;
    const more = waiting.length - AT_ONCE;
    const words = wordsOf(search.value);
    const made = waiting.slice(-AT_ONCE).map((text) => makeTapLine(JSON.parse(text)));
    if (more > 0) made.unshift(makeTapNote(`${format.count(more)} more, too many to show`));
    waiting = [];
    for (const line of made) line.hidden = !hasWords(line, words);
    lines.append(...made);
    while (lines.childElementCount > LINES) lines.firstElementChild.remove();
    if (follows) lines.scrollTop = lines.scrollHeight;
  }
  setInterval(add, EVERY);

  section.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  start.addEventListener("click", () => {
    if (socket) {
      stop();
      setText(state, "Stopped.");
    } else {
      open();
    }
    paused = false;
    show();
  });
  pauseButton.addEventListener("click", () => {
    add();
    paused = !paused;
    missed = 0;
    setText(state, paused ? "Paused." : "Tapping.");
    show();
  });
  clear.addEventListener("click", () => lines.replaceChildren());
  for (const input of [session, type, schema, dropped]) {
    input.addEventListener("change", () => {
      if (!socket) return;
      stop();
      open();
    });
  }
  search.addEventListener("input", () => {
    const words = wordsOf(search.value);
    for (const line of lines.children) line.hidden = !hasWords(line, words);
  });

  return {
    update(status, config) {
      section.hidden = config?.admin.tap === "off";
      listSessions(status.sessions);
      listTypes([...new Set(status.sessions.flatMap(
        ({ dump }) => Object.keys(dump?.events_by_type ?? {}).map((name) => name.split(" ")[0]))), "packet"]);
    },
  };
}

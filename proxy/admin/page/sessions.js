// The table of sessions.

import { makeSparkline } from "./charts.js";
import { make, makeList, setAttribute, setHidden, setText } from "./dom.js";
import * as format from "./format.js";
import { levelOf, nameOf, stateText } from "./session.js";
import { makeSessionDetail } from "./session_detail.js";

/// So many are shown until more are asked for.
const FIRST = 25;

const COLUMNS = [
  { name: "session", title: "Session", order: ({ id }) => id },
  { name: "relay", title: "Relay" },
  { name: "replica", title: "Replica", order: ({ replica }) => replica.server_id },
  { name: "state", title: "State", order: ({ dump }) => -(dump?.seconds_behind ?? -1), direction: "descending" },
  { name: "place", title: "Coordinates" },
  { name: "rate", title: "Rate", order: ({ dump }) => -(dump?.rates.bytes ?? -1), direction: "descending" },
  { name: "dropped", title: "Dropped", order: ({ dump }) => -(dump?.dropped.events ?? -1), direction: "descending" },
  { name: "since", title: "Since" },
];

/// `now` and `columns` tell the time of the status and how many columns are shown.
function makeRow(session, now, columns) {
  const toggle = make("button", { type: "button", class: "toggle", "aria-expanded": "false" }, `#${session.id}`);
  const name = make("b");
  const who = make("span", { class: "soft" });
  const state = make("span", { class: "pill" });
  const place = make("span", { class: "mono" });
  const gtid = make("span", { class: "mono soft" });
  const rate = make("span");
  const spark = makeSparkline();
  const dropped = make("span");
  const since = make("span");
  const cells = {
    session: [toggle], relay: [session.relay], replica: [name, who], state: [state], place: [place, gtid],
    rate: [rate, spark.node], dropped: [dropped], since: [since],
  };
  const row = make("tr", { role: "row" }, ...COLUMNS.map(({ name: column, title }) => (
    make("td", { role: "cell", class: column, "data-title": title }, ...cells[column]))));
  const body = make("tbody", { role: "rowgroup", "data-session": session.id }, row);
  let detail = null;
  let latest = session;
  let seen = null; // the time of the status that was added to the curve last

  function open(opened) {
    toggle.setAttribute("aria-expanded", String(opened));
    if (!opened) {
      detail?.row.remove();
      detail = null;
    } else if (!detail) {
      const made = makeSessionDetail();
      const cell = make("td", { role: "cell", colspan: String(columns()) }, made.node);
      detail = { row: make("tr", { role: "row", class: "detail-row" }, cell), update: made.update };
      detail.update(latest);
      body.append(detail.row);
    }
  }
  row.addEventListener("click", () => {
    if (!getSelection().toString()) open(!detail);
  });
  body.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && detail) open(false);
  });

  return {
    node: body,
    reveal() {
      open(true);
      toggle.focus({ preventScroll: true });
      body.scrollIntoView({ block: "nearest" });
    },
    update(session) {
      const { dump } = latest = session;
      setText(name, nameOf(session));
      setText(who, `${session.user || "-"} · ${session.peer}`);
      setText(state, stateText(session));
      setAttribute(state, "class", `pill ${levelOf(session)}`);
      const coordinates = dump ? `${dump.file}:${dump.position}` : "";
      setAttribute(place, "data-moving", String(place.textContent !== "" && coordinates !== place.textContent));
      setText(place, coordinates);
      setText(gtid, dump?.gtid ?? "");
      setText(rate, dump ? format.byteRate(dump.rates.bytes) : "");
      setHidden(spark.node, !dump);
      if (dump && now() !== seen) spark.add(dump.rates.bytes);
      seen = now();
      setText(dropped, dump?.dropped.events ? `${format.count(dump.dropped.events)} events` : dump ? "none" : "");
      setText(since, format.duration(Math.max((now() - Date.parse(session.since)) / 1000, 0)));
      setAttribute(since, "title", session.since);
      detail?.update(session);
    },
  };
}

/// Whether a session has all the words somewhere.
function has(session, words) {
  const { replica, dump } = session;
  const text = [`#${session.id}`, session.relay, session.state, session.peer, session.user, nameOf(session), replica.uuid,
    replica.client, replica.version, dump?.file, dump?.gtid, dump && format.lag(dump.seconds_behind)].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

export function makeSessions(section) {
  const number = make("span", { class: "soft" });
  const search = make("input", { type: "search", placeholder: "Search  /", "aria-label": "Search the sessions", "aria-keyshortcuts": "/" });
  const order = make("select", { "aria-label": "Order" });
  const heads = make("tr", { role: "row" });
  const table = make("table", { role: "table", "aria-labelledby": "sessions-title" }, make("thead", { role: "rowgroup" }, heads));
  const more = make("button", { type: "button", class: "more" });
  const empty = make("p", { class: "empty" });
  section.append(
    make("header", {}, make("h2", { id: "sessions-title" }, "Sessions"), number, make("span", { class: "tools" }, order, search)),
    table, empty, more);

  let sessions = [];
  let time = 0;
  let sorted = COLUMNS[0];
  let all = false;
  let one = true; // relay, which needs no column
  const headOf = new Map();
  const listRows = makeList(table, ({ id }) => id, (session) => makeRow(session, () => time, () => (one ? COLUMNS.length - 1 : COLUMNS.length)));

  for (const column of COLUMNS) {
    const cell = make("th", { role: "columnheader", scope: "col", class: column.name });
    heads.append(cell);
    if (!column.order) {
      cell.textContent = column.title;
      continue;
    }
    const button = make("button", { type: "button" }, column.title);
    button.addEventListener("click", () => sort(column));
    cell.append(button);
    headOf.set(column, cell);
    order.append(make("option", { value: column.name }, `by ${column.title.toLowerCase()}`));
  }

  function sort(column) {
    sorted = column;
    order.value = column.name;
    render();
  }
  order.addEventListener("change", () => sort(COLUMNS.find(({ name }) => name === order.value)));
  search.addEventListener("input", render);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    search.value = "";
    render();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, dialog");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search.focus();
  });
  more.addEventListener("click", () => {
    all = !all;
    render();
  });

  function render() {
    for (const [column, cell] of headOf) {
      setAttribute(cell, "aria-sort", column === sorted ? column.direction ?? "ascending" : "none");
    }
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = sessions.filter((session) => has(session, words));
    found.sort((a, b) => sorted.order(a) - sorted.order(b) || a.id - b.id);
    const shown = all ? found : found.slice(0, FIRST);
    listRows(shown);
    setText(number, words.length ? `${found.length} of ${sessions.length}` : String(sessions.length));
    setText(empty, sessions.length ? "No session is like that." : "No replica is connected.");
    setHidden(empty, found.length > 0);
    setHidden(table, found.length === 0);
    setHidden(more, found.length <= FIRST);
    setText(more, all ? `Show the first ${FIRST}` : `Show all ${found.length}`);
  }

  return {
    update(status) {
      ({ sessions } = status);
      time = Date.parse(status.time);
      one = status.relays.length < 2;
      setAttribute(section, "data-relays", one ? "one" : "many");
      render();
    },
    /// Shows the detail of a session.
    reveal(id) {
      search.value = "";
      all = all || sessions.length > FIRST;
      render();
      listRows.part(id)?.reveal();
    },
  };
}

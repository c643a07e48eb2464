// The relays: each with its diagram and its last minutes.

import { makeCharts } from "./charts.js";
import { makeDiagram } from "./diagram.js";
import { make, makeList, setText } from "./dom.js";
import * as format from "./format.js";

function summary(relay) {
  const { streaming, idle, login } = relay.sessions;
  const parts = [`${streaming} streaming`];
  if (idle) parts.push(`${idle} idle`);
  if (login) parts.push(`${login} logging in`);
  if (streaming) parts.push(format.rate(relay.rates.events, "events"), format.lag(relay.seconds_behind));
  return parts.join(" · ");
}

function makeRelay({ relay }, onPick) {
  const about = make("p", { class: "soft" });
  const diagram = makeDiagram(onPick);
  const charts = makeCharts();
  return {
    node: make("article", { class: "card relay", "data-relay": relay.name },
      make("header", {}, make("h2", {}, relay.name), about), diagram.node, charts.node),
    update({ relay: now, sessions, config }) {
      setText(about, summary(now));
      diagram.update(now, sessions, config);
      charts.update(now.history);
    },
  };
}

/// `onPick` is called with the id of a session that was chosen.
export function makeRelays(section, onPick) {
  const empty = make("p", { class: "empty", hidden: "" }, "No relay is configured.");
  const list = make("div");
  section.append(list, empty);
  const listRelays = makeList(list, ({ relay }) => relay.name, (item) => makeRelay(item, onPick));
  return {
    update(status, config) {
      empty.hidden = status.relays.length > 0;
      listRelays(status.relays.map((relay) => ({
        relay,
        sessions: status.sessions.filter((session) => session.relay === relay.name),
        config: config?.relay.find((one) => one.name === relay.name),
      })));
    },
  };
}

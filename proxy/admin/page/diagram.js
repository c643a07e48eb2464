// A relay drawn: its master, Sluice and the replicas, and the connections between them.

import { draw, make, makeList, setAttribute, setHidden, setText } from "./dom.js";
import * as format from "./format.js";
import { makeCrowd } from "./crowd.js";
import { levelOf, nameOf, stateText, tlsName } from "./session.js";

/// More replicas than these are drawn as a crowd.
const MOST_NODES = 8;
const MOST_RULES = 4;

const MASTER_STATES = { reached: ["reached", "good"], lost: ["not reached", "bad"], unknown: ["not asked yet", "idle"] };

function makeMaster() {
  const address = make("b", { class: "mono" });
  const state = make("span", { class: "pill" });
  const version = make("div", { class: "soft" });
  const error = make("div", { class: "bad" });
  const node = make("div", { class: "node master" }, make("div", { class: "kind" }, "Master", state), address, version, error);
  return {
    node,
    update({ master }) {
      const [text, level] = MASTER_STATES[master.state];
      setText(address, master.address);
      setText(state, text);
      setAttribute(state, "class", `pill ${level}`);
      setText(version, master.version || "version not known yet");
      setText(error, master.error);
      setHidden(error, !master.error);
    },
  };
}

function rulesOf(filter) {
  const rules = filter.system_schema === "drop" ? ["drops mysql.*"] : [];
  rules.push(...filter.ignore.map((pattern) => `ignores ${pattern}`), ...filter.only.map((pattern) => `only ${pattern}`));
  if (!rules.length) return ["drops nothing"];
  const more = rules.length - MOST_RULES;
  return more > 0 ? [...rules.slice(0, MOST_RULES), `and ${more} more`] : rules;
}

function makeSelf() {
  const listen = make("b", { class: "mono" });
  const sessions = make("div", { class: "soft" });
  const rules = make("ul", { class: "rules", "aria-label": "Rules" });
  const dropping = make("div", { class: "soft" });
  const listRules = makeList(rules, (rule) => rule, (rule) => ({ node: make("li", {}, rule), update() {} }));
  const node = make("div", { class: "node self" }, make("div", { class: "kind" }, "Sluice"), listen, sessions, rules, dropping);
  return {
    node,
    update(relay, config) {
      const all = relay.sessions.login + relay.sessions.idle + relay.sessions.streaming;
      const limit = config?.replica.max_sessions;  // 0: none
      setText(listen, relay.listen.join(", "));
      setText(sessions, `${all}${limit ? ` of ${limit}` : ""} sessions`);
      listRules(config ? rulesOf(config.filter) : []);
      setText(dropping, `${format.rate(relay.rates.dropped_events)} dropped`);
    },
  };
}

/// What stands at the connection to the master.
function makeHop() {
  const tls = make("span");
  const rate = make("span", { class: "rate" });
  return {
    node: make("div", { class: "hop" }, tls, rate),
    update(relay, sessions, config) {
      const used = new Set(sessions.filter((session) => session.master.tls).map((session) => tlsName(session.master.tls)));
      const configured = config ? `TLS ${config.master.tls.mode}` : "";
      setText(tls, used.size ? [...used].join(", ") : configured);
      setText(rate, format.byteRate(relay.rates.bytes));
    },
  };
}

function makeReplica(session, onPick) {
  const name = make("b");
  const state = make("span", { class: "pill" });
  const from = make("span", { class: "soft" });
  const place = make("span", { class: "mono" });
  const rate = make("span", { class: "rate" });
  const node = make("button", { type: "button", class: "node replica" },
    make("span", { class: "kind" }, name, from, state), make("span", { class: "ends" }, place, rate));
  node.addEventListener("click", () => onPick(session.id));
  return {
    node,
    update(now) {
      setText(name, nameOf(now));
      setText(state, stateText(now));
      setAttribute(state, "class", `pill ${levelOf(now)}`);
      setText(from, `${now.peer} · ${tlsName(now.replica.tls)}`);
      setText(place, now.dump ? `${now.dump.file}:${now.dump.position}` : now.user);
      setText(rate, now.dump ? format.byteRate(now.dump.rates.bytes) : "");
      setAttribute(node, "data-level", levelOf(now));
    },
  };
}

/// How fast the dashes run.
const speedOf = (bytes) => (bytes <= 0 ? "still" : bytes < 100e3 ? "slow" : bytes < 10e6 ? "brisk" : "fast");

/// From one box to another: across where they stand side by side; else down, along the left edge.
function pathBetween(from, to, frame) {
  const y = (box) => box.top + box.height / 2 - frame.top;
  if (to.left >= from.right) {
    const [x1, x2] = [from.right - frame.left, to.left - frame.left];
    const middle = (x1 + x2) / 2;
    return `M${x1} ${y(from)}C${middle} ${y(from)} ${middle} ${y(to)} ${x2} ${y(to)}`;
  }
  const x = from.left - frame.left + 14;
  const end = to.left - frame.left;
  if (end <= x) return `M${x} ${from.bottom - frame.top}V${to.top - frame.top}`;
  return `M${x} ${from.bottom - frame.top}V${y(to) - 8}q0 8 8 8H${end}`;
}

/// Connections: [{from, to, level, bytes}] of elements within `frame`.
function makeLines(frame) {
  const picture = draw("svg", { class: "lines", "aria-hidden": "true" });
  frame.prepend(picture);
  const drawn = [];
  return (connections) => {
    const box = frame.getBoundingClientRect();
    while (drawn.length > connections.length) drawn.pop().forEach((path) => path.remove());
    while (drawn.length < connections.length) {
      drawn.push([draw("path"), draw("path")]);
      picture.append(...drawn.at(-1));
    }
    connections.forEach(({ from, to, level, bytes }, index) => {
      const [pipe, flow] = drawn[index];
      const path = pathBetween(from.getBoundingClientRect(), to.getBoundingClientRect(), box);
      setAttribute(pipe, "d", path);
      setAttribute(flow, "d", path);
      setAttribute(pipe, "class", `pipe ${level}`);
      setAttribute(flow, "class", `flow ${speedOf(bytes)}`);
    });
  };
}

/// `onPick` is called with the id of a session that was chosen.
export function makeDiagram(onPick) {
  const master = makeMaster();
  const hop = makeHop();
  const self = makeSelf();
  const nodes = make("div", { class: "nodes" });
  const crowd = makeCrowd(onPick);
  const nobody = make("p", { class: "nobody soft" }, "No replica is connected.");
  const node = make("div", { class: "diagram" }, master.node, hop.node, self.node,
    make("div", { class: "replicas" }, nodes, crowd.node, nobody));
  const listNodes = makeList(nodes, (session) => session.id, (session) => makeReplica(session, onPick));
  const drawLines = makeLines(node);
  let connections = [];
  new ResizeObserver(() => drawLines(connections)).observe(node);

  return {
    node,
    update(relay, sessions, config) {
      const crowded = sessions.length > MOST_NODES;
      master.update(relay);
      hop.update(relay, sessions, config);
      self.update(relay, config);
      listNodes(crowded ? [] : sessions);
      setHidden(crowd.node, !crowded);
      crowd.update(crowded ? sessions : [], relay);
      setHidden(nobody, sessions.length > 0);

      const { bytes } = relay.rates;
      const upstream = relay.master.state === "lost" ? "bad" : relay.sessions.streaming ? "good" : "idle";
      connections = [{ from: master.node, to: self.node, level: upstream, bytes }];
      if (crowded) connections.push({ from: self.node, to: crowd.node, level: upstream, bytes });
      else {
        sessions.forEach((session, index) => connections.push(
          { from: self.node, to: nodes.children[index], level: levelOf(session), bytes: session.dump?.rates.bytes ?? 0 }));
      }
      drawLines(connections);
    },
  };
}

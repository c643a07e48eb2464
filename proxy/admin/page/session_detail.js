// All there is to tell about one session.

import { make, makeList, setAttribute, setText } from "./dom.js";
import * as format from "./format.js";

/// Names and texts, one below the other.
function makeFacts(title) {
  const list = make("dl");
  const listFacts = makeList(list, ([name]) => name, ([name]) => {
    const text = make("dd");
    return { node: make("div", {}, make("dt", {}, name), text), update: ([, value]) => setText(text, value) };
  });
  return {
    node: make("section", {}, make("h3", {}, title), list),
    update: (facts) => listFacts(Object.entries(facts).filter(([, value]) => value !== "")),
  };
}

/// Names and numbers as bars, the longest first: [[name, number, text]].
function makeBars(title, nothing) {
  const list = make("ul", { class: "bars" });
  const empty = make("p", { class: "soft" }, nothing);
  const listBars = makeList(list, ([name]) => name, ([name]) => {
    const bar = make("i");
    const text = make("span", { class: "number" });
    return {
      node: make("li", {}, make("span", {}, name), text, make("span", { class: "track" }, bar)),
      update([, , value, part]) {
        setText(text, value);
        bar.style.inlineSize = `${Math.max(part * 100, 0.5)}%`;
      },
    };
  });
  return {
    node: make("section", {}, make("h3", {}, title), list, empty),
    update(bars) {
      const most = Math.max(...bars.map(([, number]) => number));
      empty.hidden = bars.length > 0;
      listBars(bars.sort((a, b) => b[1] - a[1]).map(([name, number, text]) => [name, number, text, number / most]));
    },
  };
}

export function makeSessionDetail() {
  const replica = makeFacts("Replica");
  const master = makeFacts("Master");
  const stream = makeFacts("Stream");
  const types = makeBars("Events by type", "None yet.");
  const rules = makeBars("Dropped, by rule", "Nothing was dropped.");
  const node = make("div", { class: "detail" }, stream.node, types.node, rules.node,
    make("div", {}, replica.node, master.node));
  return {
    node,
    update({ id, user, peer, since, replica: who, master: from, dump }) {
      replica.update({
        "User": user, "Address": peer, "Server id": who.server_id ? String(who.server_id) : "not registered", "UUID": who.uuid,
        "Client": `${who.client} ${who.version}`.trim(), "Program": who.program, "TLS": who.tls || "none",
        "Compression": who.compression,
      });
      master.update({ "Address": from.address, "Version": from.version, "TLS": from.version ? from.tls || "none" : "", "Compression": from.compression });
      setAttribute(node, "data-streaming", String(dump !== null));
      stream.update(!dump ? { "Session": String(id), "Since": since } : {
        "Session": String(id), "Since": since,
        "Positioned by": dump.mode === "gtid" ? "GTID" : "file and position",
        "GTID": dump.gtid,
        "Sent": `${format.bytes(dump.bytes)} in ${format.count(dump.events)} events`,
        "Left": dump.bytes_behind === null ? "" : `${format.bytes(dump.bytes_behind)} of the master's binlog`,
        "Now": `${format.byteRate(dump.rates.bytes)}, ${format.rate(dump.rates.events, "events")}`,
        "Semi-sync": dump.semi_sync ? `${format.count(dump.acknowledgements)} acknowledgements` : "off",
        "Payloads opened": dump.payloads_opened ? format.count(dump.payloads_opened) : "",
      });
      types.update(Object.entries(dump?.events_by_type ?? {}).map(([name, number]) => [name, number, format.count(number)]));
      rules.update(Object.entries(dump?.dropped.by_rule ?? {}).map(
        ([name, { events, bytes }]) => [name, events, `${format.count(events)} (${format.bytes(bytes)})`]));
    },
  };
}

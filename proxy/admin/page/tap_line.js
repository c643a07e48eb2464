// One line of what was tapped.

import { make } from "./dom.js";
import * as format from "./format.js";

export const wordsOf = (text) => text.split(/[\s,]+/).filter(Boolean);

/// Whether all words stand in a line, in whatever case.
export function hasWords(line, words) {
  const text = line.textContent.toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
}

const subjectOf = ({ schema, table, statement, default_schema: inSchema, detail, gtid, peer, reason }) => [
  table && `${schema}.${table}`, statement, inSchema && `in ${inSchema}`, detail, peer, reason, gtid].filter(Boolean).join("  ");

function verdictOf({ verdict, rule }) {
  if (verdict === "drop") return make("span", { class: "pill bad" }, rule ? `dropped: ${rule}` : "dropped");
  return make("span", { class: "soft" }, verdict ?? "");
}

export const makeTapNote = (text) => make("li", { class: "note" }, text);

/// `entry`: an object of /api/v1/tap.
export function makeTapLine(entry) {
  if (entry.lost) return makeTapNote(`${format.count(entry.lost)} lost here: they came faster than they could be told`);
  const place = entry.file ? `${entry.file}:${entry.position}` : "";
  const line = make("li", {},
    make("time", { class: "soft" }, entry.at.slice(11)),
    make("span", { class: "accent" }, `#${entry.session} ${{ up: "\u2191", down: "\u2193" }[entry.direction] ?? "\u2022"}`),
    make("b", {}, entry.type ?? entry.packet ?? entry.note),
    make("span", { class: "size soft" }, entry.size === undefined ? "" : format.bytes(entry.size)),
    make("span", { class: "soft" }, place),
    make("span", { class: "subject" }, subjectOf(entry)),
    verdictOf(entry));
  if (entry.text) line.append(make("code", {}, entry.text));
  return line;
}

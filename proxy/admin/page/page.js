// Puts the parts together.

import { setText } from "./dom.js";
import { ask, follow } from "./feed.js";
import { makeRelays } from "./relays.js";
import { makeSessions } from "./sessions.js";
import { makeTap } from "./tap.js";
import { startTheme } from "./theme.js";

/// The configuration changes when it is loaded anew.
const CONFIG_EVERY = 30_000;

const part = (id) => document.getElementById(id);
const sessions = makeSessions(part("sessions"));
const relays = makeRelays(part("relays"), (id) => sessions.reveal(id));
const tap = makeTap(part("tap"));
let config = null;
let configAt = -Infinity;
let shown = null; // the status that is on the page

function titleOf(status) {
  const lost = status.relays.filter((relay) => relay.master.state === "lost").map((relay) => relay.name);
  return lost.length ? `! ${lost.join(", ")}: no master - Sluice` : "Sluice";
}

function show(status) {
  shown = status;
  setText(part("version"), status.version);
  part("draining").hidden = !status.draining;
  document.title = titleOf(status);
  relays.update(status, config);
  sessions.update(status);
  tap.update(status, config);
}

function onConfig(now) {
  config = now;
  show(shown);
}

function onStatus(status) {
  if (performance.now() - configAt > CONFIG_EVERY) {
    configAt = performance.now();
    // Not waited for: the next status would be shown before this one.
    ask("/api/v1/config").then(onConfig, () => {});
  }
  show(status);
}

const connectionText = { live: () => "live", polling: () => "asking every second", lost: (retryIn) => `no connection, again in ${retryIn} s` };

function onState({ state, retryIn }) {
  const connection = part("connection");
  connection.dataset.state = state;
  setText(connection, connectionText[state](retryIn));
  document.body.classList.toggle("stale", state === "lost");
  const trouble = part("trouble");
  trouble.hidden = state !== "lost";
  if (state !== "lost") return;
  document.title = "! no connection - Sluice";
  // Read out once, not every second.
  setText(trouble, `Sluice does not answer.${shown ? ` What is shown is of ${new Date(shown.time).toLocaleTimeString()}.` : ""}`);
}

function askToken(wasWrong) {
  const dialog = part("token");
  const text = part("token-text");
  part("token-wrong").hidden = !wasWrong;
  text.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close();
      resolve(text.value.trim());
    }, { once: true });
  });
}

// Without a token there is nothing to see.
part("token").addEventListener("cancel", (event) => event.preventDefault());
startTheme(part("theme"));
follow({ onStatus, onState, askToken });

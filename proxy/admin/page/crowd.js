// Many replicas as small squares, one each, coloured by how they are.

import { make, makeList, setAttribute, setText } from "./dom.js";
import * as format from "./format.js";
import { levelOf, nameOf, stateText } from "./session.js";

const LEVELS = { good: "up to date", warn: "10 s behind", bad: "a minute behind", idle: "idle", login: "logging in" };
/// A step to the next row would depend on the width; Home and End do instead.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

function makeSquare(session, onPick) {
  const node = make("button", { type: "button", tabindex: "-1" });
  node.addEventListener("click", () => onPick(session.id));
  return {
    node,
    update(now) {
      const label = `${nameOf(now)}, ${stateText(now)}`;
      setAttribute(node, "data-level", levelOf(now));
      setAttribute(node, "aria-label", label);
      setAttribute(node, "title", `${label}\n${now.peer}`);
    },
  };
}

export function makeCrowd(onPick) {
  const title = make("b");
  const slowest = make("span", { class: "soft" });
  const squares = make("div", { class: "squares", role: "group", "aria-label": "Replicas; the arrow keys lead from one to the next" });
  const legend = make("ul", { class: "legend soft" });
  const listSquares = makeList(squares, (session) => session.id, (session) => makeSquare(session, onPick));
  const listLegend = makeList(legend, ([level]) => level, ([level]) => {
    const text = make("span");
    return {
      node: make("li", {}, make("i", { "data-level": level }), text),
      update: ([, number]) => setText(text, `${number} ${LEVELS[level]}`),
    };
  });

  squares.addEventListener("keydown", (event) => {
    const all = [...squares.children];
    const here = all.indexOf(document.activeElement);
    if (here < 0 || !(event.key in STEPS)) return;
    event.preventDefault();
    all[Math.min(Math.max(here + STEPS[event.key], 0), all.length - 1)].focus();
  });
  // One of them is on the way of the Tab key: the one that had the focus last.
  squares.addEventListener("focusin", (event) => {
    squares.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    event.target.setAttribute("tabindex", "0");
  });

  return {
    node: make("div", { class: "node crowd" }, make("div", { class: "kind" }, title, slowest), squares, legend),
    update(sessions, relay) {
      setText(title, `${sessions.length} replicas`);
      setText(slowest, relay.seconds_behind >= 1 ? `the slowest is ${format.lag(relay.seconds_behind)}` : "");
      listSquares(sessions);
      if (!squares.querySelector("[tabindex='0']")) squares.firstElementChild?.setAttribute("tabindex", "0");
      const levels = sessions.map(levelOf);
      listLegend(Object.keys(LEVELS).map((level) => [level, levels.filter((one) => one === level).length])
        .filter(([, number]) => number));
    },
  };
}

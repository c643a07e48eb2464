// The last minutes of a relay, and of a session in small.

import { draw, make, setAttribute, setText } from "./dom.js";
import * as format from "./format.js";

const WIDTH = 300;
const HEIGHT = 64;

const CHARTS = [
  { name: "throughput", title: "Throughput", value: (moment) => moment.bytes, text: format.byteRate, least: 1000 },
  { name: "lag", title: "Behind the master", value: (moment) => moment.seconds_behind, text: format.seconds, least: 5 },
  { name: "drops", title: "Events dropped", value: (moment) => moment.dropped_events, text: format.rate, least: 5 },
];

/// The next of 1, 2, 5, 10, 20 ...
function ceiling(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((step) => step * size >= value) * size;
}

/// In milliseconds; grows to the five minutes that a relay remembers.
function spanOf(history) {
  const age = history.at(-1).time - history[0].time;
  return [60_000, 120_000, 300_000].find((span) => age <= span + 1000) ?? 300_000;
}

function line(points) {
  return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}

function makeChart({ name, title, value, text, least }) {
  const now = make("strong");
  const when = make("span", { class: "soft" });
  const top = make("span", { class: "scale" });
  const start = make("span");
  const area = draw("path", { class: "area" });
  const curve = draw("path", { class: "curve" });
  const cursor = draw("line", { class: "cursor", y1: "0", y2: String(HEIGHT), visibility: "hidden" });
  const picture = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
    draw("line", { class: "grid", x1: "0", x2: String(WIDTH), y1: "0.5", y2: "0.5" }),
    draw("line", { class: "grid", x1: "0", x2: String(WIDTH), y1: String(HEIGHT - 0.5), y2: String(HEIGHT - 0.5) }),
    area, curve, cursor);
  const node = make("figure", { class: `chart ${name}` },
    make("figcaption", {}, make("span", {}, title), now, when),
    make("div", { class: "plot" }, picture, top),
    make("div", { class: "times soft" }, start, make("span", {}, "now")));

  function update(history, span, pointed) {
    const end = history.at(-1).time;
    const most = Math.max(...history.map(value));
    const scale = ceiling(Math.max(most, least));
    const x = (time) => WIDTH - ((end - time) / span) * WIDTH;
    const points = history.filter((moment) => end - moment.time <= span)
      .map((moment) => [x(moment.time), HEIGHT - 1 - (value(moment) / scale) * (HEIGHT - 4)]);
    curve.setAttribute("d", line(points));
    area.setAttribute("d", `${line(points)}L${WIDTH} ${HEIGHT}L${points[0][0].toFixed(1)} ${HEIGHT}Z`);
    const shown = pointed ?? history.at(-1);
    setText(now, text(value(shown)));
    setText(when, pointed ? `${format.duration((end - shown.time) / 1000)} ago` : `at most ${text(most)}`);
    setText(top, text(scale));
    setText(start, `${format.duration(span / 1000)} ago`);
    setAttribute(picture, "aria-label", `${title}: now ${text(value(history.at(-1)))}, at most ${text(most)}`);
    cursor.setAttribute("visibility", pointed ? "visible" : "hidden");
    if (pointed) {
      cursor.setAttribute("x1", x(pointed.time));
      cursor.setAttribute("x2", x(pointed.time));
    }
  }
  return { node, picture, update };
}

/// A relay's three; what the pointer is at in one is shown in all.
export function makeCharts() {
  const charts = CHARTS.map(makeChart);
  const node = make("div", { class: "charts" }, ...charts.map((chart) => chart.node));
  let history = [];
  let fraction = null; // where the pointer is, of the width

  function render() {
    if (!history.length) return;
    const span = spanOf(history);
    let pointed = null;
    if (fraction !== null) {
      const time = history.at(-1).time - (1 - fraction) * span;
      const distance = (moment) => Math.abs(moment.time - time);
      pointed = history.reduce((best, moment) => (distance(moment) < distance(best) ? moment : best));
    }
    for (const chart of charts) chart.update(history, span, pointed);
  }
  for (const { picture } of charts) {
    picture.addEventListener("pointermove", (event) => {
      const box = picture.getBoundingClientRect();
      fraction = (event.clientX - box.left) / box.width;
      render();
    });
    picture.addEventListener("pointerleave", () => {
      fraction = null;
      render();
    });
  }
  return {
    node,
    update(moments) {
      history = moments;
      render();
    },
  };
}

/// The values of the last minute as one small curve.
export function makeSparkline() {
  const length = 60;
  const curve = draw("path", { class: "curve" });
  const node = draw("svg", { class: "spark", viewBox: `0 0 ${length - 1} 20`, preserveAspectRatio: "none", "aria-hidden": "true" }, curve);
  const values = [];
  return {
    node,
    add(value) {
      values.push(value);
      if (values.length > length) values.shift();
      const most = Math.max(...values, 1);
      const first = length - values.length;
      curve.setAttribute("d", line(values.map((one, index) => [first + index, 19 - (one / most) * 18])));
    },
  };
}

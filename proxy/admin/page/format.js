// Numbers as people read them.

const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

function scaled(value, units, step) {
  let unit = 0;
  while (value >= step && unit < units.length - 1) {
    value /= step;
    ++unit;
  }
  return `${short.format(value)} ${units[unit]}`.trimEnd();
}

export const count = (value) => whole.format(value);
export const bytes = (value) => scaled(value, ["B", "kB", "MB", "GB", "TB"], 1000);
export const byteRate = (value) => `${bytes(value)}/s`;
/// Of things that are counted: "1.2 k events/s", or "1.2 k/s".
export const rate = (value, things = "") => `${scaled(value, ["", "k", "M"], 1000)}${things && ` ${things}`}/s`;

/// Of a time that has passed, roughly.
export function duration(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [name, size] = units[first];
  const rest = units[first + 1] ? Math.floor((seconds % size) / units[first + 1][1]) : 0;
  return `${Math.floor(seconds / size)} ${name}${rest ? ` ${rest} ${units[first + 1][0]}` : ""}`;
}

/// Of a delay. The times of events are whole seconds: what is less cannot be told from nothing.
export const seconds = (value) => (value > 0 && value < 1 ? "under 1 s" : duration(value));

export const lag = (value) => (value >= 1 ? `${duration(value)} behind` : "up to date");
/// A class of the style sheet.
export const lagLevel = (value) => (value >= 60 ? "bad" : value >= 10 ? "warn" : "good");

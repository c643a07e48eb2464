// Brings a status a second for as long as the page is open: over a WebSocket, or by asking where there is none.

const TOKEN = "sluice.token";
const STATUS = "/api/v1/status";
const LIVE = "/api/v1/live";

// Milliseconds.
const EVERY = 1000;
const PATIENCE = 5000;
const LONGEST_RETRY = 15_000;
const SOCKET_RETRY = 10_000;

class WrongToken extends Error {}

/// Of this tab, and gone with it.
const token = () => sessionStorage.getItem(TOKEN);

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/// The JSON that a path answers.
export async function ask(path) {
  // No header can have anything else in it, such as what comes along when a token is pasted.
  if (/[^\x21-\x7e]/.test(token() ?? "")) throw new WrongToken();
  const response = await fetch(path, {
    headers: token() ? { Authorization: `Bearer ${token()}` } : {},
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status === 401) throw new WrongToken();
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/// A WebSocket of Sluice. A page cannot set its Authorization header: the token is one of its subprotocols.
export function openSocket(path) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const hex = [...new TextEncoder().encode(token() ?? "")].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return new WebSocket(`${scheme}://${location.host}${path}`, hex ? ["sluice", `token.${hex}`] : ["sluice"]);
}

/// Calls `onStatus` with what a WebSocket tells, until it ends or is silent. Resolves with whether it told anything.
function listen(onStatus) {
  return new Promise((resolve) => {
    const socket = openSocket(LIVE);
    let told = false;
    const close = () => socket.close();
    let watch = setTimeout(close, PATIENCE);
    socket.addEventListener("message", ({ data }) => {
      told = true;
      clearTimeout(watch);
      watch = setTimeout(close, PATIENCE);
      onStatus(JSON.parse(data));
    });
    socket.addEventListener("close", () => {
      clearTimeout(watch);
      resolve(told);
    });
  });
}

/// Calls `onStatus` with each status, and `onState` with how it comes: {state: live, polling or lost, retryIn:
/// seconds}. `askToken` is called with whether one was wrong, and returns the promise of another.
export async function follow({ onStatus, onState, askToken }) {
  let retry = EVERY;
  let socketAt = 0;
  const onLive = (status) => {
    onState({ state: "live" });
    onStatus(status);
  };
  for (;;) {
    try {
      onStatus(await ask(STATUS));
      retry = EVERY;
      if (performance.now() >= socketAt && !(await listen(onLive))) socketAt = performance.now() + SOCKET_RETRY;
      if (performance.now() < socketAt) onState({ state: "polling" });
      await pause(EVERY);
    } catch (error) {
      if (error instanceof WrongToken) {
        sessionStorage.setItem(TOKEN, await askToken(token() !== null));
        continue;
      }
      for (let left = retry; left > 0; left -= EVERY) {
        onState({ state: "lost", retryIn: Math.ceil(left / EVERY) });
        await pause(EVERY);
      }
      retry = Math.min(retry * 2, LONGEST_RETRY);
    }
  }
}

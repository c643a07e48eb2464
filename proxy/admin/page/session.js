// What a session of the status is called, and how it is.

import * as format from "./format.js";

export const nameOf = ({ replica, user }) => (replica.server_id ? `server ${replica.server_id}` : user || "not logged in");

/// A class of the style sheet: good, warn or bad by its lag, idle or login.
export const levelOf = ({ state, dump }) => (dump ? format.lagLevel(dump.seconds_behind) : state);

export const stateText = ({ state, dump }) => (dump ? format.lag(dump.seconds_behind) : state === "login" ? "logging in" : state);

/// "TLSv1.3 TLS_AES_..." by its version.
export const tlsName = (tls) => tls.split(" ")[0] || "no TLS";

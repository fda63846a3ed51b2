// @ts-check
/**
 * What a network carries, measured without a call: two connections of this page to one another by way of the relay.
 * What goes out comes in again, so the figure is what both directions carry at once.
 */

const GATHER_MS = 6_000;
const CONNECT_MS = 10_000;
const PROBES = 100;
const PROBE_EVERY_MS = 20;
const PROBE_WAIT_MS = 1_500;
const BULK_MS = 4_000;
/** More than the guide's optimum is not of interest, and costs others their share. */
const MOST_KBPS = 5_000;
const PIECE = 1_100;

/** @typedef {{urls: string | string[], username?: string, credential?: string}} Server */

/**
 * Which ways to the relay are open; `undefined` where the server names none of that kind.
 * @param {Server[]} servers
 * @returns {Promise<{udp?: boolean, tcp?: boolean, tls?: boolean}>}
 */
export async function reaches(servers) {
  /** @type {Record<string, boolean>} */
  const open = {};
  await Promise.all(
    apart(servers).map(async (server) => {
      const way = wayOf(server.urls);
      open[way] = (await gathers(server)) || open[way] || false;
    }),
  );
  return open;
}

/** One entry for each address. @param {Server[]} servers */
function apart(servers) {
  return servers.flatMap((server) => [server.urls].flat().map((url) => ({ ...server, urls: url })));
}

/** @param {string} url @returns {"udp" | "tcp" | "tls"} */
function wayOf(url) {
  return url.startsWith("turns:") ? "tls" : /transport=tcp/.test(url) ? "tcp" : "udp";
}

/** Whether a relay gives an address. @param {Server} server */
async function gathers(server) {
  const connection = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" });
  try {
    connection.createDataChannel("check");
    const given = new Promise((resolve) => {
      connection.onicecandidate = ({ candidate }) => resolve(candidate !== null);
      setTimeout(() => resolve(false), GATHER_MS);
    });
    await connection.setLocalDescription();
    return /** @type {boolean} */ (await given);
  } finally {
    connection.close();
  }
}

/**
 * @param {Server[]} servers
 * @param {string} way the only one that is used: a relay gives one user a few addresses at a time
 * @returns {Promise<{up_kbps: number, down_kbps: number, rtt_ms: number, jitter_ms: number, loss: number}>}
 * @throws {Error} where no connection comes about
 */
export async function measured(servers, way) {
  const iceServers = apart(servers).filter((server) => wayOf(server.urls) === way);
  const configuration = /** @type {RTCConfiguration} */ ({ iceServers, iceTransportPolicy: "relay" });
  const [one, other] = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
  try {
    const [near, far] = await joined(one, other);
    const delay = await probe(near, far);
    const kbps = await bulk(near, far);
    return { up_kbps: kbps, down_kbps: kbps, ...delay };
  } finally {
    one.close();
    other.close();
  }
}

/**
 * @param {RTCPeerConnection} one
 * @param {RTCPeerConnection} other
 * @returns {Promise<RTCDataChannel[]>} both ends of a channel that loses rather than waits
 */
async function joined(one, other) {
  for (const [from, to] of [[one, other], [other, one]]) {
    from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined).catch(() => {});
  }
  const options = { negotiated: true, id: 0, ordered: false, maxRetransmits: 0 };
  const ends = [one.createDataChannel("check", options), other.createDataChannel("check", options)];
  await one.setLocalDescription();
  if (one.localDescription) await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  if (other.localDescription) await one.setRemoteDescription(other.localDescription);
  const opened = ends.map((end) => new Promise((resolve) => void (end.onopen = resolve)));
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("The relay carries nothing.")), CONNECT_MS));
  await Promise.race([Promise.all(opened), late]);
  return ends;
}

/**
 * @param {RTCDataChannel} near
 * @param {RTCDataChannel} far
 */
async function probe(near, far) {
  /** @type {number[]} */
  const times = [];
  far.onmessage = ({ data }) => far.send(data);
  near.onmessage = ({ data }) => times.push(performance.now() - Number(data));
  for (let i = 0; i < PROBES; i += 1) {
    near.send(String(performance.now()));
    await pause(PROBE_EVERY_MS);
  }
  const until = performance.now() + PROBE_WAIT_MS;
  while (times.length < PROBES && performance.now() < until) await pause(20);
  const sorted = [...times].sort((a, b) => a - b);
  const steps = times.slice(1).map((time, at) => Math.abs(time - times[at]));
  const jitter_ms = steps.length ? steps.reduce((sum, step) => sum + step, 0) / steps.length : 0;
  // A probe crosses the link four times on its way there and back; a call's words cross it twice.
  return { rtt_ms: (sorted[sorted.length >> 1] ?? 0) / 2, jitter_ms, loss: 1 - times.length / PROBES };
}

/**
 * Send as fast as what arrives allows, up to the most that is of interest.
 * @param {RTCDataChannel} near
 * @param {RTCDataChannel} far
 * @returns {Promise<number>} kbit/s that arrived in the second half
 */
async function bulk(near, far) {
  const piece = new Uint8Array(PIECE);
  let late = 0;
  const begun = performance.now();
  const half = begun + BULK_MS / 2;
  far.onmessage = ({ data }) => {
    if (performance.now() >= half) late += data.byteLength ?? data.size;
  };
  far.binaryType = "arraybuffer";
  for (let sent = 0; performance.now() - begun < BULK_MS; ) {
    const due = ((performance.now() - begun) * MOST_KBPS * 1.05) / 8;
    while (sent < due && near.bufferedAmount < 64 * 1024) {
      near.send(piece);
      sent += PIECE;
    }
    if (sent < due) sent = due; // what did not fit is not made up for later
    await pause(10);
  }
  return Math.min(MOST_KBPS, (late * 8) / (performance.now() - half));
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// @ts-check
/** What has to be read from, and written into, descriptions of sessions. No more is touched than is named here. */

/**
 * Which connection of the other side a description is of: the number in its `o=` line stays the same for one
 * connection and changes with a new one, such as after the other page was loaded again.
 * @param {string} sdp
 */
export function origin(sdp) {
  return /^o=\S+ (\S+)/m.exec(sdp)?.[1] ?? "";
}

/** The SHA-256 fingerprint of the certificate, 64 hexadecimal digits. @param {string} sdp */
export function fingerprint(sdp) {
  const found = /^a=fingerprint:sha-256 ([0-9A-Fa-f:]+)/m.exec(sdp)?.[1] ?? "";
  return found.replaceAll(":", "").toLowerCase();
}

/** @param {string} sdp @returns {{kind: string, mid: string, direction: string}[]} its media, in order */
export function media(sdp) {
  return sections(sdp)
    .slice(1)
    .map((part) => ({
      kind: /^m=(\w+)/.exec(part)?.[1] ?? "",
      mid: /^a=mid:(\S+)/m.exec(part)?.[1] ?? "",
      direction: /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(part)?.[1] ?? "sendrecv",
    }));
}

/**
 * Say with which bitrate the sender of a picture begins. Chromium starts near 300 kbit/s and makes the picture small
 * at once; what stands in the other side's answer is where it begins instead. Not in any standard: a browser that
 * does not know it ignores it.
 * @param {string} sdp the answer, before it is set
 * @param {number} kbps
 */
export function withStartBitrate(sdp, kbps) {
  return sections(sdp)
    .map((part) => (part.startsWith("m=video") ? startAt(part, kbps) : part))
    .join("");
}

/** @param {string} part @param {number} kbps */
function startAt(part, kbps) {
  const codecs = [...part.matchAll(/^a=rtpmap:(\d+) (VP8|VP9|H264|AV1)\//gim)].map((found) => found[1]);
  for (const codec of codecs) {
    const line = new RegExp(`^(a=fmtp:${codec} [^\\r\\n]*)`, "m");
    const start = `x-google-start-bitrate=${kbps}`;
    if (line.test(part)) part = part.replace(line, `$1;${start}`);
    else part = part.replace(new RegExp(`^(a=rtpmap:${codec} [^\\r\\n]*\\r\\n)`, "m"), `$1a=fmtp:${codec} ${start}\r\n`);
  }
  return part;
}

/** @param {string} sdp */
function sections(sdp) {
  return sdp.split(/(?=^m=)/m);
}

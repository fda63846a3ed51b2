// @ts-check
/** What is read from a connection's statistics. */

/** @param {RTCStatsReport} report @returns {any} the pair of candidates that is in use */
export function usedPair(report) {
  const all = [...report.values()];
  const transport = all.find((one) => one.type === "transport" && one.selectedCandidatePairId);
  return transport ? report.get(transport.selectedCandidatePairId) : undefined;
}

/** @param {RTCStatsReport} report @returns {string} as `call.connected` says it; empty while none is known */
export function pathOf(report) {
  const pair = usedPair(report);
  const local = pair && report.get(pair.localCandidateId);
  const remote = pair && report.get(pair.remoteCandidateId);
  if (!local) return "";
  if (local.candidateType === "relay") return `relay-${local.relayProtocol ?? "udp"}`;
  return remote?.candidateType === "relay" ? "relay-udp" : "direct";
}

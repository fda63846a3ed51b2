// @ts-check
/** Which codec this device sends a picture with. */

const ASKED = { width: 1920, height: 1080, bitrate: 4_000_000, framerate: 30 };

/**
 * Where hardware encodes H.264 that is best: the device stays cool. Without it VP8 is cheapest for the processor.
 * @returns {Promise<string[]>} best first
 */
export async function preferredCodecs() {
  const question = { type: "webrtc", video: { contentType: "video/H264", ...ASKED } };
  try {
    const answer = await navigator.mediaCapabilities.encodingInfo(/** @type {any} */ (question));
    if (answer.supported && answer.powerEfficient) return ["H264", "VP8", "VP9", "AV1"];
  } catch {
    // A browser that does not know the question has no answer to it.
  }
  return ["VP8", "H264", "VP9", "AV1"];
}

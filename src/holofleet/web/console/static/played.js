// @ts-check
/** A recording that plays: how long it is, which its file does not say, and why it does not play where it does not. */
const video = /** @type {HTMLVideoElement} */ (document.querySelector("video.played"));
/** Seconds: beyond the end of every recording. */
const FAR = 1e6;
const problem = /** @type {HTMLElement} */ (document.getElementById("played-problem"));

video.addEventListener("loadedmetadata", () => {
  if (video.duration !== Infinity) return;
  // Browsers find the length of such a file by going to its end once. Whoever goes somewhere meanwhile stays there.
  const back = () => {
    if (video.currentTime >= FAR || video.currentTime >= video.duration - 0.1) video.currentTime = 0;
  };
  video.addEventListener("timeupdate", back, { once: true });
  video.currentTime = FAR;
});
video.addEventListener("error", async () => {
  const answer = await fetch(video.currentSrc || video.src, { headers: { range: "bytes=0-0" } }).catch(() => null);
  problem.hidden = false;
  problem.textContent =
    answer === null
      ? "The server does not answer. Load the page again."
      : answer.status === 404
        ? "An hour is over, or you signed in anew. Say your reason again."
        : answer.ok
          ? "A part of it is damaged, or this browser cannot play it. Save it as a file to see which."
          : answer.status !== 409
            ? "The server cannot read it now. Try again in a moment."
            : "The recording is damaged: what lies in the folder of recordings is not what was recorded.";
});

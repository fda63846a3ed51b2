// @ts-check
/** Messages left: a picture or a voice note that does not come says why, in its place. */
for (const part of document.querySelectorAll(".left-message img, .left-message audio")) {
  const media = /** @type {HTMLImageElement | HTMLAudioElement} */ (part);
  const say = async () => {
    const answer = await fetch(media.currentSrc || media.src).catch(() => null);
    const words = document.createElement("p");
    words.className = "problems";
    words.setAttribute("role", "alert");
    words.textContent =
      answer === null
        ? "The server does not answer. Load the page again."
        : answer.status === 409
          ? "This part of the message is damaged: what is kept is not what was left. Ask for it anew; the audit log has this."
          : "This part of the message is not there any more.";
    (media.closest("p") ?? media).replaceWith(words);
  };
  media.addEventListener("error", say, { once: true });
  // One that failed before this ran.
  if (media instanceof HTMLImageElement && media.complete && !media.naturalWidth && media.currentSrc) say();
}

// @ts-check
/** Takes the headset with a passkey: asks the server, asks the authenticator, brings the answer back. */

/** @param {string} text base64url */
function bytes(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function textOf(buffer) {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @param {string} path @param {Record<string, string>} fields @param {string} wanted */
async function post(path, fields, wanted) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin" });
  const found = await answer.json().catch(() => ({}));
  if (answer.ok && found[wanted]) return found[wanted];
  throw new Error(found.title ?? "The server could not do that. Go back and try again.");
}

/** @param {any} options */
async function shown(options) {
  const credential = /** @type {PublicKeyCredential | null} */ (
    await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] } })
  );
  if (credential === null) throw new DOMException("nothing was shown", "NotAllowedError");
  const { clientDataJSON, authenticatorData, signature } = /** @type {AuthenticatorAssertionResponse} */ (credential.response);
  const response = { clientDataJSON: textOf(clientDataJSON), authenticatorData: textOf(authenticatorData), signature: textOf(signature) };
  const id = textOf(credential.rawId);
  const { type, authenticatorAttachment } = credential;
  return JSON.stringify({ id, rawId: id, type, response, authenticatorAttachment });
}

/** @type {Record<string, string>} */
const refusals = {
  NotAllowedError: "No passkey was used: it was cancelled, or took too long.",
  SecurityError: "This browser takes no passkeys of the console here. Enter your PIN, or show the code.",
  NotSupportedError: "This headset reads no such passkey. Enter your PIN, or show the code.",
};

const form = document.querySelector("form[data-take]");
const said = document.querySelector("[data-said]");
if (form instanceof HTMLFormElement && said instanceof HTMLElement) {
  // The key is there once it does something.
  form.hidden = !window.PublicKeyCredential;
  if (form.hidden) said.textContent = "This browser knows no passkeys. Enter your PIN, or show the code to the desk.";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    said.classList.remove("problem");
    said.textContent = "Waiting for your passkey ...";
    const { token, over } = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form)));
    try {
      const options = await post("/k/passkey/begin", { token }, "options");
      location.assign(await post("/k/passkey", { token, over, credential: await shown(options) }, "go"));
    } catch (error) {
      const { name, message } = /** @type {Error} */ (error);
      said.classList.add("problem");
      said.textContent = refusals[name] ?? message;
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

// Passkeys: asks the server, asks the authenticator, brings the answer back. The sign-in pages work without it,
// but for passkeys.

const trouble = document.getElementById("passkey-trouble");

function bytes(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
}

function textOf(buffer) {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function say(words) {
  if (!trouble) return;
  trouble.hidden = !words;
  trouble.textContent = words;
}

async function post(path, fields) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin" });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.title ?? "The server could not do that. Load the page again and repeat it.");
  return found;
}

function listed(credentials) {
  return (credentials ?? []).map((credential) => ({ ...credential, id: bytes(credential.id) }));
}

function written({ rawId, type }, response) {
  const fields = Object.entries(response).map(([name, buffer]) => [name, textOf(buffer)]);
  const id = textOf(rawId);
  return JSON.stringify({ id, rawId: id, type, response: Object.fromEntries(fields) });
}

async function made(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: listed(options.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = credential.response;
  return { made: "yes", credential: written(credential, { clientDataJSON, attestationObject }) };
}

async function shown(options) {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: listed(options.allowCredentials),
    },
  });
  const { clientDataJSON, authenticatorData, signature } = credential.response;
  return { credential: written(credential, { clientDataJSON, authenticatorData, signature }) };
}

async function go(form) {
  const fields = Object.fromEntries(new FormData(form));
  const begun = await post("/sign-in/passkey/begin", fields);
  const answer = begun.make ? await made(begun.options) : await shown(begun.options);
  const csrf = fields.csrf ? { csrf: fields.csrf } : {};
  const finished = await post("/sign-in/passkey/finish", { ...answer, ...csrf });
  location.assign(finished.go);
}

const refusals = {
  NotAllowedError: "The passkey was not used: it was cancelled, or took too long.",
  InvalidStateError: "This device has a passkey for you already.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  for (const button of form.querySelectorAll("[data-passkey-button]")) button.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("data-plain")) return;
    event.preventDefault();
    say("");
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    try {
      await go(form);
    } catch (error) {
      say(refusals[error.name] ?? error.message);
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

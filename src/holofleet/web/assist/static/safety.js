// @ts-check
/**
 * The short code of a call: both read the same six digits, or somebody sits between them.
 *
 * Six digits over two fingerprints alone could be matched on both legs by trying some hundred keys. So each side
 * first sends a hash of a random number and shows the number only once it holds the other's hash: whoever sits in
 * between has to choose before knowing anything, and has one guess in a million (the idea of RFC 6189, 4.4.1.1).
 */

const LABEL = "holofleet assist code 1";
const NONCE_BYTES = 32;
const HEX_64 = /^[0-9a-f]{64}$/;
const text = new TextEncoder();

/** @param {ArrayBuffer | Uint8Array} bytes */
export function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} digits */
function unhex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * What is sent first. The sender's fingerprint is in it, so that a commitment cannot be passed off as another's.
 * @param {string} fingerprint of the sender's certificate, SHA-256, 64 hexadecimal digits
 * @param {string} nonce 64 hexadecimal digits
 */
export async function commitment(fingerprint, nonce) {
  const bytes = new Uint8Array([...text.encode(LABEL), ...unhex(fingerprint), ...unhex(nonce)]);
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * Return the six digits; the order of the two sides does not matter.
 * @param {string} call
 * @param {{fingerprint: string, nonce: string}} one
 * @param {{fingerprint: string, nonce: string}} other
 */
export async function shortCode(call, one, other) {
  const [first, second] = [one, other].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
  const secret = new Uint8Array([...unhex(first.nonce), ...unhex(second.nonce)]);
  const info = new Uint8Array([
    ...text.encode(LABEL),
    ...unhex(first.fingerprint),
    ...unhex(second.fingerprint),
  ]);
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const algorithm = { name: "HKDF", hash: "SHA-256", salt: text.encode(call), info };
  const bits = new DataView(await crypto.subtle.deriveBits(algorithm, key, 64));
  return String(bits.getBigUint64(0) % 1_000_000n).padStart(6, "0");
}

/** The exchange with one other side, over the first data channel, before anything else is taken from it. */
export class CodeExchange {
  #call;
  #own;
  #other;
  #say;
  #nonce = hex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  #promised = "";
  /** @type {Promise<void> | null} */
  #begun = null;

  /**
   * @param {{call: string, own: string, other: string, say: (message: object) => void}} parts fingerprints as the
   *   two certificates have them that the connection itself has verified
   */
  constructor({ call, own, other, say }) {
    this.#call = call;
    this.#own = own;
    this.#other = other;
    this.#say = say;
  }

  /** Say what is promised. */
  begin() {
    this.#begun ??= commitment(this.#own, this.#nonce).then((hash) => this.#say({ v: 1, type: "safety.commit", hash }));
    return this.#begun;
  }

  /**
   * Take what the other side says.
   * @param {Record<string, any>} message
   * @returns {Promise<string>} the code; empty as long as it is not known
   * @throws {Error} when the other side does not keep to the exchange
   */
  async take(message) {
    if (message.type === "safety.commit") return this.#promise(message.hash);
    if (message.type !== "safety.reveal") throw new Error("said something else before the code");
    if (!this.#promised) throw new Error("showed a number that it had not promised");
    if (typeof message.nonce !== "string" || !HEX_64.test(message.nonce)) throw new Error("showed no number");
    if ((await commitment(this.#other, message.nonce)) !== this.#promised) throw new Error("showed another number");
    return shortCode(
      this.#call,
      { fingerprint: this.#own, nonce: this.#nonce },
      { fingerprint: this.#other, nonce: message.nonce },
    );
  }

  /** @param {unknown} hash */
  async #promise(hash) {
    if (this.#promised || typeof hash !== "string" || !HEX_64.test(hash)) throw new Error("promised twice, or nothing");
    if (this.#own === this.#other) throw new Error("has our own certificate");
    this.#promised = hash;
    await this.begin();
    this.#say({ v: 1, type: "safety.reveal", nonce: this.#nonce });
    return "";
  }
}

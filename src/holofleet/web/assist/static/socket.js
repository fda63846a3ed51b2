// @ts-check
/**
 * The socket of a page: what it asks is asked once and answered once, whatever happens to the connection.
 *
 * A message keeps its id until it is answered; after a lost connection it is said again, and the server answers a
 * message that it has already done without doing it twice. What the server tells is numbered per call, so that a page
 * resumes after the last number that it has.
 */

import { Emitter } from "./emitter.js";

const VERSION = 1;
const SUBPROTOCOL = "holofleet.assist.v1";
const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 10_000;
const ANSWER_MS = 30_000;
const QUIET_MS = 20_000;
const ALIVE_MS = 8_000;
/** The server does not want this page again: signed out, refused, opened elsewhere. */
const FINAL = new Set([4401, 4403, 4409]);

/** @typedef {Record<string, any>} Message */

/** The server said no, with a rule and words for the person. */
export class RefusedError extends Error {
  /** @param {Message} answer */
  constructor(answer) {
    super(answer.words || "This is not possible now.");
    this.rule = answer.rule || answer.code || "";
  }
}

/**
 * Emits every type of message that the server tells, and of the connection itself `up` (the welcome), `down`
 * (`{code, wait}`) and `closed` (for good).
 */
export class AssistSocket extends Emitter {
  #url;
  #page;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {Map<string, {text: string, resolve: (message: Message) => void, reject: (error: Error) => void, timer: number}>} */
  #waiting = new Map();
  /** @type {Map<string, number>} */
  #seen = new Map();
  #prefix = crypto.randomUUID().slice(0, 8);
  #count = 0;
  #wait = FIRST_WAIT_MS;
  #ready = false;
  #closed = false;
  #offset = 0;
  #quiet = 0;
  #again = 0;

  /**
   * @param {"headset" | "expert" | "guest"} page
   * @param {string} [url]
   */
  constructor(page, url = `wss://${location.host}/assist/socket`) {
    super();
    this.#page = page;
    this.#url = url;
    window.addEventListener("online", () => this.#hurry());
  }

  /** Whether the server answers now. */
  get isReady() {
    return this.#ready;
  }

  /** The server's time, in ms since the epoch, as far as this page knows. */
  now() {
    return Date.now() + this.#offset;
  }

  open() {
    this.#closed = false;
    this.#connect();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#socket?.close(1000);
  }

  /** What is known of a call is not resumed any more. @param {string} call */
  forget(call) {
    this.#seen.delete(call);
  }

  /**
   * Ask the server for something.
   * @param {string} type
   * @param {Message} [fields]
   * @returns {Promise<Message>} its answer
   */
  request(type, fields = {}) {
    const id = `${this.#prefix}-${++this.#count}`;
    const text = JSON.stringify({ v: VERSION, type, id, ...fields });
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => this.#fail(id, new Error("The server does not answer.")), ANSWER_MS);
      this.#waiting.set(id, { text, resolve, reject, timer });
      // On one that closes it would be lost with a complaint; it is said once there is another.
      if (this.#ready && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
    });
  }

  /**
   * Tell the server something whose answer nobody waits for: if it is not taken, the next one is, or the call ends.
   * @param {string} type
   * @param {Message} [fields]
   */
  tell(type, fields = {}) {
    this.request(type, fields).catch(() => {});
  }

  #connect() {
    clearTimeout(this.#again);
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#greet(socket);
    socket.onmessage = (event) => this.#take(socket, event.data);
    socket.onclose = (event) => this.#lost(socket, event.code, event.reason);
  }

  /** @param {WebSocket} socket */
  #greet(socket) {
    const resume = [...this.#seen].slice(-8).map(([call, seq]) => ({ call, seq }));
    const id = `${this.#prefix}-${++this.#count}`;
    socket.send(JSON.stringify({ v: VERSION, type: "hello", id, page: this.#page, resume }));
  }

  /**
   * @param {WebSocket} socket
   * @param {string} text
   */
  #take(socket, text) {
    if (socket !== this.#socket) return;
    /** @type {Message} */
    const message = JSON.parse(text);
    this.#listen();
    if (message.type === "welcome") this.#welcome(message);
    const waiting = message.re ? this.#waiting.get(message.re) : undefined;
    if (waiting) {
      this.#settle(message.re);
      if (message.type === "refused" || message.type === "error") waiting.reject(new RefusedError(message));
      else waiting.resolve(message);
    }
    if (this.#isNew(message)) this.emit(message.type, message);
  }

  /** @param {Message} message */
  #welcome(message) {
    this.#offset = message.now - Date.now();
    this.#ready = true;
    this.#wait = FIRST_WAIT_MS;
    for (const { text } of this.#waiting.values()) this.#socket?.send(text);
    this.emit("up", message);
  }

  /** What is told again after a new connection counts once. @param {Message} message */
  #isNew(message) {
    if (message.seq === undefined) return true;
    const call = typeof message.call === "string" ? message.call : message.call.id;
    if (message.seq <= (this.#seen.get(call) ?? 0)) return false;
    this.#seen.set(call, message.seq);
    return true;
  }

  /** A connection on which nothing came for a while is asked whether it is one. */
  #listen() {
    clearTimeout(this.#quiet);
    this.#quiet = window.setTimeout(() => {
      const socket = this.#socket;
      if (!socket || socket.readyState !== WebSocket.OPEN) return;
      const id = `${this.#prefix}-${++this.#count}`;
      socket.send(JSON.stringify({ v: VERSION, type: "ping", id }));
      this.#quiet = window.setTimeout(() => this.#lost(socket, 1006, "silent"), ALIVE_MS);
    }, QUIET_MS);
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   * @param {string} reason
   */
  #lost(socket, code, reason) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#ready = false;
    socket.close();
    clearTimeout(this.#quiet);
    if (this.#closed || FINAL.has(code)) {
      for (const id of [...this.#waiting.keys()]) this.#fail(id, new Error("The connection was closed."));
      this.emit("closed", { code, reason });
      return;
    }
    this.emit("down", { code, wait: this.#wait });
    const jitter = 0.75 + Math.random() / 2;
    this.#again = window.setTimeout(() => this.#connect(), this.#wait * jitter);
    this.#wait = Math.min(this.#wait * 2, MOST_WAIT_MS);
  }

  #hurry() {
    if (this.#socket || this.#closed) return;
    this.#wait = FIRST_WAIT_MS;
    this.#connect();
  }

  /**
   * @param {string} id
   * @param {Error} error
   */
  #fail(id, error) {
    const waiting = this.#waiting.get(id);
    this.#settle(id);
    waiting?.reject(error);
  }

  /** @param {string} id */
  #settle(id) {
    clearTimeout(this.#waiting.get(id)?.timer);
    this.#waiting.delete(id);
  }
}

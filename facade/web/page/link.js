// The socket to the control process: reconnects by itself, says how long it has been silent, drops nothing the hand did last.

const RETRY_MS = [300, 600, 1000, 2000, 3000];
const SEND_MS = 33;
const SILENT_MS = 5000; // the server speaks every 2 s at least; a cut cable says nothing at all

export class Link extends EventTarget {
  #socket = null;
  #tries = 0;
  #pending = new Map();
  #timer = 0;
  #id = 0;
  #sent = new Map();
  lastHeardAt = performance.now();
  open = false;

  start() {
    this.#connect();
    setInterval(() => {
      if (this.open && !document.hidden && performance.now() - this.lastHeardAt > SILENT_MS) this.#abandon();
    }, 500);
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => {
      this.#write({ watch: !document.hidden });
      this.lastHeardAt = document.hidden ? this.lastHeardAt : Math.max(this.lastHeardAt, performance.now() - SILENT_MS / 2);
      if (!document.hidden) this.#hurry();
    });
  }

  // Continuous controls: at most 30 messages a second for one address, the last one always arrives.
  move(address, args) {
    this.#pending.set(address, args);
    if (!this.#timer) this.#flush();
  }

  // Buttons: sent at once, in order. Returns false when there is no connection, so that nobody believes in it.
  press(address, args = []) {
    this.#pending.delete(address);
    return this.#post(address, args);
  }

  seen(seq) {
    this.#write({ seen: seq });
  }

  // The address a refused message was meant for.
  addressOf(id) {
    return this.#sent.get(id);
  }

  #post(address, args) {
    this.#id = (this.#id + 1) % 1000000;
    this.#sent.set(this.#id, address);
    if (this.#sent.size > 64) this.#sent.delete(this.#sent.keys().next().value);
    return this.#write({ post: address, args, id: this.#id });
  }

  #flush() {
    for (const [address, args] of this.#pending) this.#post(address, args);
    const busy = this.#pending.size > 0;
    this.#pending.clear();
    this.#timer = busy ? setTimeout(() => { this.#timer = 0; this.#flush(); }, SEND_MS) : 0;
  }

  #write(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect() {
    clearTimeout(this.retry);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      if (document.hidden) this.#write({ watch: false });
    };
    socket.onmessage = ({ data }) => {
      this.lastHeardAt = performance.now();
      if (!this.open) {
        this.open = true;
        this.#tries = 0;
        this.dispatchEvent(new CustomEvent("link", { detail: true }));
      }
      if (typeof data !== "string") return this.#emit("light", data);
      const message = JSON.parse(data);
      return this.#emit(message.type, message);
    };
    socket.onclose = () => this.#lost(socket);
  }

  // A connection that is silent is dead, whatever the socket believes; closing it may take minutes.
  #abandon() {
    const socket = this.#socket;
    socket.onmessage = socket.onclose = null;
    socket.close();
    this.#lost(socket);
  }

  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #lost(socket) {
    if (socket !== this.#socket) return;
    if (this.open || this.#tries === 0) {
      this.open = false;
      this.dispatchEvent(new CustomEvent("link", { detail: false }));
    }
    const wait = RETRY_MS[Math.min(this.#tries++, RETRY_MS.length - 1)];
    this.retry = setTimeout(() => this.#connect(), wait);
    try {
      // A refused session looks like a lost connection to a socket; ask plainly.
      const reply = await fetch("/api/session", { cache: "no-store" });
      if (reply.status === 401) location.assign("/login");
    } catch { /* not reachable: the retry is set already */ }
  }

  #hurry() {
    if (this.#socket?.readyState === WebSocket.CLOSED) this.#connect();
  }
}

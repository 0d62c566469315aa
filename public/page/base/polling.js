// What looks like a WebSocket to dial.js, and is made of requests: where a proxy lets no WebSocket through.
// Engine.IO's long polling (https://socket.io/docs/v4/engine-io-protocol/): one request waits for frames, another
// brings them. The server's half is page/chat/long_polling.py.
const ask = window.fetch.bind(window);

const SEPARATOR = "\x1e";
const MOST_PACKETS = 16; // as the server takes at once
const MOST_CHARACTERS = 250_000; // of a megabyte: a character takes up to four bytes
const ANSWERED_WITHIN_MS = 20_000; // the server's ping ends each wait within 4 s

export class Polling {
  // `address` is the WebSocket's.
  constructor(address) {
    const own = new URL(address);
    own.protocol = own.protocol.replace("ws", "http");
    own.searchParams.set("transport", "polling");
    this.address = own;
    this.readyState = WebSocket.CONNECTING;
    this.ending = new AbortController();
    this.leaving = [];
    this.listen();
  }

  async listen() {
    try {
      while (this.readyState !== WebSocket.CLOSED) {
        const answer = await this.request("GET");
        if (answer.status === 401 && this.readyState === WebSocket.CONNECTING) {
          this.onmessage?.({ data: '44{"message":"signed out"}' }); // as a WebSocket is told, once it stands
          return;
        }
        if (!answer.ok) break;
        this.hear((await answer.text()).split(SEPARATOR));
      }
    } catch {
      // The network, or we have left.
    }
    this.lost();
  }

  hear(frames) {
    if (this.readyState === WebSocket.CONNECTING) {
      this.address.searchParams.set("sid", JSON.parse(frames[0].slice(1)).sid);
      this.readyState = WebSocket.OPEN;
      this.onopen?.();
    }
    for (const data of frames) {
      if (data === "1") this.lost();
      if (this.readyState !== WebSocket.OPEN) return;
      this.onmessage?.({ data });
    }
  }

  send(frame) {
    this.leaving.push(String(frame));
    if (this.leaving.length === 1) this.bring();
  }

  // One request after another: what is said arrives in its order.
  async bring() {
    try {
      await null; // what is said in one breath goes together
      while (this.leaving.length && this.readyState === WebSocket.OPEN) {
        const frames = this.batch();
        const answer = await this.request("POST", frames.join(SEPARATOR));
        if (!answer.ok) throw new Error(answer.status);
        await answer.text(); // what is not read holds its connection, of which a browser has six
        this.leaving.splice(0, frames.length);
      }
    } catch {
      this.lost();
    }
  }

  batch() {
    let room = MOST_CHARACTERS;
    const fit = this.leaving.slice(0, MOST_PACKETS).findIndex((frame) => (room -= frame.length) < 0);
    return this.leaving.slice(0, fit < 0 ? MOST_PACKETS : Math.max(1, fit));
  }

  request(method, body) {
    const limit = setTimeout(() => this.lost(), ANSWERED_WITHIN_MS);
    const { signal } = this.ending;
    const asked = ask(this.address, { method, body, signal, cache: "no-store", credentials: "same-origin" });
    return asked.finally(() => clearTimeout(limit));
  }

  lost() {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.ending.abort();
    this.onclose?.();
  }

  close() {
    const stood = this.readyState === WebSocket.OPEN;
    this.onclose = null;
    this.lost();
    // Also from a page that is being left.
    if (stood) ask(this.address, { method: "POST", body: "1", keepalive: true }).then((answer) => answer.text(), () => {});
  }
}

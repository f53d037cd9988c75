/**
 * Stands between the plugin and Roles Anywhere, passes TLS through as it is, and keeps the answers back until it is opened: so that
 * what happens while a request is under way is a matter of order, and not of time.
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class Gate {
  readonly #server: Server;
  readonly #target: URL;
  #isOpen = false;
  #open: () => void = () => undefined;
  readonly #opened: Promise<void>;

  private constructor(target: URL) {
    this.#target = target;
    this.#opened = new Promise((resolve) => (this.#open = resolve));
    this.#server = createServer((client) => {
      this.#pass(client);
    });
  }

  /** @param endpoint an https URL */
  static async before(endpoint: string): Promise<Gate> {
    const gate = new Gate(new URL(endpoint));
    gate.#server.listen(0, "127.0.0.1");
    await once(gate.#server, "listening");
    return gate;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `https://127.0.0.1:${address.port}`;
  }

  open(): void {
    this.#isOpen = true;
    this.#open();
  }

  close(): void {
    this.#server.close();
  }

  #pass(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [client, server]) socket.on("error", () => undefined);
    client.on("close", () => server.destroy());
    // The handshake's first answer passes; what follows the client's second word may be the answer that counts.
    let words = 0;
    const inTime = (pass: () => void): void => {
      if (words < 2 || this.#isOpen) pass();
      else void this.#opened.then(pass);
    };
    client.on("data", (chunk) => {
      words += 1;
      server.write(chunk);
    });
    server.on("data", (chunk) => {
      inTime(() => client.write(chunk));
    });
    server.on("close", () => {
      inTime(() => client.end());
    });
  }
}

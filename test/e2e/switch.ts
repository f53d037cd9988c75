/** Stands between the plugin and Roles Anywhere, passes TLS through as it is, and can be off: the network that is away for a while. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export class Switch {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #isOn = true;

  private constructor(target: URL) {
    this.#server = createServer((client) => {
      if (this.#isOn) this.#pass(client, target);
      else client.resetAndDestroy();
    });
  }

  /** @param endpoint an https URL */
  static async before(endpoint: string): Promise<Switch> {
    const made = new Switch(new URL(endpoint));
    made.#server.listen(0, "127.0.0.1");
    await once(made.#server, "listening");
    return made;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `https://127.0.0.1:${address.port}`;
  }

  turn(state: "on" | "off"): void {
    this.#isOn = state === "on";
    if (!this.#isOn) this.#endAll();
  }

  close(): void {
    this.#server.close();
    this.#endAll();
  }

  #endAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #pass(client: Socket, target: URL): void {
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      this.#open.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#open.delete(socket));
    }
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    client.pipe(server);
    server.pipe(client);
  }
}

/** Stands before the API server, over TLS, and answers 401 to given tokens, as if the cluster refused them. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request, type Server } from "node:https";
import { intermediate, keyPair, leaf, root } from "../certificates.ts";

const identity = leaf(intermediate(root("Refusing Root")), { keys: keyPair("p256", "refusing") });
const key = identity.keys.privateKey.export({ format: "pem", type: "pkcs8" });

export class RefusingApi {
  readonly #server: Server;
  readonly #target: string;
  readonly #ca: string;
  /** Of every request, in order. */
  readonly tokens: string[] = [];
  refuses: (token: string) => boolean = () => false;

  private constructor(target: string, ca: string) {
    [this.#target, this.#ca] = [target, ca];
    this.#server = createServer({ key, cert: identity.pem }, (incoming, response) => {
      this.#answer(incoming, response);
    });
  }

  /** @param ca the certificate that the target's is checked by */
  static async before(target: string, ca: string): Promise<RefusingApi> {
    const api = new RefusingApi(target, ca);
    api.#server.listen(0, "127.0.0.1");
    await once(api.#server, "listening");
    return api;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `https://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const token = (incoming.headers.authorization ?? "").replace("Bearer ", "");
    this.tokens.push(token);
    if (this.refuses(token)) {
      const status = {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason: "Unauthorized",
        code: 401,
      };
      response.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify(status));
      return;
    }
    const { method, headers } = incoming;
    const outgoing = request(`${this.#target}${incoming.url ?? ""}`, { method, headers, ca: this.#ca });
    outgoing.on("response", (answer) => {
      answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  }
}

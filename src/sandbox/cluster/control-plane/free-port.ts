import { once } from "node:events";
import { createServer } from "node:net";

/** A port of 127.0.0.1 that is free now. Another program can take it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

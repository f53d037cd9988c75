/** What a killed holder leaves behind: a socket that nobody listens at, in the place of its key. */
import { mkdtempSync, renameSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { listen } from "../../../src/cache/flight/lock.ts";

/** @returns the path of the dead socket */
export async function abandon(folder: string, key: string): Promise<string> {
  const { server, path } = await occupy(folder, key, () => undefined);
  // Node unlinks the path that it listened at, which has moved on.
  await new Promise((resolve) => server.close(resolve));
  return path;
}

/** A holder that treats those who wait in its own way. */
export async function occupy(
  folder: string,
  key: string,
  onWaiter: (socket: Socket) => void,
): Promise<{ server: Server; path: string }> {
  const stage = mkdtempSync(`${folder}/new-`);
  const id = stage.slice(-6);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    onWaiter(socket);
  });
  await listen(server, `${stage}/${id}`);
  const place = `${folder}/${key.slice(0, 24)}`;
  renameSync(stage, place);
  return { server, path: `${place}/${id}` };
}

/** Two calls of the C library that Node does not offer: the hop limit of a TCP socket, and a datagram to a Unix socket. */
import { endianness } from "node:os";
import process from "node:process";
import { HopLimitUnsupported } from "../ports.ts";

/** The part of koffi that is used. https://koffi.dev */
export interface KoffiOfLibrary {
  load(path: null): { func(signature: string): (...values: unknown[]) => unknown };
}

type Library = ReturnType<KoffiOfLibrary["load"]>;
/** @throws where there is no native code for this platform */
export type Native = () => KoffiOfLibrary;

/** [level, name] of IP_TTL and IPV6_UNICAST_HOPS, in the headers of each system. */
const hopOptions: Readonly<
  Partial<Record<NodeJS.Platform, Readonly<Record<4 | 6, readonly [number, number]>>>>
> = {
  linux: { 4: [0, 2], 6: [41, 16] },
  darwin: { 4: [0, 4], 6: [41, 4] },
};

/** Of a listening socket, whose accepted sockets inherit it. @throws HopLimitUnsupported */
export function setHopLimit(server: object, version: 4 | 6, hops: number, native: Native): void {
  const option = hopOptions[process.platform]?.[version];
  const descriptor = descriptorOf(server);
  if (!option || descriptor === undefined) throw new HopLimitUnsupported();
  const value = Buffer.alloc(4);
  value.writeInt32LE(hops);
  const result = inLibrary(native, (library) =>
    library.func("int setsockopt(int socket, int level, int name, void *value, unsigned int length)")(
      descriptor,
      ...option,
      value,
      value.length,
    ),
  );
  if (result !== 0) throw new HopLimitUnsupported();
}

function inLibrary<Result>(native: Native, call: (library: Library) => Result): Result {
  try {
    return call(native().load(null));
  } catch (error) {
    throw new HopLimitUnsupported(error instanceof Error ? error.message : undefined, { cause: error });
  }
}

/** Node has no public name for it. */
function descriptorOf(server: object): number | undefined {
  const handle: unknown = Reflect.get(server, "_handle");
  const descriptor: unknown =
    typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  return typeof descriptor === "number" && descriptor >= 0 ? descriptor : undefined;
}

const unix = 1;
/** SOCK_DGRAM and SOCK_CLOEXEC, MSG_DONTWAIT and MSG_NOSIGNAL, on Linux. */
const datagram = 2 | 0o2000000;
const withoutWaiting = 0x40 | 0x4000;

/**
 * sd_notify(3): a datagram to the Unix socket of the service manager. Node has no Unix datagrams. The program systemd-notify would send
 * it as another process, from which systemd accepts it only with NotifyAccess=all.
 * @param socket the value of NOTIFY_SOCKET: a path, or `@` and an abstract name
 * @throws Error if it is not sent
 */
export function notifyManager(socket: string, state: string, native: Native): void {
  if (process.platform !== "linux" || !/^[@/]./.test(socket)) throw new Error("the socket is not supported");
  const library = native().load(null);
  const open = library.func("int socket(int domain, int type, int protocol)");
  const send = library.func(
    "long sendto(int socket, void *text, unsigned long length, int flags, void *address, unsigned int addressLength)",
  );
  const close = library.func("int close(int descriptor)");
  const name = Buffer.from(socket.startsWith("@") ? `\0${socket.slice(1)}` : `${socket}\0`);
  const family = Buffer.alloc(2);
  family[endianness() === "LE" ? 0 : 1] = unix;
  const address = Buffer.concat([family, name]);
  const text = Buffer.from(state);
  const descriptor = Number(open(unix, datagram, 0));
  if (descriptor < 0) throw new Error("no socket could be opened");
  try {
    const sent = Number(send(descriptor, text, text.length, withoutWaiting, address, address.length));
    if (sent !== text.length) throw new Error("the message could not be sent");
  } finally {
    close(descriptor);
  }
}

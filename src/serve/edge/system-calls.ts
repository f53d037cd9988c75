/** What Node does not offer, by calls of the C library: the hop limit of a TCP socket, and a datagram to a Unix socket. */
import { readdirSync } from "node:fs";
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

/** Of an IP version, in the headers of each system. */
interface Constants {
  /** AF_INET or AF_INET6. */
  family: number;
  /** Level and name of IP_TTL or IPV6_UNICAST_HOPS. */
  hops: readonly [number, number];
  /** Level and name of SO_ACCEPTCONN. */
  accepts: readonly [number, number];
}

const constants: Readonly<Partial<Record<NodeJS.Platform, Readonly<Record<4 | 6, Constants>>>>> = {
  linux: {
    4: { family: 2, hops: [0, 2], accepts: [1, 30] },
    6: { family: 10, hops: [41, 16], accepts: [1, 30] },
  },
  darwin: {
    4: { family: 2, hops: [0, 4], accepts: [0xffff, 2] },
    6: { family: 30, hops: [41, 4], accepts: [0xffff, 2] },
  },
};

/** Of the socket that listens there, whose accepted sockets inherit it. @throws HopLimitUnsupported */
export function setHopLimit(at: Listener, hops: number, native: Native): void {
  const known = constants[process.platform]?.[at.address.includes(":") ? 6 : 4];
  if (!known) throw new HopLimitUnsupported();
  const value = Buffer.alloc(4);
  value.writeInt32LE(hops);
  const isSet = inLibrary(native, (library) => {
    const set = library.func(
      "int setsockopt(int socket, int level, int name, void *value, unsigned int length)",
    );
    const descriptor = descriptorOf(at, known, library);
    return descriptor !== undefined && set(descriptor, ...known.hops, value, value.length) === 0;
  });
  if (!isSet) throw new HopLimitUnsupported();
}

/** What server.address() returns. */
interface Listener {
  address: string;
  port: number;
}

function inLibrary<Result>(native: Native, call: (library: Library) => Result): Result {
  try {
    return call(native().load(null));
  } catch (error) {
    throw new HopLimitUnsupported(error instanceof Error ? error.message : undefined, { cause: error });
  }
}

/** Node has no public name for the descriptor of a server, and Bun has none: it is found by its address. */
function descriptorOf({ address, port }: Listener, known: Constants, library: Library): number | undefined {
  const parse = library.func("int inet_pton(int family, const char *text, _Out_ void *address)");
  const option = library.func(
    "int getsockopt(int socket, int level, int name, _Out_ void *value, _Inout_ unsigned int *length)",
  );
  const nameOf = library.func("int getsockname(int socket, _Out_ void *name, _Inout_ unsigned int *length)");
  const { family, accepts } = known;
  // sockaddr_in has the address after the port, and sockaddr_in6 has the flow in between.
  const [start, length] = address.includes(":") ? [8, 16] : [4, 4];
  const wanted = Buffer.alloc(length);
  if (parse(family, address.replace(/%.*/, ""), wanted) !== 1) return undefined;
  return readdirSync("/dev/fd")
    .map(Number)
    .find((descriptor) => {
      const value = Buffer.alloc(4);
      if (option(descriptor, ...accepts, value, [value.length]) !== 0 || value.readInt32LE() === 0)
        return false;
      const name = Buffer.alloc(128);
      if (nameOf(descriptor, name, [name.length]) !== 0 || familyIn(name) !== family) return false;
      return name.readUInt16BE(2) === port && name.subarray(start, start + length).equals(wanted);
    });
}

/** On macOS, the length of the name stands before it. */
function familyIn(name: Buffer): number | undefined {
  return process.platform === "darwin" ? name[1] : name.readUInt16LE();
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

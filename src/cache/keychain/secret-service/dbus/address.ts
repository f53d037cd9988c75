/** Where the session bus listens: the D-Bus specification's server addresses, as far as they name a Unix socket. Pure. */

export interface BusEnvironment {
  /** DBUS_SESSION_BUS_ADDRESS */
  readonly address: string | undefined;
  /** XDG_RUNTIME_DIR */
  readonly runtimeFolder: string | undefined;
}

/** In order of preference. An abstract socket's name begins with a NUL, as node:net wants it. */
export function busSockets({ address, runtimeFolder }: BusEnvironment): string[] {
  const fallback = runtimeFolder ? [`${runtimeFolder}/bus`] : [];
  if (!address) return fallback;
  return address.split(";").flatMap((server) => {
    const [, transport, options] = /^([^:]*):(.*)$/s.exec(server) ?? [];
    if (transport !== "unix" || options === undefined) return [];
    const values = new Map(options.split(",").map(keyAndValue));
    if (values.get("runtime") === "yes") return fallback;
    const [path, abstract] = [values.get("path"), values.get("abstract")];
    if (path) return [path];
    return abstract ? [`\0${abstract}`] : [];
  });
}

function keyAndValue(option: string): [string, string] {
  const equals = option.indexOf("=");
  return [option.slice(0, equals), unescaped(option.slice(equals + 1))];
}

function unescaped(value: string): string {
  const bytes = value.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  // Escapes are of bytes, and so may be several for one character; what is not escaped is ASCII.
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The address of the session bus: the D-Bus specification's server addresses that name a Unix socket. Pure. */

export interface BusEnvironment {
  /** DBUS_SESSION_BUS_ADDRESS */
  readonly address: string | undefined;
  /** XDG_RUNTIME_DIR */
  readonly runtimeFolder: string | undefined;
}

/** In order of preference. The name of an abstract socket begins with a NUL, as node:net requires. */
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
  // An escape is one byte, so a character can have several. Unescaped text is ASCII.
  return Buffer.from(bytes, "latin1").toString("utf8");
}

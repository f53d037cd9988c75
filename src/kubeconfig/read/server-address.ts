/** A cluster's server as it may be shown: people write a password, or a token, into the URL. */

/** Scheme, host, port and path; of what is no URL, nothing. */
export function serverAddress(server: string): string {
  if (!URL.canParse(server)) return "(no URL)";
  const { protocol, host, pathname } = new URL(server);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}

/** A user's name or password before the host; Go counts empty ones too. */
export function hasUserinfo(server: string): boolean {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(server);
}

/** What client-go drops of a server's URL, and so never reaches the server: rest, NewRESTClient. */
export function hasDroppedParts(server: string): boolean {
  return /[?#]/.test(server);
}

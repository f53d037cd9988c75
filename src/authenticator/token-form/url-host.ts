/** Which hosts Go's url.Parse takes: names, with escapes for non-ASCII bytes alone, and IPv6 addresses in brackets. */

/** What is wrong with a URL's host and port, to follow "the URL "; undefined when Go takes them. */
export function hostProblem(scheme: string, host: string): string | undefined {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) return "has a bracket inside its host";
  if (bracket === 0) return addressProblem(host);
  return portProblem(portOf(scheme, host)) ?? nameProblem(host);
}

/** From the first colon; Go bears more of them where the scheme is another than http. */
function portOf(scheme: string, host: string): string {
  const colon = /^https?$/.test(scheme) ? host.indexOf(":") : host.lastIndexOf(":");
  return colon < 0 ? "" : host.slice(colon);
}

function portProblem(port: string): string | undefined {
  return /^(?::[0-9]*)?$/.test(port) ? undefined : "has a port that is no number";
}

function nameProblem(name: string): string | undefined {
  return isName(name) ? undefined : "has a character in its host that none may have";
}

/** Go lets every other byte from 0x80 up pass, as it stands or escaped. */
function isName(text: string): boolean {
  return /^(?:[A-Za-z0-9!$&'()*+,;=:[\]<>"._~\x80-\xff-]|%25|%[89A-Fa-f][0-9A-Fa-f])*$/.test(text);
}

/** `[fe80::1%25eth0]:443`; RFC 6874 for the zone. */
function addressProblem(host: string): string | undefined {
  const end = host.lastIndexOf("]");
  if (end < 0) return "has no ] after its address";
  const [, address = "", zone] = /^(.*?)(?:%25(.*))?$/s.exec(host.slice(1, end)) ?? [];
  const isAddress = /^[0-9A-Fa-f:.]+$/.test(address) && URL.canParse(`http://[${address}]/`);
  if (!isAddress || (zone !== undefined && !isZone(zone))) return "has no IPv6 address between its brackets";
  return portProblem(host.slice(end + 1));
}

/** An escape may stand for what needs none, and for a space. */
function isZone(zone: string): boolean {
  if (!/^(?:[^%]|%[0-9A-Fa-f]{2})+$/s.test(zone)) return false;
  const plain = zone.replace(/%(?:25|20)/g, "");
  const unescaped = plain.replace(/%(..)/g, (_, digits: string) =>
    Number.parseInt(digits, 16) < 0x80 ? String.fromCharCode(Number.parseInt(digits, 16)) : " ",
  );
  return isName(unescaped) && !unescaped.includes("%");
}

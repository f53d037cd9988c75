/** What of a secret is secret: of a token not its host, nor its dates, which the report is there to tell. */

const prefix = "k8s-aws-v1.";
/** What is longer never was a token, and is sent to nobody. */
const longestRead = 65_536;

/** A token's payload, and signature and session token of the URL in it, or of a bare one; of anything else, all. */
export function confidentialParts(secret: string): string[] {
  const text = secret.slice(0, longestRead).trim();
  if (/^https?:/i.test(text)) return partsOfUrl(text);
  if (!text.startsWith(prefix)) return [text];
  const payload = text.slice(prefix.length);
  return [payload, ...partsOfUrl(Buffer.from(payload, "base64url").toString("latin1"))];
}

function partsOfUrl(url: string): string[] {
  return [...parameters(url), ...randomRuns(url)];
}

/** As they stand in the URL. */
function parameters(url: string): string[] {
  return url
    .split(/[?&#]/)
    .flatMap((parameter) =>
      /^[^=]*(?:signature|token)[^=]*=/i.test(parameter) ? [parameter.slice(parameter.indexOf("=") + 1)] : [],
    );
}

/** Where a URL is broken, a signature or a session token may stand anywhere. */
function randomRuns(text: string): string[] {
  return (text.match(/[A-Za-z0-9+/_]{20,}/g) ?? []).filter(isRandom);
}

/** Hexadecimal, or digits and both kinds of letters. */
function isRandom(text: string): boolean {
  if (/^[0-9a-f]{32,}$/i.test(text)) return true;
  return /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

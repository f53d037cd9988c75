/** The last line of defence: whatever a server, a plugin or a file repeats of a secret does not come out. */

/** Shorter than any of them, and than what could be found by chance. */
const shortest = 8;
const prefix = "k8s-aws-v1.";

/** A secret may come back as it is, or as a URL has it; a token also as the URL that it holds, or that URL's parameters. */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.flatMap(formsOf).filter(({ length }) => length >= shortest));
  const longestFirst = [...forms].sort((one, other) => other.length - one.length);
  return (text) => longestFirst.reduce((rest, form) => rest.replaceAll(form, "…"), text);
}

function formsOf(secret: string): string[] {
  const trimmed = secret.trim();
  const inner = trimmed.startsWith(prefix) ? [trimmed.slice(prefix.length), ...parameters(trimmed)] : [];
  return [trimmed, ...inner].flatMap((form) => [form, encodeURIComponent(form)]);
}

function parameters(token: string): string[] {
  const url = Buffer.from(token.slice(prefix.length), "base64url").toString("utf8");
  const [, query = ""] = url.split("?");
  return [...new URLSearchParams(query)].flatMap(([name, value]) =>
    /signature|token/i.test(name) ? [value] : [],
  );
}

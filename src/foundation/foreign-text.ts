/** A foreign text for output, without anything in the form of a token, a key or a password, or as a word of a command. */
import { holdsEncoded, isPath, notShown } from "./shown.ts";

const hidden = "…";
/** A longer text is not for people to read. */
const longestLine = 4096;
const longestWord = 200;

/**
 * The last non-empty lines of a text.
 * @param isCut whether the beginning of the text is missing. The rest of a cut line is not printed
 */
export function lastLines({ text, isCut }: { text: string; isCut: boolean }, most = 5): string[] {
  const firstBreak = text.search(/[\r\n]/);
  const whole = !isCut ? text : firstBreak === -1 ? "" : text.slice(firstBreak);
  return withoutPemBlocks(withoutColours(whole))
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-most)
    .map((line) => shortened(withoutSecretForms(line), 300));
}

/** The first line, with at most 200 characters, of a server's answer. */
export function firstLine(text: string): string {
  const [line = ""] = text.trim().split(/[\r\n]/, 1);
  return withoutSecretForms(line).slice(0, 200);
}

/** A word of a command that people paste into a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}

export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A line, with an ellipsis for each part in the form of a secret. */
function withoutSecretForms(line: string): string {
  return beginning(line)
    .split(arn)
    .map((part, index) => (index % 2 === 1 ? part : withoutForms(part)))
    .join("");
}

/**
 * A name from a server, such as a user or a group, without long runs of random letters, and without what begins an escape:
 * a list can contain the halves of one, which cannot be read.
 */
export function shownName(name: string): string {
  const isNarrow =
    name.length <= 1024 && !/[\w+/=]{129}|[%#;\p{C}]|\\[ux\d]/u.test(name) && !holdsEncoded(name);
  return isNarrow ? name : notShown(name);
}

function withoutColours(text: string): string {
  // eslint-disable-next-line no-control-regex -- a terminal's sequences begin with one
  return text.replace(/\u001b\[[0-9;?]{0,32}[A-Za-z]/g, "");
}

/** A private key in PEM has several lines. Without its last line, the rest of the text belongs to it. */
function withoutPemBlocks(text: string): string {
  const [before = "", ...blocks] = text.split("-----BEGIN ");
  return (
    before + blocks.map((block) => hidden + (block.split(/-----END [^-\r\n]{0,64}-----/)[1] ?? "")).join("")
  );
}

/** `KeyError: …` is not a secret. */
const secretName = String.raw`(?:secret|token|passw|pass(?=["']?\s{0,8}[=:])|pwd|signature|credential|(?:api|access|private|client)[-_]?key)[\w-]{0,64}["']?\s{0,8}`;
const scheme = String.raw`\b[a-z][a-z0-9+.-]{0,15}:\/\/`;

/** Every quantifier that can start at many places has a limit, so the work grows linearly with the line's length. */
const forms: readonly (readonly [RegExp, string])[] = [
  [/k8s-aws-v1\.[\w-]*/g, hidden],
  [/\beyJ[\w.-]{8,}/g, hidden],
  [/((?:authorization|cookie|x-api-key|x-amz-security-token)["']?\s{0,8}[:=]\s{0,8})\S.*/gi, `$1${hidden}`],
  // A user name and a password with any characters.
  [new RegExp(String.raw`(${scheme})\S{1,1024}@`, "gi"), `$1${hidden}@`],
  [/(\bhttps?:\/\/[^\s?#]{1,1024})[?#]\S+/gi, `$1?${hidden}`],
  [/\b(bearer|basic)\s{1,8}[\w.~+/=-]{8,}/gi, `$1 ${hidden}`],
  [
    new RegExp(String.raw`(${secretName}=\s{0,8})("[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s,;&]+)`, "gi"),
    `$1${hidden}`,
  ],
  [
    new RegExp(String.raw`(${secretName}:\s{0,8})("[^"]*(?:"|$)|'[^']*(?:'|$)|[^\s,;&]{12,})`, "gi"),
    `$1${hidden}`,
  ],
  [
    /(\bpass(?:word|phrase)?\s{1,8}(?:is\s{1,8})?)(?!\w{0,64}\*)("[^"]+"|'[^']+'|(?!(?:for|from|file|policy|prompt|required|expired|incorrect|invalid|wrong|must|not|does|cannot|could|authentication|provided|failed|with|when|were|will|entered|manager|store|store[sd]|protected|than|that|reset|change[ds]?|given)\b)[^\s,;]{4,})/gi,
    `$1${hidden}`,
  ],
  [/\b[0-9a-f]{40,}\b/gi, hidden],
  // A secret access key.
  [/(?<![\w.~/+-])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])[A-Za-z0-9/+]{40}(?![\w.~/+=-])/g, hidden],
];

/** IAM's names are long and have letters of both cases and digits, and messages are about them. */
const arn = /(\barn:aws[\w-]{0,20}:[a-z0-9-]{1,30}:[a-z0-9-]{0,30}:(?:\d{12})?:[\w+=,.@/:-]{1,200})/;

/** Complete words, because a part of a word cannot be judged. */
function beginning(line: string): string {
  if (line.length <= longestLine) return line;
  return line.slice(0, Math.max(0, line.lastIndexOf(" ", longestLine)));
}

function withoutForms(text: string): string {
  const formed = forms.reduce((rest, [form, replacement]) => rest.replace(form, replacement), text);
  return formed
    .replace(/[A-Za-z0-9+/=_-]{32,}/g, (run) => (isEncodedRun(run) ? hidden : run))
    .replace(/\S+/g, (word) => (word.length > longestWord ? hidden : word));
}

/** Small and capital letters, and digits unless it is very long; not a path, whose names are short. */
function isEncodedRun(run: string): boolean {
  return !isPath(run) && /[a-z]/.test(run) && /[A-Z]/.test(run) && (run.length >= 64 || /[0-9]/.test(run));
}

function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

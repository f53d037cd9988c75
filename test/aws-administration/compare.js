/** Runs the commands on the sandbox, whose variables are in the environment, and on moto, whose address is the argument. */
import { execFile } from "node:child_process";
import { before, commands, intended } from "./commands.js";

const [moto] = process.argv.slice(2);
const sandbox = { ...process.env, AWS_DEFAULT_REGION: "us-west-2", AWS_PAGER: "", AWS_MAX_ATTEMPTS: "1" };
const others = {
  ...Object.fromEntries(
    Object.entries(sandbox).filter(([name]) => !/^AWS_(ENDPOINT_URL|CA_BUNDLE)/.test(name)),
  ),
  ...{ AWS_ENDPOINT_URL: moto, AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" },
};
const seen = new Set();
let failures = 0;

for (const words of before) await aws(words, others, {});
const kept = { sandbox: {}, moto: {} };
for (const { words, state, take = {} } of commands) {
  const [ours, theirs] = await Promise.all([
    aws(words, sandbox, kept.sandbox),
    aws(words, others, kept.moto),
  ]);
  for (const [name, member] of Object.entries(take)) {
    kept.sandbox[name] = ours.json?.[member];
    kept.moto[name] = theirs.json?.[member];
  }
  const shown = words.map((word) => (word.startsWith("{") && word.length > 10 ? "…" : word));
  const title = [...shown, ...(state === undefined ? [] : [`(${state})`])].join(" ");
  const found = differences(ours, theirs);
  if (found.length === 0) continue;
  const { what, why } = intended[title] ?? {};
  seen.add(title);
  const isNamed = what === found.join("; ");
  if (!isNamed) failures += 1;
  console.log(
    `${isNamed ? "intended" : "DIFFERENT"}: aws ${title}\n  ${found.join("\n  ")}${isNamed ? `\n  ${why}` : ""}`,
  );
}
for (const title of Object.keys(intended).filter((each) => !seen.has(each))) {
  failures += 1;
  console.log(`NOT THERE: the difference of aws ${title}`);
}
console.log(`${commands.length} commands, ${seen.size} with a difference, ${failures} of them not as named`);
process.exitCode = failures === 0 ? 0 : 1;

function aws(words, env, values) {
  const args = words.map((word) => word.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all));
  return new Promise((resolve) => {
    execFile("aws", ["--output", "json", ...args], { env }, (error, stdout, stderr) => {
      const [, code = ""] = /An error occurred \((\w+)\)/.exec(stderr) ?? [];
      resolve({
        isError: error !== null,
        code: code || (error ? stderr.trim().slice(0, 200) : ""),
        json: parsed(stdout),
      });
    });
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function differences(ours, theirs) {
  if (ours.code !== theirs.code)
    return [`the sandbox: ${ours.code || "success"}, moto: ${theirs.code || "success"}`];
  const [own, other] = [members(ours.json), members(theirs.json)];
  const only = (some, more) =>
    [...some]
      .filter((each) => !more.has(each))
      .sort()
      .join(", ");
  const [here, there] = [only(own, other), only(other, own)];
  return [...(here ? [`only the sandbox has ${here}`] : []), ...(there ? [`only moto has ${there}`] : [])];
}

/** The paths of all members. */
function members(value, path = "") {
  if (Array.isArray(value)) return new Set(value.flatMap((each) => [...members(each, `${path}[]`)]));
  if (typeof value !== "object" || value === null) return new Set(path === "" ? [] : [path]);
  return new Set(
    Object.entries(value).flatMap(([name, each]) => [
      ...members(each, path === "" ? name : `${path}.${name}`),
    ]),
  );
}

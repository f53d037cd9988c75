// Software that a compiler links into the programs, and that no lock file names: its licences ask for their texts beside a binary.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {string} license
 * @property {string} [source] where its sources are
 * @property {readonly string[]} [copyright]
 * @property {readonly string[]} texts files below licences/texts, or LICENSE for the project's own file
 */

const folder = join(import.meta.dirname, "licences");

/** Bun's list of its parts is of one version: https://github.com/oven-sh/bun/blob/main/LICENSE.md */
export const { bunVersion, ...linked } = JSON.parse(readFileSync(join(folder, "linked.json"), "utf8"));

/** @param {import("../platforms.js").Platform} platform @returns {readonly Part[]} */
export function linkedParts({ os }) {
  return [...linked.bun, ...linked.rust, ...(os === "linux" ? linked.linuxFront : [])];
}

/** The parts, and each text once. @param {readonly Part[]} parts */
export function linkedNotice(parts) {
  const texts = [...new Set(parts.flatMap((part) => part.texts))].filter((file) => file !== "LICENSE");
  const line = "-".repeat(40);
  return [
    "Linked libraries: each with its licence, and the texts of the licences. Apache-2.0 is in the file LICENSE.",
    parts.map(partLines).join("\n"),
    ...texts.map((file) => `${line}\nText of ${file.replace(".txt", "")}\n${line}\n\n${licenceText(file)}`),
  ].join("\n\n");
}

function partLines({ name, license, source, copyright = [], texts }) {
  const names = texts.map((file) => (file === "LICENSE" ? "Apache-2.0" : file.replace(".txt", "")));
  const isNamed = names.every((text) => license.includes(text));
  const heading = `${name}: ${license}${isNamed ? "" : `, text of ${names.join(" and ")}`}`;
  return [heading, ...(source ? [source] : []), ...copyright].join("\n    ");
}

/** @param {string} file below licences/texts */
export function licenceText(file) {
  return readFileSync(join(folder, "texts", file), "utf8").trimEnd();
}

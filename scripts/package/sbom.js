// A CycloneDX bill of materials for each package: https://cyclonedx.org/docs/1.6/json/
import { createHash } from "node:crypto";

/**
 * @typedef {object} Component
 * @property {"npm" | "cargo" | "generic"} registry
 * @property {string} name
 * @property {string} version
 * @property {string | undefined} license an SPDX expression
 * @property {{ alg: string, content: string } | undefined} hash of the package in its registry
 * @property {readonly string[]} [texts] of its licence; those of the bundled packages are in dist/THIRD-PARTY-NOTICES.txt
 */

/**
 * The same input gives the same bytes: the serial number is a hash of the content.
 * @param {{ name: string, sha256: string }} file the package
 * @param {readonly Component[]} components
 */
export function sbom(release, file, components) {
  const parts = unique(components.map(component)).sort((a, b) => (a["bom-ref"] < b["bom-ref"] ? -1 : 1));
  const main = {
    type: "application",
    "bom-ref": `pkg:generic/eks-x509@${release.version}?file_name=${file.name}`,
    name: "eks-x509",
    version: release.version,
    description: release.description,
    hashes: [{ alg: "SHA-256", content: file.sha256 }],
    licenses: [{ license: { id: release.license } }],
    purl: `pkg:generic/eks-x509@${release.version}?file_name=${file.name}`,
    externalReferences: [{ type: "vcs", url: release.repository }],
  };
  const content = {
    metadata: { timestamp: new Date(release.epoch * 1000).toISOString(), component: main },
    components: parts,
    dependencies: [{ ref: main["bom-ref"], dependsOn: parts.map((part) => part["bom-ref"]) }],
  };
  const head = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
  };
  return `${JSON.stringify({ ...head, ...content }, undefined, 2)}\n`;
}

function component({ registry, name, version, license, hash }) {
  const purl = `pkg:${registry}/${name.replace("@", "%40")}@${version.replaceAll("+", "%2B")}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    ...(hash && { hashes: [hash] }),
    // A combination, or the older form MIT/Apache-2.0 of crates, is an expression.
    ...(license && { licenses: [{ expression: license.replaceAll("/", " OR ") }] }),
    purl,
  };
}

function unique(parts) {
  return [...new Map(parts.map((part) => [part["bom-ref"], part])).values()];
}

/** RFC 9562, version 8: the bits are the caller's. */
function uuidOf(text) {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = 0x80 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Checks bills of materials against CycloneDX's schema.
//   node scripts/package/check-bills.js FOLDER FILE…      FOLDER/node_modules has @cyclonedx/cyclonedx-library
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [folder, ...files] = process.argv.slice(2);
const { Spec, Validation } = createRequire(resolve(folder, "any.js"))("@cyclonedx/cyclonedx-library");
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

for (const file of files) {
  const fault = await validator.validate(readFileSync(file, "utf8"));
  if (fault === null) continue;
  console.error(`${file}: ${JSON.stringify(fault)}`);
  process.exitCode = 1;
}
console.log(`${files.length} bills of materials checked`);

// Makes the packages of a release. Two runs on one commit give the same bytes.
//   npm run package -- [FOLDER] [--platform NAME …] [--executables FOLDER]
//     FOLDER         where the packages go; the default is out/
//     --platform     only this platform, can be repeated; the default is all
//     --executables  FOLDER/PLATFORM/ is what scripts/build-executable made for that platform; by default, it runs here
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { makePackages } from "./package/packages.js";
import { platformNamed, platforms } from "./platforms.js";

try {
  await makePackages(wanted());
} catch (error) {
  // The message of a program that failed has what the program printed.
  console.error(`package: ${error.message.trim()}`);
  process.exitCode = 1;
}

function wanted() {
  const { values, positionals } = parseArgs({
    options: { platform: { type: "string", multiple: true }, executables: { type: "string" } },
    allowPositionals: true,
  });
  return {
    out: resolve(positionals[0] ?? "out"),
    platforms: values.platform?.map(platformNamed) ?? platforms,
    executables: values.executables && resolve(values.executables),
  };
}

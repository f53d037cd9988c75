// GetCallerIdentity with the JavaScript SDK v3: prints its version and the ARN.
import { readFileSync } from "node:fs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const manifest = new URL("../../../node_modules/@aws-sdk/client-sts/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, "utf8"));
const { Arn: arn } = await new STSClient().send(new GetCallerIdentityCommand());
console.log(JSON.stringify({ client: `@aws-sdk/client-sts ${version}`, arn }));

/** A session of the sandbox's, got by the program's own code. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import {
  parseRoleArn,
  parseRolesAnywhereArn,
  type RoleArn,
  type RolesAnywhereArn,
} from "../../../src/aws/arn.ts";
import type { Http } from "../../../src/http/client.ts";
import { identityOf } from "../../identity/given.ts";
import { createSession } from "../../../src/rolesanywhere/create-session.ts";
import type { Session } from "../../../src/rolesanywhere/session.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { named } from "../../certificates.ts";

export async function signIn(sandbox: Sandbox, http: Http): Promise<Session> {
  const read = (path: string) => named(readFileSync(path, "utf8"));
  const files = { certificate: read(sandbox.certificateFile), privateKey: read(sandbox.privateKeyFile) };
  const parameters = {
    trustAnchor: rolesAnywhereArn(sandbox.trustAnchorArn, "trust-anchor"),
    profile: rolesAnywhereArn(sandbox.profileArn, "profile"),
    role: roleArn(sandbox.roleArns[0]),
    durationSeconds: 3600,
    roleSessionName: undefined,
  };
  const clock = () => new Date();
  const endpoint = new URL(sandbox.awsEndpoint);
  return createSession(parameters, () => Promise.resolve(identityOf(files, clock())), endpoint, {
    http,
    clock,
  });
}

function rolesAnywhereArn(text: string, kind: RolesAnywhereArn["kind"]): RolesAnywhereArn {
  const arn = parseRolesAnywhereArn(text, kind);
  return "why" in arn ? expect.fail(arn.why) : arn;
}

function roleArn(text: string): RoleArn {
  const arn = parseRoleArn(text);
  return "why" in arn ? expect.fail(arn.why) : arn;
}

/** The records of one certificate's way in, as CloudTrail has them. */
import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createCreateSession } from "../../../src/sandbox/aws/rolesanywhere/create-session.ts";
import { createSts } from "../../../src/sandbox/aws/sts/sts.ts";
import { createSessions } from "../../../src/sandbox/aws/sessions.ts";
import type { TrailRecord } from "../../../src/sandbox/aws/trail.ts";
import type { WireResponse } from "../../../src/sandbox/wire.ts";
import { leaf, root, type Issued } from "../../certificates.ts";
import { fromJson } from "../../json.ts";
import { matching } from "../../matching.ts";
import { furnishedTrustAnchor } from "../../../src/sandbox/aws/account.ts";
import { account as plainAccount } from "./rolesanywhere-vectors.ts";
import { presigned } from "./signature/smithy-signer.ts";
import { arns, signedCreateSession } from "./signature/x509-signer.ts";

const now = new Date("2026-11-22T16:00:00Z");
const day = 24 * 60 * 60 * 1000;
const validity = { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + day) };

interface Answer {
  credentialSet: [
    {
      assumedRoleUser: { arn: string; assumedRoleId: string };
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
    },
  ];
  subjectArn: string;
}

describe("the account's trail", () => {
  const records: TrailRecord[] = [];
  let certificate: X509Certificate;
  let answer: Answer;
  let refused: WireResponse;

  beforeAll(async () => {
    const own = root("root", validity);
    const anchor = furnishedTrustAnchor(arns["trustAnchorArn"] ?? "", own.pem);
    const account = { ...plainAccount, trustAnchors: [anchor] };
    const common = {
      sessions: createSessions(),
      now: () => now,
      onEvent: () => undefined,
      onRecord: (record: TrailRecord) => records.push(record),
    };
    const createSession = createCreateSession({ ...common, account });
    const signIn = ({ pem, keyPem }: Issued) =>
      createSession(signedCreateSession({ certificate: pem, privateKey: keyPem, chain: [], at: now }));
    const alice = leaf(own, validity);
    certificate = new X509Certificate(alice.pem);
    refused = await signIn(leaf(root("stranger", validity), validity));
    answer = fromJson((await signIn(alice)).body);
    const [{ assumedRoleUser, credentials }] = answer.credentialSet;
    const session = { ...assumedRoleUser, ...credentials, accountId: "", userId: "", sourceIdentity: "" };
    const query = { Action: "GetCallerIdentity", Version: "2011-06-15" };
    const request = {
      service: "sts",
      host: "sts.us-west-2.amazonaws.com",
      headers: {},
      query,
      at: now,
    } as const;
    await createSts(common)(await presigned(request, { ...session, expiration: now }));
  });

  it("has what was answered, and not what was refused", () => {
    expect(refused.status).toBe(403);
    expect(records.map(({ eventSource, eventName }) => [eventSource, eventName])).toEqual([
      ["rolesanywhere.amazonaws.com", "CreateSession"],
      ["sts.amazonaws.com", "GetCallerIdentity"],
    ]);
  });

  it("CreateSession: the certificate, what was asked for, and the session without its secrets", () => {
    const [{ assumedRoleUser, credentials }] = answer.credentialSet;
    expect(records[0]).toMatchObject({
      eventTime: "2026-11-22T16:00:00Z",
      requestParameters: { ...arns, cert: certificate.raw.toString("base64") },
      responseElements: {
        credentialSet: [
          {
            assumedRoleUser,
            sourceIdentity: "CN=alice",
            credentials: { accessKeyId: credentials.accessKeyId, expiration: matching(/^2026-11-22T1.*Z$/) },
          },
        ],
        subjectArn: answer.subjectArn,
      },
    });
  });

  it("GetCallerIdentity: whose it was, by access key, session and source identity", () => {
    const [{ assumedRoleUser, credentials }] = answer.credentialSet;
    expect(records[1]?.userIdentity).toMatchObject({
      type: "AssumedRole",
      arn: assumedRoleUser.arn,
      principalId: assumedRoleUser.assumedRoleId,
      accessKeyId: credentials.accessKeyId,
      sessionContext: {
        sessionIssuer: { type: "Role", arn: arns["roleArn"] },
        attributes: { creationDate: "2026-11-22T16:00:00Z" },
        sourceIdentity: "CN=alice",
      },
    });
  });

  it("holds neither secret key nor session token", () => {
    const [{ credentials }] = answer.credentialSet;
    const text = JSON.stringify(records);
    for (const secret of [credentials.secretAccessKey, credentials.sessionToken])
      expect(text).not.toContain(secret);
  });
});

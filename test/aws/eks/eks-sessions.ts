/** A session for tests, and an EKS with given answers. */
import { expect } from "vitest";
import { parseRegion, type Region } from "../../../src/aws/partition.ts";
import { eksApi, type EksApi } from "../../../src/aws/eks/api.ts";
import type { Answer, OutgoingRequest } from "../../../src/http/exchange.ts";
import type { Session } from "../../../src/rolesanywhere/session.ts";
import { from, hour, now, root } from "../../certificates.ts";

export const session: Session = {
  credentials: {
    accessKeyId: "ASIAQNZGKIQY56JQ7WML",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    sessionToken: "IQoJb3JpZ2luX2VjEXAMPLEsessionTOKEN",
  },
  expiration: from(hour),
  assumedRoleArn: "arn:aws:sts::111122223333:assumed-role/eks-read-only/1234",
  sourceIdentity: "CN=alice",
};

export function region(name = "us-west-2"): Region {
  return parseRegion(name) ?? expect.fail(name);
}

export interface FakeEks {
  eks: EksApi;
  requests: OutgoingRequest[];
}

type Given = Partial<Answer> | object | (() => object);

/** @param answers in turn; the last again and again */
export function fakeEks(...answers: Given[]): FakeEks {
  return fakeEksAt(() => now, ...answers);
}

export function fakeEksAt(clock: () => Date, ...answers: Given[]): FakeEks {
  const requests: OutgoingRequest[] = [];
  const eks = eksApi(
    { session, region: region(), endpoint: new URL("https://eks.us-west-2.amazonaws.com") },
    {
      clock,
      http: async ({ request }) => {
        requests.push(await request());
        const answer: Given = answers.at(Math.min(requests.length, answers.length) - 1) ?? {};
        return answerOf(answer);
      },
    },
  );
  return { eks, requests };
}

function answerOf(given: Given): Answer {
  if (isMadeLate(given)) return answerOf(given());
  if ("status" in given && typeof given.status === "number")
    return { status: given.status, headers: {}, body: "", ...given };
  return { status: 200, headers: {}, body: JSON.stringify(given) };
}

export function refusal(status: number, type: string, message: string, headers = {}): Partial<Answer> {
  return { status, headers: { "x-amzn-errortype": type, ...headers }, body: JSON.stringify({ message }) };
}

export const certificateAuthority = Buffer.from(root("kubernetes").pem).toString("base64");

export function described(changes: object = {}): object {
  return {
    cluster: {
      name: "demo",
      arn: "arn:aws:eks:us-west-2:111122223333:cluster/demo",
      status: "ACTIVE",
      endpoint: "https://EXAMPLE.gr7.us-west-2.eks.amazonaws.com",
      certificateAuthority: { data: certificateAuthority },
      accessConfig: { authenticationMode: "API_AND_CONFIG_MAP" },
      ...changes,
    },
  };
}

function isMadeLate(given: Given): given is () => object {
  return typeof given === "function";
}

import ecP256 from "../../vectors/rolesanywhere/ec-p256.json" with { type: "json" };
import ecP384Chain from "../../vectors/rolesanywhere/ec-p384-chain.json" with { type: "json" };
import rsa from "../../vectors/rolesanywhere/rsa.json" with { type: "json" };
import {
  type Account,
  emptyAccount,
  furnishedProfile,
  furnishedRole,
  furnishedTrustAnchor,
} from "../../../src/sandbox/aws/account.ts";
import type { WireRequest } from "../../../src/sandbox/wire.ts";
import { wireRequest } from "../wire-request.ts";

/** Requests of aws_signing_helper, captured on the wire. */
export const captured = [rsa, ecP256, ecP384Chain];
export type Captured = (typeof captured)[number];

export function requestOf({ request, authorization }: Captured): WireRequest {
  const headers = { ...request.headers, authorization };
  return wireRequest({ ...request, headers });
}

/** The time on the client's clock when it signed. */
export function timeOf({ request }: Captured): Date {
  const [, ...parts] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(request.headers["x-amz-date"]) ?? [];
  const [year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

export const account: Account = {
  ...emptyAccount("111122223333", "aws"),
  profiles: [
    furnishedProfile(
      "arn:aws:rolesanywhere:us-west-2:111122223333:profile/22222222-2222-2222-2222-222222222222",
      { acceptRoleSessionName: true, roleArns: ["arn:aws:iam::111122223333:role/eks-read-only"] },
    ),
  ],
  roles: [
    furnishedRole("arn:aws:iam::111122223333:role/eks-read-only", {
      uniqueId: "AROAEXAMPLEROLEID0001",
      maxSessionDuration: 3600,
    }),
  ],
};

/** The account with the trust anchor that the vector's certificates lead to. */
export function accountOf({ trustAnchor }: Captured): Account {
  const arn =
    "arn:aws:rolesanywhere:us-west-2:111122223333:trust-anchor/11111111-1111-1111-1111-111111111111";
  return { ...account, trustAnchors: [furnishedTrustAnchor(arn, trustAnchor)] };
}

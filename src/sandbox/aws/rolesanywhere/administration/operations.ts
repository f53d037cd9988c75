/** The administrator's side of IAM Roles Anywhere: all its operations but CreateSession. */
import { activeCertificate } from "../../acm-pca/authorities.ts";
import type { Account } from "../../account.ts";
import type { Operation } from "../../api/api-service.ts";
import { crlOperations } from "./crls.ts";
import { profileOperations } from "./profiles.ts";
import { subjectOperations } from "./subjects.ts";
import { tagOperations } from "./tags.ts";
import { trustAnchorOperations } from "./trust-anchors.ts";

export function rolesAnywhereOperations(account: Account): Readonly<Record<string, Operation>> {
  const { partition, trustAnchors, profiles, crls, subjects, authorities } = account;
  return {
    ...trustAnchorOperations({
      all: trustAnchors,
      partition,
      acmPcaCertificate: (arn) => activeCertificate(authorities, arn),
    }),
    ...profileOperations(profiles, partition),
    ...crlOperations(crls, partition, (arn) => trustAnchors.some((anchor) => anchor.arn === arn)),
    ...subjectOperations(subjects),
    ...tagOperations(() => [...trustAnchors, ...profiles, ...crls]),
  };
}

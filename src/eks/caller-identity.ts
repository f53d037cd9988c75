/** Who STS says a token is from: the answer to GetCallerIdentity, parsed. STS API reference, GetCallerIdentity. */

export interface CallerIdentity {
  /** 12 digits. */
  account: string;
  /** `arn:aws:sts::…:assumed-role/eks-read-only/4e8708af`. */
  arn: string;
  /** As STS tells it: `AROA…:session name`, `AIDA…`, or the account. */
  userId: string;
  /** The IAM ARN that aws-auth matches: `arn:aws:iam::…:role/eks-read-only`. */
  canonicalArn: string;
  /** `AROA…`; of others than roles, the whole user id. */
  principalId: string;
  /** Empty for others than roles. */
  sessionName: string;
  /** Of the credentials that signed the token. */
  accessKeyId: string;
}

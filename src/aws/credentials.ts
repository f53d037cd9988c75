/** Temporary credentials of AWS, and the role that they belong to. */

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** What a signed request needs of a session. */
export interface RoleSession {
  credentials: AwsCredentials;
  /** `arn:aws:sts::…:assumed-role/NAME/SESSION`. */
  assumedRoleArn: string;
}

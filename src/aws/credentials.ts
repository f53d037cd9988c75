/** Temporary credentials of AWS, and the role that they belong to. */

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** The part of a session that a signed request needs. */
export interface RoleSession {
  credentials: AwsCredentials;
  /** `arn:aws:sts::…:assumed-role/NAME/SESSION`. */
  assumedRoleArn: string;
}

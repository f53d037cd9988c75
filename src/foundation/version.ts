/** The version in package.json, which a test compares. It is sent as the User-Agent. */
export const version = "0.1.0";

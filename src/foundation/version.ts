/** As in package.json, which a test compares. Sent as the User-Agent. */
export const version = "0.1.0";

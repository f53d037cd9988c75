/** The keychains that --cache can name. */
export const keychainModes = ["auto", "keychain", "keyutils", "keytar", "none"] as const;

/** keychain: the persistent one (macOS Keychain, Windows Credential Manager, Secret Service). */
export type KeychainMode = (typeof keychainModes)[number];

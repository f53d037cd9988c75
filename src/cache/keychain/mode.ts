/** Which keychain: what --cache takes. */
export const keychainModes = ["auto", "keychain", "keyutils", "keytar", "none"] as const;

/** keychain: the one that lasts beyond a reboot (macOS Keychain, Windows Credential Manager, Secret Service). */
export type KeychainMode = (typeof keychainModes)[number];

/** Passkeys of this browser: made and asked for as the server says, in the JSON of the standard (WebAuthn level 3). */

/** Whether this browser has them, and reads what the server says of them. */
export function arePossible(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "parseCreationOptionsFromJSON" in PublicKeyCredential;
}

/** A new passkey for the server to keep, or null when the person gave up, or has one on this device already. */
export async function make(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    (options as { publicKey: PublicKeyCredentialCreationOptionsJSON }).publicKey,
  );
  return said(() => navigator.credentials.create({ publicKey }));
}

/** What a passkey answers to the server's question, or null when the person gave up. */
export async function prove(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    (options as { publicKey: PublicKeyCredentialRequestOptionsJSON }).publicKey,
  );
  return said(() => navigator.credentials.get({ publicKey }));
}

async function said(ask: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = await ask();
    return credential instanceof PublicKeyCredential ? (credential.toJSON() as unknown) : null;
  } catch {
    return null; // cancelled, too late, or refused by the device
  }
}

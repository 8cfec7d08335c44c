/**
 * The key of what this device keeps, and how it is wrapped: under the code with a secret of the server's, and, where the
 * person wants it, under what the device's own authenticator derives (WebAuthn PRF). Neither the code nor the key is
 * kept anywhere.
 */

/** A key that only what it was wrapped under opens again. Base64url. */
export interface Wrapped {
  iv: string;
  sealed: string;
}

/** What the code stands for: `proof` goes to the server, `half` stays here. */
export interface Derived {
  proof: string;
  half: Uint8Array<ArrayBuffer>;
}

/** OWASP's figure for PBKDF2 with SHA-256. Trying codes takes the server anyway: this is for whoever has its secret. */
const ROUNDS = 600_000;
const ALGORITHM = "AES-GCM";

export function random(bytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

export function toText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), each => each.charCodeAt(0));
}

export async function derive(code: string, salt: string): Promise<Derived> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(code), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(salt), iterations: ROUNDS };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(how, typed, 512));
  return { proof: toText(bits.slice(0, 32)), half: bits.slice(32) };
}

/** The key under which another is wrapped, from everything that it takes. */
async function wrapping(...parts: Uint8Array[]): Promise<CryptoKey> {
  const all = Uint8Array.from(parts.flatMap(part => [...part]));
  const material = await crypto.subtle.importKey("raw", all, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode("relais.lock") };
  return crypto.subtle.deriveKey(how, material, { name: ALGORITHM, length: 256 }, false, ["encrypt", "decrypt"]);
}

export async function wrap(raw: Uint8Array<ArrayBuffer>, ...under: Uint8Array[]): Promise<Wrapped> {
  const iv = random(12);
  const sealed = await crypto.subtle.encrypt({ name: ALGORITHM, iv }, await wrapping(...under), raw);
  return { iv: toText(iv), sealed: toText(new Uint8Array(sealed)) };
}

/** The key, which no script can read any more; null when it was wrapped under something else. */
export async function unwrap({ iv, sealed }: Wrapped, ...under: Uint8Array[]): Promise<CryptoKey | null> {
  try {
    const how = { name: ALGORITHM, iv: toBytes(iv) };
    return await usable(new Uint8Array(await crypto.subtle.decrypt(how, await wrapping(...under), toBytes(sealed))));
  } catch {
    return null;
  }
}

export function usable(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, ALGORITHM, false, ["encrypt", "decrypt"]);
}

/** A device's own authenticator, which opens the lock without the network. */
export interface Face {
  id: string;
  salt: string;
  wrapped: Wrapped;
}

/** Whether this device has one, as far as the browser says. */
export async function hasFace(): Promise<boolean> {
  try {
    return await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  } catch {
    return false;
  }
}

interface Prf {
  prf?: { enabled?: boolean; results?: { first?: BufferSource } };
}

/** Asks the device to make a credential for the lock; null when it does not, or derives nothing. */
export async function makeFace(name: string, raw: Uint8Array<ArrayBuffer>): Promise<Face | null> {
  const salt = random(32);
  try {
    const made = (await navigator.credentials.create({
      publicKey: {
        rp: { name: "Relais", id: location.hostname },
        user: { id: random(16), name, displayName: name },
        challenge: random(32),
        pubKeyCredParams: [
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -257 },
        ],
        authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required" },
        extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs,
      },
    })) as PublicKeyCredential | null;
    if (!made) return null;
    const id = toText(new Uint8Array(made.rawId));
    const results = made.getClientExtensionResults() as Prf;
    const derived = results.prf?.results?.first
      ? bytesOf(results.prf.results.first)
      : results.prf?.enabled && (await askFace(id, toText(salt)));
    return derived ? { id, salt: toText(salt), wrapped: await wrap(raw, derived) } : null;
  } catch {
    return null; // given up, or refused by the device
  }
}

export async function openByFace(face: Face): Promise<CryptoKey | null> {
  const derived = await askFace(face.id, face.salt);
  return derived && unwrap(face.wrapped, derived);
}

async function askFace(id: string, salt: string): Promise<Uint8Array | null> {
  try {
    const shown = (await navigator.credentials.get({
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: "public-key", id: toBytes(id) }],
        userVerification: "required",
        extensions: { prf: { eval: { first: toBytes(salt) } } } as AuthenticationExtensionsClientInputs,
      },
    })) as PublicKeyCredential | null;
    const first = (shown?.getClientExtensionResults() as Prf | undefined)?.prf?.results?.first;
    return first ? bytesOf(first) : null;
  } catch {
    return null;
  }
}

function bytesOf(source: BufferSource): Uint8Array {
  return source instanceof ArrayBuffer ? new Uint8Array(source) : new Uint8Array(source.buffer);
}

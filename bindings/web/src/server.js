// The server's addresses, and what it says in plain HTTP.

export const OPEN_LIMIT_MS = 5000;

/** Random, as an id must be. `crypto.randomUUID` exists only where the page is secure, and a LAN address is not. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `path` below `base`, with the token. */
export function address(base, path, token) {
  const url = new URL(path, base);
  url.hash = "";
  if (token) url.searchParams.set("token", token);
  return url;
}

/** The same for a WebSocket. */
export function socketAddress(base, path, token) {
  const url = address(base, path, token);
  url.protocol = url.protocol.replace("http", "ws");
  return url;
}

/** Why the server cannot be reached: a WebSocket keeps the reason to itself, plain HTTP tells. */
export async function diagnose(base, token) {
  try {
    const response = await fetch(address(base, "config", token), { cache: "no-store", signal: AbortSignal.timeout(OPEN_LIMIT_MS) });
    if (response.status === 401 || response.status === 403) return { reason: "token", words: await response.text() };
    return { reason: response.ok ? "closed" : "gone" };
  } catch {
    return { reason: "gone" };
  }
}

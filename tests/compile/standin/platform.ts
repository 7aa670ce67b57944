/**
 * What the program needs of its platform and Deno 2.4 does not have yet, in the simplest form that is correct.
 * Only the compile check uses it (see ../standin.ts); it is slow, and says so by living among the tests.
 *
 * A Web Lock is a lock on a file in /tmp, as the folder of the binary may be read-only: it excludes between
 * threads, since each request opens the file anew and the operating system's lock belongs to the open file, and
 * it ends with the process.
 */

import { Buffer } from "node:buffer";

type Held<T> = (lock: { name: string }) => T | Promise<T>;

async function request<T>(name: string, ...rest: [Held<T>] | [unknown, Held<T>]): Promise<T> {
  const held = rest.at(-1) as Held<T>;
  const path = `/tmp/chatterbox.lock-${Deno.pid}-${encodeURIComponent(name)}`;
  using file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return await held({ name });
}

const old = !("locks" in navigator);
if (old) Object.defineProperty(navigator, "locks", { value: { request } });

// Waits where the real one refuses: enough for one server on one data folder.
async function tryLock(this: Deno.FsFile, exclusive?: boolean): Promise<boolean> {
  await this.lock(exclusive);
  return true;
}

function tryLockSync(this: Deno.FsFile, exclusive?: boolean): boolean {
  this.lockSync(exclusive);
  return true;
}

// This Deno asks for no permission of these kinds, and takes them for a mistake.
const UNKNOWN_KINDS: readonly unknown[] = ["ca", "umask"];
const { revokeSync } = Deno.permissions;
Object.defineProperty(Deno.permissions, "revokeSync", {
  value: (permission: Deno.PermissionDescriptor & { kind?: string }) =>
    UNKNOWN_KINDS.includes(permission.kind) ? undefined : revokeSync.call(Deno.permissions, permission),
});

if (!("tryLock" in Deno.FsFile.prototype)) {
  Object.defineProperty(Deno.FsFile.prototype, "tryLock", { value: tryLock });
  Object.defineProperty(Deno.FsFile.prototype, "tryLockSync", { value: tryLockSync });
}

interface Base64Options {
  alphabet?: "base64" | "base64url";
  omitPadding?: boolean;
}

function toBase64(
  this: Uint8Array,
  { alphabet = "base64", omitPadding = false }: Base64Options = {},
): string {
  const text = Buffer.from(this).toString(alphabet);
  if (omitPadding) return text.replace(/=+$/, "");
  return alphabet === "base64" ? text : text + "=".repeat(-text.length & 3);
}

// Strict, as the program asks for it where the text is foreign.
function fromBase64(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, "base64"));
  if (toBase64.call(bytes) !== text) throw new SyntaxError("not base64");
  return bytes;
}

if (!("toBase64" in Uint8Array.prototype)) {
  Object.defineProperty(Uint8Array.prototype, "toBase64", { value: toBase64 });
  Object.assign(Uint8Array, { fromBase64 });
}

if (!("toHex" in Uint8Array.prototype)) {
  Object.defineProperty(Uint8Array.prototype, "toHex", {
    value(this: Uint8Array): string {
      return Buffer.from(this).toString("hex");
    },
  });
  Object.assign(Uint8Array, { fromHex: (text: string) => new Uint8Array(Buffer.from(text, "hex")) });
}

// A port that is never given up: the program ends by Deno.exit whatever is open.
if (!("unref" in MessagePort.prototype)) Object.assign(MessagePort.prototype, { ref() {}, unref() {} });

// A thread that waits does not hear of a change that another makes until it has something else to do: it looks.
function waitAsync(words: Int32Array, index: number, value: number): unknown {
  if (Atomics.load(words, index) !== value) return { async: false, value: "not-equal" };
  const { promise, resolve } = Promise.withResolvers<"ok">();
  const timer = setInterval(() => {
    if (Atomics.load(words, index) === value) return;
    clearInterval(timer);
    resolve("ok");
  }, 2);
  return { async: true, value: promise };
}

if (old) Object.assign(Atomics, { waitAsync });

/**
 * The key of cloaked hosts, `cloak.key` in the data folder: 32 random bytes in base64 and a line end, for the owner of the file
 * alone. It is made at the first start. Removing it while the server is stopped gives every address another cloak; channel bans
 * on cloaks then match nothing any more.
 */
import { replaceFile } from "./atomic_file.ts";
import { diskErrorText } from "./disk_file.ts";

export const CLOAK_KEY_FILE = "cloak.key";
const KEY_BYTES = 32;
/** Permission bits that let others than the owner do something with the file. */
const OTHERS_MODE_BITS = 0o077;

export type CloakKeyOutcome =
  | { readonly kind: "ok"; readonly key: Uint8Array }
  /** `fault`: whether the folder or the file is in the way. */
  | {
    readonly kind: "failed";
    readonly fault: "folder" | "file";
    readonly path: string;
    readonly why: string;
  };

/** The key in `folder`, which the caller has locked; made by `random` where there is none. */
export async function openCloakKey(
  folder: string,
  random: (bytes: number) => Uint8Array,
): Promise<CloakKeyOutcome> {
  const path = `${folder}/${CLOAK_KEY_FILE}`;
  try {
    const { mode } = await Deno.stat(path);
    if (mode !== null && (mode & OTHERS_MODE_BITS) !== 0 && Deno.build.os !== "windows") {
      const why = "others than its owner can read it; chmod 600 it, or remove it, which changes all cloaks";
      return { kind: "failed", fault: "file", path, why };
    }
    const key = decodeCloakKey(await Deno.readTextFile(path));
    if (key !== undefined) return { kind: "ok", key };
    return {
      kind: "failed",
      fault: "file",
      path,
      why: `not ${KEY_BYTES} bytes in base64; remove it, which changes all cloaks`,
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return { kind: "failed", fault: "file", path, why: diskErrorText(error) };
    }
  }
  try {
    const key = random(KEY_BYTES);
    replaceFile(path, `${key.toBase64()}\n`);
    return { kind: "ok", key };
  } catch (error) {
    return { kind: "failed", fault: "folder", path, why: diskErrorText(error) };
  }
}

function decodeCloakKey(text: string): Uint8Array | undefined {
  try {
    const key = Uint8Array.fromBase64(text.trim());
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}

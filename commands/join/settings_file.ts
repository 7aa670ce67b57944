/**
 * What a person has chosen with `/set`, for all servers. It is written as a whole, so that a crash at any moment leaves
 * the old choices or the new ones.
 *
 *     <config dir>/settings.json     {"presence":"off"}, file 0600
 */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { readProgramFile } from "../../lib/cli/files/small_file.ts";
import { configDir } from "../../lib/cli/files/user_dirs.ts";
import { ChatSettings, findSetting } from "../../lib/client/conversation/model/chat_settings.ts";
import { replaceFile } from "../../lib/store/disk/atomic_file.ts";
import { withFolderLock } from "../../lib/store/disk/folder_lock.ts";

/** A larger file is not one of settings. */
const MAX_FILE_BYTES = 64 * 1024;

/**
 * The settings, and what keeps one of them (throws disk errors, and an error where the file cannot be read); undefined:
 * they last as long as the program. What another process keeps meanwhile stays in the file.
 */
export interface KeptSettings {
  readonly settings: ChatSettings;
  readonly keep: ((name: string, value: string) => void) | undefined;
}

/** A file that cannot be read is left as it is. */
export function openSettings(io: Io): KeptSettings {
  const dir = configDir(io.env);
  if (dir === undefined) return { settings: new ChatSettings(), keep: undefined };
  const path = `${dir}/settings.json`;
  const read = readSettings(path);
  if ("why" in read) {
    io.stderr.write(`chatterbox: ${toPrintable(`the settings are not used: ${path}: ${read.why}`)}\n`);
    return { settings: new ChatSettings(), keep: undefined };
  }
  return {
    settings: read,
    keep(name, value) {
      Deno.mkdirSync(dir, { recursive: true, mode: 0o700 });
      withFolderLock(dir, () => {
        const kept = readSettings(path);
        if ("why" in kept) throw new Error(`${path}: ${kept.why}`);
        replaceFile(path, JSON.stringify({ ...kept.chosen, [name]: value }) + "\n");
      });
    },
  };
}

function readSettings(path: string): ChatSettings | { readonly why: string } {
  const settings = new ChatSettings();
  const read = readProgramFile(path, MAX_FILE_BYTES);
  if (read.kind === "bad") return read.fault === "missing" ? settings : { why: read.why };
  let kept: unknown;
  try {
    kept = JSON.parse(read.text);
  } catch (error) {
    return { why: `not JSON: ${(error as Error).message}` };
  }
  if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return { why: "not a JSON object" };
  for (const [key, value] of Object.entries(kept)) {
    const name = findSetting(key);
    if (name === undefined) return { why: `unknown setting ${JSON.stringify(key)}` };
    if (typeof value !== "string" || !settings.choose(name, value)) {
      return { why: `${name} cannot be ${JSON.stringify(value)}` };
    }
  }
  return settings;
}

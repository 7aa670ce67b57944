/** A hint at other names that have keys here: the user may have forgotten to give theirs. */
import type { Io } from "../../lib/cli/command.ts";
import { configDir } from "../../lib/cli/files/user_dirs.ts";
import type { Address } from "../../lib/net/address.ts";
import { encodeFileName, serverFolderName } from "../../lib/client/identity/file_names.ts";

/** Most names in the hint. */
const MAX_NAMES = 5;

/** The hint at names, other than `name`, that have a key for the server at `address`; "": there are none. */
export function formatOtherNamesHint({ env }: Pick<Io, "env">, address: Address, name: string): string {
  const names = listNamesWithKey(configDir(env), address).filter((each) =>
    encodeFileName(each) !== encodeFileName(name)
  );
  if (names.length === 0) return "";
  const some = names.slice(0, MAX_NAMES).join(", ") + (names.length > MAX_NAMES ? ", …" : "");
  return `; there are keys of ${some} here: choose one with --name NAME or CHATTERBOX_NAME`;
}

/** In order; none if the folder cannot be read. */
function listNamesWithKey(dir: string | undefined, address: Address): string[] {
  if (dir === undefined) return [];
  try {
    const files = [...Deno.readDirSync(`${dir}/keys/${serverFolderName(address)}`)].map((entry) =>
      entry.name
    );
    return files.filter((file) => !/^\.|\+/.test(file)).map(decodeURIComponent).sort();
  } catch {
    return []; // no folder, no permission to read it, or an unknown file
  }
}

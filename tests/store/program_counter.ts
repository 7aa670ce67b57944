/** Adds 1 to the number in a file, again and again, under the lock of its folder; then holds a lock file until it is killed. */
import { takeLockFile, withFolderLock } from "../../lib/store/disk/folder_lock.ts";
import { replaceFile } from "../../lib/store/disk/atomic_file.ts";

const [folder = "", rounds = "0"] = Deno.args;
const path = `${folder}/number`;
for (let n = 0; n < Number(rounds); n++) {
  const add = () => replaceFile(path, String(Number(Deno.readTextFileSync(path)) + 1), false);
  withFolderLock(folder, add, Infinity);
}
const lock = takeLockFile(`${folder}/lock`);
console.log(lock === undefined ? "taken" : "held");
setInterval(() => {}, 1000);

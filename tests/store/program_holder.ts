import { openDataDir } from "../../lib/store/disk/data_dir.ts";

const outcome = await openDataDir(Deno.args[0]!);
console.log(outcome.kind);
setInterval(() => {}, 1000); // stays until it is killed

/** `chatterbox restore`: a data folder from a backup. */
import type { Command } from "../lib/cli/command.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { checkBackup, restoreBackup } from "../lib/store/backup/restore.ts";
import { describeBackup, NO_DATA_DIR_TEXT, onlyFolder, runBackupWork } from "./support/backup_work.ts";

export const command: Command = defineCommand({
  name: "restore",
  summary: "Restore a server's data folder from a backup, or verify a backup.",
  permissions: ["read", "write"],
  synopsis: "[--data-dir DIR | --verify] BACKUP",
  examples: [
    ["chatterbox restore /mnt/disk/monday", "then start the server: chatterbox serve"],
    ["chatterbox restore --data-dir /var/lib/chat /mnt/disk/monday", "into another data folder"],
    ["chatterbox restore --verify /mnt/disk/monday", "only check the backup"],
  ],
  operands: [{ sources: ["folders"] }],
  flags: {
    "data-dir": {
      type: "string",
      value: "DIR",
      help: "data folder to restore into, as for serve (default $XDG_STATE_HOME/chatterbox)",
    },
    verify: { type: "boolean", help: "verify every file of the backup, and restore nothing" },
  },
  notes: [
    "Nothing is overwritten: the data folder may hold no file of a server. The backup is verified first, and the " +
    "restored files afterwards. If anything is wrong, nothing is restored.",
    "The restored files belong to the user that runs restore: let it be the user of the server.",
  ],
  exitCodes: [
    ["0", "done and verified"],
    ["64", "wrong usage"],
    ["65", "the backup is damaged, not finished, or of a newer version"],
    ["73", "the data folder holds files of a server, is in use, or cannot be created"],
    ["74", "a file cannot be read or written"],
    ["129 to 143", "interrupted by a signal; nothing is restored"],
  ],
}, async (flags, words, io) => {
  const dir = onlyFolder(words, "restore");
  const given = flags["data-dir"];
  if (flags.verify && given !== undefined) {
    throw new UsageError("--verify and --data-dir cannot be used together: nothing is restored");
  }
  const dataDir = given ?? stateDir(io.env);
  if (dataDir === undefined && !flags.verify) throw new UsageError(NO_DATA_DIR_TEXT);
  return await runBackupWork(io, async (work) => {
    if (flags.verify || dataDir === undefined) {
      return [`${dir}: ${describeBackup(await checkBackup(dir, work))}; verified`];
    }
    const manifest = await restoreBackup({ ...work, dir, dataDir, now: io.clock.now() });
    const start = given === undefined ? "chatterbox serve" : `chatterbox serve --data-dir ${dataDir}`;
    return [
      `restored ${dir} to ${dataDir}: ${describeBackup(manifest)}; verified`,
      `start the server, with its flags of before: ${start}`,
    ];
  });
});

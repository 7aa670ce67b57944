/** `chatterbox backup`: a copy of a server's data folder, made while it runs. */
import { VERSION } from "../lib/base/version.ts";
import type { Command } from "../lib/cli/command.ts";
import { stateDir } from "../lib/cli/files/user_dirs.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { makeBackup } from "../lib/store/backup/backup.ts";
import { describeBackup, NO_DATA_DIR_TEXT, onlyFolder, runBackupWork } from "./support/backup_work.ts";

export const command: Command = defineCommand({
  name: "backup",
  summary: "Back up a server's data folder, also while it runs.",
  permissions: ["read", "write"],
  synopsis: "[--data-dir DIR] [--without-archive] BACKUP",
  examples: [
    ["chatterbox backup /mnt/disk/monday", "into a new folder"],
    [
      "sudo -u chat chatterbox backup --data-dir /var/lib/chat /mnt/disk/monday",
      "of a server that runs as a service: as its user",
    ],
    ["chatterbox restore --verify /mnt/disk/monday", "later: is it still whole?"],
  ],
  operands: [{ sources: ["folders"] }],
  flags: {
    "data-dir": {
      type: "string",
      value: "DIR",
      help: "data folder of the server, as for serve (default $XDG_STATE_HOME/chatterbox)",
    },
    "without-archive": {
      type: "boolean",
      help: "leave the archive out, of a server with a damaged one; restore says so",
    },
  },
  notes: [
    "BACKUP must not exist, or be empty. It gets the history, accounts and settings, the archive, the key of cloaked " +
    "addresses and the self-signed certificate: keep it as safe as the server. Files that flags of serve name, such as " +
    "the configuration or your own certificate, are not in it.",
    "Everything that was on disk when the backup began is in it. Success is reported once every file has been read " +
    "back and verified. An interrupted backup is removed.",
  ],
  exitCodes: [
    ["0", "done and verified"],
    ["64", "wrong usage"],
    ["65", "a file of the server is damaged, or not its own"],
    ["73", "the folder is not empty, inside of the data folder, or cannot be created"],
    ["74", "a file cannot be read or written, or the data folder is not a server's"],
    ["75", "the history changed faster than it could be copied"],
    ["129 to 143", "interrupted by a signal; the unfinished backup is removed"],
  ],
}, async (flags, words, io) => {
  const dir = onlyFolder(words, "backup");
  const dataDir = flags["data-dir"] ?? stateDir(io.env);
  if (dataDir === undefined) throw new UsageError(NO_DATA_DIR_TEXT);
  return await runBackupWork(io, async (work) => {
    const manifest = await makeBackup({
      ...work,
      dataDir,
      dir,
      withoutArchive: flags["without-archive"],
      now: io.clock.now(),
      program: VERSION,
    });
    return [`backed up ${dataDir} to ${dir}: ${describeBackup(manifest)}; verified`];
  });
});

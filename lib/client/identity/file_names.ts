/**
 * Names of files and folders for servers and user names, in the folders of keys, pins, cursors and outboxes.
 */
import { casefold } from "../../irc/names/casemap.ts";
import type { Address } from "../../net/address.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT } from "../../net/address.ts";

/** File names may have 255 bytes on every file system in use. */
const MAX_FILE_NAME_LENGTH = 200;

/**
 * The folder of one server. All loopback names stand for the same server, and so do the two IRC ports of a
 * host, with and without TLS: a user that changes the port keeps its keys.
 */
export function serverFolderName(address: Address): string {
  if (address.kind === "unix") return folderName(`unix_${address.path}`);
  const moved = address.kind === "tls" && address.port === DEFAULT_TLS_PORT;
  return hostFolderName(address.host, moved ? DEFAULT_PORT : address.port);
}

/** The name for one port of one host. */
export function hostFolderName(host: string, port: number): string {
  return folderName(`${casefold(host).replace(/^(?:127\.0\.0\.1|::1)$/, "localhost")}_${port}`);
}

/**
 * The file of one user name, the same for each letter case. The longest nick makes 240 characters: it has 30
 * bytes, ﷲ folds to the most bytes, and each byte is encoded as three characters.
 */
export function encodeFileName(name: string): string {
  return encodeURIComponent(casefold(name).toWellFormed());
}

/** The name that a file or folder name stands for; undefined: none. */
export function decodeFileName(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function folderName(text: string): string {
  return encodeURIComponent(text).slice(-MAX_FILE_NAME_LENGTH);
}

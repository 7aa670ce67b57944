/** Names of files and folders for servers and for names of users: in the folders of keys, pins, cursors and outboxes. */
import { casefold } from "../../irc/names/casemap.ts";
import type { Address } from "../../net/address.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT } from "../../net/address.ts";

/** File names may have 255 bytes on every file system in use. */
const MAX_FILE_NAME_LENGTH = 200;

/**
 * One server, one folder: the names of this machine's loopback are the same place, and so are the two ports of IRC, without TLS
 * and with, at one host: whoever moves from one to the other stays who they are.
 */
export function serverFolderName(address: Address): string {
  if (address.kind === "unix") return folderName(`unix_${address.path}`);
  const moved = address.kind === "tls" && address.port === DEFAULT_TLS_PORT;
  return hostFolderName(address.host, moved ? DEFAULT_PORT : address.port);
}

/** One name for one port of one host. */
export function hostFolderName(host: string, port: number): string {
  return folderName(`${casefold(host).replace(/^(?:127\.0\.0\.1|::1)$/, "localhost")}_${port}`);
}

/**
 * One name, one file, in whatever letter case it is written. The longest nick makes 240 characters: 30 bytes, of which
 * ﷲ folds to the most others, each of which takes three characters a byte.
 */
export function encodeFileName(name: string): string {
  return encodeURIComponent(casefold(name).toWellFormed());
}

/** The name that {@link encodeFileName} or a folder's name stands for; undefined: none. */
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

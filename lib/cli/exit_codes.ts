import { unreachable } from "../base/assert.ts";

/**
 * What a process tells the script that ran it. The numbers are those of BSD `sysexits.h` where one fits (71 and 72 mean
 * something else there, which cannot happen here), and 128 + n for signal n. This one table feeds `--help` and the README.
 */
export const EXIT = {
  ok: 0,
  usage: 64,
  malformed: 65,
  noUser: 67,
  noHost: 68,
  unreachable: 69,
  bug: 70,
  notDurable: 71,
  notDelivered: 72,
  cannotCreate: 73,
  ioError: 74,
  tryAgain: 75,
  notIrc: 76,
  refused: 77,
  badConfig: 78,
  hungUp: 129,
  interrupted: 130,
  quit: 131,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One sentence for each code, in the order of the numbers. */
export const EXIT_CODES: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.ok, "done"],
  [EXIT.usage, "wrong usage: unknown command or flag, or a value that makes no sense"],
  [EXIT.malformed, "the message (or file) is malformed or too long"],
  [EXIT.noUser, "no such user or room"],
  [EXIT.noHost, "no such host"],
  [EXIT.unreachable, "the server cannot be reached"],
  [EXIT.bug, "a bug in ChatterBox"],
  [EXIT.notDurable, "accepted, but not known to be on the server's disk"],
  [EXIT.notDelivered, "accepted, but not known to have reached the receiver"],
  [EXIT.cannotCreate, "a file or folder cannot be created, or is in use"],
  [EXIT.ioError, "reading or writing a file failed"],
  [EXIT.tryAgain, "no answer in time, or connection lost: the line says how to try again"],
  [EXIT.notIrc, "what answers there is not an IRC server"],
  [EXIT.refused, "refused: wrong password, banned, name taken, certificate not trusted"],
  [EXIT.badConfig, "bad configuration, or a file with a secret that others can read"],
  [EXIT.hungUp, "the terminal was closed (SIGHUP)"],
  [EXIT.interrupted, "interrupted (SIGINT, Ctrl-C)"],
  [EXIT.quit, "quit (SIGQUIT)"],
  [EXIT.terminated, "terminated (SIGTERM)"],
];

/**
 * Why a command was asked to stop early: the reason that `Io.signal` (a signal) and `Output.gone` (the reader of standard
 * output closed its end, or writing failed) are aborted with. `enough`: as much was shown as was asked for.
 */
export type StopReason =
  | { readonly why: "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "reader_gone" | "enough" }
  | { readonly why: "write_failed"; readonly text: string };

/** Exit code of a command that stopped because of `signal`. `chatterbox logs | head -1` is a success. */
export function exitCodeForSignal(signal: AbortSignal): ExitCode {
  const reason = signal.reason as StopReason;
  switch (reason.why) {
    case "SIGINT":
      return EXIT.interrupted;
    case "SIGHUP":
      return EXIT.hungUp;
    case "SIGQUIT":
      return EXIT.quit;
    case "SIGTERM":
      return EXIT.terminated;
    case "reader_gone":
    case "enough":
      return EXIT.ok;
    case "write_failed":
      return EXIT.ioError;
    default:
      return unreachable(reason);
  }
}

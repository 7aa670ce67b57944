/** Why one could not enter, and what to do, in a sentence or two. Pure. */
import { toPrintable } from "../../../base/printable_text.ts";
import type { LinkEnd } from "../../connection/web_socket_link.ts";

interface Attempt {
  readonly name: string;
  readonly passphrase: string;
  readonly password: string;
}

/** What the form shows of a failure. */
interface LoginFailure {
  readonly problem: string;
  /** What it asks for next. */
  readonly asks: "name" | "passphrase" | "password";
}

/** Why `attempt` ended with `end`. */
export function explainLoginFailure(end: LinkEnd, attempt: Attempt): LoginFailure {
  return end.kind === "lost"
    ? { problem: `The server cannot be reached (${toPrintable(end.text)}). Try again.`, asks: "name" }
    : { problem: describeRefusal(end, attempt), asks: fieldToAsk(end) };
}

function fieldToAsk(end: LinkEnd & { kind: "refused" }): LoginFailure["asks"] {
  switch (end.reason) {
    case "password":
      return "password";
    case "not_ours":
    case "forgotten":
    case "wrong_passphrase":
      return "passphrase";
    default:
      return "name";
  }
}

function describeRefusal(end: LinkEnd & { kind: "refused" }, { name, password }: Attempt): string {
  switch (end.reason) {
    case "name_taken":
    case "in_use":
      return `${name} is taken. Choose another name.`;
    case "password":
      return password === ""
        ? "This server has a password. Ask its owner for it."
        : "The password is not right.";
    case "not_ours":
      return `${name} belongs to another key. If it is yours, add this browser with a code (chatterbox key share ${name}), or enter its passphrase; otherwise choose another name.`;
    case "forgotten":
      return `The server does not know the key of ${name} any more. Enter its passphrase, or choose another name.`;
    case "wrong_passphrase":
      return `This is not the passphrase of ${name}.`;
    case "impostor":
      return "The server did not prove that it knows your account. Do not go on.";
    case "account_required":
      return end.unregistered === undefined
        ? "This server is for registered names only."
        : `This server is for registered names only, and ${name} could not be registered: ${
          toPrintable(end.unregistered)
        }`;
    case "logged_out":
      return `The account ${name} was deleted, or its secret was changed.`;
    default:
      return `The server refuses ${name}: ${toPrintable(end.text)}`;
  }
}

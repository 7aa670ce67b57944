/** The properties that a server has reported in RPL_ISUPPORT. */
import { parseIsupportToken } from "../../irc/isupport.ts";

/** Tokens kept. Servers send about fifty. */
const MAX_TOKENS = 500;

/** Value by token; "" for those without a value. */
export class IsupportTable extends Map<string, string> {
  /** Records the tokens of one line. */
  learn(tokens: readonly string[]): void {
    for (const token of tokens) {
      const { name, value } = parseIsupportToken(token);
      if (value === false) this.delete(name);
      else if (this.size >= MAX_TOKENS) return;
      else this.set(name, value === true ? "" : value);
    }
  }
}

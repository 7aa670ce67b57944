/** What a server has said of itself in RPL_ISUPPORT. */
import { parseIsupportToken } from "../../irc/isupport.ts";

/** Tokens kept; servers send fifty or so. */
const MAX_TOKENS = 500;

/** Value by token; "" for those without a value. */
export class IsupportTable extends Map<string, string> {
  /** Takes in the tokens of one line. */
  learn(tokens: readonly string[]): void {
    for (const token of tokens) {
      const { name, value } = parseIsupportToken(token);
      if (value === false) this.delete(name);
      else if (this.size >= MAX_TOKENS) return;
      else this.set(name, value === true ? "" : value);
    }
  }
}

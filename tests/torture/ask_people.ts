/** People at `join` who answer the question of a round. */
import { KillablePerson } from "./killable.ts";

export class Person extends KillablePerson {
  /** What they say to the question of this round. */
  choice = "";
  /** The question that they are asked now. */
  text = "";
  /** What the server has confirmed of the question of this round; undefined: nothing. */
  confirmed: string | undefined;

  protected override handle(line: string, say: (line: string) => void): void {
    if (this.text === "" || !line.includes(this.text)) return;
    if (line.includes(`asks: ${this.text}`)) say(`/answer ${this.choice}`);
    const [, counted] = / counts: (\w+)/.exec(line) ?? /You have answered .*: (\w+)\. The/.exec(line) ?? [];
    if (counted !== undefined) this.confirmed = counted;
  }
}

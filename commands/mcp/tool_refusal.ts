/** A tool call that is refused, or has failed: the client gets the text as a tool error. */

export class ToolRefusal extends Error {
  override readonly name = "ToolRefusal";
}

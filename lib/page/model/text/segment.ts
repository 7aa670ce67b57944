/** The parts of a message's text, as a page draws them: nodes, never HTML. */

/** How a piece of text looks. All of it can be combined. */
export interface TextStyle {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly underline?: true;
  readonly monospace?: true;
  /** Number of a colour of mIRC, 0 to 98. */
  readonly colour?: number;
  readonly background?: number;
}

export type Segment =
  | { readonly kind: "text"; readonly text: string; readonly style: TextStyle }
  /** `href` is http, https or mailto. */
  | { readonly kind: "link"; readonly text: string; readonly href: string; readonly style: TextStyle }
  /** The name of a room, with its #. */
  | { readonly kind: "room"; readonly text: string; readonly style: TextStyle }
  /** The nick of a person in the conversation. */
  | { readonly kind: "mention"; readonly text: string; readonly isOwn: boolean; readonly style: TextStyle }
  /** Code in a line. */
  | { readonly kind: "code"; readonly text: string }
  /** Lines of code; `language`: as the sender has named it, "" if not. */
  | { readonly kind: "code_block"; readonly text: string; readonly language: string }
  | { readonly kind: "line_break" };

export interface SegmentedText {
  readonly segments: readonly Segment[];
  /** The text is a few emoji and nothing else: they are drawn large. */
  readonly isEmojiOnly: boolean;
}

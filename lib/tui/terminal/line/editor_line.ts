/** The text of the input line, which may have line breaks (LF), and the cursor in UTF-16 units. */
export interface EditorLine {
  readonly text: string;
  readonly cursor: number;
}

export const EMPTY_LINE: EditorLine = { text: "", cursor: 0 };

import { assertEquals } from "@std/assert";
import {
  CONCAT_MARK,
  isMultiline,
  joinConcatenated,
  LINE_END,
  splitMultiline,
} from "../../lib/irc/multiline.ts";
import type { MultilinePart } from "../../lib/irc/multiline.ts";
import { pureTest } from "../support/test.ts";
import { forAll } from "./property.ts";

pureTest(
  "multiline: the pieces of a text are those that it was made of, blank ones too",
  () =>
    forAll(500, (random) => {
      const pieces: MultilinePart[] = Array.from({ length: 1 + random.below(6) }, (_, index) => {
        return { text: random.text("ab ä😀", 0, 5), joined: index > 0 && random.chance(2) };
      });
      const text = pieces.map(({ text, joined }, index) =>
        (index === 0 ? "" : joined ? CONCAT_MARK : LINE_END) + text
      ).join("");
      assertEquals(splitMultiline(text), pieces);
      assertEquals(isMultiline(text), pieces.length > 1);
      const lines = pieces.reduce(
        (sum, piece, index) => sum + (index === 0 || piece.joined ? "" : "\n") + piece.text,
        "",
      );
      assertEquals(joinConcatenated(text), lines);
    }),
);

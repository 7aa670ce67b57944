/** The pictures of the documentation are drawn from the text beside them, and are on a page. */
import { assertEquals, assertThrows } from "@std/assert";
import { pureTest } from "../support/test.ts";
import { drawDiagram } from "./diagram.ts";
import { filesBelow, pagePaths, read } from "./pages.ts";

const permissions = { read: true } as const;

const SOURCES = [...filesBelow("docs/", ".txt")];

Deno.test({
  name: "diagrams: each is what `deno task diagrams` draws from its text",
  permissions,
  fn() {
    const drawn = SOURCES.map((path) => path.replace(/txt$/, "svg"));
    assertEquals([...filesBelow("docs/", ".svg")].sort(), drawn.toSorted());
    for (const path of SOURCES) {
      const svg = read(path.replace(/txt$/, "svg"));
      assertEquals(svg, drawDiagram(path, read(path)), `${path}; run: deno task diagrams`);
    }
  },
});

Deno.test({
  name: "diagrams: each is on a page, with its title as the text for readers that do not see it",
  permissions,
  fn() {
    const pages = pagePaths().map(read).join("\n");
    for (const path of SOURCES) {
      const [title = ""] = read(path).split("\n");
      const image = `![${title}](${path.replace("docs/", "").replace(/txt$/, "svg")})`;
      assertEquals(pages.replace(/\s+/g, " ").split(image).length - 1, 1, `${path}: ${image}`);
    }
  },
});

/** The paths and texts of a drawing, without what each picture has. */
function partsOf(...rows: string[]): string[] {
  const svg = drawDiagram("x.txt", ["Title", "", ...rows].join("\n"));
  return svg.split("\n").filter((line) => /^<(?:path|text)/.test(line) && !line.includes('d=""'));
}

pureTest("diagrams: a box is two lines across and two down, with its text inside", () => {
  assertEquals(partsOf("┌──┐", "│a<│", "└──┘"), [
    '<path class="line" d="M16.5 21H43.5M16.5 57H43.5M16.5 21V57M43.5 21V57"/>',
    '<text x="21" y="43" textLength="18">a&lt;</text>',
  ]);
});

pureTest("diagrams: a line goes through its arrow head, and dashes are lines of their own", () => {
  assertEquals(partsOf("─▶ b  c", "╌╌"), [
    '<path class="line" d="M12 21H30"/>',
    '<path class="line dashed" d="M12 39H30"/>',
    '<path class="head" d="M25.5 21m7 0l-8-4v8z"/>',
    '<text x="39" y="25" textLength="9">b</text>',
    '<text x="66" y="25" textLength="9">c</text>',
  ]);
});

pureTest("diagrams: a line that is not known, and a text without a title, are refused", () => {
  assertThrows(() => drawDiagram("x.txt", "Title\n\n╔"), Error, "x.txt: the line ╔ is not known");
  assertThrows(() => drawDiagram("x.txt", "┌─┐\n└─┘"), Error, "x.txt: a title");
});

/** Addresses of messages, and of images. */
import { assertEquals } from "@std/assert";
import { formatFragment, parseFragment } from "../../../lib/page/model/message_link.ts";
import { isImageLink } from "../../../lib/page/model/text/text_segments.ts";
import { pureTest } from "../../support/test.ts";

pureTest("message link: rooms and people, with whatever is in their names", () => {
  for (const where of ["#tea", "##linux", "#a/b%", "bob", "[x]", "#日本"]) {
    const place = { where, id: "3-x/y z" };
    assertEquals(parseFragment(formatFragment(place)), place);
  }
  assertEquals(formatFragment({ where: "#tea", id: "1-a" }), "#tea/1-a");
  assertEquals(formatFragment({ where: "bob", id: "1-a" }), "#@bob/1-a");
  for (const other of ["", "#", "#tea", "#tea/", "#%/1", "#a/b/c"]) {
    assertEquals(parseFragment(other), undefined, other);
  }
});

pureTest("image link: a path with the ending of an image, by https", () => {
  const links = ["https://a.test/x.png", "https://a.test/x.JPEG?w=1#y", "https://a.test/y.webp#"];
  assertEquals(links.map(isImageLink), [true, true, true]);
  const others = [
    "http://a.test/x.png",
    "https://a.test/?x.png",
    "https://a.test/x.svg",
    "https://a.test/x.pngx",
  ];
  assertEquals(others.map(isImageLink), [false, false, false, false]);
});

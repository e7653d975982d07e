/** Pictures that the browser chooses the best file of. */

import { h } from "./dom.js";

const SHAPES = { avif: "image/avif", webp: "image/webp", jpeg: "image/jpeg" }; // best first

/** A <picture> of `files` ({url, width, height, format}, smallest first), laid out by the width and height of `size`. */
export function picture(files, size, alt, sizes, attributes = {}) {
  const present = Object.keys(SHAPES).filter((format) => files.some((file) => file.format === format));
  const of = (format) => files.filter((file) => file.format === format);
  const srcset = (format) => of(format).map((file) => `${file.url} ${file.width}w`).join(", ");
  const last = present.pop(); // the one that every browser reads
  const sources = present.map((format) => h("source", { type: SHAPES[format], srcset: srcset(format), sizes }));
  const shown = { src: of(last).at(-1).url, srcset: srcset(last), sizes, width: size.width, height: size.height, alt };
  return h("picture", {}, sources, h("img", { ...shown, decoding: "async", ...attributes }));
}

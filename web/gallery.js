/** What everyone may see: an artist's work, and a single post. */

import { api, ownProfile } from "./api.js";
import { signedInAs } from "./auth.js";
import { h } from "./dom.js";
import { picture } from "./picture.js";
import { publication } from "./upload.js";

const PAGE = 12;
const SIGNALS = {
  "xmp:plus:DataMining": "PLUS data mining: prohibited for AI training",
  "xmp:dc:rights": "rights statement",
  "xmp:xmpRights:Marked": "marked as rights-managed",
  "xmp:xmpRights:UsageTerms": "usage terms",
  "xmp:xmpRights:WebStatement": "address of the licence",
};
const UNCLOAKED = "Not applied: only still pictures are cloaked. The signals below refuse AI training; the pixels do not hinder whoever ignores them.";
const HELD = "This picture is held back: it is served once a post shows it to everyone.";

export const postAddress = (post) => `#/posts/${post.id}`;

/** `/#/@handle`, the portfolio; `/#/@handle/all`, every post. */
export async function artistView(handle, all) {
  const name = encodeURIComponent(handle);
  const path = `/v1/profiles/${name}/posts?limit=${PAGE}&portfolio=${!all}`;
  const [artist, first] = await Promise.all([api("GET", `/v1/profiles/${name}`), api("GET", path)]);
  const grid = h("ul", { class: "grid" });
  const more = h("button", { type: "button", class: "more" }, "More");
  const add = (page) => {
    const cards = page.items.map(card);
    grid.append(...cards);
    more.hidden = !page.next_cursor;
    more.onclick = async () => {
      try {
        add(await api("GET", `${path}&cursor=${encodeURIComponent(page.next_cursor)}`))[0]?.querySelector("a").focus();
      } catch (problem) {
        more.textContent = `${problem.message} Try again`;
      }
    };
    return cards;
  };
  add(first);
  const tab = (text, address, current) => h("a", { href: address, "aria-current": current ? "page" : false }, text);
  const links = artist.links.filter(({ url }) => /^https?:/.test(url));
  return [
    h("header", { class: "artist" },
      h("h1", {}, artist.display_name),
      h("p", { class: "quiet" }, [`@${artist.handle}`, artist.location].filter(Boolean).join(" · ")),
      artist.bio && h("p", { class: "prose" }, artist.bio),
      links.map(({ label, url }) => h("p", {}, h("a", { href: url, rel: "nofollow noopener ugc" }, label || url)))),
    h("nav", { class: "tabs", "aria-label": "Work" },
      tab("Portfolio", `#/@${name}`, !all), tab("All posts", `#/@${name}/all`, all)),
    first.items.length ? grid : h("p", { class: "quiet" }, all ? "Nothing published yet." : "Nothing in the portfolio yet."),
    more,
  ];
}

function card(post) {
  const { cover } = post;
  const title = post.title || "Untitled";
  const item = h("li", {}, h("a", { href: postAddress(post) },
    cover && open(post)
      ? picture(cover.thumbnails, cover, cover.alt, "(max-width: 40rem) 100vw, 24rem", { loading: "lazy" })
      : h("span", { class: "blank" }, cover ? "Held back" : "Text"),
    h("span", { class: "caption" }, title)));
  item.style.setProperty("--ratio", cover ? Math.min(2.5, Math.max(0.6, cover.width / cover.height)) : 1);
  return item;
}

/** Whether the pictures of a post are served. */
const open = (post) => post.state === "published" && ["public", "unlisted"].includes(post.visibility);

/** `/#/posts/{id}` */
export async function postView(id) {
  const post = await api("GET", `/v1/posts/${encodeURIComponent(id)}`);
  const own = signedInAs() && (await ownProfile())?.handle === post.author?.handle;
  return [
    h("article", { class: "post" },
      h("h1", {}, post.title || "Untitled"),
      post.author && h("p", { class: "quiet" }, "by ", authorLink(post.author)),
      post.state !== "published" && notice(post, own),
      post.media.map((item) => figure(item, post)),
      post.text && h("p", { class: "prose" }, post.text)),
    ...(await Promise.all(post.media.filter((item) => item.picture).map(protectionRecord))),
  ];
}

const authorLink = (author) => h("a", { href: `#/@${author.handle}` }, author.display_name);

function notice(post, own) {
  const words = {
    draft: "A draft: only you see it.",
    scheduled: `To be published at ${post.publish_at}.`,
    processing: "Its pictures are being protected; it publishes itself.",
  };
  const text = h("p", { role: "status" }, words[post.state] ?? post.reason?.message ?? "Not published.");
  const publish = h("button", { type: "button", class: "primary" }, "Publish now");
  publish.onclick = async () => {
    publish.disabled = true;
    text.textContent = "Publishing …";
    try {
      await api("PATCH", `/v1/posts/${post.id}`, { publish: "now" });
      await publication(post.id);
      window.dispatchEvent(new HashChangeEvent("hashchange"));
    } catch (problem) {
      text.textContent = problem.message;
      publish.disabled = false;
    }
  };
  return h("div", { class: "notice" }, text, own && post.state === "draft" && publish);
}

function figure(item, post) {
  const shown = item.picture && open(post);
  return h("figure", {},
    shown
      ? picture(item.picture.renditions, item.picture, item.alt, "(max-width: 64rem) 100vw, 60rem")
      : h("p", { class: "blank" }, HELD),
    item.alt && h("figcaption", { "aria-hidden": shown ? "true" : false }, item.alt));
}

async function protectionRecord(item) {
  const record = await api("GET", `/v1/media/${item.id}/protection`);
  const { applied, level, encoders, limits } = record.cloak;
  const effects = Object.entries(encoders).map(([name, effect]) =>
    h("li", {}, `${name}: D ${effect.none.toFixed(2)}, after JPEG 75 at half size ${effect.jpeg75_half.toFixed(2)}`));
  return h("section", { class: "record" },
    h("h2", {}, "Protection of this picture"),
    h("dl", {},
      h("dt", {}, "Cloak"),
      h("dd", {}, applied ? `Applied, level ${level}.` : level === "off" ? "Switched off by the artist." : UNCLOAKED),
      applied && h("dt", {}, "What it shifted, on this picture"),
      applied && h("dd", {}, h("ul", {}, effects), h("ul", { class: "limits" }, limits.map((text) => h("li", {}, text)))),
      h("dt", {}, "Signals in every file"),
      h("dd", {}, h("ul", {}, record.signals.map((name) => h("li", {}, SIGNALS[name] ?? name)))),
      h("dt", {}, "Original"),
      h("dd", {}, `Private. ${record.renditions.length} protected copies are served in its place.`),
      h("dt", {}, "Perceptual hash"),
      h("dd", {}, h("code", {}, record.perceptual_hash)),
      h("dt", {}, "Protected"),
      h("dd", {}, h("time", { datetime: record.protected_at }, new Date(record.protected_at).toLocaleString()))));
}

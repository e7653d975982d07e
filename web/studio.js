/** What an artist does: say who they are, show a picture. */

import { api, ownProfile, saveProfile } from "./api.js";
import { signOut, signedInAs } from "./auth.js";
import { PLAIN, field, form, h, input, link, select } from "./dom.js";
import { entrance } from "./entrance.js";
import { config } from "./http.js";
import { postAddress } from "./lists.js";
import { protection, publication, upload } from "./upload.js";

const PHASES = {
  awaiting_upload: "Arriving …",
  queued: "Waiting for its turn …",
  processing: "Being protected …",
  ready: "Protected.",
};
const FIELDS = { filename: "file", content_type: "file", bytes: "file", "media[0].id": "file", "media[0].alt": "alt" };
const VISIBILITIES = [
  ["public", "Everyone"],
  ["unlisted", "Everyone with the address"],
  ["followers", "Followers only"],
  ["private", "Only me"],
];

/** `/#/`: the entrance for strangers, the studio for artists. `refresh` shows the page anew, for who is signed in now. */
export async function homeView(refresh) {
  if (!signedInAs()) return entrance(refresh);
  const profile = await ownProfile();
  return profile ? studio(profile, refresh) : profileView(null, refresh);
}

/** Who the artist is; for a new one, before anything else. */
function profileView(profile, done) {
  const value = (name) => ({ value: profile?.[name] ?? "" });
  const rows = [
    field("Handle", input("handle", { autocomplete: "off", maxlength: 30, ...PLAIN, ...value("handle") }),
      "3 to 30 letters a–z, digits or _. It stands in your address."),
    field("Display name", input("display_name", { autocomplete: "name", maxlength: 50, ...value("display_name") })),
    field("About you (optional)", h("textarea", { name: "bio", rows: 3, maxlength: 2000 }, profile?.bio ?? "")),
  ];
  const submit = async (changes) => {
    await saveProfile(profile, changes);
    await done();
  };
  const intro = profile ? "" : h("p", { class: "lead" }, "One thing before your first picture: who are you?");
  const card = h("section", { class: "card" }, form("Save profile", rows, submit));
  return [h("div", { class: "narrow" }, h("h1", {}, "Your profile"), intro, card, profile && leaving(profile, done))];
}

/** The way out, which nobody takes by a slip. */
function leaving({ handle }, done) {
  const rows = [
    h("p", {}, "All that is held of you here is deleted: posts, pictures, comments, messages. It cannot be taken back."),
    field(`Write ${handle} to confirm`, input("confirm", { autocomplete: "off", maxlength: 100, ...PLAIN })),
  ];
  const submit = async ({ confirm }) => {
    await api("DELETE", "/v1/me", { confirm });
    signOut();
    await done();
  };
  return h("section", { class: "card" }, h("h2", {}, "Delete my account"), form("Delete my account", rows, submit));
}

async function studio(profile, refresh) {
  const { limits } = await config();
  const mine = await api("GET", "/v1/me/posts?limit=8");
  const posts = mine.items.map((post) => h("li", {},
    h("a", { href: postAddress(post) }, post.title || "Untitled"),
    h("span", { class: "quiet" }, ` ${post.state}`)));
  const aside = h("aside", {},
    h("h2", {}, profile.display_name),
    h("p", {}, h("a", { href: `#/@${profile.handle}` }, `@${profile.handle}`)),
    link("Edit profile", () => refresh(profileView(profile, refresh))),
    h("h2", {}, "Your latest posts"),
    posts.length ? h("ul", { class: "plain" }, posts) : h("p", { class: "quiet" }, "None so far."));
  const work = h("div", {}, h("h1", {}, "Show a picture"), h("section", { class: "card" }, uploadForm(limits)));
  return [h("div", { class: "studio" }, work, aside)];
}

function uploadForm(limits) {
  const preview = h("img", { class: "preview", alt: "", hidden: true });
  const status = h("p", { role: "status", "aria-live": "polite" });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Sent so far" });
  const file = input("file", { type: "file", accept: limits.content_types.join(",") });
  const megabytes = Math.floor(limits.max_upload_bytes / 1048576);
  file.addEventListener("change", () => {
    URL.revokeObjectURL(preview.src);
    preview.hidden = !file.files.length;
    if (file.files.length) preview.src = URL.createObjectURL(file.files[0]);
  });
  preview.addEventListener("error", () => (preview.hidden = true)); // a type that this browser does not show
  const rows = [
    field("Picture", file, `JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC, up to ${megabytes} MB.`),
    preview,
    field("Title", input("title", { maxlength: 200, autocomplete: "off" })),
    field("Description for those who cannot see it",
      h("textarea", { name: "alt", rows: 2, maxlength: 1500, required: true })),
    h("div", { class: "pair" },
      field("Who may see it", select("visibility", VISIBILITIES)),
      field("Publish", select("publish", [["now", "Now"], ["draft", "Keep as a draft"]]))),
    h("label", { class: "check" },
      h("input", { type: "checkbox", name: "portfolio", checked: true }), "Part of my portfolio"),
  ];
  const say = (text) => (status.textContent = text);
  let made = null; // a post whose picture was refused takes the next one
  const submit = async ({ file: chosen, title, alt, visibility, publish, portfolio }) => {
    try {
      say("Sending …");
      bar.value = 0;
      bar.hidden = false;
      const id = await upload(chosen, (part) => (bar.value = part));
      bar.hidden = true;
      say("Sent.");
      const body = { title, media: [{ id, alt }], visibility, publish, portfolio: Boolean(portfolio) };
      made = await (made ? api("PATCH", `/v1/posts/${made.id}`, body) : api("POST", "/v1/posts", body));
      await protection(id, (state) => say(PHASES[state]));
      if (publish === "now") await publication(made.id);
      if (element.isConnected) location.hash = postAddress(made); // whoever went elsewhere stays there
    } catch (problem) {
      bar.hidden = true;
      say("");
      if (["refused", "failed"].includes(problem.code)) problem.errors = [{ field: "file", message: problem.message }];
      throw problem;
    }
  };
  const element = form("Upload", rows, submit, (name) => FIELDS[name] ?? name);
  element.append(bar, status);
  return element;
}

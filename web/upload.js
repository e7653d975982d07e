/** The way of a picture: announced, sent by the presigned form, protected, published. */

import { api } from "./api.js";
import { Problem } from "./http.js";

/** Browsers do not know every type that the API takes. */
const TYPES = { avif: "image/avif", heic: "image/heic", heif: "image/heif", tif: "image/tiff", tiff: "image/tiff" };
const PAUSE = 500;
const TRIES = 180;

/** Announces and sends a file and returns its media id; `onProgress` is told how much of it has gone, from 0 to 1. */
export async function upload(file, onProgress) {
  const type = file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "application/octet-stream";
  const announced = { filename: file.name, content_type: type, bytes: file.size };
  const { media_id, upload: form } = await api("POST", "/v1/uploads", announced);
  await send(form, file, onProgress);
  return media_id;
}

/** XMLHttpRequest, because fetch does not tell how much has been sent. */
function send({ url, fields }, file, onProgress) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append("file", file); // S3 ignores whatever comes after the file
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) return resolve();
      const words = /<Message>([^<]*)/.exec(request.responseText)?.[1] ?? `it answered ${request.status}`;
      reject(new Problem(`The store did not take the file: ${words}`, { status: request.status }));
    };
    request.onerror = () => reject(new Problem("The file could not be sent. Please try again."));
    request.open("POST", url);
    request.send(data);
  });
}

/** Waits until a picture is ready; throws a Problem with the reason if it is refused. `onState` is told each change. */
export async function protection(mediaId, onState) {
  const address = `/v1/media/${mediaId}`;
  let media = await api("GET", address);
  while (!["ready", "refused", "failed"].includes(media.state)) {
    onState(media.state);
    media = await api("GET", `${address}?wait=20`);
  }
  onState(media.state);
  if (media.state === "ready") return;
  const { message, evidence } = media.reason;
  throw new Problem(evidence.length ? `${message} (${evidence.join("; ")})` : message, { code: media.state });
}

/** Waits until a post that publishes itself has done so, and returns it. */
export async function publication(postId) {
  for (let tries = 0; tries < TRIES; tries++) {
    const post = await api("GET", `/v1/posts/${postId}`);
    if (post.state !== "processing") return post;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new Problem("Publishing takes longer than usual. It goes on by itself; look again in a moment.");
}

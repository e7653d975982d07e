/** Calls of the API: as whoever is signed in, or as anybody. */

import { accessToken, rememberHandle, signOut } from "./auth.js";
import { Problem, fetchJson } from "./http.js";

/** Calls as whoever is signed in; returns the answer's JSON, and throws a Problem with the words of the API's own. */
export const api = async (method, path, body) => call(method, path, body, await accessToken());

/** Reads what is the same for everyone. Without a token shared caches answer, and the answer may be kept. */
export const look = (path) => call("GET", path, undefined, null);

async function call(method, path, body, token) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  const { response, body: answer } = await fetchJson(path, { method, headers, body: body && JSON.stringify(body) });
  if (response.ok) return answer;
  if (response.status === 401) signOut();
  const words = answer?.detail ?? `The API answered ${response.status}.`;
  const message = response.status === 401 ? "Please sign in again." : words;
  const code = answer?.type?.split("/").pop();
  throw new Problem(message, { status: response.status, code, errors: answer?.errors ?? [] });
}

/** All that a profile is made of: saving replaces it as a whole, and what is not sent is as if it was never said. */
const PROFILE_FIELDS = [
  "handle", "display_name", "bio", "location", "links", "mediums", "software",
  "avatar_media_id", "cover_media_id", "account_type", "availability", "work",
  "protected", "rights", "watermark",
];

/** The own profile, or null where there is none yet. */
export async function ownProfile() {
  try {
    const profile = await api("GET", "/v1/me");
    rememberHandle(profile.handle);
    return profile;
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

/** Changes what `changes` names. The API replaces the whole profile, so that the rest is sent along. */
export function saveProfile(profile, changes) {
  const kept = profile ? PROFILE_FIELDS.map((name) => [name, sendable(profile[name])]) : [];
  return api("PUT", "/v1/me", { ...Object.fromEntries(kept), ...changes });
}

/** A field as it is sent: the API says what is paid in words as well, and does not take them back. */
function sendable(value) {
  if (!value?.rate) return value;
  const { min, max, currency, period } = value.rate;
  return { ...value, rate: { min, max, currency, period } };
}

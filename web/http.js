/** What the API and the sign-in service have in common: JSON over fetch, and failures that say what to correct. */

/** Something went wrong, in words for people; `errors` name the fields to blame. */
export class Problem extends Error {
  constructor(message, { status = 0, code = "", errors = [] } = {}) {
    super(message);
    Object.assign(this, { status, code, errors });
  }
}

/** Fetches and returns the response with its body read as JSON. A server that cannot be reached is a Problem. */
export async function fetchJson(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Problem("The server cannot be reached. Please check your connection and try again.");
  }
  const body = await response.json().catch(() => null);
  return { response, body };
}

let asked;

/** The public configuration, asked for once. */
export function config() {
  asked ??= fetchJson("/v1/config").then(({ response, body }) => {
    if (!response.ok || !body) throw new Problem("The API does not answer as it should.", { status: response.status });
    return body;
  });
  asked.catch(() => (asked = undefined));
  return asked;
}

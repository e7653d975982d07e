import cf from 'cloudfront';

// Runs at the CDN before its cache, on every request of every behaviour (CloudFront Functions, cloudfront-js-2.0).
//
// It turns away AI crawlers that say who they are, pictures that another site's scripts or frames ask for, and
// addresses no file can have; it makes addresses canonical and drops cookies. It is a deterrent: user agent, Referer
// and Sec-Fetch headers are what the client says. Whoever lies gets published pictures, which is why those are protected
// themselves; what is not published is kept back by the bucket's policy and by signatures, not by this.
//
// Its store is written by tools/edge_agents.py. Keys: agent:TOKEN, exact:USER AGENT, referer:HOST, config:base-url.

const store = cf.kvs();

// Words of ordinary browsers. They are not looked up, so that an ordinary visit costs one or two reads of the store.
const BROWSER_WORDS = {};
('mozilla applewebkit khtml like gecko chrome chromium crios safari firefox fxios edg edga edgios opr version mobile '
    + 'windows win64 x64 x11 wow64 macintosh intel mac linux x86_64 android iphone ipad cpu compatible ubuntu trident '
    + 'http https www').split(' ').forEach(word => { BROWSER_WORDS[word] = true; });

// Padding a user agent buys no more reads than this.
const MOST_WORDS = 16;

// What a crawler must be able to read in order to obey it.
const DECLARATIONS = /^\/(?:(?:robots|ai)\.txt$|license\.xml$|\.well-known\/|policies\/)/;

const PICTURES = /^\/(?:media|unindexed|open|held)\//;

// Dot segments: no address of ours has them. An encoded slash counts as one, as it does to the firewall: it would not
// take /v1/x/..%2F..%2Fy for a call of the API.
const DOT_SEGMENTS = /(?:\/|%2F)\.{1,2}(?:\/|%2F|$)/;
// Nor has one backslashes or encoded slashes, unless it is the API's, where they may stand in a value.
const ODD_SLASHES = /\\|%5C|%2F/;

// Decoding a part of %%36D would make another encoded letter of it.
const ENCODED_WRONGLY = /%(?![0-9a-f]{2})/i;
const UNRESERVED = /[a-z0-9._~-]/i;

// The one spelling of a path, by which it is judged, cached and asked for: RFC 3986, 6.2.2. What need not be encoded is
// decoded, once. The rest stays encoded, in capitals: %2F in a value of the API is no slash between segments.
function plain(path) {
    if (path.indexOf('%') === -1) {
        return path;
    }
    return path.replace(/%[0-9a-f]{2}/gi, code => {
        const letter = String.fromCharCode(parseInt(code.slice(1), 16));
        return UNRESERVED.test(letter) ? letter : code.toUpperCase();
    });
}

function header(request, name) {
    const found = request.headers[name];
    return found ? found.value : '';
}

// A store that does not answer lets everybody in: it deters, and must not be what takes the site down.
async function listed(key) {
    try {
        return await store.exists(key);
    } catch (error) {
        return false;
    }
}

async function crawler(agent) {
    const name = agent.toLowerCase();
    // Keys are at most 512 bytes long.
    if (name.length <= 500 && await listed('exact:' + name)) {
        return true;
    }
    // Not split(): with a pattern, that alone took most of the millisecond there is in njs, the engine nearest to this.
    const words = name.slice(0, 1000).match(/[a-z][a-z0-9._-]+/g) || [];
    let reads = 0;
    for (let i = 0; i < words.length && reads < MOST_WORDS; i++) {
        const word = words[i];
        if (word.length < 3 || word.length > 64 || BROWSER_WORDS[word] === true || words.indexOf(word) !== i) {
            continue;
        }
        reads++;
        if (await listed('agent:' + word)) {
            return true;
        }
    }
    return false;
}

// Pictures may be shown (img), opened and fetched by servers from anywhere: link previews, feed readers and search
// engines do. What only collects them in a visitor's browser may not: scripts, frames and objects of other sites.
async function hotlink(request) {
    if (header(request, 'sec-fetch-site') === 'cross-site') {
        const destination = header(request, 'sec-fetch-dest');
        if (destination !== 'image' && destination !== 'document') {
            return true;
        }
    }
    const referer = /^https?:\/\/([^\/?#:@]{1,253})(?:[\/?#:]|$)/i.exec(header(request, 'referer'));
    if (!referer) {
        return false;
    }
    const host = referer[1].toLowerCase();
    return host !== header(request, 'host').toLowerCase().split(':')[0] && await listed('referer:' + host);
}

async function publicOrigin(request) {
    try {
        return await store.get('config:base-url');
    } catch (error) {
        return 'https://' + header(request, 'host');
    }
}

// No response-headers policy is sure to reach an answer made here, so it carries the refusal of AI training itself:
// the same lines as chalicelib/domain/noai.py.
async function refuse(event, detail) {
    const base = await publicOrigin(event.request);
    return {
        statusCode: 403,
        statusDescription: 'Forbidden',
        headers: {
            'content-type': { value: 'application/problem+json' },
            'cache-control': { value: 'no-store' },
            'x-content-type-options': { value: 'nosniff' },
            'x-robots-tag': { value: 'noai, noimageai' },
            'tdm-reservation': { value: '1' },
            'tdm-policy': { value: base + '/policies/tdm.json' },
            'content-usage': { value: 'train-ai=n' },
            'link': { value: '<' + base + '/license.xml>; rel="license"; type="application/rsl+xml"' }
        },
        body: {
            encoding: 'text',
            data: JSON.stringify({
                type: base + '/problems/forbidden',
                title: 'This is not allowed',
                status: 403,
                detail: detail,
                request_id: event.context.requestId || ''
            })
        }
    };
}

function queryString(query) {
    const parts = [];
    for (const name in query) {
        const values = query[name].multiValue || [query[name]];
        for (let i = 0; i < values.length; i++) {
            parts.push(values[i].value === '' ? name : name + '=' + values[i].value);
        }
    }
    return parts.length ? '?' + parts.join('&') : '';
}

// An address that another one stands for: one slash where there are many, none at the end, the @ of an artist's page as
// it is. Empty if it is canonical.
function canonical(path) {
    const single = path.replace(/\/{2,}/g, '/').replace(/^\/%40/, '/@');
    const bare = single.length > 1 && single !== '/docs/' ? single.replace(/\/$/, '') : single;
    return bare === path ? '' : bare;
}

async function handler(event) {
    const request = event.request;
    const path = plain(request.uri);
    const wrong = ENCODED_WRONGLY.test(request.uri);
    request.uri = path;
    // Nobody is signed in by cookie, so none may reach an origin whose answers are shared.
    request.cookies = {};

    const api = path.startsWith('/v1/');
    if (wrong || DOT_SEGMENTS.test(path) || (!api && ODD_SLASHES.test(path))) {
        return refuse(event, 'There is no such address.');
    }
    if (DECLARATIONS.test(path)) {
        return request;
    }
    const picture = PICTURES.test(path);
    const agent = header(request, 'user-agent');
    if (picture && !agent) {
        return refuse(event, 'Pictures are shown to clients that say what they are (User-Agent).');
    }
    // Below /open/ are pictures whose artists allow AI.
    if (!path.startsWith('/open/') && await crawler(agent)) {
        return refuse(event, 'Crawling for AI is refused here: see tdm-policy.');
    }
    if (picture) {
        if (path.indexOf('//') !== -1) {
            return refuse(event, 'There is no such picture, or it is not public.');
        }
        return await hotlink(request) ? refuse(event, 'This site may not embed pictures like that.') : request;
    }
    if (api) {
        return request;
    }
    const better = canonical(path);
    if (better) {
        return {
            statusCode: 301,
            statusDescription: 'Moved Permanently',
            headers: {
                'location': { value: better + queryString(request.querystring) },
                'cache-control': { value: 'public, max-age=3600' },
                'x-robots-tag': { value: 'noai, noimageai' }
            }
        };
    }
    if (path === '/' || path === '/docs' || path === '/docs/') {
        request.uri = path.replace(/\/$/, '') + '/index.html';
    }
    return request;
}

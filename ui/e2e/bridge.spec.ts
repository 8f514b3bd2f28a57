import { request, type IncomingHttpHeaders } from "node:http";
import { expect, type Slipway, test } from "./slipway";

// Attacks on the bridge, as programs other than a browser can send them: every header is ours to choose.

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

function send(slipway: Slipway, { method = "GET", path, headers = {}, body }: Sent): Promise<Answer> {
  const { hostname, port } = new URL(slipway.address);
  return new Promise((resolve, reject) => {
    const sending = request(
      { host: hostname, port, method, path, headers, agent: false, timeout: 20_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    sending.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "" });
    });
    sending.on("timeout", () => sending.destroy(new Error("no answer")));
    sending.on("error", reject);
    sending.end(body);
  });
}

/** What the page sends with a call. */
interface Rights {
  origin: string;
  host: string;
  cookie: string;
}

async function signIn(slipway: Slipway): Promise<Rights> {
  const { pathname, search, origin, host } = new URL(slipway.address);
  const answer = await send(slipway, { path: `${pathname}${search}` });
  expect(answer.status, "the printed address signs in").toBe(303);
  const cookie = answer.headers["set-cookie"]?.[0] ?? "";
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  return { origin, host, cookie: cookie.split(";")[0] ?? "" };
}

/** A call of the page, with some headers replaced, or left out where they are empty. */
function call(slipway: Slipway, rights: Rights, change: Record<string, string> = {}): Promise<Answer> {
  const headers = { ...rights, "content-type": "application/json", ...change };
  return send(slipway, {
    method: "POST",
    path: "/ipc/app_info",
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== "")),
    body: "{}",
  });
}

test("the page itself is answered", async ({ slipway }) => {
  const answer = await call(slipway, await signIn(slipway));
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toHaveProperty("version");
});

const attacks: readonly [name: string, change: (rights: Rights) => Record<string, string>, status: number][] = [
  ["another site", () => ({ origin: "http://evil.example" }), 403],
  ["another port of this machine", () => ({ origin: "http://127.0.0.1:1" }), 403],
  ["the same address over another scheme", ({ host }) => ({ origin: `https://${host}` }), 403],
  ["a sandboxed frame", () => ({ origin: "null" }), 403],
  ["no origin", () => ({ origin: "" }), 403],
  [
    "a name that was rebound to loopback",
    ({ host }) => {
      const rebound = `evil.example:${host.split(":")[1]}`;
      return { host: rebound, origin: `http://${rebound}` };
    },
    403,
  ],
  ["a host without port", () => ({ host: "127.0.0.1", origin: "http://127.0.0.1" }), 403],
  ["no cookie", () => ({ cookie: "" }), 403],
  ["a guessed cookie", ({ cookie }) => ({ cookie: `${cookie.split("=")[0]}=guess` }), 403],
  ["a cookie that is almost right", ({ cookie }) => ({ cookie: cookie.slice(0, -1) }), 403],
  ["the form of another site", () => ({ "content-type": "application/x-www-form-urlencoded" }), 415],
  ["a form as text", () => ({ "content-type": "text/plain" }), 415],
  ["a form with files", () => ({ "content-type": "multipart/form-data; boundary=application/json" }), 415],
  ["a body of no kind", () => ({ "content-type": "" }), 415],
];

test("every other call is refused", async ({ slipway }) => {
  const rights = await signIn(slipway);
  for (const [name, change, status] of attacks) {
    const answer = await call(slipway, rights, change(rights));
    expect(answer.status, name).toBe(status);
    expect(answer.headers["access-control-allow-origin"], name).toBeUndefined();
    expect(answer.body, `${name} learns nothing`).not.toContain("version");
  }
  expect((await call(slipway, rights)).status, "the page is still signed in").toBe(200);
});

test("a token works once, and a wrong one spends nothing", async ({ slipway }) => {
  const { host, pathname, search } = new URL(slipway.address);
  for (const token of ["", "guess", search.slice("?token=".length, -1)]) {
    const answer = await send(slipway, { path: `/?token=${token}`, headers: { host } });
    expect(answer.status, `token ${JSON.stringify(token)}`).toBe(403);
    expect(answer.headers["set-cookie"]).toBeUndefined();
  }
  const rebound = await send(slipway, { path: `${pathname}${search}`, headers: { host: "evil.example" } });
  expect(rebound.status, "a rebound name cannot spend the token").toBe(403);
  await signIn(slipway);
  const again = await send(slipway, { path: `${pathname}${search}`, headers: { host } });
  expect(again.status, "the second use").toBe(403);
  expect(again.headers["set-cookie"]).toBeUndefined();
  expect(again.body).toContain("slipway serve");
});

test("the page and the events are for the signed-in browser only", async ({ slipway }) => {
  const rights = await signIn(slipway);
  const socket = (headers: Record<string, string>): Promise<Answer> =>
    send(slipway, {
      path: "/events",
      headers: {
        ...headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": Buffer.from("sixteen bytes ok").toString("base64"),
      },
    });
  const { host, cookie, origin } = rights;
  expect((await socket({ host, cookie, origin })).status, "the page's own socket").toBe(101);
  expect((await socket({ host, cookie, origin: "http://evil.example" })).status, "a socket of another site").toBe(403);
  expect((await socket({ host, cookie })).status, "a socket without origin").toBe(403);
  expect((await socket({ host, origin })).status, "a socket without cookie").toBe(403);

  expect((await send(slipway, { path: "/", headers: { host } })).status, "the page without cookie").toBe(403);
  expect((await send(slipway, { path: "/slipway.svg", headers: { host } })).status, "a file without cookie").toBe(403);
  for (const path of ["/../Cargo.toml", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/assets/../../secret"]) {
    const answer = await send(slipway, { path, headers: { host, cookie } });
    expect(answer.status, path).toBe(404);
  }
  const page = await send(slipway, { path: "/", headers: { host, cookie } });
  expect(page.status).toBe(200);
  expect(page.headers["content-security-policy"]).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  expect(page.headers["x-content-type-options"]).toBe("nosniff");
  expect(page.headers["referrer-policy"]).toBe("no-referrer");
});
